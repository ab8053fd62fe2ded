"""Pictures of frames: asked for, kept, and thrown away again when they are too many. No Qt.

A picture comes as a file of the helper's, which is read on a thread of the bridge and taken away.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from typing import Any, Callable, Collection, Dict, List, Optional, Set, Tuple

from candela_bridge.client import Bridge, BridgeError, Call, CallError
from candela_bridge.panel.pictures import Found, Key, Look, Picture, Scopes, read
from candela_bridge.panel.verdict import plain

__all__ = ["Looks"]

Json = Dict[str, Any]
Post = Callable[[Callable[[], None]], None]
_KEPT_BYTES = 384 << 20
_AT_ONCE, _MOST_CALLS, _MOST_WAITING = 2, 4, 12

_Wish = Tuple[Look, int, int, int, bool]
"""What, from which frame to which, every how many, and whether with scopes."""


class Looks:
    """changed: told of each key that is there now, or failed. Everything runs where `post` takes it.

    The newest wish comes first: what somebody looks at now. Wishes that fell behind are forgotten.
    """

    def __init__(
        self,
        bridge: Bridge,
        post: Post,
        changed: Callable[[Key], None],
        trouble: Callable[[Optional[BaseException]], None] = lambda error: None,
        *,
        most_bytes: int = _KEPT_BYTES,
    ) -> None:
        self._bridge, self._post, self._changed, self._trouble = bridge, post, changed, trouble
        self.timed: Callable[[int, float], None] = lambda frames, seconds: None
        """Told how many frames a call brought in how many seconds."""
        self._most, self._held = most_bytes, 0
        self._pictures: "OrderedDict[Key, Picture]" = OrderedDict()
        self._frames: "Dict[Tuple[str, str, str], Dict[int, int]]" = {}  # of a look, in how many widths
        self._scopes: "OrderedDict[Key, Scopes]" = OrderedDict()
        self._errors: "OrderedDict[Key, str]" = OrderedDict()
        self._wishes: List[_Wish] = []
        self._calls: "Dict[int, Tuple[_Wish, Call, float]]" = {}
        self._stale: Set[int] = set()

    def get(self, look: Look, frame: int) -> Optional[Picture]:
        """The picture, None where it is not here."""
        found = self._pictures.get((look, frame))
        if found is not None:
            self._pictures.move_to_end((look, frame))
        return found

    def frames(self, look: Look) -> "Collection[int]":
        """Of which frames there is a picture, of whatever width."""
        return self._frames.get(_of(look), ())

    def scopes(self, look: Look, frame: int) -> Optional[Scopes]:
        """Of a frame, as its view shows it."""
        return self._scopes.get((look, frame))

    def error(self, look: Look, frame: int) -> str:
        """Why there is no picture; empty where it may come."""
        return self._errors.get((look, frame), "")

    def ask(
        self, look: Look, first: int, last: Optional[int] = None, *, step: int = 1, scopes: bool = False
    ) -> None:
        """Have frames come, of which every `step`-th. Those that are on their way, or failed, are not asked
        for again."""
        last = first if last is None else last
        for (there, begin, end, by, with_scopes), *_ in self._calls.values():
            inside = begin <= first and last <= end and (first - begin) % by == 0 and step % by == 0
            if there == look and inside and (with_scopes or not scopes):
                return
        if self.error(look, first):
            return
        wish = (look, first, last, step, scopes)
        self._wishes = [one for one in self._wishes if one != wish][-_MOST_WAITING:]
        self._wishes.append(wish)
        self._next()

    def want(self, look: Look, frame: int, *, scopes: bool = False) -> Optional[Picture]:
        """The picture; where it is not here yet it is asked for."""
        found = self.get(look, frame)
        if found is None or (scopes and self.scopes(look, frame) is None):
            self.ask(look, frame, scopes=scopes)
        return found

    def retry(self) -> None:
        """What failed may be asked for again."""
        self._errors.clear()

    def forget(self) -> None:
        """All pictures."""
        self._pictures.clear()
        self._frames.clear()
        self._scopes.clear()
        self._held = 0

    def settle(self) -> None:
        """Forget wishes: something else is looked at. What is on its way may still be of use, and to stop it
        would cost the sidecar a process; it holds up no new wish."""
        self._wishes.clear()
        self._stale = set(self._calls)

    def close(self) -> None:
        """Stop what is on its way."""
        self._wishes.clear()
        calls, self._calls = self._calls, {}
        for _, call, _ in calls.values():
            call.cancel()

    @property
    def busy(self) -> bool:
        """Whether anything is on its way."""
        return bool(self._calls)

    @property
    def room(self) -> bool:
        """Whether another call would begin at once."""
        return self._free and not self._wishes

    @property
    def _free(self) -> bool:
        return len(self._calls) < _MOST_CALLS and len(self._calls) - len(self._stale) < _AT_ONCE

    def __contains__(self, key: Key) -> bool:
        return key in self._pictures

    def _next(self) -> None:
        while self._wishes and self._free:
            wish = self._wishes.pop()
            look, first, last, step, scopes = wish
            given: Json = {
                "grade": json.loads(look.side), "views": [look.view], "frames": [first, last],
                "width": look.width, "scopes": scopes,
            }  # fmt: skip
            if step > 1:
                given["step"] = step
            if look.reference:
                given["reference"] = json.loads(look.reference)
            self._call(wish, given)

    def _call(self, wish: _Wish, given: Json) -> None:
        try:
            call = self._bridge.call("look", given)
        except BridgeError as error:
            self._errors[(wish[0], wish[1])] = plain(error)
            self._trouble(error)
            return
        self._calls[id(call)] = (wish, call, time.monotonic())

        def done(ended: Call) -> None:  # on a thread of the bridge
            if ended.cancelled():
                self._post(lambda: self._failed(id(ended), None))
                return
            error = ended.exception()
            try:
                found = None if error is not None else read(ended.result())
            except (OSError, ValueError, KeyError, TypeError) as fault:
                found, error = None, fault
            if found is None:
                self._post(lambda: self._failed(id(ended), error))
            else:
                self._post(lambda: self._take(id(ended), found))

        call.add_done_callback(done)

    def _failed(self, number: int, error: Optional[BaseException]) -> None:
        entry = self._calls.pop(number, None)
        self._stale.discard(number)
        if entry is not None and error is not None:
            look, first, last, step, _ = entry[0]
            for frame in range(first, last + 1, step):
                self._errors[(look, frame)] = plain(error)
                self._changed((look, frame))
            while len(self._errors) > 2000:
                self._errors.popitem(last=False)
            if not isinstance(error, CallError) or error.kind == "UnreachableError":
                self._trouble(error)
        self._next()

    def _take(self, number: int, found: Found) -> None:
        entry = self._calls.pop(number, None)
        self._stale.discard(number)
        self._next()
        if entry is None:
            return
        look, first, last, step, scopes = entry[0]
        self.timed(len(found.pictures), time.monotonic() - entry[2])
        self._trouble(None)
        if scopes and found.scopes is not None:
            self._scopes[(look, found.scopes_frame)] = found.scopes
            while len(self._scopes) > 64:
                self._scopes.popitem(last=False)
        for frame, picture in found.pictures.items():
            before = self._pictures.pop((look, frame), None)
            self._held += len(picture.pixels) - (0 if before is None else len(before.pixels))
            self._pictures[(look, frame)] = picture
            if before is None:
                self._count((look, frame), 1)
        while self._held > self._most and len(self._pictures) > 1:
            key, gone = self._pictures.popitem(last=False)
            self._held -= len(gone.pixels)
            self._count(key, -1)
        for frame in range(first, last + 1, step):
            if frame not in found.pictures:
                self._errors[(look, frame)] = "there is no such frame"
            self._changed((look, frame))

    def _count(self, key: Key, by: int) -> None:
        frames = self._frames.setdefault(_of(key[0]), {})
        frames[key[1]] = frames.get(key[1], 0) + by
        if not frames[key[1]]:
            del frames[key[1]]


def _of(look: Look) -> "Tuple[str, str, str]":
    """What is looked at, at whatever width."""
    return look.side, look.view, look.reference
