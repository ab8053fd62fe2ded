"""Frames that a decoder hands out although it calls them damaged: refused by name, those before are given."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from tests.media.movies import encode

from candela_engines.errors import MediaError
from candela_engines.media.open_clip import open_clip

COUNT = 5


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ProRes: every frame stands alone, and damage is concealed slice by slice and flagged, not raised."""
    path = tmp_path_factory.mktemp("sound") / "sound.mov"
    encode(path, "prores_ks", "yuv422p10le", count=COUNT)
    return path


def packets(path: Path) -> list[tuple[int, int]]:
    with av.open(str(path)) as container:
        return [(packet.pos or 0, packet.size) for packet in container.demux(video=0) if packet.size]


def flags(path: Path) -> list[bool]:
    """What FFmpeg says of every frame, by a decoder that conceals; empty where it raises after all."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        try:
            return [frame.is_corrupt for frame in container.decode(stream)]
        except av.FFmpegError:
            return []


@pytest.mark.parametrize("number", [0, 2, COUNT - 1])
def test_a_frame_that_is_flagged_is_no_frame(sound: Path, tmp_path: Path, number: int) -> None:
    whole, (start, size) = sound.read_bytes(), packets(sound)[number]
    path = tmp_path / "spoiled.mov"
    for at in range(start + size // 2, start + size, 5):
        spoiled = bytearray(whole)
        spoiled[at : at + 3] = b"\xff\xff\xff"
        path.write_bytes(spoiled)
        if flags(path) == [n == number for n in range(COUNT)]:
            break
    else:
        raise AssertionError("no damage was flagged")
    with open_clip(str(sound)) as clip:
        wanted = [frame.digest() for frame in clip.frames()]
    given = []
    with (
        pytest.raises(MediaError, match=rf"spoiled\.mov: frame {number}: it is damaged"),
        open_clip(str(path)) as clip,
    ):
        for frame in clip.frames():
            given.append(frame.digest())
    assert given == wanted[: len(given)] and len(given) == number
    if number:
        with open_clip(str(path)) as clip:
            with pytest.raises(MediaError, match=f"frame {number}"):
                clip.frame(number)
            assert clip.frame(number - 1).digest() == wanted[number - 1]
