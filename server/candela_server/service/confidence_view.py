"""The confidence as a channel of .exr, and as a false-colour picture in place of the HDR."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm.confidence import confidence, false_colour
from candela_engines.itm.domain import REFERENCE_WHITE
from candela_engines.itm.payload import Payload
from candela_server.service.clip_render import placed_sdr
from candela_server.service.levels import F32

__all__ = ["View", "check_view", "confidence_of", "view_encoding", "view_light"]

View = Literal["hdr", "confidence"]
_SDR_FILES = (".png", ".tif", ".tiff")


def check_view(suffix: str, view: View, *, plane: bool) -> None:
    """Raise InputError for a channel that the format has not, or that stands beside its own picture."""
    if plane and view == "confidence":
        raise InputError(
            "--confidence: --view confidence writes the same as a picture; leave one of them out"
        )
    if plane and suffix != ".exr":
        raise InputError(
            f"--confidence: is a channel of .exr, and {suffix} has no place for it; --view confidence writes "
            "it as a picture"
        )
    if view == "confidence" and suffix in (".jpg", ".jpeg"):
        raise InputError(f"--view confidence: {suffix} would be an Ultra HDR JPEG; write .png")


def view_encoding(out: Path, view: View, encoding: str | None) -> str | None:
    """What --encoding means where it was left out: false colour is an SDR picture, sRGB where that can be."""
    if view == "confidence" and encoding is None and out.suffix.lower() in _SDR_FILES:
        return "srgb"
    return encoding


def confidence_of(codes: npt.NDArray[np.generic], bits: int, nits: F32, payload: Payload | None) -> F32:
    """(H, W) float32 in 0..1; 1 where SDR was put in the place of HDR. nits: as rendered."""
    if payload is None:
        return np.ones(nits.shape[:2], np.float32)
    return confidence(codes, bits, nits, payload)


def view_light(plane: F32, codes: npt.NDArray[np.generic], bits: int, encoding: ColourState | None) -> F32:
    """The false colours as light (H, W, 3), nits; white is 203 nit in HDR, in SDR the encoding's own."""
    light = placed_sdr(false_colour(plane, codes, bits), 8, NAMED["srgb"])
    if encoding is None or encoding.is_hdr or encoding.transfer == "linear":
        return light
    return np.asarray(light * np.float32(encoding.peak_nits / REFERENCE_WHITE), np.float32)
