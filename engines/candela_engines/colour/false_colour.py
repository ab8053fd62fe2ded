"""False colour by nits: one table of bands for reports, overlays and the OpenFX scope.

What is measured is max(R, G, B), as MaxCLL is (CTA-861.3). Edges are levels that graders speak of: the black
of LCD masters (0.05), SDR's peak (100), the peaks of televisions and masters (400, 600, 1000, 2000, 4000).
Three levels of ITU-R BT.2408 are bands of their own instead of edges, as on set, so that a card that is right
lies well inside: the grey card (26 nit) in green, light skin in pink, both as cameras show them, and graphics
white (203 nit) in cyan. Below grey colours are cold, above white they run from yellow to red as in other
luminance maps; the ranges between are grey.

The plugin's copy (ofx_bridge/plugin/src/render/false_colour.hpp) is made by `false_colour_header`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pu21
from candela_engines.errors import InputError

__all__ = ["BANDS", "Band", "band_of", "false_colour"]

Colour = tuple[int, int, int]


class Band(NamedTuple):
    """From how many nits on, in which sRGB colour (8 bits), under which short words, and what it is."""

    nits: float
    colour: Colour
    words: str
    meaning: str


BANDS: tuple[Band, ...] = (
    Band(0.0, (24, 8, 48), "0", "black"),
    Band(0.05, (88, 24, 168), ".05", "above the black of an LCD master"),
    Band(1.0, (40, 56, 216), "1", "deep shadow"),
    Band(10.0, (0, 116, 168), "10", "shadow, dark skin"),
    Band(22.0, (32, 160, 64), "22", "grey card: 26 nit within a quarter of a stop"),
    Band(31.0, (104, 104, 104), "31", "mid tones, medium skin"),
    Band(65.0, (236, 144, 168), "65", "light skin"),
    Band(100.0, (172, 172, 172), "100", "over SDR's peak, below white"),
    Band(183.0, (64, 228, 228), "183", "graphics white: 203 nit within a tenth"),
    Band(224.0, (240, 228, 48), "224", "highlights"),
    Band(400.0, (248, 156, 24), "400", "highlights of a television"),
    Band(600.0, (240, 88, 16), "600", "highlights up to a 1000 nit master"),
    Band(1000.0, (208, 0, 32), "1000", "over 1000 nit"),
    Band(2000.0, (236, 48, 216), "2000", "over 2000 nit"),
    Band(4000.0, (255, 255, 255), "4000", "over 4000 nit"),
)
"""In order; each reaches to where the next begins, the last without end."""


def band_of(light: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Place in `BANDS` of light in nits: any shape, float. NaN and what is below 0 are in the first band."""
    edges = np.array([band.nits for band in BANDS[1:]], np.float32)
    values = np.nan_to_num(np.asarray(light, np.float32), nan=0.0, posinf=1e9)
    return np.asarray(np.searchsorted(edges, values, side="right"), np.intp)


def false_colour(nits: npt.NDArray[np.floating], *, relief: float = 0.16) -> npt.NDArray[np.uint8]:
    """The picture (H, W, 3) uint8 in sRGB: the band of max(R, G, B) of every pixel.

    nits: (H, W, 3) float, linear light in cd/m², in the primaries of its encoding; NaN is black.
    relief: how much colours swing within a band, so that shapes stay to be seen: once every 24 units of
    PU21, by this share, 0..1. 0 gives the colours of the table alone. Raises InputError for another shape.
    """
    if nits.ndim != 3 or nits.shape[2] != 3:
        raise InputError(f"false colour: a picture of shape {nits.shape}; (H, W, 3) is needed")
    with np.errstate(invalid="ignore"):
        top = np.nan_to_num(nits.max(axis=2).astype(np.float32), nan=0.0, posinf=1e9)
    colours = np.array([band.colour for band in BANDS], np.float32)
    out = colours[band_of(top)]
    if relief:
        wave = np.asarray(pu21.encode(top), np.float32) % np.float32(24) / np.float32(24) - np.float32(0.5)
        out *= 1 + np.float32(relief) * wave[..., None]
    codes: npt.NDArray[np.uint8] = np.clip(np.rint(out), 0, 255).astype(np.uint8)
    return codes
