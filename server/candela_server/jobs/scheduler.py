"""What runs next: a bounded queue, fair between clients, within memory and the lanes' limits."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from candela_server.jobs.errors import QueueFullError, StoppingError, TooLargeError
from candela_server.jobs.job import Job

__all__ = ["Limits", "Scheduler"]

T = TypeVar("T")
_GIB = 1 << 30


@dataclass(frozen=True)
class Limits:
    """workers: jobs at a time; fits: of them those that fit a network, which take every core by themselves.
    waiting: jobs in the queue, of all clients. memory: bytes that running jobs may be expected to take."""

    workers: int = 4
    fits: int = 1
    waiting: int = 64
    memory: int = 8 * _GIB


@dataclass(eq=False)
class _Entry:
    job: Job
    begin: Callable[[], asyncio.Future[Any]]
    done: asyncio.Future[Any]


class Scheduler:
    """Lives in one event loop; threads wait for the work.

    Clients take turns, whatever they have waiting. A job that memory has no room for yet keeps its turn, so
    that large pictures are not passed by small ones for ever.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.memory_used = 0
        self._clients: OrderedDict[str, deque[_Entry]] = OrderedDict()
        self._running: set[Job] = set()
        self._pool = ThreadPoolExecutor(limits.workers, "engine")
        self._open = True
        self._took = 1.0  # seconds a job, on the average of late: what a retry hint is made of

    @property
    def jobs(self) -> list[Job]:
        """Those that run, then those that wait."""
        return [*self._running, *(entry.job for queue in self._clients.values() for entry in queue)]

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return sum(map(len, self._clients.values()))

    async def run(self, job: Job, work: Callable[[], T]) -> T:
        """The result of `work`, called in a thread when its turn has come.

        Raises QueueFullError, TooLargeError (more memory than there will ever be), StoppingError,
        CancelledError or DeadlineError for a job that was stopped, and what `work` raises. When the caller is
        cancelled, the job is stopped too.
        """
        return await self._run(job, lambda: self._in_thread(job, work))

    async def run_soon(self, job: Job, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The same of `work` that waits in this loop, and so needs no thread."""
        return await self._run(job, lambda: asyncio.ensure_future(_guarded_soon(job, work)))

    async def _run(self, job: Job, begin: Callable[[], asyncio.Future[T]]) -> T:
        self._admit(job)
        entry = _Entry(job, begin, asyncio.get_running_loop().create_future())
        self._clients.setdefault(job.client, deque()).append(entry)
        self._next()
        loop = asyncio.get_running_loop()
        told = job.told

        def wake() -> None:
            told()
            if job.stopped:
                job.interrupt()
                loop.call_soon_threadsafe(self._drop_if_waiting, entry)

        job.told = wake
        late = None
        if job.deadline is not None:
            late = loop.call_later(max(job.deadline - time.monotonic(), 0), wake)
        try:
            result: T = await entry.done
            return result
        except asyncio.CancelledError:
            job.cancel()
            self._drop_if_waiting(entry)
            raise
        finally:
            if late is not None:
                late.cancel()

    def find(self, id_: str) -> Job | None:
        """The job of a request id, while it waits or runs."""
        return next((job for job in self.jobs if job.id == id_), None)

    async def drain(self, seconds: float) -> bool:
        """Take no more work, and wait for what is there; whether it was done in time. The rest is stopped."""
        self._open = False
        end = time.monotonic() + seconds
        while self.jobs and time.monotonic() < end:
            await asyncio.sleep(0.02)
        left = self.jobs
        for job in left:
            job.cancel()
        while self.jobs and time.monotonic() < end + 5:
            await asyncio.sleep(0.02)
        self._pool.shutdown(wait=not self.jobs, cancel_futures=True)
        return not left

    def _admit(self, job: Job) -> None:
        if not self._open:
            raise StoppingError("the sidecar is stopping; ask again when it is back, or another one")
        if job.memory > self.limits.memory:
            raise TooLargeError(
                f"{job.call} is expected to take {job.memory / _GIB:.1f} GiB of memory, and all work "
                "together may "
                f"take {self.limits.memory / _GIB:.1f}; the operator can allow more with --memory"
            )
        if job.stopped:
            raise job.error()
        if self.waiting >= self.limits.waiting:
            seconds = max(0.1, self._took * self.waiting / self.limits.workers)
            raise QueueFullError(
                f"{self.waiting} jobs are waiting, which is as many as may; ask again in {seconds:.1f} s",
                seconds,
            )

    def _next(self) -> None:
        """Start what may start."""
        passed: set[str] = set()
        while len(self._running) < self.limits.workers:
            client = next((c for c in self._clients if c not in passed), None)
            if client is None:
                return
            head = self._clients[client][0]
            fits = sum(job.lane == "fit" for job in self._running)
            if head.job.lane == "fit" and fits >= self.limits.fits:
                passed.add(client)
                continue
            if self.memory_used + head.job.memory > self.limits.memory:
                return
            self._take(client, head)
            self._clients.move_to_end(client) if client in self._clients else None
            self._start(head)

    def _take(self, client: str, entry: _Entry) -> None:
        queue = self._clients[client]
        queue.remove(entry)
        if not queue:
            del self._clients[client]

    def _start(self, entry: _Entry) -> None:
        job = entry.job
        job.running = True
        self._running.add(job)
        self.memory_used += job.memory
        began = time.monotonic()
        future = entry.begin()

        def finish(done: asyncio.Future[Any]) -> None:
            self._running.discard(job)
            self.memory_used -= job.memory
            self._took += 0.2 * (time.monotonic() - began - self._took)
            if not entry.done.done():
                error = done.exception()
                if error is not None:
                    entry.done.set_exception(error)
                else:
                    entry.done.set_result(done.result())
            else:
                done.exception()  # nobody waits for it
            self._next()

        future.add_done_callback(finish)

    def _in_thread(self, job: Job, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._pool, _guarded, job, work)

    def _drop_if_waiting(self, entry: _Entry) -> None:
        job = entry.job
        if job.running or job.client not in self._clients or entry not in self._clients[job.client]:
            return
        self._take(job.client, entry)
        if not entry.done.done():
            entry.done.set_exception(job.error())
        self._next()


def _guarded(job: Job, work: Callable[[], T]) -> T:
    if job.stopped:
        raise job.error()
    return work()


async def _guarded_soon(job: Job, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    if job.stopped:
        raise job.error()
    return await work()
