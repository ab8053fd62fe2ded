"""A function in twice single precision, as generated code: exact at levels, a short series between.

What a value is above that of the nearest level is a small number, and so is its rounding; the value at the
level is written out as two numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.itm.export.dialect import number

__all__ = ["NAMES", "Level", "Segment", "fitted", "places", "sums", "tree"]

F64 = npt.NDArray[np.float64]
TERMS = 7
NAMES = ("level", "high", "low", *(f"c{k}" for k in range(TERMS)))


@dataclass(frozen=True)
class Segment:
    """`count` levels, each in the middle of `step`, from `first` on."""

    first: float
    step: float
    count: int

    @property
    def end(self) -> float:
        """Where the next one begins."""
        return self.first + self.step * self.count

    def intervals(self) -> list[tuple[float, float]]:
        """Where each level holds."""
        return [(self.first + self.step * k, self.first + self.step * (k + 1)) for k in range(self.count)]


@dataclass(frozen=True)
class Level:
    """Where it is, its value as two single-precision numbers, and the terms of what follows."""

    at: float
    high: float
    low: float
    terms: tuple[float, ...]

    def values(self) -> tuple[float, ...]:
        """In the order of `NAMES`."""
        return (self.at, self.high, self.low, *self.terms)


def fitted(at: float, ends: F64, value: Callable[[F64], F64], series: Callable[[F64], F64]) -> Level:
    """The level at a single-precision number: `value` between `ends` (2,) as powers of `series`, 0 there."""
    middle, half = ends.sum() / 2, (ends[1] - ends[0]) / 2
    nodes = middle + half * np.cos(np.pi * (np.arange(14) + 0.5) / 14)
    here = float(value(np.array([at]))[0])
    t = series(nodes)
    scale = np.abs(t).max()
    powers = np.stack([(t / scale) ** (k + 1) for k in range(TERMS)], axis=1)
    terms = np.linalg.lstsq(powers, value(nodes) - here, rcond=None)[0]
    high = float(np.float32(here))
    return Level(at, high, here - high, tuple(float(c / scale ** (k + 1)) for k, c in enumerate(terms)))


def places(segments: Sequence[Segment], by: str) -> list[str]:
    """Statements that declare `place`, the number of the level for `by`, which lies in the segments."""
    lines, before = ["    int place = 0;"], 0
    for nth, one in enumerate(segments):
        found = f"{before} + (int)(({by} - {number(one.first)}) * {number(1 / one.step)})"
        lines.append(f"    {'' if nth == 0 else f'if ({by} >= {number(one.first)}) '}place = {found};")
        before += one.count
    return lines


def tree(levels: Sequence[Level]) -> list[str]:
    """Statements that declare and set `NAMES` to those of the level `place`, found by halves."""
    return [f"    float {', '.join(f'{name} = 0.0f' for name in NAMES)};", *_halves(levels, 0, 1)]


def sums() -> str:
    """Σ terms·t^(k+1), as an expression."""
    text = f"c{TERMS - 1}"
    for k in reversed(range(TERMS - 1)):
        text = f"c{k} + t * ({text})"
    return f"t * ({text})"


def _halves(levels: Sequence[Level], first: int, depth: int) -> list[str]:
    pad = "    " * depth
    if len(levels) == 1:
        sets = zip(NAMES, levels[0].values(), strict=True)
        return [pad + " ".join(f"{name} = {number(value)};" for name, value in sets)]
    half = len(levels) // 2
    return [
        f"{pad}if (place < {first + half}) {{",
        *_halves(levels[:half], first, depth + 1),
        f"{pad}}} else {{",
        *_halves(levels[half:], first + half, depth + 1),
        f"{pad}}}",
    ]
