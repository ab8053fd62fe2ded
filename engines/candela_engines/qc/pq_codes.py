"""Light as 10-bit PQ codes, for rules that weigh steps as the eye does."""

from __future__ import annotations

import numpy as np

from candela_engines.colour import pq

__all__ = ["ten_bit"]


def ten_bit(nits: float) -> float:
    """The full-range 10-bit PQ code of a light, with its fraction."""
    return float(pq.inverse_eotf(np.array([max(nits, 0.0)], np.float64))[0]) * 1023
