"""How far work on a list is, and how long it will take. No Qt."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Callable, Deque, Optional

__all__ = ["Pace", "Progress", "duration"]


@dataclass(frozen=True)
class Progress:
    """done, total: shots of this run. fraction: 0 to 1 with what is half done. seconds_left: None while too
    little is known."""

    done: int
    total: int
    fraction: float
    seconds_left: Optional[float]

    @property
    def text(self) -> str:
        """In words."""
        left = "" if self.seconds_left is None else f" · {duration(self.seconds_left)} left"
        return f"Scoring {min(self.done + 1, self.total)} of {self.total}{left}"


class Pace:
    """How fast work goes on: by what was done in the time since it began, and later more by what was done of
    late."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: Deque["tuple[float, float]"] = deque([(clock(), 0.0)], maxlen=64)

    def done(self, units: float) -> None:
        """How much is done now, in all."""
        now = self._clock()
        if units > self._at[-1][1] or now - self._at[-1][0] > 1.0:
            self._at.append((now, units))

    def left(self, units: float) -> Optional[float]:
        """Seconds for so many units more, None while nothing can be said."""
        (begin, before), (_, after) = self._at[0], self._at[-1]
        took = self._clock() - begin
        if after <= before or took < 0.5:
            return None
        return units * took / (after - before)


def duration(seconds: float) -> str:
    """As `40 s`, `3 min`, `1 h 20 min`: no finer than is known."""
    if seconds < 55:
        return f"{max(5, 5 * round(seconds / 5))} s"
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
