"""A light proxy of a frame, and what is known of it before it is compared with another.

A proxy is 64x36 pixels, area means of the codes. Codes are a perceptual encoding already, so differences of
proxies are about as visible everywhere. Comparing takes three things of a picture that a cut changes and a
moving camera does not, or not all at once: what is where (blocks, followed as they move), the structure (the
same, blind to exposure and colour), and how much there is of which brightness and colour (blind to place).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InputError
from candela_engines.media.decoded import Samples

__all__ = ["FLAT", "HEIGHT", "WIDTH", "Look", "Proxy", "look_at", "proxy_of"]

WIDTH, HEIGHT = 64, 36
FLAT = 0.012  # standard deviation of the luma, codes, of a frame that is one colour
Proxy = NDArray[np.float32]

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_BINS = 24
_WINDOW = np.outer(np.hanning(HEIGHT), np.hanning(WIDTH)).astype(np.float32)


def proxy_of(codes: Samples, bits: int) -> Proxy:
    """The (36, 64, 3) float32 proxy of a frame, codes over full scale: area means, whatever the shape.

    codes: (H, W, 3) integers of `bits` bits, or floats over full scale. Scene-linear light is no perceptual
    encoding: bring it to codes first. NaN counts as 0, infinities and what lies beyond -0.5..1.5 as those.
    Raises InputError for another shape or kind.
    """
    if codes.ndim != 3 or codes.shape[2] != 3 or codes.size == 0:
        raise InputError(f"shot detection: a frame of shape {codes.shape} where (H, W, 3) is needed")
    if codes.dtype.kind not in "uf" or (codes.dtype.kind == "u" and not 1 <= bits <= 16):
        raise InputError(f"shot detection: {codes.dtype} of {bits} bits; unsigned up to 16 bits or floats")
    # Every n-th row and column where a cell still has eight of each: a 4K frame costs what HD does.
    step = max(1, min(codes.shape[0] // (HEIGHT * 8), codes.shape[1] // (WIDTH * 8)))
    part = codes[step // 2 :: step, step // 2 :: step]
    if part.dtype.kind == "f":
        part = np.clip(np.nan_to_num(part.astype(np.float32), nan=0.0), -0.5, 1.5)
        scale = 1.0
    else:
        scale = 1.0 / ((1 << bits) - 1)
    for axis, cells in ((0, HEIGHT), (1, WIDTH)):
        if part.shape[axis] < cells:  # a picture smaller than its proxy: its pixels are the areas
            part = part.repeat(-(-cells // part.shape[axis]), axis=axis)
    means = _cells(_cells(part, HEIGHT, 0), WIDTH, 1)
    return np.asarray(means * np.float32(scale), np.float32)


def _cells(array: NDArray[Any], cells: int, axis: int) -> NDArray[np.float64]:
    """Means over `cells` equal stretches of an axis; a sample on a border counts in both by its share."""
    size = array.shape[axis]
    if size % cells == 0:
        shape = (*array.shape[:axis], cells, size // cells, *array.shape[axis + 1 :])
        return np.asarray(array.reshape(shape).mean(axis=axis + 1, dtype=np.float64))
    edges = np.arange(cells + 1) * (size / cells)
    whole = np.minimum(edges.astype(np.int64), size - 1)
    share = edges - whole
    sums = np.cumsum(array, axis=axis, dtype=np.float64)
    sums = np.concatenate([np.zeros_like(sums.take([0], axis)), sums], axis=axis)
    along = [1] * array.ndim
    along[axis] = cells + 1
    until = sums.take(whole, axis) + array.take(whole, axis) * share.reshape(along)
    return np.asarray(np.diff(until, axis=axis) * (cells / size))


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A proxy with what comparing needs of it.

    rgb: (36, 64, 3). luma: (36, 64). planes: (3, 36, 64) luma and two colour differences. shape: (36, 64)
    luma without its local mean. spectrum: of the luma, for finding a shift. spread: (3, 24) sorted levels of
    every plane (quantiles). contrast: standard deviation of the luma. coarse: (9, 16, 3) means, for mixtures.
    """

    rgb: Proxy
    luma: Proxy
    planes: Proxy
    shape: Proxy
    spectrum: NDArray[np.complex128]
    spread: Proxy
    contrast: float
    coarse: Proxy


def look_at(proxy: Proxy) -> Look:
    """Prepare a proxy. Raises InputError if it is not (36, 64, 3)."""
    if proxy.shape != (HEIGHT, WIDTH, 3):
        raise InputError(f"shot detection: a proxy of shape {proxy.shape}; ({HEIGHT}, {WIDTH}, 3) is needed")
    rgb = np.asarray(proxy, np.float32)
    luma = (rgb * _LUMA).sum(axis=-1)
    planes = np.stack([luma, rgb[..., 0] - luma, rgb[..., 2] - luma])
    ranks = np.linspace(0, HEIGHT * WIDTH - 1, 2 * _BINS + 1).astype(np.int64)[1::2]
    spread = np.sort(planes.reshape(3, -1), axis=1)[:, ranks]
    around = _mean_around(luma)
    spectrum = np.fft.rfft2((luma - luma.mean()) * _WINDOW)
    coarse = rgb.reshape(9, 4, 16, 4, 3).mean(axis=(1, 3))
    return Look(rgb, luma, planes, luma - around, spectrum, spread, float(luma.std()), coarse)


def _mean_around(plane: Proxy, reach: int = 4) -> Proxy:
    """Mean over the 9x9 pixels around each, of those there are."""
    padded = np.pad(plane, reach + 1, mode="edge").cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    side = 2 * reach + 1
    total = (
        padded[side:-1, side:-1]
        - padded[: -side - 1, side:-1]
        - padded[side:-1, : -side - 1]
        + padded[: -side - 1, : -side - 1]
    )
    return np.asarray(total / side**2, np.float32)
