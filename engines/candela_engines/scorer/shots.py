"""Key frames of a shot, chosen by content, and what a shot's figures are made of.

The first and the last frame, then always the frame that is most unlike all that were chosen, until no frame
is unlike or there are enough. Unlike is a mean difference of thumbnails in PU21, so a slow pan and a lamp
that goes on both count, and a still shot needs two frames. The same frames whatever the order of asking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.planes import pu_of

__all__ = ["LEAST_UNLIKE", "POOLING", "candidates", "key_frames", "thumbnail"]

POOLING = (
    "the score of a shot is the mean of its key frames, the worst frame beside it; a violation "
    "counts with the "
    "frame where it is most severe, a deviation with its median frame"
)
LEAST_UNLIKE = 3.0
"""PU21, mean over the thumbnail: three times what is just seen."""
_SIZE = (18, 32)
_MOST_CANDIDATES = 96


def candidates(numbers: Sequence[int], most: int = _MOST_CANDIDATES) -> list[int]:
    """Frames to look at: all of a short shot, else `most` of them, evenly, with both ends."""
    if len(numbers) <= most:
        return list(numbers)
    places = np.linspace(0, len(numbers) - 1, most).round().astype(int)
    return [numbers[i] for i in dict.fromkeys(places.tolist())]


def thumbnail(nits: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w, 3) float32, at most 18x32: PU21 of area means of (H, W, 3) linear light in nits."""
    height, width = nits.shape[:2]
    h, w = min(_SIZE[0], height), min(_SIZE[1], width)
    down, across = height // h, width // w
    # Every fourth pixel of a large block is enough for its mean.
    sy, sx = max(1, down // 8), max(1, across // 8)
    part = nits[: h * down, : w * across].reshape(h, down, w, across, 3)[:, ::sy, :, ::sx]
    means = np.nan_to_num(part).mean(axis=(1, 3), dtype=np.float32)
    return pu_of(np.maximum(means, np.float32(0)))


def key_frames(thumbnails: Mapping[int, NDArray[np.float32]], most: int = 5) -> list[int]:
    """Numbers of the key frames, rising; all thumbnails of one shape. most: at least 1."""
    numbers = sorted(thumbnails)
    if not numbers:
        return []
    chosen = list(dict.fromkeys((numbers[0], numbers[-1])))[: max(most, 1)]
    while len(chosen) < most:
        far, number = -1.0, numbers[0]
        for one in numbers:
            near = min(float(np.abs(thumbnails[one] - thumbnails[c]).mean()) for c in chosen)
            if near > far:
                far, number = near, one
        if far < LEAST_UNLIKE:
            break
        chosen.append(number)
    return sorted(chosen)
