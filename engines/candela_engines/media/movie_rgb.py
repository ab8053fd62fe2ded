"""Planes of decoded video to R'G'B': range, matrix and the place of chroma samples.

Sources: ITU-T H.273 (2024), equations 38 to 58 (matrices, ranges); ITU-R BT.2100-2 table 9, BT.709-6 item
5.1. With C the code of a sample, s = 2^(bits − 8) and full = 2^bits − 1, E' is

    narrow:  (Y − 16·s) / (219·s),  (C − 128·s) / (224·s)        full:  Y / full,  (C − 2^(bits−1)) / full

and R, G, B likewise with the luma formula. Chroma is brought to the pixels by Catmull and Rom's cubic, down
the columns first, then along the row, each sample where the stream says that it lies; edges are repeated. All
arithmetic is single precision in a fixed order, one rounding an operation, so that this module and its twin
in C++ (engines/native/src/video) give the same bits. Nothing is clamped.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import Range
from candela_engines.errors import MediaError
from candela_engines.native import native

__all__ = ["MATRICES", "Matrix", "Siting", "VideoModel", "planes_to_rgb", "video_model"]

Matrix = Literal["rgb", "bt709", "bt601", "bt2020nc", "ycgco"]
Plane = NDArray[np.uint8] | NDArray[np.uint16]
Siting = tuple[float, float]
"""Where the first chroma sample lies, across and down, in pixels from the centre of the first pixel."""

# Kr and Kb of H.273, table 4.
MATRICES: dict[str, tuple[float, float]] = {
    "bt709": (0.2126, 0.0722),
    "bt601": (0.299, 0.114),
    "bt2020nc": (0.2627, 0.0593),
}
_F = np.float32


@dataclass(frozen=True, slots=True)
class VideoModel:
    """What the samples of three planes mean.

    ycc: Y', Cb, Cr; else R, G, B, where only offset and scale count. Y' = (code − offset) / scale; R, G, B:
    Y' + (matrix[2i]·cb + matrix[2i + 1]·cr) with cb, cr = code − middle. across, down: pixels to a chroma
    sample, 1 or 2.
    """

    ycc: bool
    offset: float
    scale: float
    middle: float
    matrix: tuple[float, ...]
    across: int = 1
    down: int = 1
    siting: Siting = (0.0, 0.0)


def video_model(
    matrix: Matrix, range_: Range, bits: int, *, across: int = 1, down: int = 1, siting: Siting = (0.0, 0.5)
) -> VideoModel:
    """The model of a matrix and range at 8 to 16 bits; siting counts along axes with fewer samples.

    Raises MediaError for what has no meaning: another depth, another matrix, 3 or more pixels to a sample.
    """
    if not 8 <= bits <= 16 or across not in (1, 2) or down not in (1, 2):
        raise MediaError(f"video of {bits} bits with {across}x{down} pixels to a chroma sample is not read")
    if matrix == "rgb" and (across, down) != (1, 1):
        raise MediaError("its matrix says R'G'B', but two of its planes are smaller; say the true matrix")
    step, full = float(1 << (bits - 8)), float((1 << bits) - 1)
    offset, scale, chroma = (0.0, full, full) if range_ == "full" else (16 * step, 219 * step, 224 * step)
    places = (siting[0] if across == 2 else 0.0, siting[1] if down == 2 else 0.0)
    parts = _parts(matrix)
    numbers = tuple(float(_F(part / chroma)) for part in parts)
    return VideoModel(matrix != "rgb", offset, scale, float(1 << (bits - 1)), numbers, across, down, places)


def _parts(matrix: Matrix) -> tuple[float, ...]:
    """What cb and cr (−0.5..0.5) add to R, G and B."""
    if matrix == "rgb":
        return (0.0,) * 6
    if matrix == "ycgco":
        return (-1.0, 1.0, 1.0, 0.0, -1.0, -1.0)
    if matrix not in MATRICES:
        raise MediaError(f"matrix {matrix!r}: one of rgb, ycgco, {', '.join(MATRICES)} is needed")
    kr, kb = MATRICES[matrix]
    kg = 1 - kr - kb
    return (
        0.0, 2 * (1 - kr),
        -2 * kb * (1 - kb) / kg, -2 * kr * (1 - kr) / kg,
        2 * (1 - kb), 0.0,
    )  # fmt: skip


def planes_to_rgb(
    planes: Sequence[Plane], model: VideoModel, *, threads: int | None = None
) -> NDArray[np.float32]:
    """R'G'B' (H, W, 3) float32, full range over full scale, of three planes in the order of the model.

    planes: uint8 or uint16, (H, W) the first, chroma (⌈H/down⌉, ⌈W/across⌉); any strides. threads: None for
    as many as the machine has; their number changes nothing.
    """
    height, width = planes[0].shape
    out = np.empty((height, width, 3), _F)
    library = native()
    if library is None:
        _by_numpy(planes, model, out)
    else:
        library.video_to_rgb(
            list(planes), out, model.ycc, model.offset, model.scale, model.middle, list(model.matrix),
            model.across, model.down, *model.siting, threads or os.cpu_count() or 1,
        )  # fmt: skip
    return out


def _by_numpy(planes: Sequence[Plane], model: VideoModel, out: NDArray[np.float32]) -> None:
    first = (planes[0].astype(_F) - _F(model.offset)) / _F(model.scale)
    if not model.ycc:
        out[..., 0] = first
        for channel in (1, 2):
            out[..., channel] = (planes[channel].astype(_F) - _F(model.offset)) / _F(model.scale)
        return
    height, width = first.shape
    chroma = []
    for plane in planes[1:]:
        values = plane.astype(_F) - _F(model.middle)
        values = _brought(values, 0, height, model.siting[1]) if model.down == 2 else values
        values = _brought(values, 1, width, model.siting[0]) if model.across == 2 else values
        chroma.append(values)
    cb, cr = chroma
    for channel in range(3):
        of_cb, of_cr = _F(model.matrix[2 * channel]), _F(model.matrix[2 * channel + 1])
        out[..., channel] = first + (of_cb * cb + of_cr * cr)


def _brought(values: NDArray[np.float32], axis: int, pixels: int, first: float) -> NDArray[np.float32]:
    """Samples of every second pixel along an axis, brought to all."""
    shape = list(values.shape)
    shape[axis] = pixels
    out = np.empty(shape, _F)
    last = values.shape[axis] - 1
    for parity in (0, 1):
        place = (parity - first) / 2
        whole = int(np.floor(place))
        t = _F(place - whole)
        weights = (
            ((2 - t) * t - 1) * t / 2, ((3 * t - 5) * t * t + 2) / 2,
            ((4 - 3 * t) * t + 1) * t / 2, (t - 1) * t * t / 2,
        )  # fmt: skip
        count = (pixels + 1 - parity) // 2
        taps = [
            np.take(values, np.clip(np.arange(count) + whole - 1 + tap, 0, last), axis) for tap in range(4)
        ]
        a, b, c, d = (_F(weight) * tap for weight, tap in zip(weights, taps, strict=True))
        chosen = [slice(None), slice(None)]
        chosen[axis] = slice(parity, None, 2)
        out[tuple(chosen)] = ((a + b) + c) + d
    return out
