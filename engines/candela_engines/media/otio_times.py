"""OpenTimelineIO's times, which are doubles, as exact fractions of frames."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

from candela_engines.errors import InputError
from candela_engines.media.timecode import exact_rate

__all__ = ["frames_in", "range_in", "rate_in"]

_MOST = 1 << 40
_NOISE = 1e-6
_rate = lru_cache(maxsize=64)(exact_rate)


def rate_in(time: Any, where: str) -> Fraction:
    """The rate of a RationalTime. Raises InputError for none, naming `where`."""
    try:
        return _rate(float(time.rate))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def frames_in(time: Any, rate: Fraction, where: str) -> Fraction:
    """A RationalTime in frames of `rate`; what is off a whole number by rounding of doubles is made whole."""
    value = float(time.value)
    if not math.isfinite(value) or abs(value) > _MOST:
        raise InputError(f"{where}: a time of {value:g} frames; it is damaged")
    whole = round(value)
    exact = Fraction(whole if abs(value - whole) < _NOISE else value)
    counted = rate_in(time, where)
    return exact if counted == rate else exact / counted * rate  # fractions are slow, and shots many


def range_in(times: Any, rate: Fraction, where: str) -> tuple[Fraction, Fraction]:
    """(start, duration) of a TimeRange in frames of `rate`. Raises InputError for a negative duration."""
    start, duration = frames_in(times.start_time, rate, where), frames_in(times.duration, rate, where)
    if duration < 0:
        raise InputError(f"{where}: lasts {float(duration):g} frames; it is damaged")
    return start, duration
