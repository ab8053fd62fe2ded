"""Verify shots: hold every frame against the master, and every shot against what its payload claims."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from candela_engines.colour.state import Range
from candela_engines.errors import InputError
from candela_engines.itm.payload import Fidelity
from candela_engines.itm.reading import Reading
from candela_engines.itm.shot_model import decode_shot
from candela_engines.itm.shot_pairs import PairFrame
from candela_engines.itm.shot_quality import measure_shot
from candela_engines.media.open_clip import open_clip
from candela_server.service.clip_frames import bound_frames
from candela_server.service.clips import SaidClip, check_pair_sizes, open_master
from candela_server.service.results import Json, Work, WorkProgress, decibels, fidelity_json, no_work
from candela_server.service.shot_binding import BoundShot, Carried, check_clip_size, load_shots
from candela_server.service.shot_reading import open_as_embedded
from candela_server.service.shots_embed_pairs import LightNotes, Pairs
from candela_server.service.shots_embed_plan import together
from candela_server.service.shots_embed_request import EmbedShotsRequest
from candela_server.service.verify import CLAIM_TOLERANCE_DB, Finding

__all__ = ["ShotFinding", "VerifiedShot", "VerifyShotsRequest", "VerifyShotsResult", "verify_shots"]


@dataclass(frozen=True)
class VerifyShotsRequest:
    """file: a movie or a sequence that carries shots. hdr: its master. frames: only these, both included.

    sdr_range, sdr_matrix: where they were said at embedding. min_psnr in dB and max_delta_e in ΔE_ITP are
    limits of every shot.
    """

    file: Path
    hdr: Path | None = None
    hdr_colour: str | None = None
    hdr_range: Range | None = None
    hdr_matrix: str | None = None
    sdr_range: Range | None = None
    sdr_matrix: str | None = None
    min_psnr: float | None = None
    max_delta_e: float | None = None
    frames: tuple[int, int] | None = None
    hdr_offset: int | None = None
    ocio: str | None = None


@dataclass(frozen=True)
class VerifiedShot:
    """One shot, or the part of it that was asked for: what was measured now, and what its payload claims.

    whole: whether all its frames were measured, so that the two can be compared.
    """

    first: int
    last: int
    measured: Fidelity
    claimed: Fidelity
    worst_frame: int
    worst_db: float
    whole: bool

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
        }


@dataclass(frozen=True)
class ShotFinding(Finding):
    """A finding, and the frames of its shot."""

    first: int = 0
    last: int = 0

    def to_json(self) -> Json:
        """Bare numbers; `unit` names that of both."""
        return {**super().to_json(), "first_frame": self.first, "last_frame": self.last}


@dataclass(frozen=True)
class VerifyShotsResult:
    """All shots measured. Passed without findings."""

    file: Path
    hdr: Path
    shots: tuple[VerifiedShot, ...]
    findings: tuple[ShotFinding, ...]
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every figure is within its limit."""
        return not self.findings

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "verify",
            "file": str(self.file),
            "hdr": str(self.hdr),
            "passed": self.passed,
            "shots": [shot.to_json() for shot in self.shots],
            "findings": [finding.to_json() for finding in self.findings],
            "notes": list(self.notes),
        }


def verify_shots(request: VerifyShotsRequest, progress: WorkProgress = no_work) -> VerifyShotsResult:
    """Measure anew.

    Raises PictureMismatchError for the first frame that is another one; limits that are missed are findings.
    """
    if request.hdr is None:
        raise InputError(f"{request.file}: give its HDR master with --hdr")
    with open_clip(str(request.file)) as clip:
        whole = load_shots(clip.info)
    payload = whole.shots[0].payload
    said = SaidClip("hdr", request.hdr_colour, request.hdr_range, request.hdr_matrix, request.ocio)
    with (
        open_as_embedded(request.file, whole, _said(request), ocio=request.ocio) as sdr,
        open_master(request.hdr, said, embedded_as=payload.hdr) as hdr,
    ):
        check_pair_sizes(sdr.info, hdr.info)
        ranges = EmbedShotsRequest(request.file, frames=request.frames, hdr_offset=request.hdr_offset)
        common = together(ranges, sdr.info, hdr.info)
        carried = load_shots(sdr.info, common.first, common.last)
        check_clip_size(sdr.info, carried.shots[0])
        light = LightNotes()
        work = _Measuring(Pairs(sdr, hdr, common.offset, light), carried, common.first, common.last, progress)
        shots = tuple(work.measured(shot) for shot in carried.shots)
        notes = [*sdr.notes, *(f"HDR: {n}" for n in hdr.notes), *common.notes, *light.told()]
    findings = tuple(found for shot in shots for found in _findings(request, shot))
    return VerifyShotsResult(request.file, request.hdr, shots, findings, tuple(notes))


def _said(request: VerifyShotsRequest) -> Reading:
    return Reading(request.sdr_range, request.sdr_matrix)


@dataclass
class _Measuring:
    """Measures the frames first..last, shot by shot."""

    pairs: Pairs
    carried: Carried
    first: int
    last: int
    progress: WorkProgress
    done: int = 0

    def measured(self, shot: BoundShot) -> VerifiedShot:
        """One shot, or what of it lies in the range."""
        first, last = max(shot.first, self.first), min(shot.last, self.last)
        total = self.last - self.first + 1

        def tick(fraction: float) -> None:
            self.progress(Work("measure", self.done + fraction * (last - first + 1), total))

        source = _Source(self, shot)
        shift = shot.shift
        report = measure_shot(decode_shot(shot.payload), source, first + shift, last + shift, tick)
        self.done += last - first + 1
        return VerifiedShot(
            first,
            last,
            report.fidelity,
            shot.payload.fidelity,
            report.worst_frame - shift,
            report.worst,
            (first, last) == (shot.first, shot.last),
        )


@dataclass(frozen=True)
class _Source:
    """A `PairSource` in the payload's numbers. Frames are held against it before they are measured."""

    of: _Measuring
    shot: BoundShot

    def __call__(self, first: int, last: int, wanted: Collection[int] | None = None) -> Iterator[PairFrame]:
        pairs, shift = self.of.pairs, self.shot.shift
        begin, end = first - shift, last - shift
        mastered = pairs.hdr.clip.frames(begin + pairs.offset, end + pairs.offset)
        for bound in bound_frames(pairs.sdr.clip, self.of.carried, begin, end):
            pair = pairs.paired(bound.frame, pairs.partner(mastered, bound.number), bound.digest)
            yield replace(pair, number=bound.number + shift)


def _findings(request: VerifyShotsRequest, shot: VerifiedShot) -> Iterator[ShotFinding]:
    where = f"frames {shot.first} to {shot.last}"
    measured, claimed = shot.measured.pu_psnr, shot.claimed.pu_psnr
    if request.min_psnr is not None and measured < request.min_psnr:
        text = f"{where}: PU-PSNR is {measured:.2f} dB, below the {request.min_psnr:g} dB asked for"
        yield ShotFinding("below-min-psnr", text, measured, request.min_psnr, "dB", shot.first, shot.last)
    delta = shot.measured.delta_e_mean
    if request.max_delta_e is not None and delta > request.max_delta_e:
        text = f"{where}: mean ΔE_ITP is {delta:.2f}, above the {request.max_delta_e:g} asked for"
        yield ShotFinding(
            "above-max-delta-e", text, delta, request.max_delta_e, "ΔE_ITP", shot.first, shot.last
        )
    off = 0.0 if measured == claimed else abs(measured - claimed)
    if shot.whole and not off <= CLAIM_TOLERANCE_DB:
        text = (
            f"{where}: PU-PSNR is {measured:.2f} dB, but the payload claims {claimed:.2f} dB: another "
            "master, the same one read in another colour state, or a payload altered by hand"
        )
        off = off if math.isfinite(off) else math.inf
        yield ShotFinding("claim-differs", text, off, CLAIM_TOLERANCE_DB, "dB", shot.first, shot.last)
