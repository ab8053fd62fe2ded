"""Two languages, one text: what DCTL and BlinkScript call the same things.

Generated code is written once, in C with these names for what the languages call otherwise; `Dialect.text`
puts each language's own in their place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["BLINK", "DCTL", "Dialect", "number"]

_NAMES = ("POW", "EXP", "LOG", "SQRT", "SIN", "COS", "FLOOR", "MAX", "MIN", "ABS", "FUNCTION")
_WORD = re.compile(rf"\b(?:{'|'.join(_NAMES)})\b")


@dataclass(frozen=True)
class Dialect:
    """own: the language's word for each neutral name."""

    name: str
    own: dict[str, str]

    def text(self, source: str | Sequence[str]) -> str:
        """Neutral code in the words of this language; lines are joined."""
        joined = source if isinstance(source, str) else "\n".join(source)
        if not self.own["FUNCTION"]:
            joined = joined.replace("FUNCTION ", "")
        return _WORD.sub(lambda found: self.own[found[0]], joined)


def _dialect(name: str, *own: str) -> Dialect:
    return Dialect(name, dict(zip(_NAMES, own, strict=True)))


DCTL = _dialect(
    *("DCTL", "_powf", "_expf", "_logf", "_sqrtf", "_sinf", "_cosf", "_floorf", "_fmaxf", "_fminf", "_fabs"),
    "__DEVICE__",
)
# A kernel's functions are members of it: they have no word in front.
BLINK = _dialect("BlinkScript", "pow", "exp", "log", "sqrt", "sin", "cos", "floor", "max", "min", "fabs", "")


def number(value: float | np.floating) -> str:
    """A float literal that reads back as the same single-precision number. ValueError for no number."""
    single = np.float32(value)
    if not np.isfinite(single):
        raise ValueError(f"{value} has no literal")
    shortest = np.format_float_scientific(single, unique=True, trim="-")
    if 1e-4 <= abs(float(single)) < 1e7 or single == 0:
        shortest = np.format_float_positional(single, unique=True, trim="0")
    elif "." not in shortest:
        shortest = shortest.replace("e", ".0e")
    return f"{shortest}f"
