"""Decoded planes to small sRGB pictures, for a player: nothing is brought to full size, or to R'G'B', before.

Each block of pixels is the mean of four samples of luma and of the chroma at its middle, between two stored
samples where it lies between them; a cube over those codes, tetrahedral between its 65 places a side, has the
matrix, the light and the display in it. The native library does all of it in one pass; without it numpy and
OpenColorIO do, whose colours are within two of 255 codes of that. On pictures that differs by half of one of
255 codes from `display_lut` at full size as a mean, and by up to 30 at single edges of colours. For looking,
and no measurement.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState
from candela_engines.media.display_lut import codes_lut
from candela_engines.media.movie_rgb import Plane, VideoModel
from candela_engines.native import native

__all__ = ["can_show", "planes_picture"]

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
_SIDE = 65


def can_show(state: ColourState, step: int) -> bool:
    """Whether there is a cube of a state, and a block has samples to take a mean of."""
    plain = state.range == "full" and state.transfer != "linear" and state.ocio_space is None
    return step >= 2 and plain


def planes_picture(
    planes: Sequence[Plane], model: VideoModel, state: ColourState, *, hdr: bool, step: int
) -> U8:
    """(H // step, W // step, 3) uint8 of planes as `movie_rgb.planes_to_rgb` takes them.

    hdr: tone-mapped from 1000 nit (BT.2446 A); else SDR whose white is white. step: 2 or more.
    """
    height, width = (size // step for size in planes[0].shape)
    shown = np.empty((height, width, 3), np.uint8)
    library = native()
    if library is None:
        _apply(_cube(model, state, hdr), _blocks(planes, model, step), shown)
        return shown
    (_, *down), (_, *across) = (_chroma(model, step, axis, planes) for axis in (0, 1))
    threads = os.cpu_count() or 1
    library.planes_shown(
        list(planes), shown, model.ycc, _bits(model), step, tuple(down), tuple(across),
        _places(model, state, hdr), threads,
    )  # fmt: skip
    return shown


def _bits(model: VideoModel) -> int:
    return int(model.middle).bit_length()


def _blocks(planes: Sequence[Plane], model: VideoModel, step: int) -> U16:
    """Codes of the planes, over 16 bits whatever they had."""
    height, width = (size // step for size in planes[0].shape)
    shift = 16 - _bits(model)
    codes = np.empty((height, width, 3), np.uint16)
    codes[..., 0] = _mean(planes[0], step, height, width, shift)
    for channel in (1, 2):
        plane = planes[channel]
        if not model.ycc:
            codes[..., channel] = _mean(plane, step, height, width, shift)
            continue
        lines = _between(plane, _chroma(model, step, 0, planes), shift)
        codes[..., channel] = _between(lines, _chroma(model, step, 1, planes), 0)
    return codes


def _mean(plane: Plane, step: int, height: int, width: int, shift: int) -> U16:
    """Of four samples of each block, as `service.look_samples.averaged` takes them; over 16 bits."""
    one, other = step // 4, step - 1 - step // 4
    wide: Any = np.uint32 if shift < 2 else np.uint16  # four of 14 bits just fit into 16
    lines: NDArray[Any] = plane[one::step][:height].astype(wide) + plane[other::step][:height]
    total = lines[:, one::step][:, :width] + lines[:, other::step][:, :width]
    return np.asarray(total << (shift - 2) if shift >= 2 else (total << shift) >> 2, np.uint16)


_Chroma = tuple[int, NDArray[np.int32], NDArray[np.int32], int]
"""Of an axis: which it is, for each block two samples, and how many quarters of the way from one to the other
its chroma lies."""


def _chroma(model: VideoModel, step: int, axis: int, planes: Sequence[Plane]) -> _Chroma:
    """Pixels to a sample, the first at its siting. Of a small block what lies at its middle, to the nearest
    quarter; of a larger one the mean of the samples nearest to the two pixels whose luma is taken."""
    pixels, siting = ((model.down, model.siting[1]), (model.across, model.siting[0]))[axis]
    blocks = np.arange(planes[0].shape[axis] // step)
    if step <= 4 and step % pixels == 0:
        place = ((step - 1) / 2 - siting) / pixels
        whole = int(np.floor(place + 1e-6))
        part = round(4 * (place - whole))
        both = [whole + step // pixels * blocks + n for n in (0, 1 if part else 0)]
    else:
        part = 2
        both = [
            np.rint((step * blocks + n - siting) / pixels) for n in (step // 4, step - 1 - step // 4)
        ]
    low, high = (np.clip(each, 0, planes[1].shape[axis] - 1).astype(np.int32) for each in both)
    return axis, low, high, part


def _between(plane: NDArray[Any], chroma: _Chroma, shift: int) -> U16:
    """Chroma of each block along one axis, times 2^shift."""
    axis, below, above, part = chroma
    low = _every(plane, axis, below)
    if not part:
        return np.asarray(np.asarray(low, np.uint16) << shift, np.uint16)
    here, there = np.uint32((4 - part) << shift), np.uint32(part << shift)
    total: NDArray[Any] = low.astype(np.uint32) * here + _every(plane, axis, above) * there
    return np.asarray((total + np.uint32(2)) >> np.uint32(2), np.uint16)


def _every(plane: NDArray[Any], axis: int, places: NDArray[np.int32]) -> NDArray[Any]:
    """Samples at places."""
    first, last = int(places[0]), int(places[-1])
    by = max(1, (last - first) // max(1, len(places) - 1))
    if np.array_equal(places, np.arange(first, last + 1, by)):
        return plane[first : last + 1 : by] if axis == 0 else plane[:, first : last + 1 : by]
    return np.take(plane, places, axis)


def _shown(model: VideoModel, state: ColourState, hdr: bool) -> U8:
    """(65^3, 3) sRGB at the places of the cube, the first plane slowest: OpenColorIO's order."""
    bits = _bits(model)
    full = np.float32(65535 / (1 << (16 - bits)))
    grid = np.linspace(0, full, _SIDE, dtype=np.float32)
    luma, cb, cr = np.meshgrid(grid, grid, grid, indexing="ij")
    offset, scale = np.float32(model.offset), np.float32(model.scale)
    rgb = np.empty((1, _SIDE**3, 3), np.float32)
    if model.ycc:
        middle = np.float32(model.middle)
        for channel in range(3):
            of_cb, of_cr = (np.float32(each) for each in model.matrix[2 * channel : 2 * channel + 2])
            signal = (luma - offset) / scale + (of_cb * (cb - middle) + of_cr * (cr - middle))
            rgb[0, :, channel] = signal.reshape(-1)
    else:
        for channel, plane in enumerate((luma, cb, cr)):
            rgb[0, :, channel] = ((plane - offset) / scale).reshape(-1)
    return codes_lut(state, hdr, None)(rgb).reshape(-1, 3)


@lru_cache(maxsize=8)
def _places(model: VideoModel, state: ColourState, hdr: bool) -> NDArray[np.uint64]:
    """The same as the native library takes them: R, G and B in one number, 16 bits apart."""
    red, green, blue = _shown(model, state, hdr).astype(np.uint64).T
    return np.ascontiguousarray(red | green << np.uint64(16) | blue << np.uint64(32))


@lru_cache(maxsize=8)
def _cube(model: VideoModel, state: ColourState, hdr: bool) -> Any:
    import PyOpenColorIO as ocio

    shown = _shown(model, state, hdr)
    cube = ocio.Lut3DTransform(_SIDE)
    cube.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    cube.setData(np.ascontiguousarray(shown.astype(np.float32) / 255).reshape(-1))
    processor = ocio.Config.CreateRaw().getProcessor(cube)
    return processor.getOptimizedCPUProcessor(
        ocio.BIT_DEPTH_UINT16, ocio.BIT_DEPTH_UINT8, ocio.OPTIMIZATION_DEFAULT
    )


def _apply(cube: Any, codes: U16, shown: U8) -> None:
    import PyOpenColorIO as ocio

    height, width = codes.shape[:2]
    given = ocio.PackedImageDesc(codes, width, height, 3, ocio.BIT_DEPTH_UINT16, 2, 6, 6 * width)
    made = ocio.PackedImageDesc(shown, width, height, 3, ocio.BIT_DEPTH_UINT8, 1, 3, 3 * width)
    cube.apply(given, made)
