"""What the files of a sequence carry, each of its own: of which shot it is, and which frame of it.

The payload says what a frame is, the file's name where the user sees it. A sequence that was renumbered as a
whole differs by the same number everywhere; a file that differs from its shot's others is out of its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from candela_engines.errors import CandelaError, InputError, PayloadError
from candela_engines.itm.carriers import find_payload
from candela_engines.itm.payload import Payload, decode
from candela_engines.itm.place import shot_of
from candela_engines.media.clip import ClipInfo
from candela_server.service.clips import path_of_frame
from candela_server.service.shot_carried import BoundShot, Carried, Misplaced, OwnPayload, bare_frames

__all__ = ["DAMAGED_ADVICE", "shots_in_files"]

DAMAGED_ADVICE = "take the file as embed wrote it, or embed again"


@dataclass(eq=False)
class _Copies:
    """The copies of one shot's payload. places: by the number of the file; hashes: of its frame."""

    data: bytes
    payload: Payload
    places: dict[int, int] = field(default_factory=dict)
    hashes: dict[int, bytes] = field(default_factory=dict)

    def shift(self, everywhere: Counter[int]) -> int:
        """What most of its files differ by; of equally many what most files of the sequence do, or none."""
        here = self.shifts()
        return max(here, key=lambda shift: (here[shift], everywhere[shift], shift == 0), default=0)

    def shifts(self) -> Counter[int]:
        """How many files lie how far from the number that they had at embedding."""
        return Counter(place - number for number, place in self.places.items())


def shots_in_files(info: ClipInfo) -> Carried | None:
    """The shots of a sequence, every file looked into; None where none carries anything.

    Files that are damaged are told apart; where none is sound, the PayloadError or CarrierError of the first.
    """
    shots: dict[Payload, _Copies] = {}
    damaged: dict[int, CandelaError] = {}
    carrier, where = "", info.files[0]
    for number in range(info.first, info.last + 1):
        path = path_of_frame(info, number)
        try:
            found = None if path is None else find_payload(path)
            if found is None:
                continue
            if not shots:
                carrier, where = found.carrier, found.path
            _sort_in(shots, number, found.path, found.payload)
        except InputError as error:
            damaged[number] = type(error)(f"frame {number}: {error}")
    if not shots:
        if damaged:
            raise next(iter(damaged.values()))
        return None
    everywhere = sum((one.shifts() for one in shots.values()), Counter[int]())
    bound = sorted(((_bound(one, everywhere), one) for one in shots.values()), key=lambda pair: pair[0].first)
    own = {n: OwnPayload(shot, one.places[n], one.hashes[n]) for shot, one in bound for n in one.places}
    return Carried(
        carrier,
        where,
        sum(len(shot.data) for shot, _ in bound),
        tuple(shot for shot, _ in bound),
        bare_frames(info, ((shot.first, shot.last) for shot, _ in bound), own),
        own,
        tuple(_misplaced(info, own)),
        damaged,
    )


def _sort_in(shots: dict[Payload, _Copies], number: int, path: Path, data: bytes) -> None:
    try:
        payload = decode(data)
    except PayloadError as error:
        raise PayloadError(f"{path}: {error}; {DAMAGED_ADVICE}") from error
    if payload.frames is None:
        # A still's payload: this file alone was embedded.
        payload = replace(payload, frames=(number, number), place=number)
    one = shots.setdefault(shot_of(payload), _Copies(data, payload))
    if payload.place is None:
        return  # of a whole shot: it has the checks of all frames, and says nothing of this one
    first, last = payload.frames or (number, number)
    if not first <= payload.place <= last:
        raise PayloadError(
            f"{path}: its payload is for frames {first} to {last}, this is frame {payload.place}; embed again"
        )
    one.places[number], one.hashes[number] = payload.place, payload.picture_hash


def _bound(one: _Copies, everywhere: Counter[int]) -> BoundShot:
    shift = one.shift(everywhere)
    first, last = one.payload.frames or (0, 0)
    return BoundShot(one.data, one.payload, first - shift, last - shift, shift)


def _misplaced(info: ClipInfo, own: dict[int, OwnPayload]) -> Iterator[Misplaced]:
    for number, one in sorted(own.items()):
        belongs = one.place - one.shot.shift
        path = path_of_frame(info, number)
        if belongs != number and path is not None:
            yield Misplaced(number, belongs, path)
