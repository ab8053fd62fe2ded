"""SMPTE timecode for what is written: as checked text, and as the 32 bits that files hold (SMPTE ST 12-1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from candela_engines.errors import InputError

__all__ = ["MOST_FRAMES", "FrameTags", "checked_timecode", "timecode_bits"]

_TIMECODE = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)([:;])(\d\d)")
_DROPPING = (Fraction(30000, 1001), Fraction(60000, 1001))
#: Frames that the bits of a timecode can say: the tens have two of them.
MOST_FRAMES = 40
_DROP_FLAG = 1 << 6


@dataclass(frozen=True, slots=True)
class FrameTags:
    """What a frame's own file says of its place in time: frames a second, and timecode as `timecode_bits`."""

    rate: Fraction | None = None
    timecode: int | None = None


def checked_timecode(timecode: str, rate: Fraction) -> str:
    """`HH:MM:SS:FF`, with `;` before FF where frames are dropped. InputError for what no clock shows."""
    match = _TIMECODE.fullmatch(timecode.strip())
    whole = round(rate)
    if match is None or int(match[5]) >= whole:
        raise InputError(f"timecode {timecode!r}: HH:MM:SS:FF with frames below {whole} is needed")
    if match[4] == ";":
        if rate not in _DROPPING:
            raise InputError(
                f"timecode {timecode!r}: frames are dropped at 29.97 and 59.94 alone, not at {rate}"
            )
        if int(match[2]) % 10 and match[3] == "00" and int(match[5]) < whole // 15:
            raise InputError(f"timecode {timecode!r}: this frame is one of those that are dropped")
    return timecode.strip()


def timecode_bits(timecode: str) -> int | None:
    """As OpenEXR and DPX hold it: two digits a byte, hours first, drop frame in bit 6 of the frames.

    None where the frames go beyond 39, which these bits cannot say.
    """
    hours, minutes, seconds, frames = (int(part) for part in re.split("[:;]", timecode))
    if frames >= MOST_FRAMES:
        return None
    bits = 0
    for part in (hours, minutes, seconds, frames):
        bits = bits << 8 | (part // 10 << 4) | part % 10
    return bits | (_DROP_FLAG if ";" in timecode else 0)
