"""What a clip carries: its shots, and of a sequence what every single file says of itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from candela_engines.errors import CandelaError
from candela_engines.itm.carriers import payload_growth
from candela_engines.itm.payload import CHECK_BYTES, Payload
from candela_engines.media.clip import ClipInfo
from candela_server.service.clips import numbers_text, own_notes
from candela_server.service.results import DISTILLED, Json

__all__ = ["BoundShot", "Carried", "Misplaced", "OwnPayload", "bare_frames"]

_MOST_NAMED = 8


@dataclass(frozen=True)
class BoundShot:
    """One shot of a clip. data: its payload as it travels; payload: the same, read.

    first, last: in the clip's own numbers. shift: what to add to those for the payload's numbers, which is
    not 0 where the files of a sequence were renumbered.
    """

    data: bytes
    payload: Payload
    first: int
    last: int
    shift: int = 0

    @property
    def count(self) -> int:
        """Frames from first to last."""
        return self.last - self.first + 1

    @property
    def worst(self) -> tuple[int, float] | None:
        """The frame that comes out worst, in the clip's numbers, and its PU-PSNR in dB; None: not said."""
        said = self.payload.worst
        return None if said is None else (said[0] - self.shift, said[1])

    @property
    def embedded(self) -> int:
        """Frames that there were at embedding, as far as the payload says: zeros are for missing ones."""
        checks = self.payload.checks
        if not checks:
            return self.count
        return sum(1 for at in range(0, len(checks), CHECK_BYTES) if any(checks[at : at + CHECK_BYTES]))


@dataclass(frozen=True)
class OwnPayload:
    """What the file of one frame carries. shot: that it is of. place: which frame of it, in the payload's
    numbers. picture_hash: of this very frame.
    """

    shot: BoundShot
    place: int
    picture_hash: bytes


@dataclass(frozen=True)
class Misplaced:
    """A file whose frame number is not that of the frame in it. belongs: the number that it ought to have."""

    number: int
    belongs: int
    path: Path

    @property
    def text(self) -> str:
        """In words."""
        return f"{self.path}: is frame {self.belongs} by its payload, and lies under {self.number}"

    def to_json(self) -> Json:
        """Bare numbers."""
        return {"file": str(self.path), "frame": self.number, "belongs_at": self.belongs}


@dataclass(frozen=True)
class Carried:
    """What a clip carries. carrier, path: where (the first file of a sequence). bytes: of all payloads, once.

    shots: in order; their ranges overlap only where a file between those of one shot is of another. bare:
    frames of the clip that no shot covers. own: what each file of a sequence says, where the payloads are in
    them. misplaced: files that were put under another number than their neighbours'. damaged: by frame, why
    its file could not be looked into.
    """

    carrier: str
    path: Path
    bytes: int
    shots: tuple[BoundShot, ...]
    bare: tuple[int, ...] = ()
    own: dict[int, OwnPayload] = field(default_factory=dict)
    misplaced: tuple[Misplaced, ...] = ()
    damaged: dict[int, CandelaError] = field(default_factory=dict)

    @property
    def growth(self) -> int | None:
        """What one file that has them all is larger by, or the one beside it; None for numbered files."""
        together = all(shot.payload.frames and shot.payload.place is None for shot in self.shots)
        return payload_growth(self.path) if together else None

    def at(self, number: int) -> BoundShot | None:
        """The shot that a frame belongs to: by its own file, else by the range that it lies in."""
        if (own := self.own.get(number)) is not None:
            return own.shot
        return next((shot for shot in self.shots if shot.first <= number <= shot.last), None)

    def place(self, number: int) -> int:
        """Which frame of its shot a frame is, in the payload's numbers. Its own file decides."""
        if (own := self.own.get(number)) is not None:
            return own.place
        shot = self.at(number)
        return number if shot is None else number + shot.shift

    def within(self, first: int, last: int) -> Carried:
        """The part that concerns the frames first..last."""
        own = {number: one for number, one in self.own.items() if first <= number <= last}
        used = {id(one.shot) for one in own.values()}
        return replace(
            self,
            shots=tuple(s for s in self.shots if (s.last >= first and s.first <= last) or id(s) in used),
            bare=tuple(n for n in self.bare if first <= n <= last),
            own=own,
            misplaced=tuple(m for m in self.misplaced if first <= m.number <= last),
            damaged={n: error for n, error in self.damaged.items() if first <= n <= last},
        )

    def notes(self, info: ClipInfo, *, misplaced: bool = True) -> list[str]:
        """What is to be said of a clip and of frames that are missing, renumbered or out of their place.

        misplaced: whether of those as well.
        """
        notes = [*own_notes(info), *map(str, self.damaged.values()), *self._without(info)]
        notes += [*self._renumbered(), *self._beyond(info), *self._distilled()]
        if misplaced:
            most = self.misplaced[:_MOST_NAMED]
            more = len(self.misplaced) - len(most)
            notes += [one.text for one in most]
            if more:
                notes.append(f"{more:,} more files lie under another number than that of their frame")
        return notes

    def _without(self, info: ClipInfo) -> Iterator[str]:
        """Files between those of a shot that carry nothing: some program has rewritten them."""
        if self.own:
            known = {*self.own, *self.bare, *self.damaged, *info.missing}
            if lost := tuple(n for n in range(info.first, info.last + 1) if n not in known):
                yield f"{numbers_text(lost, 'carry', 'carries')} no payload, as the others of the shot do"

    def _distilled(self) -> Iterator[str]:
        """That shots are no master's."""
        count = sum(shot.payload.provenance == "distilled" for shot in self.shots)
        if count:
            some = "" if count == len(self.shots) else f"{count} of {len(self.shots)} shots: "
            yield some + DISTILLED

    def _beyond(self, info: ClipInfo) -> Iterator[str]:
        """Frames of shots that the clip does not reach to, at either end."""
        first = min((shot.first for shot in self.shots), default=info.first)
        last = max((shot.last for shot in self.shots), default=info.last)
        for a, b in ((first, info.first - 1), (info.last + 1, last)):
            if a <= b:
                frames = f"frame {a}" if a == b else f"frames {a} to {b}"
                yield f"the payload is for {frames} as well, which the clip does not have"

    def _renumbered(self) -> Iterator[str]:
        moved = [shot for shot in self.shots if shot.shift]
        shifts = {shot.shift for shot in moved}
        if len(shifts) == 1 and len(moved) == len(self.shots):
            yield _moved(min(s.first for s in moved), max(s.last for s in moved), moved[0].shift)
            return
        for shot in moved:
            yield _moved(shot.first, shot.last, shot.shift)


def _moved(first: int, last: int, shift: int) -> str:
    return f"renumbered: frames {first} to {last} were {first + shift} to {last + shift} at embedding"


def bare_frames(
    info: ClipInfo, ranges: Iterable[tuple[int, int]], own: Collection[int] = ()
) -> tuple[int, ...]:
    """The frames of a clip that are there and in none of these ranges. own: further ones that have a shot."""
    gone = {*own, *info.missing}
    for first, last in ranges:
        gone.update(range(max(first, info.first), min(last, info.last) + 1))
    return tuple(number for number in range(info.first, info.last + 1) if number not in gone)
