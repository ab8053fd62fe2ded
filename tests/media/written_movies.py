"""Small movies for the tests: pictures that can be told apart, and what is read back of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

RATE = Fraction(24000, 1001)
WIDTH, HEIGHT = 64, 48


def pq_frames(
    count: int, start: int = 0, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> Iterator[NDArray[np.uint16]]:
    """Smooth PQ codes, over full scale of 16 bits, that move by a code of 10 bits a frame."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    for number in range(start, start + count):
        planes = (10_000 + 200 * x, 12_000 + 300 * y, 20_000 + 100 * (x + y))
        yield np.stack([plane + 512 * number for plane in planes], axis=-1).astype(np.uint16)


@dataclass
class Found:
    """What a movie says of itself, and its planes: a list of (Y', Cb, Cr) uint16 a frame."""

    codec: str
    tag: str
    pix_fmt: str
    colour: tuple[int, int, int, int]
    rate: Fraction
    frames: list[tuple[NDArray[np.uint16], ...]]
    times: list[Fraction]
    timecode: str | None
    light: tuple[int, int] | None
    mastering: list[Fraction] | None
    keys: list[int]


def found_in(path: Path) -> Found:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        frames, times, keys, light, mastering = [], [], [], None, None
        for frame in container.decode(stream):
            for side in frame.side_data:
                if side.type.name == "CONTENT_LIGHT_LEVEL":
                    light = tuple(int(v) for v in np.frombuffer(bytes(side), dtype="<u4")[:2])
                if side.type.name == "MASTERING_DISPLAY_METADATA":
                    parts = np.frombuffer(bytes(side), dtype="<i4")[:20].reshape(10, 2)
                    mastering = [Fraction(int(a), int(b)) for a, b in parts]
            if frame.key_frame:
                keys.append(len(frames))
            frames.append(tuple(_plane(plane) for plane in frame.planes[:3]))
            times.append(frame.pts * frame.time_base)
        tags = {key.lower(): value for key, value in {**container.metadata, **stream.metadata}.items()}
        colour = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
        return Found(
            context.codec.canonical_name, context.codec_tag, str(context.pix_fmt), colour,
            stream.average_rate or Fraction(0), frames, times, tags.get("timecode"), light, mastering, keys,  # type: ignore[arg-type]
        )  # fmt: skip


def _plane(plane: Any) -> NDArray[np.uint16]:
    samples = np.frombuffer(plane, dtype=np.uint16).reshape(-1, plane.line_size // 2)
    return samples[: plane.height, : plane.width].copy()


def movie_with_audio(path: Path, codec: str, *, rate: int = 24, count: int = 48, tracks: int = 1) -> Path:
    """A movie whose audio is a ramp: sample n of it has the value n modulo 30000, in both channels."""
    hertz = 48_000
    with av.open(str(path), "w") as output:
        video = output.add_stream("mpeg4", rate=rate)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        sounds = [output.add_stream(codec, rate=hertz, layout="stereo") for _ in range(tracks)]
        for _ in range(count):
            output.mux(video.encode(av.VideoFrame(32, 32, "yuv420p")))
        output.mux(video.encode(None))
        ramp = np.arange(hertz * count // rate)
        for at in range(0, len(ramp), 1024):
            part = (ramp[at : at + 1024] % 30_000).astype(np.int16)
            for sound in sounds:
                frame = av.AudioFrame.from_ndarray(np.repeat(part, 2)[None], format="s16", layout="stereo")
                frame.sample_rate, frame.pts, frame.time_base = hertz, at, Fraction(1, hertz)
                resampler = av.AudioResampler(format=sound.codec_context.format, layout="stereo", rate=hertz)
                for ready in resampler.resample(frame):
                    ready.pts, ready.time_base = at, Fraction(1, hertz)
                    output.mux(sound.encode(ready))
        for sound in sounds:
            output.mux(sound.encode(None))
    return path


def audio_of(path: Path, track: int = 0) -> tuple[str, Fraction, NDArray[Any], list[bytes]]:
    """Codec, time of the first sample, samples of the left channel, and the packets."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[track]
        packets = [bytes(packet) for packet in container.demux(stream) if packet.size]
    with av.open(str(path)) as container:
        stream = container.streams.audio[track]
        parts, first = [], None
        for frame in container.decode(stream):
            first = frame.pts * frame.time_base if first is None else first
            samples = frame.to_ndarray()
            parts.append(samples[0] if frame.format.is_planar else samples.reshape(-1, 2)[:, 0])
        return stream.codec_context.codec.canonical_name, first or Fraction(0), np.concatenate(parts), packets
