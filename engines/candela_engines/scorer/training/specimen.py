"""One fixed pair of pictures that whatever keeps descriptors describes as well, so that a change is noticed.

The names of the table say which descriptors there are, not how they are measured. A file of descriptors that
also holds those of the specimen can be held against the code that reads it: descriptor by descriptor, with
room for rounding in another order.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.descriptors import describe
from candela_engines.scorer.descriptors import names as descriptor_names

__all__ = ["TOLERANCE", "measured_otherwise", "specimen", "specimen_values"]

F32 = npt.NDArray[np.float32]
TOLERANCE = 1e-3
"""Of a value's own size, absolute below 1: what rounding in another order stays below."""
_HEIGHT, _WIDTH = 480, 640


def specimen() -> tuple[F32, F32]:
    """(grade, reference), each (480, 640, 3) float32: nits of BT.2020, and light of BT.709, white at 100 nit.

    Large enough that not every pixel is looked at: a ramp with grain and edges, a lamp, a dark part with
    noise, a black corner, skin, patches of colour outside BT.709 and a banded sky. The reference is the grade
    with highlights rolled off, less saturated, in 8 bits.
    """
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float64)
    y, x = y / _HEIGHT, x / _WIDTH
    random = np.random.default_rng(20261128)
    level = 0.5 + 180 * x**2 * (0.4 + y) + 60 * (np.sin(24 * x + 9 * y) > 0.6)
    light = level[..., None] * np.array([1.05, 1.0, 0.9]) * random.uniform(0.93, 1.07, (_HEIGHT, _WIDTH, 1))
    light += 900 * np.exp(-((x - 0.8) ** 2 + (y - 0.25) ** 2) / 0.003)[..., None]
    night = (x < 0.3) & (y > 0.5)
    dim = 3 * x[night] * random.normal(1, 0.05, int(night.sum()))
    light[night] = dim[:, None] * np.array([1.0, 0.9, 0.8])
    light[(x < 0.1) & (y > 0.75)] = 0.002
    light[(x > 0.3) & (x < 0.5) & (y > 0.55) & (y < 0.9)] *= np.array([1.6, 0.95, 0.7])
    for place, colour in enumerate(([160, 8, 4], [6, 150, 10], [5, 9, 120], [4, 130, 140])):
        light[(y > 0.9) & (np.floor(x * 8) == 4 + place)] = colour
    sky = (y < 0.2) & (x < 0.5)
    light[sky] = (40 + 5 * np.floor(16 * x[sky]))[:, None] * np.array([0.75, 0.9, 1.2])
    grade = np.clip(light, 0, 1000).astype(np.float32)
    rolled = light / (1 + (light / 320) ** 1.5) ** (1 / 1.5)
    mixed = 0.92 * rolled + 0.08 * rolled.mean(-1, keepdims=True)
    code = np.round(255 * np.clip(mixed / 203, 0, 1) ** (1 / 2.4)) / 255
    return grade, (code**2.4 * 100).astype(np.float32)


@lru_cache(maxsize=1)
def specimen_values() -> F32:
    """(N,) float32: the specimen's descriptors, by the code that runs, in the order of the table."""
    grade, reference = specimen()
    return describe(grade, reference, threads=1).values


def measured_otherwise(kept: F32) -> list[str]:
    """Names of descriptors whose value of the specimen is not the kept one. kept: (N,), N as in the table.

    Raises ValueError for another N.
    """
    now = specimen_values()
    if kept.shape != now.shape:
        raise ValueError(f"{kept.shape} values of the specimen, where the table has {now.shape}")
    near = np.abs(kept - now) <= TOLERANCE * np.maximum(1, np.abs(now))  # not of NaN
    far = ~(near | (np.isnan(kept) & np.isnan(now)))
    return [name for name, is_far in zip(descriptor_names(), far, strict=True) if is_far]
