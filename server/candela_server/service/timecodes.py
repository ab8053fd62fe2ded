"""Timecodes of frames: counted on from that of the first, drop-frame where it is (SMPTE ST 12-1)."""

from __future__ import annotations

from fractions import Fraction

from candela_engines.errors import InputError
from candela_engines.media.timecode import timecode_after

__all__ = ["timecode_at"]


def timecode_at(start: str | None, rate: Fraction | None, frames: int) -> str | None:
    """The timecode `frames` after `start`; None where the clip has none, or none that counts on.

    start: HH:MM:SS:FF, with a semicolon before FF where it drops frames. rate: frames a second. After
    23:59:59 it begins again.
    """
    if start is None or rate is None or frames < 0:
        return None
    try:
        return timecode_after(start, rate, frames)
    except InputError:
        return None
