"""Overlays as files: false colour by nits, fault masks, and a heat map of what no curve explains."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from candela_engines.errors import InfrastructureError
from candela_engines.media.atomic import write_atomic
from candela_engines.media.codecs import imagecodecs_module
from candela_engines.scorer.overlay import error_heat, fault_masks, nits_false_colour
from candela_engines.scorer.verdict import FrameVerdict
from candela_server.service.score_sides import Frame

__all__ = ["overlay_stem", "write_overlays", "write_png"]


def overlay_stem(grade: Path) -> str:
    """What the names of a grade's overlays begin with."""
    return Path(grade.name.replace("#", "").replace("%", "").strip(".") or "grade").stem


def write_overlays(
    folder: Path, grade: Path, frame: Frame, verdict: FrameVerdict, *, several: bool
) -> list[Path]:
    """PNG files NAME[.FRAME].nits, .faults and, with a reference, .delta: their paths.

    The heat map is the ΔE_ITP of the grade to its SDR reference placed at 203 nit: where HDR differs from
    SDR, as it is meant to in highlights. Raises InfrastructureError where the folder cannot be written.
    """
    stem = f"{overlay_stem(grade)}.{frame.number}" if several else overlay_stem(grade)
    faults = [
        (r.kind, r.mask) for r in verdict.reasons if r.mask is not None and r.reason_class != "abstained"
    ]
    pictures = {
        "nits": nits_false_colour(frame.own),
        "faults": fault_masks(frame.nits, faults),
    }
    if frame.placed is not None:
        pictures["delta"] = error_heat(frame.nits, frame.placed)
    return [write_png(folder / f"{stem}.{kind}.png", picture) for kind, picture in pictures.items()]


def write_png(path: Path, picture: np.ndarray) -> Path:
    """(H, W, 3) uint8 sRGB as PNG. Raises InfrastructureError where it cannot be written."""
    data = bytes(imagecodecs_module().png_encode(np.ascontiguousarray(picture), level=6))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data)
    except OSError as error:
        raise InfrastructureError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path
