"""embed of movies and timelines: the reel in the file, where it is cut, and media of a timeline."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from candela_engines.itm.carriers import find_payload, read_payload, sidecar_path
from candela_engines.itm.reel import decode_reel
from candela_engines.media.clip import digest_of_digests
from candela_engines.media.open_clip import open_clip
from candela_server.service.shots_job import job_folder

from .conftest import Candela
from .shots import PQ_TAGS, SDR_TAGS, frame_light, make_movies, pq_codes, sdr_codes, write_movie

FAST = ("--effort", "fast")


@pytest.fixture(scope="module")
def movies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_movies(tmp_path_factory.mktemp("movies"), cut=3)


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0)]


@pytest.mark.parametrize(
    ("suffix", "codec", "pixels"),
    [
        pytest.param(".mkv", "ffv1", "yuv422p10le", marks=pytest.mark.twice),
        (".mov", "prores_ks", "yuv422p10le"),
        (".mp4", "mpeg4", "yuv420p"),
    ],
)
def test_the_movie_carries_a_reel_and_its_streams_stay(
    candela: Candela, tmp_path: Path, suffix: str, codec: str, pixels: str
) -> None:
    sdr, hdr = make_movies(tmp_path, cut=3, suffix=suffix, codec=codec, pixels=pixels)
    out = tmp_path / f"out{suffix}"
    said = candela("embed", sdr, "--hdr", hdr, "-o", out, "--cuts", 3, *FAST, "--json")
    assert said.code == 0, said.out
    assert packets(out) == packets(sdr)
    reel = decode_reel(read_payload(out))
    assert [shot.frames for shot in reel.shots] == [(0, 2), (3, 5)]
    with open_clip(str(out)) as clip:
        digests = [frame.digest() for frame in clip.frames()]
    for shot, own in zip(reel.shots, (digests[:3], digests[3:]), strict=True):
        assert shot.checks == b"".join(digest[:2] for digest in own)
        assert shot.picture_hash == digest_of_digests(own)
    assert said.json["clips"][0]["growth_bytes"] == out.stat().st_size - sdr.stat().st_size
    assert candela("verify", out, "--hdr", hdr).code == 0
    assert candela("strip", out, "-o", out).code == 0
    assert out.read_bytes() == sdr.read_bytes()


class TestCuts:
    def test_they_are_detected(self, candela: Candela, tmp_path: Path) -> None:
        sdr, hdr = make_movies(tmp_path, count=20, cut=9)
        said = candela("embed", sdr, "--hdr", hdr, "--dry-run", *FAST, "--json")
        assert said.code == 0, said.out
        shots = said.json["clips"][0]["shots"]
        assert [(s["first_frame"], s["last_frame"]) for s in shots] == [(0, 8), (9, 19)]
        assert "cuts were detected: 2 shots" in said.json["notes"]

    def test_a_detection_is_done_once(self, candela: Candela, tmp_path: Path) -> None:
        from candela_server.service import EmbedShotsRequest, Work, embed_shots
        from candela_server.service.shots_embed import Cancelled

        sdr, hdr = make_movies(tmp_path, count=20, cut=9)
        request = EmbedShotsRequest(sdr, tmp_path / "out.mkv", hdr, effort="fast")
        stages: list[str] = []

        def stop(work: Work) -> None:
            stages.append(work.stage)
            if work.stage == "write":
                raise KeyboardInterrupt

        for detected in (True, False):
            stages.clear()
            with pytest.raises(Cancelled):
                embed_shots(request, stop)
            assert ("cut" in stages) is detected

    def test_a_timeline_says_them_and_differences_are_told(self, candela: Candela, tmp_path: Path) -> None:
        sdr, hdr = make_movies(tmp_path, count=20, cut=9)
        timeline = edl(tmp_path / "cut.edl", [("x", 0, 14), ("y", 0, 6)])
        said = candela("embed", sdr, "--hdr", hdr, "--dry-run", "--timeline", timeline, *FAST, "--json")
        assert said.code == 0, said.out
        shots = said.json["clips"][0]["shots"]
        assert [(s["first_frame"], s["last_frame"]) for s in shots] == [(0, 13), (14, 19)]
        notes = " | ".join(said.json["notes"])
        assert "no change of picture was found at cuts of the timeline: 14" in notes
        assert "the picture changes where the timeline has no cut: 9" in notes

    @pytest.mark.parametrize("cuts", ["0", "6", "-1", "3,99"])
    def test_cuts_outside_are_refused(self, candela: Candela, movies: tuple[Path, Path], cuts: str) -> None:
        said = candela("embed", movies[0], "--hdr", movies[1], "--dry-run", f"--cuts={cuts}", *FAST)
        assert said.code == 2 and "--cuts" in said.err and "0 to 5" in said.err

    def test_ways_exclude_each_other(self, candela: Candela, movies: tuple[Path, Path]) -> None:
        said = candela("embed", movies[0], "--hdr", movies[1], "--dry-run", "--cuts", 3, "--no-cuts")
        assert said.code == 2 and "--cuts and --no-cuts" in said.err


def test_a_movie_with_a_sequence_as_its_master(candela: Candela, tmp_path: Path) -> None:
    from candela_engines.colour.names import NAMED
    from candela_engines.media import write_hdr

    sdr, _ = make_movies(tmp_path / "m", count=4)
    for number in range(4):
        path = tmp_path / f"master.{number + 101}.exr"
        write_hdr(path, frame_light(number), encoding=NAMED["linear-rec2020"], bits=32)
    base = ("embed", sdr, "--dry-run", "--no-cuts", *FAST, "--json")
    one = candela(*base, "--hdr", tmp_path / "master.###.exr").json
    assert one["pu_psnr_db"] > 45
    assert any("frame 0 goes with frame 101" in note for note in one["notes"])


def test_a_sidecar_beside_a_movie(candela: Candela, movies: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out.mkv"
    said = candela("embed", movies[0], "--hdr", movies[1], "-o", out, "--no-cuts", *FAST, "--sidecar")
    assert said.code == 0, said.err
    assert out.read_bytes() == movies[0].read_bytes()
    found = find_payload(out)
    assert found is not None and found.path == sidecar_path(out)
    told = candela("inspect", out, "--json").json
    assert told["carrier"] == "sidecar" and told["picture"] == "same"


def test_a_payload_of_another_grade_is_noticed(
    candela: Candela, movies: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.mkv"
    candela("embed", movies[0], "--hdr", movies[1], "-o", out, "--no-cuts", *FAST, "--sidecar")
    nits = [frame_light(n, int(n >= 3)) for n in range(6)]
    codes = [sdr_codes(n) for n in nits]
    codes[4] = (codes[4] * 0.9).astype(np.uint16)
    write_movie(out, codes, SDR_TAGS)
    said = candela("verify", out, "--hdr", movies[1])
    assert said.code == 2 and "frame 4" in said.err and "re-graded" in said.err


def test_the_worst_frame_is_measured(candela: Candela, tmp_path: Path) -> None:
    """A frame whose grade is not made as the others' comes out worst, and is named."""
    nits = [frame_light(n) for n in range(6)]
    codes = [sdr_codes(n) for n in nits]
    codes[4] = codes[4][:, ::-1]
    sdr = write_movie(tmp_path / "a.mkv", codes, SDR_TAGS)
    hdr = write_movie(tmp_path / "b.mkv", [pq_codes(n) for n in nits], PQ_TAGS)
    said = candela("embed", sdr, "--hdr", hdr, "--dry-run", "--no-cuts", "--bytes", 1500, *FAST, "--json")
    assert said.code == 0, said.err
    assert said.json["worst_frame"] == 4, said.out


def edl(path: Path, events: list[tuple[str, int, int]], speed: float | None = None) -> Path:
    """An EDL of (media, first frame, frames), one after the other from 01:00:00:00, at 24 frames a second."""

    def label(frame: int, hours: int = 0) -> str:
        return f"{hours:02d}:00:{frame // 24:02d}:{frame % 24:02d}"

    lines, at = ["TITLE: test", "FCM: NON-DROP FRAME", ""], 0
    for number, (name, first, count) in enumerate(events, start=1):
        source = f"{label(first)} {label(first + count)}"
        record = f"{label(at, 1)} {label(at + count, 1)}"
        lines += [f"{number:03d}  AX       V     C        {source} {record}", f"* FROM CLIP NAME: {name}"]
        if speed is not None:
            lines.append(f"M2   AX             {speed:05.1f}                {label(first)}")
        lines.append("")
        at += count
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def reels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`a` and `b`, six frames each, graded; their masters in the folder `hdr`."""
    folder = tmp_path_factory.mktemp("reels")
    (folder / "hdr").mkdir()
    for name, scene in (("a", 0), ("b", 1)):
        nits = [frame_light(n, scene) for n in range(6)]
        write_movie(folder / f"{name}.mkv", [sdr_codes(n) for n in nits], SDR_TAGS)
        write_movie(folder / "hdr" / f"{name}.mkv", [pq_codes(n) for n in nits], PQ_TAGS)
    both = [frame_light(n) for n in (0, 1, 2)] + [frame_light(n, 1) for n in (1, 2, 3, 4)]
    write_movie(folder / "conformed.mkv", [pq_codes(n) for n in both], PQ_TAGS)
    edl(folder / "cut.edl", [("a.mkv", 0, 3), ("b.mkv", 1, 4)])
    edl(folder / "hdr" / "masters.edl", [("a.mkv", 0, 3), ("b.mkv", 1, 4)])
    return folder


class TestTimelines:
    @pytest.mark.parametrize("master", ["hdr", "hdr/masters.edl", "conformed.mkv"])
    def test_every_medium_gets_the_ranges_that_are_used(
        self, candela: Candela, reels: Path, tmp_path: Path, master: str
    ) -> None:
        out = tmp_path / "out"
        said = candela(
            "embed", reels / "cut.edl", "--hdr", reels / master, "-o", out, "--rate", 24, *FAST, "--json"
        )
        assert said.code == 0, said.out
        assert sorted(p.name for p in out.iterdir()) == ["a.mkv", "b.mkv"]
        frames = {p.name: [s.frames for s in decode_reel(read_payload(p)).shots] for p in out.iterdir()}
        assert frames == {"a.mkv": [(0, 2)], "b.mkv": [(1, 4)]}
        # The right frames of the master: a shifted one would come out far worse.
        assert said.json["pu_psnr_db"] > 45
        assert not job_folder(out).exists()

    def test_into_the_folder_beside_and_again(self, candela: Candela, reels: Path) -> None:
        arguments = (
            "embed",
            reels / "cut.edl",
            "--hdr",
            reels / "hdr",
            "-o",
            reels / "out",
            "--rate",
            24,
            *FAST,
        )
        for _ in range(2):
            said = candela(*arguments)
            assert said.code == 0, said.err

    def test_what_is_used_twice_is_embedded_once(self, candela: Candela, reels: Path, tmp_path: Path) -> None:
        timeline = edl(tmp_path / "t.edl", [("a.mkv", 0, 3), ("b.mkv", 1, 4), ("a.mkv", 2, 3)])
        said = candela(
            "embed",
            timeline,
            "--media",
            reels,
            "--hdr",
            reels / "hdr",
            "--dry-run",
            "--rate",
            24,
            *FAST,
            "--json",
        )
        assert said.code == 0, said.out
        shots = [[(s["first_frame"], s["last_frame"]) for s in c["shots"]] for c in said.json["clips"]]
        assert shots == [[(0, 4)], [(1, 4)]]
        assert any("used more than once" in note for note in said.json["notes"])

    def test_a_speed_change_embeds_its_source_once(
        self, candela: Candela, reels: Path, tmp_path: Path
    ) -> None:
        timeline = edl(tmp_path / "t.edl", [("a.mkv", 0, 3)], speed=48.0)
        base = ("embed", timeline, "--media", reels, "--dry-run", "--rate", 24, *FAST)
        said = candela(*base, "--hdr", reels / "hdr", "--json")
        assert said.code == 0, said.out
        shots = said.json["clips"][0]["shots"]
        assert [(s["first_frame"], s["last_frame"]) for s in shots] == [(0, 4)]
        assert any("plays at 200 %" in note for note in said.json["notes"])
        refused = candela(*base, "--hdr", reels / "conformed.mkv")
        assert refused.code == 2 and "frame for frame" in refused.err

    def test_missing_media_are_all_listed(self, candela: Candela, reels: Path, tmp_path: Path) -> None:
        timeline = edl(tmp_path / "t.edl", [("a.mkv", 0, 3), ("lost.mkv", 0, 3), ("gone.mkv", 0, 2)])
        said = candela(
            "embed", timeline, "--media", reels, "--hdr", reels / "hdr", "-o", tmp_path / "o", "--rate", 24
        )
        assert said.code == 2
        assert "lost.mkv" in said.err and "gone.mkv" in said.err and "--media" in said.err
        assert not (tmp_path / "o").exists()

    def test_masters_cut_otherwise(self, candela: Candela, reels: Path, tmp_path: Path) -> None:
        other = edl(tmp_path / "t.edl", [("a.mkv", 0, 2), ("b.mkv", 1, 5)])
        said = candela(
            "embed",
            reels / "cut.edl",
            "--hdr",
            other,
            "--hdr-media",
            reels / "hdr",
            "--dry-run",
            "--rate",
            24,
        )
        assert said.code == 2 and "cut alike" in said.err

    def test_frames_that_a_medium_does_not_have(self, candela: Candela, reels: Path, tmp_path: Path) -> None:
        timeline = edl(tmp_path / "t.edl", [("a.mkv", 2, 9)])
        said = candela("embed", timeline, "--media", reels, "--hdr", reels / "hdr", "--dry-run", "--rate", 24)
        assert said.code == 2 and "a.mkv" in said.err and "2-10" in said.err

    def test_options_of_clips_are_refused(self, candela: Candela, reels: Path) -> None:
        said = candela("embed", reels / "cut.edl", "--hdr", reels / "hdr", "--dry-run", "--frames", "0-3")
        assert said.code == 2 and "--frames" in said.err
