"""The engines that a colourist would use today: the ITU's own, pixel by pixel, with nothing learnt.

All three take the SDR as the light of its reference display (BT.1886, or whatever its state says) and bring
it to BT.2020 first. The methods of BT.2446 want a display of 100 nit, so that code 1.0 counts as 100 nit
whatever peak the state names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from candela_engines.colour import gamma
from candela_engines.colour.bt2446_inverse import method_a_inverse, method_c_inverse
from candela_engines.colour.convert import place_sdr_at_reference_white
from candela_engines.colour.state import ColourState
from candela_engines.upconvert.engine import F32, Codes, EngineInfo, EngineName

__all__ = ["ReferenceEngine"]

_ROWS = 1 << 18  # pixels at a time: the formulas hold several float64 copies of what they work on
SDR_WHITE = 100.0


def _method_a(light: F32) -> F32:
    code = gamma.inverse_eotf(np.maximum(light, 0) / np.float32(SDR_WHITE), 2.4)
    return np.asarray(method_a_inverse(code), np.float32)


def _method_c(light: F32) -> F32:
    return np.asarray(method_c_inverse(light), np.float32)


def _placement(light: F32) -> F32:
    return np.asarray(np.maximum(light, 0), np.float32)


_MAPS: dict[EngineName, Callable[[F32], F32]] = {
    "bt2446a": _method_a,
    "bt2446c": _method_c,
    "placement": _placement,
}


@dataclass(frozen=True, slots=True)
class ReferenceEngine:
    """An `Engine` that is a formula. placed: nits of SDR white, of an engine that places it."""

    info: EngineInfo
    placed: float

    @property
    def white_nits(self) -> float:
        """Where SDR white goes."""
        return self.placed if self.info.places_white else self.info.white_nits

    @property
    def peak_nits(self) -> float:
        """The brightest light of codes that are no higher than SDR white."""
        return self.placed if self.info.places_white else self.info.peak_nits

    def light(self, codes: Codes, bits: int, state: ColourState) -> F32:
        """HDR light (H, W, 3) float32, linear BT.2020 in nits, 0 and above; as `Engine.light`.

        Codes above SDR white, as video has them in narrow range and codecs overshoot to, go on up: by
        placement without end, by method A and C to 1000 nit.
        """
        out = np.empty(codes.shape, np.float32)
        white = self.placed if self.info.places_white else SDR_WHITE
        rows = max(1, _ROWS // max(codes.shape[1], 1))
        for top in range(0, codes.shape[0], rows):
            strip = _over_full_scale(codes[top : top + rows], bits)
            depth = bits if bits <= 16 else None
            placed = place_sdr_at_reference_white(strip, state, white, bits=depth)
            out[top : top + rows] = _MAPS[self.info.name](np.asarray(placed, np.float32))
        return out


def _over_full_scale(codes: Codes, bits: int) -> F32:
    if np.issubdtype(codes.dtype, np.floating):
        return np.asarray(codes, np.float32)
    return np.asarray(codes.astype(np.float32) / np.float32((1 << bits) - 1))
