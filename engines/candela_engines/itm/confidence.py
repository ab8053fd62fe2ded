"""How much of the HDR light the SDR sample determines, and how much the network put where the SDR clipped.

A component of the SDR below its end stands for one light, to within its rounding. At the end it stands for
any light from some point on. The payload says from where (what the master nearly always reaches where the SDR
is clipped); of light L that is rendered there, min(1, that / L) is certain, and the rest was invented: fitted
to the master where there was one, but not to be read off the SDR. The confidence of a pixel is the certain
share of its luminance: a blue sky whose blue alone is clipped is nearly certain, a white lamp is not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm.clipped import SCALE, clipped_from
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.payload import Payload

__all__ = ["STOPS", "certain_nits", "certain_share", "confidence", "false_colour"]

F32 = npt.NDArray[np.float32]

LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)  # of linear BT.2020 R, G, B: BT.2020 table 4
SOFT = 2.0 / 255  # below the end a sample counts as partly clipped: no edge where there is none
REFERENCE_WHITE = 203.0

STOPS: tuple[tuple[float, tuple[int, int, int]], ...] = (
    (0.9, (255, 214, 64)),
    (0.5, (255, 128, 32)),
    (0.25, (232, 48, 96)),
    (0.0, (200, 32, 220)),
)
"""Colours of the view, from this confidence up to the next one above; what is certain keeps its grey."""


def certain_nits(payload: Payload) -> float:
    """The light in nits up to which a clipped sample is certain: the payload's, or reference white (203)."""
    if payload.clipped is None:
        return REFERENCE_WHITE
    return float(pq.eotf(np.float64(payload.clipped[0] / SCALE)))


def confidence(
    codes: npt.NDArray[np.generic], bits: int, nits: npt.NDArray[np.floating], payload: Payload
) -> F32:
    """The share of the luminance that the SDR determines, (H, W) float32, 0..1.

    codes: (H, W, 3), integers of `bits` bits, or floats over full scale. nits: (H, W, 3), what was rendered
    of them. Raises InputError where the two are not of one size.
    """
    return certain_share(codes, bits, nits, payload.sdr, certain_nits(payload))


def certain_share(
    codes: npt.NDArray[np.generic],
    bits: int,
    nits: npt.NDArray[np.floating],
    sdr: ColourState,
    certain: float,
) -> F32:
    """As `confidence`, where no payload says so.

    sdr: the state of the codes. certain: nits up to which a clipped sample is certain.
    """
    if codes.shape != nits.shape:
        raise InputError(f"confidence: codes are {codes.shape}, light {nits.shape}; one size is needed")
    # What is above full scale, as overshoots of a codec are, is clipped all the same.
    soft_from = np.float32(clipped_from(sdr, bits) - SOFT)
    clipped = np.clip((over_full_scale(codes, bits) - soft_from) / np.float32(SOFT), 0, 1)
    light = np.maximum(nits, 1e-6).astype(np.float32) * LUMINANCE
    at_least = np.minimum(np.float32(certain) * LUMINANCE, light)
    determined = (light + clipped * (at_least - light)).sum(-1)
    return np.asarray(np.clip(determined / light.sum(-1), 0, 1), np.float32)


def false_colour(share: F32, codes: npt.NDArray[np.generic], bits: int) -> npt.NDArray[np.uint8]:
    """The view of a confidence plane (H, W): (H, W, 3) uint8 sRGB, invented light coloured, the rest grey.

    codes: the SDR picture (H, W, 3), whose brightness stays visible.
    """
    grey = np.clip(over_full_scale(codes, bits).mean(-1), 0, 1) * 160
    out = np.repeat(grey[..., None], 3, axis=2)
    above = 0.9
    for low, colour in STOPS[1:]:
        here = (share < above) & (share >= low)
        out[here] = colour
        above = low
    part = (share < 0.999) & (share >= 0.9)
    out[part] = 0.5 * out[part] + 0.5 * np.array(STOPS[0][1])
    return np.asarray(np.rint(out), np.uint8)
