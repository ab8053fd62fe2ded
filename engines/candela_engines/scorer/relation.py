"""How a grade follows from its SDR reference, pixel on pixel: the fitted tone curve and what it leaves over.

The curve is monotone, from PU21 of the reference's luminance, white at 203 nit, to PU21 of the grade's: the
median of the grade in each of 64 bins, then the running maximum. It is a fact of the two pictures, not a
model of an operator: whatever made the pair is in it, and what it does not explain is local or a fault.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.frames import PairedFrame
from candela_engines.scorer.planes import Plane

__all__ = ["Relation", "ToneCurve", "fit_tone_curve"]

BINS = 64
_FINE = 4  # parts of a PU21 unit, of the medians
_TOP = 600


class ToneCurve:
    """A monotone, piecewise linear curve of PU21, held level beyond its ends."""

    def __init__(
        self,
        values: NDArray[np.float64],
        raw: NDArray[np.float64],
        counts: NDArray[np.int64],
        top: float,
    ) -> None:
        """values, raw: at the middles of the bins of 0..top, monotone and not; counts: pixels of the bins."""
        self.values, self.raw, self.counts, self.top = values, raw, counts, top

    def apply(self, v: Plane) -> Plane:
        """The curve at every value of a plane."""
        place = v * np.float32(BINS / self.top)
        place -= np.float32(0.5)
        np.clip(place, np.float32(0), np.float32(BINS - 1), out=place)
        index = place.astype(np.int32)
        place -= index
        table = np.append(self.values, self.values[-1]).astype(np.float32)
        slopes = np.diff(table, append=table[-1:]).astype(np.float32)
        out = np.take(slopes, index)
        out *= place
        out += np.take(table, index)
        return out

    def at_share(self, percents: tuple[float, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """PU21 of the reference at percentiles of its pixels, and of the grade by the curve there."""
        reached = np.cumsum(self.counts) / max(int(self.counts.sum()), 1)
        below = np.concatenate([[0.0], reached])
        edges = np.linspace(0.0, self.top, BINS + 1)
        # Strictly rising, so that an empty bin does not make the inverse ambiguous.
        x = np.interp(np.array(percents) / 100, below + np.arange(BINS + 1) * 1e-12, edges)
        middles = (np.arange(BINS) + 0.5) * self.top / BINS
        return x, np.interp(x, middles, self.values)


def fit_tone_curve(sdr_v: Plane, grade_v: Plane) -> ToneCurve | None:
    """Curve of two planes of PU21, of one shape; None if the reference is all of one value."""
    top = float(sdr_v.max())
    if not top - float(sdr_v.min()) > 4.0:
        return None
    fine = _TOP * _FINE
    row = np.minimum((sdr_v * np.float32(BINS / top)).astype(np.int32), BINS - 1)
    column = np.minimum((grade_v * np.float32(_FINE)).astype(np.int32), fine - 1)
    row *= fine
    row += column
    table = np.bincount(row.reshape(-1), minlength=BINS * fine).reshape(BINS, fine)
    counts = table.sum(axis=1)
    reached = np.cumsum(table, axis=1)
    enough = counts >= min(30, max(4, sdr_v.size // 200))
    if np.count_nonzero(enough) < 3:
        return None
    # The median inside its bin, by linear interpolation: a quarter of a unit would show as banding.
    half = counts / 2
    index = np.argmax(reached >= half[:, None], axis=1)
    lines = np.arange(BINS)
    before = reached[lines, index] - table[lines, index]
    medians = (index + (half - before) / np.maximum(table[lines, index], 1)) / _FINE
    raw = np.interp(lines, lines[enough], medians[enough])
    return ToneCurve(np.maximum.accumulate(raw), raw, counts, top)


class Relation:
    """A pair with its tone curve, and what descriptors of the pair share."""

    def __init__(self, pair: PairedFrame) -> None:
        """Fit the curve on the proxies."""
        self.grade, self.sdr = pair.grade, pair.sdr
        self.curve = fit_tone_curve(self.sdr.v, self.grade.v)

    def prepare(self) -> None:
        """Make what more than one module needs, so that they can run side by side."""
        for frame in (self.grade, self.sdr):
            frame.share()
        _ = self.residual, self.tile_mapped, self.zones

    @cached_property
    def mapped(self) -> Plane:
        """The reference through the curve, PU21, (h, w); the grade's mean where there is no curve."""
        if self.curve is None:
            return np.full_like(self.sdr.v, self.grade.v.mean())
        return self.curve.apply(self.sdr.v)

    @cached_property
    def residual(self) -> Plane:
        """Grade less `mapped`, PU21, (h, w)."""
        return self.grade.v - self.mapped

    @cached_property
    def tile_mapped(self) -> Plane:
        """The tiles of the reference through the curve."""
        if self.curve is None:
            return np.full_like(self.sdr.tile_v, self.grade.v.mean())
        return self.curve.apply(self.sdr.tile_v)

    @cached_property
    def zones(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Shadows, mid tones, highlights of the reference: under p25, p25 to p90, above; black left out."""
        ranked = self.sdr.ranked_y
        low, high = (0.0 if math.isnan(x) else x for x in (ranked.at(25), ranked.at(90)))
        y = self.sdr.y
        return (
            (y < np.float32(low)) & (y > np.float32(0.2)),
            (y >= np.float32(low)) & (y <= np.float32(high)) & (y > np.float32(0.2)),
            y > np.float32(max(high, 0.2)),
        )
