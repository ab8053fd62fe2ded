"""The reference renderings that a network's output is added to, in the order of their weights."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.upconvert.engine import ENGINES, REFERENCE_WHITE, EngineName
from candela_engines.upconvert.reference import ReferenceEngine

__all__ = ["ANCHORS", "anchored_codes", "rendered_anchors"]

F32 = npt.NDArray[np.float32]

ANCHORS: tuple[EngineName, ...] = ("placement", "bt2446c", "bt2446a")
_LEAST = 1e-3  # a weight below is not worth a rendering


@lru_cache(maxsize=1)
def rendered_anchors() -> tuple[ReferenceEngine, ...]:
    """The engines, in order."""
    return tuple(ReferenceEngine(ENGINES[name], REFERENCE_WHITE) for name in ANCHORS)


def anchored_codes(code: F32, weights: F32) -> F32:
    """PQ codes (H, W, 3) of SDR code (H, W, 3), BT.709 with BT.1886: the references, weighted (3,)."""
    total = np.zeros(code.shape, np.float32)
    for engine, weight in zip(rendered_anchors(), weights, strict=True):
        if weight >= _LEAST:
            total += np.float32(weight) * np.asarray(
                pq.inverse_eotf(engine.light(code, 32, NAMED["rec709"])), np.float32
            )
    return total
