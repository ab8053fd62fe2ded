"""Embed: fit a payload to an SDR picture and its HDR master, and place it in the SDR file."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from candela_engines.colour.ocio import resolved_config
from candela_engines.colour.state import ColourState, Range
from candela_engines.errors import InfrastructureError, InputError
from candela_engines.itm.carriers import embed_payload, find_payload
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.fitted import Effort, Fitted
from candela_engines.itm.payload import MAX_PAYLOAD, Fidelity
from candela_engines.media import picture_hash
from candela_server.service.outputs import Carriage, check_keeps_format, check_writable, plan_carriage
from candela_server.service.pictures import Master, Sdr, check_sizes, own_master, read_master, read_sdr
from candela_server.service.published import check_published
from candela_server.service.results import Json, Progress, fidelity_json, no_progress, state_json
from candela_server.service.said import SaidColour

__all__ = ["SMALLEST", "EmbedRequest", "EmbedResult", "embed"]

SMALLEST = 512
_DEFAULT_BYTES = 8192
_EFFORTS: tuple[Effort, ...] = ("fast", "normal", "best")


@dataclass(frozen=True)
class EmbedRequest:
    """What to embed.

    hdr: None takes the HDR of an Ultra HDR JPEG's own gain map. sdr_range, hdr_range: of the codes; None is
    what the tags say, or full. bytes: what the file may grow by, the carrier's own bytes included; None is
    8192, and no limit for the published networks, whose size is fixed. seconds, target_psnr (dB): stop the
    fit there. teacher: makes the light to fit to of the SDR picture, in place of a master; the
    payload then says that it was distilled. sidecar: put the payload beside the picture and not into it.
    dry_run: fit and measure, write nothing; `out` may be None then.
    """

    sdr: Path
    out: Path | None = None
    hdr: Path | None = None
    sdr_colour: str | None = None
    hdr_colour: str | None = None
    sdr_range: Range | None = None
    hdr_range: Range | None = None
    ocio: str | None = None
    model: str = "default"
    bytes: int | None = None
    effort: Effort = "normal"
    seconds: float | None = None
    target_psnr: float | None = None
    seed: int = 0
    sidecar: bool = False
    dry_run: bool = False
    teacher: Callable[[Sdr], Master] | None = None

    @property
    def provenance(self) -> str:
        """What the payload says that it was fitted to."""
        return "fitted" if self.teacher is None else "distilled"


@dataclass(frozen=True)
class EmbedResult:
    """What was embedded. growth_bytes: what the file (or the sidecar) grew by; 0 in a dry run.

    seconds: of the fit. details: what the fit chose, model by model.
    """

    sdr: Path
    hdr: Path
    out: Path | None
    written: Path | None
    width: int
    height: int
    bits: int
    sdr_state: ColourState
    hdr_state: ColourState
    fidelity: Fidelity
    model: str
    carrier: str
    payload_bytes: int
    growth_bytes: int
    replaced: bool
    picture_hash: str
    seconds: float
    notes: tuple[str, ...]
    details: dict[str, float | int | str] = field(default_factory=dict)

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "embed",
            "sdr": str(self.sdr),
            "hdr": str(self.hdr),
            "out": None if self.out is None else str(self.out),
            "written": None if self.written is None else str(self.written),
            "width_px": self.width,
            "height_px": self.height,
            "sdr_bits": self.bits,
            "sdr_colour": state_json(self.sdr_state),
            "hdr_colour": state_json(self.hdr_state),
            "fidelity": fidelity_json(self.fidelity),
            "model": self.model,
            "carrier": self.carrier,
            "payload_bytes": self.payload_bytes,
            "growth_bytes": None if self.written is None else self.growth_bytes,
            "replaced": self.replaced,
            "picture_hash": self.picture_hash,
            "fit_seconds": round(self.seconds, 3),
            "details": {k: _plain(v) for k, v in self.details.items() if k != "fit_seconds"},
            "notes": list(self.notes),
        }


def _plain(value: float | int | str) -> float | int | str | None:
    """For JSON, which has no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


Measured = Callable[[EmbedResult], None]


def embed(
    request: EmbedRequest, progress: Progress = no_progress, measured: Measured = lambda result: None
) -> EmbedResult:
    """Fit, measure, write. measured: told the result, figures and all, before anything is written.

    Raises InputError for pictures or values that do not go together, ColourStateError for a colour state
    neither tagged nor given, InfrastructureError for a disk that refuses; OUT is then as it was.
    """
    _check(request)
    progress("read", 0.0)
    sdr, master = _read(request)
    check_sizes(sdr, master)
    progress("read", 0.8)
    growth = request.bytes if request.bytes is not None else _DEFAULT_BYTES
    carriage = plan_carriage(
        request.sdr, None if request.dry_run else request.out, growth, sidecar=request.sidecar
    )
    check_published(request.model, request.bytes, carriage, sdr, master)
    budget = min(growth - carriage.overhead, MAX_PAYLOAD)
    if budget < SMALLEST:
        raise InputError(
            f"--bytes {growth}: the {carriage.carrier} carrier takes {carriage.overhead} of them, and "
            f"the smallest network needs {SMALLEST}; give at least {SMALLEST + carriage.overhead}"
        )
    digest = picture_hash(sdr.still)[:16]
    progress("read", 1.0)
    began = time.monotonic()
    fitted = fit_pair(
        sdr.still.codes,
        sdr.state,
        master.nits,
        bits=sdr.still.bits,
        hdr_state=master.state,
        picture_hash=digest,
        budget=budget,
        effort=request.effort,
        seconds=request.seconds,
        target_psnr=request.target_psnr,
        seed=request.seed,
        progress=progress,
        model=request.model,
        provenance=request.provenance,
    )
    seconds = time.monotonic() - began
    result = _result(request, sdr, master, carriage, fitted, digest, seconds)
    measured(result)
    if request.dry_run or request.out is None:
        return result
    progress("write", 0.0)
    result = _write(request, request.out, carriage, fitted, result)
    progress("write", 1.0)
    return result


def _check(request: EmbedRequest) -> None:
    if request.out is None and not request.dry_run:
        raise InputError("embed needs -o OUT (or --dry-run to see the figures only)")
    if request.effort not in _EFFORTS:
        raise InputError(f"--effort {request.effort}: one of {', '.join(_EFFORTS)} is needed")
    if request.seconds is not None and not request.seconds > 0:
        raise InputError(f"--seconds {request.seconds:g}: more than 0 is needed")
    if request.target_psnr is not None and not (
        math.isfinite(request.target_psnr) and request.target_psnr > 0
    ):
        raise InputError(f"--target-psnr {request.target_psnr:g}: a number of dB above 0 is needed")
    if request.bytes is not None and request.bytes > MAX_PAYLOAD:
        raise InputError(f"--bytes {request.bytes}: a payload has at most {MAX_PAYLOAD}")
    if request.ocio:
        resolved_config(request.ocio)  # named in vain if no colour is looked up in it, but never wrongly
    if request.seed < 0:
        raise InputError(f"--seed {request.seed}: 0 or more is needed")
    if request.out is not None:
        check_keeps_format(request.sdr, request.out)
        check_writable(request.out, inputs=() if request.hdr is None else (request.hdr,))


def _read(request: EmbedRequest) -> tuple[Sdr, Master]:
    own = request.hdr is None and request.teacher is None
    said_sdr = SaidColour("sdr", request.sdr_colour, request.sdr_range, request.ocio)
    said_hdr = SaidColour("hdr", request.hdr_colour, request.hdr_range, request.ocio)
    sdr = read_sdr(request.sdr, said_sdr, own_hdr=own)
    if request.teacher is not None:
        return sdr, request.teacher(sdr)
    if request.hdr is not None:
        return sdr, read_master(request.hdr, said_hdr, sdr.still)
    said_hdr.refuse_without_picture()
    assert sdr.own_hdr is not None
    return sdr, own_master(request.sdr, sdr.own_hdr)


def _result(
    request: EmbedRequest,
    sdr: Sdr,
    master: Master,
    carriage: Carriage,
    fitted: Fitted,
    digest: bytes,
    seconds: float,
) -> EmbedResult:
    notes = [f"SDR: {n}" for n in sdr.notes] + [f"HDR: {n}" for n in master.notes] + list(carriage.notes)
    notes += _shortfalls(request, fitted)
    width, height = sdr.still.size
    return EmbedResult(
        sdr=request.sdr,
        hdr=master.path,
        out=request.out,
        written=None,
        width=width,
        height=height,
        bits=sdr.still.bits,
        sdr_state=sdr.state,
        hdr_state=master.state,
        fidelity=fitted.report,
        model=request.model,
        carrier=carriage.carrier,
        payload_bytes=len(fitted.payload),
        growth_bytes=0,
        replaced=False,
        picture_hash=digest.hex(),
        seconds=seconds,
        notes=tuple(notes),
        details=dict(fitted.details),
    )


def _shortfalls(request: EmbedRequest, fitted: Fitted) -> list[str]:
    """What a limit of time or bytes kept the fit from."""
    said = []
    if fitted.details.get("cut_short"):
        said.append(
            f"the search for the best use of the bytes took its share of --seconds {request.seconds:g} and "
            "was cut short; more time may do better"
        )
    reached = fitted.report.pu_psnr
    if request.target_psnr is not None and reached < request.target_psnr:
        said.append(f"--target-psnr {request.target_psnr:g} was not reached: {reached:.2f} dB")
    return said


def _write(
    request: EmbedRequest, out: Path, carriage: Carriage, fitted: Fitted, planned: EmbedResult
) -> EmbedResult:
    report = embed_payload(request.sdr, out, fitted.payload, carrier=carriage.forced)
    found = find_payload(out)
    limit = len(fitted.payload) + carriage.overhead if request.bytes is None else request.bytes
    if found is None or found.payload != fitted.payload or report.bytes_added > limit:
        raise InfrastructureError(
            f"{out}: was written, but what is on the disk is not what was meant ({report.bytes_added} bytes "
            f"more, {limit} allowed); check the disk and embed again"
        )
    return replace(
        planned,
        written=report.path,
        growth_bytes=report.bytes_added,
        replaced=report.replaced,
    )
