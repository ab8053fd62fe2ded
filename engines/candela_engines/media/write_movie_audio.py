"""The audio of a source movie, packet by packet, for the frames that are written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from candela_engines.errors import InputError, MediaError
from candela_engines.media.write_movie_codecs import av_module

__all__ = ["AudioCopy", "AudioRange"]


@dataclass(frozen=True, slots=True)
class AudioRange:
    """All audio of `movie` that belongs to its frames first..last, both included; None: all frames.

    rate: of the movie that is written, which has to be the source's. Frames are counted from 0.
    """

    movie: Path
    frames: tuple[int, int] | None
    rate: Fraction


class AudioCopy:
    """Adds the source's audio tracks to a movie and gives their packets in order of time; a context manager.

    Coded audio is cut between packets: the one that begins before the range comes along, before time zero,
    where the container can say so (MP4 and MOV, by an edit list), and is left out elsewhere. PCM is cut at
    the sample. Raises MediaError for a source that cannot be read, InputError for tracks that the container
    cannot hold, a range outside the source, or another frame rate.
    """

    def __init__(self, wanted: AudioRange, output: Any, name: Path) -> None:
        self._wanted = wanted
        self._before_zero = name.suffix.lower() != ".mkv"
        av = av_module()
        try:
            self._source = av.open(str(wanted.movie))
        except (av.FFmpegError, OSError) as error:
            raise MediaError(f"{wanted.movie}: cannot be read for its audio: {error}") from error
        self.movie = wanted.movie
        self.codecs = " and ".join(
            sorted({s.codec_context.codec.canonical_name for s in self._source.streams.audio})
        )
        try:
            self._start, self._end = self._range()
            self.tracks = {stream.index: self._track(output, stream) for stream in self._source.streams.audio}
        except BaseException:
            self._source.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.close()

    def _range(self) -> tuple[Fraction, Fraction]:
        """From when to when, in seconds of the source."""
        wanted = self._wanted
        video = next(iter(self._source.streams.video), None)
        origin = Fraction(0)
        if video is not None:
            if video.average_rate and abs(video.average_rate / wanted.rate - 1) > Fraction(1, 10_000):
                raise InputError(
                    f"{wanted.movie}: {video.average_rate} frames a second; its audio would not stay with a "
                    f"movie of {wanted.rate}"
                )
            if video.start_time is not None and video.time_base is not None:
                origin = video.start_time * video.time_base
        if wanted.frames is None:
            return origin, Fraction(1 << 40)
        first, last = wanted.frames
        if not 0 <= first <= last or (video is not None and video.frames and last >= video.frames):
            count = f" of {video.frames} frames" if video is not None and video.frames else ""
            raise InputError(f"{wanted.movie}: no audio for frames {first} to {last} of a movie{count}")
        return origin + first / wanted.rate, origin + (last + 1) / wanted.rate

    def _track(self, output: Any, stream: Any) -> Any:
        track = output.add_stream_from_template(stream)
        # The code of another container's sample entry would be refused or misread.
        track.codec_context.codec_tag = "\0\0\0\0"
        for key in ("language", "title"):
            if key in stream.metadata:
                track.metadata[key] = stream.metadata[key]
        return track

    def packets(self) -> Iterator[tuple[Fraction, Any]]:
        """Time in seconds from the first frame on, and the packet for its track of the output."""
        av = av_module()
        if not self.tracks:
            return
        streams = list(self._source.streams.audio)
        if self._start > 0:
            # By the container's own clock, a second early: not every index is exact.
            early = max(Fraction(0), self._start - 1)
            with contextlib.suppress(av.FFmpegError):
                self._source.seek(int(early * av.time_base))
        ended: set[int] = set()
        for packet in self._source.demux(streams):
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            begin = packet.pts * packet.time_base
            if begin >= self._end:
                ended.add(packet.stream_index)
                if len(ended) == len(self.tracks):
                    return
                continue
            ready = self._placed(packet, begin)
            if ready is not None:
                yield ready.pts * packet.time_base, ready

    def _placed(self, packet: Any, begin: Fraction) -> Any | None:
        """The packet, moved to the output's time and cut where it may be; None where none of it is wanted."""
        base, track = packet.time_base, self.tracks[packet.stream_index]
        end = begin + (packet.duration or 0) * base
        if end <= self._start and begin < self._start:
            return None
        shift = round(self._start / base)
        if packet.stream.codec_context.name.startswith("pcm_") and packet.duration:
            packet = _cut(packet, self._start, self._end)
            if packet is None:
                return None
        elif begin < self._start and not self._before_zero:
            return None
        packet.pts -= shift
        packet.dts = packet.pts
        packet.stream = track
        return packet


def _cut(packet: Any, start: Fraction, end: Fraction) -> Any | None:
    """The part of a packet of PCM that lies in the range: its samples are of one size."""
    base, count = packet.time_base, packet.duration
    if packet.size % count:
        return packet
    size = packet.size // count
    first = max(0, round(start / base) - packet.pts)
    last = min(count, round(end / base) - packet.pts)
    if first == 0 and last == count:
        return packet
    if first >= last:
        return None
    part = av_module().Packet(bytes(packet)[first * size : last * size])
    part.time_base, part.pts, part.dts = base, packet.pts + first, packet.pts + first
    part.duration = last - first
    return part
