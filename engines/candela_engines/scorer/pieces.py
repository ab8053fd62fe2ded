"""The largest part of a mask that is in one piece, and how much of its box a part fills.

A window, a lamp or a wrong track is in one piece; what an SDR operator does to one colour lies here and
there. Pieces are joined over squares of 4x4 points, through their sides: thin threads join nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["filled", "largest_piece"]

Flags = NDArray[np.bool_]

_SIDE = 4
_FULL = 0.4  # of a square's points, for it to belong to a piece


def largest_piece(flags: Flags) -> Flags:
    """(h, w): the flags of the largest piece and of the squares around it; none if no square is full.

    Of two pieces of one size the upper one.
    """
    h, w = flags.shape[0] // _SIDE, flags.shape[1] // _SIDE
    if min(h, w) < 2:
        return flags
    cut = flags[: h * _SIDE, : w * _SIDE].reshape(h, _SIDE, w, _SIDE)
    squares = np.zeros((h + 2, w + 2), np.bool_)
    squares[1:-1, 1:-1] = cut.mean(axis=(1, 3), dtype=np.float32) > _FULL
    wide = w + 2
    left = squares.reshape(-1).tolist()
    best: list[int] = []
    for start in np.flatnonzero(squares).tolist():
        if not left[start]:
            continue
        left[start] = False
        piece = [start]
        for place in piece:  # grows while it is gone through
            for near in (place - wide, place - 1, place + 1, place + wide):
                if left[near]:
                    left[near] = False
                    piece.append(near)
        if len(piece) > len(best):
            best = piece
    kept = np.zeros(squares.size, np.bool_)
    kept[best] = True
    return _spread(kept.reshape(squares.shape), flags)


def _spread(squares: Flags, flags: Flags) -> Flags:
    """Flags that lie in squares (h + 2, w + 2, a frame of one around), or beside one of them."""
    down = squares.copy()
    down[1:] |= squares[:-1]
    down[:-1] |= squares[1:]
    near = down.copy()
    near[:, 1:] |= down[:, :-1]
    near[:, :-1] |= down[:, 1:]
    rows = np.minimum(np.arange(flags.shape[0]) // _SIDE + 1, squares.shape[0] - 2)
    columns = np.minimum(np.arange(flags.shape[1]) // _SIDE + 1, squares.shape[1] - 2)
    return np.asarray(flags & near[rows[:, None], columns[None]], np.bool_)


def filled(flags: Flags) -> float:
    """Share of its box that a part fills, the box without 4 % of the part at every edge; 0 for none."""
    if not flags.any():
        return 0.0
    area = 1.0
    for places in np.nonzero(flags):
        low, high = np.quantile(places, (0.04, 0.96))
        area *= float(high - low) + 1
    return float(np.count_nonzero(flags)) / area
