"""Work done a little ahead, its results in order: decoding while the frame before is being used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

__all__ = ["ahead"]

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def ahead(work: Callable[[_In], _Out], items: Iterable[_In], *, count: int) -> Iterator[_Out]:
    """`work(item)` for every item in order, up to `count` of them begun before they are asked for.

    At most count + 1 results exist at a time. An exception comes where its item would, after the results
    before it. Nothing begins before the first is asked for; when the iterator is closed or dropped, what has
    not begun never does, and what has is waited for. count 0: no threads.
    """
    if count == 0:
        yield from map(work, items)
        return
    source = iter(items)
    pool = ThreadPoolExecutor(count, thread_name_prefix="candela-ahead")
    waiting: deque[Future[_Out]] = deque()
    try:
        waiting.extend(pool.submit(work, item) for item in islice(source, count + 1))
        while waiting:
            result = waiting.popleft().result()
            yield result
            # The generator's own hold on a result would keep one more alive than the count says.
            del result
            waiting.extend(pool.submit(work, item) for item in islice(source, 1))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
