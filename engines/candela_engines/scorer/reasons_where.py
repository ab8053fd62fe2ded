"""Where each kind of fault lies: masks of the size of the points, from the maps of the full picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.descriptors.skin import skin_mask
from candela_engines.scorer.descriptors.texture import laplacian
from candela_engines.scorer.evidence import Evidence, Mask, smoothed
from candela_engines.scorer.maps import banding_map, noise_map
from candela_engines.scorer.pieces import filled, largest_piece
from candela_engines.scorer.planes import Plane, largest, pu_of
from candela_engines.scorer.windows import block_excess

__all__ = ["regions", "where"]

Flags = NDArray[np.bool_]


def where(kind: str, evidence: Evidence) -> Mask | None:
    """Mask of a kind; None for a kind without a place, or where a reference is lacking. KeyError: unknown."""
    flags = _FINDERS[kind](evidence)
    return None if flags is None else evidence.mask(flags)


def _clipped(e: Evidence) -> Flags:
    return np.asarray(largest(e.grade.rgb) >= np.float32(0.985 * e.peak), np.bool_)


def _crushed(e: Evidence) -> Flags | None:
    if e.relation is None:
        return None
    floor = float(pu_of(np.array([e.floor], np.float32))[0])
    sdr = e.relation.sdr
    own = float(np.partition(sdr.v.reshape(-1), sdr.v.size // 500)[sdr.v.size // 500])
    return (e.grade.v <= np.float32(floor + 0.5)) & (sdr.v > np.float32(own + 2))


def _lifted(e: Evidence) -> Flags | None:
    if e.relation is None:
        return None
    by = np.float32(0.5 * e["pair.tone.floor_at_sdr_black"])
    return (e.grade.v - e.relation.sdr.v > by) & (e.relation.sdr.v < np.float32(60))


def _banding(e: Evidence) -> Flags:
    near = smoothed(e.reduced(banding_map(e.nits)), max(2, e.grade.v.shape[1] // 80))
    return near > np.float32(max(0.01, 0.25 * float(near.max())))


def _noise(e: Evidence) -> Flags:
    return e.reduced(noise_map(e.nits)) > np.float32(0.6 * e["pair.detail.noise_added"])


def _detail(e: Evidence) -> tuple[Plane, Plane, Plane] | None:
    """Squares of the grade's and the mapped reference's bends, and their product, over a 48th of width."""
    if e.relation is None or min(e.grade.v.shape) < 16:
        return None
    radius = max(2, e.grade.v.shape[1] // 96)
    own, other = (np.pad(laplacian(v), 1, mode="edge") for v in (e.grade.v, e.relation.mapped))
    squares = [smoothed(x, radius) for x in (own * own, other * other, own * other)]
    return squares[0], squares[1], squares[2]


def _soft(e: Evidence) -> Flags | None:
    found = _detail(e)
    return None if found is None else (found[0] < found[1] * np.float32(0.45)) & (found[1] > np.float32(0.25))


def _halo(e: Evidence) -> Flags | None:
    found = _detail(e)
    if found is None:
        return None
    return np.asarray((found[0] > found[1] * np.float32(1.7)) & (found[1] > np.float32(4)), np.bool_)


def _compressed(e: Evidence) -> Flags | None:
    found = _detail(e)
    if found is None:
        return None
    agreed = found[2] / np.sqrt(found[0] * found[1] + np.float32(1e-3))
    return np.asarray((agreed < np.float32(0.75)) & (found[1] > np.float32(0.25)), np.bool_)


def _outside(e: Evidence) -> Flags:
    return block_excess(e.crop(e.nits), e.factor, "p3d65", threads=e.threads) > np.float32(0.01)


def _skin(e: Evidence) -> Flags | None:
    return None if e.relation is None else skin_mask(e.relation.sdr)


# With these, of the masters and styles of 16 tuning sources none is told to have a softer region and 1 % a
# noisier one, where a share of 0.4 % and any shape told it of one in six; planted ones are found as before.
_REGION = (0.015, 0.45)
_LEAST_FILLED = 0.6
_LEAST = {"soft": 0.6, "noise": 2.0}
_LAPLACIAN = float(np.sqrt(20.0))  # deviation of the Laplacian of white noise over that of the noise


def regions(e: Evidence) -> list[tuple[str, float, Mask]]:
    """Regions softer or noisier than the rest of the picture beside the reference: kind, how much, where.

    soft: share of the detail that is gone, median of the region. noise: its deviation, PU21.
    """
    found = _detail(e)
    if found is None or e.relation is None or e.relation.curve is None:
        return []
    own, other, product = found
    # What rounding to 8 bits makes of an even sky, through a steep curve, is no texture.
    textured = other > np.float32(25.0)
    if np.count_nonzero(textured) < 0.02 * textured.size:
        return []
    out: list[tuple[str, float, Mask]] = []
    gain = np.sqrt(own / np.maximum(other, np.float32(1e-3)))
    usual = float(np.median(gain[textured]))
    if usual > 0.8:
        soft = largest_piece(textured & (gain < np.float32(0.6 * usual)))
        out += _region("soft", np.asarray(np.float32(1) - gain / np.float32(usual), np.float32), soft, e)
    excess = np.sqrt(np.maximum(own - other, 0)) / np.float32(_LAPLACIAN)
    agreed = product / np.sqrt(own * other + np.float32(1e-3))
    if usual < 1.5:
        noisy = (excess > np.float32(max(1.0, 4 * float(np.median(excess))))) & (agreed < np.float32(0.85))
        out += _region("noise", excess, largest_piece(noisy), e)
    return out


def _region(kind: str, amounts: Plane, flags: Flags, e: Evidence) -> list[tuple[str, float, Mask]]:
    """The region of a kind, if it is one: large enough, in one piece that fills its box, strong enough."""
    if not _REGION[0] < flags.mean() < _REGION[1] or filled(flags) < _LEAST_FILLED:
        return []
    amount = float(np.median(amounts[flags]))
    return [(kind, amount, e.mask(flags))] if amount >= _LEAST[kind] else []


_FINDERS: dict[str, Callable[[Evidence], Flags | None]] = {
    "highlights_clipped": _clipped,
    "blacks_crushed": _crushed,
    "blacks_lifted": _lifted,
    "banding": _banding,
    "noise": _noise,
    "soft": _soft,
    "halo": _halo,
    "compression": _compressed,
    "gamut_exceeded": _outside,
    "skin": _skin,
}
