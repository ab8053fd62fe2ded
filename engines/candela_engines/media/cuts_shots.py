"""From joins to shots: what belongs together is joined, and frames are shared out without gap or overlap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Join", "Joins", "Opening", "Pop", "Shot", "shots_of"]

Opening = Literal["start", "cut", "dissolve", "fade"]

_HELD = 12  # frames of one colour between two fades that are still one transition
_SEAM = 2  # frames beside a transition in which a hard cut is part of it


@dataclass(frozen=True, slots=True)
class Shot:
    """first, last: frame numbers, both of the shot. opening: how it begins.

    transition: first and last number of the mixed frames that it begins with, or None. They are shared out in
    the middle, so the earlier ones count to the shot before. confidence: 0..1 that it begins there; 1 for the
    start.
    """

    first: int
    last: int
    opening: Opening
    transition: tuple[int, int] | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Pop:
    """Grade or exposure jump at `frame` while the picture stays. strength: mean code change, 0..1."""

    frame: int
    strength: float


@dataclass(frozen=True, slots=True)
class Join:
    """A boundary, counted in frames. at: first frame of the new shot. mixed: first and last mixed frame."""

    at: int
    opening: Opening
    mixed: tuple[int, int] | None
    confidence: float


@dataclass(slots=True)
class Joins:
    """What has been found so far, counted in frames.

    cuts: by their first frame, with confidence. mixes: (first, last, confidence). outs: (first mixed, first
    flat) frame of fades to one colour; ins: (last flat, last mixed). flats: first and last of every run of
    flat frames.
    """

    cuts: dict[int, float] = field(default_factory=dict)
    mixes: list[tuple[int, int, float]] = field(default_factory=list)
    outs: list[tuple[int, int]] = field(default_factory=list)
    ins: list[tuple[int, int]] = field(default_factory=list)
    flats: list[tuple[int, int]] = field(default_factory=list)

    def add_mix(self, first: int, last: int, confidence: float) -> None:
        """Keep a dissolve, or the better of those that overlap."""
        while self.mixes and first <= self.mixes[-1][1] + 1:
            before = self.mixes[-1]
            if confidence * (last - first + 1) ** 0.5 <= before[2] * (before[1] - before[0] + 1) ** 0.5:
                return
            self.mixes.pop()
        self.mixes.append((first, last, confidence))

    def add_flat(self, frame: int) -> None:
        """A frame of one colour; frames in order."""
        if self.flats and self.flats[-1][1] == frame - 1:
            self.flats[-1] = (self.flats[-1][0], frame)
        else:
            self.flats.append((frame, frame))


def shots_of(found: Joins, count: int, number_of: Callable[[int], int]) -> list[Shot]:
    """The shots of `count` frames; number_of gives the number of a frame by its count."""
    faded, opened = _fades(found, count)
    soft = faded + [
        Join((first + last + 1) // 2, "dissolve", (first, last), confidence)
        for first, last, confidence in found.mixes
        if not any(_overlap((first, last), other.mixed) for other in faded)
    ]
    hard = [
        Join(at, "cut", None, confidence)
        for at, confidence in found.cuts.items()
        if not any(j.mixed and j.mixed[0] - 1 <= at <= j.mixed[1] + _SEAM for j in soft)
        and not (opened and at <= opened[1] + _SEAM)
    ]
    joins = sorted((j for j in soft + hard if 0 < j.at < count), key=lambda join: join.at)
    start = Join(0, "start", opened, 1.0)
    shots = []
    for join, following in zip([start, *joins], [*joins, None], strict=True):
        last = count - 1 if following is None else following.at - 1
        mixed = join.mixed and (number_of(join.mixed[0]), number_of(join.mixed[1]))
        shots.append(
            Shot(number_of(join.at), number_of(last), join.opening, mixed, round(join.confidence, 4))
        )
    return shots


def _fades(found: Joins, count: int) -> tuple[list[Join], tuple[int, int] | None]:
    """Fades as joins, and the mixed frames of a fade that the whole begins with.

    A run of one colour is a fade only where something else begins or ends at its other side: a flash that
    dies down is faded as well, but it comes out of the picture that it leaves.
    """
    outs, ins = {flat: first for first, flat in found.outs}, dict(found.ins)
    joins: list[Join] = []
    opened: tuple[int, int] | None = None
    for first, last in found.flats:
        out, into = outs.get(first), ins.get(last)
        cut_in, cut_out = first in found.cuts, last + 1 in found.cuts
        short = last - first < _HELD
        if out is not None and into is not None:
            if short:
                joins.append(Join((first + last + 1) // 2, "fade", (out, into), 0.95))
            else:
                joins += [
                    Join(first, "fade", (out, first - 1), 0.95),
                    Join(last + 1, "fade", (last + 1, into), 0.95),
                ]
        elif out is not None and (cut_out or last == count - 1):
            at = last + 1 if short and cut_out else first
            if at < count - 1:
                joins.append(Join(at, "fade", (out, first - 1), 0.9))
        elif into is not None and first == 0:
            opened = (last + 1, into)
        elif into is not None and cut_in:
            joins.append(Join(first if short else last + 1, "fade", (last + 1, into), 0.9))
    return joins, opened


def _overlap(a: tuple[int, int], b: tuple[int, int] | None) -> bool:
    return b is not None and a[0] <= b[1] and b[0] <= a[1]


def numbering(gaps: Sequence[tuple[int, int]]) -> Callable[[int], int]:
    """From counts to numbers. gaps: (count, number) where numbers do not go on by one, the first included."""

    def number_of(count: int) -> int:
        low, high = 0, len(gaps)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if gaps[middle][0] <= count else (low, middle)
        return gaps[low][1] + count - gaps[low][0]

    return number_of
