"""Pictures to look at, fast: from codes or light to sRGB through a cube, where frames follow one another.

The cube is what `media.thumbnails` makes, at 49 places a side, tetrahedral between them (OpenColorIO): within
5 of 255 codes on pictures, further off where colours of the full BT.2020 meet black. For looking, and no
measurement.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import hlg, pq
from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.false_colour import false_colour
from candela_engines.colour.gamuts import LUMA_BT2020, rgb_to_rgb
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.media.thumbnails import display_of_hdr, display_of_sdr

__all__ = ["CodesLut", "codes_false_colour", "codes_lut", "fast_false_colour", "light_lut"]

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
_SIDE = 49
_LEAST_BITS, _SHIFT = 0x38000000, 8  # 3e-5 nit, where black has been black for long
_MOST_BITS = 0x47800000  # 65536 nit
_LOW, _HIGH = -0.125, 1.25  # of full-range codes: under black, and over white as far as ten bits go


class CodesLut:
    """codes: (…, 3) of a state over full scale, 0..1, to sRGB. Beyond 0..1 the nearest."""

    def __init__(self, state: ColourState, hdr: bool, bits: int | None) -> None:
        import PyOpenColorIO as ocio

        grid = np.linspace(0, 1, _SIDE, dtype=np.float32)
        # OpenColorIO's order: blue runs fastest.
        red, green, blue = np.meshgrid(grid, grid, grid, indexing="ij")
        cube = np.stack([red, green, blue], axis=-1).reshape(1, -1, 3)
        nits = np.nan_to_num(np.asarray(to_nits_rec2020(cube, state, bits=bits), np.float32))
        shown = display_of_hdr(nits) if hdr else display_of_sdr(nits, state.peak_nits)
        lut = ocio.Lut3DTransform(_SIDE)
        lut.setInterpolation(ocio.INTERP_TETRAHEDRAL)
        lut.setData(np.ascontiguousarray(shown.reshape(-1, 3).astype(np.float32) / 255).reshape(-1))
        config = ocio.Config.CreateRaw()
        self._apply = config.getProcessor(lut).getDefaultCPUProcessor()

    def __call__(self, codes: F32) -> U8:
        """(h, w, 3) float32, which is not changed, to (h, w, 3) uint8."""
        work = np.array(codes, np.float32, order="C")
        np.clip(np.nan_to_num(work, copy=False), 0, 1, out=work)
        self._apply.applyRGB(work)
        work *= 255
        work += 0.5
        return work.astype(np.uint8)


@lru_cache(maxsize=8)
def codes_lut(state: ColourState, hdr: bool, bits: int | None) -> CodesLut:
    """The cube of a state, whose codes have these bits. hdr: tone-mapped from 1000 nit (BT.2446 A); else SDR
    whose white is white."""
    return CodesLut(state, hdr, bits)


def light_lut(nits: F32) -> U8:
    """sRGB of HDR light (h, w, 3), linear BT.2020 in cd/m², by the cube of PQ: tone-mapped from 1000 nit."""
    signal = np.asarray(pq.inverse_eotf(np.clip(np.nan_to_num(nits), 0, 10_000)), np.float32)
    return codes_lut(NAMED["rec2100-pq"], True, None)(signal)


def fast_false_colour(nits: F32) -> U8:
    """As `colour.false_colour.false_colour`, by the bits of float32: edges are within 4e-5 of where they are
    there."""
    return _coloured(np.ascontiguousarray(nits.max(axis=2), np.float32))


def codes_false_colour(codes: F32, state: ColourState) -> U8 | None:
    """The same of full-range codes (h, w, 3), 0..1 nominal, by a table of the curve at 65536 places: edges
    are within 5e-4 of where they are there. None for a state that has no such table."""
    hlg_elsewhere = state.transfer == "hlg" and state.primaries != "bt2020"
    if state.range != "full" or state.transfer == "linear" or state.ocio_space is not None or hlg_elsewhere:
        return None
    place = (codes - np.float32(_LOW)) * np.float32(65535 / (_HIGH - _LOW))
    place += np.float32(0.5)
    np.clip(np.nan_to_num(place, copy=False), 0, 65535, out=place)
    table, whole = _curve(state), place.astype(np.uint16)
    red, green, blue = whole[..., 0], whole[..., 1], whole[..., 2]
    if state.transfer != "hlg" and state.primaries == "bt2020":
        return _coloured(np.take(table, np.maximum(np.maximum(red, green), blue)))
    planes = [np.take(table, plane) for plane in (red, green, blue)]
    if state.transfer == "hlg":
        scene = np.maximum(np.maximum(planes[0], planes[1]), planes[2])
        y = sum(np.float32(part) * plane for part, plane in zip(LUMA_BT2020, planes, strict=True))
        y = np.maximum(np.abs(y), np.float32(1e-30))
        np.power(y, np.float32(hlg.system_gamma(state.peak_nits) - 1), out=y)
        return _coloured(scene * (y * np.float32(state.peak_nits)))
    mixed = [
        sum(np.float32(part) * plane for part, plane in zip(row, planes, strict=True))
        for row in rgb_to_rgb(state.primaries, "bt2020")
    ]
    return _coloured(np.maximum(np.maximum(mixed[0], mixed[1]), mixed[2]))


@lru_cache(maxsize=8)
def _curve(state: ColourState) -> F32:
    """Light of one channel in its own primaries; of HLG, scene light."""
    codes = np.linspace(_LOW, _HIGH, 65536)
    if state.transfer == "hlg":
        return np.asarray(hlg.inverse_oetf(codes), np.float32)
    grey = np.repeat(codes[:, None], 3, axis=1)
    return np.asarray(to_nits_rec2020(grey, replace(state, primaries="bt2020"))[:, 0], np.float32)


def _coloured(top: F32) -> U8:
    np.nan_to_num(top, copy=False, nan=0.0, posinf=65504.0, neginf=0.0)
    np.clip(top, 0, 65504, out=top)
    place = np.clip(top.view(np.uint32), _LEAST_BITS, _MOST_BITS)
    place -= np.uint32(_LEAST_BITS)
    place >>= np.uint32(_SHIFT)
    coloured: U8 = np.take(_bands(), place, axis=0)
    return coloured


@lru_cache(maxsize=1)
def _bands() -> U8:
    patterns = np.arange(_LEAST_BITS, _MOST_BITS + 1, 1 << _SHIFT, dtype=np.uint32)
    # The middle of each run, so that it errs by half of it.
    light = (patterns + np.uint32(1 << (_SHIFT - 1))).view(np.float32)
    bands: U8 = false_colour(np.repeat(light[None, :, None], 3, axis=2))[0]
    return bands
