"""Frames and rates as they are typed: `1001-1100`, `48,97`, `24000/1001`."""

from __future__ import annotations

import re
from fractions import Fraction

from candela_engines.errors import InputError

__all__ = ["frame_range", "numbers", "rate"]

_RANGE = re.compile(r"\s*(-?\d{1,9})\s*(?:-\s*(-?\d{1,9})\s*)?")


def frame_range(text: str, flag: str) -> tuple[int, int]:
    """First and last frame of `1001-1100`, or of one number. InputError naming the flag."""
    found = _RANGE.fullmatch(text)
    if found is None:
        raise InputError(f"{flag} {text[:40]}: a range such as 1001-1100 is needed, both frames included")
    first = int(found[1])
    last = first if found[2] is None else int(found[2])
    if last < first:
        raise InputError(f"{flag} {text[:40]}: runs backwards; say {last}-{first}")
    return first, last


def numbers(text: str, flag: str) -> tuple[int, ...]:
    """Frame numbers of `48,97`. InputError naming the flag."""
    parts = [part for part in re.split(r"[,\s]+", text.strip()) if part]
    if not parts or not all(re.fullmatch(r"-?\d{1,9}", part) for part in parts):
        raise InputError(f"{flag} {text[:40]}: frame numbers such as 48,97 are needed")
    return tuple(sorted({int(part) for part in parts}))


def rate(text: str, flag: str) -> Fraction:
    """Frames a second of `25`, `23.976` or `24000/1001`; the usual decimals mean their exact fraction."""
    from candela_engines.media.timecode import exact_rate

    try:
        return exact_rate(text)
    except InputError as error:
        raise InputError(f"{flag}: {error}") from None
