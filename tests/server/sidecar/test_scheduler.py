"""The queue: bounded, fair, within memory, and stopped where it is to stop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from candela_engines.errors import InputError
from candela_server.jobs.errors import (
    CancelledError,
    DeadlineError,
    QueueFullError,
    StoppingError,
    TooLargeError,
)
from candela_server.jobs.job import Job
from candela_server.jobs.scheduler import Limits, Scheduler


def run(test: Callable[[Scheduler], Awaitable[None]], **limits: int) -> None:
    async def inside() -> None:
        scheduler = Scheduler(Limits(**{"workers": 1, "fits": 1, "waiting": 64, "memory": 100} | limits))
        await asyncio.wait_for(test(scheduler), 30)
        assert await scheduler.drain(5.0)
        assert not scheduler.jobs and scheduler.memory_used == 0

    asyncio.run(inside())


async def blocked(scheduler: Scheduler, **about: Any) -> tuple[threading.Event, asyncio.Task[Any], Job]:
    """A job that runs until it is let go."""
    gate, begun = threading.Event(), threading.Event()
    job = Job("Block", client="first", **about)

    def work() -> str:
        begun.set()
        gate.wait(20)
        return "done"

    task = asyncio.ensure_future(scheduler.run(job, work))
    await asyncio.to_thread(begun.wait, 10)
    return gate, task, job


def test_clients_take_turns() -> None:
    async def test(scheduler: Scheduler) -> None:
        gate, first, _ = await blocked(scheduler)
        order: list[str] = []
        tasks = [first]
        for name in ("a1", "a2", "a3", "b1", "c1"):
            job = Job("Work", client=name[0])
            tasks.append(asyncio.ensure_future(scheduler.run(job, lambda name=name: order.append(name))))
            await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*tasks)
        assert order == ["a1", "b1", "c1", "a2", "a3"]

    run(test)


def test_a_full_queue_says_when_to_come_back() -> None:
    async def test(scheduler: Scheduler) -> None:
        gate, first, _ = await blocked(scheduler)
        waiting = [asyncio.ensure_future(scheduler.run(Job("W", client="a"), lambda: 1)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(QueueFullError) as full:
            await scheduler.run(Job("W", client="b"), lambda: 1)
        assert full.value.retry_seconds > 0
        gate.set()
        await asyncio.gather(first, *waiting)

    run(test, waiting=2)


def test_memory_is_a_bound_and_large_jobs_keep_their_turn() -> None:
    async def test(scheduler: Scheduler) -> None:
        gate, first, _ = await blocked(scheduler, memory=60)
        order: list[str] = []
        large = asyncio.ensure_future(
            scheduler.run(Job("L", client="a", memory=50), lambda: order.append("large"))
        )
        await asyncio.sleep(0)
        small = asyncio.ensure_future(
            scheduler.run(Job("S", client="b", memory=1), lambda: order.append("small"))
        )
        await asyncio.sleep(0.05)
        assert not order and scheduler.memory_used == 60
        gate.set()
        await asyncio.gather(first, large, small)
        assert order == ["large", "small"]
        with pytest.raises(TooLargeError, match="--memory"):
            await scheduler.run(Job("T", memory=101), lambda: 1)

    run(test, workers=2)


def test_fits_do_not_hold_up_other_work() -> None:
    async def test(scheduler: Scheduler) -> None:
        gate, first, _ = await blocked(scheduler, lane="fit")
        second = asyncio.ensure_future(scheduler.run(Job("F", client="a", lane="fit"), lambda: "second"))
        await asyncio.sleep(0)
        assert await scheduler.run(Job("W", client="b"), lambda: "look") == "look"
        assert not second.done()
        gate.set()
        assert await second == "second" and await first == "done"

    run(test, workers=2)


def test_a_job_that_waits_is_cancelled_at_once() -> None:
    async def test(scheduler: Scheduler) -> None:
        gate, first, _ = await blocked(scheduler)
        job = Job("W", client="a")
        task = asyncio.ensure_future(scheduler.run(job, lambda: 1))
        await asyncio.sleep(0)
        job.cancel()
        with pytest.raises(CancelledError):
            await task
        assert scheduler.waiting == 0
        gate.set()
        await first

    run(test)


def until_stopped(job: Job, begun: threading.Event | None = None) -> Callable[[], None]:
    """Work that ends when it is interrupted, and not before."""
    interrupted = threading.Event()

    def work() -> None:
        job.interrupt = interrupted.set
        if begun is not None:
            begun.set()
        assert interrupted.wait(20)
        raise job.error()

    return work


def test_a_job_that_runs_is_interrupted() -> None:
    async def test(scheduler: Scheduler) -> None:
        job, begun = Job("W"), threading.Event()
        task = asyncio.ensure_future(scheduler.run(job, until_stopped(job, begun)))
        await asyncio.to_thread(begun.wait, 10)
        job.cancel()
        with pytest.raises(CancelledError):
            await task

    run(test)


def test_deadlines_stop_what_waits_and_what_runs() -> None:
    async def test(scheduler: Scheduler) -> None:
        gate, first, _ = await blocked(scheduler)
        with pytest.raises(DeadlineError):
            await scheduler.run(Job("W", client="a", deadline=time.monotonic() + 0.05), lambda: 1)
        gate.set()
        await first
        job = Job("R", deadline=time.monotonic() + 0.05)
        with pytest.raises(DeadlineError):
            await scheduler.run(job, until_stopped(job))

    run(test)


def test_a_clock_that_is_set_does_not_move_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job("W", deadline=time.monotonic() + 3600)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    job.progress("fit", 0.5)
    assert not job.stopped


def test_a_caller_that_goes_takes_its_job_along() -> None:
    async def test(scheduler: Scheduler) -> None:
        job, begun = Job("W"), threading.Event()
        task = asyncio.ensure_future(scheduler.run(job, until_stopped(job, begun)))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while scheduler.jobs:
            await asyncio.sleep(0.005)

    run(test)


def test_what_work_raises_is_raised_and_the_next_one_runs() -> None:
    async def test(scheduler: Scheduler) -> None:
        def wrong() -> None:
            raise ZeroDivisionError("an engine that throws")

        with pytest.raises(ZeroDivisionError):
            await scheduler.run(Job("W"), wrong)
        with pytest.raises(InputError):
            await scheduler.run(Job("W"), lambda: (_ for _ in ()).throw(InputError("no")))
        assert await scheduler.run(Job("W"), lambda: 7) == 7

    run(test)


def test_stopping_drains_within_its_limit() -> None:
    async def inside() -> None:
        scheduler = Scheduler(Limits(1, 1, 4, 100))
        job, begun = Job("Long"), threading.Event()
        task = asyncio.ensure_future(scheduler.run(job, until_stopped(job, begun)))
        await asyncio.to_thread(begun.wait, 10)
        draining = asyncio.ensure_future(scheduler.drain(0.1))
        await asyncio.sleep(0)
        with pytest.raises(StoppingError):
            await scheduler.run(Job("New"), lambda: 1)
        assert not await draining
        with pytest.raises(CancelledError):
            await task

    asyncio.run(inside())


def test_progress_says_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("candela_server.jobs.job.time.monotonic", lambda: now[0])
    job = Job("W")
    job.progress("fit", 0.2)
    now[0] += 2.0
    job.progress("fit", 0.6)
    assert job.report.rate == pytest.approx(0.2) and job.report.left == pytest.approx(2.0)
    job.progress("write", 0.0)
    assert job.report.rate is None
