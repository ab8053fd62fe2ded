"""Colour of a picture as a whole, in units of ΔE_ITP, and how it lies in the gamuts."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.descriptors._specs import Measured, Spec
from candela_engines.scorer.frames import GradeFrame
from candela_engines.scorer.planes import BT2020_TO_709, BT2020_TO_P3, Planes, largest, mix, smallest
from candela_engines.scorer.statistics import mean, median, quantile, safe_log, share

__all__ = ["GROUP", "SECTORS", "SPECS", "measure", "zones"]

Mask = NDArray[np.bool_]

GROUP = "colour"
SECTORS = 12
_TOLERANCE = 0.003  # of the largest component: 8-bit codes on the edge of a gamut are off by so much

SPECS = (
    Spec("chroma", "ΔE_ITP", "mean √(T² + P²), BT.2124"),
    Spec("chroma_50", "ΔE_ITP", "median chroma"),
    Spec("chroma_95", "ΔE_ITP", "95th percentile of chroma"),
    Spec("tritan_low", "ΔE_ITP", "mean T where Y is in its lowest quarter"),
    Spec("protan_low", "ΔE_ITP", "mean P there"),
    Spec("tritan_mid", "ΔE_ITP", "mean T where Y is from its 25th to its 90th percentile"),
    Spec("protan_mid", "ΔE_ITP", "mean P there"),
    Spec("tritan_high", "ΔE_ITP", "mean T where Y is in its highest tenth"),
    Spec("protan_high", "ΔE_ITP", "mean P there"),
    Spec("red_green", "log2", "mean R over mean G of the mid tones"),
    Spec("blue_green", "log2", "mean B over mean G of the mid tones"),
    Spec("chroma_of_light", "1", "median chroma over I of the mid tones"),
    Spec("hull", "log10", "area of chroma, 98th percentile of each of 12 hues, ΔE_ITP²"),
    Spec("out_709", "share", "pixels outside BT.709, by more than 1 % of Y", compared=False),
    Spec("out_p3", "share", "pixels outside P3-D65, by more than 1 % of Y", compared=False),
    Spec("out_2020", "share", "pixels outside BT.2020, by more than 1 % of Y", compared=False),
    Spec("excess_709", "1", "99.9th percentile of −min(R, G, B)/max(R, G, B) in BT.709", compared=False),
    Spec("excess_p3", "1", "the same in P3-D65", compared=False),
    Spec("edge_709", "share", "coloured pixels on the edge of BT.709 within 0.3 %: a gamut clip piles up"),
    Spec("edge_p3", "share", "the same of P3-D65", compared=False),
    Spec("edge_2020", "share", "the same of BT.2020", compared=False),
    Spec("deep_709", "1", "0.1th percentile of min(R, G, B)/max(R, G, B) in BT.709: signed room to the edge"),
)


def zones(frame: GradeFrame) -> tuple[Mask, Mask, Mask]:
    """Masks (h, w) of shadows, mid tones and highlights: under p25, p25 to p90, above."""
    low, high = np.float32(frame.ranked_y.at(25)), np.float32(frame.ranked_y.at(90))
    return frame.y < low, (frame.y >= low) & (frame.y <= high), frame.y > high


def measure(frame: GradeFrame) -> Measured:
    """Values of SPECS."""
    intensity, tritan, protan = frame.itp
    chroma = frame.chroma
    out: Measured = {
        "chroma": mean(chroma),
        "chroma_50": median(chroma),
        "chroma_95": quantile(chroma, 95),
    }
    masks = zones(frame)
    for name, mask in zip(("low", "mid", "high"), masks, strict=True):
        out[f"tritan_{name}"], out[f"protan_{name}"] = mean(tritan[mask]), mean(protan[mask])
    mid = masks[1]
    red, green, blue = (mean(channel[mid]) for channel in frame.rgb)
    out["red_green"] = _log2(red, green)
    out["blue_green"] = _log2(blue, green)
    relative = chroma[mid] / np.maximum(intensity[mid], np.float32(20))
    out["chroma_of_light"] = median(np.asarray(relative, np.float32))
    out["hull"] = _hull(frame)
    return out | _gamut(frame)


def _log2(first: float, second: float) -> float:
    if math.isnan(first) or math.isnan(second):
        return math.nan
    return math.log2(max(first, 0.0) + 0.01) - math.log2(max(second, 0.0) + 0.01)


def _hull(frame: GradeFrame) -> float:
    _, tritan, protan = frame.itp
    lit = frame.y > np.float32(0.5)
    if np.count_nonzero(lit) < 256:
        return math.nan
    t, p, chroma = tritan[lit][::2], protan[lit][::2], frame.chroma[lit][::2]
    sector = ((np.arctan2(p, t) + np.float32(math.pi)) * np.float32(SECTORS / (2 * math.pi))).astype(np.int32)
    np.clip(sector, 0, SECTORS - 1, out=sector)
    # The 98th percentile within each sector, from one table of counts in bins of a unit.
    bins = np.minimum(chroma, np.float32(511)).astype(np.int32)
    counts = np.bincount(sector * 512 + bins, minlength=SECTORS * 512).reshape(SECTORS, 512)
    total = counts.sum(axis=1)
    reach = np.argmax(np.cumsum(counts, axis=1) >= 0.98 * total[:, None], axis=1) + 0.5
    reach = np.where(total >= max(16, 1e-4 * t.size), reach, 0.5)
    around = reach * np.roll(reach, -1) * math.sin(2 * math.pi / SECTORS) / 2
    return safe_log(float(around.sum()), 1.0)


def _gamut(frame: GradeFrame) -> Measured:
    out: Measured = {}
    # Darkness has no gamut: the least codes of a camera's noise are outside any.
    lit = frame.point_y > np.float32(0.2)
    enough = np.count_nonzero(lit) >= 64
    red, green, blue = (channel[lit] for channel in frame.points)
    points: Planes = (red, green, blue)
    y = frame.point_y[lit]
    coloured = 0
    for name, matrix in (("709", BT2020_TO_709), ("p3", BT2020_TO_P3), ("2020", None)):
        inside = points if matrix is None else _through(points, matrix)
        least, most = smallest(inside), largest(inside)
        room = np.asarray(least / np.maximum(most, np.float32(1e-3)), np.float32)
        out[f"out_{name}"] = share(least < y * np.float32(-0.01)) if enough else 0.0
        if name == "709":
            coloured = int(np.count_nonzero(room < np.float32(0.5)))
        edge = np.count_nonzero(np.abs(room) < np.float32(_TOLERANCE))
        out[f"edge_{name}"] = edge / coloured if coloured >= 64 else math.nan
        if name != "2020":
            excess = quantile(-room, 99.9) if enough else math.nan
            out[f"excess_{name}"] = max(excess, 0.0) if not math.isnan(excess) else math.nan
            if name == "709":
                out["deep_709"] = -excess
    return out


def _through(planes: Planes, matrix: NDArray[np.float64]) -> Planes:
    red, green, blue = (mix(planes, row) for row in matrix)
    return red, green, blue
