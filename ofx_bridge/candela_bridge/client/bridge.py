"""The bridge as hosts use it."""

from __future__ import annotations

import os
import threading
from typing import Any, Callable, Dict, Optional

from candela_bridge.client.call import Call, Deliver, Herald, Json, Progress
from candela_bridge.client.errors import BridgeError
from candela_bridge.client.heart import Timing
from candela_bridge.client.launch import Launch
from candela_bridge.client.loop import Loop
from candela_bridge.place import Place, default_place
from candela_bridge.wire import Message

__all__ = ["DEFAULT_SECONDS", "Bridge", "Done"]

Done = Callable[[Call], object]

DEFAULT_SECONDS: Dict[str, Optional[float]] = {
    "ping": 10.0,
    "status": 120.0,
    "engines": 120.0,
    "resolve": 60.0,
    "inspect": 300.0,
    "setup": 300.0,
    "look": 120.0,
}
"""How long a call may take where nothing is said; None, and so for those that are not here, for as long as it
needs: it can be cancelled. What may have to start a sidecar has the time for that, ninety seconds, too."""


class Bridge:
    """Calls to the helper, which is looked for or started with the first one.

    host: who calls, as `Nuke 15.1v1`. deliver: where callbacks run, as on the host's main thread; it gets a
    function without arguments and must not wait for it. Nothing here waits but `Call.result`.
    """

    def __init__(
        self,
        host: str = "",
        *,
        launch: Optional[Launch] = None,
        place: Optional[Place] = None,
        deliver: Optional[Deliver] = None,
        timing: Optional[Timing] = None,
    ) -> None:
        self._host, self._launch, self._timing = host, launch or Launch(), timing or Timing()
        self._place: Callable[[], Place] = default_place if place is None else lambda: place
        self._deliver = deliver
        self._lock = threading.Lock()
        self._closed = False
        self._process = 0
        self._loop: Optional[Loop] = None
        self._herald = Herald(deliver)

    def call(
        self,
        name: str,
        given: Optional[Json] = None,
        *,
        seconds: Optional[float] = None,
        progress: Optional[Progress] = None,
        done: Optional[Done] = None,
    ) -> Call:
        """Start a call. seconds: None for what DEFAULT_SECONDS says. done: gets the call when it has ended.

        The result is a JSON object; errors are BridgeError and its classes, of a cancelled call
        `concurrent.futures.CancelledError`. Raises BridgeError for a bridge that was closed.
        """
        loop, herald = self._running()
        limit = DEFAULT_SECONDS.get(name) if seconds is None else float(seconds)
        call = Call(name, dict(given or {}), limit, herald, loop.drop, progress)
        if done is not None:
            call.add_done_callback(done)
        loop.take(call)
        return call

    @property
    def helper(self) -> Optional[Message]:
        """What the helper said of itself: `version`, `process`; None while there is no connection."""
        loop = self._loop
        return None if loop is None or self._process != os.getpid() else loop.helper

    def ping(self, **more: Any) -> Call:
        """Whether the helper answers, and what it knows of its sidecar: `{"version": …, "sidecar": …}`."""
        return self.call("ping", None, **more)

    def close(self, wait: float = 0.0) -> None:
        """Let go of the helper, which cancels what it was at. wait: seconds, for the thread to end."""
        with self._lock:
            self._closed = True
            loop, self._loop = self._loop, None
        if loop is not None and self._process == os.getpid():
            loop.close()
            if wait:
                loop.join(wait)
        self._herald.close()

    def __enter__(self) -> "Bridge":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running(self) -> "tuple[Loop, Herald]":
        with self._lock:
            if self._closed:
                raise BridgeError("the bridge was closed; make another")
            if self._loop is None or self._process != os.getpid():  # a fork has no threads
                if self._loop is not None:
                    self._herald = Herald(self._deliver)
                self._process = os.getpid()
                self._loop = Loop(self._host, self._launch, self._place, self._timing)
            return self._loop, self._herald
