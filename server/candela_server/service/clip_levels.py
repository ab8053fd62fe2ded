"""Light levels of frames as they are written, out of their own samples: no second copy in floats."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour.pq import eotf
from candela_server.service.levels import F32, Levels

__all__ = ["ClipLevels", "levels_of_halves", "levels_of_pq"]

_ROWS = 16
U16 = npt.NDArray[np.uint16]


@dataclass
class ClipLevels:
    """MaxCLL and MaxFALL of a clip: the largest of its frames (CTA-861.3), with the frames they came from."""

    max_cll: float = 0.0
    max_fall: float = 0.0
    max_cll_frame: int | None = None
    max_fall_frame: int | None = None

    def add(self, number: int, levels: Levels) -> None:
        """One frame more; of equal ones the earlier counts."""
        if self.max_cll_frame is None or levels.max_cll > self.max_cll:
            self.max_cll, self.max_cll_frame = levels.max_cll, number
        if self.max_fall_frame is None or levels.max_fall > self.max_fall:
            self.max_fall, self.max_fall_frame = levels.max_fall, number

    @property
    def levels(self) -> Levels:
        """Without the frames."""
        return Levels(self.max_cll, self.max_fall)


def levels_of_halves(samples: npt.NDArray[np.float16], unit_nits: float = 1.0) -> Levels:
    """Of light (H, W, 3 or more) float16, 1.0 = `unit_nits`; what is negative or no number counts as none."""
    # Halves that are not negative sort as their bits do, below them come all others, and bits are what numpy
    # is quick with. As indices negative ones count from the table's end, where their bits belong.
    return _levels(samples.view(np.int16), _half_table(), unit_nits)


def levels_of_pq(codes: U16, bits: int) -> Levels:
    """Of PQ codes (H, W, 3 or more) of `bits` bits, full range."""
    return _levels(codes, _pq_table(bits), 1.0)


def _levels(samples: U16 | npt.NDArray[np.int16], table: F32, unit: float) -> Levels:
    highest, total = 0, 0.0
    for y in range(0, samples.shape[0], _ROWS):
        rows = samples[y : y + _ROWS]
        largest = np.maximum(np.maximum(rows[..., 0], rows[..., 1]), rows[..., 2])
        highest = max(highest, int(largest.max()))
        # numpy sums a strip in pairs: in single precision that is right to 1e-7.
        total += float(np.take(table, largest, mode="wrap").sum())
    top = float(table[highest])
    return Levels(top * unit, total * unit / (samples.shape[0] * samples.shape[1]))


@functools.cache
def _half_table() -> F32:
    """Light of every half by its bits; what is negative or no number counts as no light."""
    light = np.arange(1 << 16, dtype=np.uint32).astype(np.uint16).view(np.float16).astype(np.float32)
    light[0x8000:] = 0
    light[~np.isfinite(light)] = 0
    return light


@functools.cache
def _pq_table(bits: int) -> F32:
    codes = np.minimum(np.arange(1 << 16) / ((1 << bits) - 1), 1.0)
    return np.asarray(eotf(codes), np.float32)
