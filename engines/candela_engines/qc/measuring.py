"""Measuring the frames of a clip once, for all rules, and keeping what was measured as it goes."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError
from candela_engines.media.clip import Clip
from candela_engines.media.movie import Movie
from candela_engines.media.prefetch import ahead
from candela_engines.qc.columns import MEASURES_VERSION, SAMPLE_EVERY
from candela_engines.qc.measure import FrameMeasure, FrameMeasurer
from candela_engines.qc.reading import Picture, Unread, read_on
from candela_engines.qc.store import MeasureStore, keys_of

__all__ = ["MeasuredClip", "Told", "measured_clip"]

Proxy = NDArray[np.float16]
Told = Callable[[str, int, int], None]
"""Stage (`read`, `measure`), how many are done, and of how many."""
_PACK_FRAMES = 128
_PACK_SECONDS = 10.0


@dataclass(eq=False)
class MeasuredClip:
    """An open clip with the measurements of its frames, which are made when `measure` is called.

    numbers: of the frames that there are, in order. unread: why a frame has no picture, by its number.
    missing of a sequence are not among `numbers`.
    """

    clip: Clip
    state: ColourState
    numbers: list[int]
    store: MeasureStore
    keys: dict[int, bytes]
    unread: dict[int, str] = field(default_factory=dict)

    def measure(
        self, first: int, last: int, told: Told = lambda stage, done, total: None, threads: int | None = None
    ) -> None:
        """Measure the frames first..last that are not yet. What is done when an exception comes is kept."""
        wanted = [n for n in self.numbers if first <= n <= last]
        self.store.check(self.keys[n] for n in wanted if n in self.keys)
        todo = [n for n in wanted if not self._kept(n) and n not in self.unread]
        done = len(wanted) - len(todo)
        told("measure", done, len(wanted))
        for begin, end in _runs(todo, self.numbers):
            for _ in self._run(begin, end, threads):
                done += 1
                told("measure", min(done, len(wanted)), len(wanted))

    def frames(self, first: int, last: int) -> Iterator[tuple[int, FrameMeasure]]:
        """The measures of the frames first..last that have some, in order."""
        for number in self.numbers:
            if first <= number <= last and number in self.keys:
                found = self.store.get(self.keys[number])
                if found is not None:
                    yield number, found

    def proxies(self, told: Told = lambda stage, done, total: None) -> Iterator[tuple[int, Proxy]]:
        """The proxies of all frames, by which shots are found: kept ones, and else of frames that are decoded
        for it and not measured.
        """
        total = len(self.numbers)
        kept = {n for n in self.numbers if self._kept(n)}
        if len(kept) == total:
            for number, found in self.frames(self.numbers[0], self.numbers[-1]):
                yield number, found.proxy
            return
        worker = _Worker(self.clip, self.state, None, None)
        for done, item in enumerate(read_on(self.clip, self.numbers[0], self.numbers[-1]), 1):
            told("cut", done, total)
            if isinstance(item, Picture):
                yield item.number, worker.measurer_of(item).proxy(item)

    def _kept(self, number: int) -> bool:
        key = self.keys.get(number)
        return key is not None and key in self.store

    def lacking(self, first: int, last: int) -> list[int]:
        """Frames first..last that could be measured and are not."""
        return [n for n in self.numbers if first <= n <= last and n not in self.unread and not self._kept(n)]

    def _run(self, first: int, last: int, threads: int | None) -> Iterator[int]:
        before = first - 1 if first - 1 in self.keys else None
        work = _Worker(self.clip, self.state, before, threads)
        kept: list[tuple[bytes, FrameMeasure]] = []
        since = time.monotonic()
        previous: int | None = None
        source = _with_breaks(read_on(self.clip, first if before is None else before, last))
        try:
            for number, found in ahead(work, source, count=1):
                if isinstance(found, str):
                    previous = None
                    if number != before:
                        self.unread[number] = found
                        yield number
                    continue
                lonely = number - 1 in self.keys and previous != number - 1
                previous = number
                if number == before:
                    continue
                if lonely:
                    # The frame before could not be read: this one is not what its key says.
                    self.keys[number] = _joined(self.keys[number], b"alone")
                kept.append((self.keys[number], found))
                if len(kept) >= _PACK_FRAMES or time.monotonic() - since > _PACK_SECONDS:
                    self.store.put(kept)
                    kept, since = [], time.monotonic()
                yield number
        finally:
            self.store.put(kept)


class _Worker:
    """Measures what is read, in order, on a thread of its own."""

    def __init__(self, clip: Clip, state: ColourState, before: int | None, threads: int | None) -> None:
        self._clip, self._state, self._before, self._threads = clip, state, before, threads
        self._measurer: FrameMeasurer | None = None

    def __call__(self, read: tuple[Picture | Unread, bool]) -> tuple[int, FrameMeasure | str]:
        """The number, and its measures or why it has none. read: with whether the frame before is another."""
        item, fresh = read
        if isinstance(item, Unread):
            return item.number, item.why
        measurer = self.measurer_of(item)
        if fresh:
            measurer.forget()
        sampled = (item.number - self._clip.info.first) % SAMPLE_EVERY == 0 and item.number != self._before
        return item.number, measurer.measure(item, sampled=sampled, threads=self._threads)

    def measurer_of(self, picture: Picture) -> FrameMeasurer:
        """For frames like this one."""
        if self._measurer is None:
            floats = picture.codes is not None and picture.codes.dtype.kind == "f"
            model = self._clip.model if isinstance(self._clip, Movie) else None
            self._measurer = FrameMeasurer(self._state, model, self._clip.info.bits, floats)
        return self._measurer


def _with_breaks(items: Iterable[Picture | Unread]) -> Iterator[tuple[Picture | Unread, bool]]:
    """Items, each with whether the one before it is no picture of the number before."""
    last: int | None = None
    for item in items:
        yield item, last != item.number - 1
        last = None if isinstance(item, Unread) else item.number


def measured_clip(clip: Clip, folder: Path, told: Told = lambda stage, done, total: None) -> MeasuredClip:
    """An open clip with what is kept of it in `folder`. Raises ColourStateError for one of no known state,
    and what reading its files raises.
    """
    info = clip.info
    if info.state is None:
        raise ColourStateError(f"{info.name}: its colour state is not known (found: {info.found})")
    missing = set(info.missing)
    end = info.last if info.cut_after is None else info.cut_after
    numbers = [n for n in range(info.first, end + 1) if n not in missing]
    found = keys_of(info, folder, lambda done, total: told("read", done, total))
    keys: dict[int, bytes] = {}
    plain = dict(zip(numbers, found, strict=False))
    for number, key in plain.items():
        before = plain.get(number - 1, b"")
        sampled = b"s" if (number - info.first) % SAMPLE_EVERY == 0 else b""
        keys[number] = _joined(key, before + sampled)
    store = MeasureStore(folder, _settings(clip, info.state))
    # Frames that are behind one that cannot be read are kept without it.
    for number in numbers:
        alone = _joined(keys[number], b"alone") if number in keys else b""
        if number in keys and keys[number] not in store and alone in store:
            keys[number] = alone
    return MeasuredClip(clip, info.state, numbers, store, keys)


def _settings(clip: Clip, state: ColourState) -> str:
    """All that the numbers of a frame depend on besides the frame."""
    model = asdict(clip.model) if isinstance(clip, Movie) else None
    return json.dumps(
        {"version": MEASURES_VERSION, "state": state.to_dict(), "bits": clip.info.bits, "model": model},
        sort_keys=True,
    )


def _joined(key: bytes, more: bytes) -> bytes:
    return hashlib.sha256(key + more).digest()[:16]


def _runs(todo: list[int], numbers: list[int]) -> Iterator[tuple[int, int]]:
    """First and last of the stretches of `numbers` that are all to do."""
    place = {number: at for at, number in enumerate(numbers)}
    begin = 0
    for at in range(1, len(todo) + 1):
        if at == len(todo) or place[todo[at]] != place[todo[at - 1]] + 1:
            yield todo[begin], todo[at - 1]
            begin = at
