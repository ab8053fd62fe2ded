"""Work side by side: native calls leave Python's lock to others, so its threads share the cores."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from threadpoolctl import ThreadpoolController

from candela_engines.native import native

__all__ = ["alone", "together"]

T = TypeVar("T")
THREADS = 2


@functools.cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()  # looking for the libraries takes some milliseconds


def alone() -> AbstractContextManager[object]:
    """While it lasts numpy's matrix products keep to one thread, where the native library does the work.

    Theirs are small here, and the threads that help with them wait busily for more.
    """
    return nullcontext() if native() is None else _pools().limit(limits=1, user_api="blas")


def together(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The results of calls that do not depend on one another, in their order.

    Two at a time where the native library does the work, one after the other where numpy does: it shares its
    own threads out. What a call raises is raised.
    """
    if native() is None or len(calls) < 2:
        return [call() for call in calls]
    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]
