"""embed of shots whose input is damaged or does not match: code 2, file and frame named, nothing lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import CandelaError
from candela_engines.media import write_hdr, write_sdr_png
from candela_server.service import EmbedShotsRequest, embed_shots
from candela_server.service.shots_job import job_folder

from .conftest import Candela
from .pictures import grade
from .shots import (
    PQ_TAGS,
    SDR_TAGS,
    Shots,
    frame_light,
    make_movies,
    make_sequence,
    pq_codes,
    sdr_codes,
    write_movie,
)

pytestmark = pytest.mark.usefixtures("short_schedules")

FAST = ("--effort", "fast")


@pytest.fixture(scope="module")
def movies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_movies(tmp_path_factory.mktemp("movies"), cut=3)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shots:
    return make_sequence(tmp_path_factory.mktemp("made"), count=6)


@pytest.fixture
def shots(made: Shots, tmp_path: Path) -> Shots:
    """A sequence to do with as one likes."""
    folder = tmp_path / "in"
    shutil.copytree(made.folder, folder)
    return Shots(folder / made.sdr.name, folder / made.hdr.name, folder, made.first, made.last)


def refused(candela: Candela, tmp_path: Path, sdr: Path, hdr: Path, *more: object) -> str:
    """What is said; nothing may have been written."""
    out = tmp_path / f"refused{sdr.suffix}" if sdr.is_file() else tmp_path / "refused"
    said = candela("embed", sdr, "--hdr", hdr, "-o", out, *FAST, *more)
    assert said.code == 2, said.err
    assert not out.exists()
    return said.err


class TestMovies:
    def test_a_master_of_another_length(
        self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path
    ) -> None:
        _, hdr = make_movies(tmp_path / "more", count=8)
        err = refused(candela, tmp_path, movies[0], hdr)
        assert "has 6 frames" in err and "has 8" in err and "--hdr-offset" in err and "--frames" in err
        said = candela("embed", movies[0], "--hdr", hdr, "--dry-run", "--hdr-offset", 1, "--no-cuts", *FAST)
        assert said.code == 0, said.err

    def test_another_size(self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path) -> None:
        codes = [pq_codes(frame_light(n))[:32] for n in range(6)]
        err = refused(candela, tmp_path, movies[0], write_movie(tmp_path / "low.mkv", codes, PQ_TAGS))
        assert "64x48" in err and "64x32" in err

    def test_another_rate(self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path) -> None:
        _, hdr = make_movies(tmp_path / "other", rate=25)
        err = refused(candela, tmp_path, movies[0], hdr)
        assert "24 frames a second" in err and "25" in err and "--rate" in err
        said = candela("embed", movies[0], "--hdr", hdr, "--dry-run", "--rate", 24, "--no-cuts", *FAST)
        assert said.code == 0, said.err

    def test_missing_tags_name_the_flag(
        self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path
    ) -> None:
        codes = [sdr_codes(frame_light(n)) for n in range(6)]
        bare = write_movie(tmp_path / "bare.mkv", codes, None)
        assert "--sdr-colour" in refused(candela, tmp_path, bare, movies[1])
        said = candela(
            "embed", bare, "--hdr", movies[1], "--sdr-colour", "rec709", "--dry-run", "--no-cuts", *FAST
        )
        assert said.code == 0, said.err
        dark = write_movie(tmp_path / "dark.mkv", [pq_codes(frame_light(n)) for n in range(6)], None)
        assert "--hdr-colour" in refused(candela, tmp_path, movies[0], dark)

    def test_the_wrong_way_round(self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path) -> None:
        assert "no SDR clip" in refused(candela, tmp_path, movies[1], movies[0])
        assert "no HDR clip" in refused(candela, tmp_path, movies[0], movies[0])

    def test_a_truncated_movie(self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path) -> None:
        for which, name in enumerate(("grade.mkv", "master.mkv")):
            cut = tmp_path / name
            data = movies[which].read_bytes()
            cut.write_bytes(data[: len(data) * 6 // 10])
            pair = (cut, movies[1]) if which == 0 else (movies[0], cut)
            err = refused(candela, tmp_path, *pair)
            assert name in err

    def test_a_stream_that_changes_amid(self, candela: Candela, tmp_path: Path) -> None:
        parts = []
        for number, tags in enumerate((SDR_TAGS, (1, 13, 1))):
            codes = [sdr_codes(frame_light(n)) for n in range(4)]
            part = tmp_path / f"{number}.h264"
            write_movie(part, codes, tags, codec="libx264", pixels="yuv420p")
            parts.append(part.read_bytes())
        sdr = tmp_path / "both.h264"
        sdr.write_bytes(b"".join(parts))
        hdr = write_movie(
            tmp_path / "m.mkv", [pq_codes(frame_light(n % 4)) for n in range(8)], PQ_TAGS, rate=25
        )
        err = refused(candela, tmp_path, sdr, hdr, "--rate", 25)
        assert "both.h264" in err and "frame 4" in err
        said = candela(
            "embed", sdr, "--hdr", hdr, "--dry-run", "--rate", 25, "--frames", "0-3", "--no-cuts",
            "--hdr-offset", 0, *FAST,
        )  # fmt: skip
        assert said.code == 0, said.err

    def test_variable_frame_rate_is_told(
        self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path
    ) -> None:
        sdr = tmp_path / "vfr.mkv"
        with av.open(str(movies[0])) as source, av.open(str(sdr), "w") as container:
            stream = container.add_stream_from_template(source.streams.video[0])
            for number, packet in enumerate(source.demux(video=0)):
                if packet.pts is None:
                    continue
                packet.pts = packet.dts = 40 * number + (60 if number > 3 else 0)
                packet.stream = stream
                container.mux(packet)
        said = candela(
            "embed", sdr, "--hdr", movies[1], "--dry-run", "--no-cuts", "--rate", 24, *FAST, "--json"
        )
        assert said.code == 0, said.out
        assert any("variable frame rate" in note for note in said.json["notes"])

    def test_another_container(self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path) -> None:
        said = candela("embed", movies[0], "--hdr", movies[1], "-o", tmp_path / "out.mp4", *FAST)
        assert said.code == 2 and "out.mkv" in said.err

    def test_an_input_is_never_written_over(
        self, candela: Candela, movies: tuple[Path, Path], tmp_path: Path
    ) -> None:
        hdr = Path(shutil.copy(movies[1], tmp_path))
        said = candela("embed", movies[0], "--hdr", hdr, "-o", hdr, *FAST)
        assert said.code == 2 and "is an input" in said.err
        assert hdr.read_bytes() == movies[1].read_bytes()


class TestSequences:
    def test_a_damaged_frame_leaves_the_shots_before_it(
        self, candela: Candela, shots: Shots, tmp_path: Path
    ) -> None:
        whole = shots.file(1005, "hdr").read_bytes()
        shots.file(1005, "hdr").write_bytes(whole[: len(whole) // 2])
        arguments = ("--hdr", shots.hdr, "-o", tmp_path / "o", "--cuts", "1003,1005", *FAST)
        said = candela("embed", shots.sdr, *arguments)
        assert said.code == 2
        assert "master.1005.exr" in said.err and "2 of 3 shots are finished and kept in" in said.err
        assert not (tmp_path / "o").exists()
        shots.file(1005, "hdr").write_bytes(whole)
        told = candela("embed", shots.sdr, *arguments, "--json")
        assert told.code == 0, told.out
        assert told.json["resumed_shots"] == 2

    def test_one_frame_of_another_size(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        write_sdr_png(shots.file(1003), grade(frame_light(2))[:40], state=NAMED["rec709"])
        err = refused(candela, tmp_path, shots.sdr, shots.hdr, "--no-cuts")
        assert "grade.1003.png" in err and "64x40" in err

    def test_nan_in_the_master(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        nits = frame_light(2)
        nits[7, 9, 1] = np.nan
        write_hdr(shots.file(1003, "hdr"), nits, encoding=NAMED["linear-rec2020"], bits=32)
        err = refused(candela, tmp_path, shots.sdr, shots.hdr, "--no-cuts")
        assert "master.1003.exr" in err and "frame 1003" in err and "x=9, y=7" in err

    def test_negative_light_is_a_note(self, candela: Candela, shots: Shots) -> None:
        nits = frame_light(2)
        nits[0, 0] = -5
        write_hdr(shots.file(1003, "hdr"), nits, encoding=NAMED["linear-rec2020"], bits=32)
        told = candela("embed", shots.sdr, "--hdr", shots.hdr, "--dry-run", "--no-cuts", *FAST, "--json").json
        assert any("negative" in note and "1003" in note for note in told["notes"])

    def test_a_frame_that_the_master_lacks(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        shots.file(1004, "hdr").unlink()
        err = refused(candela, tmp_path, shots.sdr, shots.hdr)
        assert "1004" in err and "missing" in err

    def test_a_frame_that_both_lack_is_told(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        shots.file(1004).unlink()
        shots.file(1004, "hdr").unlink()
        said = candela(
            "embed", shots.sdr, "--hdr", shots.hdr, "-o", tmp_path / "o", "--no-cuts", *FAST, "--json"
        )
        assert said.code == 0, said.out
        assert any("1004" in note and "missing" in note for note in said.json["notes"])
        assert said.json["frames"] == 5
        assert candela("verify", tmp_path / "o", "--hdr", shots.hdr).code == 0

    def test_a_name_without_a_number(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        said = candela("embed", shots.sdr, "--hdr", shots.hdr, "-o", tmp_path / "out.png", *FAST)
        assert said.code == 2 and "out.####.png" in said.err

    def test_another_format(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        said = candela("embed", shots.sdr, "--hdr", shots.hdr, "-o", tmp_path / "out.####.tif", *FAST)
        assert said.code == 2 and ".png" in said.err

    def test_the_master_is_never_written_over(self, candela: Candela, tmp_path: Path) -> None:
        sdr, hdr = tmp_path / "g.####.exr", tmp_path / "m.####.exr"
        for number in (1, 2):
            for name in ("g", "m"):
                path = tmp_path / f"{name}.{number:04d}.exr"
                write_hdr(path, frame_light(number), encoding=NAMED["linear-rec2020"], bits=32)
        said = candela("embed", sdr, "--sdr-colour", "srgb", "--hdr", hdr, "-o", hdr, *FAST)
        assert said.code == 2 and "is an input" in said.err

    def test_frames_outside(self, candela: Candela, shots: Shots, tmp_path: Path) -> None:
        err = refused(candela, tmp_path, shots.sdr, shots.hdr, "--frames", "1001-1010")
        assert "--frames 1001-1010" in err and "1001 to 1006" in err


class TestOptions:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("--bytes", 0), "--bytes 0"),
            (("--bytes", 300_000), "262144"),
            (("--bytes", 900, "--bytes-per-second", 900), "give one"),
            (("--bytes", 200), "allow"),
            (("--seed", -1), "--seed"),
            (("--floor", -3), "--floor"),
            (("--rate", "fast"), "--rate"),
            (("--frames", "x"), "--frames"),
            (("--cuts", "x"), "--cuts"),
            (("--model", "paper"), "--model"),
            (("--seconds", 3), "--seconds"),
        ],
    )
    def test_values_that_cannot_be(
        self, candela: Candela, made: Shots, arguments: tuple[object, ...], words: str
    ) -> None:
        said = candela("embed", made.sdr, "--hdr", made.hdr, "--dry-run", *FAST, *arguments)
        assert said.code == 2 and words in said.err

    def test_no_master(self, candela: Candela, made: Shots, tmp_path: Path) -> None:
        said = candela("embed", made.sdr, "-o", tmp_path / "o")
        assert said.code == 2 and "--hdr" in said.err

    def test_options_of_shots_are_not_for_stills(self, candela: Candela, made: Shots, tmp_path: Path) -> None:
        still, hdr = made.file(1001), made.file(1001, "hdr")
        said = candela("embed", still, "--hdr", hdr, "-o", tmp_path / "o.png", "--cuts", "3")
        assert said.code == 2 and "--cuts" in said.err and "still" in said.err
        assert candela("verify", still, "--hdr", hdr, "--frames", "1-2").code == 2

    def test_a_folder_that_is_not_there(self, candela: Candela, made: Shots, tmp_path: Path) -> None:
        said = candela(
            "embed", made.sdr, "--hdr", made.hdr, "-o", tmp_path / "no" / "so" / "o.####.png", *FAST
        )
        assert said.code == 2 and "does not exist" in said.err

    def test_a_job_folder_of_something_else(self, made: Shots, tmp_path: Path) -> None:
        out = tmp_path / "o"
        job_folder(out).mkdir()
        (job_folder(out) / "mine.txt").write_text("x")
        with pytest.raises(CandelaError, match=r"mine\.txt"):
            embed_shots(EmbedShotsRequest(made.sdr, out, made.hdr, effort="fast", no_cuts=True))
        assert (job_folder(out) / "mine.txt").read_text() == "x"
