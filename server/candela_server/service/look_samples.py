"""A frame's samples, made smaller before they are brought to light or to a display: most of the cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.state import ColourState
from candela_engines.media.display_lut import codes_false_colour, codes_lut, fast_false_colour, light_lut
from candela_engines.media.thumbnails import display_of_sdr
from candela_engines.scorer.to_light import light_of

__all__ = ["Samples", "averaged", "is_light", "size_of", "thinned"]

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
_STRIP_ROWS = 256


@dataclass(frozen=True, eq=False)
class Samples:
    """samples: (H, W, 3), codes or light. light: of some of them, linear BT.2020 nits. display: sRGB of what
    `averaged` made of them. coloured: false colour of some of them. top: max(R, G, B) of every pixel, nits.
    """

    samples: NDArray[Any]
    light: Callable[[NDArray[Any]], F32]
    display: Callable[[F32], U8]
    coloured: Callable[[NDArray[Any]], U8]
    top: Callable[[], F32]

    @classmethod
    def of_light(cls, nits: F32, sdr_white_nits: float | None = None) -> Samples:
        """nits: linear BT.2020. sdr_white_nits: of light that is SDR's."""

        def display(small: F32) -> U8:
            return light_lut(small) if sdr_white_nits is None else display_of_sdr(small, sdr_white_nits)

        def light(some: NDArray[Any]) -> F32:
            return np.asarray(some, np.float32)

        return cls(nits, light, display, fast_false_colour, lambda: nits.max(axis=2))

    @classmethod
    def of_codes(cls, codes: NDArray[Any], bits: int, state: ColourState) -> Samples:
        """codes: as `ClipFrame` has them, in `state`."""
        integers = codes.dtype.kind == "u"
        scale = np.float32((1 << bits) - 1) if integers else np.float32(1)
        depth = bits if bits <= 16 else None

        def exact(signal: F32) -> F32:
            return np.asarray(to_nits_rec2020(signal, state, bits=depth), np.float32)

        def light(some: NDArray[Any]) -> F32:
            return exact(np.asarray(some, np.float32) / scale)

        def display(small: F32) -> U8:
            if state.transfer == "linear" or state.ocio_space is not None:  # has no end at 1
                nits = exact(small / scale)
                return light_lut(nits) if is_light(state) else display_of_sdr(nits, state.peak_nits)
            return codes_lut(state, is_light(state), depth)(small / scale)

        def coloured(some: NDArray[Any]) -> U8:
            found = None if integers else codes_false_colour(some, state)
            return fast_false_colour(light(some)) if found is None else found

        def top() -> F32:
            convert = light_of(codes.dtype, state, depth, None)
            found = np.empty(codes.shape[:2], np.float32)
            for at in range(0, len(codes), _STRIP_ROWS):
                part = slice(at, at + _STRIP_ROWS)
                red, green, blue = convert(codes[part])
                np.maximum(np.maximum(red, green), blue, out=found[part])
            return found

        return cls(codes, light, display, coloured, top)


def is_light(state: ColourState) -> bool:
    """Whether it is HDR: such a picture is tone-mapped to be looked at."""
    return state.is_hdr or (state.transfer == "linear" and state.ocio_space is None)


def thinned(picture: NDArray[Any], width: int) -> NDArray[Any]:
    """Single pixels, one of each block, about `width` wide, and no means: a band or a mask is never one that
    no pixel has."""
    step, height, wide = _blocks(picture, width)
    return picture[step // 2 :: step, step // 2 :: step][:height, :wide]


def averaged(picture: NDArray[Any], width: int) -> F32:
    """The same size, float32 in the picture's own numbers: means of two by two pixels of each block, all of
    it where that has no more."""
    step, height, wide = _blocks(picture, width)
    if step == 1:
        return np.asarray(picture[..., :3], np.float32)
    places = (step // 4, step - 1 - step // 4)
    total = np.zeros((height, wide, 3), np.float32)
    for down in places:
        for right in places:
            total += picture[down::step, right::step][:height, :wide]
    total /= 4
    return total


def size_of(size: tuple[int, int], width: int) -> tuple[int, int, int]:
    """(step, height, width) of a picture of that width and height, made smaller by whole blocks of step x
    step pixels: about `width` wide, or as high as a picture of 16:9 is then."""
    wide, height = size
    step = max(1, round(max(wide / width, height * 16 / 9 / width)))
    step = min(step, wide, height)
    return step, height // step, wide // step


def _blocks(picture: NDArray[Any], width: int) -> tuple[int, int, int]:
    return size_of((picture.shape[1], picture.shape[0]), width)
