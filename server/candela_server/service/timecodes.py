"""Timecodes of frames: counted on from that of the first, drop-frame where it is (SMPTE ST 12-1)."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["timecode_at"]


def timecode_at(start: str | None, rate: Fraction | None, frames: int) -> str | None:
    """The timecode `frames` after `start`; None where the clip has no timecode, or none that counts on.

    start: HH:MM:SS:FF, with a semicolon before FF where it drops frames. rate: frames a second.
    """
    if start is None or rate is None or frames < 0:
        return None
    from opentimelineio import opentime  # a timecode is met only in clips

    try:
        time = opentime.from_timecode(start, float(rate))
        later = time + opentime.RationalTime(frames, time.rate)
        return str(opentime.to_timecode(later, later.rate, drop_frame=";" in start))
    except ValueError:
        return None
