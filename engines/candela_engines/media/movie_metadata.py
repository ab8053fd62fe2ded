"""What a movie says besides its pictures: mastering display, light levels, timecode, and what is not applied.

Sources: SMPTE ST 2086 and CTA-861.3 as FFmpeg hands them over with a frame
(libavutil/mastering_display_metadata.h: AVMasteringDisplayMetadata is eight rationals of chromaticities, two
of luminance and two flags).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from candela_engines.colour.state import Range
from candela_engines.media.camera import camera_curve, xml_entries
from candela_engines.media.mastering import DeclaredDisplay
from candela_engines.media.movie_file import MovieFile
from candela_engines.media.tags_stream import CodePoints

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["StreamMetadata", "camera_of", "code_points", "read_metadata", "timecode_of"]

_TIMECODE = re.compile(r"\d{2}:\d{2}:\d{2}[:;.]\d{2,3}")
# AVColorRange: 1 is MPEG's, 2 is JPEG's.
_RANGES: dict[int, Range] = {1: "narrow", 2: "full"}


@dataclass(frozen=True, slots=True)
class StreamMetadata:
    """peak_nits of the mastering display, and all of it; luminance: (MaxCLL, MaxFALL) in nits; None where not
    said.
    """

    peak_nits: float | None
    luminance: tuple[float, float] | None
    notes: tuple[str, ...]
    display: DeclaredDisplay | None = None


def code_points(frame: VideoFrame) -> CodePoints:
    """The colour tags that a frame carries, from its bitstream, else from its container."""
    return CodePoints(
        int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace),
        _RANGES.get(int(frame.color_range)),
    )  # fmt: skip


def _side_data(frame: VideoFrame) -> dict[str, bytes]:
    """The side data of a frame by the name of its kind, the first of each."""
    held: Any = frame.side_data
    found: dict[str, bytes] = {}
    for index in range(len(held)):
        found.setdefault(held[index].type.name, bytes(held[index]))
    return found


def read_metadata(file: MovieFile, frame: VideoFrame) -> StreamMetadata:
    """The metadata of the first frame and its stream."""
    held = _side_data(frame)
    peak = display = None
    volume = held.get("MASTERING_DISPLAY_METADATA", b"")
    if len(volume) >= 88:
        over, under, _, has_luminance = struct.unpack_from("=4i", volume, 72)
        peak = over / under if has_luminance and under > 0 and over > 0 else None
        display = _display(volume)
    luminance = None
    levels = held.get("CONTENT_LIGHT_LEVEL", b"")
    if len(levels) >= 8 and any(levels[:8]):
        cll, fall = struct.unpack_from("=2I", levels)
        luminance = (float(cll), float(fall))
    notes = []
    if "DYNAMIC_HDR_PLUS" in held:
        notes.append("HDR10+ metadata is there; it is not used")
    if "DOVI_METADATA" in held or "DOVI_RPU_BUFFER" in held:
        notes.append("Dolby Vision metadata is there; the base layer is read as it is")
    if "ICC_PROFILE" in held:
        notes.append("an ICC profile is there; movies are read by their code points")
    if frame.rotation:
        notes.append(f"the container turns the picture by {frame.rotation}° for display; read as stored")
    aspect = file.stream.sample_aspect_ratio
    if aspect and aspect != 1:
        notes.append(f"its pixels are not square ({aspect.numerator}:{aspect.denominator}); read as stored")
    if frame.interlaced_frame:
        notes.append("interlaced: the two fields of a frame are read as its rows")
    if file.streams_of_video > 1:
        notes.append(f"{file.streams_of_video} streams of video; the first is read")
    return StreamMetadata(peak, luminance, tuple(notes), display)


def _display(volume: bytes) -> DeclaredDisplay:
    """All of AVMasteringDisplayMetadata: red, green, blue, white, black, peak, and which halves are there."""
    numbers = struct.unpack_from("=22i", volume)
    pairs = zip(numbers[:20:2], numbers[1:20:2], strict=True)
    values = [over / under if under > 0 else 0.0 for over, under in pairs]
    points: list[tuple[float, float] | None] = [(values[k], values[k + 1]) for k in (0, 2, 4, 6)]
    red, green, blue, white = points if numbers[20] else [None] * 4
    low, high = values[8:] if numbers[21] else (None, None)
    return DeclaredDisplay(red, green, blue, white, low, high)


def timecode_of(file: MovieFile) -> str | None:
    """The timecode of the first frame, as SMPTE writes it; None where there is none."""
    holders: list[Any] = [file.stream, *file.container.streams, file.container]
    for holder in holders:
        text = holder.metadata.get("timecode", "")
        if _TIMECODE.fullmatch(text):
            return str(text)
    return None


def camera_of(file: MovieFile, path: Path) -> str:
    """The log curve that a camera's metadata names, in words; empty where none does."""
    xml = xml_entries(path) if file.kind in ("mov", "mp4") else {}
    return camera_curve({**file.container.metadata, **file.stream.metadata, **xml}) or ""
