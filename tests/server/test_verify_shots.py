"""verify of shots: parts of them, frames without one, claims that do not hold, movies that are cut off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from candela_engines.itm.carriers import read_payload, sidecar_path
from candela_engines.itm.carriers.sidecar import wrapped
from candela_engines.media.open_clip import open_clip

from .conftest import Candela
from .shots import PQ_TAGS, frame_light, make_movies, pq_codes, write_movie

pytestmark = pytest.mark.usefixtures("short_schedules")

FAST = ("--effort", "fast", "--quiet")


@pytest.fixture(scope="module")
def carrying(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A movie of 10 frames with shots of 2 to 4 and 5 to 7, and its master."""
    from candela_server.cli.run import run

    folder = tmp_path_factory.mktemp("verified")
    sdr, hdr = make_movies(folder, count=10, cut=5)
    out = folder / "out.mkv"
    asked = ["embed", sdr, "--hdr", hdr, "-o", out, "--frames", "2-7", "--cuts", "5", *FAST]
    assert run([str(word) for word in asked]) == 0
    return out, hdr


class TestFramesWithoutAShot:
    @pytest.mark.parametrize("asked", ["0-1", "8-9"])
    def test_alone_they_are_an_error_that_names_them(
        self, candela: Candela, carrying: tuple[Path, Path], asked: str
    ) -> None:
        said = candela("verify", carrying[0], "--hdr", carrying[1], "--frames", asked)
        first, last = asked.split("-")
        assert said.code == 2 and f"frames {first} to {last} belong to no shot" in said.err
        assert "2-4, 5-7" in said.err

    @pytest.mark.parametrize(("asked", "bare"), [([], [0, 1, 8, 9]), (["--frames", "1-5"], [1])])
    def test_beside_others_they_are_said(
        self, candela: Candela, carrying: tuple[Path, Path], asked: list[str], bare: list[int]
    ) -> None:
        told = candela("verify", carrying[0], "--hdr", carrying[1], *asked, "--json").json
        assert told["passed"] and told["bare_frames"] == bare
        said = candela("verify", carrying[0], "--hdr", carrying[1], *asked)
        assert "no shot" in said.out and str(bare[0]) in said.out


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A master whose frame 3 is darker."""
    nits = [frame_light(n, int(n >= 5)) for n in range(10)]
    nits[3] = nits[3] * 0.8
    path = tmp_path_factory.mktemp("other") / "master.mkv"
    return write_movie(path, [pq_codes(n) for n in nits], PQ_TAGS)


class TestClaims:
    def test_a_part_is_held_against_the_worst_that_is_claimed(
        self, candela: Candela, carrying: tuple[Path, Path], other: Path
    ) -> None:
        said = candela("verify", carrying[0], "--hdr", other, "--frames", "3-4", "--json")
        assert said.code == 1
        (finding,) = said.json["findings"]
        assert finding["code"] == "claim-differs" and finding["first_frame"] == finding["last_frame"] == 3
        assert "frame 3" in finding["text"] and "no frame is below" in finding["text"]
        (shot,) = said.json["shots"]
        assert not shot["whole"] and shot["worst_frame_pu_psnr_db"] < shot["claimed_least_pu_psnr_db"] - 10
        assert any("measured in part: 3 to 4" in note for note in said.json["notes"])

    def test_a_part_that_holds_passes(
        self, candela: Candela, carrying: tuple[Path, Path], other: Path
    ) -> None:
        assert candela("verify", carrying[0], "--hdr", other, "--frames", "4-6").code == 0

    def test_the_frame_is_named_in_a_whole_shot_too(
        self, candela: Candela, carrying: tuple[Path, Path], other: Path
    ) -> None:
        told = candela("verify", carrying[0], "--hdr", other, "--json").json
        assert [(f["first_frame"], f["last_frame"]) for f in told["findings"]] == [(2, 4), (3, 3)]


class TestTruncated:
    """Every container; what is refused names the first frame that is gone, and those that are there work."""

    @pytest.mark.parametrize("side", ["sdr", "hdr"])
    def test_embed_refuses_and_takes_what_is_there(self, candela: Candela, tmp_path: Path, side: str) -> None:
        sdr, hdr = make_movies(tmp_path, count=8)
        cut = sdr if side == "sdr" else hdr
        cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 2 // 3])
        with open_clip(str(cut)) as clip:
            there = clip.info.cut_after
        assert there is not None and 1 < there < 7
        base = ("embed", sdr, "--hdr", hdr, "-o", tmp_path / "out.mkv", "--no-cuts", *FAST)
        said = candela(*base)
        assert said.code == 2 and f"{cut}: frame {there + 1}: the file ends before it" in said.err
        assert f"--frames 0-{there}" in said.err and not (tmp_path / "out.mkv").exists()
        assert candela(*base, "--frames", f"0-{there}").code == 0
        assert candela("verify", tmp_path / "out.mkv", "--hdr", hdr, "--frames", f"0-{there}").code == 0

    def test_reconstruct_verify_and_inspect_say_it(
        self, candela: Candela, carrying: tuple[Path, Path], tmp_path: Path
    ) -> None:
        movie = tmp_path / "cut.mkv"
        shutil.copy(carrying[0], movie)
        payload = wrapped(read_payload(movie))
        assert candela("strip", movie, "-o", movie).code == 0
        movie.write_bytes(movie.read_bytes()[: movie.stat().st_size * 3 // 5])
        sidecar_path(movie).write_bytes(payload)
        with open_clip(str(movie)) as clip:
            there = clip.info.cut_after
        assert there is not None and 2 < there < 8
        for asked in (
            ("verify", movie, "--hdr", carrying[1]),
            ("reconstruct", movie, "-o", tmp_path / "o.####.exr", "--missing", "sdr"),
        ):
            said = candela(*asked)
            assert said.code == 2 and f"{movie}: frame {there + 1}: the file ends before it" in said.err
        said = candela("inspect", movie, "--json")
        assert said.code == 0 and said.json["picture"] == "not checked"
        assert any("truncated" in note for note in said.json["notes"])
        said = candela("reconstruct", movie, "-o", tmp_path / "o.####.exr", "--frames", f"2-{there}")
        assert said.code == 0 and len(list(tmp_path.glob("o.*.exr"))) == there - 1


@pytest.mark.parametrize("command", ["inspect", "verify", "reconstruct"])
def test_a_timeline_is_refused_by_name(candela: Candela, tmp_path: Path, command: str) -> None:
    (tmp_path / "a.edl").write_text("TITLE: a\n")
    asked = {"verify": ["--hdr", "x.mov"], "reconstruct": ["-o", "x.####.exr"]}.get(command, [])
    said = candela(command, tmp_path / "a.edl", *asked)
    assert said.code == 2 and "is a timeline" in said.err
