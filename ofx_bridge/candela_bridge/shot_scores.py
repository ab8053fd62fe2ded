"""Many shots judged at once, by their files."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence

from candela_bridge.client import Bridge, Call
from candela_bridge.shot import Shot, ShotError

__all__ = ["Scored", "score_shots"]

Json = Dict[str, Any]
Scored = Callable[[Shot, Optional[Json], Optional[BaseException]], None]


def score_shots(
    bridge: Bridge,
    shots: Sequence[Shot],
    done: Scored,
    progress: Optional[Callable[[Shot, Json], None]] = None,
    **more: Any,
) -> List[Call]:
    """Judge shots by their files. done: gets each with its result or what went wrong, where the bridge's
    callbacks run; of shots that cannot be judged at once.

    more: as of `Shot.ask`. Does not wait; the calls can be cancelled.
    """
    calls: List[Call] = []
    for shot in shots:
        try:
            given = shot.ask(**more)
        except ShotError as error:
            done(shot, None, error)
            continue
        calls.append(_call(bridge, shot, given, done, progress))
    return calls


def _call(bridge: Bridge, shot: Shot, given: Json, done: Scored, progress: Any) -> Call:
    def ended(call: Call) -> None:
        if call.cancelled():
            return
        error = call.exception()
        done(shot, call.result() if error is None else None, error)

    def moved(said: Json) -> None:
        if progress is not None:
            progress(shot, said)

    return bridge.call("score", given, progress=moved, done=ended)
