"""The priority of threads that call encoders stays what it was."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

__all__ = ["usual_priority"]


@contextlib.contextmanager
def usual_priority() -> Iterator[None]:
    """Around calls of an encoder: the scheduling of the calling thread is afterwards as it was before.

    SVT-AV1 makes the thread that calls it a real-time one where it may (SCHED_FIFO as root), and leaves it
    so. Whatever that thread starts inherits it, and a machine of few cores stands still.
    """
    if not hasattr(os, "sched_getscheduler"):  # macOS, Windows
        yield
        return
    before, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        if os.sched_getscheduler(0) != before:
            os.sched_setscheduler(0, before, parameter)
