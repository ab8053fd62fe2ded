"""Stages side by side: order, bounds, and errors of any of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

import pytest

from candela_server.service.pipeline import run_stages


def run(
    frames: Iterable[int],
    network: Callable[[int], int] = lambda n: n,
    encode: Callable[[int], None] = lambda n: None,
    *,
    encoders: int = 2,
) -> list[int]:
    done: list[int] = []
    took = run_stages(frames, network, encode, done.append, encoders=encoders)
    assert took.frames == len(done)
    return done


@pytest.mark.parametrize("encoders", [1, 2, 3])
def test_everything_in_order(encoders: int) -> None:
    written: set[int] = set()
    assert run(range(50), lambda n: n * 2, written.add, encoders=encoders) == [2 * n for n in range(50)]
    assert written == {2 * n for n in range(50)}


def test_nothing_runs_far_ahead() -> None:
    """With the encoder held, the decoder stops after the frames that fit in between."""
    gate, held = threading.Event(), threading.Event()
    read: list[int] = []

    def frames() -> Iterator[int]:
        for n in range(40):
            read.append(n)
            if n == 7:  # one more than fit
                gate.set()
            yield n

    def encode(n: int) -> None:
        if n == 0 and not gate.wait(0.5):
            held.set()
            # One is written, one waits for it, one is rendered, two lie in the queue, one is in hand.
            assert len(read) <= 6

    run(frames(), encode=encode, encoders=1)
    assert held.is_set() and len(read) == 40


def test_an_error_of_the_decoder_comes_after_the_frames_before_it() -> None:
    def frames() -> Iterator[int]:
        yield from range(5)
        raise RuntimeError("frame 5")

    done: list[int] = []
    with pytest.raises(RuntimeError, match="frame 5"):
        run_stages(frames(), lambda n: n, lambda n: None, done.append)
    assert done == [0, 1, 2, 3, 4]


def test_an_error_of_the_network_leaves_what_was_rendered_before() -> None:
    done: list[int] = []

    def network(n: int) -> int:
        if n == 3:
            raise RuntimeError("network 3")
        return n

    with pytest.raises(RuntimeError, match="network 3"):
        run_stages(iter(range(100)), network, lambda n: None, done.append, encoders=2)
    assert done == [0, 1, 2]


def test_an_error_of_the_encoder_stops_all() -> None:
    done: list[int] = []
    written: list[int] = []

    def encode(n: int) -> None:
        if n == 3:
            raise RuntimeError("encode 3")
        written.append(n)

    with pytest.raises(RuntimeError, match="encode 3"):
        run_stages(iter(range(1000)), lambda n: n, encode, done.append, encoders=1)
    assert done == written == [0, 1, 2]
    assert not [t for t in threading.enumerate() if t.name in ("decode",) or t.name.startswith("encode")]


def test_buffers_in_turn_are_never_in_use() -> None:
    encoders = 2
    busy: set[int] = set()
    turn = iter(range(1000))

    def network(n: int) -> tuple[int, int]:
        buffer = next(turn) % (encoders + 1)
        assert buffer not in busy
        busy.add(buffer)
        return n, buffer

    def done(result: tuple[int, int]) -> None:
        busy.discard(result[1])

    took = run_stages(range(200), network, lambda result: None, done, encoders=encoders)
    assert took.frames == 200


def test_an_interrupt_counts_what_was_written() -> None:
    done: list[int] = []

    def network(n: int) -> int:
        if n == 7:
            raise KeyboardInterrupt
        return n

    with pytest.raises(KeyboardInterrupt):
        run_stages(range(100), network, lambda n: None, done.append, encoders=2)
    assert done == list(range(7))


def test_seconds_are_those_of_every_stage() -> None:
    took = run_stages(range(3), lambda n: n, lambda n: None, lambda n: None)
    document = took.to_json()
    assert document["frames"] == 3 and took.wall >= took.waited >= 0
    took.join(took)
    assert took.frames == 6
