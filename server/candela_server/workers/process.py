"""The worker's side: one task after the other, until nobody is there any more."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from pathlib import Path
from types import FrameType
from typing import Any

from candela_engines.errors import CandelaError
from candela_server.frames.segments import Regions, Shared
from candela_server.service.rendering import Backend, use_backend
from candela_server.workers.task import At, Bench, Failed, Fault, Made, Task, Told

__all__ = ["CANCEL", "PRELOAD", "Forget", "Here", "Take", "work"]

CANCEL = getattr(signal, "SIGUSR1", signal.SIGTERM)
"""What stops a task. Not SIGINT or SIGTERM, which a terminal and systemd send to all of a group: they are for
the sidecar to hear, and the work that it still waits for must not end of them."""

PRELOAD = (
    "candela_server.sidecar.tasks",
    "candela_server.service.qc_calls",
    "candela_server.workers.process",
    "imagecodecs",
    "av",
    "PyOpenColorIO",
    "OpenImageIO",
)
"""What the process that workers are copies of has in memory; none of it starts a thread by being imported."""

_REPORT_SECONDS = 0.05
_TIDY_SECONDS = 0.05  # without work, before what it left in memory is looked through


class Here:
    """Message: ready to work, or what is in the way, in words."""

    def __init__(self, trouble: str = "") -> None:
        self.trouble = trouble


class Take:
    """Message: a region, whose descriptor follows."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared


class Forget:
    """Message: a region that will not be used any more."""

    def __init__(self, region: str) -> None:
        self.region = region


class _Switch:
    """Turns the signal into KeyboardInterrupt while a task runs, and into nothing otherwise."""

    def __init__(self) -> None:
        self.on = self._held = self._wanted = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(CANCEL, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._held:
            self._wanted = True
        elif self.on:
            self.on = False  # once: what cleans up is not disturbed
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Not in the middle of this: half a message would spoil all that come after it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._held, self._wanted = True, False
        try:
            yield
        finally:
            self._held = False
        if self._wanted and self.on:
            self.on = False
            raise KeyboardInterrupt


def work(pipe: Connection, scratch: Path, most_region: int, backend: Backend | None) -> None:
    """Do tasks. scratch: an own folder for temporary files. backend: where to render."""
    switch = _Switch()
    threading.Thread(target=_leave_with_the_sidecar, daemon=True).start()
    try:
        scratch.mkdir(exist_ok=True)
    except OSError as error:
        pipe.send(Here(f"{scratch}: {error.strerror or error}"))
        return
    tempfile.tempdir = str(scratch)
    use_backend(backend)
    said = _Saying(pipe, switch)
    bench = Bench(Regions(enabled=True, most=most_region), said.at, said.tell)
    gc.freeze()  # what is shared with the other workers stays shared
    try:
        pipe.send(Here())
        _serve(pipe, bench, switch, said)
    except (EOFError, OSError, KeyboardInterrupt):
        return


def _serve(pipe: Connection, bench: Bench, switch: _Switch, said: _Saying) -> None:
    tidy = True
    while True:
        # Arrays in a cycle may lie in a region that its owner wants back; frame after frame does not wait.
        if not tidy and not pipe.poll(_TIDY_SECONDS):
            gc.collect()
            tidy = True
        message = pipe.recv()
        if isinstance(message, Take):
            bench.regions.adopt(message.shared, recv_handle(pipe))
        elif isinstance(message, Forget):
            bench.regions.discard(message.region)
            tidy = False
        else:
            pipe.send(_done(message, bench, switch, said))
            tidy = False


def _done(task: Task, bench: Bench, switch: _Switch, said: _Saying) -> Made | Failed | Fault:
    said.begin()
    try:
        switch.on = True
        try:
            return Made(task(bench))
        finally:
            switch.on = False
    except KeyboardInterrupt:
        return Failed(InterruptedError())
    except (CandelaError, OSError, MemoryError) as error:
        return Failed(_sendable(error))
    except Exception as error:
        return Fault("".join(traceback.format_exception(error)))


def _sendable(error: Exception) -> Exception:
    """Without the frames that it came through, which hold arrays."""
    bare = error.with_traceback(None)
    bare.__cause__ = bare.__context__ = None
    return bare


class _Saying:
    """Sends reports, and not too many of them. Engines call it from any thread."""

    def __init__(self, pipe: Connection, switch: _Switch) -> None:
        self._pipe, self._switch, self._lock = pipe, switch, threading.Lock()
        self._stage, self._last = "", 0.0

    def begin(self) -> None:
        self._stage, self._last = "", 0.0

    def at(self, at: At) -> None:
        now = time.monotonic()
        if at.stage == self._stage and now - self._last < _REPORT_SECONDS:
            return
        self._stage, self._last = at.stage, now
        self._send(at)

    def tell(self, value: Any) -> None:
        self._send(Told(value))

    def _send(self, message: object) -> None:
        with self._lock, self._switch.held():
            self._pipe.send(message)


def _leave_with_the_sidecar() -> None:
    """End with the process that this one works for, whatever it is at: nobody is there to read a result."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
