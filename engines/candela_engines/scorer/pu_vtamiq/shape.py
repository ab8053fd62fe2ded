"""Sizes of PU-VTAMIQ-S, which its graph and its training share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["BLOCKS", "CELLS", "COMMON", "GROUPS", "HEADS", "STEM", "UNITS", "WIDTH", "cell_of"]

WIDTH = 128
BLOCKS = 3
HEADS = 4
GROUPS = 2
"""Residual groups of the decoder, with `UNITS` residual channel-attention units each."""
UNITS = 2
STEM = (32, 64, 96, WIDTH)
COMMON = 5
"""Tokens of no patch: that of the whole, and four registers."""
CELLS = 16


def cell_of(uv: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    """(N,) places in a grid of 16x16 of (N, 2) shares of height and width."""
    at = np.clip((uv * CELLS).astype(np.int64), 0, CELLS - 1)
    return np.asarray(at[:, 0] * CELLS + at[:, 1], np.int32)
