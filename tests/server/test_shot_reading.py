"""Range and matrix that were said at embedding: every command reads the movie so again, untold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from candela_engines.media import read_still

from .conftest import Candela
from .shots import PQ_TAGS, frame_light, make_movies, pq_codes, sdr_codes, write_movie

pytestmark = pytest.mark.usefixtures("short_schedules")

FAST = ("--effort", "fast", "--no-cuts")
SAID = ("--sdr-range", "full", "--sdr-matrix", "bt601")


@pytest.fixture(scope="module")
def movies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of saturated frames, so that the matrix shows."""
    folder = tmp_path_factory.mktemp("movies")
    nits = [frame_light(n) * np.float32([1.0, 0.4, 0.15]) for n in range(3)]
    sdr = write_movie(folder / "grade.mkv", [sdr_codes(n) for n in nits], (1, 1, 1))
    return sdr, write_movie(folder / "master.mkv", [pq_codes(n) for n in nits], PQ_TAGS)


@pytest.fixture
def said_so(candela: Candela, movies: tuple[Path, Path], tmp_path: Path) -> Path:
    """Embedded with the flags."""
    out = tmp_path / "out.mkv"
    said = candela("embed", movies[0], "--hdr", movies[1], "-o", out, *SAID, *FAST, "--json")
    assert said.code == 0, said.out
    assert not any("said again" in note for note in said.json["notes"])
    return out


def test_the_reading_travels(
    candela: Candela, movies: tuple[Path, Path], said_so: Path, tmp_path: Path
) -> None:
    told = candela("verify", said_so, "--hdr", movies[1], "--json")
    assert told.code == 0, told.out
    assert candela("verify", said_so, "--hdr", movies[1], *SAID).code == 0
    for name, flags in (("a", ()), ("b", SAID)):
        said = candela("reconstruct", said_so, "-o", tmp_path / f"{name}.##.exr", *flags, "--json")
        assert said.code == 0, said.out
        assert not any("says nothing" in note for note in said.json["notes"])
    one, other = (read_still(tmp_path / f"{name}.01.exr").pixels for name in "ab")
    assert np.array_equal(one, other)
    assert candela("inspect", said_so, "--json").json["picture"] == "same"


@pytest.mark.parametrize("flag", [("--sdr-range", "narrow"), ("--sdr-matrix", "bt709")])
def test_a_contradiction_is_refused(
    candela: Candela, movies: tuple[Path, Path], said_so: Path, tmp_path: Path, flag: tuple[str, str]
) -> None:
    for command in (("reconstruct", said_so, "-o", tmp_path / "o"), ("verify", said_so, "--hdr", movies[1])):
        said = candela(*command, *flag)
        assert said.code == 2 and " ".join(flag) in said.err and "at embedding" in said.err
    assert not (tmp_path / "o").exists()


def test_pages_of_shots_read_so_too(candela: Candela, said_so: Path, tmp_path: Path) -> None:
    """The thumbnail of the SDR is of the codes as embed read them."""
    from candela_engines.media.open_clip import open_clip
    from candela_engines.media.thumbnails import jpeg_of, picture_of_sdr
    from candela_server.service import ShotsRequest, shots

    (row,) = shots(ShotsRequest(said_so, html=tmp_path / "s.html")).shots
    picture = next(p for p in row.pictures if p.kind == "sdr" and p.frame == 0)
    with open_clip(str(said_so), range="full", matrix="bt601") as clip:
        frame, state = clip.frame(0), clip.info.state
    assert state is not None
    assert picture.jpeg == jpeg_of(picture_of_sdr(frame.codes, frame.bits, state, tone_map=False))


def test_a_payload_that_says_nothing_is_noted(
    candela: Candela, movies: tuple[Path, Path], tmp_path: Path
) -> None:
    """Of an older version perhaps: the flag counts, and what comes of it is measured."""
    out = tmp_path / "out.mkv"
    assert candela("embed", movies[0], "--hdr", movies[1], "-o", out, *FAST).code == 0
    told = candela("verify", out, "--hdr", movies[1], *SAID, "--json")
    assert told.code == 1
    assert any("--sdr-range full --sdr-matrix bt601 as asked" in note for note in told.json["notes"])


def test_another_reading_is_other_work(candela: Candela, movies: tuple[Path, Path], tmp_path: Path) -> None:
    """Shots that were finished under other flags do not count."""
    from candela_server.service import EmbedShotsRequest, Work, embed_shots
    from candela_server.service.shots_embed import Cancelled

    def stop(work: Work) -> None:
        if work.stage == "write":
            raise KeyboardInterrupt

    out = tmp_path / "out.mkv"
    with pytest.raises(Cancelled):
        embed_shots(EmbedShotsRequest(movies[0], out, movies[1], effort="fast", no_cuts=True), stop)
    told = candela("embed", movies[0], "--hdr", movies[1], "-o", out, *SAID, *FAST, "--json").json
    assert told["resumed_shots"] == 0
    assert any("--sdr-range, --sdr-matrix" in note for note in told["notes"])


def test_a_state_that_was_said_is_known_to_inspect(candela: Candela, tmp_path: Path) -> None:
    """A movie without tags, whose matrix follows from what embed was told."""
    nits = [frame_light(n) for n in range(3)]
    bare = write_movie(tmp_path / "bare.mkv", [sdr_codes(n) for n in nits], None)
    _, hdr = make_movies(tmp_path / "m", count=3)
    out = tmp_path / "out.mkv"
    assert candela("embed", bare, "--hdr", hdr, "-o", out, "--sdr-colour", "rec709", *FAST).code == 0
    told = candela("inspect", out, "--json")
    assert told.code == 0 and told.json["picture"] == "same", told.out
    assert candela("shots", out, "--html", tmp_path / "s.html").code == 0
