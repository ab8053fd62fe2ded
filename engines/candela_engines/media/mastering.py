"""The mastering display (SMPTE ST 2086) and the light of a programme (CTA-861.3), in the units of every tag.

Chromaticities are written in units of 0.00002, the display's luminances in 0.0001 nit, MaxCLL and MaxFALL in
whole nits (ISO/IEC 23008-2 D.2.28 and D.2.35; ISO/IEC 23001-17 and 14496-12 take over the same numbers). AV1
has fixed point instead: 0.16 bits for chromaticities, 24.8 and 18.14 for luminances (AV1 6.7.3, 6.7.4).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from candela_engines.colour.gamuts import GAMUTS
from candela_engines.colour.state import Primaries
from candela_engines.errors import InputError
from candela_engines.media.tags_cicp import chromaticities_name

__all__ = ["ContentLight", "DeclaredDisplay", "MasteringDisplay"]

_XY_STEPS = 50_000
_NIT_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class MasteringDisplay:
    """The display that a grade was judged on. primaries: p3d65 or bt2020, both with a D65 white.

    min_nits, max_nits: its black and its peak. Raises InputError for primaries that no HDR display is
    described by, or luminances that are not 0 <= min < max <= 10000.
    """

    max_nits: float
    min_nits: float = 0.0001
    primaries: Primaries = "p3d65"

    def __post_init__(self) -> None:
        """Refuse what cannot be a display."""
        if self.primaries not in ("p3d65", "bt2020"):
            raise InputError(f"mastering display of {self.primaries} primaries: p3d65 or bt2020 is needed")
        if not 0.0 <= self.min_nits < self.max_nits <= 10_000.0:
            raise InputError(
                f"mastering display of {self.min_nits:g} to {self.max_nits:g} nit: "
                "0 <= black < peak <= 10000 is needed"
            )

    def _points(self, order: str) -> list[int]:
        gamut = GAMUTS[self.primaries]
        points = {"R": gamut.red, "G": gamut.green, "B": gamut.blue}
        numbers = [value for name in order for value in points[name]] + list(gamut.white)
        return [round(value * _XY_STEPS) for value in numbers]

    def _luminances(self) -> tuple[int, int]:
        return round(self.max_nits * _NIT_STEPS), round(self.min_nits * _NIT_STEPS)

    def to_box(self) -> bytes:
        """The 24 bytes of an `mdcv` box: green, blue, red, white, peak, black."""
        return struct.pack(">8H2I", *self._points("GBR"), *self._luminances())

    @classmethod
    def from_box(cls, data: bytes) -> MasteringDisplay:
        """The display of an `mdcv` box's 24 bytes. InputError for another length or unknown primaries."""
        if len(data) != 24:
            raise InputError(f"a mastering display of {len(data)} bytes where 24 are needed")
        *points, high, low = struct.unpack(">8H2I", data)
        xy = tuple(value / _XY_STEPS for value in (*points[4:6], *points[:4], *points[6:]))
        name = chromaticities_name(xy)
        if name is None:
            raise InputError(f"a mastering display with chromaticities {xy} has no name here")
        return cls(high / _NIT_STEPS, low / _NIT_STEPS, name)

    def to_x265(self) -> str:
        """As x265's `master-display` takes it, in units."""
        g, b, r, w = (f"({x},{y})" for x, y in zip(*[iter(self._points("GBR"))] * 2, strict=True))
        high, low = self._luminances()
        return f"G{g}B{b}R{r}WP{w}L({high},{low})"

    def to_svtav1(self) -> str:
        """As SVT-AV1's `mastering-display` takes it, in x, y and nits."""
        gamut = GAMUTS[self.primaries]
        g, b, r, w = (f"({x:g},{y:g})" for x, y in (gamut.green, gamut.blue, gamut.red, gamut.white))
        return f"G{g}B{b}R{r}WP{w}L({self.max_nits:.4f},{self.min_nits:.4f})"


@dataclass(frozen=True, slots=True)
class DeclaredDisplay:
    """A mastering display as a file describes it, whatever that is: CIE x, y of red, green, blue and white,
    and luminances in nits. None for the half that the file leaves out.
    """

    red: tuple[float, float] | None
    green: tuple[float, float] | None
    blue: tuple[float, float] | None
    white: tuple[float, float] | None
    min_nits: float | None
    max_nits: float | None


@dataclass(frozen=True, slots=True)
class ContentLight:
    """MaxCLL and MaxFALL in nits, both measured. Raises InputError outside 0 < MaxFALL <= MaxCLL <= 65535.

    Tags have whole nits, and 0 stands for "not known": measured light below half a nit is written as 1.
    """

    max_cll: float
    max_fall: float

    def __post_init__(self) -> None:
        """Refuse what was not measured."""
        if not 0.0 < self.max_fall <= self.max_cll <= 65_535.0 or not math.isfinite(self.max_cll):
            raise InputError(
                f"MaxCLL {self.max_cll:g} and MaxFALL {self.max_fall:g} nit: "
                "0 < MaxFALL <= MaxCLL <= 65535 is needed"
            )

    @classmethod
    def of(cls, max_cll: float | None, max_fall: float | None) -> ContentLight | None:
        """The pair, or None where neither is known; 0 is not known. InputError where only one is."""
        if not max_cll and not max_fall:
            return None
        if not max_cll or not max_fall:
            raise InputError(f"MaxCLL {max_cll} and MaxFALL {max_fall}: measure both, or give neither")
        return cls(float(max_cll), float(max_fall))

    @property
    def whole(self) -> tuple[int, int]:
        """Whole nits, at least 1."""
        return max(1, round(self.max_cll)), max(1, round(self.max_fall))

    def to_box(self) -> bytes:
        """The 4 bytes of a `clli` box."""
        return struct.pack(">HH", *self.whole)
