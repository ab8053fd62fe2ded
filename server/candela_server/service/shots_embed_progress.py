"""Where fitting stands over all shots of a job: stages by the time that they take, and what splits add."""

from __future__ import annotations

from dataclasses import dataclass, field

from candela_engines.itm.fitted import Effort
from candela_server.service.results import Work, WorkProgress

__all__ = ["Fitting", "Shares", "shares_of"]

Shares = dict[str, tuple[float, float]]
"""Of each stage, where it begins and ends, 0 to 1."""

# Seconds, on two cores: to choose and fit a network, whatever the frames are; to read a million pixels of
# both clips, and to render and measure them. Only what they are to one another counts.
_NETWORK: dict[Effort, float] = {"fast": 1.0, "normal": 6.0, "best": 24.0}
_CHOICE = 0.25
_READ, _MEASURE = 0.05, 0.25


def shares_of(frames: int, pixels: int, effort: Effort) -> Shares:
    """Shares of the time that a shot takes, about. pixels: of a frame."""
    size = frames * pixels / 1e6
    took = {
        "read": _READ * size,
        "choose": _CHOICE * _NETWORK[effort],
        "fit": (1 - _CHOICE) * _NETWORK[effort],
        "measure": _MEASURE * size,
    }
    shares, at, whole = {}, 0.0, sum(took.values())
    for stage, seconds in took.items():
        shares[stage] = at, at + seconds / whole
        at += seconds / whole
    return shares


@dataclass
class Fitting:
    """Where fitting stands, over all clips of the job. total: frames. done: those of finished shots.

    shots, of: finished shots and how many there are. resumed: how many an earlier run had finished. shares:
    of the shot in work. A shot that is tried in parts is more work than was planned: the total grows by it.
    """

    progress: WorkProgress
    total: float
    of: int
    done: float = 0.0
    shots: int = 0
    resumed: int = 0
    shares: Shares = field(default_factory=dict)
    _planned: int = 0
    _passed: int = 0
    _network: int = 0
    _within: float = 0.0

    def begin(self, frames: int, further: int) -> None:
        """A network of `frames` frames of the shot in work is begun; one of `further` frames will follow."""
        if not self._network:
            self._planned = frames
        self._passed, self._network, self._within = self._passed + self._network, frames, 0.0
        grown = max(self._passed + frames + further - self._planned, 0)
        self._planned, self.total = self._planned + grown, self.total + grown

    def tell(self, stage: str, fraction: float) -> None:
        """How far a stage of that network has come; never goes back within it."""
        low, high = self.shares.get(stage, (0.0, 1.0))
        self._within = max(self._within, low + (high - low) * min(max(fraction, 0.0), 1.0))
        parts = ", in parts" if self._passed else ""
        subject = f"shot {min(self.shots + 1, self.of)} of {self.of}{parts}" if self.of > 1 or parts else ""
        reached = self.done + self._passed + self._within * self._network
        self.progress(Work("fit", reached, self.total, "frames", subject))

    def finish(self, frames: int, *, resumed: bool) -> None:
        """One shot more, which was planned with `frames` frames, is finished."""
        self.done += max(self._planned, frames)
        self._planned = self._passed = self._network = 0
        self._within = 0.0
        self.shots += 1
        self.resumed += resumed
