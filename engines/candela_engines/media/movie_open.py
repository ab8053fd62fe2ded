"""Opening a movie: what its first frame, its tags and its index settle before anything else is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from candela_engines.colour.state import ColourState, Range
from candela_engines.errors import ColourStateError, MediaError
from candela_engines.media.clip import ClipInfo
from candela_engines.media.movie_boxes import TrackBoxes, read_track_boxes
from candela_engines.media.movie_decoder import MovieDecoder, Trouble
from candela_engines.media.movie_file import open_movie_file
from candela_engines.media.movie_index import MovieIndex, build_index, count_by_decoding
from candela_engines.media.movie_kind import HEAD_BYTES, movie_kind
from candela_engines.media.movie_length import promised_bytes
from candela_engines.media.movie_metadata import camera_of, code_points, read_metadata, timecode_of
from candela_engines.media.movie_pixels import PixelLayout, layout_of
from candela_engines.media.movie_rgb import Plane, VideoModel, video_model
from candela_engines.media.movie_siting import chroma_siting
from candela_engines.media.source import open_source
from candela_engines.media.tags_stream import CodePoints, StreamColour, settle

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["OpenedMovie", "look_at"]

_UNREAD = {"xyz12le": "DCI X'Y'Z'", "xyz12be": "DCI X'Y'Z'", "pal8": "a palette"}


@dataclass(frozen=True, slots=True)
class OpenedMovie:
    """A movie that was looked at: how its samples lie and what they mean, the same for every frame."""

    path: Path
    info: ClipInfo
    index: MovieIndex
    layout: PixelLayout
    model: VideoModel
    matrix_missing: str | None
    pixel_format: str
    tags: CodePoints

    def in_order(self, planes: list[Plane]) -> list[Plane]:
        """Three planes as the model takes them: grey thrice; R, G, B of a stream that calls them Y'CbCr."""
        if self.layout.kind == "grey":
            return planes * 3
        if self.layout.kind == "ycc" and not self.model.ycc:
            return [planes[2], planes[0], planes[1]]
        return planes

    def check_same(self, number: int, frame: VideoFrame) -> None:
        """Raise MediaError where a frame has another size, pixel format or colour than the first."""
        info, size = self.info, (frame.width, frame.height)
        first = (f"{info.width}x{info.height} pixels", f"format {self.pixel_format}", f"colour {self.tags}")
        here = ("{}x{} pixels".format(*size), f"format {frame.format.name}", f"colour {code_points(frame)}")
        for one, other in zip(first, here, strict=True):
            if one != other:
                raise MediaError(
                    f"{info.name}: frame {number}: the stream changes here from {one} to {other}; cut "
                    f"the movie there, or use frames {info.first} to {number - 1}"
                )


@dataclass(frozen=True, slots=True)
class Length:
    """Bytes that a file has by its own words (None: it has none to say), and those that are there.

    open_end: whether a cut at its end may leave no trace.
    """

    promised: int | None
    size: int
    open_end: bool

    @property
    def cut(self) -> bool:
        """Whether the file is known to end too early."""
        return self.promised is not None and self.promised > self.size


def look_at(
    path: Path, name: str, colour: ColourState | None, range_: Range | None, matrix: str | None
) -> OpenedMovie:
    """What there is to know of a movie; errors as `movie.open_movie`."""
    with open_source(path) as stream:
        kind = movie_kind(stream.read(HEAD_BYTES))
    if kind is None:
        raise MediaError(f"{path}: no movie of a kind that is read (MP4, QuickTime, Matroska, MXF …)")
    boxes = read_track_boxes(path) if kind == "mov" else TrackBoxes()
    if boxes.encrypted:
        raise MediaError(f"{path}: its video is encrypted (encv); decrypt it first")
    promised = promised_bytes(path, kind, boxes.promised)
    length = Length(promised, path.stat().st_size, boxes.open_end or promised is None)
    index = _counted(path, _index(path, length))
    if not index.held:
        raise MediaError(f"{path}: frame 0: the file ends before it; the movie is truncated")
    return _with_first_frame(path, name, index, boxes, (colour, range_, matrix), length)


def _index(path: Path, length: Length) -> MovieIndex:
    try:
        file = open_movie_file(path)
    except MediaError:
        if not length.cut:
            raise
        raise MediaError(
            f"{path}: the movie is truncated, and what is left cannot be read: {length.size:,} bytes, of at "
            f"least {length.promised:,}"
        ) from None
    try:
        return build_index(file, path, cut=length.cut)
    finally:
        file.close()


def _counted(path: Path, index: MovieIndex) -> MovieIndex:
    """The count of a stream without time stamps, which only decoding tells."""
    if index.times is not None:
        return index
    file = open_movie_file(path)
    try:
        return index.counted(*count_by_decoding(file))
    finally:
        file.close()


def _with_first_frame(
    path: Path, name: str, index: MovieIndex, boxes: TrackBoxes,
    asked: tuple[ColourState | None, Range | None, str | None], length: Length,
) -> OpenedMovie:  # fmt: skip
    file = open_movie_file(path)
    try:
        frame = _first_frame(path, index)
        if index.times is not None and frame.pts is not None:
            index = index.starting_at(frame.pts)
        pixel_format = frame.format.name
        layout = layout_of(pixel_format)
        if layout is None:
            what = _UNREAD.get(pixel_format, f"the pixel format {pixel_format}")
            raise MediaError(f"{path}: frame 0: {what} is not read; convert the movie")
        metadata = read_metadata(file, frame)
        tags = code_points(frame)
        colour, range_, matrix = asked
        try:
            settled = settle(
                tags, boxes.colour, rgb=layout.kind == "rgb", grey=layout.kind == "grey", full=layout.full,
                peak_nits=metadata.peak_nits or boxes.peak_nits, colour=colour, range_=range_, matrix=matrix,
            )  # fmt: skip
        except (MediaError, ColourStateError) as error:
            raise type(error)(f"{path}: {error}") from None
        siting, sited = chroma_siting(file, path, layout)
        try:
            model = video_model(
                settled.matrix or "bt709", settled.range, layout.bits, across=layout.across, down=layout.down,
                siting=siting,
            )  # fmt: skip
        except MediaError as error:
            raise MediaError(f"{path}: {error}") from None
        rate, uneven = index.rate(file.stream.guessed_rate or file.stream.average_rate)
        further = _notes(index, boxes, metadata.peak_nits, uneven, sited, length)
        info = ClipInfo(
            name=name,
            files=(path,),
            kind="movie",
            format=f"{file.codec} in {file.kind}" if file.codec != file.kind else f"{file.codec} stream",
            width=frame.width,
            height=frame.height,
            bits=layout.bits,
            state=settled.state,
            tagged=settled.tagged,
            found=settled.found,
            first=0,
            last=index.count - 1,
            cut_after=index.held - 1 if index.held < index.count else None,
            rate=rate,
            timecode=timecode_of(file),
            audio=bool(file.container.streams.audio),
            luminance=metadata.luminance,
            display=metadata.display,
            camera=camera_of(file, path),
            notes=(*settled.notes, *metadata.notes, *further),
        )
    finally:
        file.close()
    missing = _missing(settled) if settled.matrix is None else None
    return OpenedMovie(path, info, index, layout, model, missing, pixel_format, tags)


def _first_frame(path: Path, index: MovieIndex) -> VideoFrame:
    decoder = MovieDecoder(path, index, threads=1)
    try:
        return decoder.first()
    except Trouble as trouble:
        raise MediaError(f"{path}: frame 0: {trouble.why}") from None
    finally:
        decoder.close()


def _missing(settled: StreamColour) -> str:
    return (
        f"what turns its Y'CbCr into R'G'B' is not known (found: {settled.found}); say the colour state with "
        "--sdr-colour or --hdr-colour, or the matrix alone with --sdr-matrix or --hdr-matrix"
    )


def _notes(
    index: MovieIndex, boxes: TrackBoxes, peak: float | None, uneven: str | None, sited: str, length: Length
) -> list[str]:
    notes = [note for note in (uneven, sited) if note]
    if index.times is None:
        notes.append("no time stamps: frames are numbered as they are decoded")
    if length.open_end and not length.cut:
        notes.append("the file does not say how long it is: a cut at its end may not be seen")
    if boxes.clap:
        notes.append("the container asks for a crop (clap); read uncropped")
    if peak and boxes.peak_nits and abs(peak - boxes.peak_nits) > 0.01 * peak:
        notes.append(f"mastering peak {peak:g} nit in the stream, {boxes.peak_nits:g} in its container")
    if length.cut or index.held < index.count:
        notes.append(f"the movie is truncated: of its frames the first {index.held} are there")
    return notes
