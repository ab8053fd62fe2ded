"""Markers as the EDL that Resolve writes and reads of them (Timelines, Import, Timeline Markers from EDL)."""

from __future__ import annotations

import re

from candela_engines.errors import InputError
from candela_engines.media.timecode import frames_of, timecode_of
from candela_server.reports.marker_otio import Within
from candela_server.reports.markers import Mark, Marked, Marker

__all__ = ["marker_edl", "merged_edl"]

_EVENT = re.compile(r"\s*\d+\s+\S+\s+V\s+C\s+(\S+)(?:\s+\S+){3}\s*")
_NAME = re.compile(r"\|M:(.*?)\s*(?:\||$)")


def marker_edl(of: Marked) -> str:
    """One event of one frame for every marker, and below it note, colour, name and length.

    The line of the note has no `* ` before it, which would be taken into the note; no `|` but those that
    separate; and it begins with a letter, since a digit would be read as an event.
    """
    return _written(of, [_event(of, marker) for marker in of.markers])


def merged_edl(before: str, of: Marked, ours: tuple[str, ...], within: Within) -> tuple[str, int]:
    """A list of markers with those of `of` in place of those whose names begin with one of `ours`, and how
    many those were; what others have in it stays, in the order of time.

    within: of ours only those on these frames of the timeline. Raises InputError for what is no such list.
    """
    events = []
    lines = [line for line in before.splitlines() if line.strip()]
    gone = 0
    for at, line in enumerate(lines):
        match = _EVENT.fullmatch(line)
        if match is None:
            if not (line.startswith(("TITLE:", "FCM:")) or "|C:ResolveColor" in line):
                raise InputError(f"{of.name}: is no list of markers ({line.strip()[:40]!r}); move it away")
            continue
        note = lines[at + 1] if at + 1 < len(lines) else ""
        if "|C:ResolveColor" not in note:
            raise InputError(f"{of.name}: is no list of markers, but of cuts; move it away")
        frame = frames_of(match[1], of.rate, drop=of.drop) - of.start
        name = _NAME.search(note)
        known = name is not None and name[1].startswith(ours)
        if known and (within is None or any(first <= frame <= last for first, last in within)):
            gone += 1
        else:
            events.append((frame, match[1], note))
    events += [_event(of, marker) for marker in of.markers]
    return _written(of, sorted(events, key=lambda event: event[0])), gone


def _event(of: Marked, marker: Marker | Mark) -> tuple[int, str, str]:
    """Frame, its timecode, and the line of the note."""
    note = (
        f"{_plain(marker.note)} |C:ResolveColor{marker.resolve_colour} |M:{_plain(marker.name)} "
        f"|D:{marker.count}"
    )
    return marker.first, timecode_of(of.start + marker.first, of.rate, drop=of.drop), note


def _written(of: Marked, events: list[tuple[int, str, str]]) -> str:
    lines = [f"TITLE: {_plain(of.name)}", f"FCM: {'DROP FRAME' if of.drop else 'NON-DROP FRAME'}", ""]
    for number, (frame, begin, note) in enumerate(events, 1):
        end = timecode_of(of.start + frame + 1, of.rate, drop=of.drop)
        lines += [f"{number:03d}  001      V     C        {begin} {end} {begin} {end}  ", note, ""]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """One line without `|` and control characters."""
    shown = "".join(c if c.isprintable() else " " for c in text.replace("|", "/"))
    return " ".join(shown.split())
