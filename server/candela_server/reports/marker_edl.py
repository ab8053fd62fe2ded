"""Markers as the EDL that Resolve writes and reads of them (Timelines, Import, Timeline Markers from EDL)."""

from __future__ import annotations

from candela_engines.media.timecode import timecode_of
from candela_server.reports.markers import Marked

__all__ = ["marker_edl"]


def marker_edl(of: Marked) -> str:
    """One event of one frame for every marker, and below it note, colour, name and length.

    The line of the note has no `* ` before it, which would be taken into the note; no `|` but those that
    separate; and it begins with a letter, since a digit would be read as an event.
    """
    lines = [f"TITLE: {_plain(of.name)}", f"FCM: {'DROP FRAME' if of.drop else 'NON-DROP FRAME'}", ""]
    for number, marker in enumerate(of.markers, 1):
        begin, end = (timecode_of(of.start + marker.first + by, of.rate, drop=of.drop) for by in (0, 1))
        lines += [
            f"{number:03d}  001      V     C        {begin} {end} {begin} {end}  ",
            f"{_plain(marker.note)} |C:ResolveColor{marker.resolve_colour} |M:{_plain(marker.name)} "
            f"|D:{marker.count}",
            "",
        ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """One line without `|` and control characters."""
    shown = "".join(c if c.isprintable() else " " for c in text.replace("|", "/"))
    return " ".join(shown.split())
