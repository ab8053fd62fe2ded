"""Killed in the middle: what is finished is whole and is not done again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from candela_engines.itm.payload import decode, encode
from candela_engines.media import read_still
from candela_server.service import ReconstructClipRequest, Work, reconstruct_clip
from candela_server.service.clip_segments import segment_ranges
from candela_server.service.shots_embed import Cancelled

from .conftest import Candela
from .shot_clips import MadeShots, fitted, write_movie, write_sequence

pytestmark = pytest.mark.usefixtures("short_schedules")


def killed(words: list[object], when: Callable[[], bool], sign: int) -> int:
    """Run a command, send it a signal as soon as `when`; the exit code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "candela_server.cli", "--quiet", *map(str, words)],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    while process.poll() is None and not when():
        time.sleep(0.002)
    assert process.poll() is None, process.communicate()[1]
    process.send_signal(sign)
    process.communicate()
    return process.returncode


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_files(candela: Candela, tmp_path: Path, sign: signal.Signals) -> None:
    last = 1400
    made = MadeShots(((1001, last),), (fitted(1001, 1002),))
    shot = replace(decode(made.payloads[0]), frames=(1001, last), checks=b"")
    made = MadeShots(((1001, last),), (encode(shot),))
    clip = write_sequence(tmp_path / "in", made, 1001, last)
    out = tmp_path / "out"
    words = ["reconstruct", clip, "-o", out]
    code = killed(words, lambda: out.is_dir() and len(list(out.glob("shot.*.exr"))) >= 20, sign)
    assert code == (-signal.SIGKILL if sign == signal.SIGKILL else 130)
    there = {p: p.stat().st_mtime_ns for p in out.glob("shot.*.exr")}
    assert 20 <= len(there) < 400
    for path in there:
        read_still(path)
    said = candela(*words, "--json")
    assert said.code == 0, said.out
    assert said.json["frames"] == 400
    # At most the frames that were just being written are done again.
    assert len(there) - 6 <= said.json["frames_of_earlier_runs"] <= len(there)
    same = sum(path.stat().st_mtime_ns == then for path, then in there.items())
    assert same == said.json["frames_of_earlier_runs"]
    assert sorted(p.name for p in out.iterdir()) == [f"shot.{n}.exr" for n in range(1001, last + 1)]
    assert not [p for p in tmp_path.iterdir() if p.name.endswith(".candela-job")]


def test_other_options_begin_anew(candela: Candela, tmp_path: Path) -> None:
    made = MadeShots(((1001, 1003),), (fitted(1001, 1003),))
    clip = write_sequence(tmp_path / "in", made, 1001, 1003)
    file = clip.with_name("shot.1003.png")
    kept = file.read_bytes()
    file.write_bytes(kept[:-40])
    out = tmp_path / "out"
    assert candela("reconstruct", clip, "-o", out).code == 2
    assert len(list(out.iterdir())) == 2
    file.write_bytes(kept)
    said = candela("reconstruct", clip, "-o", out, "--encoding", "p3-pq", "--json")
    assert said.code == 0 and said.json["frames_of_earlier_runs"] == 0
    assert any("other work" in note for note in said.json["notes"])


def test_a_movie_goes_on_with_its_segments(candela: Candela, tmp_path: Path) -> None:
    movie = write_movie(tmp_path / "in.mov", ((0, 4), (5, 99)), 100)
    out = tmp_path / "out.mp4"
    folder = tmp_path / "out.mp4.candela-job"
    words = ["reconstruct", movie, "-o", out]
    code = killed(words, lambda: (folder / "part-0-4.shot").is_file(), signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert not out.exists()
    before = (folder / "part-0-4.mp4").stat().st_mtime_ns
    said = candela(*words, "--json")
    assert said.code == 0, said.out
    assert said.json["frames_of_earlier_runs"] == 5 and said.json["frames"] == 100
    assert before and not folder.exists()
    with av.open(str(out)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 100
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("out")) == ["out.mp4"]


@pytest.fixture(scope="module")
def of_one_shot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_movie(tmp_path_factory.mktemp("one") / "in.mov", ((0, 19),), 20)


@pytest.mark.parametrize(("name", "codec"), [("o.mp4", "hevc"), ("o.mov", "prores4444")])
def test_a_movie_of_one_shot_loses_two_seconds_at_most_and_is_the_same_in_the_end(
    of_one_shot: Path, tmp_path: Path, name: str, codec: str
) -> None:
    def asked(out: Path) -> ReconstructClipRequest:
        return ReconstructClipRequest(of_one_shot, out, codec=codec, rate=Fraction(6))

    whole = reconstruct_clip(asked(tmp_path / f"whole-{name}"))
    assert whole.frames == 20

    def interrupt(work: Work) -> None:
        # Past the first segment; an encoder may say so only at the end of the second.
        if work.stage == "render" and len(list((tmp_path / f"{name}.candela-job").glob("part-*.shot"))) == 1:
            raise KeyboardInterrupt

    with pytest.raises(Cancelled, match="12 of 20 frames are encoded and kept"):
        reconstruct_clip(asked(tmp_path / name), interrupt)
    assert not (tmp_path / name).exists()
    result = reconstruct_clip(asked(tmp_path / name))
    assert result.tally.resumed == 12 and result.tally.written == 8
    assert (tmp_path / name).read_bytes() == whole.out.read_bytes()


def test_segments_are_shorter_of_larger_pictures() -> None:
    """Two seconds, or one of large pictures; every frame is in one of them, none in two shots."""

    def lengths(width: int, height: int) -> list[int]:
        parts = list(segment_ranges(5, 129, (0, 60, 130), pixels=width * height, rate=Fraction(24)))
        assert [n for a, b in parts for n in range(a, b + 1)] == list(range(5, 130))
        assert 60 in {a for a, _ in parts}
        return [b - a + 1 for a, b in parts]

    assert lengths(96, 64) == lengths(1920, 1080) == [48, 7, 48, 22]
    assert lengths(3840, 2160) == [24, 24, 7, 24, 24, 22]
