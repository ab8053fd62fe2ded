"""embed into a clip that carries shots already: the others stay, what goes is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from candela_engines.itm.carriers import find_payload, payload_growth, read_payload
from candela_engines.itm.payload import decode
from candela_engines.itm.reel import Reel, decode_reel

from .conftest import Candela, Said
from .shots import SDR_TAGS, Shots, frame_light, make_movies, make_sequence, sdr_codes, write_movie

pytestmark = pytest.mark.usefixtures("short_schedules")

FAST = ("--effort", "fast", "--json")
Movies = tuple[Path, Path, Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Movies:
    """Grade, master, and the grade with three shots of two frames each."""
    from candela_server.service import EmbedShotsRequest, embed_shots

    sdr, hdr = make_movies(tmp_path_factory.mktemp("made"), count=6)
    out = sdr.with_name("carrying.mkv")
    embed_shots(EmbedShotsRequest(sdr, out, hdr, effort="fast", cuts=(2, 4)))
    return sdr, hdr, out


@pytest.fixture
def carrying(made: Movies, tmp_path: Path) -> Path:
    return Path(shutil.copy(made[2], tmp_path / "carrying.mkv"))


def reel(path: Path) -> Reel:
    return decode_reel(read_payload(path))


def notes(said: Said) -> str:
    assert said.code == 0, said.out
    return " | ".join(said.json["notes"])


class TestMovies:
    def test_the_other_shots_stay(
        self, candela: Candela, made: Movies, carrying: Path, tmp_path: Path
    ) -> None:
        before = reel(carrying)
        for out in (tmp_path / "out.mkv", carrying):
            arguments = ("--hdr", made[1], "-o", out, "--frames", "2-3", "--no-cuts", "--seed", 5, *FAST)
            said = notes(candela("embed", carrying, *arguments))
            after = reel(out)
            assert [shot.frames for shot in after.shots] == [(0, 1), (2, 3), (4, 5)]
            assert (after.data[0], after.data[2]) == (before.data[0], before.data[2])
            assert after.data[1] != before.data[1]
            assert "the HDR that frames 2 to 3 carried is replaced: 1 shot" in said
            assert "frames 0 to 1, 4 to 5 keep the HDR that they carry: 2 shots" in said
        assert candela("verify", carrying, "--hdr", made[1]).code == 0

    def test_a_shot_that_is_touched_goes_as_a_whole(
        self, candela: Candela, made: Movies, carrying: Path
    ) -> None:
        arguments = ("--hdr", made[1], "-o", carrying, "--frames", "1-3", "--no-cuts", *FAST)
        said = notes(candela("embed", carrying, *arguments))
        assert [shot.frames for shot in reel(carrying).shots] == [(1, 3), (4, 5)]
        assert "frames 0 to 3 carried is replaced: 2 shots" in said
        assert "frame 0 has no HDR any more" in said

    def test_without_a_range_all_are_replaced(self, candela: Candela, made: Movies, carrying: Path) -> None:
        said = notes(candela("embed", carrying, "--hdr", made[1], "-o", carrying, "--no-cuts", *FAST))
        assert [shot.frames for shot in reel(carrying).shots] == [(0, 5)]
        assert "frames 0 to 5 carried is replaced: 3 shots" in said and "keep" not in said

    def test_a_shot_of_another_picture_is_left_out(
        self, candela: Candela, made: Movies, carrying: Path, tmp_path: Path
    ) -> None:
        """The reel lies beside a movie whose last frame was graded anew."""
        from candela_engines.itm.carriers import embed_payload

        codes = [sdr_codes(frame_light(n)) for n in range(6)]
        codes[5] = (codes[5] * 0.9).astype(np.uint16)
        other = write_movie(tmp_path / "other.mkv", codes, SDR_TAGS)
        embed_payload(other, other, read_payload(carrying), carrier="sidecar")
        out = tmp_path / "out.mkv"
        arguments = ("--hdr", made[1], "-o", out, "--frames", "2-3", "--no-cuts", *FAST)
        said = notes(candela("embed", other, *arguments))
        assert [shot.frames for shot in reel(out).shots] == [(0, 1), (2, 3)]
        assert "frames 4 to 5 carried is left out: frame 5 is another picture" in said

    def test_another_reading_is_not_mixed(self, candela: Candela, made: Movies, carrying: Path) -> None:
        arguments = ("--hdr", made[1], "-o", carrying, "--frames", "2-3", "--no-cuts", "--sdr-range", "full")
        said = notes(candela("embed", carrying, *arguments, *FAST))
        assert [shot.frames for shot in reel(carrying).shots] == [(2, 3)]
        assert "frames 0 to 1 carried is left out: its SDR was read as another" in said

    def test_an_output_that_is_replaced(self, candela: Candela, made: Movies, carrying: Path) -> None:
        arguments = ("--hdr", made[1], "-o", carrying, "--frames", "2-3", "--no-cuts", *FAST)
        said = notes(candela("embed", made[0], *arguments))
        assert f"{carrying} is replaced, and with it the HDR that it carries for frames 0 to 5" in said


class TestSequences:
    @pytest.fixture
    def shots(self, tmp_path: Path) -> Shots:
        made = make_sequence(tmp_path / "in", count=7)
        made.file(1006).unlink()
        made.file(1006, "hdr").unlink()
        return made

    def test_frames_beyond_the_range_are_announced(
        self, candela: Candela, shots: Shots, tmp_path: Path
    ) -> None:
        out = tmp_path / "out.####.png"
        base = ("--hdr", shots.hdr, "-o", out, "--no-cuts", "--rate", 24, *FAST)
        said = notes(candela("embed", shots.sdr, *base, "--frames", "1001-1003"))
        assert "frames 1004 to 1005, 1007 are copied unchanged, without HDR" in said
        assert "missing" not in said
        again = notes(candela("embed", out, *base, "--frames", "1004-1005"))
        assert "frames 1001 to 1003 stay unchanged, with the HDR carried already" in again
        assert "frame 1007 stays unchanged, without HDR" in again
        last = candela("embed", out, *base, "--frames", "1004-1007")
        third = notes(last)
        assert "the HDR that the frames carried is replaced" in third and "1 frame is missing: 1006" in third
        grown = sum(payload_growth(path) for path in tmp_path.glob("out.*.png"))
        assert last.json["clips"][0]["growth_bytes"] == grown
        frames = [decode(read_payload(tmp_path / f"out.{n}.png")).frames for n in (1001, 1004, 1007)]
        assert frames == [(1001, 1003), (1004, 1007), (1004, 1007)]

    def test_a_damaged_payload_beyond_the_range_stays(
        self, candela: Candela, shots: Shots, tmp_path: Path
    ) -> None:
        out = tmp_path / "out.####.png"
        base = ("--hdr", shots.hdr, "-o", out, "--no-cuts", "--rate", 24, *FAST)
        notes(candela("embed", shots.sdr, *base))
        last = tmp_path / "out.1007.png"
        spoiled = bytearray(last.read_bytes())
        spoiled[spoiled.index(b"CNDL") + 30] ^= 1
        last.write_bytes(spoiled)
        said = notes(candela("embed", out, *base, "--frames", "1001-1003"))
        assert "frames 1004 to 1005, 1007 stay unchanged, with the HDR carried already" in said
        assert last.read_bytes() == spoiled

    def test_payloads_beside_it_count_alone(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        """What files carry themselves would be read before."""
        out, beside = tmp_path / "out.####.png", tmp_path / "beside" / "out.####.png"
        base = ("--hdr", shots.hdr, "--no-cuts", "--rate", 24, *FAST)
        notes(candela("embed", shots.sdr, *base, "-o", out))
        said = notes(candela("embed", out, *base, "-o", beside, "--sidecar"))
        assert "is replaced: 1 shot" in said
        found = find_payload(tmp_path / "beside" / "out.1001.png")
        assert found is None
        assert candela("inspect", beside, "--json").json["carrier"] == "sidecar"
