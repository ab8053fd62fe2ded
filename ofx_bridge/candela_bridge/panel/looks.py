"""Pictures of frames: asked for, kept, and thrown away again when they are too many. No Qt.

A picture comes as a file of the helper's, which is read on a thread of the bridge and taken away.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from candela_bridge.client import Bridge, BridgeError, Call, CallError
from candela_bridge.panel.verdict import plain

__all__ = ["Key", "Look", "Looks", "Picture", "Scopes"]

Json = Dict[str, Any]
Post = Callable[[Callable[[], None]], None]
_KEPT_BYTES = 384 << 20
_AT_ONCE, _MOST_CALLS, _MOST_WAITING = 2, 4, 12


@dataclass(frozen=True)
class Look:
    """What is looked at. side, reference: pictures as calls take them, as JSON text so that they can be
    compared; reference is empty for none. view: as the call `look` names it. width: of pictures, about."""

    side: str
    view: str
    width: int
    reference: str = ""

    @staticmethod
    def of(side: Json, view: str, width: int, reference: Optional[Json] = None) -> "Look":
        """From the pictures themselves."""
        other = "" if reference is None else json.dumps(reference, sort_keys=True)
        return Look(json.dumps(side, sort_keys=True), view, width, other)


Key = Tuple[Look, int]


@dataclass(frozen=True, eq=False)
class Picture:
    """pixels: rows of R, G, B, 8 bits each, from the upper left. full: width and height of the frame itself.
    first, last: frames that its file has. rate: frames a second, None where it does not say."""

    width: int
    height: int
    pixels: bytes
    legend: "Tuple[Tuple[str, str], ...]"
    full: "Tuple[int, int]"
    first: int
    last: int
    rate: Optional[float]
    notes: "Tuple[str, ...]"
    colour: str = ""


@dataclass(frozen=True, eq=False)
class Scopes:
    """waveform, cie: opacities of 8 bits, rows from the top, of these widths and heights. The rest is as the
    call `look` has it: nits, and shares of pixels."""

    waveform: bytes
    waveform_size: "Tuple[int, int]"
    cie: bytes
    cie_size: "Tuple[int, int]"
    max_nits: float
    mean_nits: float
    outside_p3: float
    outside_709: float


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
        self._most, self._held = most_bytes, 0
        self._pictures: "OrderedDict[Key, Picture]" = OrderedDict()
        self._scopes: "OrderedDict[Key, Scopes]" = OrderedDict()
        self._errors: "OrderedDict[Key, str]" = OrderedDict()
        self._wishes: List["Tuple[Look, int, int, bool]"] = []
        self._calls: "Dict[int, Tuple[Look, int, int, bool, Call]]" = {}
        self._stale: Set[int] = set()

    def get(self, look: Look, frame: int) -> Optional[Picture]:
        """The picture, None where it is not here."""
        found = self._pictures.get((look, frame))
        if found is not None:
            self._pictures.move_to_end((look, frame))
        return found

    def scopes(self, look: Look, frame: int) -> Optional[Scopes]:
        """Of a frame, as its view shows it."""
        return self._scopes.get((look, frame))

    def error(self, look: Look, frame: int) -> str:
        """Why there is no picture; empty where it may come."""
        return self._errors.get((look, frame), "")

    def ask(self, look: Look, first: int, last: Optional[int] = None, *, scopes: bool = False) -> None:
        """Have frames come. Those that are on their way, or failed, are not asked for again."""
        last = first if last is None else last
        for there, begin, end, with_scopes, _ in self._calls.values():
            if there == look and begin <= first and last <= end and (with_scopes or not scopes):
                return
        if self.error(look, first):
            return
        wish = (look, first, last, scopes)
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

    def settle(self) -> None:
        """Forget wishes: something else is looked at. What is on its way may still be of use, and to stop it
        would cost the sidecar a process; it holds up no new wish."""
        self._wishes.clear()
        self._stale = set(self._calls)

    def close(self) -> None:
        """Stop what is on its way."""
        self._wishes.clear()
        calls, self._calls = self._calls, {}
        for *_, call in calls.values():
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
            look, first, last, scopes = self._wishes.pop()
            given: Json = {
                "grade": json.loads(look.side), "views": [look.view], "frames": [first, last],
                "width": look.width, "scopes": scopes,
            }  # fmt: skip
            if look.reference:
                given["reference"] = json.loads(look.reference)
            self._call(look, first, last, scopes, given)

    def _call(self, look: Look, first: int, last: int, scopes: bool, given: Json) -> None:
        try:
            call = self._bridge.call("look", given)
        except BridgeError as error:
            self._errors[(look, first)] = plain(error)
            self._trouble(error)
            return
        self._calls[id(call)] = (look, first, last, scopes, call)

        def done(ended: Call) -> None:  # on a thread of the bridge
            if ended.cancelled():
                self._post(lambda: self._failed(id(ended), None))
                return
            error = ended.exception()
            try:
                found = None if error is not None else _read(ended.result())
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
            look, first, last, _, _ = entry
            for frame in range(first, last + 1):
                self._errors[(look, frame)] = plain(error)
                self._changed((look, frame))
            while len(self._errors) > 2000:
                self._errors.popitem(last=False)
            if not isinstance(error, CallError) or error.kind == "UnreachableError":
                self._trouble(error)
        self._next()

    def _take(self, number: int, found: "_Found") -> None:
        entry = self._calls.pop(number, None)
        self._stale.discard(number)
        self._next()
        if entry is None:
            return
        look, first, last, scopes, _ = entry
        self._trouble(None)
        if scopes and found.scopes is not None:
            self._scopes[(look, found.scopes_frame)] = found.scopes
            while len(self._scopes) > 64:
                self._scopes.popitem(last=False)
        for frame, picture in found.pictures.items():
            before = self._pictures.pop((look, frame), None)
            self._held += len(picture.pixels) - (0 if before is None else len(before.pixels))
            self._pictures[(look, frame)] = picture
        while self._held > self._most and len(self._pictures) > 1:
            _, gone = self._pictures.popitem(last=False)
            self._held -= len(gone.pixels)
        for frame in range(first, last + 1):
            if frame not in found.pictures:
                self._errors[(look, frame)] = "there is no such frame"
            self._changed((look, frame))


@dataclass(frozen=True, eq=False)
class _Found:
    pictures: Dict[int, Picture]
    scopes: Optional[Scopes]
    scopes_frame: int


def _read(answer: Json) -> _Found:
    """The samples out of the helper's file, which is taken away. On a thread that may wait."""
    path = answer["file"]
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)

    def part(place: Json) -> bytes:
        found = data[place["offset"] : place["offset"] + place["bytes"]]
        if len(found) != place["bytes"]:
            raise ValueError(f"{path}: is shorter than the helper says")
        return found

    rate = answer.get("rate")
    state = answer["state"]
    colour = str(state.get("name") or state.get("ocio_space") or "")
    pictures = {}
    for said in answer["pictures"]:
        if said["bytes"] != said["width_px"] * said["height_px"] * 3:
            raise ValueError(f"{path}: a picture of another size than the helper says")
        pictures[int(said["frame"])] = Picture(
            said["width_px"], said["height_px"], part(said),
            tuple((str(words), str(of)) for words, of in said["legend"]),
            (answer["width_px"], answer["height_px"]), answer["first"], answer["last"],
            None if rate is None else _number(rate), tuple(answer["notes"]), colour,
        )  # fmt: skip
    said = answer.get("scopes")
    if said is None:
        return _Found(pictures, None, 0)
    wave, cie = part(said["waveform"]), part(said["cie"])
    scopes = Scopes(
        wave, (said["waveform_width"], said["waveform_height"]), cie, (said["cie_width"], said["cie_height"]),
        said["max_nits"], said["mean_nits"], said["outside_p3"], said["outside_709"],
    )  # fmt: skip
    return _Found(pictures, scopes, said["frame"])


def _number(rate: str) -> float:
    over, _, under = rate.partition("/")
    return float(over) / float(under or 1)
