"""What is seen of an FCPXML's storylines: spines, clips connected to them, compounds, gaps, transitions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import InputError
from candela_engines.media.fcpxml_media import Played, Resources, pieces_of, played
from candela_engines.media.fcpxml_times import seconds_of
from candela_engines.media.fcpxml_tree import Element
from candela_engines.media.timecode import timecode_of
from candela_engines.media.timeline_layers import Fade, Layer, Piece, over

__all__ = ["ITEMS", "Story", "length_of", "start_of"]

ITEMS = (
    "asset-clip", "clip", "video", "audio", "title", "gap", "ref-clip", "sync-clip", "mc-clip", "audition",
    "live-drawing",
)  # fmt: skip
"""What a storyline consists of, beside transitions."""
_SOUND = ("audio", "caption")
_MADE = ("title", "live-drawing")
_MOST_NESTED = 64
_MOST_CLIPS = 100_000
_ZERO = Fraction(0)
_LOOK = ("filter-video", "filter-video-mask", "adjust-transform", "adjust-crop", "adjust-corners",
         "adjust-blend", "adjust-stabilization", "adjust-conform")  # fmt: skip
_CHANGES = frozenset(_LOOK) - {"adjust-conform"}


class Story:
    """One file while it is gone through. rate, start, drop: of the timeline, for frames and messages.

    Layers are in frames of the timeline, exact; where they begin is the local time 0 of what they are of.
    """

    def __init__(self, path: Path, resources: Resources, rate: Fraction, start: int, drop: bool) -> None:
        self._path, self._resources = path, resources
        self._rate, self._start, self._drop = rate, start, drop
        self._count, self._changed = 0, 0
        self._notes: list[str] = []

    @property
    def notes(self) -> list[str]:
        """What was left out or not certain."""
        changed = [
            f"{self._changed} clips are changed by effects or transforms, which their files do not have"
        ]
        return [*self._notes, *(changed if self._changed else [])]

    def spine(self, items: Iterable[Element], depth: int = 0, at: Fraction = _ZERO) -> Layer:
        """Items one after the other, with what is connected to them. at: where the spine stands in the
        timeline, in seconds, for messages."""
        lanes: dict[int, Layer] = {0: Layer()}
        position = _ZERO
        fades: list[tuple[Element, Fraction, Fraction, str]] = []
        for item in items:
            where = self._where(item, at + position)
            if item.tag == "transition":
                begin = seconds_of(item, "offset", where)
                length = seconds_of(item, "duration", where) or _ZERO
                fades.append((item, position if begin is None else begin, length, where))
                continue
            if item.tag in _SOUND:
                continue
            if item.tag not in (*ITEMS, "spine"):
                if item.tag in ("note", "metadata"):
                    continue
                raise InputError(f"{where}: a {item.tag[:40]}, which is not known; remove or render it")
            offset = seconds_of(item, "offset", where)
            offset = position if offset is None else offset
            length = length_of(item, self._resources, where)
            if (position - offset) * self._rate > Fraction(1, 2) and item.tag != "spine":
                raise InputError(f"{where}: begins before the clip in front of it ends; it is damaged")
            shown = self._shown(item, depth + 1, at + offset).moved(offset * self._rate)
            lanes[0].pieces += shown.pieces
            lanes[0].fades += shown.fades
            self._connected(item, offset, depth + 1, at, lanes)
            position = max(position, offset + length)
        lanes[0].pieces.sort(key=lambda piece: piece.start)
        lanes[0].fades += [self._fade(*fade, lanes[0].pieces) for fade in fades]
        lanes[0].fades.sort(key=lambda fade: fade.start)
        return self._stacked(lanes)

    def _stacked(self, lanes: dict[int, Layer]) -> Layer:
        seen = [lane for lane, layer in lanes.items() if layer.pieces]
        if len(seen) > 1:
            self._say("clips are connected over each other; the uppermost picture counts")
        whole = Layer()
        for lane in sorted(lanes):
            whole = over(lanes[lane], whole)
        return whole

    def _connected(
        self, item: Element, offset: Fraction, depth: int, at: Fraction, lanes: dict[int, Layer]
    ) -> None:
        """What hangs on an item: above it in lanes from 1 on, below it in those under 0."""
        start = start_of(item, self._resources, self._path.name)
        for child in item.children:
            lane = _lane(child, self._path.name)
            if lane == 0 or child.tag in _SOUND or child.get("enabled", "1") == "0":
                continue
            where = self._where(child, at + offset)
            begins = seconds_of(child, "offset", where)
            place = offset + (_ZERO if begins is None else begins - start)
            if child.tag == "spine":
                layer = self.spine(child.children, depth + 1, at + place)
            elif child.tag in ITEMS:
                layer = self._shown(child, depth + 1, at + place)
                self._connected(child, place, depth + 1, at, lanes)
            else:
                continue
            lanes[lane] = over(layer.moved(place * self._rate), lanes.get(lane, Layer()))

    def _shown(self, item: Element, depth: int, at: Fraction) -> Layer:
        """One item alone, from 0."""
        where = self._where(item, at)
        if depth > _MOST_NESTED:
            raise InputError(f"{where}: compounds more than {_MOST_NESTED} deep; flatten them")
        if item.tag in (*_SOUND, "gap") or item.get("srcEnable") == "audio":
            return Layer()
        if item.get("enabled", "1") == "0":
            self._say(f"switched off and left out: {item.get('name')[:80] or item.tag}")
            return Layer()
        if item.tag == "audition":
            picked = next((child for child in item.children if child.tag in ITEMS), None)
            return Layer() if picked is None else self._shown(picked, depth + 1, at)
        if item.tag == "spine":
            return self.spine(item.children, depth + 1, at)
        self._count += 1
        if self._count > _MOST_CLIPS:
            raise InputError(f"{self._path.name}: more than {_MOST_CLIPS:,} clips")
        self._changed += any(child.tag in _CHANGES for child in item.children)
        start = start_of(item, self._resources, where)
        length = length_of(item, self._resources, where)
        parts = played(item, start, start + length, where)
        asset = self._resources.get(item, "asset")
        if item.tag in ("asset-clip", "video") and asset is not None:
            if asset.get("hasVideo", "1") == "0":
                return Layer()
            return Layer(
                list(
                    pieces_of(
                        item, asset, parts, start, str(self._count), where, self._rate, self._resources,
                        self._path.parent,
                    )
                )
            )  # fmt: skip
        if item.tag in _MADE or item.tag == "video":
            self._say(f"generated and no shot: {item.get('name')[:80] or item.tag}")
            return Layer([] if item.tag in _MADE else [Piece(_ZERO, length * self._rate, None)])
        return self._window(self._inside(item, depth, at, where), parts, start, where)

    def _inside(self, item: Element, depth: int, at: Fraction, where: str) -> Layer:
        """All that a compound holds, in its local time."""
        if item.tag in ("clip", "sync-clip"):
            return self.spine((c for c in item.children if _content(c, self._path.name)), depth, at)
        media = self._resources.get(item, "media")
        if media is None:
            raise InputError(f"{where}: refers to {item.get('ref')[:40]!r}, which the file does not have")
        self._say("holds compounds; the clips inside are taken")
        if item.tag == "ref-clip":
            sequence = media.first("sequence")
            spine = None if sequence is None else sequence.first("spine")
        else:
            spine = _angle(item, media)
        if spine is None:
            raise InputError(f"{where}: the compound {media.get('name')[:80]!r} has nothing inside")
        return self.spine(spine.children, depth, at)

    def _window(self, inside: Layer, parts: list[Played], start: Fraction, where: str) -> Layer:
        """What a compound shows of itself, from 0: at one speed, forwards."""
        if len(parts) > 1 or parts[0].speed <= 0 or parts[0].trouble:
            raise InputError(
                f"{where}: a change of speed on a whole compound of clips that is no constant one forwards; "
                "take it apart, or render it, before exporting"
            )
        part = parts[0]
        first = part.value * self._rate
        length = (part.end - part.begin) * self._rate
        shown = inside.trimmed(first, first + length * part.speed).moved(-first)
        if len(shown.fades) < len(inside.fades):
            self._say("a transition at the edge of a compound is left out")
        return shown if part.speed == 1 else shown.faster(part.speed)

    def _fade(
        self, item: Element, begin: Fraction, length: Fraction, where: str, pieces: list[Piece]
    ) -> Fade:
        """A transition around the cut that lies in it; it takes no time of its own."""
        if length < 0:
            raise InputError(f"{where}: a transition of negative length")
        first, end = begin * self._rate, (begin + length) * self._rate
        middle = (first + end) / 2
        edges = [edge for piece in pieces for edge in (piece.start, piece.end) if first <= edge <= end]
        cut = min(edges, key=lambda edge: abs(edge - middle), default=middle)
        kind = item.get("name") or "dissolve"
        return Fade(max(_ZERO, first), end, cut, "dissolve" if "issolve" in kind else kind[:40])

    def _where(self, item: Element, at: Fraction) -> str:
        frame = math.floor(at * self._rate)
        label = timecode_of(max(frame, 0), self._rate, drop=self._drop)
        return f"{self._path.name}: {item.get('name')[:80] or item.tag} at {label}"

    def _say(self, note: str) -> None:
        if note not in self._notes:
            self._notes.append(note)


def start_of(item: Element, resources: Resources, where: str) -> Fraction:
    """Where an item's local time begins to be shown. What says nothing begins with what it shows."""
    said = seconds_of(item, "start", where)
    if said is not None:
        return said
    media = resources.get(item, "media")
    inner = resources.get(item, "asset") if media is None else media.first("sequence")
    first = None if inner is None else seconds_of(inner, "start" if media is None else "tcStart", where)
    return first or _ZERO


def length_of(item: Element, resources: Resources, where: str) -> Fraction:
    """How long an item is shown, in seconds. Raises InputError where neither it nor its medium says so."""
    said = seconds_of(item, "duration", where)
    if said is None:
        inner = resources.get(item, "asset")
        if item.tag == "ref-clip":
            media = resources.get(item, "media")
            inner = None if media is None else media.first("sequence")
        elif item.tag == "audition":
            inner = next((child for child in item.children if child.tag in ITEMS), None)
            return _ZERO if inner is None else length_of(inner, resources, where)
        said = None if inner is None else seconds_of(inner, "duration", where)
    if said is None and item.tag in (*_SOUND, "spine"):
        return _ZERO
    if said is None:
        raise InputError(f"{where}: neither the clip nor its media says how long it is")
    if said < 0:
        raise InputError(f"{where}: lasts {float(said):g} s; it is damaged")
    return said


def _lane(element: Element, where: str) -> int:
    text = element.get("lane", "0") or "0"
    try:
        return int(text)
    except ValueError:
        raise InputError(f"{where}, line {element.line}: lane={text[:20]!r} is no number") from None


def _content(child: Element, where: str) -> bool:
    """Whether a child of a clip is what it consists of, and not what hangs on it or is said of it."""
    return (child.tag in ITEMS or child.tag in ("spine", "transition")) and _lane(child, where) == 0


def _angle(item: Element, media: Element) -> Element | None:
    """The angle of a multicam whose picture is seen."""
    multicam = media.first("multicam")
    angles = [] if multicam is None else multicam.all("mc-angle")
    wanted = [
        source.get("angleID")
        for source in item.all("mc-source")
        if source.get("srcEnable", "all") in ("all", "video")
    ]
    return next((angle for angle in angles if not wanted or angle.get("angleID") == wanted[0]), None)
