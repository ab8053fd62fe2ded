"""Writing HDR movies: light in, frame by frame, a tagged HEVC, AV1 or ProRes file out, whole or not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState
from candela_engines.errors import InfrastructureError, InputError
from candela_engines.media.atomic import atomic_path
from candela_engines.media.mastering import ContentLight, MasteringDisplay
from candela_engines.media.movie_signal import Signal, movie_signal
from candela_engines.media.priority import usual_priority
from candela_engines.media.rgb_to_yuv import Plane, rgb_to_yuv
from candela_engines.media.write_movie_audio import AudioRange
from candela_engines.media.write_movie_boxes import put_light_boxes
from candela_engines.media.write_movie_codecs import HEVC_DELAY, Encoder, MovieCodec, av_module, encoder_for
from candela_engines.media.write_movie_join import MovieReport, join_segments
from candela_engines.media.write_timecode import checked_timecode

__all__ = ["MovieWriter", "open_movie_writer"]

_BT2020 = 9  # of ITU-T H.273, both as primaries and as the matrix of non-constant luminance
_NARROW = 1


@dataclass(frozen=True, slots=True)
class _Wanted:
    path: Path
    size: tuple[int, int]
    rate: Fraction
    encoding: ColourState
    light: ContentLight | None
    mastering: MasteringDisplay | None
    timecode: str | None
    audio: AudioRange | None
    threads: int


def open_movie_writer(
    path: Path | str,
    *,
    size: tuple[int, int],
    rate: Fraction,
    encoding: ColourState,
    codec: MovieCodec = "hevc",
    bits: int | None = None,
    quality: float | None = None,
    preset: str | None = None,
    max_cll: float | None = None,
    max_fall: float | None = None,
    mastering: MasteringDisplay | None = None,
    timecode: str | None = None,
    audio_from: Path | str | None = None,
    audio_frames: tuple[int, int] | None = None,
    threads: int = 0,
) -> MovieWriter:
    """A writer for the movie `path`: .mp4, .mov or .mkv for `hevc` and `av1`, .mov for `prores4444`.

    size: width and height. rate: frames a second, exact. encoding: PQ or HLG, BT.2020; for HLG its peak is
    that of the display that the light was judged on. bits: 10, for hevc also 12. quality: CRF, 0 lossless;
    None: 12 for hevc, 16 for av1. preset: the encoder's own (`medium`, `8`), or `4444`, `4444xq`.
    max_cll, max_fall: nits, where they are known before; else see `MovieWriter.measured`. timecode: of the
    first frame. audio_from: a movie whose audio comes along, packet by packet, of its frames audio_frames
    (first, last), default all. threads: 0 for as many as the machine has.
    Raises InputError for what such a movie cannot be, at once.
    """
    path = Path(path)
    light = ContentLight.of(max_cll, max_fall)
    encoder = encoder_for(
        path, size=size, rate=rate, encoding=encoding, codec=codec, bits=bits, quality=quality,
        preset=preset, light=light, mastering=mastering, threads=threads,
    )  # fmt: skip
    code = None if timecode is None else checked_timecode(timecode, rate)
    audio = None if audio_from is None else AudioRange(Path(audio_from), audio_frames, rate)
    return MovieWriter(_Wanted(path, size, rate, encoding, light, mastering, code, audio, threads), encoder)


class MovieWriter:
    """A context manager. The file appears when the block ends well; else nothing is left of it.

    write(light): the next frame. measured(max_cll, max_fall): what was measured while writing, before the
    end. report: after it.
    """

    def __init__(self, wanted: _Wanted, encoder: Encoder) -> None:
        self._wanted = wanted
        self._encoder = encoder
        self._stack = contextlib.ExitStack()
        self._light = wanted.light
        self._count = self._packets = 0
        self._open = False
        self.report: MovieReport | None = None

    def __enter__(self) -> Self:
        """Make the temporary file and start the encoder."""
        wanted, encoder = self._wanted, self._encoder
        with contextlib.ExitStack() as stack:
            self._final = stack.enter_context(atomic_path(wanted.path))
            # Joining makes the file where something is to be added that fits in at the end alone.
            self._direct = wanted.audio is None and wanted.path.suffix.lower() != ".mkv"
            self._file = self._final
            if not self._direct:
                suffix = ".mov" if encoder.codec == "prores4444" else ".mp4"
                self._file = stack.enter_context(_scratch(self._final.with_suffix(f".video{suffix}")))
            with self._errors():
                self._container = av_module().open(str(self._file), "w")
                stack.callback(self._close_container)
                self._stream = self._add_stream()
            self._stack = stack.pop_all()
        self._open = True
        return self

    def _add_stream(self) -> Any:
        wanted, encoder = self._wanted, self._encoder
        stream = self._container.add_stream(encoder.name, rate=wanted.rate)
        stream.width, stream.height = wanted.size
        stream.pix_fmt = encoder.pix_fmt
        stream.time_base = 1 / wanted.rate
        context = stream.codec_context
        context.time_base = 1 / wanted.rate
        context.codec_tag = encoder.tag
        context.gop_size = encoder.gop
        context.thread_count = wanted.threads
        self._tag_colour(context)
        # BT.2020 has its chroma on the upper left of four pixels.
        located = {} if encoder.chroma == "444" else {"chroma_sample_location": "topleft"}
        context.options = {**encoder.options, **located}
        if wanted.timecode is not None:
            stream.metadata["timecode"] = wanted.timecode
        return stream

    def _tag_colour(self, of: Any) -> None:
        of.color_primaries, of.color_trc, of.colorspace = _BT2020, self._encoder.trc, _BT2020
        of.color_range = _NARROW

    def write(self, light: NDArray[Any]) -> Signal:
        """Encode the next frame, (H, W, 3) of the movie's size; what was encoded, and how much was clipped.

        light: nits of linear BT.2020, float32 or float16; or uint16 PQ codes over full scale of 16 bits in
        BT.2020, which is the fast way to a PQ movie.
        Raises InputError for another shape or type, InfrastructureError for an encoder or disk that refuses.
        """
        if not self._open:
            raise InputError(f"{self._wanted.path}: a frame for a movie that is not open")
        width, height = self._wanted.size
        if light.shape != (height, width, 3):
            raise InputError(
                f"{self._wanted.path}: frame {self._count} of shape {light.shape} in a movie of "
                f"{width}x{height}"
            )
        av, encoder = av_module(), self._encoder
        frame = av.VideoFrame(width, height, encoder.pix_fmt)
        planes = _plane_of(frame.planes[0]), _plane_of(frame.planes[1]), _plane_of(frame.planes[2])
        signal = movie_signal(light, self._wanted.encoding, encoder.bits, self._wanted.path)
        rgb_to_yuv(
            signal.rgb, planes, bits=encoder.bits, chroma=encoder.chroma, threads=self._wanted.threads
        )  # fmt: skip
        frame.pts, frame.time_base = self._count, 1 / self._wanted.rate
        self._tag_colour(frame)
        with self._errors():
            self._mux(self._stream.encode(frame))
        self._count += 1
        return signal

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            if self._encoder.codec == "hevc":
                # Of a movie of one frame or two x265 says another time, or any; segments need the same.
                packet.dts = self._packets - HEVC_DELAY
            self._packets += 1
            self._container.mux(packet)

    @property
    def encoded(self) -> int:
        """Frames that the encoder is done with; it holds some back until the end."""
        return self._packets

    def measured(self, max_cll: float | None, max_fall: float | None) -> None:
        """MaxCLL and MaxFALL in nits, measured on what was written; 0 or None: not known, and not tagged."""
        self._light = ContentLight.of(max_cll, max_fall)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file, or remove it where the block raised."""
        self._open = False
        if error is not None:
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            self._finish()

    def _finish(self) -> None:
        wanted = self._wanted
        if not self._count:
            raise InputError(f"{wanted.path}: no frame was written, and a movie has one at least")
        with self._errors():
            self._mux(self._stream.encode(None))
            self._container.close()
        put_light_boxes(self._file, wanted.mastering, wanted.light)
        if self._direct and self._light == wanted.light:
            self.report = MovieReport(wanted.path, self._count, self._file.stat().st_size)
            return
        self.report = join_segments(
            [self._file],
            self._final,
            timecode=wanted.timecode,
            audio=wanted.audio,
            light=self._light,
            name=wanted.path,
        )

    def _close_container(self) -> None:
        # After an error it has nothing more to say: its file goes.
        with contextlib.suppress(Exception):
            self._container.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        av = av_module()
        try:
            with usual_priority():
                yield
        except OSError:
            raise
        except (av.FFmpegError, ValueError) as error:
            raise InfrastructureError(
                f"{self._wanted.path}: frame {self._count}: {self._encoder.name} refused: {error}"
            ) from error


@contextlib.contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _plane_of(plane: Any) -> Plane:
    samples = np.frombuffer(plane, dtype=np.uint16).reshape(-1, plane.line_size // 2)
    return samples[: plane.height, : plane.width]
