"""What disturbs a shot without being a cut: light, the grade, things before the lens, mattes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["spoil"]

Codes = NDArray[np.float32]


def spoil(shot: list[Codes], head: int, rng: np.random.Generator, spoilt: dict[str, int]) -> list[int]:
    """Puts at most one disturbance into a shot, away from its ends; returns where a pop is."""
    kinds = ["none", "flash", "strobe", "pop", "object", "mattes", "burst", "dropout"]
    kind = str(rng.choice(kinds, p=[0.4, 0.12, 0.08, 0.12, 0.1, 0.06, 0.08, 0.04]))
    if kind == "none":
        return []
    spoilt[kind] = spoilt.get(kind, 0) + 1
    at = int(rng.integers(head + 5, len(shot) - 8))
    if kind == "flash":
        for i in range(at, at + int(rng.integers(1, 4))):
            shot[i] = np.minimum(shot[i] * np.float32(rng.uniform(1.3, 4)) + np.float32(0.15), 1)
    elif kind == "strobe":
        for i in range(at, len(shot) - 3, int(rng.integers(2, 5))):
            shot[i] = np.minimum(shot[i] * np.float32(1.7) + np.float32(0.1), 1)
    elif kind == "burst":  # an explosion: a warm glow that covers all and goes
        glow = np.array([1, 0.8, 0.45], np.float32)
        for i in range(at, len(shot)):
            share = np.float32(np.exp(-(i - at) / rng.uniform(2, 5)))
            shot[i] = shot[i] * (1 - share) + glow * share
    elif kind == "dropout":
        shot[at] = np.zeros_like(shot[at])
    elif kind == "pop":
        gain = np.float32(rng.choice([0.6, 0.75, 1.35, 1.7])) * rng.uniform(0.9, 1.1, 3).astype(np.float32)
        for i in range(at, len(shot)):
            shot[i] = shot[i] * gain
        return [at]
    elif kind == "object":
        _object(shot, at, rng)
    else:
        bar = len(shot[0]) // 8
        for i in range(at, len(shot)):
            shot[i] = shot[i].copy()
            shot[i][:bar] = shot[i][-bar:] = 0
    return []


def _object(shot: list[Codes], at: int, rng: np.random.Generator) -> None:
    """Something dark close to the lens that crosses the picture in a few frames."""
    u = np.linspace(0, 1, shot[0].shape[1], endpoint=False, dtype=np.float32)
    crossing = int(rng.integers(6, 14))
    colour = rng.uniform(0, 0.4, 3).astype(np.float32)
    for i in range(at, min(len(shot), at + crossing)):
        middle = -0.4 + 1.8 * (i - at) / crossing
        inside = (np.clip((0.35 - np.abs(u - middle)) / 0.05, 0, 1))[None, :, None]
        shot[i] = (shot[i] * (1 - inside) + colour * inside).astype(np.float32)
