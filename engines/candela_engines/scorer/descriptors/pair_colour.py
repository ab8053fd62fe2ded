"""Colour of the grade against its SDR reference, pixel on pixel, in units of ΔE_ITP and degrees of hue."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.descriptors._specs import Measured, Spec
from candela_engines.scorer.descriptors.skin import skin_mask
from candela_engines.scorer.planes import Plane
from candela_engines.scorer.relation import Relation
from candela_engines.scorer.statistics import mad, mean, median, quantile

__all__ = ["GROUP", "HUES", "SPECS", "measure"]

GROUP = "pair.colour"
HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")
"""Sectors of 60° of atan2(P, T), each around the hue of that BT.709 primary or mixture (`_CENTRES`)."""
_CENTRES = (
    100.8,
    163.0,
    200.0,
    267.9,
    311.3,
    44.8,
)  # of codes of 60 % placed at 203 nit; a test computes them
_ZONES = ("low", "mid", "high")

SPECS = (
    Spec("neutral_t", "ΔE_ITP", "median difference of T where the SDR is near neutral"),
    Spec("neutral_p", "ΔE_ITP", "median difference of P there"),
    *(
        Spec(f"{axis}_{zone}", "ΔE_ITP", f"median difference of {axis.upper()}, {zone} part of the SDR")
        for zone in _ZONES
        for axis in ("t", "p")
    ),
    Spec("hue_turn", "degree", "rotation that fits the chroma plane best, after the offset is taken off"),
    Spec("hue_median", "degree", "median difference of hue, of coloured pixels"),
    Spec("hue_spread", "degree", "median absolute difference of hue"),
    *(
        Spec(f"hue_{name}", "degree", f"median difference of hue, {name} of the SDR", math.nan)
        for name in HUES
    ),
    Spec("chroma_gain", "ln", "scale of the chroma plane that fits best, after the offset"),
    Spec("chroma_ratio", "ln", "median chroma of coloured pixels over that of the SDR"),
    *(Spec(f"chroma_{zone}", "ln", f"the same, {zone} part of the SDR") for zone in _ZONES),
    Spec("chroma_deep", "ln", "the same where the SDR's chroma is in its highest tenth"),
    Spec("chroma_pale", "ln", "the same from its 30th to its 60th percentile"),
    Spec("chroma_residual", "ΔE_ITP", "mean distance from turn, gain and offset"),
    Spec("red_green", "log2", "median of (R/G of the grade) / (R/G of the SDR), mid tones"),
    Spec("blue_green", "log2", "median of (B/G of the grade) / (B/G of the SDR), mid tones"),
    Spec("red_green_spread", "log2", "its median absolute deviation"),
    Spec("blue_green_spread", "log2", "its median absolute deviation"),
    Spec("skin_hue", "degree", "median difference of hue where the SDR is skin-like", math.nan),
    Spec("skin_stops", "log2", "median ratio of Y there", math.nan),
    Spec("skin_chroma", "ln", "median ratio of chroma there", math.nan),
)
_LEAST = 64


def measure(relation: Relation) -> Measured:
    """Values of SPECS."""
    grade, sdr = relation.grade, relation.sdr
    out: Measured = {spec.name: math.nan for spec in SPECS}
    if relation.curve is None:
        return out
    lit = sdr.y > np.float32(1)
    if np.count_nonzero(lit) < 4 * _LEAST:
        return out
    dt, dp = grade.itp[1] - sdr.itp[1], grade.itp[2] - sdr.itp[2]
    chroma = sdr.chroma
    pale, some, deep, deepest = (np.float32(quantile(chroma[lit], q)) for q in (30, 40, 60, 90))
    neutral = lit & (chroma <= pale)
    out["neutral_t"], out["neutral_p"] = median(dt[neutral]), median(dp[neutral])
    for name, mask in zip(_ZONES, relation.zones, strict=True):
        out[f"t_{name}"], out[f"p_{name}"] = median(dt[mask]), median(dp[mask])
    out |= _similarity(relation, lit, out["neutral_t"], out["neutral_p"])
    # A difference of hue means something where there is colour on both sides.
    coloured = lit & (chroma >= deep) & (chroma > np.float32(4)) & (grade.chroma > np.float32(2))
    out |= _hues(relation, coloured)
    out["chroma_ratio"] = _ratio(grade.chroma, chroma, lit & (chroma >= deep))
    for name, mask in zip(_ZONES, relation.zones, strict=True):
        out[f"chroma_{name}"] = _ratio(grade.chroma, chroma, mask & (chroma >= some))
    out["chroma_deep"] = _ratio(grade.chroma, chroma, lit & (chroma >= deepest))
    out["chroma_pale"] = _ratio(grade.chroma, chroma, lit & (chroma >= pale) & (chroma <= deep))
    return out | _channels(relation) | _skin(relation)


def _ratio(a: Plane, b: Plane, mask: NDArray[np.bool_]) -> float:
    if np.count_nonzero(mask) < _LEAST:
        return math.nan
    return math.log((median(a[mask]) + 0.2) / (median(b[mask]) + 0.2))


def _similarity(relation: Relation, lit: NDArray[np.bool_], offset_t: float, offset_p: float) -> Measured:
    """Turn and gain of the chroma plane by least squares, the offset of neutrals taken off first.

    As complex numbers c: Σ conj(c_sdr)·(c_grade − offset) / Σ |c_sdr|².
    """
    _, st, sp = (plane[lit] for plane in relation.sdr.itp)
    _, gt, gp = (plane[lit] for plane in relation.grade.itp)
    gt, gp = gt - np.float32(offset_t), gp - np.float32(offset_p)
    power = float(st @ st + sp @ sp) / st.size
    if power < 4.0:  # 2 ΔE_ITP: a grey picture
        return {"hue_turn": math.nan, "chroma_gain": math.nan, "chroma_residual": math.nan}
    along, across = float(st @ gt + sp @ gp) / st.size, float(st @ gp - sp @ gt) / st.size
    real, imaginary = np.float32(along / power), np.float32(across / power)
    left = np.hypot(gt - (real * st - imaginary * sp), gp - (imaginary * st + real * sp))
    size = math.hypot(along, across) / power
    return {
        "hue_turn": math.degrees(math.atan2(across, along)) if size > 0.05 else math.nan,
        "chroma_gain": math.log(size + 1e-2),
        "chroma_residual": mean(left),
    }


def _hues(relation: Relation, coloured: NDArray[np.bool_]) -> Measured:
    out: Measured = {}
    if np.count_nonzero(coloured) < _LEAST:
        return out
    _, st, sp = (plane[coloured] for plane in relation.sdr.itp)
    _, gt, gp = (plane[coloured] for plane in relation.grade.itp)
    turn = np.degrees(np.arctan2(st * gp - sp * gt, st * gt + sp * gp))
    out["hue_median"], out["hue_spread"] = median(turn), median(np.abs(turn))
    hue = np.degrees(np.arctan2(sp, st)) % np.float32(360)
    for name, centre in zip(HUES, _CENTRES, strict=True):
        away = np.abs(hue - np.float32(centre))
        near = np.minimum(away, 360 - away) < np.float32(30)
        out[f"hue_{name}"] = median(turn[near]) if np.count_nonzero(near) >= _LEAST else math.nan
    return out


def _channels(relation: Relation) -> Measured:
    mask = relation.zones[1] & (relation.sdr.y > np.float32(1))
    out: Measured = {}
    if np.count_nonzero(mask) < _LEAST:
        return out
    # 0.02 nit: where a channel is hardly lit, a ratio of two roundings is no balance.
    small = np.float32(0.02)
    ratios = [
        np.log2(np.maximum(g[mask], 0) + small) - np.log2(np.maximum(s[mask], 0) + small)
        for g, s in zip(relation.grade.rgb, relation.sdr.rgb, strict=True)
    ]
    red, blue = ratios[0] - ratios[1], ratios[2] - ratios[1]
    out["red_green"], out["red_green_spread"] = median(red), mad(red)
    out["blue_green"], out["blue_green_spread"] = median(blue), mad(blue)
    return out


def _skin(relation: Relation) -> Measured:
    mask = skin_mask(relation.sdr)
    if np.count_nonzero(mask) < max(_LEAST, 0.002 * mask.size):
        return {}
    grade, sdr = relation.grade, relation.sdr
    _, st, sp = (plane[mask] for plane in sdr.itp)
    _, gt, gp = (plane[mask] for plane in grade.itp)
    turn = np.degrees(np.arctan2(st * gp - sp * gt, st * gt + sp * gp))
    stops = (grade.log_y[mask] - sdr.log_y[mask]) * np.float32(math.log2(10))
    return {
        "skin_hue": median(turn),
        "skin_stops": median(stops),
        "skin_chroma": math.log((median(grade.chroma[mask]) + 0.2) / (median(sdr.chroma[mask]) + 0.2)),
    }
