"""Soft regions for local faults: where a colourist's window, a lamp or a wrong track would lie."""

from __future__ import annotations

import numpy as np

from candela_engines.scorer.training.pictures import F32, shrink_to

__all__ = ["blended", "random_mask"]

_AREA = (0.02, 0.18)


def random_mask(weight: F32, random: np.random.Generator) -> F32:
    """(H, W) float32 in 0..1: an ellipse, a rounded box or a side of the frame, with a soft edge.

    weight: (H, W), how much the fault would show at each place; the region is put where it shows. Ellipse and
    box cover 2 to 18 % of the picture (half its maximum), turned by any angle.
    """
    height, width = weight.shape
    y, x = _place(weight, random)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    shape = random.choice(["ellipse", "box", "side"], p=[0.5, 0.35, 0.15])
    angle = random.uniform(0, np.pi)
    across = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)
    along = -(columns - x) * np.sin(angle) + (rows - y) * np.cos(angle)
    area = random.uniform(*_AREA) * height * width
    ratio = np.exp(random.uniform(-0.7, 0.7))
    if shape == "side":
        soft = random.uniform(0.03, 0.12) * np.hypot(height, width)
        offset = random.uniform(0, 0.1) * width
        return _step((across + offset) / soft)
    power = 2.0 if shape == "ellipse" else 6.0
    fill = np.pi if shape == "ellipse" else 3.8
    a = np.sqrt(area * ratio / fill)
    b = np.sqrt(area / ratio / fill)
    distance = (np.abs(across / a) ** power + np.abs(along / b) ** power) ** (1 / power)
    softness = random.uniform(0.1, 0.45)
    return _step((1 - distance) / softness + 0.5)


def _step(t: np.ndarray) -> F32:
    t = np.clip(t, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _place(weight: F32, random: np.random.Generator) -> tuple[float, float]:
    small = shrink_to(weight, max(1, weight.shape[0] // 16), max(1, weight.shape[1] // 16)).astype(np.float64)
    chance = small.ravel() ** 2
    total = chance.sum()
    chance = np.full(small.size, 1 / small.size) if total <= 0 else chance / total
    row, column = np.unravel_index(random.choice(small.size, p=chance), small.shape)
    scale = (weight.shape[0] / small.shape[0], weight.shape[1] / small.shape[1])
    return float((row + random.uniform()) * scale[0]), float((column + random.uniform()) * scale[1])


def blended(base: F32, faulty: F32, mask: F32) -> F32:
    """Light of `faulty` where the mask is 1, of `base` where it is 0, mixed in linear light between."""
    share = mask[..., None]
    return np.asarray(base * (1 - share) + faulty * share, np.float32)
