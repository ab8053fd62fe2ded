"""The sidecar's side of one worker: tasks go out, reports and results come in, and it can be ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.reduction import send_handle
from pathlib import Path
from typing import Any

from candela_server.frames.segments import Region
from candela_server.jobs.errors import MemoryLimitError, WorkerDiedError
from candela_server.jobs.job import Job
from candela_server.service.leftovers import remove_leftovers, remove_stages
from candela_server.service.rendering import Backend
from candela_server.service.shots_embed import Cancelled
from candela_server.workers.process import CANCEL, Forget, Here, Take, work
from candela_server.workers.task import At, Failed, Fault, Made, Task, Told

__all__ = ["Worker", "WorkerFault"]

GRACE_SECONDS = 0.05
"""What a task that is stopped has to end by itself in, but for a hasty one; then its process is ended."""

_START_SECONDS = 60.0
_GONE_SECONDS = 0.015  # in which a process that is killed has made its last call to the system
_KEPT = "what was finished is kept, and the same call goes on from there"
_ENDINGS = threading.Lock()
"""How a process ended is read once alone, and whoever starts one reads it of all that have ended: of two
threads that read at once, one would be told 255."""
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class WorkerFault(Exception):
    """A fault of ours in a worker; its text is the trace from there."""


class Worker:
    """One process. Of one thread at a time, but for `interrupt`, `kill` and `resident`."""

    def __init__(
        self, context: BaseContext, scratch: Path, most_region: int, backend: Backend | None = None
    ) -> None:
        self._scratch = scratch
        ours, theirs = context.Pipe()
        self._pipe: Connection = ours
        process = context.Process(target=work, args=(theirs, scratch, most_region, backend), daemon=True)  # type: ignore[attr-defined]
        try:
            with _ENDINGS:
                process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._process = process
        self._lock = threading.Lock()
        self._regions: set[str] = set()
        self._job: Job | None = None
        self._hasty = False
        self._killed: str | None = None

    def wait(self, still: Callable[[], bool]) -> str:
        """Wait until it is ready to work; what is in the way, in words, nothing where all is well.

        still: whether anybody wants it.
        """
        end = time.monotonic() + _START_SECONDS
        try:
            while not self._pipe.poll(0.1):
                if not still():
                    return "it is stopping"
                if time.monotonic() > end:
                    return f"a process was not ready to work after {_START_SECONDS:.0f} s"
            here: Here = self._pipe.recv()
            return here.trouble
        except (EOFError, OSError):
            self._wait_for_end(1)
            return (
                f"a process ended by {_how(self._process.exitcode)} before it was ready to work; what it "
                "wrote to stderr may say why"
            )

    @property
    def alive(self) -> bool:
        """Whether it can take another task."""
        return self._killed is None and bool(self._process.is_alive())

    @property
    def pid(self) -> int:
        """Of its process."""
        return int(self._process.pid)

    @property
    def resident(self) -> int:
        """Bytes of its own that it has in memory; 0 where the system does not say."""
        try:
            fields = Path(f"/proc/{self.pid}/statm").read_text().split()
        except (OSError, ValueError):
            return 0
        return (int(fields[1]) - int(fields[2])) * _PAGE  # without regions and libraries, which are shared

    def run(self, job: Job, task: Task, regions: list[Region], told: Callable[[Any], None]) -> Any:
        """The result of a task. told: gets what is known before.

        Raises what the task raises; the job's error where it was stopped; WorkerDiedError, MemoryLimitError
        where the process ended; WorkerFault.
        """
        with self._at(job, task):
            try:
                self._send(task, regions)
                while (end := self._heard(job, told)) is None:
                    pass
            except (EOFError, OSError) as error:
                raise self._ended(job, task) from error
        return self._outcome(job, task, end)

    async def run_soon(self, job: Job, task: Task, regions: list[Region]) -> Any:
        """As `run`, in an event loop: for a task that is over before a thread would have woken for it."""
        with self._at(job, task):
            try:
                self._send(task, regions)
                end = None
                while end is None:
                    await self._readable()
                    end = self._heard(job, _unheard)
            except (EOFError, OSError) as error:
                raise await asyncio.to_thread(self._ended, job, task) from error
        return self._outcome(job, task, end)

    def forget(self, region: str) -> None:
        """Let go of a region, if it has it."""
        if region in self._regions:
            self._regions.discard(region)
            with contextlib.suppress(OSError, ValueError):
                self._pipe.send(Forget(region))

    def interrupt(self) -> None:
        """Stop the task that is there; if it does not end by itself, the process is ended. That of a hasty
        one is at once."""
        with self._lock:
            job = self._job
            if job is None or self._killed is not None:
                return
            if self._hasty:
                self._kill("stopped")
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, CANCEL)
        job.interrupt = _nothing
        timer = threading.Timer(GRACE_SECONDS, self._kill_if_at, (job,))
        timer.daemon = True
        timer.start()

    def kill(self, why: str = "") -> None:
        """End the process at once. why: `memory`, `stopped`, or nothing to be said."""
        with self._lock:
            self._kill(why)

    def close(self) -> None:
        """End it, and remove what it had for itself."""
        self.kill()
        self._wait_for_end(5)
        self._pipe.close()
        with contextlib.suppress(ValueError):  # the system takes its time
            self._process.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _send(self, task: Task, regions: list[Region]) -> None:
        for region in regions:
            if region.id not in self._regions:
                self._pipe.send(Take(region.shared))
                send_handle(self._pipe, region.handle, self.pid)
                self._regions.add(region.id)
        self._pipe.send(task)

    @contextlib.contextmanager
    def _at(self, job: Job, task: Task) -> Iterator[None]:
        """While it is at a job, which can be stopped. Raises the job's error where it is stopped already."""
        with self._lock:
            self._job, self._hasty = job, task.hasty
        job.interrupt = self.interrupt
        try:
            if job.stopped:
                raise job.error()
            yield
        finally:
            job.interrupt = _nothing
            with self._lock:
                self._job = None

    async def _readable(self) -> None:
        loop, pipe = asyncio.get_running_loop(), self._pipe.fileno()
        ready = loop.create_future()
        loop.add_reader(pipe, lambda: None if ready.done() else ready.set_result(None))
        try:
            await ready
        finally:
            loop.remove_reader(pipe)

    def _heard(self, job: Job, told: Callable[[Any], None]) -> Made | Failed | Fault | None:
        """One message of the worker: the end, or None after a report."""
        message: At | Told | Made | Failed | Fault = self._pipe.recv()
        if isinstance(message, At):
            job.progress(message.stage, message.fraction, message.work)
        elif isinstance(message, Told):
            told(message.value)
        else:
            return message
        return None

    def _outcome(self, job: Job, task: Task, end: Made | Failed | Fault) -> Any:
        if isinstance(end, Made):
            return end.value
        raise WorkerFault(end.trace) if isinstance(end, Fault) else self._why(job, task, end.error)

    def _why(self, job: Job, task: Task, error: Exception) -> Exception:
        """What a task that failed is told as: an interrupt is what came of our own signal."""
        if not isinstance(error, InterruptedError | Cancelled):
            return error
        return job.error(str(error) or (_KEPT if task.resumes else ""))

    def _ended(self, job: Job, task: Task) -> Exception:
        self.kill()
        # One that we have killed does nothing any more, but for the system to take its memory apart, which
        # may take longer than whoever stopped it is to wait. How others ended is to be told.
        if task.outputs or not self._killed:
            self._wait_for_end(_GONE_SECONDS if self._killed else 5)
        for out in task.outputs:
            remove_leftovers(out.parent, {out.stem, out.name})
            remove_stages(out)
        if self._killed == "memory":
            return MemoryLimitError(
                f"request {job.id}: {job.call} took more memory than all work of this sidecar may "
                "(--memory), and its process was ended; other calls go on"
            )
        if job.stopped:
            return job.error(_KEPT if task.resumes else "")
        return WorkerDiedError(
            f"request {job.id}: the process that was at this {job.call} was ended by "
            f"{_how(self._process.exitcode)}; what it was given may be more than its decoder can stand. "
            "Other calls go on"
        )

    def _wait_for_end(self, seconds: float) -> None:
        wait([self._process.sentinel], seconds)
        with _ENDINGS:
            self._process.join(0)

    def _kill_if_at(self, job: Job) -> None:
        with self._lock:
            if self._job is job:
                self._kill("stopped")

    def _kill(self, why: str) -> None:
        if self._killed is not None:
            return
        self._killed = why
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(self.pid, signal.SIGKILL)
        # Whoever waits for its answer need not wait until the system has taken its memory apart.
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._pipe.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)


def _unheard(value: object) -> None:
    """Nobody wants to know before the end."""


def _nothing() -> None:
    """No work to interrupt."""


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"itself (exit code {code})"
    try:
        return f"{signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
