"""Markers of ours on a timeline: written so that they can be told from everybody else's, and taken away
again.

Ours have a name that begins with `Candela`, and custom data that nobody sees. Others' are never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Sequence

from candela_bridge.shot import Shot

__all__ = ["Mark", "marks_of", "remove_marks", "write_marks"]

PREFIX, DATA = "Candela", "candela:1:"
_NAMES = (f"{PREFIX}: ", f"{PREFIX} QC: ")  # what the reports write into timeline files, too
_COLOURS = {"violation": "Red", "deviation": "Yellow", "score": "Blue"}
_ORDER = ("violation", "deviation", "score")
_MOST_ASIDE = 12  # frames that a marker moves where another one has its place
_MOST_NOTE = 2000


@dataclass(frozen=True)
class Mark:
    """frame: from the timeline's first one; last: of what it is on. kind: violation, deviation or score."""

    frame: int
    last: int
    kind: str
    name: str
    note: str
    key: str


def marks_of(shot: Shot, result: Dict[str, Any]) -> List[Mark]:
    """What a result of `candela score` says of a shot: its score, and every reason where it first shows.

    Frames of the result are those of the shot's file. What is on one frame is one mark, as one marker fits
    there.
    """
    told: Dict[int, List["tuple[str, str, str]"]] = {}
    scores = [judged["score"] for judged in result["shots"] if judged["score"] is not None]
    if scores:
        told[shot.first] = [("score", f"score {min(scores):.1f}", f"Score {min(scores):.1f} of -6 to 10")]
    for judged in result["shots"]:
        for reason in judged["reasons"]:
            if reason["class"] == "abstained":
                continue
            frames = reason["frames"] or [judged["first"]]
            offset = 0 if shot.media is None else frames[0] - shot.media[0]
            at = min(max(shot.first + offset, shot.first), shot.last)
            name = reason["kind"].replace("_", " ")
            told.setdefault(at, []).append((reason["class"], name, reason["text"]))
    found: List[Mark] = []
    for at, all_ in sorted(told.items()):
        ordered = sorted(all_, key=lambda one: _ORDER.index(one[0]))
        more = f" +{len(ordered) - 1}" if len(ordered) > 1 else ""
        note = "\n".join(text for _, _, text in ordered)
        name = f"{PREFIX}: {ordered[0][1]}{more}"
        found.append(Mark(at, shot.last, ordered[0][0], name, note, f"{shot.key}:{at - shot.first}"))
    return found


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
        ours = data.startswith(DATA) or (not data and name.startswith(_NAMES))
        wanted = keys is None or any(data.startswith(f"{DATA}{key}:") for key in keys)
        if not ours or not wanted:
            continue
        # By the frame: of two with the same data the call by data takes the first, whichever that is.
        if timeline.DeleteMarkerAtFrame(frame) or (data and timeline.DeleteMarkerByCustomData(data)):
            gone += 1
        else:
            stuck += 1
    return gone, stuck
