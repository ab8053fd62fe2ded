"""Movies as clips: HEVC, AV1, H.264, ProRes, DNxHR, JPEG 2000, FFV1, raw video, in the field's containers.

Frames are numbered from 0 in the order of presentation and brought to full-range R'G'B' (`movie_rgb`); their
digest is of the planes as decoded (`movie_pixels`). What the codec cannot tell from sound data (a flipped bit
in a stream without checksums) decodes to another picture: that is what the digests in a payload are for.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from candela_engines.colour.state import ColourState, Range
from candela_engines.errors import ColourStateError, InputError, MediaError
from candela_engines.media.clip import ClipFrame, ClipInfo
from candela_engines.media.movie_decoder import MovieDecoder, Trouble
from candela_engines.media.movie_index import MovieIndex
from candela_engines.media.movie_kind import is_movie
from candela_engines.media.movie_open import OpenedMovie, look_at
from candela_engines.media.movie_pixels import alpha_of, hash_planes, planes_of
from candela_engines.media.movie_rgb import Plane, VideoModel, planes_to_rgb

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

@dataclass(frozen=True, slots=True, eq=False)
class StoredFrame:
    """planes: read-only views in the order of the movie's model, good while `held` (the decoded frame) is."""

    number: int
    planes: list[Plane]
    held: object


#: The number of the frame that a decoder gives next, and its frames from there on.
_Waiting = tuple[int, "Iterator[tuple[int, VideoFrame]]"]

__all__ = ["Movie", "StoredFrame", "is_movie", "open_movie"]


def open_movie(
    path: Path | str,
    *,
    colour: ColourState | None = None,
    range: Range | None = None,
    matrix: str | None = None,
) -> Movie:
    """A movie as a clip, its first frame decoded and its packets counted.

    colour: the state to read it as; it wins over the tags, with a note where they contradict. Its `range`
    counts only where it is narrow: say `range` for the stream's. matrix: one of `tags_stream.MATRIX_NAMES`.
    Raises MediaError for what is no readable movie, ColourStateError for a matrix that is no name.
    """
    return Movie(look_at(Path(path), str(path), colour, range, matrix))


class Movie:
    """A `Clip` of a movie. Not for several threads at a time; iterators of it may be interleaved."""

    def __init__(self, opened: OpenedMovie) -> None:
        self._opened = opened
        self._index: MovieIndex = opened.index
        self._idle: MovieDecoder | None = None
        self._waiting: _Waiting | None = None
        self._closed = False

    @property
    def info(self) -> ClipInfo:
        """What is known before decoding."""
        return self._opened.info

    def frame_time(self, number: int) -> Fraction:
        """When a frame is shown, in seconds of the container's clock; by the rate where there are no stamps.

        Raises InputError for a number outside, MediaError for a frame that the file does not hold any more.
        """
        self._check(number)
        if self._index.times is None:
            return number / (self.info.rate or Fraction(25))
        if number >= len(self._index.times):
            raise MediaError(f"{self.info.name}: frame {number}: the file ends before it; it is truncated")
        return int(self._index.times[number]) * self._index.unit

    def frames(self, first: int | None = None, last: int | None = None) -> Iterator[ClipFrame]:
        """Frames first..last in order."""
        start = self.info.first if first is None else first
        stop = self.info.last if last is None else last
        self._check(start)
        self._check(stop)
        if self._opened.matrix_missing is not None:
            raise ColourStateError(f"{self.info.name}: {self._opened.matrix_missing}")
        return self._converted(start, stop)

    def frame(self, number: int) -> ClipFrame:
        """One frame."""
        return next(self.frames(number, number))

    @property
    def model(self) -> VideoModel:
        """What the samples of `stored` mean."""
        return self._opened.model

    def stored(self, first: int, last: int) -> Iterator[StoredFrame]:
        """Frames first..last in order with their samples as decoded, brought to nothing. Errors as
        `frames`.
        """
        self._check(first)
        self._check(last)
        if self._opened.matrix_missing is not None:
            raise ColourStateError(f"{self.info.name}: {self._opened.matrix_missing}")
        for number, frame in self._decoded(first, last):
            self._opened.check_same(number, frame)
            yield StoredFrame(number, self._opened.in_order(planes_of(frame, self._opened.layout)), frame)

    def key_after(self, number: int) -> int | None:
        """The first frame after `number` that decoding may start from; None where there is none or it is not
        known.
        """
        index = self._index
        if index.times is None or not len(index.keys) or number >= index.held:
            return None
        place = int(np.searchsorted(index.keys[:, 0], index.times[number], side="right"))
        if place >= len(index.keys):
            return None
        found = int(np.searchsorted(index.times, index.keys[place, 0]))
        return found if number < found < index.held else None

    def close(self) -> None:
        """Let go of files and decoders; a second time does nothing."""
        self._closed = True
        self._waiting = None
        if self._idle is not None:
            self._idle.close()
            self._idle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check(self, number: int) -> None:
        if self._closed:
            raise InputError(f"{self.info.name}: the movie was closed")
        if not self.info.first <= number <= self.info.last:
            raise InputError(
                f"{self.info.name}: frame {number}: its frames are {self.info.first} to {self.info.last}"
            )

    def _converted(self, first: int, last: int) -> Iterator[ClipFrame]:
        layout = self._opened.layout
        for number, frame in self._decoded(first, last):
            self._opened.check_same(number, frame)
            planes = planes_of(frame, layout)
            ordered = self._opened.in_order(planes)
            yield ClipFrame(
                number,
                planes_to_rgb(ordered, self._opened.model),
                32,
                partial(hash_planes, planes, layout),
                alpha_of(frame, layout),
            )

    def _decoded(self, first: int, last: int) -> Iterator[tuple[int, VideoFrame]]:
        """Frames as decoded: on all threads, and where that meets trouble once more with more care."""
        try:
            yield from self._by_threads(first, last)
            return
        except Trouble as trouble:
            wanted, why = trouble.number, trouble.why
        for back in (0, 1):
            decoder = MovieDecoder(self._opened.path, self._index, threads=1)
            try:
                for number, frame in decoder.frames_from(wanted, back=back):
                    yield number, frame
                    if number == last:
                        return
            except Trouble as trouble:
                wanted, why = trouble.number, trouble.why
            finally:
                decoder.close()
        raise MediaError(f"{self.info.name}: frame {wanted}: {why}")

    def _by_threads(self, first: int, last: int) -> Iterator[tuple[int, VideoFrame]]:
        """Goes on where the last call ended, where that is nearer than a key frame."""
        decoder, waiting = self._idle, self._waiting
        self._idle = self._waiting = None
        decoder = decoder or MovieDecoder(self._opened.path, self._index)
        kept = False
        try:
            given: Iterator[tuple[int, VideoFrame]]
            if waiting is not None and waiting[0] <= first and self._same_key(waiting[0], first):
                given = itertools.dropwhile(lambda pair: pair[0] < first, waiting[1])
            else:
                given = decoder.frames_from(first)
            for number, frame in given:
                if number == last:
                    # Before the frame is handed over: whoever wants one frame never comes back here.
                    self._keep(decoder, (number + 1, given) if number < self.info.last else None)
                    kept = True
                yield number, frame
                if number == last:
                    return
        finally:
            if not kept:
                decoder.close()

    def _same_key(self, at: int, number: int) -> bool:
        """Whether going on from `at` is the shortest way to `number`, which is held."""
        if at == number:
            return True
        return number < self._index.held and self._index.key_before(number) == self._index.key_before(at)

    def _keep(self, decoder: MovieDecoder, waiting: _Waiting | None) -> None:
        if self._closed or self._idle is not None:
            decoder.close()
            return
        self._idle, self._waiting = decoder, waiting
