"""What is taught when: the two-step curriculum, the weight of the KL, three-step progressive unfreezing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Curriculum", "Phase", "Unfreezing", "kl_weight"]


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of a curriculum: its rewards (`steps.Rewards`), for how many updates."""

    kind: Literal["step1", "step2", "rank"]
    updates: int


@dataclass(frozen=True, slots=True)
class Curriculum:
    """Phases one after the other."""

    phases: tuple[Phase, ...]

    @classmethod
    def two_steps(cls, first: int = 1500, second: int = 500) -> Curriculum:
        """Order first, scale second; 1500 and 500 as published."""
        return cls((Phase("step1", first), Phase("step2", second)))

    @property
    def updates(self) -> int:
        """Of all phases."""
        return sum(phase.updates for phase in self.phases)

    def at(self, update: int) -> tuple[Phase, int]:
        """The phase of an update, and the update's place in it. Raises ValueError past the end."""
        place = update
        for phase in self.phases:
            if 0 <= place < phase.updates:
                return phase, place
            place -= phase.updates
        raise ValueError(f"update {update}: the curriculum has {self.updates}")


def kl_weight(
    update: int,
    updates: int,
    *,
    start: float = 0.02,
    peak: float = 0.04,
    end: float = 0.02,
    warm: float = 0.1,
) -> float:
    """β: from `start` up to `peak` over the first share `warm` of a phase, then by a cosine to `end`.

    That it warms up from .02 and then follows a cosine is published; the other two values are not.
    """
    rise = max(1, round(warm * updates))
    if update < rise:
        return start + (peak - start) * update / rise
    share = min(1.0, (update - rise) / max(1, updates - 1 - rise))
    return end + (peak - end) * (1 + math.cos(math.pi * share)) / 2


@dataclass(frozen=True, slots=True)
class Unfreezing:
    """Which parts learn when: the first alone, the first two, then all three.

    parts: names in the order in which they are set free, `encoder`, `projector`, `head` by default. updates:
    of each of as many steps.
    """

    updates: tuple[int, ...]
    parts: tuple[str, ...] = ("encoder", "projector", "head")

    def __post_init__(self) -> None:
        if len(self.updates) != len(self.parts) or min(self.updates, default=-1) < 0:
            raise ValueError(f"updates {self.updates}: one number, 0 or more, for each of {self.parts}")

    @classmethod
    def evenly(cls, updates: int, parts: Sequence[str] = ("encoder", "projector", "head")) -> Unfreezing:
        """As many updates for every step; the last takes what is over."""
        each, over = divmod(updates, len(parts))
        return cls((*[each] * (len(parts) - 1), each + over), tuple(parts))

    def free(self, update: int) -> tuple[str, ...]:
        """Parts that learn at an update; all of them past the end."""
        place = update
        for step, updates in enumerate(self.updates, 1):
            if place < updates:
                return self.parts[:step]
            place -= updates
        return self.parts
