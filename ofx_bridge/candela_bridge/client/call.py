"""One call, and the thread that hands its news to the host."""

from __future__ import annotations

import contextlib
import queue
import sys
import threading
import time
import traceback
from concurrent.futures import Future, InvalidStateError
from typing import Any, Callable, Dict, Optional

__all__ = ["Call", "Deliver", "Herald", "Json", "Progress"]

Json = Dict[str, Any]
Progress = Callable[[Json], None]
Deliver = Callable[[Callable[[], None]], None]


class Herald:
    """A thread that runs callbacks in their order, so that a slow one holds up no other call's frames.

    deliver: runs each of them elsewhere, as on a host's main thread; it has to return without waiting.
    """

    def __init__(self, deliver: Optional[Deliver] = None) -> None:
        self._deliver = deliver
        self._queue: "queue.SimpleQueue[Optional[Callable[[], None]]]" = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: Optional[threading.Thread] = None

    def tell(self, news: Callable[[], None]) -> None:
        """Run it soon."""
        self._queue.put(news)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="candela news", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Run what is there, then end."""
        with self._lock:
            if self._thread is not None:
                self._queue.put(None)

    def _run(self) -> None:
        while True:
            news = self._queue.get()
            if news is None:
                return
            try:
                if self._deliver is None:
                    news()
                else:
                    self._deliver(news)
            except Exception:  # the host's code: its fault is said, and costs no other call its news
                print("candela: a callback failed", file=sys.stderr)
                traceback.print_exc()


class Call(Future[Json]):
    """A call that goes on. `result(timeout)` waits for it, and so is nothing for a host's main thread.

    Callbacks run on a thread of the bridge, or where its `deliver` takes them; each gets this call.
    """

    def __init__(
        self,
        name: str,
        given: Json,
        seconds: Optional[float],
        herald: Herald,
        dropped: Callable[["Call"], None],
        progress: Optional[Progress] = None,
    ) -> None:
        super().__init__()
        self.name, self.given, self.seconds = name, given, seconds
        self.end = None if seconds is None else time.monotonic() + seconds
        self.id, self.again = 0, False
        self.last: Json = {}
        self._herald, self._dropped, self._progress = herald, dropped, progress
        self._unread = threading.Lock()

    def cancel(self) -> bool:
        """Stop it, here at once and at the sidecar soon. False where it had ended."""
        if not super().cancel():
            return False
        self._dropped(self)
        return True

    def add_done_callback(self, fn: Callable[[Any], object]) -> None:
        """Have `fn(call)` run when it has ended, however it ends."""
        super().add_done_callback(lambda call: self._herald.tell(lambda: void(fn(call))))

    def moved(self, progress: Json) -> None:
        """For the bridge: what the helper says of how far it has come. News that nobody has read yet gives
        way to newer."""
        self.last = progress
        if self._progress is not None and self._unread.acquire(blocking=False):
            self._herald.tell(self._tell)

    def succeed(self, result: Json) -> None:
        """For the bridge."""
        with contextlib.suppress(InvalidStateError):  # cancelled meanwhile
            self.set_result(result)

    def fail(self, error: BaseException) -> None:
        """For the bridge."""
        with contextlib.suppress(InvalidStateError):
            self.set_exception(error)

    def _tell(self) -> None:
        self._unread.release()
        if self._progress is not None and not self.done():
            self._progress(self.last)


def void(value: object) -> None:
    """Take no notice of a value."""
