"""Known levels through an engine: what becomes of graphics white, of a grey card, of skin.

An SDR grade puts graphics white on code 1.0 and, with BT.1886, a diffuse reflectance of r on r^(1/2.4). Skin
is that of the two skin patches of the 24-patch colour chart, by its published sRGB values under D65. These
are levels that a viewer notices first where an up-conversion moves them: logos that glare, faces that glow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from candela_engines.colour import bt1886, srgb
from candela_engines.colour.gamuts import luminance
from candela_engines.colour.names import NAMED
from candela_engines.upconvert.engine import Engine

__all__ = ["PATCHES", "Level", "chart_levels"]

# sRGB codes of 8 bits; grey by its reflectance.
_SKIN = {"dark skin": (115, 82, 68), "light skin": (194, 150, 130)}
_GREY = 0.18
PATCHES = ("graphics white", "light skin", "grey card", "dark skin", "black")
"""In the order of `chart_levels`."""


@dataclass(frozen=True, slots=True)
class Level:
    """patch: which. sdr_nits: luminance on a display of 100 nit. hdr_nits: what the engine makes of it."""

    patch: str
    sdr_nits: float
    hdr_nits: float


def chart_levels(engine: Engine) -> tuple[Level, ...]:
    """The levels of an engine for BT.709 with BT.1886, luminances in nits (cd/m²)."""
    light = {
        "graphics white": np.ones(3),
        "grey card": np.full(3, _GREY),
        "black": np.zeros(3),
        **{name: srgb.eotf(np.array(rgb) / 255) for name, rgb in _SKIN.items()},
    }
    rgb = np.stack([light[name] for name in PATCHES])
    codes = np.asarray(bt1886.inverse_eotf(rgb * 100.0, white_nits=100.0), np.float32)
    before = luminance(rgb * 100.0, "bt709")
    after = luminance(engine.light(codes[None], 32, NAMED["rec709"])[0])
    return tuple(
        Level(name, float(sdr), float(hdr)) for name, sdr, hdr in zip(PATCHES, before, after, strict=True)
    )
