"""Whether a fault is told: by its measured amount, or by a grade model's head together with it.

A head of a grade model tells most kinds of faults apart far better than one amount does, inside the range of
what it was taught on. There it decides, with three limits: a reason needs measured evidence, a quarter of the
amount that tells it alone; three times that amount is told whatever a head says, since no picture of another
fault comes near it and a proven fault must not be hidden; and where heads are no better they are not asked.
Beyond that range (`engine.Grade.decides`) the amount decides alone. `bench.fault_heads` has the figures.
"""

from __future__ import annotations

import math

from candela_engines.scorer.reasons_table import Kind

__all__ = ["DECIDED", "is_told"]

DECIDED = frozenset(
    ("highlights_clipped", "blacks_crushed", "banding", "noise", "soft", "halo", "compression")
)
"""Kinds that a head decides. Lifted blacks and reversed tones the amount tells as well or better; exposure,
white balance, hue, saturation and contrast are descriptions, and what is measured is what is said."""

_LIKELY = 0.5
_HINT, _SURE = 0.25, 3.0


def is_told(kind: Kind, size: float, chance: float | None) -> bool:
    """size: the amount, 0 and up, in the kind's unit; NaN is no evidence. chance: 0..1, None: no head."""
    if math.isnan(size):
        return False
    if chance is None or kind.name not in DECIDED:
        return size >= kind.least
    return size >= kind.least * (_HINT if chance >= _LIKELY else _SURE)
