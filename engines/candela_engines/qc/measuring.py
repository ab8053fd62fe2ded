"""Measuring the frames of a clip once, for all rules, and keeping what was measured as it goes."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import asdict
from heapq import merge
from operator import itemgetter
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
from candela_engines.qc.prints import FramePrints
from candela_engines.qc.reading import Kept, Picture, Read, Unread, read_files, read_on
from candela_engines.qc.store import MeasureStore

__all__ = ["MeasuredClip", "Proxy", "Told", "measured_clip"]

Proxy = NDArray[np.float16]
"""As in `FrameMeasure`."""
Told = Callable[[str, int, int], None]
"""Stage (`read`, `measure`, `cut`), how many are done, and of how many."""
_PACK_FRAMES = 128
_PACK_SECONDS = 10.0


def _untold(stage: str, done: int, total: int) -> None:
    pass


class MeasuredClip:
    """An open clip with the measurements of its frames, which are made when `measure` is called.

    numbers: of the frames that there are, in order; missing ones of a sequence are not among them. unread:
    why a frame has no picture, by its number.
    """

    def __init__(
        self, clip: Clip, state: ColourState, numbers: list[int], store: MeasureStore, prints: FramePrints
    ) -> None:
        self.clip, self.state, self.numbers, self.prints = clip, state, numbers, prints
        self.unread: dict[int, str] = {}
        self._store = store
        self._there = set(numbers)
        self._keys: dict[int, bytes] = {}

    def key(self, number: int) -> bytes | None:
        """What the measurement of a frame is kept by: of its print and that of the frame before it, which it
        is compared with. None of a frame without a print.
        """
        if number not in self._keys:
            key, alone = self._two_keys(number)
            if key is None:
                return None
            # Behind a frame that cannot be read it is kept without it.
            self._keys[number] = alone if key not in self._store and alone in self._store else key
        return self._keys[number]

    def _two_keys(self, number: int) -> tuple[bytes | None, bytes]:
        """Of the frame behind the one before it, and of the frame alone."""
        mine = self.prints.of(number)
        if mine is None:
            return None, b""
        before = (self.prints.of(number - 1) or b"") if number - 1 in self._there else b""
        sampled = b"s" if (number - self.clip.info.first) % SAMPLE_EVERY == 0 else b""
        key = _joined(mine, before + sampled)
        return key, _joined(key, b"alone")

    def measure(self, first: int, last: int, told: Told = _untold, threads: int | None = None) -> None:
        """Measure the frames first..last that are not yet. What is done when an exception comes is kept."""
        with closing(self._measured(first, last, told, threads)) as frames:
            for _ in frames:
                pass

    def measured_proxies(
        self, first: int, last: int, told: Told = _untold, threads: int | None = None
    ) -> Generator[tuple[int, Proxy]]:
        """The proxies of the frames first..last, in order, each as soon as its frame is measured: as
        `measure`, with the time until the next one for whoever asks. To be closed.
        """
        with closing(self._measured(first, last, told, threads)) as frames:
            for number, found in frames:
                measures = self._get(number) if found is None else found
                if measures is not None:
                    yield number, measures.proxy

    def frames(self, first: int, last: int) -> Iterator[tuple[int, FrameMeasure]]:
        """The measures of the frames first..last that have some, in order."""
        for number in self.numbers:
            if first <= number <= last:
                found = self._get(number)
                if found is not None:
                    yield number, found

    def proxies(self, told: Told = _untold) -> Iterator[tuple[int, Proxy]]:
        """The proxies of all frames, by which shots are found: kept ones, and else of frames that are decoded
        for it and not measured.
        """
        total = len(self.numbers)
        if all(n in self.unread or self._kept(n) for n in self.numbers):
            for number, found in self.frames(self.numbers[0], self.numbers[-1]):
                yield number, found.proxy
            return
        worker = _Worker(self.clip, self.state, None)
        for done, item in enumerate(read_on(self.clip, self.numbers[0], self.numbers[-1]), 1):
            told("cut", done, total)
            if isinstance(item, Picture):
                yield item.number, worker.measurer_of(item).proxy(item)

    def lacking(self, first: int, last: int) -> list[int]:
        """Frames first..last that could be measured and are not."""
        return [n for n in self.numbers if first <= n <= last and n not in self.unread and not self._kept(n)]

    def _measured(
        self, first: int, last: int, told: Told, threads: int | None
    ) -> Generator[tuple[int, FrameMeasure | None]]:
        """Frames in order, those measured now with their measures."""
        wanted = [n for n in self.numbers if first <= n <= last]
        known = [n for n in wanted if self._is_known(n)]
        self._store.check(key for n in known if (key := self.key(n)) is not None)
        done = {n for n in known if self._kept(n)} | {n for n in wanted if n in self.unread}
        told("measure", len(done), len(wanted))
        fresh = self._runs([n for n in wanted if n not in done], threads)
        try:
            there: list[tuple[int, FrameMeasure | None]] = [(n, None) for n in wanted if n in done]
            for number, found in merge(there, fresh, key=itemgetter(0)):
                if number not in done:
                    done.add(number)
                    told("measure", len(done), len(wanted))
                yield number, found
        finally:
            fresh.close()
            self.prints.remember()

    def _runs(self, todo: list[int], threads: int | None) -> Generator[tuple[int, FrameMeasure | None]]:
        for begin, end in _runs(todo, self.numbers):
            yield from self._run(begin, end, threads)

    def _get(self, number: int) -> FrameMeasure | None:
        key = self.key(number)
        return None if key is None else self._store.get(key)

    def _is_known(self, number: int) -> bool:
        """Whether its key can be had without a look at its file."""
        before = number - 1
        return self.prints.known(number) and (before not in self._there or self.prints.known(before))

    def _kept(self, number: int) -> bool:
        key = self.key(number)
        return key is not None and key in self._store

    def _kept_whole(self, number: int) -> bool:
        """Kept, and not in a damaged pack."""
        if not self._kept(number):
            return False
        self._store.check([self._keys[number]])
        return self._kept(number)

    def _run(self, first: int, last: int, threads: int | None) -> Iterator[tuple[int, FrameMeasure | None]]:
        """Frames as they are done, kept ones too, without measures."""
        work = _Worker(self.clip, self.state, threads)
        pack: list[tuple[bytes, FrameMeasure]] = []
        since = time.monotonic()
        try:
            for read, found in ahead(work, self._read(first, last), count=1):
                if not read.wanted:
                    continue
                if isinstance(read.item, Unread):
                    self.unread[read.item.number] = read.item.why
                if found is not None:
                    pack.append((self._key_of(read), found))
                if len(pack) >= _PACK_FRAMES or time.monotonic() - since > _PACK_SECONDS:
                    self._store.put(pack)
                    pack, since = [], time.monotonic()
                yield read.item.number, found
        finally:
            self._store.put(pack)

    def _read(self, first: int, last: int) -> Iterator[Read]:
        before = first - 1 if first - 1 in self._there else None
        if self.clip.info.kind == "sequence":
            numbers = [n for n in self.numbers if first <= n <= last]
            return read_files(self.clip, numbers, before, self._kept_whole)
        return _runs_on(read_on(self.clip, first if before is None else before, last), before)

    def _key_of(self, read: Read) -> bytes:
        number = read.item.number
        key, alone = self._two_keys(number)
        assert key is not None
        if read.fresh and number - 1 in self._there:
            # The frame before could not be read: this one is not what its key says.
            key = alone
        self._keys[number] = key
        return key


def _runs_on(items: Iterator[Picture | Unread], before: int | None) -> Iterator[Read]:
    """before: a frame that is only to be compared with."""
    last: int | None = None
    for item in items:
        yield Read(item, last != item.number - 1, item.number != before)
        last = None if isinstance(item, Unread) else item.number


class _Worker:
    """Measures what is read, in order, on a thread of its own."""

    def __init__(self, clip: Clip, state: ColourState, threads: int | None) -> None:
        self._clip, self._state = clip, state
        # The other half of the cores is busy with decoding the next frames.
        self._threads = threads or max(1, (os.cpu_count() or 1) // 2)
        self._measurer: FrameMeasurer | None = None

    def __call__(self, read: Read) -> tuple[Read, FrameMeasure | None]:
        """With the measures of a picture."""
        if not isinstance(read.item, Picture):
            return read, None
        number = read.item.number
        measurer = self.measurer_of(read.item)
        if read.fresh:
            measurer.forget()
        sampled = read.wanted and (number - self._clip.info.first) % SAMPLE_EVERY == 0
        found = measurer.measure(read.item, sampled=sampled, threads=self._threads)
        # Results wait for a while; the picture need not.
        return Read(Kept(number), read.fresh, read.wanted), found

    def measurer_of(self, picture: Picture) -> FrameMeasurer:
        """For frames like this one."""
        if self._measurer is None:
            floats = picture.codes is not None and picture.codes.dtype.kind == "f"
            model = self._clip.model if isinstance(self._clip, Movie) else None
            self._measurer = FrameMeasurer(self._state, model, self._clip.info.bits, floats)
        return self._measurer


def measured_clip(clip: Clip, folder: Path, told: Told = _untold) -> MeasuredClip:
    """An open clip with what is kept of it in `folder`. Raises ColourStateError for one of no known state,
    and what reading its files raises.
    """
    info = clip.info
    if info.state is None:
        raise ColourStateError(f"{info.name}: its colour state is not known (found: {info.found})")
    missing = set(info.missing)
    end = info.last if info.cut_after is None else info.cut_after
    numbers = [n for n in range(info.first, end + 1) if n not in missing]
    prints = FramePrints(info, numbers, folder)
    if info.kind == "movie":
        prints.complete(lambda done, total: told("read", done, total))
        prints.remember()
    return MeasuredClip(clip, info.state, numbers, MeasureStore(folder, _settings(clip, info.state)), prints)


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
