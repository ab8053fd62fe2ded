"""Flicker: how much the error of a reconstruction changes from frame to frame, in units of ΔE_ITP.

An error that stays is a look; one that comes and goes is seen at once. With e = ITP(reconstruction) -
ITP(master), scaled so that its length is ΔE_ITP (BT.2124), flicker at a pixel is |e(t) - e(t-1)|, the latter
taken from where the master's content was in the frame before:

static    Blocks of the master that have not moved: the same place.
moving    Blocks that were found elsewhere (`follow`). An error that is fixed to the content moves with it and
is no
          flicker; one that is fixed to the screen under moving content is.
left out  Pixels of the master that were not found in the frame before (uncovered, lit anew, faster than the
search):
          they differ there by more than FOUND. Nothing can be said of them; their share is part of the
          result.

Differences are taken at full resolution and of single pixels: a mean over neighbours would hide the grainy
flicker that networks make. Large frames are thinned out instead, by whole blocks, another part with every
frame: at most about MEASURED pixels a frame, whose median and percentiles are those of the picture but for
sampling. Motion counts in whole pixels, so what is fixed to content that moves by half a pixel still shows
some: never too little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import ictcp
from candela_engines.errors import InputError
from candela_engines.metrics._images import Image, check_pair
from candela_engines.metrics.delta_e_itp import DeltaEItp
from candela_engines.metrics.follow import BLOCK, Plane, block_origins, follow, plane_of

__all__ = ["FOUND", "MEASURED", "Flicker", "FlickerLevels", "FlickerResult"]

FOUND = 8.0
"""ΔE_ITP within which a pixel of the master counts as found again: grain in the dark, not another thing."""
MEASURED = 1 << 15
"""Pixels of a frame that are measured at most, about."""

_SCALE = np.array([720.0, 360.0, 720.0])  # of I, Ct and Cp; BT.2124 annex 1
_BINS = 1000  # a unit of ΔE_ITP
_TOP = 1024

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FlickerLevels:
    """median, p95: ΔE_ITP, within 0.001, NaN where there is nothing. share: of the measured pixels, 0..1."""

    median: float
    p95: float
    share: float


@dataclass(frozen=True, slots=True)
class FlickerResult:
    """all: static and moving together. left_out: share of the pixels whose content was not found. pairs: of
    frames.

    Goals: a median under 0.5 and a p95 under 1.
    """

    all: FlickerLevels
    static: FlickerLevels
    moving: FlickerLevels
    left_out: float
    pairs: int


class Flicker:
    """Takes the frames of a shot in order, reconstruction and master; holds one pair of frames."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._counts = {name: np.zeros(_TOP * _BINS + 1, np.int64) for name in ("static", "moving")}
        self._largest = {"static": 0.0, "moving": 0.0}
        self._left_out = 0
        self._pairs = 0
        self._broken = False
        self._before: tuple[Image, Image, Plane] | None = None

    def add(self, reconstruction: Image, master: Image) -> None:
        """Take the next frame of both, (H, W, 3) float32 or float64, linear BT.2020 nits.

        They are kept until the next call and must not be changed. A NaN anywhere makes the whole result NaN.
        Raises InputError for other shapes, or a size other than that of the frame before.
        """
        check_pair(reconstruction, master, "flicker")
        if self._before is not None and self._before[0].shape != master.shape:
            old = self._before[0].shape
            raise InputError(
                f"flicker: a frame of {master.shape[1]}x{master.shape[0]} after one of {old[1]}x{old[0]}; "
                f"call `cut` where another shot begins"
            )
        # A sum is NaN if anything in it is; infinities of both signs would be as well, and are as bad.
        self._broken |= math.isnan(float(reconstruction.sum())) or math.isnan(float(master.sum()))
        plane = plane_of(master)
        if self._before is not None and not self._broken:
            self._measure(reconstruction, master, plane, *self._before)
        self._pairs += self._before is not None
        self._before = (reconstruction, master, plane)

    def cut(self) -> None:
        """Another shot begins: the next frame is not held against the last one."""
        self._before = None

    def result(self) -> FlickerResult:
        """Of all pairs of frames so far; all NaN if a sample was; levels are NaN where nothing came."""
        counts = {name: int(c.sum()) for name, c in self._counts.items()}
        total = sum(counts.values()) + self._left_out
        if self._broken or not total:
            nothing = FlickerLevels(math.nan, math.nan, math.nan)
            return FlickerResult(nothing, nothing, nothing, math.nan, self._pairs)
        both = self._counts["static"] + self._counts["moving"]
        return FlickerResult(
            _levels(both, max(self._largest.values()), total),
            _levels(self._counts["static"], self._largest["static"], total),
            _levels(self._counts["moving"], self._largest["moving"], total),
            self._left_out / total,
            self._pairs,
        )

    def _measure(
        self, rec: Image, ref: Image, plane: Plane, rec_before: Image, ref_before: Image, before: Plane
    ) -> None:
        rows, columns = _blocks(ref.shape[0], ref.shape[1], self._pairs)
        down, across = follow(plane, before, rows, columns)
        still = (down == 0) & (across == 0)
        width = ref.shape[1]
        sides = [min(BLOCK, size) for size in ref.shape[:2]]
        inside = (np.arange(sides[0])[:, None] * width + np.arange(sides[1])).reshape(-1)
        here = (rows * width + columns)[:, None] + inside
        there = here + (down * width + across)[:, None]
        itp = _itp(ref, here)
        itp_before = _itp(ref_before, there)
        found = _length(itp - itp_before) <= FOUND
        error = (_itp(rec, here) - itp) - (_itp(rec_before, there) - itp_before)
        values = _length(error)
        for name, which in (("static", still), ("moving", ~still)):
            taken = values[which][found[which]]
            if taken.size:
                bins = np.minimum(taken * _BINS, _TOP * _BINS).astype(np.int64)
                part = np.bincount(bins)
                self._counts[name][: part.size] += part
                self._largest[name] = max(self._largest[name], float(taken.max()))
        self._left_out += int(found.size - np.count_nonzero(found))


def _blocks(height: int, width: int, turn: int) -> tuple[Ints, Ints]:
    """First rows and columns of the blocks of this turn: all, or every n-th on a slant lattice."""
    across = block_origins(width)
    rows, columns = (part.reshape(-1) for part in np.meshgrid(block_origins(height), across, indexing="ij"))
    every = max(1, round(len(rows) * BLOCK * BLOCK / MEASURED))
    number = np.arange(len(rows))
    chosen = (number % len(across) + 5 * (number // len(across)) + turn) % every == 0
    return rows[chosen], columns[chosen]


def _itp(nits: Image, places: Ints) -> NDArray[np.floating]:
    """ITP in units of ΔE_ITP at the pixels of those places."""
    values = ictcp.from_nits(nits.reshape(-1, 3)[places])
    return np.asarray(values * _SCALE.astype(values.dtype))


def _length(difference: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(np.sqrt((difference * difference).sum(axis=-1)))


def _levels(counts: Ints, largest: float, total: int) -> FlickerLevels:
    count = int(counts.sum())
    spread = DeltaEItp.of_counts(counts, 0.0, largest, count)
    if not count:
        return FlickerLevels(math.nan, math.nan, 0.0)
    return FlickerLevels(spread.percentile(50), spread.percentile(95), count / total)
