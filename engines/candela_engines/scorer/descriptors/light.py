"""Levels, contrast and their distribution, on the points."""

from __future__ import annotations

import math

import numpy as np

from candela_engines.scorer.descriptors._specs import Measured, Spec
from candela_engines.scorer.frames import GradeFrame
from candela_engines.scorer.planes import Plane, pu_of
from candela_engines.scorer.sampling import halved
from candela_engines.scorer.statistics import mean, safe_log, share

__all__ = ["GROUP", "SPECS", "measure"]

GROUP = "light"
_PERCENTS = (1, 2, 5, 10, 25, 50, 75, 90, 95, 98, 99)
_FLOOR = 0.005  # nit: the least light PU21 knows

SPECS = (
    Spec("peak", "log10 nit", "99.99th percentile of Y, as robust MaxCLL (Smith & Zink, 2021)"),
    Spec("peak_rgb", "log10 nit", "99.99th percentile of max(R, G, B) of single pixels, CTA-861.3 annex P"),
    Spec("mean", "log10 nit", "mean Y"),
    Spec("fall", "log10 nit", "frame mean of max(R, G, B), CTA-861.3 annex P"),
    Spec("log_average", "log10 nit", "mean of log10 Y: the key of a picture (Reinhard et al., 2002)"),
    *(Spec(f"p{p}", "log10 nit", f"{p}th percentile of Y") for p in _PERCENTS),
    Spec("over_203", "share", "Y above reference white, BT.2408", compared=False),
    Spec("over_500", "share", "Y above 500 nit", compared=False),
    Spec("mid_contrast", "PU21", "PU21 of the 75th less that of the 25th percentile of Y"),
    Spec("range", "log10", "90th over 10th percentile of Y"),
    Spec("spread", "PU21", "standard deviation of PU21(Y)"),
    Spec("skew", "1", "third standardised moment of PU21(Y)"),
    Spec("shadow_spread", "PU21", "standard deviation of PU21(Y) in the darkest tenth"),
    Spec("top_spread", "PU21", "PU21 of the peak less that of the 98th percentile"),
    Spec("local_fine", "PU21", "mean detail of the points between 1 and 2 of them"),
    Spec("local_coarse", "PU21", "mean detail of the points between 8 and 16 of them"),
)


def measure(frame: GradeFrame) -> Measured:
    """Values of SPECS."""
    y, v, ranked = frame.y, frame.v, frame.ranked_y
    peak = _top(y)
    out: Measured = {
        "peak": safe_log(peak, _FLOOR),
        "peak_rgb": safe_log(_top(frame.point_max), _FLOOR),
        "mean": safe_log(mean(y), _FLOOR),
        "fall": safe_log(mean(frame.point_max), _FLOOR),
        "log_average": mean(frame.log_y),
        "over_203": share(y > np.float32(203)),
        "over_500": share(y > np.float32(500)),
    }
    levels = {p: ranked.at(p) for p in _PERCENTS}
    out |= {f"p{p}": safe_log(levels[p], _FLOOR) for p in _PERCENTS}
    pu = {p: _pu(levels[p]) for p in (25, 75, 98)}
    out["mid_contrast"] = pu[75] - pu[25]
    out["range"] = out["p90"] - out["p10"]
    out["top_spread"] = _pu(peak) - pu[98]
    spread = float(v.std(dtype=np.float64)) if v.size else math.nan
    out["spread"] = spread
    out["skew"] = math.nan
    if spread > 0.5:
        normal = (v - v.mean()) * np.float32(1 / spread)
        out["skew"] = float((normal * normal * normal).mean())
    dark = v[y <= np.float32(levels[10])]
    out["shadow_spread"] = float(dark.std()) if dark.size >= 32 else math.nan
    out["local_fine"], out["local_coarse"] = _local(frame)
    return out


def _top(values: Plane) -> float:
    flat = values.reshape(-1)
    place = flat.size - 1 - flat.size // 10000
    return float(np.partition(flat, place)[place])


def _pu(nits: float) -> float:
    return math.nan if math.isnan(nits) else float(pu_of(np.array([nits], np.float32))[0])


def _local(frame: GradeFrame) -> tuple[float, float]:
    """Mean absolute difference of a 2x2 mean and its parts, at the points' size and at an eighth of it."""
    plane, found = frame.v, [math.nan, math.nan]
    for level in range(4):
        if min(plane.shape) < 16:
            break
        small = halved(plane)
        if level in (0, 3):
            h, w = small.shape
            found[level // 3] = float(np.abs(plane[: 2 * h : 2, : 2 * w : 2] - small).mean())
        plane = small
    return found[0], found[1]
