"""Writing HDR sequences: light in, a tagged file a frame out, by a few threads and in bounded memory."""

from __future__ import annotations

import contextlib
import queue
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.media.light import LightLevels
from candela_engines.media.mastering import MasteringDisplay
from candela_engines.media.write_exr_plain import PlainFrame
from candela_engines.media.write_frame import FrameFile, FrameWriter, is_complete
from candela_engines.media.write_timecode import (
    MOST_FRAMES,
    FrameTags,
    checked_timecode,
    timecode_after,
    timecode_bits,
)

__all__ = ["FrameTarget", "SequenceReport", "SequenceWriter", "open_sequence_writer"]

_NUMBER = re.compile(r"#+|%0(\d+)d")
_EXTRA = re.compile(r"[a-z][a-z0-9_.]{0,30}")


@dataclass(frozen=True, slots=True)
class SequenceReport:
    """frames: written now. kept: found finished. bytes: of the files written now. clipped_low, clipped_high,
    nonfinite: samples that the encoding could not hold.
    """

    frames: int
    kept: int
    bytes: int
    clipped_low: int
    clipped_high: int
    nonfinite: int
    notes: tuple[str, ...]


def frame_path(pattern: Path, number: int) -> Path:
    """The file of a frame: `#` stand for digits, as %04d does. InputError for a name without one place."""
    places = list(_NUMBER.finditer(pattern.name))
    if len(places) != 1:
        raise InputError(
            f"{pattern}: one place for the frame's number is needed, as in name.####{pattern.suffix}"
        )
    digits = int(places[0][1] or 0) or len(places[0][0])
    start, end = places[0].span()
    sign = "-" if number < 0 else ""
    return pattern.with_name(f"{pattern.name[:start]}{sign}{abs(number):0{digits}d}{pattern.name[end:]}")


def open_sequence_writer(
    pattern: Path | str,
    *,
    size: tuple[int, int],
    encoding: ColourState,
    bits: int | None = None,
    compression: str = "none",
    extra: Sequence[str] = (),
    rate: Fraction | None = None,
    timecode: str | None = None,
    first: int = 0,
    max_cll: float | None = None,
    max_fall: float | None = None,
    mastering: MasteringDisplay | None = None,
    metadata: Mapping[str, str] | None = None,
    keep_finished: bool = False,
    threads: int = 2,
) -> SequenceWriter:
    """A writer for frames named by a pattern (`out.####.exr`, `out.%04d.dpx`), EXR, DPX, TIFF or PNG.

    size: width and height. encoding, bits, metadata, max_cll, max_fall: as `writer.write_hdr`. compression:
    of OpenEXR; `none` is the one that keeps pace with real time, `zip` makes the smallest files without
    loss. extra: further planes of an EXR, such as `confidence`. rate, timecode: frames a second, and the
    timecode of frame `first`. mastering: its peak is written. keep_finished: frames whose file is there,
    whole and of this size, are not written again. threads: that write; the caller is one more.
    Raises InputError for what such files cannot be.
    """
    pattern = Path(pattern)
    levels = LightLevels(max_cll, max_fall, None if mastering is None else mastering.max_nits)
    if timecode is not None and rate is None:
        raise InputError(f"{pattern}: a timecode {timecode} needs to know the frames a second")
    code = None if timecode is None or rate is None else checked_timecode(timecode, rate)
    bad = [name for name in extra if not _EXTRA.fullmatch(name)]
    if bad or len(set(extra)) != len(extra):
        raise InputError(
            f"{pattern}: extra planes {', '.join(extra)}: different names in small letters are needed"
        )
    frame_path(pattern, first)
    notes = []
    if code is not None and rate is not None and round(rate) > MOST_FRAMES:
        code = None
        notes.append(f"timecode is left out: files of frames cannot say it at {rate} frames a second")
    writer = FrameWriter(
        pattern, size=size, encoding=encoding, bits=bits, compression=compression, extra=tuple(extra),
        levels=levels, metadata=dict(metadata or {}),
        tags=FrameTags(rate, None if code is None else timecode_bits(code)), notes=notes,
    )  # fmt: skip
    return SequenceWriter(pattern, writer, rate, code, first, keep_finished, max(1, threads))


class FrameTarget:
    """Where a renderer may put a frame's pixels itself: `rgb` (H, W, 3) and `extra` planes (H, W) of the
    file, in the encoding and type of the sequence. `SequenceWriter.put` writes it, and has it from then on.
    """

    def __init__(self, number: int, frame: PlainFrame) -> None:
        self.number = number
        self.frame = frame
        self.rgb = frame.rgb
        self.extra = frame.extra


class SequenceWriter:
    """A context manager. Every file appears whole or not at all; when the block raises, finished ones stay.

    needs(number): whether a frame is to be written. write(number, light): any frame, in any order.
    target(number) and put(target): the same without a copy; give_back(target) leaves the frame out. An error
    of a frame is raised by the next call, or at the end; it names the file. report: after the end.
    """

    def __init__(
        self,
        pattern: Path,
        writer: FrameWriter,
        rate: Fraction | None,
        timecode: str | None,
        first: int,
        keep_finished: bool,
        threads: int,
    ) -> None:
        self._pattern, self._writer = pattern, writer
        self._rate, self._timecode, self._first = rate, timecode, first
        self._keep = keep_finished
        self._threads = threads
        self._lock = threading.Lock()
        self._done: list[FrameFile] = []
        self._kept = 0
        self._error: BaseException | None = None
        self._pool: ThreadPoolExecutor | None = None
        self.report: SequenceReport | None = None

    def __enter__(self) -> Self:
        """Start the threads."""
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="frames")
        # One frame for each thread and one that is being filled: more would be memory without use.
        self._room = threading.BoundedSemaphore(self._threads + 1)
        self._frames: queue.SimpleQueue[PlainFrame] = queue.SimpleQueue()
        return self

    def path(self, number: int) -> Path:
        """The file of a frame."""
        return frame_path(self._pattern, number)

    def needs(self, number: int) -> bool:
        """False where finished frames are kept and this one is there."""
        if not self._keep or not is_complete(self.path(number), self._writer.size):
            return True
        self._kept += 1
        return False

    def target(self, number: int) -> FrameTarget | None:
        """The file's own pixels to be filled, or None where the format has them in another form."""
        if self._writer.plain is None:
            return None
        self._wait()
        try:
            frame = self._frames.get_nowait()
        except queue.Empty:
            try:
                frame = self._writer.plain.frame()
            except BaseException:
                self._room.release()
                raise
        return FrameTarget(number, frame)

    def put(self, target: FrameTarget) -> None:
        """Write a target that was filled."""
        code = self._code(target.number)
        bits = None if code is None else timecode_bits(code)
        if bits is not None and self._writer.plain is not None:
            self._writer.plain.set_timecode(target.frame, bits)
        path = self.path(target.number)
        self._submit(lambda: self._writer.write_plain(path, target.frame), target.frame)

    def give_back(self, target: FrameTarget) -> None:
        """A target that is not written after all."""
        self._frames.put(target.frame)
        self._room.release()

    def write(
        self, number: int, light: NDArray[Any], extra: Mapping[str, NDArray[Any]] | None = None
    ) -> None:
        """Write frame `number`: nits (H, W, 3) of linear BT.2020, float32 or float16; for a full-range PQ
        sequence in BT.2020 also its codes, uint16 of the sequence's bits. extra: (H, W) planes, by name.

        The arrays are the caller's again when this returns. InputError for shapes and types that do not fit.
        """
        extra = extra or {}
        self._writer.check(self.path(number), light, extra)
        target = self.target(number) if self._writer.takes_as_it_is(light) else None
        if target is not None:
            try:
                with np.errstate(over="ignore"):
                    for channel in range(3):
                        target.rgb[:, :, channel] = light[:, :, channel]
                    for name, plane in extra.items():
                        target.extra[name][...] = plane
                self._writer.check_half(self.path(number), target.rgb)
            except BaseException:
                self.give_back(target)
                raise
            self.put(target)
            return
        self._wait()
        given, planes = light.copy(), {name: plane.copy() for name, plane in extra.items()}
        path, code = self.path(number), self._code(number)
        self._submit(lambda: self._writer.write(path, given, planes, code), None)

    def _code(self, number: int) -> str | None:
        if self._timecode is None or self._rate is None:
            return None
        return timecode_after(self._timecode, self._rate, number - self._first)

    def _wait(self) -> None:
        """Wait for room, and raise what went wrong meanwhile."""
        if self._pool is None:
            raise InputError(f"{self._pattern}: a frame for a sequence that is not open")
        self._room.acquire()
        if self._error is not None:
            self._room.release()
            raise self._error

    def _submit(self, work: Any, frame: PlainFrame | None) -> None:
        def finished(future: Future[FrameFile]) -> None:
            with self._lock:
                error = None if future.cancelled() else future.exception()
                if error is not None:
                    self._error = self._error or error
                elif not future.cancelled():
                    self._done.append(future.result())
            if frame is not None:
                self._frames.put(frame)
            self._room.release()

        if self._pool is None:
            raise InputError(f"{self._pattern}: a frame for a sequence that is not open")
        self._pool.submit(work).add_done_callback(finished)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for frames that are being written, also after an error: none is left half."""
        pool, self._pool = self._pool, None
        if pool is not None:
            # What is waiting is given up where the job was: it is rendered again.
            pool.shutdown(wait=True, cancel_futures=error is not None)
        with contextlib.suppress(queue.Empty):
            while True:
                self._frames.get_nowait()
        done = self._done
        self.report = SequenceReport(
            len(done), self._kept, sum(f.bytes for f in done), sum(f.clipped_low for f in done),
            sum(f.clipped_high for f in done), sum(f.nonfinite for f in done), self._writer.notes,
        )  # fmt: skip
        if error is None and self._error is not None:
            raise self._error
