"""How a module of descriptors states what it measures."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Measured", "Spec"]

Measured = dict[str, float]
"""Values by short name; NaN where the picture holds no evidence."""


class Spec(NamedTuple):
    """name: short, unique in its module. unit, source: of the figure. neutral: what stands for no evidence.

    compared: whether the SDR reference is described by it as well, and the difference taken.
    """

    name: str
    unit: str
    source: str
    neutral: float = 0.0
    compared: bool = True
