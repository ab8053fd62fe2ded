"""Where the SDR is clipped: what the master nearly always reaches there, and how far the network errs.

The two numbers go into the payload, for `itm.confidence`: light up to the first is certain wherever the SDR
is clipped; what lies above it is the network's, and the second says how good it was at that.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.itm.default_model import CEILING
from candela_engines.itm.domain import weight_of
from candela_engines.itm.shot_pool import ShotPool

__all__ = ["CLIPPED", "clipped_light", "is_clipped"]

F32 = npt.NDArray[np.float32]

CLIPPED = 1 - 1.5 / 255  # of full scale: with the rounding of 8 bits and of a codec
CERTAIN = 2.0  # percent of the clipped pixels that may lie below what is called certain
FEWEST = 64


def is_clipped(codes: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Which pixels (…) of codes (…, 3) over full scale have a channel at its end."""
    return np.asarray(codes.max(-1) >= CLIPPED)


def clipped_light(pool: ShotPool, left: F32) -> tuple[int, int] | None:
    """(light, error), PQ codes over 4096, of a pool's clipped pixels; None where they are too few to tell.

    light: of the largest component, what all but 2 % of them reach. left: the weighted error (n, 3) of the
    pool's samples; error: its root mean square there, as PQ codes.
    """
    which = is_clipped(pool.codes)
    if int(which.sum()) < FEWEST:
        return None
    nits = pool.nits[which]
    light = pq.inverse_eotf(np.percentile(nits.max(1), CERTAIN))
    # The weight of an error of PQ codes tells how many of them a weighted error is.
    weight = weight_of(nits, "pq")
    error = float(np.sqrt(np.mean(np.square(left[which] / weight), dtype=np.float64)))
    return round(float(light) * CEILING), min(round(error * CEILING), CEILING)
