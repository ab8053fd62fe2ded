"""Decoding, network and encoding side by side: bounded queues between them, order kept, one error stops all.

    decode thread  →  at most `ahead` frames  →  network, in the caller's thread  →  encoders

The caller's thread does the network, so that Ctrl-C meets Python there; encoders are a pool, of one where
frames have to go into a stream one after the other.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from candela_server.service.results import Json

__all__ = ["StageSeconds", "run_stages"]

In = TypeVar("In")
Out = TypeVar("Out")
_POLL_SECONDS = 0.2


@dataclass
class StageSeconds:
    """For how long each stage was busy, all its threads together, and how long everything took: seconds.

    Stages overlap, so their sum is above `wall`. waited: time in which the network had no frame to work on.
    """

    decode: float = 0.0
    network: float = 0.0
    encode: float = 0.0
    waited: float = 0.0
    wall: float = 0.0
    frames: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __reduce__(self) -> tuple[type[StageSeconds], tuple[float, ...]]:
        """As values: a lock stays in its process."""
        values = self.decode, self.network, self.encode, self.waited, self.wall, self.frames
        return StageSeconds, values

    def add_encode(self, seconds: float) -> None:
        """From any thread."""
        with self._lock:
            self.encode += seconds

    @property
    def rate(self) -> float:
        """Frames a second, everything together."""
        return self.frames / self.wall if self.wall > 0 else 0.0

    def join(self, other: StageSeconds) -> None:
        """What another run took, on top."""
        self.decode += other.decode
        self.network += other.network
        self.encode += other.encode
        self.waited += other.waited
        self.wall += other.wall
        self.frames += other.frames

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "decode_seconds": round(self.decode, 3),
            "network_seconds": round(self.network, 3),
            "encode_seconds": round(self.encode, 3),
            "waited_seconds": round(self.waited, 3),
            "wall_seconds": round(self.wall, 3),
            "frames": self.frames,
            "frames_per_second": round(self.rate, 2),
        }


def run_stages(
    frames: Iterable[In],
    network: Callable[[In], Out],
    encode: Callable[[Out], object],
    done: Callable[[Out], None],
    *,
    encoders: int = 1,
    ahead: int = 2,
) -> StageSeconds:
    """Take every frame through `network` and `encode`; `done` is called in order, in this thread.

    frames: iterated in a thread of its own, at most `ahead` frames before they are needed. At most
    `encoders` results wait or are written while the network works, so one that reuses encoders + 1 buffers
    in turn never meets one that is still in use.
    What any stage raises is raised here, after the frames before it were written; frames after it are not
    begun. On an interrupt the frames that are being written are still written, and counted by `done`.
    """
    took = StageSeconds()
    began = time.perf_counter()
    pending: deque[tuple[Future[None], Out]] = deque()
    broken = threading.Event()

    def encode_timed(result: Out) -> None:
        if broken.is_set():
            raise CancelledError  # a stream cannot go on after a frame that is not in it
        start = time.perf_counter()
        try:
            encode(result)
        except BaseException:
            broken.set()
            raise
        finally:
            took.add_encode(time.perf_counter() - start)

    def settle(most: int) -> None:
        while len(pending) > most:
            pending[0][0].result()  # stays in the queue until it is there: an interrupt may come in between
            _, result = pending.popleft()
            took.frames += 1
            done(result)

    with _Ahead(frames, ahead, took) as source, ThreadPoolExecutor(encoders, "encode") as pool:
        try:
            for frame in source:
                start = time.perf_counter()
                result = network(frame)
                took.network += time.perf_counter() - start
                pending.append((pool.submit(encode_timed, result), result))
                settle(encoders)
            settle(0)
        except BaseException:
            _leave(pending, took, done)
            raise
        finally:
            took.wall = time.perf_counter() - began
    return took


def _leave(pending: deque[tuple[Future[None], Out]], took: StageSeconds, done: Callable[[Out], None]) -> None:
    """Write what was rendered before the error, and no frame beyond one that cannot be written."""
    for future, result in pending:
        if future.exception() is not None:
            return
        took.frames += 1
        done(result)


class _Ahead(Generic[In]):
    """An iterable read in a thread, a few items ahead; what it raises comes after the items before it."""

    def __init__(self, frames: Iterable[In], ahead: int, took: StageSeconds) -> None:
        self._frames = frames
        self._queue: queue.Queue[tuple[In | None, BaseException | None]] = queue.Queue(max(1, ahead))
        self._stop = threading.Event()
        self._took = took
        self._thread = threading.Thread(target=self._read, name="decode", daemon=True)

    def __enter__(self) -> _Ahead[In]:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def __iter__(self) -> Iterator[In]:
        while True:
            start = time.perf_counter()
            frame, error = self._queue.get()
            self._took.waited += time.perf_counter() - start
            if error is not None:
                raise error
            if frame is None:
                return
            yield frame

    def _read(self) -> None:
        source = iter(self._frames)
        try:
            while not self._stop.is_set():
                start = time.perf_counter()
                frame = next(source, None)
                self._took.decode += time.perf_counter() - start
                if not self._put(frame, None) or frame is None:
                    break
        except BaseException as error:  # whatever it is, it belongs to the caller
            self._put(None, error)
        finally:
            close = getattr(source, "close", None)
            if close is not None:
                close()  # in the thread that opened its decoders

    def _put(self, frame: In | None, error: BaseException | None) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put((frame, error), timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False
