"""One piece of work: how far it is, and the way to stop it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from candela_server.jobs.errors import CancelledError, DeadlineError

__all__ = ["Job", "Lane", "Report", "Stopped"]

Lane = Literal["fit", "work"]
_RATE_SECONDS = 0.5


class Stopped(BaseException):
    """Raised inside an engine by its progress callback, to stop it. As KeyboardInterrupt it is no Exception:
    nothing on the way may take it for a failure to be worked around."""


@dataclass(frozen=True, slots=True)
class Report:
    """How far a job is. rate: of the fraction, a second. left: seconds of this stage; None while unknown."""

    stage: str
    fraction: float
    rate: float | None = None
    left: float | None = None


class Job:
    """State of a call. Written by the thread that works, read and stopped from any other.

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

    def error(self) -> CancelledError | DeadlineError:
        """Why it was stopped."""
        if self._stop.is_set():
            return CancelledError(f"{self.call} was cancelled; nothing half-written was left")
        return DeadlineError(f"{self.call} was not done by the deadline of the call; give it more time")

    def check(self) -> None:
        """Raise Stopped where the job is to stop."""
        if self.stopped:
            raise Stopped(self.call)

    def progress(self, stage: str, fraction: float) -> None:
        """What engines call: notes how far they are, and raises Stopped where they are to stop."""
        self.check()
        now = time.monotonic()
        if stage != self.report.stage:
            self._stage_began = (now, fraction)
        began, start = self._stage_began
        passed, made = now - began, fraction - start
        rate = made / passed if passed > _RATE_SECONDS and made > 0 else None
        left = None if rate is None else max(1.0 - fraction, 0.0) / rate
        self.report = Report(stage, min(max(fraction, 0.0), 1.0), rate, left)
        self.told()
