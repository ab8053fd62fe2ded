"""The SDR reference of a clip in a QC pass: how it is read, which of its frames is whose, and its prints."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from candela_engines.colour.state import ColourState
from candela_engines.errors import CandelaError, ColourStateError, InfrastructureError, InputError
from candela_engines.media.clip import Clip, ClipInfo
from candela_engines.media.open_clip import open_clip
from candela_engines.media.still_clip import open_still_clip
from candela_engines.qc.clip_result import ClipReference
from candela_engines.qc.prints import FramePrints
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.metrics_sides import SaidSide
from candela_server.service.qc_facts import colour_of
from candela_server.service.qc_request import QcSaid
from candela_server.service.timeline_within import Within, check_clip_within

__all__ = ["ShotReference", "reference_of"]

Told = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class ShotReference:
    """told: as results have it. offset: from the clip's frame numbers to the reference's. prints: of its
    frames. failed: why it is of no use; there are no prints then.
    """

    path: Path
    side: SaidSide
    told: ClipReference
    state: ColourState | None = None
    offset: int = 0
    prints: FramePrints | None = None
    failed: str | None = None

    def settings(self) -> dict[str, object]:
        """How it is read: what a score depends on besides its frames."""
        state = None if self.state is None else self.state.to_dict()
        return {"state": state, "matrix": self.side.matrix, "ocio": self.side.ocio}

    def print_of(self, number: int) -> bytes:
        """What stands for the frame that belongs to frame `number` of the clip."""
        return (None if self.prints is None else self.prints.of(number + self.offset)) or b""


def reference_of(
    path: Path, said: QcSaid, info: ClipInfo, numbers: Sequence[int], folder: Path, within: Within, told: Told
) -> ShotReference:
    """Opened, and closed again. numbers: of the clip's frames. folder: in which prints are kept. told: bytes
    of a movie read, and in all. What is wrong with the reference is in `failed`: the clip is measured all the
    same. Raises InfrastructureError where the disk refuses.
    """
    side = SaidSide("--reference-colour", said.colour, said.range, said.matrix, said.ocio)
    try:
        check_clip_within(path, within)
        with closing(_open(path, side)) as clip:
            return _read(path, said, side, clip, info, numbers, folder, told)
    except InfrastructureError:
        raise
    except CandelaError as error:
        return ShotReference(path, side, ClipReference(str(path)), failed=str(error))


def _open(path: Path, side: SaidSide) -> Clip:
    if kind_of_name(path) != "still":
        return open_clip(str(path), colour=side.state(), range=side.range, matrix=side.matrix)
    if side.matrix is not None:
        raise InputError(f"{path}: is a still picture, which holds R'G'B'; leave --reference-matrix out")
    return open_still_clip(path, colour=side.state(), range=side.range)


def _read(
    path: Path, said: QcSaid, side: SaidSide, clip: Clip, info: ClipInfo, numbers: Sequence[int],
    folder: Path, told: Told,
) -> ShotReference:  # fmt: skip
    own, state = clip.info, clip.info.state
    if state is None:
        raise ColourStateError(
            f"{path}: the colour state of this reference is not known (found: {own.found}); say it with"
            " --reference-colour NAME, as rec709 or a colour space of the OCIO config"
        )
    if (own.width, own.height) != (info.width, info.height):
        raise InputError(
            f"{info.name} is {info.width}x{info.height}, its reference {path} is {own.width}x{own.height}:"
            " both are compared pixel by pixel; export them at one size and framing"
        )
    count, others = info.last - info.first + 1, own.last - own.first + 1
    if count != others:
        raise InputError(
            f"{info.name} has {count} frames ({info.first} to {info.last}), its reference {path} {others}"
            f" ({own.first} to {own.last}): which of them belong together is not known; give a reference of"
            " the same length"
        )
    offset = own.first - info.first
    missing = set(own.missing)
    end = own.last if own.cut_after is None else own.cut_after
    there = [n for n in range(own.first, end + 1) if n not in missing]
    lacking = sorted({number + offset for number in numbers} - set(there))
    if lacking:
        raise InputError(
            f"{path}: this reference has no frame {lacking[0]}, which frame {lacking[0] - offset} of"
            f" {info.name} is to be held against"
        )
    prints = FramePrints(own, there, folder)
    prints.complete(told)
    prints.remember()
    digest = hashlib.sha256(b"".join(prints.of(number) or b"" for number in there))
    used = ClipReference(str(path), digest.hexdigest(), offset, colour_of(clip, state, said))
    return ShotReference(path, side, used, state, offset, prints)
