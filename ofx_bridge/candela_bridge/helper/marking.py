"""Scores written into a timeline's file as markers, in place of those of the same shots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candela_bridge.helper.given import Given
from candela_bridge.helper.job import Answer, Job, Refused
from candela_bridge.marks import NAMES, SCORE_NAME, Mark, marks_of
from candela_bridge.shot import Shot

if TYPE_CHECKING:
    from candela_server.reports.markers import Mark as Written

__all__ = ["mark"]

_MOST_SHOTS = 2000
_COLOURS = {"violation": "RED", "deviation": "YELLOW", "score": "BLUE"}


def mark(job: Job) -> Answer:
    """Write markers into `path`, or a copy of it at `out`. `shots`: `first`, `last`, `media_first` and
    `result` (shots with score and reasons) of each; what these have of our markers gives way. `clean`: take
    all of ours away, and write none. It runs here, with the user's own rights, and asks no sidecar.
    """
    from candela_server import service

    given = Given(job.given)
    rows = job.given.get("shots", [])
    clean = given.flag("clean")
    if not isinstance(rows, list) or len(rows) > _MOST_SHOTS:
        raise given.refuse("shots", f"a list of at most {_MOST_SHOTS} is needed")
    shots = [_shot(Given({"shot": row}, "").inner("shot"), row) for row in rows]

    def marks(timeline: Any) -> tuple[Written, ...]:
        found = [one for shot, result in shots for one in _placed(timeline, shot, result)]
        return tuple(_written(one) for one in sorted(found, key=lambda one: one.frame))

    request = service.MarkRequest(
        given.path("path"),
        marks,
        NAMES if clean else (SCORE_NAME,),
        given.maybe_path("out"),
        None if clean else tuple((shot.first, shot.last) for shot, _ in shots),
        given.fraction("rate"),
    )
    return service.mark_timeline(request).to_json()


def _placed(timeline: Any, shot: Shot, result: Answer) -> list[Mark]:
    from candela_server import service

    def place(after: int) -> int:
        at = service.frame_shown(timeline, shot.first, shot.last, after)
        if at is None:
            raise Refused(
                f"{timeline.path}: has no shot from frame {shot.first} to {shot.last} any more; open it again"
            )
        return at

    place(0)
    return marks_of(shot, result, place)


def _written(one: Mark) -> Written:
    from candela_server.reports.markers import Mark as Written

    return Written(one.frame, 1, one.name, one.note.replace("\n", " "), _COLOURS[one.kind])


def _shot(given: Given, row: Any) -> tuple[Shot, Answer]:
    first, last = given.whole("first", 0), given.whole("last", 0)
    if first is None or last is None or last < first:
        raise given.refuse("last", "first and last frame are needed, in this order")
    begin = given.whole("media_first") or 0
    judged = row.get("result", {}).get("shots") if isinstance(row.get("result"), dict) else None
    if not isinstance(judged, list):
        raise given.refuse("result", "shots with score and reasons are needed")
    found = [_judged(Given({"one": one}, "result").inner("one"), one) for one in judged]
    return Shot(None, "", "", 1, first, last, "", (begin, begin + last - first)), {"shots": found}


def _judged(given: Given, one: Any) -> Answer:
    """Of a shot of a result what markers need, each checked."""
    reasons = one.get("reasons")
    if not isinstance(reasons, list):
        raise given.refuse("reasons", "a list is needed")
    return {
        "score": given.number("score"),
        "first": given.whole("first") or 0,
        "reasons": [_reason(Given({"reason": r}, "result").inner("reason"), r) for r in reasons],
    }


def _reason(given: Given, row: Any) -> Answer:
    frames = row.get("frames", [])
    if not isinstance(frames, list) or not all(type(one) is int for one in frames):
        raise given.refuse("frames", "a list of numbers is needed")
    return {
        "class": given.choice("class", (*_COLOURS, "abstained"), "deviation"),
        "kind": given.text("kind"),
        "text": given.maybe_text("text") or "",
        "frames": frames,
    }
