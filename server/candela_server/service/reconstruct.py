"""Reconstruct: the HDR picture out of the one SDR file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from candela_engines import __version__
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm.decode import Decoded
from candela_engines.itm.payload import Payload
from candela_engines.media import Still, WriteReport, read_still, state_label
from candela_engines.media.sequence import is_pattern, sequence_of
from candela_server.service.binding import Match, demand_match, load_payload, mismatch_text
from candela_server.service.confidence_view import View, check_view, confidence_of, view_encoding, view_light
from candela_server.service.configs import know_configs
from candela_server.service.levels import F32, Levels
from candela_server.service.outputs import check_writable
from candela_server.service.rendering import rendering_notes, strips_of
from candela_server.service.results import DISTILLED, Json, Progress, fidelity_json, no_progress, state_json
from candela_server.service.still_out import HOLD_TEXT, write_still
from candela_server.service.target import mastered_as, target_of

__all__ = ["ReconstructRequest", "ReconstructResult", "reconstruct"]


@dataclass(frozen=True)
class ReconstructRequest:
    """What to write.

    encoding: `pq`, `hlg`, `linear` or any colour name; None is linear nits for .exr, PQ for the rest. peak:
    nits to roll the light off to, where it is above; a PQ encoding that names its peak does the same. bits:
    of a sample, else the format's own. quality: 1 to 100, of AVIF and JPEG. force: render a picture that was
    altered since, if its size is still the same. confidence: its plane as a channel of .exr. view:
    `confidence` writes a picture of it in place of the HDR.
    """

    file: Path
    out: Path
    encoding: str | None = None
    peak: float | None = None
    bits: int | None = None
    quality: int | None = None
    force: bool = False
    ocio: str | None = None
    confidence: bool = False
    view: View = "hdr"


@dataclass(frozen=True)
class ReconstructResult:
    """What was written. promised: the figures of embedding, which hold unless `forced` or rolled off.

    encoding: None for an Ultra HDR JPEG. peak: nits that light was to stay within, by --peak or by the
    encoding's name. rolled_off_from: nits of the brightest light before, where that meant a roll-off.
    levels: None of a picture of the confidence, whose light says nothing about a display.
    clipped_low, clipped_high, nonfinite: samples that the encoding could not hold.
    """

    file: Path
    out: Path
    payload: Payload
    encoding: ColourState | None
    forced: bool
    rolled_off_from: float | None
    peak: float | None
    levels: Levels | None
    report: WriteReport
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "reconstruct",
            "file": str(self.file),
            "out": str(self.out),
            "width_px": self.payload.width,
            "height_px": self.payload.height,
            "model": self.payload.model,
            "encoding": None if self.encoding is None else state_json(self.encoding),
            "format": self.report.format,
            "bits": self.report.bits,
            "out_bytes": self.report.bytes,
            "forced": self.forced,
            "provenance": self.payload.provenance,
            "promised": fidelity_json(self.payload.fidelity),
            "peak_nits": self.peak,
            "rolled_off_from_nits": _rounded(self.rolled_off_from),
            "max_cll_nits": None if self.levels is None else _rounded(self.levels.max_cll),
            "max_fall_nits": None if self.levels is None else _rounded(self.levels.max_fall),
            "clipped_low_samples": self.report.clipped_low,
            "clipped_high_samples": self.report.clipped_high,
            "nonfinite_samples": self.report.nonfinite,
            "notes": list(self.notes),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def reconstruct(request: ReconstructRequest, progress: Progress = no_progress) -> ReconstructResult:
    """Render and write the HDR picture.

    Raises NoPayloadError, PictureMismatchError, PayloadError, InputError for an output that cannot be,
    InfrastructureError for a disk that refuses. The output appears whole or not at all.
    """
    encoding_name = view_encoding(request.out, request.view, request.encoding)
    target = target_of(
        request.out, encoding=encoding_name, peak=request.peak, bits=request.bits,
        quality=request.quality, ocio=request.ocio,
    )  # fmt: skip
    check_view(target.suffix, request.view, plane=request.confidence)
    _check_single(request)
    check_writable(request.out, inputs=(request.file,))
    progress("read", 0.0)
    _, decoded = load_payload(request.file)
    payload = decoded.payload
    target = mastered_as(target, payload.hdr)
    suffix, encoding = target.suffix, target.encoding
    know_configs(payload.sdr, request.ocio)
    still = read_still(request.file, colour=payload.sdr)
    match = demand_match(request.file, payload, still, force=request.force)
    progress("read", 1.0)
    notes = [n for n in still.notes if n.startswith(("orientation", "EXIF orientation"))]
    if match.kind == "altered":
        notes.append(f"rendered by --force although {mismatch_text(payload, match)}")

    if payload.provenance == "distilled":
        notes.append(DISTILLED)

    nits = _render(decoded, still, progress)
    notes += rendering_notes()
    plane = None
    if request.confidence or request.view == "confidence":
        plane = confidence_of(still.codes, payload.bits, nits, payload)
        if request.view == "confidence":
            nits = view_light(plane, still.codes, payload.bits, encoding)
            notes.append("false colour of the confidence, in place of the HDR")
    written = write_still(request, nits, still, target, plane, _metadata(payload, match), progress)
    notes += written.notes
    if match.kind == "altered" and suffix not in HOLD_TEXT:
        notes.append(f"{suffix} has no place for a mark that the picture was forced")
    return ReconstructResult(
        request.file, request.out, payload, encoding, match.kind != "same", written.rolled, target.peak,
        written.levels, written.report, tuple(notes),
    )  # fmt: skip


def _check_single(request: ReconstructRequest) -> None:
    """A pattern stands for many files, and this is one picture."""
    if is_pattern(request.out):
        clip = sequence_of(request.file)
        advice = f"; for the whole sequence give {clip.name} in place of {request.file.name}" if clip else ""
        raise InputError(
            f"{request.out}: is a name for numbered files, and {request.file} is one picture{advice}"
        )


def _render(decoded: Decoded, still: Still, progress: Progress) -> F32:
    height, width = still.pixels.shape[:2]
    nits = np.empty((height, width, 3), np.float32)
    progress("render", 0.0)
    for top, strip in strips_of(decoded, still.pixels):
        nits[top : top + len(strip)] = strip
        progress("render", (top + len(strip)) / height)
    return nits


def _metadata(payload: Payload, match: Match) -> dict[str, str]:
    f = payload.fidelity
    text = {
        "candela_version": __version__,
        "candela_model": payload.model,
        "candela_picture": payload.picture_hash.hex(),
        "candela_sdr_colour": state_label(payload.sdr),
        "candela_pu_psnr_db": f"{f.pu_psnr:.2f}",
        "candela_delta_e_itp_mean": f"{f.delta_e_mean:.2f}",
        "candela_provenance": payload.provenance,
    }
    if payload.sdr.ocio_config is not None:
        text["candela_sdr_ocio_config"] = payload.sdr.ocio_config
    if match.kind != "same":
        text["candela_forced"] = f"the picture was {mismatch_text(payload, match)}"
    return text
