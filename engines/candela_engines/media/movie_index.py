"""Which frames a movie has: numbers from 0 in the order of presentation, found without decoding.

Packets are read and their time stamps kept: 8 bytes a frame. A stream without time stamps (an elementary HEVC
or H.264 stream) is decoded once and counted instead, for what is in it can be told no other way.
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
from candela_engines.media.clip import UNEVEN
from candela_engines.media.movie_checks import ffv1_sound
from candela_engines.media.movie_file import MovieFile, decode, failure

__all__ = ["MovieIndex", "build_index", "count_by_decoding", "packets"]

#: Codecs that know no other frames than key frames.
_INTRA = ("prores", "dnxhd", "jpeg2000", "mjpeg", "rawvideo", "v210", "cfhd", "png")
_LOOKED_AT = 8  # packets: damaged ones among them do not hide that the stream has checksums


@dataclass(frozen=True, slots=True, eq=False)
class MovieIndex:
    """times: time stamps of the frames in order, in units of `unit` seconds; None where there are none.

    keys: (n, 2) time stamp and decoding time stamp of the frames that decoding may start from, ascending.
    count: frames that there ought to be. held: how many of them the file has the data of.
    checksums: whether every packet carries those of FFV1.
    """

    times: NDArray[np.int64] | None
    keys: NDArray[np.int64]
    unit: Fraction
    count: int
    held: int
    checksums: bool = False

    def key_before(self, number: int, back: int = 0) -> int:
        """Which key frame to start from to see frame `number`, `back` key frames earlier than needed.

        For a frame beyond those that are held: that of the last of them.
        """
        if self.times is None or not len(self.keys) or not self.held:
            return 0
        time = self.times[min(number, self.held - 1)]
        found = int(np.searchsorted(self.keys[:, 0], time, side="right")) - 1
        return max(found - back, 0)

    def starting_at(self, time: int) -> MovieIndex:
        """Without the frames before `time`, which the decoder does not give (an open group cut off)."""
        if self.times is None:
            return self
        gone = int(np.searchsorted(self.times, time))
        if gone >= self.held:
            return self
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
            twice = int((steps <= 0).sum())
            words = "1 frame has" if twice == 1 else f"{twice} frames have"
            return average, f"{UNEVEN}: {words} the time stamp of the one before"
        slow, fast = (float(1 / (step * self.unit)) for step in (longest, shortest))
        return average, f"{UNEVEN}: {slow:.3f} to {fast:.3f} frames a second"


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


def _by_table(file: MovieFile, path: Path) -> MovieIndex | None:
    """The index of an MP4 or QuickTime file whose frames all stand alone, by its table: nothing is read.

    Such files are the large ones (ProRes, DNxHR), and their frames are shown in the order that they lie in.
    """
    entries = getattr(file.stream, "index_entries", ())
    if (
        file.codec not in _INTRA
        or file.kind not in ("mov", "mp4")
        or not len(entries) == file.stream.frames > 0
    ):
        return None
    size = path.stat().st_size
    shown = [(entry.timestamp, entry.pos + entry.size <= size) for entry in entries if not entry.is_discard]
    times = np.array([time for time, _ in shown], np.int64)
    if not len(times) or not all(entry.is_keyframe for entry in entries) or (np.diff(times) <= 0).any():
        return None
    held = next((place for place, (_, there) in enumerate(shown) if not there), len(shown))
    if not held:
        raise MediaError(f"{path}: frame 0: the file ends before it; the movie is truncated")
    unit = Fraction(file.stream.time_base or 1)
    return MovieIndex(times[:held], np.stack([times, times], axis=1), unit, len(shown), held)


def build_index(file: MovieFile, path: Path, *, cut: bool) -> MovieIndex:
    """The index of a file that was just opened, which is read to its end.

    cut: whether the file is known to end too early: then one frame more than it holds is promised, or as many
    as its table says. Raises MediaError for a movie without frames.
    """
    if (index := _by_table(file, path)) is not None:
        return index
    times: list[int] = []
    keys: list[tuple[int, int]] = []
    before: int | None = None
    last: int | None = None
    seen = hidden = 0
    timed = True
    broken = cut
    checksums = False
    try:
        for packet in packets(file):
            if not packet.size:
                continue
            if packet.is_corrupt and cut:
                continue
            before, last = last, packet.dts
            timed = timed and packet.pts is not None and file.has_stamps
            if timed and packet.is_keyframe:
                keys.append((packet.pts, packet.pts if packet.dts is None else packet.dts))
            if packet.is_discard:
                hidden += 1  # before the start of an edit list: decoded, not shown
                continue
            seen += 1
            if file.codec == "ffv1" and seen <= _LOOKED_AT:
                checksums = checksums or ffv1_sound(bytes(packet))
            if timed:
                times.append(packet.pts)
    except MediaError:
        broken = True
    if cut and seen and not file.stream.frames:
        # Without a table of sizes the last packet may be a part of one.
        seen, last = seen - 1, before
        times = times[:-1]
    if not seen:
        why = (
            "frame 0: the file ends before it; the movie is truncated"
            if broken
            else "the movie has no frames"
        )
        raise MediaError(f"{path}: {why}")
    unit = Fraction(file.stream.time_base or 1)
    if not timed:
        return MovieIndex(None, np.zeros((0, 2), np.int64), unit, seen + broken, seen, checksums)
    ordered = np.sort(np.array(times, np.int64), kind="stable")
    if broken or _gap_at_end(ordered, last):
        # What lies beyond may have been shown between frames that are there: their numbers are not known.
        # Without decoding time stamps not even the order is, and all that is sure is the first.
        ordered = ordered[: 1 if last is None else int(np.searchsorted(ordered, last, side="right"))]
        promised = max(file.stream.frames - hidden, len(ordered) + 1)
    else:
        promised = len(ordered)
    found = np.array(sorted(keys), np.int64).reshape(-1, 2)
    return MovieIndex(ordered, found, unit, promised, len(ordered), checksums)


def _gap_at_end(times: NDArray[np.int64], last: int | None) -> bool:
    """Whether frames are missing among those that wait to be shown when the last packet is decoded.

    last: its decoding time stamp. Told by a step that is longer than every one before.
    """
    if last is None or len(times) < 3:
        return False
    steps = np.diff(times)
    waiting = int((times > last).sum())
    before = steps[: len(steps) - waiting]
    return bool(waiting and len(before) and steps[len(steps) - waiting :].max() > 1.5 * before.max())


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
