"""As many warm workers as there may be jobs: lent one job at a time, replaced when they end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from candela_engines.errors import CandelaError, InfrastructureError
from candela_server.frames.segments import Regions
from candela_server.jobs.job import Job
from candela_server.service.rendering import Backend
from candela_server.workers.place import meet
from candela_server.workers.process import PRELOAD
from candela_server.workers.task import Task
from candela_server.workers.worker import Worker

__all__ = ["Pool", "Staff"]

_WATCH_SECONDS = 0.1
_STALE_BYTES = 1 << 30  # a decoder of a large movie has half of that, and is to stay open
_PATIENCE_SECONDS = 60.0
_AGAIN_SECONDS = 1.0  # before another try, where workers do not start


@dataclass(frozen=True)
class Staff:
    """there: workers that can work or do. wanted: how many there ought to be. trouble: why there are
    fewer."""

    there: int
    wanted: int
    trouble: str


class Pool:
    """count: workers. memory: bytes that one may have before it is ended. scratch: a folder for theirs.
    backend: where they render.

    Workers are copies of one process that has the engines in memory, made in some milliseconds. A worker that
    has grown to more than a gibibyte is replaced when its job is done: memory goes back to the system.
    Where none starts, whoever has work is told why; later work is a reason to try again.
    """

    def __init__(
        self,
        count: int,
        regions: Regions,
        *,
        memory: int,
        scratch: Path,
        backend: Backend | None = None,
        trouble: Callable[[str], None] = lambda text: None,
    ) -> None:
        """trouble: told when workers do not start, and why."""
        self._count, self._regions, self._memory, self._scratch = count, regions, memory, scratch
        self._backend, self._told = backend, trouble
        self._context = _context()
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._owed: dict[Worker, set[str]] = {}  # regions to let go of after the job
        self._coming = 0
        self._trouble, self._failed_at = "", 0.0
        self._open = True
        self._fillers: list[threading.Thread] = []
        with self._changed:
            self._fill_up()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def staff(self) -> Staff:
        """How many there are, for whoever asks."""
        with self._changed:
            there = len(self._busy) + sum(worker.alive for worker in self._idle)
            return Staff(there, self._count, self._trouble)

    def run(self, job: Job, task: Task, told: Callable[[Any], None] = lambda value: None) -> Any:
        """The result of a task, by a worker. Raises as `Worker.run`; InfrastructureError if none starts."""
        regions = [self._regions.get(id_) for id_ in task.regions]
        with self._lent(job) as worker:
            return worker.run(job, task, regions, told)

    async def run_soon(self, job: Job, task: Task) -> Any:
        """As `run`, in an event loop, for tasks that take next to no time beyond their work."""
        regions = [self._regions.get(id_) for id_ in task.regions]
        with self._changed:
            worker = self._idle_one()
        if worker is None:
            worker = await asyncio.to_thread(self._take, job)
        try:
            return await worker.run_soon(job, task, regions)
        finally:
            self._back(worker)

    def forget(self, region: str) -> None:
        """Have every worker let go of a region."""
        with self._changed:
            for worker in self._idle:
                worker.forget(region)
            for worker in self._busy:
                self._owed.setdefault(worker, set()).add(region)

    def close(self) -> None:
        """End all of them."""
        with self._changed:
            self._open = False
            workers, fillers = [*self._idle, *self._busy], list(self._fillers)
            self._changed.notify_all()
        for worker in workers:
            worker.close()
        for filler in fillers:  # Python would wait at its end for one that is being started
            filler.join()

    @contextlib.contextmanager
    def _lent(self, job: Job) -> Iterator[Worker]:
        worker = self._take(job)
        try:
            yield worker
        finally:
            self._back(worker)

    def _take(self, job: Job) -> Worker:
        end = time.monotonic() + _PATIENCE_SECONDS
        with self._changed:
            while True:
                worker = self._idle_one()
                if worker is not None:
                    return worker
                if job.stopped:
                    raise job.error()
                self._fill_up()
                if self._trouble and not self._coming and not self._busy:
                    raise InfrastructureError(f"the sidecar's workers do not start: {self._trouble}")
                if not self._open or time.monotonic() > end:
                    raise InfrastructureError("the sidecar's workers do not start in time")
                self._changed.wait(0.05)

    def _idle_one(self) -> Worker | None:
        while self._idle:
            worker = self._idle.pop()  # the one that worked last: its memory is warm
            if worker.alive:
                self._busy.add(worker)
                self._changed.notify_all()
                return worker
            self._fill_up(worker)
        return None

    def _back(self, worker: Worker) -> None:
        with self._changed:
            self._busy.discard(worker)
            owed = self._owed.pop(worker, set())
            if not self._open:
                return
            if worker.alive and worker.resident < _STALE_BYTES:
                for region in owed:
                    worker.forget(region)
                self._idle.append(worker)
                self._changed.notify()
                self._fill_up()  # where one did not start, it may now
            else:
                self._fill_up(worker)

    def _fill_up(self, *ended: Worker) -> None:
        """Start as many as are missing, elsewhere; not again at once where that has just failed."""
        count = self._count - len(self._idle) - len(self._busy) - self._coming
        if self._trouble and time.monotonic() - self._failed_at < _AGAIN_SECONDS:
            count = 0
        if not self._open or (count <= 0 and not ended):
            return
        self._coming += max(count, 0)
        self._fillers = [filler for filler in self._fillers if filler.is_alive()]
        self._fillers.append(threading.Thread(target=self._fill, args=(count, *ended), daemon=True))
        self._fillers[-1].start()

    def _fill(self, count: int, *ended: Worker) -> None:
        while count > 0:
            worker, trouble = self._started()
            with self._changed:
                done = count if trouble else 1  # the next ones would have the same
                self._coming, count = self._coming - done, count - done
                self._trouble = trouble
                if worker is not None and self._open:
                    self._idle.insert(0, worker)
                    worker = None
                if trouble:
                    self._failed_at = time.monotonic()
                self._changed.notify_all()
            if worker is not None:
                worker.close()
            if trouble and self._open:
                self._told(trouble)
        for worker in ended:  # after those that take their places: a large one takes its time
            worker.close()

    def _started(self) -> tuple[Worker | None, str]:
        """A worker that is ready to work, or why there is none."""
        if not self._open:
            return None, "it is stopping"
        scratch = self._scratch / f"worker-{next(self._numbers)}"
        try:
            meet()
            worker = Worker(self._context, scratch, self._regions.most, self._backend)
        except CandelaError as error:
            return None, str(error)
        except Exception as error:  # whatever it is, somebody waits for a worker and has to be told
            return None, f"{type(error).__name__}: {error}"
        trouble = worker.wait(lambda: self._open)
        if trouble:
            worker.close()
            return None, trouble
        return worker, ""

    def _watch(self) -> None:
        """End workers that take more than there is for all."""
        while self._open:
            with self._changed:
                self._changed.wait_for(lambda: self._busy or not self._open)
                busy = list(self._busy)
            for worker in busy:
                if worker.resident > self._memory:
                    worker.kill("memory")
            time.sleep(_WATCH_SECONDS)


def _context() -> BaseContext:
    if sys.platform == "linux":
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["__main__", *PRELOAD])
        return context
    # Elsewhere a copy of a process that has libraries in memory is not safe.
    return multiprocessing.get_context("spawn")
