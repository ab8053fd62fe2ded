"""Calls as streams of events: how far the work is, chunks of a file that goes back, and at last the
result."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from candela_server import service
from candela_server.frames.samples import MemoryFrame
from candela_server.jobs.job import Job, Lane, Report
from candela_server.jobs.scheduler import Scheduler
from candela_server.sidecar import memory_calls
from candela_server.sidecar.asks import EmbedAsk, InspectAsk, ReconstructAsk, StripAsk, VerifyAsk
from candela_server.sidecar.desk import Desk, Done
from candela_server.sidecar.memory_calls import Fit, Rendered

__all__ = ["Caller", "Calls", "Event", "Measured"]

_CHUNK = 1 << 20
_REPORT_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class Caller:
    """Who calls. deadline: `time.monotonic()` or None. on_gone: takes what is to be done when the call has
    ended, however it ends."""

    client: str = ""
    id: str = ""
    deadline: float | None = None
    on_gone: Callable[[Callable[[], None]], None] = lambda end: None


@dataclass(frozen=True)
class Measured:
    """What an embedding found, before it writes."""

    result: service.EmbedResult


Result: TypeAlias = (
    service.EmbedResult | service.ReconstructResult | service.VerifyResult | service.StripResult
    | service.InspectResult | Fit | Rendered
)  # fmt: skip
Event: TypeAlias = Report | Measured | bytes | Result


class Calls:
    """The calls, each one job of the scheduler."""

    def __init__(self, desk: Desk, scheduler: Scheduler) -> None:
        self.desk, self.scheduler = desk, scheduler

    async def embed(self, ask: EmbedAsk, caller: Caller) -> AsyncIterator[Event]:
        """Report, Measured, bytes and an EmbedResult; of frames in memory a `Fit`."""
        job = _job("Embed", caller, lane="fit")
        if isinstance(ask.sdr, MemoryFrame):
            work = memory_calls.embed(self.desk, ask, job)
            async for event in self._events(job, work, caller):
                yield event
            return
        found: deque[Event] = deque()
        with self.desk.paths(job, ask.sdr, ask.hdr, ask.out) as paths:

            def measured(result: service.EmbedResult) -> None:
                found.append(Measured(result))
                job.told()

            run = self._events(job, lambda: self.desk.embed(ask, paths, job, measured), caller, found)
            async for event in run:
                yield event

    async def reconstruct(self, ask: ReconstructAsk, caller: Caller) -> AsyncIterator[Event]:
        """Report, bytes and a ReconstructResult; of frames in memory a `Rendered`."""
        job = _job("Reconstruct", caller)
        if isinstance(ask.sdr, MemoryFrame):
            async for event in self._events(job, memory_calls.reconstruct(self.desk, ask, job), caller):
                yield event
            return
        with self.desk.paths(job, ask.sdr, None, ask.out) as paths:
            async for event in self._events(job, lambda: self.desk.reconstruct(ask, paths, job), caller):
                yield event

    async def verify(self, ask: VerifyAsk, caller: Caller) -> AsyncIterator[Event]:
        """Report and a VerifyResult."""
        job = _job("Verify", caller)
        with self.desk.paths(job, ask.sdr, ask.hdr) as paths:
            async for event in self._events(job, lambda: self.desk.verify(ask, paths, job), caller):
                yield event

    async def strip(self, ask: StripAsk, caller: Caller) -> AsyncIterator[Event]:
        """Report, bytes and a StripResult."""
        job = _job("Strip", caller)
        with self.desk.paths(job, ask.source, None, ask.out) as paths:
            async for event in self._events(job, lambda: self.desk.strip(ask, paths, job), caller):
                yield event

    async def inspect(self, ask: InspectAsk, caller: Caller) -> service.InspectResult:
        """What a file carries."""
        job = _job("Inspect", caller)
        caller.on_gone(job.cancel)
        with self.desk.paths(job, ask.source) as paths:
            return await self.scheduler.run(job, lambda: self.desk.inspect(ask, paths, job))

    def cancel(self, id_: str) -> bool:
        """Stop the call of a request id; whether there is one."""
        job = self.scheduler.find(id_)
        if job is not None:
            job.cancel()
        return job is not None

    async def _events(
        self,
        job: Job,
        work: Callable[[], Done[Any] | Result],
        caller: Caller,
        found: deque[Event] | None = None,
    ) -> AsyncIterator[Event]:
        loop, wake = asyncio.get_running_loop(), asyncio.Event()
        found = deque() if found is None else found
        woken = time.monotonic()

        def told() -> None:
            nonlocal woken
            now = time.monotonic()
            if now - woken > _REPORT_SECONDS or found:  # every wake costs the engine its turn in Python
                woken = now
                _wake(loop, wake)

        job.told = told
        caller.on_gone(job.cancel)
        task = asyncio.ensure_future(self.scheduler.run(job, work))
        task.add_done_callback(lambda _: wake.set())
        last, at = job.report, time.monotonic()
        try:
            while not task.done():
                await wake.wait()
                wake.clear()
                while found:
                    yield found.popleft()
                now, report = time.monotonic(), job.report
                if report is not last and not task.done() and now - at > _REPORT_SECONDS:
                    last, at = report, now
                    yield report
            done = task.result()
            while found:
                yield found.popleft()
            result = done.result if isinstance(done, Done) else done
            if isinstance(done, Done) and done.back is not None:
                async for chunk in _chunks(done.back):
                    yield chunk
            yield result
        finally:
            if not task.done():
                job.cancel()
                task.cancel()


def _job(call: str, caller: Caller, *, lane: Lane = "work") -> Job:
    return Job(call, client=caller.client, id_=caller.id, lane=lane, deadline=caller.deadline)


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(event.set)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as stream:
        while data := await asyncio.to_thread(stream.read, _CHUNK):
            yield data
