"""Markers of ours on a timeline: written so that they can be told from everybody else's, and taken away
again.

Ours have a name that begins with `Candela`, and custom data that nobody sees. Others' are never touched.
"""

from __future__ import annotations

from typing import Any, List, Sequence

from candela_bridge.marks import NAMES, Mark, marks_of

__all__ = ["Mark", "marks_of", "remove_marks", "write_marks"]

DATA = "candela:1:"
_COLOURS = {"violation": "Red", "deviation": "Yellow", "score": "Blue"}
_MOST_ASIDE = 12  # frames that a marker moves where another one has its place
_MOST_NOTE = 2000


def write_marks(timeline: Any, marks: Sequence[Mark]) -> List[str]:
    """Put them on the timeline. What could not be written, in words; Resolve itself says no reason.

    One marker fits on a frame: where there is one, ours moves on, a few frames and within its shot.
    """
    failed: List[str] = []
    taken = {int(frame) for frame in (timeline.GetMarkers() or {})}
    for mark in marks:
        end = min(mark.frame + _MOST_ASIDE, mark.last)
        for frame in range(mark.frame, end + 1):
            if frame in taken:
                continue
            note = mark.note[:_MOST_NOTE]
            colour = _COLOURS.get(mark.kind, "Blue")
            if timeline.AddMarker(frame, colour, mark.name, note, 1, DATA + mark.key):
                taken.add(frame)
                break
        else:
            failed.append(f"{mark.name} at frame {mark.frame}: Resolve took no marker there")
    return failed


def remove_marks(timeline: Any, keys: "Sequence[str] | None" = None) -> "tuple[int, int]":
    """Take ours away: all, or those of shots with these keys. How many are gone, and how many would not go.

    Markers that came back from a timeline file have lost their custom data, and are known by their name.
    """
    gone = stuck = 0
    for frame, marker in sorted((timeline.GetMarkers() or {}).items()):
        data, name = str(marker.get("customData") or ""), str(marker.get("name") or "")
        ours = data.startswith(DATA) or (not data and name.startswith(NAMES))
        wanted = keys is None or any(data.startswith(f"{DATA}{key}:") for key in keys)
        if not ours or not wanted:
            continue
        # By the frame: of two with the same data the call by data takes the first, whichever that is.
        if timeline.DeleteMarkerAtFrame(frame) or (data and timeline.DeleteMarkerByCustomData(data)):
            gone += 1
        else:
            stuck += 1
    return gone, stuck
