"""The tone curve from the SDR reference to the grade, and what happens at its ends."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from candela_engines.scorer.descriptors._specs import Measured, Spec
from candela_engines.scorer.descriptors.limits import peak_nits
from candela_engines.scorer.planes import Plane, largest, pq_of, pu_of
from candela_engines.scorer.relation import Relation
from candela_engines.scorer.sampling import halved
from candela_engines.scorer.statistics import Ranked, mad, mean, median, quantile, share

__all__ = ["GROUP", "SPECS", "measure"]

GROUP = "pair.tone"
_PERCENTS = (2.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 98.0, 99.5)
_SPANS = {"shadow": (0, 2), "low": (2, 3), "mid": (3, 5), "high": (5, 7), "top": (7, 9)}
# Parts of the reference's own scale, PU21: 0.1 to 1, 1 to 10, 10 to 50 and 50 to 203 nit, white at 203.
_NITS = (0.1, 1.0, 10.0, 50.0, 195.0)

SPECS = (
    *(
        Spec(f"offset_{p:g}", "PU21", f"curve less identity, {p:g}th percentile of the SDR")
        for p in _PERCENTS
    ),
    *(Spec(f"slope_{name}", "ln", f"slope of the curve, {name} part, by percentiles") for name in _SPANS),
    *(
        Spec(f"exponent_{a:g}", "1", f"d log Y / d log Y of the curve, SDR from {a:g} to {b:g} nit")
        for a, b in pairwise(_NITS)
    ),
    Spec("exponent_fall", "1", "exponent of 50 nit up less that of 10 to 50 nit: highlights that roll off"),
    Spec("not_monotone", "PU21", "mean fall of the fitted curve below its running maximum"),
    Spec("residual", "PU21", "median absolute deviation of the grade from the curve"),
    Spec("residual_95", "PU21", "95th percentile of the absolute residual"),
    Spec("residual_low", "PU21", "its deviation in the shadows of the SDR"),
    Spec("residual_mid", "PU21", "its deviation in the mid tones"),
    Spec("residual_high", "PU21", "its deviation in the highlights"),
    Spec("residual_broad", "PU21", "its deviation after averaging over 32 points a side: local grading"),
    Spec("residual_skew", "1", "its 95th less its 5th percentile's distances from the median, over both"),
    Spec("stops", "log2", "median of log2 Y of the grade over that of the SDR, from 1 nit up"),
    Spec("stops_spread", "log2", "its median absolute deviation"),
    Spec("sdr_spread_at_peak", "PU21", "deviation of the SDR where the grade is at 98.5 % of its peak"),
    Spec("sdr_range_at_peak", "PU21", "5th to 95th percentile of the SDR there: detail that the grade lost"),
    Spec("sdr_spread_at_floor", "PU21", "deviation of the SDR where the grade is at its floor"),
    Spec("sdr_range_at_floor", "PU21", "5th to 95th percentile of the SDR there"),
    Spec("floor_share", "share", "grade within half a PU21 unit of its floor, SDR above its own by 2"),
    Spec("floor_at_sdr_black", "PU21", "the grade where the SDR is darkest, 0.3th percentile, less the SDR"),
    Spec("top_at_sdr_white", "PU21", "the grade where the SDR is brightest, 99.7th percentile, less the SDR"),
    Spec("floor_reach", "PU21", "SDR where the curve leaves the floor by a unit, less SDR black"),
    Spec("top_reach", "PU21", "SDR white less the SDR where the curve comes within a unit of its top"),
    Spec("clip_lost", "share", "points at 98.5 % of the peak or more where the SDR still changes"),
    Spec("crush_lost", "share", "points within half a unit of the floor where the SDR still changes"),
    Spec("match", "1", "correlation of the grade with the mapped reference: another shot is near 0", 1.0),
    Spec("code_pq", "1", "90th percentile of |PQ code of the grade − SDR code|: a wrong tag is near 0", 1.0),
)


def measure(relation: Relation) -> Measured:
    """Values of SPECS."""
    grade, sdr, curve = relation.grade, relation.sdr, relation.curve
    out: Measured = {spec.name: math.nan for spec in SPECS}
    if curve is not None:
        x, y = curve.at_share(_PERCENTS)
        out |= {f"offset_{p:g}": float(b - a) for p, a, b in zip(_PERCENTS, x, y, strict=True)}
        for name, (i, j) in _SPANS.items():
            out[f"slope_{name}"] = math.log((y[j] - y[i] + 2) / (x[j] - x[i] + 2))
        out["not_monotone"] = float(np.mean(curve.values - curve.raw))
        out["match"] = _correlation(grade.v, relation.mapped)
    out |= _exponents(relation) | _residual(relation) | _stops(relation)
    out |= _ends(relation)
    code = np.power(np.maximum(sdr.y, np.float32(0)) * np.float32(1 / 203), np.float32(1 / 2.4))
    if curve is not None:
        out["code_pq"] = quantile(np.abs(pq_of(grade.y) - code), 90)
    return out


def _correlation(a: Plane, b: Plane) -> float:
    a, b = a.reshape(-1)[::3], b.reshape(-1)[::3]
    a, b = a - a.mean(), b - b.mean()
    power = float(a @ a) * float(b @ b)
    return float(a @ b) / math.sqrt(power) if power > 1e-3 * a.size else math.nan


def _exponents(relation: Relation) -> Measured:
    """Slopes in logarithms of light, between medians around fixed levels of the reference."""
    sdr, grade = relation.sdr, relation.grade
    out: Measured = {}
    levels = []
    low = [float(pu_of(np.array([n], np.float32))[0]) for n in _NITS]
    for v in low:
        # A window of a third of a stop and of 4 PU21 units at least.
        window = np.abs(sdr.v - np.float32(v)) < np.float32(max(4.0, 0.05 * v))
        if np.count_nonzero(window) < 64:
            levels.append((math.nan, math.nan))
        else:
            levels.append((mean(sdr.log_y[window]), median(grade.log_y[window])))
    for a, ((x0, y0), (x1, y1)) in zip(_NITS, pairwise(levels), strict=False):
        rise = x1 - x0
        out[f"exponent_{a:g}"] = (y1 - y0) / rise if rise > 0.1 else math.nan
    out["exponent_fall"] = out["exponent_50"] - out["exponent_10"]
    return out


def _residual(relation: Relation) -> Measured:
    residual = relation.residual
    ranked = Ranked(residual)
    low, middle, high = ranked.at(5), ranked.at(50), ranked.at(95)
    out: Measured = {
        "residual": mad(residual),
        "residual_95": quantile(np.abs(residual), 95),
        "residual_skew": (high - 2 * middle + low) / (high - low + 0.5),
    }
    for name, mask in zip(("low", "mid", "high"), relation.zones, strict=True):
        out[f"residual_{name}"] = mad(residual[mask])
    broad = residual
    for _ in range(5):
        if min(broad.shape) < 4:
            break
        broad = halved(broad)
    out["residual_broad"] = float(broad.std()) if broad.size >= 8 else math.nan
    return out


def _stops(relation: Relation) -> Measured:
    lit = (relation.sdr.y > np.float32(1)) & (relation.sdr.y < np.float32(195))
    ratio = (relation.grade.log_y[lit] - relation.sdr.log_y[lit]) * np.float32(math.log2(10))
    return {"stops": median(ratio), "stops_spread": mad(ratio)}


def _ends(relation: Relation) -> Measured:
    grade, sdr = relation.grade, relation.sdr
    out: Measured = {}
    peak = peak_nits(grade)
    sdr_v = pu_of(sdr.point_y)
    top = grade.point_max >= np.float32(0.985 * peak)
    out["sdr_spread_at_peak"], out["sdr_range_at_peak"] = _spread(pu_of(largest(sdr.points))[top])
    v = pu_of(grade.point_y)
    floor = float(np.partition(v, v.size // 500)[v.size // 500])
    bottom = v <= np.float32(floor + 0.5)
    out["sdr_spread_at_floor"], out["sdr_range_at_floor"] = _spread(sdr_v[bottom])
    out["clip_lost"], out["crush_lost"] = _lost(relation, peak, floor)
    out["floor_reach"], out["top_reach"] = _reach(relation)
    sdr_floor = float(np.partition(sdr_v, v.size // 500)[v.size // 500])
    out["floor_share"] = share(bottom & (sdr_v > np.float32(sdr_floor + 2)))
    for name, percent, above in (("floor_at_sdr_black", 0.3, False), ("top_at_sdr_white", 99.7, True)):
        edge = np.float32(quantile(sdr.v, percent))
        chosen = sdr.v >= edge if above else sdr.v <= edge
        out[name] = mean(grade.v[chosen]) - mean(sdr.v[chosen])
    return out


def _reach(relation: Relation) -> tuple[float, float]:
    """How far into the reference's scale the curve lies level, from below and from above."""
    curve = relation.curve
    if curve is None:
        return math.nan, math.nan
    (first, last), ends = curve.at_share((0.2, 99.8))
    x = np.linspace(first, last, 256, dtype=np.float32)
    y = curve.apply(x)
    leaves = x[min(int(np.argmax(y > np.float32(ends[0] + 1))), 255)] if y[-1] > ends[0] + 1 else last
    comes = x[int(np.argmax(y > np.float32(ends[1] - 1)))]
    return float(leaves - first), float(last - comes)


def _lost(relation: Relation, peak: float, floor: float) -> tuple[float, float]:
    """Shares of the points that lie at an end of the grade while the reference changes by 0.3 PU21 a
    pixel."""
    v, sdr = relation.grade.v, relation.sdr.v
    if min(v.shape) < 3:
        return math.nan, math.nan
    change = np.abs(sdr[1:, 1:] - sdr[:-1, 1:])
    change += np.abs(sdr[1:, 1:] - sdr[1:, :-1])
    changes = change > np.float32(0.6)
    top = largest(relation.grade.rgb)[1:, 1:] >= np.float32(0.985 * peak)
    bottom = v[1:, 1:] <= np.float32(floor + 0.5)
    return share(top & changes), share(bottom & changes)


def _spread(values: Plane) -> tuple[float, float]:
    if values.size < 32:
        return math.nan, math.nan
    ranked = Ranked(values)
    return float(values.std()), ranked.at(95) - ranked.at(5)
