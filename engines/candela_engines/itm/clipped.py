"""Where the SDR is clipped: what the master nearly always reaches there, and how far the network errs.

The two numbers go into the payload, for `itm.confidence`: light up to the first is certain wherever the SDR
is clipped; what lies above it is the network's, and the second says how good it was at that.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.state import ColourState
from candela_engines.itm.domain import weight_of

__all__ = ["SCALE", "clipped_from", "clipped_light"]

F32 = npt.NDArray[np.float32]

ROUNDING = 1.5 / 255  # what 8 bits and a codec may take from a clipped code
SCALE = 4096  # PQ codes are stored over this
CERTAIN = 2.0  # percent of the clipped pixels that may lie below what is called certain
FEWEST = 64


def clipped_from(state: ColourState, bits: int) -> float:
    """The code over full scale from which on an SDR sample counts as clipped.

    In narrow range that is nominal white: what lies above it is headroom that a grade may use or not, and
    the light that the payload calls certain says which it was.
    """
    end = 1.0
    if state.range == "narrow" and 8 <= bits <= 16:
        end = (235 << (bits - 8)) / ((1 << bits) - 1)
    return end - ROUNDING


def clipped_light(
    codes: F32, state: ColourState, bits: int, nits: F32, left: F32
) -> tuple[int, int] | None:
    """(light, error), PQ codes over 4096, where a component of the SDR is clipped; None where that is rare.

    codes (n, 3), over full scale, of `bits` bits in a state; nits (n, 3) of the master at the same pixels.
    light: of the same component of the master, what all but 2 % of these reach. left: the weighted error
    (n, 3) that a fit leaves; error: its root mean square there, as PQ codes.
    """
    which = codes >= clipped_from(state, bits)
    if int(which.sum()) < FEWEST:
        return None
    light = pq.inverse_eotf(np.percentile(nits[which], CERTAIN))
    # The weight of an error of PQ codes tells how many of them a weighted error is.
    error = left[which] / weight_of(nits[which], "pq")
    root = float(np.sqrt(np.mean(np.square(error), dtype=np.float64)))
    return round(float(light) * SCALE), min(round(root * SCALE), SCALE)
