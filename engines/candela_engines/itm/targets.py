"""What a network is fitted to: outputs that give the master's light over the SDR, and the plane they make.

On the native library where it is built and knows the SDR's colour; otherwise by `domain` and `guide`. The
two agree to single precision.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour.state import ColourState
from candela_engines.itm.domain import Domain, base_of, target_and_weight
from candela_engines.itm.field import is_plain
from candela_engines.itm.whole_frame import curve_of
from candela_engines.native import native

__all__ = ["plane_of_targets", "targets_of"]

F32 = npt.NDArray[np.float32]

def targets_of(signal: F32, nits: F32, state: ColourState, domain: Domain, bits: int) -> tuple[F32, F32]:
    """Outputs (n, 3) that give `nits` (n, 3) over codes (n, 3), and what their errors weigh."""
    library, curve = native(), curve_of(state, bits)
    if library is not None and curve is not None:
        signal, nits = np.ascontiguousarray(signal, np.float32), np.ascontiguousarray(nits, np.float32)
        found: tuple[F32, F32] = library.targets_of(signal, nits, domain, curve.numbers())
        return found
    target, weight = target_and_weight(base_of(signal, state, domain, bits), nits, domain)
    return target.astype(np.float32), weight.astype(np.float32)


def plane_of_targets(
    codes: npt.NDArray[np.generic],
    nits: F32,
    state: ColourState,
    domain: Domain,
    *,
    bits: int,
    strength: int,
    cell: int,
    channels: int,
    rows: int = 0,
) -> tuple[F32, F32] | None:
    """The plane (h, w, channels) of the targets' means over squares of `cell`, and its weight.

    codes, nits: (H, W, 3). strength: of the dequantiser. rows: how many of a square's rows are looked at,
    those in its middle; 0 for all. None where the native library cannot.
    """
    library, curve = native(), curve_of(state, bits)
    if library is None or curve is None or not is_plain(codes, bits):
        return None
    found: tuple[F32, F32] = library.plane_of_targets(
        codes,
        min(bits, 16),
        np.ascontiguousarray(nits, np.float32),
        strength,
        1.0 / ((1 << bits) - 1),
        domain,
        curve.numbers(),
        cell,
        channels,
        rows,
    )
    return found
