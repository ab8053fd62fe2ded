"""The active picture of a frame, by its stored samples: as `metrics.active` finds it, on one plane alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.metrics import Rectangle
from candela_engines.metrics.active import bars_of_levels, is_even

__all__ = ["Active", "active_of"]

_SAMPLES = 512
F32 = NDArray[np.float32]
NitsOf = Callable[[NDArray[Any]], F32]


@dataclass(frozen=True, slots=True)
class Active:
    """area: without bars. decided: False where the frame is dark and even all over, and tells nothing.
    bar_nits: light of the bars, 0 without any.
    """

    area: Rectangle
    decided: bool
    bar_nits: float


def active_of(plane: NDArray[Any], nits_of: NitsOf) -> Active:
    """plane: (H, W) luma (or green) samples. nits_of: their light as grey."""
    height, width = plane.shape
    rows = plane[:, :: max(1, width // _SAMPLES)]
    top, bottom, light = _bars(rows, nits_of)
    if top is None:
        return Active(Rectangle(0, 0, width, height), False, 0.0)
    inside = plane[top : height - bottom : max(1, (height - top - bottom) // _SAMPLES)]
    left, right, beside = _bars(inside.T, nits_of)
    left = left or 0
    area = Rectangle(left, top, width - left - right, height - top - bottom)
    return Active(area, True, max(light, beside))


def _bars(rows: NDArray[Any], nits_of: NitsOf) -> tuple[int | None, int, float]:
    """Heights of the bars at both ends and their light; None first where all is dark and even."""
    if not is_even(*_levels(rows[[0, -1]], nits_of)).all():
        return 0, 0, 0.0
    high, low = _levels(rows, nits_of)
    if is_even(high, low).all():
        return None, 0, 0.0
    first, last = bars_of_levels(high, low)
    return first, last, float(high[0]) if first else 0.0


def _levels(rows: NDArray[Any], nits_of: NitsOf) -> tuple[F32, F32]:
    high, low = rows.max(axis=1), rows.min(axis=1)
    return nits_of(high), nits_of(low)
