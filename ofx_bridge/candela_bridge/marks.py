"""What a score says of a shot as markers on its timeline, whoever keeps that: Resolve, or a file.

Standard library alone, Python 3.9 and later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional

from candela_bridge.shot import Shot
from candela_bridge.words import house_of

__all__ = ["NAMES", "PREFIX", "SCORE_NAME", "Mark", "marks_of"]

PREFIX = "Candela"
SCORE_NAME = f"{PREFIX}: "
NAMES = (SCORE_NAME, f"{PREFIX} QC: ")
"""How names of markers of ours begin: of scores, and of what reports write into timeline files."""
_ORDER = ("violation", "deviation", "score")


@dataclass(frozen=True)
class Mark:
    """frame: from the timeline's first one; last: of what it is on. kind: violation, deviation or score."""

    frame: int
    last: int
    kind: str
    name: str
    note: str
    key: str


def marks_of(
    shot: Shot, result: Dict[str, Any], place: "Optional[Callable[[int], int]]" = None
) -> List[Mark]:
    """What a result of `candela score` says of a shot: its score, and every reason where it first shows.

    Frames of the result are those of the shot's file. place: the timeline's frame at which that one of the
    file is seen that is so many after the shot's lowest; None for a shot at its own speed. What is on one
    frame is one mark, as one marker fits there.
    """
    told: "Dict[int, List[tuple[str, str, str]]]" = {}
    scores = [judged["score"] for judged in result["shots"] if judged["score"] is not None]
    if scores:
        house = house_of(result)
        by = f", by house model {house}" if house else ""
        text = f"Score {min(scores):.1f} of -6 to 10{by}"
        told[shot.first] = [("score", f"score {min(scores):.1f}", text)]
    for judged in result["shots"]:
        for reason in judged["reasons"]:
            if reason["class"] == "abstained":
                continue
            frames = reason["frames"] or [judged["first"]]
            after = 0 if shot.media is None else frames[0] - shot.media[0]
            at = shot.first + after if place is None else place(after)
            at = min(max(at, shot.first), shot.last)
            name = reason["kind"].replace("_", " ")
            told.setdefault(at, []).append((reason["class"], name, reason["text"]))
    found: List[Mark] = []
    for at, all_ in sorted(told.items()):
        ordered = sorted(all_, key=lambda one: _ORDER.index(one[0]))
        more = f" +{len(ordered) - 1}" if len(ordered) > 1 else ""
        note = "\n".join(text for _, _, text in ordered)
        name = f"{SCORE_NAME}{ordered[0][1]}{more}"
        found.append(Mark(at, shot.last, ordered[0][0], name, note, f"{shot.key}:{at - shot.first}"))
    return found
