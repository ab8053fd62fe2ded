"""One piece of work: how far it is, and the way to stop it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from candela_server.jobs.errors import CancelledError, DeadlineError
from candela_server.service.results import Work

__all__ = ["Job", "Lane", "Report"]

Lane = Literal["fit", "work"]
_RATE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Report:
    """How far a job is. rate: of the fraction, a second. left: seconds of this stage; None while unknown.

    work: the same in units, of shots.
    """

    stage: str
    fraction: float
    rate: float | None = None
    left: float | None = None
    work: Work | None = None


class Job:
    """State of a call. Written by the thread that waits for its worker, read and stopped from any other.

    told: called at every report, and when it is stopped. interrupt: what stops the work while it runs.
    client: whose it is, for the queue. deadline: `time.monotonic()` by which it has to be done, or None:
    clocks that are set do not move it. memory: bytes that it is expected to take.
    """

    def __init__(
        self,
        call: str,
        *,
        client: str = "",
        id_: str = "",
        lane: Lane = "work",
        memory: int = 0,
        deadline: float | None = None,
    ) -> None:
        self.call, self.client, self.lane, self.memory, self.deadline = call, client, lane, memory, deadline
        self.id = id_ or secrets.token_hex(16)
        self.began = time.monotonic()
        self.running = False
        self.report = Report("queued", 0.0)
        self.told: Callable[[], None] = lambda: None
        self.interrupt: Callable[[], None] = lambda: None
        self._stop = threading.Event()
        self._stage_began = (0.0, 0.0)

    def cancel(self) -> None:
        """Stop it where it is; a second time does nothing."""
        self._stop.set()
        self.told()

    @property
    def stopped(self) -> bool:
        """Whether it was cancelled or its deadline has passed."""
        return self._stop.is_set() or self.late

    @property
    def late(self) -> bool:
        """Whether its deadline has passed."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def error(self, left: str = "") -> CancelledError | DeadlineError:
        """Why it was stopped. left: what is there of it, in words."""
        left = left.removeprefix("cancelled; ") or "nothing half-written was left"
        if self._stop.is_set():
            return CancelledError(f"{self.call} was cancelled; {left}")
        return DeadlineError(f"{self.call} was not done by the call's deadline; {left}; give it more time")

    def progress(self, stage: str, fraction: float, work: Work | None = None) -> None:
        """Note how far the work is."""
        now = time.monotonic()
        if stage != self.report.stage:
            self._stage_began = (now, fraction)
        began, start = self._stage_began
        passed, made = now - began, fraction - start
        rate = made / passed if passed > _RATE_SECONDS and made > 0 else None
        left = None if rate is None else max(1.0 - fraction, 0.0) / rate
        self.report = Report(stage, min(max(fraction, 0.0), 1.0), rate, left, work)
        self.told()
