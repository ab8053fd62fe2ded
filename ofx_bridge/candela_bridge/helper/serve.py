"""The helper's doors: one process of a user, for all hosts of that user."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from candela_bridge.helper.job import Answer
from candela_bridge.helper.session import Session, Threads, Work
from candela_bridge.place import Place, new_token, peer
from candela_bridge.whole import whole

__all__ = ["AlreadyServed", "serve"]

_MOST_HOSTS = 64
_log = logging.getLogger("candela.bridge")


class AlreadyServed(Exception):
    """Another helper serves this place."""


def serve(
    place: Place,
    calls: Mapping[str, Work],
    *,
    about: Answer,
    idle: float = 600.0,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve hosts until SIGTERM, or until nobody has been here for `idle` seconds.

    about: goes with the welcome, beside `process`. Raises AlreadyServed at once where a helper serves there.
    """
    with _claimed(place) as ours:
        asyncio.run(_Serving(place, calls, {"process": os.getpid(), **about}, idle, ours).run(ready))


@contextlib.contextmanager
def _claimed(place: Place) -> Iterator[Callable[[], bool]]:
    """The place for this process alone, however the last one ended. Gives whether it still is: who cleans up
    temporary folders may take the lock away, and then another helper has its own there."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    lock = os.open(place.lock, flags, 0o600)
    try:
        try:
            _lock(lock)
        except OSError:
            raise AlreadyServed(f"{place.folder}: a helper serves there already") from None
        for path in (place.door, place.card):
            path.unlink(missing_ok=True)
        yield lambda: _same(place.lock, os.fstat(lock))
        if _same(place.lock, os.fstat(lock)):
            for path in (place.door, place.card):
                path.unlink(missing_ok=True)
    finally:
        os.close(lock)


def _same(path: Path, known: os.stat_result) -> bool:
    """Whether a path still leads to what it did."""
    try:
        return os.path.samestat(os.lstat(path), known)
    except OSError:
        return False


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class _Serving:
    def __init__(
        self, place: Place, calls: Mapping[str, Work], about: Answer, idle: float, ours: Callable[[], bool]
    ) -> None:
        self._place, self._calls, self._about, self._idle, self._ours = place, calls, about, idle, ours
        self._sessions: set[Session] = set()
        self._token = "" if place.unix else new_token()
        self._seen = time.monotonic()
        self._threads = Threads()

    async def run(self, ready: Callable[[], None]) -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, stopping.set)
        server = await self._listen()
        _log.info("serving in %s, process %d", self._place.folder, os.getpid())
        ready()
        while not stopping.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stopping.wait(), min(1.0, self._idle / 4))
            if self._sessions:
                self._seen = time.monotonic()
            elif not self._ours():
                _log.info("the folder was cleared, and is another helper's from now on")
                break
            elif time.monotonic() - self._seen > self._idle:
                _log.info("nobody has been here for %g s", self._idle)
                break
            if self._ours() and not (self._place.door if self._place.unix else self._place.card).exists():
                _log.info("the way in was taken away, and is made anew")
                server.close()
                server = await self._listen()
        server.close()
        for session in list(self._sessions):
            session.leave()
        self._threads.close()

    async def _listen(self) -> asyncio.Server:
        if self._place.unix:
            before = os.umask(0o177)
            try:
                return await asyncio.start_unix_server(self._host, str(self._place.door), backlog=64)
            finally:
                os.umask(before)
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        if exclusive is not None:
            door.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        door.bind(("127.0.0.1", 0))
        server = await asyncio.start_server(self._host, sock=door, backlog=64)
        card = {"port": door.getsockname()[1], "token": self._token, "process": os.getpid()}
        with whole(self._place.card) as fresh:
            fresh.write_text(json.dumps(card), "ascii")
        return server

    async def _host(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        who = peer(writer.get_extra_info("socket"))
        if (who is not None and who[1] != os.geteuid()) or len(self._sessions) >= _MOST_HOSTS:
            _log.warning("a connection is refused: %s", "too many" if who is None else f"user {who[1]}")
            writer.close()
            return
        session = Session(reader, writer, self._calls, self._threads, token=self._token, about=self._about)
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)
            self._seen = time.monotonic()
