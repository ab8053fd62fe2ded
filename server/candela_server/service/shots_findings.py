"""What is wrong with a verified shot: limits that are missed, claims that do not hold, files out of place."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from candela_engines.itm.payload import Fidelity
from candela_engines.itm.shot_quality import ShotReport
from candela_server.service.results import Json, decibels, fidelity_json
from candela_server.service.shot_carried import BoundShot, Misplaced
from candela_server.service.verify import CLAIM_TOLERANCE_DB, Finding, difference

__all__ = ["ShotFinding", "VerifiedShot", "of_misplaced", "of_shot"]

_WHY = "another master, the same one read in another colour state, or a payload altered by hand"


@dataclass(frozen=True)
class VerifiedShot:
    """One shot, or the part of it that was asked for: what was measured now, and what its payload claims.

    whole: whether all its frames were measured, so that measured and claimed can be compared. worst_frame,
    worst_db: of the frames measured. floor_db: what the payload claims that no frame is below. claimed_worst:
    the frame of which it claims that; at_claimed_worst: what was measured there, None where it was not.
    distilled: whether what it claims is about an up-conversion and not about a master.
    """

    first: int
    last: int
    measured: Fidelity
    claimed: Fidelity
    worst_frame: int
    worst_db: float
    whole: bool
    floor_db: float
    claimed_worst: int | None = None
    at_claimed_worst: float | None = None
    distilled: bool = False

    @classmethod
    def of(cls, shot: BoundShot, report: ShotReport, *, whole: bool) -> VerifiedShot:
        """From what was measured, in the payload's numbers."""
        shift, p = shot.shift, shot.payload
        at_worst = None
        if p.worst is not None:
            at_worst = dict(zip(report.numbers, report.frames, strict=True)).get(p.worst[0])
        return cls(
            report.numbers[0] - shift,
            report.numbers[-1] - shift,
            report.fidelity,
            p.fidelity,
            report.worst_frame - shift,
            report.worst,
            whole,
            # The error of all frames together is at least that of any one.
            p.fidelity.pu_psnr - 10 * math.log10(p.count) if p.worst is None else p.worst[1],
            None if p.worst is None else p.worst[0] - shift,
            at_worst,
            p.provenance == "distilled",
        )

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "first_frame": self.first,
            "last_frame": self.last,
            "whole": self.whole,
            "measured": fidelity_json(self.measured),
            "claimed": fidelity_json(self.claimed),
            "worst_frame": self.worst_frame,
            "worst_frame_pu_psnr_db": decibels(self.worst_db),
            "claimed_worst_frame": self.claimed_worst,
            "claimed_least_pu_psnr_db": decibels(self.floor_db),
        }


@dataclass(frozen=True)
class ShotFinding(Finding):
    """A finding, and the frames of its shot."""

    first: int = 0
    last: int = 0

    def to_json(self) -> Json:
        """Bare numbers; `unit` names that of both."""
        return {**super().to_json(), "first_frame": self.first, "last_frame": self.last}


def of_shot(shot: VerifiedShot, min_psnr: float | None, max_delta_e: float | None) -> Iterator[ShotFinding]:
    """Limits that it misses (dB of PU-PSNR, mean ΔE_ITP), and what its payload claims wrongly."""
    where = f"frames {shot.first} to {shot.last}"
    measured, claimed = shot.measured.pu_psnr, shot.claimed.pu_psnr
    if min_psnr is not None and measured < min_psnr:
        text = f"{where}: PU-PSNR is {measured:.2f} dB, below the {min_psnr:g} dB asked for"
        yield ShotFinding("below-min-psnr", text, measured, min_psnr, "dB", shot.first, shot.last)
    delta = shot.measured.delta_e_mean
    if max_delta_e is not None and delta > max_delta_e:
        text = f"{where}: mean ΔE_ITP is {delta:.2f}, above the {max_delta_e:g} asked for"
        yield ShotFinding("above-max-delta-e", text, delta, max_delta_e, "ΔE_ITP", shot.first, shot.last)
    if shot.distilled:
        return
    off = difference(measured, claimed)
    if shot.whole and off > CLAIM_TOLERANCE_DB:
        text = f"{where}: PU-PSNR is {measured:.2f} dB, but the payload claims {claimed:.2f} dB: {_WHY}"
        yield _differs(text, off, shot.first, shot.last)
    below = shot.floor_db - shot.worst_db
    if below > CLAIM_TOLERANCE_DB:
        text = (
            f"frame {shot.worst_frame}: PU-PSNR is {shot.worst_db:.2f} dB, but the payload claims that no "
            f"frame is below {shot.floor_db:.2f} dB: {_WHY}"
        )
        yield _differs(text, below, shot.worst_frame, shot.worst_frame)
    at, found = shot.claimed_worst, shot.at_claimed_worst
    if at is not None and found is not None and found - shot.floor_db > CLAIM_TOLERANCE_DB:
        text = f"frame {at}: PU-PSNR is {found:.2f} dB, but the payload claims {shot.floor_db:.2f} dB: {_WHY}"
        yield _differs(text, found - shot.floor_db, at, at)


def of_misplaced(files: tuple[Misplaced, ...]) -> Iterator[ShotFinding]:
    """A finding for every file that lies under another number than that of its frame."""
    for one in files:
        at = one.number
        yield ShotFinding("out-of-place", one.text, one.number, one.belongs, "frame", at, at)


def _differs(text: str, off: float, first: int, last: int) -> ShotFinding:
    return ShotFinding("claim-differs", text, off, CLAIM_TOLERANCE_DB, "dB", first, last)
