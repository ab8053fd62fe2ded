"""Pieces of media on a time axis: cut out, moved, laid over each other, and made into shots in whole frames.

Times are exact fractions, in frames of the timeline.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from candela_engines.media.timeline_types import Counting, TimelineShot, TimelineTransition

__all__ = ["Fade", "Layer", "Piece", "Source", "over", "shots_of", "transitions_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What a clip shows. start: the media's frame at its first one, in `counting`; the rest as in
    `TimelineShot`.

    available: first and last frame of the media, where the timeline says. trouble: why its frames are not to
    be known although the timeline names it, in words.
    """

    name: str
    event: str
    start: Fraction
    step: Fraction = Fraction(1)
    speed: Fraction = Fraction(1)
    media: Path | None = None
    counting: Counting = "numbers"
    available: tuple[int, int] | None = None
    reel: str | None = None
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A source from `start` to `end` (not included), shown from `offset` on. source None: black."""

    start: Fraction
    end: Fraction
    source: Source | None
    offset: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Fade:
    """A transition from `start` to `end`, with the cut that it is made around."""

    start: Fraction
    end: Fraction
    cut: Fraction
    kind: str


@dataclass(slots=True)
class Layer:
    """Pieces in order that do not overlap, and the transitions among them."""

    pieces: list[Piece] = field(default_factory=list)
    fades: list[Fade] = field(default_factory=list)

    def trimmed(self, start: Fraction, end: Fraction) -> Layer:
        """What lies from start to end; a transition only if it does so whole."""
        pieces = [_cut(p, max(p.start, start), min(p.end, end)) for p in self.pieces]
        return Layer(
            [p for p in pieces if p.start < p.end],
            [f for f in self.fades if start <= f.start and f.end <= end],
        )

    def moved(self, by: Fraction) -> Layer:
        """The same, later by so much."""
        return Layer(
            [replace(p, start=p.start + by, end=p.end + by) for p in self.pieces],
            [replace(f, start=f.start + by, end=f.end + by, cut=f.cut + by) for f in self.fades],
        )

    def faster(self, by: Fraction) -> Layer:
        """The same, played `by` times as fast (above 0) from 0 on."""
        pieces = []
        for piece in self.pieces:
            source = piece.source
            if source is not None:
                note = f"inside a compound that is played at {100 * float(by):g} %"
                source = replace(
                    source, step=source.step * by, speed=source.speed * by, notes=(*source.notes, note)
                )
            pieces.append(Piece(piece.start / by, piece.end / by, source, piece.offset / by))
        return Layer(
            pieces,
            [replace(f, start=f.start / by, end=f.end / by, cut=f.cut / by) for f in self.fades],
        )


def _cut(piece: Piece, start: Fraction, end: Fraction) -> Piece:
    return replace(piece, start=start, end=end, offset=piece.offset + start - piece.start)


def over(upper: Layer, lower: Layer) -> Layer:
    """`upper` where it has something, `lower` elsewhere."""
    pieces = list(upper.pieces)
    at = 0
    for piece in lower.pieces:
        start = piece.start
        while at < len(upper.pieces) and upper.pieces[at].end <= start:
            at += 1
        here = at
        while start < piece.end:
            above = upper.pieces[here] if here < len(upper.pieces) else None
            end = piece.end if above is None else min(piece.end, above.start)
            if start < end:
                pieces.append(_cut(piece, start, end))
            if above is None:
                break
            start, here = max(start, above.end), here + 1
    pieces.sort(key=lambda p: p.start)
    seen = [f for f in lower.fades if not any(p.start < f.end and f.start < p.end for p in upper.pieces)]
    return Layer(pieces, sorted([*upper.fades, *seen], key=lambda f: f.start))


def shots_of(pieces: Iterable[Piece]) -> tuple[tuple[TimelineShot, ...], list[str]]:
    """The shots of pieces in order, rounded to whole frames, and notes where that changed something."""
    shots, notes = [], []
    for piece in pieces:
        source = piece.source
        if source is None:
            continue
        first, end = _whole(piece.start), _whole(piece.end)
        if end <= first:
            notes.append(f"event {source.event} ({source.name}) is shorter than a frame; left out")
            continue
        rounded = first != piece.start or end != piece.end
        offset = piece.offset + first - piece.start
        shots.append(_shot(source, first, end - 1, source.start + offset * source.step, rounded))
    return tuple(shots), notes


def _whole(time: Fraction) -> int:
    return math.floor(time + Fraction(1, 2))


def _shot(source: Source, first: int, last: int, start: Fraction, rounded: bool) -> TimelineShot:
    notes = [*source.notes, *(["does not begin and end on whole frames; rounded"] if rounded else [])]
    shot = TimelineShot(
        name=source.name,
        event=source.event,
        media=source.media,
        source_first=0,
        source_last=0,
        record_first=first,
        record_last=last,
        source_start=start,
        step=source.step,
        speed=source.speed,
        counting=source.counting,
        reel=source.reel,
        files=source.files,
        trouble=source.trouble,
    )
    low, high = shot.source_range(first, last)
    handles = None
    if source.available is not None:
        begin, end = source.available
        handles = (low - begin, end - high)
        if min(handles) < 0:
            notes.append(f"shows frames {low}-{high} of media that has {begin}-{end} by the timeline's word")
            handles = (max(0, handles[0]), max(0, handles[1]))
    return replace(shot, source_first=low, source_last=high, handles=handles, notes=tuple(notes))


def transitions_of(fades: Iterable[Fade], shots: tuple[TimelineShot, ...]) -> tuple[TimelineTransition, ...]:
    """The transitions with the shots on both sides, and the frames that they need of each."""
    ending = {shot.record_last + 1: number for number, shot in enumerate(shots)}
    beginning = {shot.record_first: number for number, shot in enumerate(shots)}
    out = []
    for fade in fades:
        first, end, cut = _whole(fade.start), _whole(fade.end), _whole(fade.cut)
        if end <= first:
            continue
        outgoing, incoming = ending.get(cut), beginning.get(cut)
        sides = [None if n is None else shots[n].source_range(first, end - 1) for n in (outgoing, incoming)]
        notes = [
            f"it needs {lack} more frames of {shots[n].name} than the timeline says there are"
            for n in (outgoing, incoming)
            if n is not None and (lack := _lacking(shots[n], first, end - 1)) > 0
        ]
        out.append(
            TimelineTransition(
                fade.kind, first, end - 1, cut, outgoing, incoming, sides[0], sides[1], tuple(notes)
            )
        )
    return tuple(out)


def _lacking(shot: TimelineShot, first: int, last: int) -> int:
    if shot.handles is None:
        return 0
    low, high = shot.source_range(first, last)
    before, after = shot.handles
    return max(shot.source_first - before - low, high - shot.source_last - after, 0)
