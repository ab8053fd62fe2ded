"""Light levels in HDR files: MaxCLL, MaxFALL (CTA-861.3) and the mastering display (SMPTE ST 2086)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from candela_engines.colour.gamuts import GAMUTS
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError

__all__ = ["LightLevels", "mastering_display"]


@dataclass(frozen=True, slots=True)
class LightLevels:
    """In nits; None for what is not known. Raises InputError for a luminance outside 0 to 65535 nit."""

    max_cll: float | None = None
    max_fall: float | None = None
    mastering_peak: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no tag can hold: MaxCLL and MaxFALL are 16-bit whole nits in most formats."""
        for name in ("max_cll", "max_fall", "mastering_peak"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value <= 65535.0:
                raise InputError(f"{name}={value}: a luminance from 0 to 65535 nit is needed")


def mastering_display(state: ColourState, peak_nits: float, order: str = "RGB") -> bytes:
    """The 24 bytes of ST 2086 that mDCV (order RGB) and the mdcv box (order GBR) share.

    Chromaticities in units of 0.00002, luminances in units of 0.0001 nit. The primaries of the encoding stand
    for those of the mastering display, which are not known here; the black is 0.
    """
    gamut = GAMUTS[state.primaries]
    points = {"R": gamut.red, "G": gamut.green, "B": gamut.blue}
    numbers = [value for name in order for value in points[name]] + list(gamut.white)
    packed = [max(0, round(value * 50_000)) for value in numbers]
    return struct.pack(">8H2I", *packed, round(peak_nits * 10_000), 0)
