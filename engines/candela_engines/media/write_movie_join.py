"""Movies of one encoder's making put behind each other, with audio, without encoding anything again.

A long job writes a file a shot; what is finished stays finished, and this makes one movie of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from candela_engines.errors import InfrastructureError, InputError, MediaError
from candela_engines.media.atomic import atomic_path
from candela_engines.media.mastering import ContentLight
from candela_engines.media.write_movie_audio import AudioCopy, AudioRange
from candela_engines.media.write_movie_boxes import light_of, put_light_boxes
from candela_engines.media.write_movie_codecs import av_module
from candela_engines.media.write_movie_light import configuration_with_light, picture_with_light

__all__ = ["MovieReport", "join_segments"]


@dataclass(frozen=True, slots=True)
class MovieReport:
    """What was written. audio_tracks: how many came along."""

    path: Path
    frames: int
    bytes: int
    audio_tracks: int = 0


@dataclass(frozen=True, slots=True)
class _Segment:
    """What has to be the same in all segments; `configuration` without the content light."""

    codec: str
    tag: str
    size: tuple[int, int]
    pix_fmt: str
    colour: tuple[int, int, int, int]
    rate: Fraction
    configuration: bytes


def join_segments(
    segments: Sequence[Path | str],
    path: Path | str,
    *,
    timecode: str | None = None,
    audio: AudioRange | None = None,
    light: ContentLight | None = None,
    name: Path | None = None,
    tick: Callable[[int], None] = lambda frames: None,
) -> MovieReport:
    """One movie of segments that `MovieWriter` wrote with the same arguments (.mp4 or .mov), in their order.

    path: .mp4, .mov or .mkv. light: of the whole movie, written in place of the segments' own; None: not
    known, and taken out. name: of the file that `path` will become, for errors. tick: told how many frames
    are joined.
    Raises InputError naming the segment that does not go with the first, MediaError for one that is damaged.
    """
    path, paths = Path(path), [Path(segment) for segment in segments]
    name = path if name is None else name
    if not paths:
        raise InputError(f"{name}: no segments to join")
    first = _describe(paths[0])
    for other in paths[1:]:
        _same(first, _describe(other), paths[0], other)
    if audio is not None and audio.rate != first.rate:
        raise InputError(f"{name}: audio for {audio.rate} frames a second beside pictures at {first.rate}")
    with contextlib.ExitStack() as stack:
        temporary = stack.enter_context(atomic_path(path))
        template = stack.enter_context(_template(paths[0], temporary, first, light))
        try:
            frames, tracks = _mux(paths, temporary, template, first, timecode, audio, light, name, tick)
        except (av_module().FFmpegError, ValueError) as error:
            if isinstance(error, OSError):
                raise
            raise InfrastructureError(f"{name}: cannot be joined: {error}") from error
        return MovieReport(name, frames, temporary.stat().st_size, tracks)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    av = av_module()
    try:
        container = av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path}: is no segment that can be read: {error}") from error
    try:
        yield container
    finally:
        container.close()


def _describe(path: Path) -> _Segment:
    with _opened(path) as container:
        if not container.streams.video:
            raise MediaError(f"{path}: a segment without video")
        stream = container.streams.video[0]
        context = stream.codec_context
        codec = stream.codec_context.codec.canonical_name
        colour = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
        return _Segment(
            codec, context.codec_tag, (context.width, context.height), str(context.pix_fmt),
            colour, stream.average_rate,
            configuration_with_light(bytes(context.extradata or b""), codec, None),
        )  # fmt: skip


def _same(first: _Segment, other: _Segment, path: Path, other_path: Path) -> None:
    for field in ("codec", "tag", "size", "pix_fmt", "colour", "rate", "configuration"):
        ours, its = getattr(first, field), getattr(other, field)
        if ours != its:
            shown = "" if field == "configuration" else f" ({its} and {ours})"
            raise InputError(
                f"{other_path}: its {field} is not that of {path}{shown}; write both again with the same "
                "arguments"
            )


@contextlib.contextmanager
def _template(segment: Path, beside: Path, of: _Segment, light: ContentLight | None) -> Iterator[Path]:
    """A movie of the segment's first picture, whose stream is what the joined one shall be.

    Muxers take the mastering display, the content light and the decoder's configuration from there alone.
    """
    path = beside.with_suffix(f".template{segment.suffix}")
    try:
        with _opened(segment) as source, _created(path) as output:
            stream = output.add_stream_from_template(source.streams.video[0], opaque=True)
            stream.codec_context.codec_tag = of.tag
            packet = next(source.demux(source.streams.video[0]))
            packet.stream = stream
            output.mux(packet)
        mastering, _ = light_of(segment)
        put_light_boxes(path, mastering, light, lambda data: configuration_with_light(data, of.codec, light))
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _created(path: Path) -> Iterator[Any]:
    container = av_module().open(str(path), "w")
    try:
        yield container
    finally:
        container.close()


def _mux(
    paths: list[Path],
    out: Path,
    template: Path,
    of: _Segment,
    timecode: str | None,
    audio: AudioRange | None,
    light: ContentLight | None,
    name: Path,
    tick: Callable[[int], None],
) -> tuple[int, int]:
    with contextlib.ExitStack() as stack:
        shape = stack.enter_context(_opened(template))
        output = stack.enter_context(_created(out))
        stream = output.add_stream_from_template(shape.streams.video[0], opaque=True)
        if out.suffix.lower() != ".mkv":
            stream.codec_context.codec_tag = of.tag
        stream.time_base = 1 / of.rate
        # Of a stream that is only copied the muxer knows no rate, and a timecode needs one.
        stream.codec_context.framerate = of.rate
        if timecode is not None:
            stream.metadata["timecode"] = timecode
        copy = None if audio is None else stack.enter_context(AudioCopy(audio, output, name))
        _start(output, copy, name)
        sounds = iter(()) if copy is None else copy.packets()
        sound = next(sounds, None)
        count = 0
        for when, packet in _pictures(paths, of, light):
            while sound is not None and sound[0] <= when:
                output.mux(sound[1])
                sound = next(sounds, None)
            packet.stream = stream
            output.mux(packet)
            count += 1
            tick(count)
        while sound is not None:
            output.mux(sound[1])
            sound = next(sounds, None)
        return count, 0 if copy is None else len(copy.tracks)


def _start(output: Any, copy: AudioCopy | None, name: Path) -> None:
    """Write the head, which is where a muxer refuses a track."""
    try:
        output.start_encoding()
    except (av_module().FFmpegError, ValueError) as error:
        if copy is None or not copy.tracks:
            raise
        raise InputError(
            f"{name}: cannot hold the {copy.codecs} audio of {copy.movie}; write another of .mp4, .mov and "
            ".mkv, or leave the audio out"
        ) from error


def _pictures(paths: list[Path], of: _Segment, light: ContentLight | None) -> Iterator[tuple[Fraction, Any]]:
    """When each picture is decoded, in seconds, and its packet, in time of the whole movie."""
    before = 0
    for path in paths:
        count = 0
        with _opened(path) as source:
            stream = source.streams.video[0]
            offset = before / of.rate / stream.time_base
            if offset.denominator != 1:
                raise MediaError(f"{path}: its clock of {stream.time_base} has no whole number for a frame")
            for packet in source.demux(stream):
                if packet.dts is None:
                    continue
                count += 1
                moved = _relit(packet, of.codec, light) if packet.is_keyframe else packet
                moved.pts = packet.pts + int(offset)
                moved.dts = packet.dts + int(offset)
                yield moved.dts * stream.time_base, moved
            if count != stream.frames:
                raise MediaError(f"{path}: {count} frames where its index has {stream.frames}: it is damaged")
        before += count


def _relit(packet: Any, codec: str, light: ContentLight | None) -> Any:
    data = bytes(packet)
    changed = picture_with_light(data, codec, light)
    if changed == data:
        return packet
    made = av_module().Packet(changed)
    made.time_base, made.pts, made.dts = packet.time_base, packet.pts, packet.dts
    made.duration, made.is_keyframe = packet.duration, True
    return made
