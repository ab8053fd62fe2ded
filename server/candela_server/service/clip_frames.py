"""Frames of a clip, each with the shot it belongs to, held against what the payload was made for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from candela_engines.errors import InputError, PictureMismatchError
from candela_engines.media.clip import Clip, ClipFrame, ClipInfo
from candela_server.service.clips import numbers_text
from candela_server.service.shot_binding import ShotCheck
from candela_server.service.shot_carried import BoundShot, Carried

__all__ = ["BoundFrame", "Missing", "bound_frames", "check_covered"]

Missing = Literal["fail", "sdr"]


@dataclass(frozen=True, eq=False)
class BoundFrame:
    """frame: as decoded. shot: whose network makes its HDR, None where there is none and SDR takes its place.

    place: which frame of the shot it is, in the payload's numbers. digest: of the frame, 16 bytes. altered:
    whether it is another picture than the payload's, rendered by --force all the same.
    """

    frame: ClipFrame
    shot: BoundShot | None
    place: int
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
    for number in carried.bare:
        if number in carried.damaged:
            raise carried.damaged[number]
    which = numbers_text(carried.bare)
    raise InputError(
        f"{info.name}: {which} to no shot of its payload, so there is no HDR for "
        f"{'it' if len(carried.bare) == 1 else 'them'}. Leave {'it' if len(carried.bare) == 1 else 'them'} "
        "out with --frames, or let --missing sdr put SDR there, white on 203 nit"
    )


def bound_frames(
    clip: Clip,
    carried: Carried,
    first: int,
    last: int,
    *,
    force: bool | None = False,
    skip: frozenset[int] = frozenset(),
) -> Iterator[BoundFrame]:
    """Frames first..last in order, but for those to skip, each checked before it is handed over.

    Raises PictureMismatchError naming file and frame for one that is not the payload's (force: it is marked
    instead; None where --force is not to be advised), MediaError for one that cannot be decoded; frames
    before it stay good.
    """
    check = ShotCheck(clip.info, carried)
    for begin, end in _runs(first, last, skip):
        for frame in clip.frames(begin, end):
            number, digest = frame.number, frame.digest()
            if number in carried.damaged:
                raise carried.damaged[number]
            altered = check.matches(number, digest) is False
            if altered and not force:
                advice = "; --force renders it all the same, with no promise of fidelity"
                raise PictureMismatchError(check.text(number) + (advice if force is False else ""))
            yield BoundFrame(frame, carried.at(number), carried.place(number), digest, altered)


def _runs(first: int, last: int, skip: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Ranges of first..last without the numbers to skip."""
    begin = first
    for number in sorted(n for n in skip if first <= n <= last):
        if number > begin:
            yield begin, number - 1
        begin = number + 1
    if begin <= last:
        yield begin, last
