"""Which frames a movie has: numbers from 0 in the order of presentation, found without decoding.

Packets are read and their time stamps kept: 8 bytes a frame. A stream without time stamps (an elementary HEVC or
H.264 stream) is decoded once and counted instead, for what is in it can be told no other way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import MediaError
from candela_engines.media.movie_file import MovieFile, decode, failure

__all__ = ["MovieIndex", "build_index", "count_by_decoding", "packets"]


@dataclass(frozen=True, slots=True, eq=False)
class MovieIndex:
    """times: time stamps of the frames in order, in units of `unit` seconds; None where there are none.

    keys: (n, 2) time stamp and decoding time stamp of the frames that decoding may start from, ascending.
    count: frames that there ought to be. held: how many of them the file has the data of.
    """

    times: NDArray[np.int64] | None
    keys: NDArray[np.int64]
    unit: Fraction
    count: int
    held: int

    def key_before(self, number: int, back: int = 0) -> int:
        """Which key frame to start from to see frame `number`, `back` key frames earlier than needed."""
        if self.times is None or not len(self.keys):
            return 0
        found = int(np.searchsorted(self.keys[:, 0], self.times[number], side="right")) - 1
        return max(found - back, 0)

    def starting_at(self, time: int) -> MovieIndex:
        """Without the frames before `time`, which the decoder does not give (an open group cut off)."""
        if self.times is None:
            return self
        gone = int(np.searchsorted(self.times, time))
        return replace(self, times=self.times[gone:], count=self.count - gone, held=self.held - gone)

    def counted(self, count: int, damaged: bool) -> MovieIndex:
        """With the count that decoding gave; as many as there are packets where it met damage."""
        if damaged:
            return replace(self, count=max(self.count, count + 1))
        return replace(self, count=count + (self.count - self.held), held=count)

    def rate(self, said: Fraction | None) -> tuple[Fraction | None, str | None]:
        """Frames a second, and a note where they do not come evenly. said: what the container says.

        The container's word counts where the time stamps agree with it to one unit, as those of Matroska do,
        which are whole milliseconds; else it is the average.
        """
        times = self.times
        if times is None or len(times) < 2:
            return said, None
        span = int(times[-1] - times[0])
        if span <= 0:
            return said, None
        average = Fraction(len(times) - 1) / (span * self.unit)
        for rate in (said, average):
            if rate is not None and rate > 0 and _even(times, 1 / (rate * self.unit)):
                return rate, None
        steps = np.diff(times)
        longest, shortest = int(steps.max()), int(steps.min())
        if shortest <= 0:
            return average, f"{int((steps <= 0).sum())} frames have the time stamp of the one before"
        slow, fast = (float(1 / (step * self.unit)) for step in (longest, shortest))
        return average, f"variable frame rate: {slow:.3f} to {fast:.3f} frames a second"


def _even(times: NDArray[np.int64], step: Fraction) -> bool:
    expected = times[0] + np.arange(len(times)) * float(step)
    return bool(np.abs(times - expected).max() <= 1.0 + 1e-9 * float(abs(times[-1])))


def packets(file: MovieFile) -> Iterator[Any]:
    """The video packets of a file, an empty one last. Raises MediaError where they break off."""
    import av

    try:
        yield from file.container.demux(file.stream)
    except (av.FFmpegError, ValueError, OSError) as error:
        raise MediaError(failure(error)) from None


def build_index(file: MovieFile, path: Path, *, cut: bool) -> MovieIndex:
    """The index of a file that was just opened, which is read to its end.

    cut: whether the file is known to end too early: then one frame more than it holds is promised, or as many
    as its table says. Raises MediaError for a movie without frames.
    """
    times: list[int] = []
    keys: list[tuple[int, int]] = []
    seen = hidden = 0
    timed = True
    broken = cut
    try:
        for packet in packets(file):
            if not packet.size:
                continue
            if packet.is_corrupt and cut:
                continue
            timed = timed and packet.pts is not None
            if timed and packet.is_keyframe:
                keys.append((packet.pts, packet.pts if packet.dts is None else packet.dts))
            if packet.is_discard:
                hidden += 1  # before the start of an edit list: decoded, not shown
                continue
            seen += 1
            if timed:
                times.append(packet.pts)
    except MediaError:
        broken = True
    if not seen:
        raise MediaError(f"{path}: the movie has no frames")
    unit = Fraction(file.stream.time_base or 1)
    promised = max(file.stream.frames - hidden, seen + broken) if broken else seen
    if not timed:
        return MovieIndex(None, np.zeros((0, 2), np.int64), unit, promised, seen)
    return MovieIndex(
        np.sort(np.array(times, np.int64), kind="stable"), np.array(sorted(keys), np.int64).reshape(-1, 2), unit,
        promised, seen,
    )  # fmt: skip


def count_by_decoding(file: MovieFile) -> tuple[int, bool]:
    """How many frames come out of a file that was just opened, and whether damage ended it."""
    count = 0
    try:
        for packet in packets(file):
            for frame in decode(file, packet):
                if frame.is_corrupt:
                    return count, True
                count += 1
    except MediaError:
        return count, True
    return count, False
