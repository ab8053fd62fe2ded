"""Small movies for tests, by real encoders through PyAV."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

# SVT-AV1 writes to stderr by itself.
os.environ.setdefault("SVT_LOG", "0")

X265 = "log-level=none:pools=1:frame-threads=1"
Planes = list[np.ndarray]
BT709 = (1, 1, 1, 1)
HDR10 = (9, 16, 9, 1)


def _apart(frame: av.VideoFrame) -> int:
    """Samples from one of a channel to the next: 1 where the format is planar."""
    return 1 if len(frame.planes) > 1 else len(frame.format.components)


def picture(number: int, pixel_format: str, width: int = 64, height: int = 48) -> av.VideoFrame:
    """A frame that differs from every other: slopes that move, and noise."""
    frame = av.VideoFrame(width, height, pixel_format)
    rng = np.random.default_rng(number)
    for index, (plane, component) in enumerate(zip(frame.planes, frame.format.components, strict=False)):
        high = component.bits > 8
        top = (1 << component.bits) - 1
        wide = plane.width * _apart(frame)
        y, x = np.mgrid[: plane.height, :wide]
        slope = (3 * x + 2 * y + 7 * number * (index + 1)) / (3 * wide + 2 * plane.height)
        values = (0.2 + 0.6 * (slope % 1.0)) * top + rng.integers(0, top // 32 + 1, slope.shape)
        kind = np.dtype(np.uint16 if high else np.uint8)
        rows = np.zeros((plane.height, plane.line_size // kind.itemsize), kind)
        rows[:, :wide] = values
        plane.update(rows.tobytes())
    return frame


def samples(frame: av.VideoFrame) -> Planes:
    """The visible samples of a planar frame, plane by plane, as FFmpeg orders them."""
    planes = []
    for plane, component in zip(frame.planes, frame.format.components, strict=False):
        kind = np.uint16 if component.bits > 8 else np.uint8
        rows = np.frombuffer(plane, kind).reshape(plane.height, -1)
        planes.append(rows[:, : plane.width * _apart(frame)].copy())
    return planes


def encode(
    path: Path,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    *,
    count: int = 12,
    size: tuple[int, int] = (64, 48),
    tags: tuple[int, int, int, int] | None = BT709,
    options: dict[str, str] | None = None,
    rate: Fraction = Fraction(24),
    times: Sequence[int] | None = None,
    container: str | None = None,
    container_options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    frames: Sequence[av.VideoFrame] | None = None,
) -> list[Planes]:
    """Write a movie; what was put in, plane by plane. times: time stamps in ms, else one a frame."""
    given = []
    with av.open(str(path), "w", format=container, options=container_options or {}) as out:
        out.metadata.update(metadata or {})
        stream = out.add_stream(codec, rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        context = stream.codec_context
        context.thread_count = 1
        context.options = dict(options or {})
        if times is not None:
            context.time_base = Fraction(1, 1000)
        if tags is not None:
            context.color_primaries, context.color_trc, context.colorspace, context.color_range = tags
        for number in range(count) if frames is None else range(len(frames)):
            frame = picture(number, pixel_format, *size) if frames is None else frames[number]
            frame.pts = number if times is None else times[number]
            frame.time_base = 1 / rate if times is None else Fraction(1, 1000)
            if tags is not None:
                frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range = tags
            given.append(samples(frame))
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return given
