"""A region that is graded otherwise than the rest of its picture: a window, a wrong track, a lamp that moved.

The whole picture says how the grade follows from the reference: the fitted tone curve, and for each of 16
levels the turn, gain and offset of colour. What a region differs from that by, averaged over a fortieth of
the width, is a difference of grading and not of texture.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.evidence import Evidence, Mask, smoothed
from candela_engines.scorer.planes import Plane
from candela_engines.scorer.reasons_table import kind_of
from candela_engines.scorer.relation import Relation

__all__ = ["Found", "departure", "local_grade"]

_LEVELS = 16
# A window fills the box around it. What an SDR operator does to one colour lies here and there: with this,
# 11 % of the masters of tuning sources are told to have a region, without it 36 %.
_LEAST_FILLED = 0.3
_SHARES = (0.004, 0.45)
# ΔE_ITP of a PU21 unit of luminance, 1 to 500 nit: 720 times the change of PQ, 1.2 to 1.5.
_ITP_A_UNIT = 1.35

Found = tuple[float, Mask, tuple[tuple[str, float, str], ...]]
"""How much, where, and the numbers that prove it: name, value, unit."""


def local_grade(evidence: Evidence) -> Found | None:
    """Median departure in the region (ΔE_ITP), the region, and its numbers; None where there is none."""
    relation = evidence.relation
    if relation is None or relation.curve is None or min(relation.grade.v.shape) < 32:
        return None
    light, tritan, protan = departure(relation)
    total = np.sqrt(light * light + tritan * tritan + protan * protan)
    usual = float(np.median(total))
    flags = total > max(kind_of("local_grade").least, 4 * usual)
    flags = smoothed(flags.astype(np.float32), max(1, flags.shape[1] // 60)) > 0.5
    share = float(flags.mean())
    if not _SHARES[0] <= share <= _SHARES[1] or _filled(flags) < _LEAST_FILLED:
        return None
    parts = [float(np.median(plane[flags])) for plane in (light, tritan, protan)]
    amount = float(np.median(total[flags]))
    # A fifth or more of it has to be of one sign: a mixture of opposite departures is texture.
    if math.hypot(*parts) < 0.5 * amount:
        return None
    proof = (
        ("departure", amount, "ΔE_ITP"),
        ("departure_of_the_rest", usual, "ΔE_ITP"),
        ("of_light", parts[0], "ΔE_ITP"),
        ("of_t", parts[1], "ΔE_ITP"),
        ("of_p", parts[2], "ΔE_ITP"),
    )
    return amount, evidence.mask(flags), proof


def _filled(flags: NDArray[np.bool_]) -> float:
    """Share of its box that a region fills, 4 % left out at every edge."""
    area = 1.0
    for places in np.nonzero(flags):
        low, high = np.quantile(places, (0.04, 0.96))
        area *= float(high - low) + 1
    return np.count_nonzero(flags) / area


def departure(relation: Relation) -> tuple[Plane, Plane, Plane]:
    """What the grade differs by from what the whole picture says, smoothed: of I, T and P, ΔE_ITP, (h, w)."""
    sdr, grade = relation.sdr, relation.grade
    radius = max(2, sdr.v.shape[1] // 80)
    light = smoothed(relation.residual * np.float32(_ITP_A_UNIT), radius)
    level = np.minimum(
        (sdr.v * np.float32(_LEVELS / max(float(sdr.v.max()), 1.0))).astype(np.int32), _LEVELS - 1
    )
    # One sort instead of a search for each level; pixels of a level keep their order.
    flat = level.reshape(-1).astype(np.int8)
    order = np.argsort(flat, kind="stable")
    ends = np.cumsum(np.bincount(flat, minlength=_LEVELS)[:_LEVELS])
    st, sp, gt, gp = (plane.reshape(-1)[order] for plane in (*sdr.itp[1:], *grade.itp[1:]))
    for first, last in zip((0, *ends[:-1]), ends, strict=True):
        part = slice(first, last)
        if last - first >= 16:
            gt[part], gp[part] = _left(st[part], sp[part], gt[part], gp[part])
        else:
            gt[part] = gp[part] = 0
    tritan, protan = np.empty_like(sdr.v), np.empty_like(sdr.v)
    tritan.reshape(-1)[order], protan.reshape(-1)[order] = gt, gp
    return light, smoothed(tritan, radius), smoothed(protan, radius)


def _left(st: Plane, sp: Plane, gt: Plane, gp: Plane) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Grade less gain and offset that fit the pixels, twice: the second time without the worst."""
    keep = np.ones(st.shape, np.bool_)
    for _ in range(2):
        s, g = st[keep] + 1j * sp[keep], gt[keep] + 1j * gp[keep]
        s0, g0 = complex(s.mean()), complex(g.mean())
        power = float((np.abs(s - s0) ** 2).mean()) + 1.0
        gain = complex((np.conj(s - s0) * (g - g0)).mean()) / power
        left = (gt + 1j * gp) - (g0 + gain * ((st + 1j * sp) - s0))
        size = np.abs(left)
        keep = size <= np.quantile(size, 0.7)
    return left.real.astype(np.float32), left.imag.astype(np.float32)
