"""What a worker is given to do, what it finds there, and what it says meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from candela_server.frames.segments import Regions
from candela_server.service.results import Work

__all__ = ["At", "Bench", "Failed", "Fault", "Made", "Task", "Told"]


@dataclass(frozen=True)
class At:
    """How far it is. work: the same in units, where that is told."""

    stage: str
    fraction: float
    work: Work | None = None


@dataclass(frozen=True)
class Told:
    """Something that is known before the end."""

    value: Any


@dataclass(frozen=True)
class Made:
    """The result, and the end."""

    value: Any


@dataclass(frozen=True)
class Failed:
    """An error that has words for whoever asked, and the end."""

    error: Exception


@dataclass(frozen=True)
class Fault:
    """A fault of ours, as text, and the end."""

    trace: str


@dataclass(frozen=True, eq=False)
class Bench:
    """What stays in a worker from task to task. regions: those that its tasks named. shelf: what tasks keep.

    at, tell: say how far the task is, and what is known before the end; harmless from any thread.
    """

    regions: Regions
    at: Callable[[At], None]
    tell: Callable[[Any], None]
    shelf: dict[str, Any] = field(default_factory=dict)

    def progress(self, stage: str, fraction: float) -> None:
        """Of stills."""
        self.at(At(stage, fraction))

    def work(self, work: Work) -> None:
        """Of shots."""
        self.at(At(work.stage, work.done / (work.total or 1), work))


class Task(Protocol):
    """Work that can be sent to a process: of plain values, and small; pixels lie in files or in regions.

    regions: ids of those that it uses. outputs: files that it may write, beside which a killed worker may
    leave temporary ones. resumes: whether the same work again goes on where it was stopped.
    hasty: whether it has nothing to bring to an end when it is stopped, and is long in one step or another.
    """

    @property
    def regions(self) -> tuple[str, ...]:
        """."""

    @property
    def outputs(self) -> tuple[Path, ...]:
        """."""

    @property
    def resumes(self) -> bool:
        """."""

    @property
    def hasty(self) -> bool:
        """."""

    def __call__(self, bench: Bench) -> Any:
        """The result. Raises what goes wrong, KeyboardInterrupt where it is stopped."""
