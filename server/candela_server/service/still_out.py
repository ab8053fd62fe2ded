"""A rendered still on its way into a file: alpha, roll-off, levels, tags; written whole or not at all."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from candela_engines.colour.names import NAMED
from candela_engines.itm.carriers import find_payload, strip_payload
from candela_engines.media import Still, WriteReport, write_hdr
from candela_server.service.alpha import divide, is_opaque, multiply
from candela_server.service.confidence_view import View
from candela_server.service.levels import F32, Levels, measure_levels, roll_off
from candela_server.service.results import Progress
from candela_server.service.still_planes import write_with_confidence
from candela_server.service.target import Target

__all__ = ["HOLD_TEXT", "StillOut", "Written", "write_still"]

HOLD_TEXT = (".exr", ".png", ".tif", ".tiff")
_STRAIGHT = (".png", ".tif", ".tiff", ".avif")


class StillOut(Protocol):
    """What a request says of its output."""

    @property
    def file(self) -> Path:
        """The SDR picture."""
        ...

    @property
    def out(self) -> Path:
        """What to write."""
        ...

    @property
    def bits(self) -> int | None:
        """Of a sample."""
        ...

    @property
    def quality(self) -> int | None:
        """Of AVIF and JPEG."""
        ...

    @property
    def confidence(self) -> bool:
        """Whether its plane becomes a channel."""
        ...

    @property
    def view(self) -> View:
        """What the picture shows."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """rolled: nits of the brightest light before a roll-off, None without one. levels: None of a picture of
    the confidence.
    """

    report: WriteReport
    rolled: float | None
    levels: Levels | None
    notes: tuple[str, ...]


def write_still(
    request: StillOut,
    nits: F32,
    still: Still,
    target: Target,
    plane: F32 | None,
    text: dict[str, str],
    progress: Progress,
) -> Written:
    """Write light. nits: (H, W, 3), linear BT.2020; changed in place. still: the SDR picture that it is of.

    plane: the confidence (H, W), where its channel is asked for. text: what the file says of itself, where
    it has room. Raises InfrastructureError for a disk that refuses.
    """
    suffix, encoding, notes = target.suffix, target.encoding, list[str]()
    alpha, associated = still.alpha, still.associated
    covering = alpha is not None and not is_opaque(alpha)  # else alpha makes no difference
    if alpha is not None and covering and associated and suffix in _STRAIGHT:
        divide(nits, alpha)
        notes.append(f"light was divided by alpha: colours are straight in {suffix}")
    rolled = None if target.peak is None else roll_off(nits, target.peak, target.primaries)
    if alpha is not None and covering and suffix == ".exr" and not associated:
        multiply(nits, alpha)
        notes.append("colours are multiplied by alpha, as OpenEXR has them")
    levels = None
    if request.view == "hdr":
        levels = measure_levels(nits, encoding or NAMED["linear-rec2020"], codes=target.codes)
        notes += target.notes(rolled, levels)
    else:
        target = replace(target, mastering=None)
    progress("write", 0.0)
    if request.confidence and plane is not None and levels is not None:
        report = write_with_confidence(request.out, nits, plane, alpha, target, request.bits, levels, text)
    else:
        report = _write(request, nits, target, still if encoding is None else None, alpha, levels, text)
    progress("write", 1.0)
    notes += [*target.clip_notes(report.clipped_high), *report.notes]
    return Written(report, rolled, levels, tuple(notes))


def _write(
    request: StillOut,
    nits: F32,
    target: Target,
    base: Still | None,
    alpha: F32 | None,
    levels: Levels | None,
    text: dict[str, str],
) -> WriteReport:
    # An Ultra HDR JPEG gets the SDR picture as it was before embedding for its base: two HDRs in one file,
    # one of them only for those who know, would be one too many.
    with tempfile.TemporaryDirectory(prefix="candela-") as folder:
        if base is not None and base.format == "jpeg":
            found = find_payload(request.file)
            if found is not None and found.carrier == "jpeg":
                base = replace(base, path=Path(folder) / "base.jpg")
                strip_payload(request.file, base.path)
        return write_hdr(
            request.out,
            nits,
            encoding=target.encoding or NAMED["rec2100-pq"],
            bits=request.bits,
            alpha=alpha,
            sdr=base,
            quality=request.quality,
            extra_metadata=text if target.suffix in HOLD_TEXT else None,
            max_cll=None if levels is None else levels.max_cll,
            max_fall=None if levels is None else levels.max_fall,
            mastering_peak=target.mastering,
        )
