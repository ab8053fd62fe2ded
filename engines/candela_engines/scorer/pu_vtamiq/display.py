"""What leaves a screen in a lit room: the display model of arXiv 2405.00670, eq. 1 and 2.

    L = (L_max − L_black)·E + L_black + k·E_amb/π

E is the light asked for, 0..1 of the display's peak; k·E_amb/π is what the screen reflects of the room.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pu21

__all__ = ["HDR_DISPLAY", "PLANES", "SDR_DISPLAY", "Display", "planes_of"]

F32 = npt.NDArray[np.float32]

PLANES = 4
_WEIGHTS = np.array([0.2627, 0.6780, 0.0593], np.float32)  # BT.2020 luminance
_LOG_RANGE = (math.log10(pu21.MIN_NITS), math.log10(pu21.MAX_NITS))
_LARGEST = float(pu21.encode(np.float64(pu21.MAX_NITS)))


@dataclass(frozen=True, slots=True)
class Display:
    """peak, black: nit, in the dark. ambient: lux on the screen. reflectivity: k, share of it that comes
    back."""

    peak: float
    black: float
    ambient: float = 10.0
    reflectivity: float = 0.005

    def shows(self, nits: F32) -> F32:
        """Light that leaves the screen where `nits` are asked for, BT.2020, any shape; NaN is black."""
        asked = np.clip(np.nan_to_num(nits, nan=0.0), 0.0, self.peak) / np.float32(self.peak)
        reflected = self.reflectivity * self.ambient / math.pi
        light = np.float32(self.peak - self.black) * asked + np.float32(self.black + reflected)
        return np.asarray(light, np.float32)


HDR_DISPLAY = Display(peak=1500.0, black=0.0015)
"""A monitor of 1500 nit in 10 lux, which the labels are of."""
SDR_DISPLAY = Display(peak=100.0, black=0.1)


def planes_of(light: F32) -> F32:
    """What the network sees of light (…, 3) from a screen: (…, 4) float32, about −1..1.

    PU21 of R, G and B, its value at 10,000 nit as 1 and at 0.005 as −1, and log luminance by the same ends.
    """
    coded = pu21.encode(light) / np.float32(_LARGEST)
    luminance = np.maximum(light @ _WEIGHTS, np.float32(pu21.MIN_NITS))
    low, high = _LOG_RANGE
    logged = (np.log10(luminance) - np.float32(low)) / np.float32(high - low)
    both = np.concatenate([coded, logged[..., None]], axis=-1)
    return np.asarray((both - np.float32(0.5)) * np.float32(2.0), np.float32)
