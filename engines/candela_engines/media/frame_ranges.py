"""Frame numbers as people write them: `1001-1100`, `1001-1010,1020`, `1001-1100x2`; read and written."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from candela_engines.errors import InputError

__all__ = ["MOST_FRAMES", "format_frames", "parse_frames"]

#: More than a week at 24 fps: beyond it a range is a slip of the hand, and would take memory for nothing.
MOST_FRAMES = 20_000_000

_LIMIT = 1 << 31
_MOST_PARTS = 500
_PART = re.compile(r"(-?[0-9]{1,10})(?:-(-?[0-9]{1,10})(?:x([0-9]{1,10}))?)?")


def parse_frames(text: str) -> tuple[range, ...]:
    """The frames that `text` names, in ascending ranges that do not overlap.

    `1001`, `1001-1100`, `1001-1100x2` (every second one), several with commas; both ends included; negative
    numbers as they are (`-10--5`). Raises InputError saying which part is wrong and how ranges are written.
    """
    ranges: list[range] = []
    parts = text.split(",")
    if len(parts) > _MOST_PARTS:
        raise InputError(f"frames {_shown(text)}: {len(parts):,} parts; up to {_MOST_PARTS} are read")
    for part in parts:
        ranges.append(_parse_part(part.strip(), text))
        if sum(map(len, ranges)) > MOST_FRAMES:
            raise InputError(f"frames {_shown(text)}: more than {MOST_FRAMES:,} of them; name fewer")
    ranges.sort(key=lambda r: (r[0], r[-1]))
    for before, after in itertools.combinations(ranges, 2):
        twice = _shared(before, after)
        if twice is not None:
            raise InputError(f"frames {_shown(text)}: frame {twice} is named twice")
    return tuple(ranges)


def _parse_part(part: str, text: str) -> range:
    match = _PART.fullmatch(part)
    if match is None:
        what = f"{_shown(part)} is no range" if part else "a part is empty"
        raise InputError(
            f"frames {_shown(text)}: {what}; write 1001-1100, 1001-1100x2 for every second one, "
            "or several of these with commas between"
        )
    first = int(match[1])
    last = first if match[2] is None else int(match[2])
    step = 1 if match[3] is None else int(match[3])
    if step == 0:
        raise InputError(f"frames {_shown(text)}: a step of 0 in {_shown(part)}; 1 is every frame")
    if last < first:
        raise InputError(f"frames {_shown(text)}: {_shown(part)} runs backwards; write {last}-{first}")
    if not -_LIMIT <= first <= last < _LIMIT:
        raise InputError(f"frames {_shown(text)}: {_shown(part)} is outside {-_LIMIT}..{_LIMIT - 1}")
    return range(first, last + 1, step)


def _shared(before: range, after: range) -> int | None:
    """A frame that both ranges have, None where there is none; interleaved steps are fine."""
    if after[0] > before[-1]:
        return None
    shorter, longer = sorted((before, after), key=len)
    return next((number for number in shorter if number in longer), None)


def format_frames(numbers: Iterable[int]) -> str:
    """Compactly, in order: `1003-1005, 1010`. The empty text for no numbers."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
