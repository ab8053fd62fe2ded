"""Frames of a clip, each with the shot it belongs to, held against what the payload was made for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from candela_engines.errors import InputError, PictureMismatchError
from candela_engines.itm.carriers import find_payload
from candela_engines.itm.payload import decode
from candela_engines.itm.place import shot_of
from candela_engines.media.clip import Clip, ClipFrame, ClipInfo
from candela_server.service.clips import path_of_frame
from candela_server.service.shot_binding import BoundShot, Carried, ShotCheck

__all__ = ["BoundFrame", "Missing", "bound_frames", "check_covered", "numbers_text"]

Missing = Literal["fail", "sdr"]


@dataclass(frozen=True, eq=False)
class BoundFrame:
    """frame: as decoded. shot: whose network makes its HDR, None where there is none and SDR takes its place.

    digest: of the frame, 16 bytes. altered: whether it is another picture than the payload's, rendered by
    --force all the same.
    """

    frame: ClipFrame
    shot: BoundShot | None
    digest: bytes
    altered: bool = False

    @property
    def number(self) -> int:
        """In the clip's own count."""
        return self.frame.number


def check_covered(info: ClipInfo, carried: Carried, missing: Missing) -> None:
    """Raise InputError naming the frames that no shot covers, unless SDR is to take their place."""
    if not carried.bare or missing == "sdr":
        return
    which = numbers_text(carried.bare)
    raise InputError(
        f"{info.name}: {which} to no shot of its payload, so there is no HDR for "
        f"{'it' if len(carried.bare) == 1 else 'them'}. Leave {'it' if len(carried.bare) == 1 else 'them'} "
        "out with --frames, or let --missing sdr put SDR there, white on 203 nit"
    )


def numbers_text(numbers: tuple[int, ...], verb: str = "belong", one: str = "belongs", most: int = 6) -> str:
    """`frame 5 belongs` or `frames 5 to 9, 12 belong`: runs of numbers in words, with their verb."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    words = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in runs[:most])
    more = ", …" if len(runs) > most else ""
    if len(numbers) == 1:
        return f"frame {words} {one}"
    return f"frames {words}{more} {verb}"


def bound_frames(
    clip: Clip,
    carried: Carried,
    first: int,
    last: int,
    *,
    force: bool = False,
    skip: frozenset[int] = frozenset(),
) -> Iterator[BoundFrame]:
    """Frames first..last in order, but for those to skip, each checked before it is handed over.

    Raises PictureMismatchError naming file and frame for one that is not the payload's (force: it is marked
    instead), MediaError for one that cannot be decoded; frames before it stay good.
    """
    checks: dict[int, ShotCheck] = {}
    for begin, end in _runs(first, last, skip):
        for frame in clip.frames(begin, end):
            shot, digest = carried.at(frame.number), frame.digest()
            altered = False
            if shot is not None:
                check = checks.setdefault(shot.first, ShotCheck(clip.info, shot))
                altered = _altered(check, frame, digest, force)
            yield BoundFrame(frame, shot, digest, altered)


def _altered(check: ShotCheck, frame: ClipFrame, digest: bytes, force: bool) -> bool:
    same = _same(check, frame.number, digest)
    check.digests.clear()  # parts of a shot are as good as all of it
    if same is False and not force:
        advice = "; --force renders it all the same, with no promise of fidelity"
        raise PictureMismatchError(check.text(frame.number) + advice)
    return same is False


def _same(check: ShotCheck, number: int, digest: bytes) -> bool | None:
    """Whether a frame is the one that was embedded; in a sequence its own file is asked, which names it."""
    payload = check.shot.payload
    if payload.place is None or number + check.shot.shift == payload.place:
        return check.matches(number, digest)
    path = path_of_frame(check.info, number)
    found = None if path is None else find_payload(path)
    if found is None:
        return False
    own = decode(found.payload)
    if own.frames is None or shot_of(own) != shot_of(payload):
        return False
    return ShotCheck(check.info, replace(check.shot, data=found.payload, payload=own)).matches(number, digest)


def _runs(first: int, last: int, skip: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Ranges of first..last without the numbers to skip."""
    begin = first
    for number in sorted(n for n in skip if first <= n <= last):
        if number > begin:
            yield begin, number - 1
        begin = number + 1
    if begin <= last:
        yield begin, last
