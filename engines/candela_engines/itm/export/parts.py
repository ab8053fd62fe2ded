"""What every generated evaluation is made of: weights, pixels of the picture, and sums written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from candela_engines.itm.export.dialect import number

__all__ = ["Literals", "Named", "Pixels", "Table", "Weights", "dequantised", "dot", "units"]

Array = npt.NDArray[np.floating]


class Weights(Protocol):
    """How a weight stands in code."""

    def __call__(self, value: float) -> str:
        """An expression for the value."""
        ...


@dataclass
class Table:
    """Weights in one constant array, in the order in which they are used."""

    values: list[float] = field(default_factory=list)

    def __call__(self, value: float) -> str:
        """The next place in the array."""
        self.values.append(float(np.float32(value)))
        return f"W[{len(self.values) - 1}]"


class Literals:
    """Weights as they are, for languages without constant arrays."""

    def __call__(self, value: float) -> str:
        """A literal."""
        return number(value)


@dataclass(frozen=True)
class Pixels:
    """A picture that code reads. texel(channel, x, y): one sample, at expressions x and y, from the top."""

    texel: Callable[[int, str, str], str]
    width: int
    height: int


@dataclass(frozen=True)
class Named:
    """Statements, and the names that they declare."""

    lines: list[str]
    names: list[str]


def dot(weight: Weights, inputs: Sequence[str], weights: Array, bias: float | str | None) -> str:
    """An expression: bias + Σ weight·input. weights: (inputs,); a bias of text stands as it is."""
    terms = [] if bias is None else [bias if isinstance(bias, str) else weight(bias)]
    terms += [f"{weight(w)} * {x}" for w, x in zip(weights, inputs, strict=True)]
    rows = [" + ".join(terms[i : i + 8]) for i in range(0, len(terms), 8)]
    return "\n        + ".join(rows)


def units(
    weight: Weights,
    inputs: Sequence[str],
    weights: Array,
    biases: Sequence[float | str] | None,
    name: str,
    around: str = "{}",
) -> Named:
    """A layer: `name`0, `name`1, … of inputs. weights: (inputs, outputs). around: what a sum is put into."""
    names = [f"{name}{j}" for j in range(weights.shape[1])]
    lines = []
    for j, one in enumerate(names):
        total = dot(weight, inputs, weights[:, j], None if biases is None else biases[j])
        lines.append(f"float {one} = {around.format(total)};")
    return Named(lines, names)


def dequantised(pixels: Pixels, strength: int, bits: int) -> list[str]:
    """Statements that move r, g, b by `strength` eighths of the step to what their neighbours agree on."""
    if strength == 0:
        return []
    w, h = pixels.width - 1, pixels.height - 1
    lines = [
        "// the SDR's rounding undone: towards the mean of 3x3 pixels where that is within a code",
        "{",
        f"    int left = x > 0 ? x - 1 : 0, right = x < {w} ? x + 1 : {w};",
        f"    int above = y > 0 ? y - 1 : 0, below = y < {h} ? y + 1 : {h};",
    ]
    for c, name in enumerate("rgb"):
        rows = [
            " + ".join(pixels.texel(c, at, row) for row in ("above", "y", "below"))
            for at in ("x", "left", "right")
        ]
        lines += [
            "    {",
            *(f"        float {k} = {row};" for k, row in zip(("c0", "c1", "c2"), rows, strict=True)),
            f"        float nudge = (c0 + c1 + c2) * {number(1 / 9)} - {name};",
            "        float size = ABS(nudge);",
            f"        float step = MAX(MIN(size, {number(1 / ((1 << bits) - 1))} - size), 0.0f);",
            f"        float most = step * {number(strength / 8)};",
            f"        {name} = nudge < 0.0f ? {name} - most : {name} + most;",
            "    }",
        ]
    return [*lines, "}"]
