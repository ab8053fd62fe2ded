"""Noise of blocks of 8x8 pixels: a second difference that is blind to slopes and straight edges.

Source: Immerkær, Fast noise variance estimation, CVIU 1996, equation 3.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["block_means", "noise_blocks"]

Plane = NDArray[np.float32]
_TO_SIGMA = math.sqrt(math.pi / 2) / 6  # of the mean absolute response


def _second_difference(plane: Plane) -> Plane:
    """Response of the mask (1 −2 1)ᵀ(1 −2 1), blind to slopes and to straight edges; (…, h − 2, w − 2)."""
    rows = plane[..., :-2, :] + plane[..., 2:, :] - plane[..., 1:-1, :] * np.float32(2)
    return rows[..., :-2] + rows[..., 2:] - rows[..., 1:-1] * np.float32(2)


def block_means(plane: Plane, side: int = 8) -> Plane:
    """Means of the whole blocks of side x side of (n, h, w): (n, h // side, w // side)."""
    h, w = plane.shape[1:]
    if h < side or w < side:
        return np.asarray(plane.mean(axis=(1, 2), keepdims=True), np.float32)
    down, across = h // side, w // side
    plane = plane[:, : down * side, : across * side]
    # Rows first, as long sums of whole rows; numpy's own mean over two axes takes several times as long.
    rows = plane[:, ::side].copy()
    for row in range(1, side):
        rows += plane[:, row::side]
    total = rows[..., ::side].copy()
    for column in range(1, side):
        total += rows[..., column::side]
    total *= np.float32(1 / (side * side))
    return np.asarray(total)


def noise_blocks(plane: Plane) -> Plane:
    """Standard deviation of each block of tiles (n, h, w), were it all noise."""
    return block_means(np.abs(_second_difference(plane))) * np.float32(_TO_SIGMA)
