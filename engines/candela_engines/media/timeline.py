"""Timelines: OpenTimelineIO (.otio, .otioz, .otiod), FCPXML (.fcpxml, .fcpxmld) and CMX 3600 EDLs, as shots
with their media."""

from __future__ import annotations

import codecs
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import InputError, MediaError
from candela_engines.media.source import open_source
from candela_engines.media.timecode import exact_rate, frames_of
from candela_engines.media.timeline_edl import parse_edl
from candela_engines.media.timeline_fcpxml import parse_fcpxml
from candela_engines.media.timeline_media import find_media, in_media, resolve_media
from candela_engines.media.timeline_otio import bundled_otio, parse_otio
from candela_engines.media.timeline_types import Timeline, TimelineShot, TimelineTransition

__all__ = [
    "Timeline",
    "TimelineShot",
    "TimelineTransition",
    "cuts_of",
    "find_media",
    "in_media",
    "read_timeline",
    "resolve_media",
]

_MOST_BYTES = 32 << 20


def read_timeline(path: Path | str, *, rate: Fraction | float | None = None) -> Timeline:
    """The timeline in a file; which kind is told by its content.

    rate: frames a second of the timeline, over what it says itself; an EDL says nothing. 23.976 and its like
    are taken for the exact fraction. Raises MediaError for a file that cannot be read, InputError for one
    that is no timeline, is damaged or contradicts itself, with the line or the event and its timecode.
    """
    path = Path(path)
    exact = None if rate is None else exact_rate(rate)
    if path.is_dir() and path.suffix.lower() == ".fcpxmld":
        return parse_fcpxml(_read(path / "Info.fcpxml"), path, exact)
    if path.is_dir():
        return parse_otio(_read(path / "content.otio"), path / "content.otio", exact)
    data = _read(path)
    if data.startswith(b"PK\x03\x04"):
        return parse_otio(bundled_otio(data, path), path, exact, bundle=True)
    if path.suffix.lower() == ".fcpxml":
        return parse_fcpxml(data, path, exact)
    text = _text(data, path)
    begins = text.lstrip()[:1]
    if begins in ("{", "[") or path.suffix.lower() == ".otio":
        return parse_otio(text.encode("utf-8"), path, exact)
    if begins == "<":
        return parse_fcpxml(data, path, exact)
    return parse_edl(text, path, exact)


def _read(path: Path) -> bytes:
    with open_source(path) as stream:
        data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise MediaError(f"{path}: above {_MOST_BYTES >> 20} MiB; that is no timeline")
    return data


def _text(data: bytes, path: Path) -> str:
    """As UTF-8 or UTF-16 with its mark; else Latin-1, in which old systems write EDLs."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise InputError(f"{path}: begins as UTF-16 text and is none; it is damaged") from None
    if b"\0" in data:
        raise InputError(f"{path}: is no text; a timeline is an .otio or an .edl file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def cuts_of(timeline: Timeline, *, start_timecode: str | None = None, count: int | None = None) -> list[int]:
    """The frames of a movie, which is the whole timeline conformed, at which shots (and black) begin, from 0.

    start_timecode: of the movie's first frame; None: it begins where the timeline does. count: how many
    frames the movie has; what lies beyond is left out, and what follows the last shot counts. A dissolve
    counts from its `cut`. Raises InputError where no shot lies inside the movie at all.
    """
    offset = 0
    if start_timecode is not None:
        offset = timeline.start - frames_of(start_timecode, timeline.rate)
    first, end = timeline.shots[0].record_first + offset, timeline.count + offset
    if end <= 0 or (count is not None and first >= count):
        movie = "" if count is None else f" and is {count} frames long"
        raise InputError(
            f"{timeline.path.name}: runs from {timeline.start_timecode} to "
            f"{timeline.timecode(timeline.count)}; none of it lies in the movie, which begins at "
            f"{start_timecode}{movie}"
        )
    begins = {shot.record_first + offset for shot in timeline.shots}
    begins |= {shot.record_last + 1 + offset for shot in timeline.shots if shot is not timeline.shots[-1]}
    if count is not None:
        begins = {cut for cut in {*begins, end} if cut < count}
    return sorted({0, *(cut for cut in begins if cut > 0)})
