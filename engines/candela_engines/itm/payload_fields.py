"""Reading the fields of a payload's map: numbers in their bounds, and what is said of a shot's frames."""

from __future__ import annotations

import math
from typing import Any

from candela_engines.errors import PayloadError

__all__ = [
    "CHECK_BYTES",
    "MAX_FRAMES",
    "Body",
    "Key",
    "flicker_in",
    "integer_in",
    "integers",
    "shot_in",
    "worst_in",
]

CHECK_BYTES = 2
MAX_FRAMES = 100_000

Body = dict[Any, Any]


class Key:
    """The integer keys of the map."""

    VERSION, MODEL, SIZE, HASH, SDR, HDR, FIDELITY, PROVENANCE, BITS, NUMBERS, BLOBS = range(11)
    FRAMES, PLACE, CHECKS, CLIPPED, WORST, FLICKER, READING = range(11, 18)


def integers(
    value: object, what: str, *, count: int | None = None, low: int = 0, high: int = 1 << 32
) -> list[int]:
    """A list of so many numbers, or of any; PayloadError, as from all of these, for something else."""
    if (
        not isinstance(value, list)
        or not all(type(v) is int and low <= v <= high for v in value)
        or (count is not None and len(value) != count)
    ):
        raise PayloadError(
            f"the payload's {what} is not a list of {count or 'some'} numbers in {low}..{high}"
        )
    return value


def integer_in(
    body: Body, key: int, what: str, low: int, high: int, default: int | None = None
) -> int:
    """One number."""
    value = body.get(key, default)
    if type(value) is not int or not low <= value <= high:
        raise PayloadError(f"the payload's {what} is {value!r:.40}, not a number in {low}..{high}")
    return value


def worst_in(body: Body, frames: tuple[int, int] | None) -> tuple[int, float] | None:
    """The worst frame, which has to be one of the shot's, and its PU-PSNR."""
    if Key.WORST not in body:
        return None
    number, level = integers(body[Key.WORST], "worst frame", count=2, low=-(1 << 31), high=1 << 31)
    if frames is None or not frames[0] <= number <= frames[1] or not 0 <= level <= 0xFFFF:
        raise PayloadError(f"the payload's worst frame {number} is none of its frames")
    return number, math.inf if level == 0xFFFF else level / 100


def flicker_in(body: Body, frames: tuple[int, int] | None) -> tuple[float, float] | None:
    """Median and 95th percentile, of a shot."""
    if Key.FLICKER not in body:
        return None
    median, p95 = integers(body[Key.FLICKER], "flicker", count=2, high=0xFFFE)
    if frames is None or median > p95:
        raise PayloadError(f"the payload's flicker {median}, {p95} is of no shot, or runs backwards")
    return median / 100, p95 / 100


def shot_in(body: Body) -> tuple[tuple[int, int] | None, int | None, bytes]:
    """Frames, place and checks, which have to agree."""
    frames = body.get(Key.FRAMES)
    if frames is None:
        if Key.PLACE in body or Key.CHECKS in body:
            raise PayloadError("the payload speaks of frames and does not say of which")
        return None, None, b""
    first, last = integers(frames, "frame range", count=2, low=-(1 << 31), high=1 << 31)
    if first > last:
        raise PayloadError(f"the payload's frame range {first}..{last} runs backwards")
    if last - first >= MAX_FRAMES:
        raise PayloadError(f"the payload's frame range {first}..{last} is of more than {MAX_FRAMES} frames")
    place = None if Key.PLACE not in body else integer_in(body, Key.PLACE, "place", first, last)
    checks = body.get(Key.CHECKS, b"")
    if not isinstance(checks, bytes) or len(checks) not in (0, CHECK_BYTES * (last - first + 1)):
        raise PayloadError("the payload's checks are not two bytes for every frame")
    return (first, last), place, checks
