"""FCPXML's times: exact fractions of a second, as `1001/30000s`, `5s`, or `0.04s` of other programs."""

from __future__ import annotations

import re
from fractions import Fraction

from candela_engines.errors import InputError
from candela_engines.media.fcpxml_tree import Element

__all__ = ["seconds_of", "seconds_text"]

_TIME = re.compile(r"(-?[0-9]{1,19})(?:/([0-9]{1,12})|(\.[0-9]{1,12}))?s")
_MOST_SECONDS = 1 << 32


def seconds_of(element: Element, name: str, where: str) -> Fraction | None:
    """A time of an element; None where it has none. Raises InputError for what is no time, naming `where`."""
    text = element.get(name)
    if not text:
        return None
    match = _TIME.fullmatch(text)
    if match is None or (match[2] is not None and int(match[2]) == 0):
        raise InputError(f"{where}, line {element.line}: {name}={text[:40]!r} is no time")
    value = Fraction(match[1] + (match[3] or "")) / int(match[2] or 1)
    if abs(value) > _MOST_SECONDS:
        raise InputError(f"{where}, line {element.line}: {name}={text[:40]!r} is longer than a timeline is")
    return value


def seconds_text(value: Fraction) -> str:
    """As FCPXML writes it."""
    return f"{value.numerator}s" if value.denominator == 1 else f"{value.numerator}/{value.denominator}s"
