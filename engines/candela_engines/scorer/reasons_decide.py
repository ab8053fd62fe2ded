"""Whether a fault is told: by its measured amount, or by a grade model's head together with it.

A head of a grade model tells most kinds of faults apart far better than one amount does, inside the range of
what it was taught on. There it decides, with three limits: a reason needs measured evidence, a quarter of the
amount that tells it alone; three times that amount is told whatever a head says, since no picture of another
fault comes near it and a proven fault must not be hidden; and where heads are no better they are not asked.
Beyond that range (`engine.Grade.decides`) the amount decides alone. `bench.fault_heads` has the figures.
"""

from __future__ import annotations

import math

from candela_engines.scorer.descriptors.vector import Description
from candela_engines.scorer.reasons_measure import common_end
from candela_engines.scorer.reasons_table import Kind

__all__ = ["CEILING_NITS", "DECIDED", "GROSS_AT_CEILING", "is_at_ceiling", "is_told", "weighed"]

DECIDED = frozenset(
    ("highlights_clipped", "blacks_crushed", "banding", "noise", "soft", "halo", "compression")
)
"""Kinds that a head decides. Lifted blacks and reversed tones the amount tells as well or better; exposure,
white balance, hue, saturation and contrast are descriptions, and what is measured is what is said."""

CEILING_NITS = 1000.0
"""Where the common form ends."""
GROSS_AT_CEILING = 0.01
"""Weighed share held at the ceiling from which it is a violation: a tenth of the picture. Of the styles of
the tuning sources the one that holds most holds 7.5 %."""

_OF_CEILING = 0.97  # what compression and a roll-off leave of a plateau
_AT_CEILING = 0.1
_LIKELY = 0.5
_HINT, _SURE = 0.25, 3.0


def is_at_ceiling(description: Description, ceiling_nits: float = CEILING_NITS) -> bool:
    """Whether the grade's peak is where its form, or the display that it is made for, ends."""
    return bool(description["grade.light.peak_rgb"] > math.log10(_OF_CEILING * ceiling_nits))


def weighed(name: str, size: float, description: Description, ceiling_nits: float = CEILING_NITS) -> float:
    """The amount of a kind as its thresholds are meant: `size` but for two kinds.

    highlights_clipped: what a brighter or steeper look takes past the end of the form is held there, and
    that is a style; below it nothing but a clip holds light. A tenth of the share there, all of it below,
    wherever the form ends.
    banding: of five bits and fewer most steps are as large as edges, and are not counted as contours; two and
    a half times where hardly one code in five is in use.
    """
    if name == "highlights_clipped":
        share = size / common_end(description)
        return share * _AT_CEILING if is_at_ceiling(description, ceiling_nits) else share
    if name == "banding":
        density = description["grade.banding.density"]
        return size if math.isnan(density) else size * (1 + 1.5 * min(max((0.35 - density) / 0.2, 0.0), 1.0))
    return size


def is_told(kind: Kind, size: float, chance: float | None) -> bool:
    """size: the amount, 0 and up, `weighed`; NaN is no evidence. chance: 0..1, None: no head."""
    if math.isnan(size):
        return False
    if chance is None or kind.name not in DECIDED:
        return size >= kind.least
    return size >= kind.least * (_HINT if chance >= _LIKELY else _SURE)
