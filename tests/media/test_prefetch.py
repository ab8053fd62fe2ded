"""Work done ahead: in order, bounded, and over when nobody wants more."""

from __future__ import annotations

import threading

import pytest

from candela_engines.media.prefetch import ahead


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_results_come_in_order(count: int) -> None:
    assert list(ahead(lambda n: n * n, range(20), count=count)) == [n * n for n in range(20)]
    assert list(ahead(str, [], count=count)) == []


@pytest.mark.parametrize("count", [0, 2])
def test_an_error_comes_where_its_item_would(count: int) -> None:
    seen = []
    with pytest.raises(ZeroDivisionError):
        for result in ahead(lambda n: 6 // (3 - n), range(9), count=count):
            seen.append(result)
    assert seen == [2, 3, 6]


def test_no_more_is_begun_than_said() -> None:
    begun: list[int] = []
    lock = threading.Lock()

    def work(number: int) -> int:
        with lock:
            begun.append(number)
        return number

    results = ahead(work, range(100), count=2)
    assert begun == []
    for wanted in range(5):
        assert next(results) == wanted
        # Those asked for and two more, however fast the threads are.
        assert max(begun) <= wanted + 2
    results.close()  # type: ignore[attr-defined]
    assert max(begun) <= 6
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("candela-ahead")]


def test_the_next_is_worked_on_while_one_is_used() -> None:
    started = threading.Event()

    def work(number: int) -> int:
        if number == 1:
            started.set()
        return number

    results = ahead(work, range(3), count=1)
    next(results)
    assert started.wait(10)
    assert list(results) == [1, 2]
