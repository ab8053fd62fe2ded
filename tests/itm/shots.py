"""Small shots with known grades: content that moves, and SDR made of HDR by rules that are known exactly."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator

import numpy as np

from candela_engines.colour import gamma
from candela_engines.itm.shot_pairs import PairFrame

HEIGHT, WIDTH, FRAMES = 96, 128, 20


def light_of(number: int) -> np.ndarray:
    """HDR light (H, W, 3) in nits: stripes and a lamp that move, 0.1 to 900 nit."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    waves = 0.5 + 0.5 * np.sin((x + 2.5 * number) / 9.0) * np.cos((y - number) / 13.0)
    lamp = np.exp(-(((x - 30 - 3 * number) ** 2 + (y - 40) ** 2) / 120))
    base = 0.1 + 120 * waves**2 + 800 * lamp
    tint = np.stack([np.ones_like(x), 0.7 + 0.3 * y / HEIGHT, 0.5 + 0.5 * x / WIDTH], -1)
    return base[..., None] * tint


def tone(nits: np.ndarray, gain: float | np.ndarray = 1.0) -> np.ndarray:
    """SDR codes (H, W, 3) uint8 by a curve with a shoulder; a gain of the light before it."""
    light = nits * gain
    sdr = light / (light + 90) * 1.25
    return np.rint(np.clip(gamma.inverse_eotf(np.clip(sdr, 0, 1), 2.4), 0, 1) * 255).astype(np.uint8)


def source(
    codes_of: Callable[[int, np.ndarray], np.ndarray], frames: int = FRAMES, first: int = 0
) -> Callable[..., Iterator[PairFrame]]:
    """A pair source of `frames` frames; codes_of(index, nits) makes the SDR."""

    def pairs(a: int, b: int, wanted: Collection[int] | None = None) -> Iterator[PairFrame]:
        for n in range(a, b + 1):
            if wanted is not None and n not in wanted:
                continue
            nits = light_of(n - first)
            codes = codes_of(n - first, nits)
            digest = hashlib.sha256(codes.tobytes()).digest()[:16]
            yield PairFrame(n, codes, 8, nits.astype(np.float32), digest)

    return pairs
