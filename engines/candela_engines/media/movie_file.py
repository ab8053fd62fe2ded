"""Movie files as PyAV opens them: the one place that names the library, its options and its errors.

FFmpeg is kept to local files and to the containers of `movie_kind`; it writes nothing to stderr, which is how
PyAV leaves its log.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from candela_engines.errors import InfrastructureError, MediaError
from candela_engines.media.source import guard_size

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

__all__ = ["MovieFile", "failure", "open_movie_file"]

_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "mxf", "yuv4mpegpipe", "ivf", "avi", "mpegts", "mpeg", "hevc",
    "h264", "mpegvideo", "obu",
)  # fmt: skip
_MOST_THREADS = 8
#: Decoders stop at what they would else hide: a damaged slice, a checksum that fails.
_STRICT = {"err_detect": "crccheck+explode"}


@dataclass(frozen=True, slots=True)
class MovieFile:
    """An open container and its stream of video."""

    container: InputContainer
    stream: VideoStream
    streams_of_video: int

    @property
    def codec(self) -> str:
        """Of the stream, by its usual name: hevc, av1, prores …"""
        codec = self.stream.codec_context.codec
        return str(getattr(codec, "canonical_name", codec.name)).removeprefix("libdav1d") or "av1"

    @property
    def kind(self) -> str:
        """The container: mov, mp4, matroska, mxf …"""
        name = self.container.format.name.split(",")[0]
        if name != "mov":
            return {"yuv4mpegpipe": "y4m"}.get(name, name)
        return "mov" if self.container.metadata.get("major_brand", "qt  ").startswith("qt") else "mp4"

    @property
    def has_stamps(self) -> bool:
        """Whether packets say when they are shown; those of AVI are numbered as they are decoded."""
        return self.kind != "avi" or not self.stream.codec_context.has_b_frames

    def close(self) -> None:
        """Close the container and its decoders."""
        self.container.close()


def failure(error: BaseException) -> str:
    """What FFmpeg says of an error, in one line."""
    return str(getattr(error, "strerror", None) or error).strip().lower() or type(error).__name__


def open_movie_file(path: Path, *, threads: int | None = None) -> MovieFile:
    """Open a movie and its first stream of video, to be decoded on `threads` (None: the machine's, up to 8).

    Raises MediaError for a file that is no readable movie or has no video.
    """
    import av

    try:
        container = av.open(
            f"file:{path}", "r", metadata_errors="replace",
            container_options={"format_whitelist": ",".join(_CONTAINERS), "protocol_whitelist": "file"},
        )  # fmt: skip
    except MemoryError:
        raise InfrastructureError(f"{path}: the memory does not suffice to open the movie") from None
    except (av.FFmpegError, ValueError, OSError) as error:
        raise MediaError(f"{path}: no movie that can be read ({failure(error)})") from None
    try:
        return _with_stream(path, container, threads)
    except BaseException:
        container.close()
        raise


def _with_stream(path: Path, container: InputContainer, threads: int | None) -> MovieFile:
    videos = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not videos:
        others = sorted({stream.type for stream in container.streams})
        raise MediaError(f"{path}: there is no video in it (it has {', '.join(others) or 'no streams'})")
    stream = videos[0]
    context: Any = stream.codec_context
    if context is None:
        raise MediaError(f"{path}: its video has a codec that is not known here; convert the movie")
    guard_size(path, stream.width or 0, stream.height or 0)
    context.options = dict(_STRICT)
    context.thread_count = threads or min(os.cpu_count() or 1, _MOST_THREADS)
    context.thread_type = "AUTO"
    return MovieFile(container, stream, len(videos))


def _is_cover(stream: VideoStream) -> bool:
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)


def decode(file: MovieFile, packet: Any) -> list[VideoFrame]:
    """The frames that a packet brings out (None: those left). Raises MediaError for what is damaged."""
    import av

    try:
        return file.stream.codec_context.decode(packet)
    except MemoryError:
        raise InfrastructureError("the memory does not suffice to decode") from None
    except (av.FFmpegError, ValueError, OSError) as error:
        raise MediaError(failure(error)) from None
