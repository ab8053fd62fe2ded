"""Frames and timecodes of a timeline, drop-frame too (SMPTE ST 12-1)."""

from __future__ import annotations

import re

__all__ = ["Clock"]

_TEXT = re.compile(r"(\d{1,2}):(\d\d):(\d\d)([:;.,])(\d\d)")


class Clock:
    """rate: frames a second as Resolve says it, `23.976` or `29.97 DF`. drop: drop-frame, where the rate has
    it.

    start: the timecode of the timeline's first frame. ValueError for what is none.
    """

    def __init__(self, rate: str, start: str, drop: bool = False) -> None:
        number = re.match(r"\s*(\d+(?:\.\d+)?)", str(rate))
        if number is None or not 1 <= float(number[1]) <= 240:
            raise ValueError(f"{rate!r} is no frame rate")
        self.rate = float(number[1])
        self._base = round(self.rate)
        self._drop = (drop or "DF" in str(rate)) and self._base in (30, 60) and self.rate != self._base
        self._start = self._count(start)

    def timecode(self, offset: int) -> str:
        """Of a frame that is `offset` frames after the first one."""
        frame = self._start + offset
        if self._drop:
            lost = 2 if self._base == 30 else 4
            ten, minute = self._base * 600 - 9 * lost, self._base * 60 - lost
            tens, rest = divmod(frame, ten)
            frame += 9 * lost * tens + (lost * ((rest - lost) // minute) if rest > lost else 0)
        seconds, frames = divmod(frame, self._base)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours % 24:02}:{minutes:02}:{seconds:02}{';' if self._drop else ':'}{frames:02}"

    def offset(self, timecode: str) -> int:
        """Frames from the first one to that of a timecode."""
        return self._count(timecode) - self._start

    def _count(self, text: str) -> int:
        match = _TEXT.fullmatch(str(text).strip())
        if match is None or int(match[5]) >= self._base:
            raise ValueError(f"{text!r} is no timecode at {self.rate:g} frames a second")
        hours, minutes, seconds, frames = (int(match[n]) for n in (1, 2, 3, 5))
        total = (hours * 3600 + minutes * 60 + seconds) * self._base + frames
        if self._drop:
            all_minutes = hours * 60 + minutes
            total -= (2 if self._base == 30 else 4) * (all_minutes - all_minutes // 10)
        return total
