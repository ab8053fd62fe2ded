"""One call of a host, as the work sees it: what was given, how to say how far it is, whether to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = ["Answer", "Cancelled", "Job", "Refused"]

Answer = dict[str, Any]
_LEAST_PAUSE = 0.1


class Refused(Exception):
    """A call that cannot be worked with. kind, exit_code: as the host is told; else of the error's class."""

    def __init__(self, message: str, kind: str = "InputError", exit_code: int = 2) -> None:
        super().__init__(message)
        self.kind, self.exit_code = kind, exit_code


class Cancelled(Exception):
    """The host takes no interest any more."""


class Job:
    """host: who asks. given: a JSON object, in which nothing is checked. say: sends progress."""

    def __init__(
        self, host: str, given: Answer, seconds: float | None, say: Callable[[Answer], None]
    ) -> None:
        self.host, self.given = host, given
        self._end = None if seconds is None else time.monotonic() + seconds
        self._say, self._said, self._stage = say, 0.0, ""
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._stops: list[Callable[[], None]] = []

    @property
    def seconds_left(self) -> float | None:
        """Until the host's deadline; None for no limit."""
        return None if self._end is None else max(self._end - time.monotonic(), 0.001)

    def progress(self, stage: str, fraction: float, text: str = "") -> None:
        """Tell the host, ten times a second at most and at every new stage. Raises Cancelled."""
        self.check()
        now = time.monotonic()
        if stage == self._stage and now - self._said < _LEAST_PAUSE:
            return
        self._stage, self._said = stage, now
        self._say({"stage": stage, "fraction": round(min(max(fraction, 0.0), 1.0), 4), "text": text})

    def check(self) -> None:
        """Raise Cancelled if the host takes no interest any more."""
        if self._stop.is_set():
            raise Cancelled

    def on_cancel(self, stop: Callable[[], None]) -> None:
        """What ends what this job waits for; run at once where it was cancelled already."""
        with self._lock:
            if not self._stop.is_set():
                self._stops.append(stop)
                return
        stop()

    def cancel(self) -> None:
        """For the session: stop it. From any thread; what it runs must not wait."""
        with self._lock:
            self._stop.set()
            stops, self._stops = self._stops, []
        for stop in stops:
            stop()
