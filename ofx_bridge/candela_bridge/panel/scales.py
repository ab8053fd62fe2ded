"""The scales of the scopes: PQ for light, CIE 1931 for colour. Pure numbers, for whoever draws."""

from __future__ import annotations

from typing import Dict, Sequence, Tuple

__all__ = [
    "GAMUTS",
    "LOCUS",
    "NIT_TICKS",
    "UV_HIGH",
    "WHITE",
    "XY_HIGH",
    "nit_label",
    "pq_of",
    "share_label",
    "uv_of",
    "xy_place",
]

Point = Tuple[float, float]
# SMPTE ST 2084, as printed.
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32

NIT_TICKS: Sequence[float] = (0.1, 1.0, 10.0, 26.0, 100.0, 203.0, 400.0, 1000.0, 2000.0, 4000.0, 10000.0)
"""Levels that graders speak of: 26 the grey card, 100 SDR's peak, 203 graphics white (ITU-R BT.2408)."""

GAMUTS: Dict[str, "Tuple[Point, Point, Point]"] = {
    "709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    "P3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    "2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
}
"""Red, green and blue in CIE 1931 xy: BT.709-6, SMPTE EG 432-1, BT.2020-2."""
WHITE: Point = (0.3127, 0.3290)
XY_HIGH: Point = (0.8, 0.9)
UV_HIGH: Point = (0.65, 0.62)
"""What plots of CIE 1931 and 1976 reach to."""

LOCUS: Sequence[Point] = (
    (0.1741, 0.0050), (0.1714, 0.0051), (0.1644, 0.0109), (0.1566, 0.0177), (0.1440, 0.0297),
    (0.1241, 0.0578), (0.1096, 0.0868), (0.0913, 0.1327), (0.0687, 0.2007), (0.0454, 0.2950),
    (0.0235, 0.4127), (0.0082, 0.5384), (0.0039, 0.6548), (0.0139, 0.7502), (0.0389, 0.8120),
    (0.0743, 0.8338), (0.1142, 0.8262), (0.1547, 0.8059), (0.1929, 0.7816), (0.2296, 0.7543),
    (0.2658, 0.7243), (0.3016, 0.6923), (0.3373, 0.6589), (0.3731, 0.6245), (0.4087, 0.5896),
    (0.4441, 0.5547), (0.4788, 0.5202), (0.5125, 0.4866), (0.5448, 0.4544), (0.5752, 0.4242),
    (0.6029, 0.3965), (0.6270, 0.3725), (0.6482, 0.3514), (0.6658, 0.3340), (0.6801, 0.3197),
    (0.6915, 0.3083), (0.7006, 0.2993), (0.7140, 0.2859), (0.7260, 0.2740), (0.7347, 0.2653),
)  # fmt: skip
"""Spectral colours of the CIE 1931 2° observer, 380 to 700 nm."""


def pq_of(nits: float) -> float:
    """PQ signal 0..1 of light in cd/m² (SMPTE ST 2084, inverse EOTF); outside of 0..10000 the nearest."""
    y = (min(max(nits, 0.0), 10000.0) / 10000.0) ** _M1
    return float(((_C1 + _C2 * y) / (1.0 + _C3 * y)) ** _M2)


def nit_label(nits: float) -> str:
    """As short as it can be said."""
    if nits >= 1000 and nits % 1000 == 0:
        return f"{nits / 1000:g}k"
    return f"{nits:g}"


def uv_of(x: float, y: float) -> Point:
    """CIE 1976 u' and v' of CIE 1931 x and y: 4x/(−2x + 12y + 3) and 9y/(−2x + 12y + 3), CIE 015, 8.2.1."""
    under = -2 * x + 12 * y + 3
    return 4 * x / under, 9 * y / under


def xy_place(x: float, y: float, high: Point = XY_HIGH) -> Point:
    """Place of chromaticities in a plot that begins at 0, 0: shares of its width and height, from the upper
    left."""
    return x / high[0], 1.0 - y / high[1]


def share_label(share: float) -> str:
    """A share 0..1 in percent: what is there is never called 0 %."""
    if share <= 0:
        return "0 %"
    if share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"
