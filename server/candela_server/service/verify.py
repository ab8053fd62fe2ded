"""Verify: hold what a file gives against its HDR master, and against what its payload claims."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from candela_engines.colour.state import ColourState, Range
from candela_engines.errors import InputError
from candela_engines.itm.payload import Fidelity
from candela_engines.itm.quality import measure
from candela_engines.media import Still, is_ultrahdr, read_still, read_ultrahdr
from candela_server.service.binding import demand_match, load_payload
from candela_server.service.configs import know_configs
from candela_server.service.pictures import Master, own_master, read_master
from candela_server.service.results import DISTILLED, Json, Progress, decibels, fidelity_json, no_progress
from candela_server.service.said import SaidColour

__all__ = ["CLAIM_TOLERANCE_DB", "Finding", "VerifyRequest", "VerifyResult", "difference", "verify"]

CLAIM_TOLERANCE_DB = 0.1


@dataclass(frozen=True)
class VerifyRequest:
    """hdr: the master; None takes that of an Ultra HDR JPEG itself. min_psnr in dB, max_delta_e in ΔE_ITP."""

    file: Path
    hdr: Path | None = None
    hdr_colour: str | None = None
    min_psnr: float | None = None
    max_delta_e: float | None = None
    ocio: str | None = None
    hdr_range: Range | None = None


@dataclass(frozen=True)
class Finding:
    """One figure outside its limit. unit: `dB`, or `ΔE_ITP`."""

    code: str
    text: str
    measured: float
    limit: float
    unit: str

    def to_json(self) -> Json:
        """Bare numbers; `unit` names that of both."""
        return {
            "code": self.code,
            "text": self.text,
            "measured": decibels(self.measured),
            "limit": self.limit,
            "unit": self.unit,
        }


@dataclass(frozen=True)
class VerifyResult:
    """measured: now, against the master at hand; claimed: what the payload says. Passed without findings."""

    file: Path
    hdr: Path
    measured: Fidelity
    claimed: Fidelity
    findings: tuple[Finding, ...]
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
            "measured": fidelity_json(self.measured),
            "claimed": fidelity_json(self.claimed),
            "findings": [finding.to_json() for finding in self.findings],
            "notes": list(self.notes),
        }


def verify(request: VerifyRequest, progress: Progress = no_progress) -> VerifyResult:
    """Measure anew. Raises as `reconstruct` and reading the master do; limits missed are findings."""
    progress("read", 0.0)
    _, decoded = load_payload(request.file)
    payload = decoded.payload
    know_configs(payload.sdr, request.ocio)
    still = read_still(request.file, colour=payload.sdr)
    demand_match(request.file, payload, still, force=None)
    master = _master(request, still, payload.hdr)
    if master.size != still.size:
        (w, h), (mw, mh) = still.size, master.size
        raise InputError(f"{request.file} is {w}x{h}, {master.path} is {mw}x{mh}: this is not its master")
    progress("read", 1.0)
    measured = measure(
        decoded.model.strips(still.pixels, payload.sdr),
        master.nits,
        lambda fraction: progress("measure", fraction),
    )
    distilled = payload.provenance == "distilled"
    # What a distilled payload claims is not about a master.
    findings = _findings(request, measured, measured if distilled else payload.fidelity)
    notes = (DISTILLED, *master.notes) if distilled else master.notes
    return VerifyResult(request.file, master.path, measured, payload.fidelity, findings, notes)


def _master(request: VerifyRequest, still: Still, embedded_as: ColourState) -> Master:
    said = SaidColour("hdr", request.hdr_colour, request.hdr_range, request.ocio)
    if request.hdr is not None:
        return read_master(request.hdr, said, still, embedded_as=embedded_as)
    said.refuse_without_picture()
    if still.format != "jpeg" or not is_ultrahdr(request.file):
        raise InputError(
            f"{request.file}: give its HDR master with --hdr; only an Ultra HDR JPEG carries one of its own"
        )
    return own_master(request.file, read_ultrahdr(request.file)[1])


def _findings(request: VerifyRequest, measured: Fidelity, claimed: Fidelity) -> tuple[Finding, ...]:
    found = []
    if request.min_psnr is not None and measured.pu_psnr < request.min_psnr:
        text = f"PU-PSNR is {measured.pu_psnr:.2f} dB, below the {request.min_psnr:g} dB asked for"
        found.append(Finding("below-min-psnr", text, measured.pu_psnr, request.min_psnr, "dB"))
    if request.max_delta_e is not None and measured.delta_e_mean > request.max_delta_e:
        text = f"mean ΔE_ITP is {measured.delta_e_mean:.2f}, above the {request.max_delta_e:g} asked for"
        found.append(Finding("above-max-delta-e", text, measured.delta_e_mean, request.max_delta_e, "ΔE_ITP"))
    off = difference(measured.pu_psnr, claimed.pu_psnr)
    if off > CLAIM_TOLERANCE_DB:
        text = (
            f"PU-PSNR is {measured.pu_psnr:.2f} dB, but the payload claims {claimed.pu_psnr:.2f} dB: "
            "another master, the same one read in another colour state, or a payload altered by hand"
        )
        found.append(Finding("claim-differs", text, off, CLAIM_TOLERANCE_DB, "dB"))
    return tuple(found)


def difference(one: float, other: float) -> float:
    """How far two figures in dB are apart; either may be infinite."""
    return 0.0 if one == other else abs(one - other) if math.isfinite(one - other) else math.inf
