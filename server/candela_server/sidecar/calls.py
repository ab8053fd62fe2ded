"""Calls as streams of events: how far the work is, chunks of a file that goes back, and at last the
result."""

from __future__ import annotations

import asyncio
import functools
import time
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from candela_server.jobs.errors import CancelledError
from candela_server.jobs.estimate import memory_for
from candela_server.jobs.job import Job, Report
from candela_server.jobs.scheduler import Scheduler
from candela_server.service.engines import EngineFacts
from candela_server.sidecar.asks import Ask, FrameAsk
from candela_server.sidecar.desk import Desk, Ready
from candela_server.sidecar.tasks import Engines, Rendered
from candela_server.workers.pool import Pool, Staff

__all__ = ["Caller", "Calls", "Event", "Measured"]

_CHUNK = 1 << 20
_REPORT_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class Caller:
    """Who calls. deadline: `time.monotonic()` or None. on_gone: takes what is to be done when the call has
    ended, however it ends. ocio: the client's $OCIO, empty for none, None where it did not say."""

    client: str = ""
    id: str = ""
    deadline: float | None = None
    on_gone: Callable[[Callable[[], None]], None] = lambda end: None
    ocio: str | None = None


@dataclass(frozen=True)
class Measured:
    """What an embedding found, before it writes: the same class as its result."""

    result: Any


Event: TypeAlias = Report | Measured | bytes | Any
"""The last one is the result: that of the use case, a `Fit` or a `Rendered`."""


class Calls:
    """The calls, each one job of the scheduler and one task of a worker."""

    def __init__(self, desk: Desk, scheduler: Scheduler, pool: Pool) -> None:
        self.desk, self.scheduler, self._pool = desk, scheduler, pool
        self._streams: dict[str, _Stream] = {}

    async def stream(self, ask: Ask, caller: Caller) -> AsyncIterator[Event]:
        """Report, Measured where it is an embedding, bytes and the result."""
        job = _job(ask, caller)
        with self.desk.ready(ask, job, caller.ocio) as ready:
            await self._look(ready, job, caller)
            async for event in self._events(job, ready, caller):
                yield event

    async def single(self, ask: Ask, caller: Caller) -> Any:
        """The result alone."""
        job = _job(ask, caller)
        caller.on_gone(job.cancel)
        with self.desk.ready(ask, job, caller.ocio) as ready:
            await self._look(ready, job, caller)
            return await self.scheduler.run(job, lambda: self._pool.run(job, ready.task))

    async def frames(
        self, asks: AsyncIterable[FrameAsk], caller: Caller
    ) -> AsyncIterator[tuple[FrameAsk, Rendered]]:
        """Frame after frame of one client, each a job of its own: between two others have their turn."""
        at = _Stream()
        caller.on_gone(at.stop)
        self._streams[caller.id] = at
        setup, task = None, None
        try:
            async for ask in at.heard(asks):
                if task is None or ask.setup is not setup:
                    setup, task = ask.setup, self.desk.frames(ask.setup)
                end = _deadline(ask, caller)
                job = Job(ask.call, client=caller.client, id_=caller.id, deadline=end)
                at.take(job)
                whole = self.desk.frame(task, ask, job)
                run = functools.partial(self._pool.run_soon, job, whole)
                yield ask, await self.scheduler.run_soon(job, run)
        finally:
            del self._streams[caller.id]

    async def engines(self, caller: Caller) -> list[EngineFacts]:
        """The engines, as a worker has them."""
        job = Job("ListEngines", client=caller.client, id_=caller.id, deadline=caller.deadline)
        caller.on_gone(job.cancel)
        found: list[EngineFacts] = await self.scheduler.run(job, lambda: self._pool.run(job, Engines()))
        return found

    @property
    def staff(self) -> Staff:
        """The workers."""
        return self._pool.staff

    def cancel(self, id_: str) -> bool:
        """Stop the call of a request id; whether there is one."""
        stream, job = self._streams.get(id_), self.scheduler.find(id_)
        if stream is not None:
            stream.end()
        elif job is not None:
            job.cancel()
        return stream is not None or job is not None

    async def _look(self, ready: Ready, job: Job, caller: Caller) -> None:
        """Have a worker tell how large frames are, before there is room made for them."""
        sizes = ready.look
        if sizes is None:
            return
        look = Job(job.call, client=caller.client, id_=caller.id, deadline=caller.deadline)
        caller.on_gone(look.cancel)
        pixels = await self.scheduler.run(look, lambda: self._pool.run(look, sizes))
        job.memory = max(job.memory, memory_for(job.call, pixels=pixels, most=self.desk.most_pixels))

    async def _events(self, job: Job, ready: Ready, caller: Caller) -> AsyncIterator[Event]:
        loop, wake = asyncio.get_running_loop(), asyncio.Event()
        found: deque[Event] = deque()

        def measured(result: Any) -> None:
            found.append(Measured(result))
            job.told()

        job.told = lambda: _wake(loop, wake)
        caller.on_gone(job.cancel)
        work = self.scheduler.run(job, lambda: self._pool.run(job, ready.task, measured))
        task = asyncio.ensure_future(work)
        task.add_done_callback(lambda _: wake.set())
        last, at = job.report, time.monotonic()
        try:
            while not task.done():
                await wake.wait()
                wake.clear()
                while found:
                    yield found.popleft()
                now, report = time.monotonic(), job.report
                if report is last or task.done():
                    continue
                if now - at < _REPORT_SECONDS:
                    loop.call_later(_REPORT_SECONDS - (now - at), wake.set)
                    continue
                last, at = report, now
                yield report
            result = task.result()
            while found:
                yield found.popleft()
            if ready.back is not None:
                async for chunk in _chunks(ready.back):
                    yield chunk
            yield result
        finally:
            if not task.done():
                job.cancel()
                task.cancel()


class _Stream:
    """A call of many jobs, which stops with the one that it is at, or while it waits for the next."""

    def __init__(self) -> None:
        self._job: Job | None = None
        self._stopped = False
        self._ended = False
        self._reading: asyncio.Future[FrameAsk | None] | None = None

    async def heard(self, asks: AsyncIterable[FrameAsk]) -> AsyncIterator[FrameAsk]:
        """What is asked for, one after another. CancelledError as soon as the call is ended."""
        coming = aiter(asks)
        while True:
            self._reading = asyncio.ensure_future(_next(coming))
            try:
                found = None if self._ended else await self._reading
            except asyncio.CancelledError:
                if not self._ended:
                    raise
                found = None
            finally:
                self._reading.cancel()
            if self._ended:
                raise CancelledError("ReconstructFrames was cancelled; frames that were answered are done")
            if found is None:
                return
            yield found

    def end(self) -> None:
        """It was cancelled: it goes no further, and need not wait for another frame to say so."""
        self._ended = True
        self.stop()
        if self._reading is not None:
            self._reading.cancel()

    def take(self, job: Job) -> None:
        """The next one."""
        self._job = job
        if self._stopped:
            job.cancel()

    def stop(self) -> None:
        """It goes no further."""
        self._stopped = True
        if self._job is not None:
            self._job.cancel()


async def _next(asks: AsyncIterator[FrameAsk]) -> FrameAsk | None:
    return await anext(asks, None)


def _deadline(ask: FrameAsk, caller: Caller) -> float | None:
    own = None if ask.seconds is None else time.monotonic() + ask.seconds
    found = [end for end in (own, caller.deadline) if end is not None]
    return min(found) if found else None


def _job(ask: Ask, caller: Caller) -> Job:
    return Job(ask.call, client=caller.client, id_=caller.id, lane=ask.lane, deadline=caller.deadline)


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(event.set)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as stream:
        while data := await asyncio.to_thread(stream.read, _CHUNK):
            yield data
