"""Means over windows and blocks of planes, and of how far light lies outside a gamut.

Twin of engines/native/src/views, which does the work where it was built: both add in the same order and give
the same bits, so that a verdict does not depend on the native library or on threads.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.gamuts import LUMA_BT2020
from candela_engines.errors import InputError
from candela_engines.native import native
from candela_engines.scorer.planes import (
    BT2020_TO_709,
    BT2020_TO_P3,
    Plane,
    Planes,
    largest,
    luminance,
    mix,
    smallest,
)

__all__ = ["block_excess", "excess_of", "plane_block_means", "sound_planes", "window_means"]

_DARK_NITS = 0.2
_MOST_NITS = 1e4
_MATRICES = {"bt709": BT2020_TO_709, "p3d65": BT2020_TO_P3}
_STRIP_PIXELS = 1 << 17


def window_means(plane: Plane, radius: int, *, threads: int = 1) -> Plane:
    """Means over (2·radius + 1)² pixels of a plane (h, w), those at the edge repeated; float32.

    Of running totals in float64, down the plane and then down its transpose.
    """
    library = native()
    if library is not None:
        found: Plane = library.window_means(np.ascontiguousarray(plane, np.float32), radius, threads)
        return found
    return np.ascontiguousarray(_down(_down(plane, radius).T, radius).T)


def _down(plane: Plane, radius: int) -> Plane:
    """Means over 2·radius + 1 pixels of each column."""
    side, rows = 2 * radius + 1, plane.shape[0]
    exact = plane.astype(np.float64, order="C")
    total = np.zeros((rows + side, plane.shape[1]), np.float64)
    source = np.clip(np.arange(-radius, rows + radius), 0, rows - 1)
    for at, row in enumerate(source.tolist()):
        np.add(total[at], exact[row], out=total[at + 1])
    means = total[side:] - total[:rows]
    means /= side
    return means.astype(np.float32)


def plane_block_means(plane: Plane, k: int) -> Plane:
    """Means of a plane over k x k pixels, (H // k, W // k)."""
    h, w = plane.shape[0] // k, plane.shape[1] // k
    total = _added(_added(plane[: h * k, : w * k].reshape(h, k, w, k), 1), 2)
    return np.asarray(total * np.float32(1 / (k * k)), np.float32)


def _added(parts: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Sum along an axis, one after the other: numpy's own order depends on the shape."""
    each = [slice(None)] * parts.ndim
    total = np.zeros(0, np.float32)
    for number in range(parts.shape[axis]):
        each[axis] = number  # type: ignore[call-overload]
        part = parts[tuple(each)]
        total = part.copy() if number == 0 else np.add(total, part, out=total)
    return total


def block_excess(light: NDArray[np.float32], k: int, gamut: str, *, threads: int = 1) -> Plane:
    """Means over k x k pixels of `excess_of` of linear BT.2020 light (H, W, 3) in nits: (H // k, W // k)."""
    matrix = _matrix(gamut)
    library = native()
    if library is not None and _in_rows(light):
        flat = [float(x) for x in np.asarray(matrix).reshape(-1)]
        luma = [float(x) for x in LUMA_BT2020]
        found: Plane = library.block_excess(light, k, flat, luma, _DARK_NITS, threads)
        return found
    h, w = light.shape[0] // k, light.shape[1] // k
    out = np.empty((h, w), np.float32)
    step = max(1, _STRIP_PIXELS // (light.shape[1] * k))
    for top in range(0, h, step):
        n = min(step, h - top)
        rows = light[top * k : (top + n) * k, : w * k]
        out[top : top + n] = plane_block_means(excess_of(sound_planes(rows), gamut), k)
    return out


def sound_planes(light: NDArray[np.float32]) -> Planes:
    """Red, green and blue of light (…, 3): NaN as 0, above every number as 10000 nit, below as 0."""
    red, green, blue = (np.ascontiguousarray(light[..., c], np.float32) for c in range(3))
    # A sum is finite only if all of it is; where it is, nothing has to be looked at one by one.
    with np.errstate(invalid="ignore"):
        total = sum(float(plane.sum(dtype=np.float64)) for plane in (red, green, blue))
    if not np.isfinite(total):
        red, green, blue = (
            np.nan_to_num(plane, nan=0.0, posinf=_MOST_NITS, neginf=0.0) for plane in (red, green, blue)
        )
    return red, green, blue


def excess_of(planes: Planes, gamut: str) -> Plane:
    """How far outside a gamut: −min(R, G, B)/max(R, G, B) of its components; 0 inside and under 0.2 nit.

    gamut: `bt709` or `p3d65`. Raises InputError for another.
    """
    inside: Planes = tuple(mix(planes, row) for row in _matrix(gamut))  # type: ignore[assignment]
    excess = -smallest(inside)
    excess /= np.maximum(largest(inside), np.float32(1e-3))
    excess[luminance(planes) <= np.float32(_DARK_NITS)] = 0
    return np.maximum(excess, np.float32(0))


def _matrix(gamut: str) -> NDArray[np.float64]:
    if gamut not in _MATRICES:
        raise InputError(f"gamut: {gamut!r}; bt709 or p3d65 is needed")
    return np.asarray(_MATRICES[gamut], np.float64)


def _in_rows(light: NDArray[np.float32]) -> bool:
    """Whether the pixels of a row lie side by side, as the native library takes them."""
    return light.dtype == np.float32 and light.strides[1:] == (12, 4) and light.strides[0] % 4 == 0
