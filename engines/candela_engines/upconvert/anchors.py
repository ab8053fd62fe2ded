"""The reference renderings that a network's output is added to, in the order of their weights."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.upconvert.engine import ENGINES, REFERENCE_WHITE, EngineName
from candela_engines.upconvert.reference import ReferenceEngine

__all__ = ["ANCHORS", "COLOURED", "anchored_codes", "greys_kept", "rendered_anchors"]

F32 = npt.NDArray[np.float32]

ANCHORS: tuple[EngineName, ...] = ("placement", "bt2446c", "bt2446a")
COLOURED = 0.06
"""Largest less smallest of R', G', B' of SDR, 0..1, from which on a network may change hue as it likes."""
_LEAST = 1e-3  # a weight below is not worth a rendering


@lru_cache(maxsize=1)
def rendered_anchors() -> tuple[ReferenceEngine, ...]:
    """The engines, in order."""
    return tuple(ReferenceEngine(ENGINES[name], REFERENCE_WHITE) for name in ANCHORS)


def greys_kept(added: F32, code: F32) -> F32:
    """What a network adds (H, W, 3) to the references' PQ code, the same in R, G and B where SDR is grey.

    code: (H, W, 3) SDR code, 0..1. No operator makes greys of colours or colours of greys, and a logo that is
    white is to stay white; networks learn from sunsets that white is warm. In between it goes linearly.
    """
    mean = added.mean(axis=-1, keepdims=True)
    share = np.clip((code.max(-1, keepdims=True) - code.min(-1, keepdims=True)) / np.float32(COLOURED), 0, 1)
    return np.asarray(mean + (added - mean) * share, np.float32)


def anchored_codes(code: F32, weights: F32) -> F32:
    """PQ codes (H, W, 3) of SDR code (H, W, 3), BT.709 with BT.1886: the references, weighted (3,)."""
    total = np.zeros(code.shape, np.float32)
    for engine, weight in zip(rendered_anchors(), weights, strict=True):
        if weight >= _LEAST:
            total += np.float32(weight) * np.asarray(
                pq.inverse_eotf(engine.light(code, 32, NAMED["rec709"])), np.float32
            )
    return total
