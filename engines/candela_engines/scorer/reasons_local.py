"""A region that is graded otherwise than the rest of its picture: a window, a wrong track, a lamp that moved.

The whole picture says how the grade follows from the reference: the fitted tone curve, and for each of 16
levels the turn, gain and offset of colour, and what is left over for each colour of the reference. What a
region differs from that by, averaged over a fortieth of the width, is a difference of grading and not of
texture. A region that has a colour for itself is taken for what the operator makes of that colour.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.evidence import Evidence, Mask, smoothed
from candela_engines.scorer.pieces import filled, largest_piece
from candela_engines.scorer.planes import Plane
from candela_engines.scorer.reasons_table import kind_of
from candela_engines.scorer.relation import Relation

__all__ = ["Found", "departure", "local_grade"]

_LEVELS = 16
_SHARES = (0.004, 0.45)
# Of the masters and styles of 16 tuning sources 13 % are told to have a region with these, and of 67 regions
# of light and colour planted in them 43 are found with an intersection of half their union and more.
_LEAST_FILLED = 0.65
_LEAST_AGREED = 0.6
_EDGE = 5.0  # ΔE_ITP
_OVER_USUAL, _OVER_MOST = 3.0, 2.0
# ΔE_ITP of a PU21 unit of luminance, 1 to 500 nit: 720 times the change of PQ, 1.2 to 1.5.
_ITP_A_UNIT = 1.35
# Colours that are told apart: levels, and steps of 24 ΔE_ITP of T and P each, of the reference.
_COLOUR_LEVELS, _STEPS, _STEP = 12, 16, 24.0
_FEW = 15.0  # points of a colour, of one in four: what so few differ by is half believed to be usual

Complex = NDArray[np.complex64]

Found = tuple[float, Mask, tuple[tuple[str, float, str], ...]]
"""How much, where, and the numbers that prove it: name, value, unit."""


def local_grade(evidence: Evidence) -> Found | None:
    """Median departure in the region (ΔE_ITP), the region, and its numbers; None where there is none."""
    relation = evidence.relation
    if relation is None or relation.curve is None or min(relation.grade.v.shape) < 32:
        return None
    parts = departure(relation)
    total = np.sqrt(sum(plane * plane for plane in parts))
    usual, most = (float(x) for x in np.quantile(total, (0.5, 0.8)))
    flags = total > max(_EDGE, _OVER_USUAL * usual)
    flags = largest_piece(smoothed(flags.astype(np.float32), max(1, flags.shape[1] // 60)) > 0.5)
    share = float(flags.mean())
    if not _SHARES[0] <= share <= _SHARES[1] or filled(flags) < _LEAST_FILLED:
        return None
    amount = float(np.median(total[flags]))
    if amount < max(kind_of("local_grade").least, _OVER_MOST * most):
        return None
    towards = [float(np.median(plane[flags])) for plane in parts]
    size = max(math.hypot(*towards), 1e-6)
    # Most of it has to go one way: a mixture of opposite departures is texture.
    along = sum(plane[flags] * np.float32(one / size) for plane, one in zip(parts, towards, strict=True))
    if float(np.mean(along > 0.5 * amount)) < _LEAST_AGREED:
        return None
    proof = (
        ("departure", amount, "ΔE_ITP"),
        ("departure_of_the_rest", usual, "ΔE_ITP"),
        ("of_light", towards[0], "ΔE_ITP"),
        ("of_t", towards[1], "ΔE_ITP"),
        ("of_p", towards[2], "ΔE_ITP"),
    )
    return amount, evidence.mask(flags), proof


def departure(relation: Relation) -> tuple[Plane, Plane, Plane]:
    """What the grade differs by from what the whole picture says, smoothed: of I, T and P, ΔE_ITP, (h, w)."""
    sdr, grade = relation.sdr, relation.grade
    radius = max(2, sdr.v.shape[1] // 80)
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
    found = _unusual(relation, (relation.residual * np.float32(_ITP_A_UNIT), tritan, protan))
    return smoothed(found[0], radius), smoothed(found[1], radius), smoothed(found[2], radius)


def _unusual(relation: Relation, parts: tuple[Plane, Plane, Plane]) -> list[Plane]:
    """Departures less what is usual for the colour of the reference: operators treat colours differently.

    The mean of the nearer half of the points of a colour, twice, of every second point of every second row.
    """
    sdr = relation.sdr
    level = sdr.v * np.float32(_COLOUR_LEVELS / max(float(sdr.v.max()), 1.0))
    colour = np.minimum(level.astype(np.int32), _COLOUR_LEVELS - 1)
    for plane in sdr.itp[1:]:
        place = plane * np.float32(1 / _STEP) + np.float32(_STEPS // 2)
        colour = colour * _STEPS + np.clip(place, 0, _STEPS - 1).astype(np.int32)
    count = _COLOUR_LEVELS * _STEPS * _STEPS
    few = colour[::2, ::2].reshape(-1)
    some = [plane[::2, ::2].reshape(-1) for plane in parts]
    number = np.bincount(few, minlength=count)
    keep = np.ones(few.shape, np.bool_)
    means = [np.zeros(count, np.float32) for _ in some]
    for again in (True, True, False):
        chosen = few[keep]
        kept = np.maximum(np.bincount(chosen, minlength=count), 1)
        means = [(np.bincount(chosen, x[keep], minlength=count) / kept).astype(np.float32) for x in some]
        if again:
            far = sum((x - mean[few]) ** 2 for x, mean in zip(some, means, strict=True))
            far = np.sqrt(far)
            keep = far <= (np.bincount(few, far, minlength=count) / np.maximum(number, 1))[few]
    believed = (number / (number + _FEW)).astype(np.float32)
    return [plane - (mean * believed)[colour] for plane, mean in zip(parts, means, strict=True)]


def _left(st: Plane, sp: Plane, gt: Plane, gp: Plane) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Grade less gain and offset that fit the points: of every second one, and then without the worst."""
    s, g = st + 1j * sp, gt + 1j * gp
    some, other = s[::2], g[::2]
    size = np.abs(_off(s[::2], g[::2], some, other))
    place = int(0.7 * (size.size - 1))
    keep = size <= np.partition(size, place)[place]
    left = _off(s, g, some[keep], other[keep])
    return left.real.astype(np.float32), left.imag.astype(np.float32)


def _off(s: Complex, g: Complex, some: Complex, other: Complex) -> Complex:
    """What g is off the gain and offset that take `some` to `other`."""
    s0, g0 = complex(some.mean()), complex(other.mean())
    away = some - s0
    power = float((away.real**2 + away.imag**2).mean()) + 1.0
    gain = complex((np.conj(away) * (other - g0)).mean()) / power
    return np.asarray((g - g0) - gain * (s - s0), np.complex64)
