"""Markers in OpenTimelineIO: into a timeline that is there, of which nothing else changes, or into a new one.

They stand on the timeline's stack, in its own time: which frame that is depends on no clip's speed, handles
or transitions. What is there is changed as JSON and not through the library, so that everything else stays as
it was, kinds of objects included that this version of the library does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from candela_engines.errors import InputError
from candela_engines.media.timecode import exact_rate
from candela_engines.media.timeline_otio import bundled_otio, otio_module
from candela_server.reports.markers import PREFIX, Mark, Marked, Marker

__all__ = ["KEY", "Within", "new_timeline", "otio_text", "replaced_markers", "with_markers"]

Within = tuple[tuple[int, int], ...] | None
"""First and last frames of stretches of a timeline; None for all of it."""

KEY = "candela_qc"
"""In a marker's metadata: the findings that it stands for."""


def otio_text(path: Path) -> str | None:
    """The OTIO document in an .otio file, an .otioz bundle or an .otiod folder; None for an EDL.

    Raises InputError for a file that cannot be read any more.
    """
    try:
        data = (path / "content.otio" if path.is_dir() else path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read for its markers: {error.strerror or error}") from None
    if data.startswith(b"PK\x03\x04"):
        data = bundled_otio(data, path)
    text = data.decode("utf-8-sig", errors="replace")
    return text if text.lstrip().startswith(("{", "[")) else None


def with_markers(text: str, of: Marked) -> str:
    """The OTIO document `text` with the markers of `of`, and without those that an earlier run left anywhere
    in it.

    Raises InputError for what is no timeline.
    """
    return replaced_markers(text, of, (PREFIX,), None)[0]


def replaced_markers(text: str, of: Marked, ours: tuple[str, ...], within: Within) -> tuple[str, int]:
    """The document with the markers of `of` in place of those whose names begin with one of `ours`, and how
    many those were.

    within: of the timeline's own markers those on these frames alone, and none that moved into clips. Raises
    InputError for what is no timeline.
    """
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{of.name}: cannot be read for its markers: {str(error)[:120]}") from None
    stack = _stack_of(tree, of.name)
    begin, gone = _begin(stack, of.rate), 0
    for owner in _owners(tree) if within is None else _own(stack):
        kept = [one for one in owner["markers"] if not _goes(one, ours, within, begin, of.rate)]
        gone += len(owner["markers"]) - len(kept)
        owner["markers"] = kept
    if not isinstance(stack.get("markers"), list):
        stack["markers"] = []
    stack["markers"] += [_marker(marker, begin, of.rate) for marker in of.markers]
    return json.dumps(tree, indent=4, ensure_ascii=False) + "\n", gone


def new_timeline(of: Marked) -> str:
    """A timeline of the shots of a clip or an EDL with the markers, as an OTIO document."""
    otio = otio_module()
    rate = float(of.rate)
    timeline = otio.schema.Timeline(
        name=_utf8(of.name), global_start_time=otio.opentime.RationalTime(of.start, rate)
    )
    track = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    for item in _items(of, otio, rate):
        track.append(item)
    timeline.tracks.append(track)
    return with_markers(timeline.to_json_string(), of)


def _items(of: Marked, otio: Any, rate: float) -> Iterator[Any]:
    def span(first: float, count: float) -> Any:
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, rate), otio.opentime.RationalTime(count, rate)
        )

    position = 0
    for clip, shot in of.shots:
        record = shot.record
        first = shot.first - clip.first if record is None else record.first
        count = shot.last - shot.first + 1 if record is None else record.last - record.first + 1
        if first < position:
            continue  # under another one
        if first > position:
            yield otio.schema.Gap(source_range=span(0, first - position))
        step = Fraction(1) if record is None else Fraction(record.step)
        reference = otio.schema.ExternalReference(target_url=_utf8(clip.path))
        reference.available_range = span(0, clip.last - clip.first + 1)
        begin = Fraction(shot.first if record is None or step < 0 else record.source_start) - clip.first
        made = otio.schema.Clip(
            name=_utf8(shot.name), media_reference=reference, source_range=span(float(begin), count)
        )
        if step != 1:
            made.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(step)))
        yield made
        position = first + count


def _stack_of(tree: Any, name: str) -> dict[str, Any]:
    """The stack of tracks of the one timeline in a document."""
    if isinstance(tree, dict):
        kind = str(tree.get("OTIO_SCHEMA", "")).partition(".")[0]
        if kind == "Timeline" and isinstance(tree.get("tracks"), dict):
            stack: dict[str, Any] = tree["tracks"]
            return stack
        inside = [
            one
            for one in tree.get("children") or ()
            if isinstance(one, dict) and str(one.get("OTIO_SCHEMA", "")).startswith("Timeline.")
        ]
        if kind == "SerializableCollection" and len(inside) == 1:
            return _stack_of(inside[0], name)
    raise InputError(f"{name}: holds no timeline to put markers into")


def _owners(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object with a list of markers. Without recursion: compounds nest."""
    rest = [tree]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            if isinstance(item.get("markers"), list) and "OTIO_SCHEMA" in item:
                yield item
            rest += item.values()
        elif isinstance(item, list):
            rest += item


def _own(stack: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if isinstance(stack.get("markers"), list):
        yield stack


def _goes(marker: Any, ours: tuple[str, ...], within: Within, begin: Fraction, rate: Fraction) -> bool:
    if not isinstance(marker, dict) or not str(marker.get("name") or "").startswith(ours):
        return False
    if within is None:
        return True
    time = (marker.get("marked_range") or {}).get("start_time") or {}
    try:
        frame = Fraction(time["value"]) / exact_rate(time["rate"]) * rate - begin
    except (KeyError, TypeError, ValueError, InputError):
        return False
    return any(first <= frame < last + 1 for first, last in within)


def _begin(stack: dict[str, Any], rate: Fraction) -> Fraction:
    """Where the stack's own time begins to be seen, in frames of the timeline."""
    start = (stack.get("source_range") or {}).get("start_time")
    if not isinstance(start, dict) or not start.get("rate"):
        return Fraction(0)
    return Fraction(start["value"]) / exact_rate(start["rate"]) * rate


def _marker(marker: Marker | Mark, begin: Fraction, rate: Fraction) -> dict[str, Any]:
    otio = otio_module()
    frames = otio.opentime.RationalTime(float(begin + marker.first), float(rate))
    count = otio.opentime.RationalTime(marker.count, float(rate))
    made = otio.schema.Marker(
        name=marker.name,
        marked_range=otio.opentime.TimeRange(frames, count),
        color=marker.otio_colour,
        comment=_utf8(marker.note),
        metadata={KEY: {"findings": [_finding(one) for one in marker.findings]}} if marker.findings else {},
    )
    plain: dict[str, Any] = json.loads(otio.core.serialize_json_to_string(made))
    return plain


def _utf8(text: str) -> str:
    """Without the halves of names that are no text, which the library cannot take."""
    return text.encode("utf-8", errors="replace").decode()


def _finding(finding: Any) -> dict[str, Any]:
    told = {
        "code": finding.code,
        "severity": finding.severity.value,
        "key": _utf8(finding.key),
        "unit": finding.unit,
    }
    numbers = {"measured": finding.measured, "limit": finding.limit}
    return told | {name: value for name, value in numbers.items() if value is not None}
