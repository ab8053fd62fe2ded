"""Up-convert: the HDR of an SDR still that carries none, by an engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.media import WriteReport
from candela_engines.media.sequence import is_pattern
from candela_server.service.confidence_view import check_view, view_encoding, view_light
from candela_server.service.levels import Levels
from candela_server.service.outputs import check_writable
from candela_server.service.results import Json, Progress, no_progress, state_json
from candela_server.service.still_out import HOLD_TEXT, write_still
from candela_server.service.target import mastered_as, target_of
from candela_server.service.upconversion import NO_MASTER, Upconversion, Upconverted
from candela_server.service.upconvert_input import read_graded
from candela_server.service.upconvert_request import UpconvertRequest
from candela_server.service.upconvert_shots import for_picture

__all__ = ["UpconvertResult", "upconvert"]


@dataclass(frozen=True)
class UpconvertResult:
    """What was written. encoding: None for an Ultra HDR JPEG. peak: nits that light was to stay within.

    rolled_off_from: nits of the brightest light before, where that meant a roll-off. levels: None of a
    picture of the confidence. certain: the mean of the confidence, 0..1, None where it was not made.
    """

    file: Path
    out: Path
    width: int
    height: int
    upconversion: Upconverted
    encoding: ColourState | None
    rolled_off_from: float | None
    peak: float | None
    levels: Levels | None
    certain: float | None
    report: WriteReport
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "command": "upconvert",
            "file": str(self.file),
            "out": str(self.out),
            "width_px": self.width,
            "height_px": self.height,
            **self.upconversion.to_json(),
            "sdr_colour": state_json(self.upconversion.state),
            "encoding": None if self.encoding is None else state_json(self.encoding),
            "format": self.report.format,
            "bits": self.report.bits,
            "out_bytes": self.report.bytes,
            "peak_nits": self.peak,
            "rolled_off_from_nits": _rounded(self.rolled_off_from),
            "max_cll_nits": None if self.levels is None else _rounded(self.levels.max_cll),
            "max_fall_nits": None if self.levels is None else _rounded(self.levels.max_fall),
            "mean_confidence": _rounded(self.certain),
            "clipped_low_samples": self.report.clipped_low,
            "clipped_high_samples": self.report.clipped_high,
            "notes": list(self.notes),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def upconvert(request: UpconvertRequest, progress: Progress = no_progress) -> UpconvertResult:
    """Make and write the HDR picture.

    Raises InputError for what is no graded SDR, for an engine that cannot and for an output that cannot be,
    ColourStateError for a state neither tagged nor given, InfrastructureError for a disk that refuses. The
    output appears whole or not at all.
    """
    engine, highlights = request.opened_engine(), request.opened_highlights()
    target = target_of(
        request.out, encoding=view_encoding(request.out, request.view, request.encoding), peak=request.peak,
        bits=request.bits, quality=request.quality, ocio=request.ocio,
    )  # fmt: skip
    check_view(target.suffix, request.view, plane=request.confidence)
    if is_pattern(request.out):
        raise InputError(f"{request.out}: is a name for numbered files, and {request.file} is one picture")
    check_writable(request.out, inputs=(request.file,))
    progress("read", 0.0)
    still, state, said = read_graded(request)
    by = for_picture(Upconversion(engine, state, highlights=highlights), still)
    target = mastered_as(target, by.hdr_state)
    notes = [*said, NO_MASTER]
    progress("read", 1.0)
    progress("render", 0.0)
    nits = by.light(still.pixels, still.bits)
    progress("render", 1.0)
    plane = None
    if request.confidence or request.view == "confidence":
        plane = by.confidence(still.codes, still.bits, nits)
        if request.view == "confidence":
            nits = view_light(plane, still.codes, still.bits, target.encoding)
            notes.append("false colour of the confidence, in place of the HDR")
    written = write_still(request, nits, still, target, plane, by.text(), progress)
    notes += written.notes
    if target.suffix not in HOLD_TEXT:
        notes.append(f"{target.suffix} has no place for a mark that the picture was up-converted")
    width, height = still.size
    return UpconvertResult(
        request.file, request.out, width, height, by.said(), target.encoding, written.rolled, target.peak,
        written.levels, None if plane is None else float(plane.mean()), written.report, tuple(notes),
    )  # fmt: skip
