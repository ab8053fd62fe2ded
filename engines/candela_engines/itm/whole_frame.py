"""Which SDR states the native library makes light of by itself, and how."""

from __future__ import annotations

import numpy as np

from candela_engines.colour.gamuts import rgb_to_rgb
from candela_engines.colour.signal_range import full_scale_to_signal
from candela_engines.colour.state import ColourState
from candela_engines.runtime.frame import Curve

__all__ = ["curve_of"]

_EXPONENTS = {"bt1886": 2.4, "gamma22": 2.2, "gamma24": 2.4, "gamma26": 2.6, "srgb": 2.4}


def curve_of(state: ColourState, bits: int) -> Curve | None:
    """The curve of an SDR state; None for states that go through OCIO, and for those that are not SDR.

    bits: of the codes, which narrow range needs; without it (over 16: floats) such a state gives None.
    """
    if state.ocio_space is not None or state.is_hdr or state.transfer not in _EXPONENTS:
        return None
    scale, offset = 1.0, 0.0
    if state.range == "narrow":
        if not 8 <= bits <= 16:
            return None
        ends = full_scale_to_signal(np.array([0.0, 1.0]), bits=bits, signal_range="narrow")
        scale, offset = float(ends[1] - ends[0]), float(ends[0])
    kind = "srgb" if state.transfer == "srgb" else "power"
    matrix = np.asarray(rgb_to_rgb(state.primaries, "bt2020"), np.float64)
    return Curve(kind, _EXPONENTS[state.transfer], scale, offset, matrix)  # type: ignore[arg-type]
