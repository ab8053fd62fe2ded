"""A timeline file's shots, read by the sidecar and listed as Resolve's are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence

from candela_bridge.client import Bridge, Call
from candela_bridge.shot import OPENING, Shot

__all__ = ["TimelineFile", "open_timeline", "rate_of"]

Json = Dict[str, Any]
_RATES: Dict[str, str] = {}  # of EDLs, which say none, as it was said when they were opened


@dataclass(frozen=True)
class TimelineFile:
    """path: of the file. rate: frames a second, None where it does not say. notes: what is to be known of
    it."""

    path: str
    rate: Optional[float]
    shots: List[Shot]
    notes: List[str]


Done = Callable[[Optional[TimelineFile], Optional[BaseException]], None]


def open_timeline(
    bridge: Bridge,
    path: str,
    done: Done,
    *,
    media: Sequence[str] = (),
    rate: Optional[str] = None,
    listed: Optional[Callable[[TimelineFile], None]] = None,
) -> Call:
    """Read a timeline. done: gets it, or what went wrong, where the bridge's callbacks run.

    media: folders in which its media are looked for, beside its own. rate: of an EDL, which says none, as
    `24` or `24000/1001`. listed: gets it before, as soon as its own list is read and while its media are
    still to be looked for: of those no frames are known then. Long ones come in several parts; the call that
    is returned is the first. Does not wait.
    """
    given: Json = {"path": path, "media": list(media)}
    if rate is not None:
        given["rate"] = _RATES[path] = rate

    def ended(found: Optional[TimelineFile], error: Optional[BaseException]) -> None:
        if listed is None or found is None:
            done(found, error)
            return
        listed(found)
        _parts(bridge, path, given, done)

    return _parts(bridge, path, given if listed is None else {**given, "unopened": True}, ended)


def _parts(bridge: Bridge, path: str, given: Json, done: Done) -> Call:
    rows: List[Json] = []

    def part(call: Call) -> None:
        if call.cancelled():
            return
        error = call.exception()
        if error is not None:
            done(None, error)
            return
        found = call.result()
        rows.extend(found["shots"])
        if len(rows) < found["count"] and found["shots"]:
            bridge.call("shots", {**given, "from": len(rows)}, done=part)
            return
        begin = int(found["first_frame"])
        shots = [_shot(number, row, begin) for number, row in enumerate(rows)]
        done(TimelineFile(path, found["frames_per_second"], shots, list(found["notes"])), None)

    return bridge.call("shots", given, done=part)


def rate_of(path: str) -> Optional[str]:
    """As it was said when the file was opened last; None where it was not said."""
    return _RATES.get(path)


def _shot(number: int, row: Json, begin: int) -> Shot:
    first, last = int(row["first_frame"]) - begin, int(row["last_frame"]) - begin
    name, path = str(row["name"] or f"shot {number + 1}"), str(row["media"] or "")
    frames = (row["media_first_frame"], row["media_last_frame"])
    trouble, media = str(row["trouble"] or ""), None
    if row["media_found"] is None and not trouble:
        trouble = OPENING
    elif not path or not row["media_found"]:
        trouble = trouble or f"its file was not found{': ' + path if path else ''}"
    elif not trouble:
        whole = isinstance(frames[0], int) and isinstance(frames[1], int)
        media = (frames[0], frames[1]) if whole else None
        trouble = "" if whole else "the timeline does not say which frames of its file it shows"
    return Shot(None, f"{number}:{first}:{name}", name, 1, first, last, path, media, trouble)
