"""Decoding from any frame on, each frame held against the index: none is skipped, repeated or made up.

Decoders conceal damage where they can. Here a frame that FFmpeg calls corrupt, a packet that it refuses and a
frame that does not come when its turn is all end the decoding with the number of the first frame that cannot
be had, and so does every frame up to the next key frame, which would be predicted from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from candela_engines.errors import MediaError
from candela_engines.media.movie_checks import ffv1_sound
from candela_engines.media.movie_file import MovieFile, decode, open_movie_file
from candela_engines.media.movie_index import MovieIndex, packets

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["MovieDecoder", "Trouble"]

_CUT = "the file ends before it, or it is damaged from there on; the movie is truncated"


class Trouble(Exception):
    """Frame `number` cannot be had; why, as the end of a sentence."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number
        self.why = why


class MovieDecoder:
    """Frames of a movie from any number on.

    threads: None for as many as the machine has. With one the packet that a decoder refuses is known, and the
    frames before it are had; with more a frame near the damage may be refused that is sound.
    """

    def __init__(self, path: Path, index: MovieIndex, *, threads: int | None = None) -> None:
        self._path = path
        self._index = index
        self._threads = threads
        self._file: MovieFile | None = None

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def frames_from(self, number: int, *, back: int = 0) -> Iterator[tuple[int, VideoFrame]]:
        """Frames `number` and on, up to the last. Ends what an earlier call began. Raises Trouble.

        back: start so many key frames earlier than is needed.
        """
        if number >= self._index.held:
            raise Trouble(number, _CUT)
        times = self._index.times
        key = self._index.key_before(number, back)
        start = int(self._index.keys[key, 0]) if times is not None and len(self._index.keys) else None
        leading = start if times is None or start is None or times[number] >= start else None
        wanted = number
        for come, (frame, why) in enumerate(self._decoded(key, start)):
            if times is not None and frame is not None:
                if frame.pts is None or (leading is not None and frame.pts < leading):
                    continue  # shown before the key frame, which it does not follow
                if frame.pts < times[wanted]:
                    if why:
                        raise Trouble(wanted, "a frame that it is predicted from is damaged")
                    continue
                if not why and frame.pts > times[wanted]:
                    why = "the decoder gives no picture for it: its data are damaged, or not all there"
            elif frame is not None and come < wanted and not why:
                continue
            if why or frame is None:
                raise Trouble(wanted, why)
            yield wanted, frame
            wanted += 1
            if wanted >= self._index.count:
                return
            if wanted >= self._index.held:
                raise Trouble(wanted, _CUT)
        raise Trouble(wanted, "the stream ends before it")

    def first(self) -> VideoFrame:
        """The first frame that is shown. Raises Trouble with the number 0 where there is none."""
        keys = self._index.keys
        for frame, why in self._decoded(0, None):
            if frame is not None and why and len(keys) and frame.pts is not None and frame.pts < keys[0, 0]:
                continue  # it leans on what was before the first key frame
            if frame is None or why:
                raise Trouble(0, why)
            return frame
        raise Trouble(0, "nothing comes out of the decoder")

    def _decoded(self, key: int, start: int | None) -> Iterator[tuple[VideoFrame | None, str]]:
        """Frames as they come, and what is wrong with them; the last may be none at all."""
        bad: int | None = None
        why = ""
        try:
            for file, packet in self._packets(key, start):
                bad = packet.pts
                if packet.size and packet.is_corrupt:
                    raise MediaError("its data are cut off")
                if packet.size and self._index.checksums and not ffv1_sound(bytes(packet)):
                    raise MediaError("a checksum of FFV1 is wrong")
                for frame in decode(file, packet):
                    yield frame, "it is damaged" if frame.is_corrupt else ""
        except MediaError as error:
            why = f"it cannot be decoded ({error})"
        if not why:
            return
        if self._threads == 1 and self._file is not None:
            # What was decoded before the damage waits for its turn to be shown.
            try:
                left = decode(self._file, None)
            except MediaError:
                left = []
            for frame in left:
                if frame.is_corrupt or bad is None or frame.pts == bad:
                    break
                yield frame, ""
        yield None, why

    def _packets(self, key: int, start: int | None) -> Iterator[tuple[MovieFile, Any]]:
        """Packets from the key frame on. A seek that went too far is made good by reading from the start."""
        for anew in (False, True):
            file = self._open(key, anew)
            reached = start is None
            for count, packet in enumerate(packets(file)):
                reached = reached or (packet.is_keyframe and packet.pts == start)
                if reached:
                    if self._index.times is None and packet.size:
                        # Frames keep the time stamp of their packet, by which they are known again.
                        packet.pts = count
                    yield file, packet
            if reached:
                return
        raise MediaError("the key frame before it is not found")

    def _open(self, key: int, anew: bool) -> MovieFile:
        """The file at the key frame or before it; at its start where it is opened anew or has no index."""
        timed = self._index.times is not None
        if self._file is not None and timed and not anew and self._seek(self._file, key):
            return self._file
        fresh = self._file is None and not anew
        self.close()
        self._file = open_movie_file(self._path, threads=self._threads)
        if fresh and timed and key > 0 and not self._seek(self._file, key):
            self.close()
            self._file = open_movie_file(self._path, threads=self._threads)
        return self._file

    def _seek(self, file: MovieFile, key: int) -> bool:
        import av

        try:
            file.container.seek(int(self._index.keys[key, 1]), stream=file.stream, backward=True)
        except (av.FFmpegError, ValueError, OverflowError, IndexError):
            return False
        return True
