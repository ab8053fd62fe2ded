"""What embedding says of shots: figures with their units, what was raised, what lies where."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from candela_engines.itm.carriers import read_payload
from candela_engines.itm.reel import decode_reel
from candela_server.cli.text_embed_shots import measured, written
from candela_server.service import EmbedShotsRequest, EmbedShotsResult, embed_shots
from candela_server.service.shots_embed_plan import planned, raised
from candela_server.service.shots_job import job_folder

from .conftest import Candela
from .shots import Shots, make_movies, make_sequence
from .test_embed_movies import FAST, edl

pytestmark = pytest.mark.usefixtures("short_schedules")


@pytest.fixture(scope="module")
def movies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_movies(tmp_path_factory.mktemp("movies"), cut=3)


@pytest.fixture(scope="module")
def embedded(movies: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> EmbedShotsResult:
    """Two shots, their payloads beside the movie, with hardly any bytes allowed."""
    out = tmp_path_factory.mktemp("embedded") / "out.mkv"
    return embed_shots(
        EmbedShotsRequest(
            movies[0], out, movies[1], cuts=(3,), effort="fast", sidecar=True, bytes_per_second=5
        )
    )


@pytest.fixture
def sequence(tmp_path: Path) -> Shots:
    return make_sequence(tmp_path / "seq", count=3)


def test_flicker_and_the_worst_frame_are_the_same_wherever_they_are_told(
    candela: Candela, embedded: EmbedShotsResult, tmp_path: Path
) -> None:
    assert embedded.out is not None
    out, page = embedded.out, tmp_path / "p.html"
    reel = decode_reel(read_payload(out)).shots
    keys = "flicker_delta_e_itp_median", "flicker_delta_e_itp_p95"
    for command in (("inspect", out), ("shots", out, "--html", page)):
        for shot, carried in zip(candela(*command, "--json").json["shots"], reel, strict=True):
            assert tuple(shot[key] for key in keys) == carried.flicker
            assert (shot["worst_frame"], shot["worst_frame_pu_psnr_db"]) == carried.worst
    for figures, carried in zip(embedded.shots, reel, strict=True):
        assert carried.flicker is not None and carried.worst is not None
        assert carried.flicker == pytest.approx(figures.flicker, abs=0.006)
        assert carried.worst == pytest.approx((figures.worst_frame, figures.worst_db), abs=0.006)
        median, p95 = carried.flicker
        assert f"{median:.2f} median, {p95:.2f} at p95" in page.read_text("utf-8")
    for text in ("\n".join(measured(embedded)), candela("inspect", out).out, candela("shots", out).out):
        assert "flicker   p95" in text and "ΔE_ITP from frame to frame" in text
        assert f"({embedded.shots[0].worst_frame})" in text


def test_the_worst_frame_of_a_renumbered_sequence_has_its_new_number(
    candela: Candela, sequence: Shots, tmp_path: Path
) -> None:
    out = tmp_path / "o.####.png"
    assert candela("embed", sequence.sdr, "--hdr", sequence.hdr, "-o", out, "--no-cuts", *FAST).code == 0
    (before,) = candela("inspect", out, "--json").json["shots"]
    for number in range(1003, 1000, -1):
        (tmp_path / f"o.{number}.png").rename(tmp_path / f"o.{number + 100}.png")
    for command in ("inspect", "shots"):
        (shot,) = candela(command, out, "--json").json["shots"]
        assert (shot["first_frame"], shot["worst_frame"]) == (1101, before["worst_frame"] + 100)


def test_bytes_that_are_too_few_are_not_raised_silently(embedded: EmbedShotsResult) -> None:
    (note,) = [note for note in embedded.notes if "--bytes-per-second" in note]
    assert "5 is 0 bytes for frames 0 to 2" in note and "1,030" in note and "1 more" in note
    for plain in (EmbedShotsRequest(Path("a")), EmbedShotsRequest(Path("a"), bytes_per_second=9000)):
        shots, _ = planned(plain, [(0, 47)], Fraction(24), 0)
        assert not raised(plain, shots, Fraction(24))


def test_a_budget_that_holds_no_network_names_its_option(candela: Candela, movies: tuple[Path, Path]) -> None:
    said = candela("embed", movies[0], "--hdr", movies[1], "--dry-run", "--no-cuts", "--bytes", 5)
    assert said.code == 2 and "with --bytes" in said.err


def test_a_sidecar_is_reported_with_its_media(embedded: EmbedShotsResult) -> None:
    (clip,) = embedded.clips
    assert clip.to_json()["media"] == str(embedded.out)
    assert clip.to_json()["written"] == f"{embedded.out}.candela"
    first, second = written(embedded)
    assert first.split()[:2] == ["written", str(embedded.out)]
    assert second.split()[0] == f"{embedded.out}.candela" and "file beside the clip" in second


def test_one_frame_is_missing_and_two_are(candela: Candela, sequence: Shots) -> None:
    words = ("embed", sequence.sdr, "--hdr", sequence.hdr, "--dry-run", "--hdr-offset", 0)
    sequence.file(1002, "hdr").unlink()
    said = candela(*words)
    assert said.code == 2 and "1 of its frames is missing (1002)" in said.err


class TestTimelines:
    def test_a_master_that_serves_twice_is_named_once_and_another_rate_is_noted(
        self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path
    ) -> None:
        masters = tmp_path / "hdr"
        masters.mkdir()
        (masters / movies[0].name).symlink_to(movies[1])
        cut = edl(tmp_path / "cut.edl", [(movies[0].name, 0, 2), (movies[0].name, 4, 2)])
        words = ("embed", cut, "--media", movies[0].parent, "--hdr", masters, "--dry-run", *FAST, "--json")
        told = candela(*words, "--rate", 25).json
        (clip,) = told["clips"]
        assert len(clip["shots"]) == 2 and clip["hdr"] == str(masters / movies[0].name)
        assert any("has 24 frames a second" in note and "counts 25" in note for note in told["notes"])

    def test_missing_masters_are_said_to_be_masters(
        self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path
    ) -> None:
        (tmp_path / "hdr").mkdir()
        cut = edl(tmp_path / "cut.edl", [(movies[0].name, 0, 3)])
        said = candela(
            *("embed", cut, "--media", movies[0].parent, "--hdr", tmp_path / "hdr", "--dry-run", "--rate", 24)
        )
        assert said.code == 2 and "masters" in said.err and "--hdr" in said.err


class TestFolders:
    def test_of_numbered_files_are_made(self, candela: Candela, sequence: Shots, tmp_path: Path) -> None:
        out, back = tmp_path / "new" / "o.####.png", tmp_path / "back" / "b.####.png"
        said = candela("embed", sequence.sdr, "--hdr", sequence.hdr, "-o", out, "--no-cuts", *FAST)
        assert said.code == 0, said.err
        assert not job_folder(out).exists()
        said = candela("strip", out, "-o", back)
        assert said.code == 0, said.err
        for number in range(1001, 1004):
            assert (back.parent / f"b.{number}.png").read_bytes() == sequence.file(number).read_bytes()

    def test_two_at_once_are_not(self, candela: Candela, sequence: Shots, tmp_path: Path) -> None:
        said = candela("strip", sequence.sdr, "-o", tmp_path / "a" / "b" / "c.####.png")
        assert said.code == 2 and "does not exist; create it first" in said.err

    def test_nothing_is_left_where_nothing_was_stripped(
        self, candela: Candela, sequence: Shots, tmp_path: Path
    ) -> None:
        assert candela("strip", sequence.sdr, "-o", tmp_path / "back").code == 2
        assert not (tmp_path / "back").exists()
