"""Scores of a timeline file's shots written back into it as markers, and taken out again."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional

from candela_bridge.client import Bridge, Call
from candela_bridge.shot import Shot
from candela_bridge.timeline.files import TimelineFile, rate_of
from candela_bridge.wire import MOST_BYTES, WireError, encode

__all__ = ["Marked", "remove_markers", "write_markers"]

Json = Dict[str, Any]
Marked = Callable[[Optional[Json], Optional[BaseException]], None]
_ROOM = MOST_BYTES // 2


def write_markers(
    bridge: Bridge,
    file: TimelineFile,
    results: Mapping[str, Json],
    done: Marked,
    *,
    out: Optional[str] = None,
    rate: Optional[str] = None,
) -> Optional[Call]:
    """Write what was found of shots. results: by a shot's key, the document of `candela score`.

    Markers of ours on these shots give way, everybody else's stay. out: None writes into the file itself, of
    an EDL into NAME.markers.edl beside it. rate: of an EDL, None for what it was opened with. done: gets
    `path`, `written`, `removed` and `notes`, or what went wrong, where the bridge's callbacks run. Does not
    wait; long lists go in several parts, of which the call that comes back is the first. None where no shot
    has a result.
    """
    rate = rate or rate_of(file.path)
    rows = [_row(shot, results[shot.key]) for shot in file.shots if shot.key in results]
    parts = list(_parts(rows))
    if not parts:
        done({"path": out or file.path, "written": 0, "removed": 0, "notes": []}, None)
        return None
    total: Json = {"written": 0, "removed": 0}

    def send(number: int, path: str, target: Optional[str]) -> Call:
        given: Json = {"path": path, "shots": parts[number]}
        if target is not None:
            given["out"] = target
        if rate is not None:
            given["rate"] = rate
        return bridge.call("mark", given, done=lambda call: ended(call, number))

    def ended(call: Call, number: int) -> None:
        if call.cancelled():
            return
        error = call.exception()
        if error is not None:
            done(None, error)
            return
        found = call.result()
        total.update(
            path=found["path"], notes=found["notes"],
            written=total["written"] + found["written"], removed=total["removed"] + found["removed"],
        )  # fmt: skip
        if number + 1 == len(parts):
            done(total, None)
        elif found["path"].endswith(".markers.edl") or out is None:
            send(number + 1, file.path, None if out is None else found["path"])
        else:
            send(number + 1, found["path"], None)

    return send(0, file.path, out)


def remove_markers(
    bridge: Bridge, path: str, done: Marked, *, out: Optional[str] = None, rate: Optional[str] = None
) -> Call:
    """Take all of ours out of a timeline file, of scores and of QC; `done` and the rest as above."""
    rate = rate or rate_of(path)
    given: Json = {"path": path, "clean": True}
    if out is not None:
        given["out"] = out
    if rate is not None:
        given["rate"] = rate

    def ended(call: Call) -> None:
        if not call.cancelled():
            error = call.exception()
            done(call.result() if error is None else None, error)

    return bridge.call("mark", given, done=ended)


def _row(shot: Shot, result: Json) -> Json:
    """What markers are made of, and nothing else."""
    judged = [
        {
            "score": one["score"],
            "first": one["first"],
            "reasons": [
                {
                    "class": r["class"],
                    "kind": r["kind"],
                    "text": r["text"],
                    "frames": list(r["frames"])[:1],
                }
                for r in one["reasons"]
                if r["class"] != "abstained"
            ],
        }
        for one in result["shots"]
    ]
    begin = 0 if shot.media is None else shot.media[0]
    return {"first": shot.first, "last": shot.last, "media_first": begin, "result": {"shots": judged}}


def _parts(rows: List[Json]) -> "List[List[Json]]":
    """Rows in parts that each fit into a message."""
    parts: List[List[Json]] = []
    held = _ROOM
    for row in rows:
        try:
            size = len(encode(row))
        except WireError:
            size = _ROOM
        if held + size > _ROOM:
            parts.append([])
            held = 0
        parts[-1].append(row)
        held += size
    return parts
