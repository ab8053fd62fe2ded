"""What a network is fitted to: outputs that give the master's light over the SDR, and the plane they make.

On the native library where it is built and knows the SDR's colour; otherwise by `domain` and `guide`. The
two agree to single precision.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour.gamuts import rgb_to_rgb
from candela_engines.colour.signal_range import full_scale_to_signal
from candela_engines.colour.state import ColourState
from candela_engines.itm.domain import Domain, base_of, target_and_weight
from candela_engines.runtime.native import native

__all__ = ["plane_of_targets", "targets_of"]

F32 = npt.NDArray[np.float32]
_Colour = tuple[str, float, float, float, list[float]]

_EXPONENTS = {"bt1886": 2.4, "gamma22": 2.2, "gamma24": 2.4, "gamma26": 2.6, "srgb": 2.4}


def targets_of(signal: F32, nits: F32, state: ColourState, domain: Domain, bits: int) -> tuple[F32, F32]:
    """Outputs (n, 3) that give `nits` (n, 3) over codes (n, 3), and what their errors weigh."""
    library, colour = native(), _colour_of(state, bits)
    if library is not None and colour is not None:
        signal, nits = np.ascontiguousarray(signal, np.float32), np.ascontiguousarray(nits, np.float32)
        found: tuple[F32, F32] = library.targets_of(signal, nits, domain, colour)
        return found
    target, weight = target_and_weight(base_of(signal, state, domain, bits), nits, domain)
    return target.astype(np.float32), weight.astype(np.float32)


def plane_of_targets(
    signal: F32,
    nits: F32,
    state: ColourState,
    domain: Domain,
    *,
    bits: int,
    strength: int,
    cell: int,
    channels: int,
) -> tuple[F32, F32] | None:
    """The plane (h, w, channels) of the targets' means over squares of `cell`, and its weight.

    signal, nits: (H, W, 3). strength: of the dequantiser. None where the native library cannot.
    """
    library, colour = native(), _colour_of(state, bits)
    if library is None or colour is None:
        return None
    signal, nits = np.ascontiguousarray(signal, np.float32), np.ascontiguousarray(nits, np.float32)
    code = 1.0 / ((1 << bits) - 1)
    found: tuple[F32, F32] = library.plane_of_targets(
        signal, nits, strength, code, domain, colour, cell, channels
    )
    return found


def _colour_of(state: ColourState, bits: int) -> _Colour | None:
    """An SDR state as the library takes it; None for one that it does not know, such as an OCIO space."""
    if state.ocio_space is not None or state.is_hdr or state.transfer not in _EXPONENTS:
        return None
    scale, offset = 1.0, 0.0
    if state.range == "narrow":
        if not 8 <= bits <= 16:
            return None
        black, white = full_scale_to_signal(np.array([0.0, 1.0]), bits=bits, signal_range="narrow")
        scale, offset = float(white - black), float(black)
    matrix = [float(v) for v in np.asarray(rgb_to_rgb(state.primaries, "bt2020"), np.float64).ravel()]
    return "srgb" if state.transfer == "srgb" else "power", _EXPONENTS[state.transfer], scale, offset, matrix
