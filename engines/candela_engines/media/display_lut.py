"""Pictures to look at, fast: from codes or light to sRGB through a cube, where frames follow one another.

The cube is what `media.thumbnails` makes, at 49 places a side, tetrahedral between them (OpenColorIO): within
5 of 255 codes on pictures, further off where colours of the full BT.2020 meet black. For looking, and no
measurement.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import pq
from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.false_colour import false_colour
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.media.thumbnails import display_of_hdr, display_of_sdr

__all__ = ["CodesLut", "codes_lut", "fast_false_colour", "light_lut"]

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
_SIDE = 49
_LEAST_BITS, _SHIFT = 0x38000000, 8  # 3e-5 nit, where black has been black for long
_MOST_BITS = 0x47800000  # 65536 nit


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
    top = np.ascontiguousarray(nits.max(axis=2), np.float32)
    np.nan_to_num(top, copy=False, nan=0.0, posinf=65504.0, neginf=0.0)
    np.clip(top, 0, 65504, out=top)
    place = np.clip(top.view(np.uint32), _LEAST_BITS, _MOST_BITS)
    place -= np.uint32(_LEAST_BITS)
    place >>= np.uint32(_SHIFT)
    coloured: U8 = _bands()[place]
    return coloured


@lru_cache(maxsize=1)
def _bands() -> U8:
    patterns = np.arange(_LEAST_BITS, _MOST_BITS + 1, 1 << _SHIFT, dtype=np.uint32)
    # The middle of each run, so that it errs by half of it.
    light = (patterns + np.uint32(1 << (_SHIFT - 1))).view(np.float32)
    bands: U8 = false_colour(np.repeat(light[None, :, None], 3, axis=2))[0]
    return bands
