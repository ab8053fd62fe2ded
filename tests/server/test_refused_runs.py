"""What a run leaves that was refused: nothing, or what it had finished, and then it says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from candela_server.service.shots_job import job_folder

from .conftest import Candela
from .shots import make_movies, make_sequence

FAST = ("--effort", "fast")


@pytest.fixture(scope="module")
def movies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_movies(tmp_path_factory.mktemp("movies"), cut=3)


def test_nothing_where_no_shot_was_finished(
    candela: Candela, movies: tuple[Path, Path], tmp_path: Path
) -> None:
    shots = make_sequence(tmp_path / "in", count=3)
    numbered = tmp_path / "new" / "out.####.png"
    for sdr, hdr, out in ((*movies, tmp_path / "out.mkv"), (shots.sdr, shots.hdr, numbered)):
        said = candela("embed", sdr, "--hdr", hdr, "-o", out, "--no-cuts", "--bytes", 100, *FAST)
        assert said.code == 2 and "allow" in said.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]


def test_the_least_number_of_bytes_is_named_and_enough(candela: Candela, movies: tuple[Path, Path]) -> None:
    """For the shot that needs most, before any is fitted; one byte less is refused again."""
    embed = ("embed", movies[0], "--hdr", movies[1], "--cuts", 1, "--dry-run", *FAST, "--bytes")
    said = candela(*embed, 100)
    assert "frames 1 to 5" in said.err
    least = int(re.findall(r"allow (\d+) with --bytes", said.err)[0])
    assert least < 300
    assert str(least) in candela(*embed, least - 1).err
    enough = candela(*embed, least, "--json")
    assert enough.code == 0, enough.err
    assert all(shot["payload_bytes"] <= least for shot in enough.json["clips"][0]["shots"])


def test_finished_shots_stay_until_they_are_begun_anew(candela: Candela, tmp_path: Path) -> None:
    shots = make_sequence(tmp_path / "in", count=5)
    shots.file(1003, "hdr").write_bytes(b"\x76\x2f\x31\x01 damaged")
    embed = ("embed", shots.sdr, "--hdr", shots.hdr, *FAST)
    out = tmp_path / "out.####.png"
    kept = job_folder(out)
    said = candela(*embed, "-o", out, "--cuts", 1002)
    assert said.code == 2 and "master.1003.exr" in said.err
    assert f"1 of 2 shots is finished and kept in {kept}: the same command goes on from there" in said.err
    assert kept.is_dir()
    assert candela(*embed, "-o", out, "--no-cuts", "--no-resume").code == 2
    assert not kept.exists()


def test_reconstruct_says_what_is_written(candela: Candela, tmp_path: Path) -> None:
    shots = make_sequence(tmp_path / "in", count=4)
    made, out = tmp_path / "made", tmp_path / "hdr"
    assert candela("embed", shots.sdr, "--hdr", shots.hdr, "-o", made, "--no-cuts", *FAST).code == 0
    damaged = made / "grade.1003.png"
    damaged.write_bytes(damaged.read_bytes()[:-60])
    first = made / "grade.1001.png"
    whole = first.read_bytes()
    for broken, written in ((True, 0), (False, 2)):
        first.write_bytes(whole[:-60] if broken else whole)
        said = candela("reconstruct", made, "-o", out, "--force")
        assert said.code == 2 and ("1001" if broken else "grade.1003.png") in said.err
        assert ("2 of 4 frames are written and whole. The same command" in said.err) is bool(written)
        assert out.exists() is bool(written) and job_folder(out).exists() is bool(written)
    assert len(list(out.iterdir())) == 2
