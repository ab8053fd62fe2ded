"""Whether the helper lives: it is asked again and again while somebody waits for it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from candela_bridge.client.link import Link
from candela_bridge.vital import Looks

__all__ = ["Heart", "Timing"]


@dataclass(frozen=True)
class Timing:
    """Seconds. start: a helper's, until it listens. pulse: between questions whether it lives. misses: how
    many it may leave unanswered while it is at work, as on a busy machine; one that sleeps over two of them
    hangs, and is told within a second (Linux).
    """

    start: float = 30.0
    pulse: float = 0.3
    misses: int = 27
    connect: float = 0.5


class Heart:
    """Of one connection after the other."""

    def __init__(self, timing: Timing) -> None:
        self._timing, self._looks = timing, Looks()
        self._asked, self._missed = 0.0, 0

    def begin(self) -> None:
        """From now on somebody waits."""
        self._asked, self._missed = time.monotonic(), 0
        self._looks.heard()

    @property
    def next(self) -> float:
        """When to ask again."""
        return self._asked + self._timing.pulse

    def stopped(self, link: Link) -> bool:
        """To be called when it is time: whether the helper hangs. False: ask it again."""
        # Counted, and not timed: when the machine was asleep, so was the helper.
        if link.heard >= self._asked:
            self._missed = 0
            self._looks.heard()
        else:
            self._missed += 1
        self._asked = time.monotonic()
        return self._missed > 0 and (self._looks.hangs(link.process) or self._missed > self._timing.misses)
