"""SMPTE timecode as whole frames, and rates as exact fractions. Nothing here is a float.

Drop frame: SMPTE ST 12-1, 5.2.2: the labels 00 and 01 (of 60 frames a second 00 to 03) are left out at the
start of every minute that is no tenth.
"""

from __future__ import annotations

import functools
import math
import re
from fractions import Fraction

from candela_engines.errors import InputError

__all__ = ["can_drop", "exact_rate", "frames_of", "is_drop", "nominal", "timecode_after", "timecode_of"]

_MOST_RATE = 1000
_NEAR = Fraction(5, 1000)
_RATE = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?(/[0-9]{1,20})?")
_TIMECODE = re.compile(r"([0-9]{2}):([0-9]{2})([:;])([0-9]{2})([:;.,])([0-9]{2,3})")


@functools.lru_cache(maxsize=256)
def exact_rate(value: Fraction | float | str) -> Fraction:
    """Frames a second as an exact fraction: 23.976, 23.98 and 23.976024 are 24000/1001, 29.97 is 30000/1001.

    Raises InputError for what is no rate: not a number, not above 0, above 1000.
    """
    text = str(value).strip()
    try:
        # No exponents: 1e999999999 would be worked out in full.
        number = Fraction(text if _RATE.fullmatch(text) else "")
    except (ValueError, ZeroDivisionError):
        raise InputError(f"{text[:40]!r} is no rate; write frames a second, as 25 or 23.976") from None
    if not 0 < number <= _MOST_RATE:
        raise InputError(f"a rate of {text} frames a second; above 0 and up to {_MOST_RATE} is needed")
    if number.denominator == 1:
        return number
    whole = round(number * 1001 / 1000)
    ntsc = Fraction(whole * 1000, 1001)
    if (whole % 12 == 0 or whole % 15 == 0) and abs(number - ntsc) < _NEAR:
        return ntsc
    # A rate that went through a float32 (as in a DPX header) comes back as the fraction that was meant.
    near = number.limit_denominator(1001)
    return near if abs(near - number) < number / 1_000_000 else number


def nominal(rate: Fraction) -> int:
    """Frame labels a second: 24 for 23.976, 30 for 29.97."""
    return math.ceil(rate)


def can_drop(rate: Fraction) -> bool:
    """Whether drop frame exists at this rate: at 29.97 and its multiples."""
    return rate.denominator == 1001 and nominal(rate) % 30 == 0


def is_drop(text: str) -> bool:
    """Whether a timecode is written as drop frame: with a semicolon, dot or comma before the frames."""
    match = _TIMECODE.fullmatch(text.strip())
    return match is not None and (match[5] in ";.," or match[3] == ";")


def frames_of(text: str, rate: Fraction, *, drop: bool | None = None) -> int:
    """Frames from 00:00:00:00 to the label `text` (HH:MM:SS:FF) at `rate`.

    drop: whether labels are left out; None goes by how it is written. At a rate without drop frame, a
    semicolon counts as a colon. Raises InputError for what is no timecode, or a label that does not exist.
    """
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{text[:40]!r} is no timecode; it is written HH:MM:SS:FF")
    hours, minutes, seconds, frame = (int(match[group]) for group in (1, 2, 4, 6))
    base = nominal(rate)
    if minutes > 59 or seconds > 59 or frame >= base:
        raise InputError(f"timecode {text.strip()}: there is no such label at {base} frames a second")
    count = ((hours * 60 + minutes) * 60 + seconds) * base + frame
    if not (is_drop(text) if drop is None else drop) or not can_drop(rate):
        return count
    left_out = base // 15
    if seconds == 0 and frame < left_out and minutes % 10:
        raise InputError(f"timecode {text.strip()}: drop frame leaves this label out; is it non-drop?")
    total = hours * 60 + minutes
    return count - left_out * (total - total // 10)


def timecode_of(frames: int, rate: Fraction, *, drop: bool = False) -> str:
    """The label of the frame that is `frames` after 00:00:00:00; a minus in front of a negative one."""
    if frames < 0:
        return "-" + timecode_of(-frames, rate, drop=drop)
    base = nominal(rate)
    mark = ":"
    if drop and can_drop(rate):
        mark = ";"
        left_out = base // 15
        of_ten, of_one = base * 600 - 9 * left_out, base * 60 - left_out
        tens, rest = divmod(frames, of_ten)
        frames += 9 * left_out * tens
        if rest >= base * 60:
            frames += left_out * (1 + (rest - base * 60) // of_one)
    seconds, frame = divmod(frames, base)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    width = 3 if base > 100 else 2
    return f"{hours:02d}:{minute:02d}:{second:02d}{mark}{frame:0{width}d}"


def timecode_after(start: str, rate: Fraction, frames: int) -> str:
    """The label `frames` after `start` (or before it, below zero), dropping where `start` does.

    After 23:59:59 it begins again. Raises InputError as `frames_of`.
    """
    drop = is_drop(start)
    day = frames_of("23:59:59:00", rate, drop=drop) + nominal(rate)
    return timecode_of((frames_of(start, rate) + frames) % day, rate, drop=drop)
