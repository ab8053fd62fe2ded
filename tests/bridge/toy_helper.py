"""A helper with calls to test the bridge by: `toy_helper.py --dir DIR [--detached]`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

from candela_bridge.helper.job import Answer, Job, Refused
from candela_bridge.helper.serve import AlreadyServed, serve
from candela_bridge.place import Place


def echo(job: Job) -> Answer:
    return dict(job.given)


def count(job: Job) -> Answer:
    for number in range(int(job.given["to"])):
        job.progress(f"stage {number}", number / job.given["to"])
    return {"counted": job.given["to"]}


def wait(job: Job) -> Answer:
    """Until it is cancelled; then a file says so."""
    job.progress("waiting", 0.5, "for ever")
    while True:
        try:
            job.check()
        except BaseException:
            Path(job.given["note"]).write_text("cancelled")
            raise
        time.sleep(0.01)


def refuse(job: Job) -> Answer:
    raise Refused("that colour is none", "ColourStateError")


def break_down(job: Job) -> Answer:
    raise ZeroDivisionError("a fault of ours")


def die(job: Job) -> Answer:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def hang(job: Job) -> Answer:
    os.kill(os.getpid(), signal.SIGSTOP)
    return {}


def stop(job: Job) -> Answer:
    """The thread that answers questions works for `seconds`, or sleeps where none are said."""
    SECONDS.append(job.given.get("seconds"))
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
    return {}


def long(job: Job) -> Answer:
    return {"text": "x" * int(job.given["bytes"])}


SECONDS: list[float | None] = []


def stopped(*_: object) -> None:
    seconds = SECONDS.pop()
    if seconds is None:
        time.sleep(3600)
        return
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


CALLS = {
    "echo": echo, "count": count, "wait": wait, "refuse": refuse, "break": break_down, "die": die,
    "hang": hang, "long": long, "ping": echo, "stop": stop,
}  # fmt: skip

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--detached", action="store_true")
    parser.add_argument("--port", action="store_true")
    parser.add_argument("--fail", action="store_true")
    parser.add_argument("--idle", type=float, default=60.0)
    said = parser.parse_args()
    signal.signal(signal.SIGUSR1, stopped)
    if said.fail:
        sys.exit("toy: no licence for anything")
    try:
        serve(Place(said.dir, not said.port), CALLS, about={"version": "toy"}, idle=said.idle)
    except AlreadyServed:
        sys.exit(0)
