"""The colour state of an image: a value that travels with the pixels, never a habit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["ColourState", "Primaries", "Range", "Transfer"]

Primaries = Literal["bt709", "p3d65", "bt2020", "ap0", "ap1"]
Transfer = Literal["bt1886", "srgb", "gamma22", "gamma24", "gamma26", "pq", "hlg", "linear"]
Range = Literal["full", "narrow"]


@dataclass(frozen=True, slots=True)
class ColourState:
    """What the numbers of an image mean.

    primaries: the gamut of R, G and B. transfer: how a code becomes light. range: full or narrow codes.
    peak_nits: the luminance of code 1.0 for a display-referred relative transfer (BT.1886, sRGB, gammas),
    the nominal display peak L_W for HLG, the mastering peak for PQ; for `linear`, the luminance of 1.0
    is `unit_nits`. reference_white_nits: the luminance of graphics white.
    ocio_space and ocio_config: set when the state was named through OCIO; the other fields then describe
    the interchange form that the pixels were brought to.
    """

    primaries: Primaries
    transfer: Transfer
    range: Range = "full"
    peak_nits: float = 100.0
    reference_white_nits: float = 100.0
    unit_nits: float = 1.0
    ocio_space: str | None = None
    ocio_config: str | None = None
