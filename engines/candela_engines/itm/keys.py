"""A network and its plane in time: keys evenly spaced over a shot, linear between them.

A shot's network is one network. What moves in time is the bias of its first layer, by as many keys as the
grade's own movement needs, and the guide plane, which may have keys of its own. Both are piecewise linear in
time, so that at any one frame a shot's network is an ordinary one: every kernel that runs stills runs shots.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = [
    "MAX_PLANE_KEYS",
    "MAX_TIME_KEYS",
    "hats",
    "key_spectrum",
    "place_in_shot",
    "plane_at",
    "spectrum_to_keys",
]

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

MAX_TIME_KEYS = 64
MAX_PLANE_KEYS = 4


def place_in_shot(number: int, first: int, last: int) -> float:
    """Where a frame lies in its shot, 0 (first) to 1 (last); 0 in a shot of one frame."""
    return (number - first) / (last - first) if last > first else 0.0


def hats(place: float | F64, keys: int) -> F64:
    """Shares (…, keys) of the keys at places 0..1 of a shot: linear between the two nearest, 1 in all."""
    at = np.asarray(place, np.float64)[..., None] * (keys - 1)
    return np.asarray(np.maximum(0.0, 1.0 - np.abs(at - np.arange(keys))))


def _dct(keys: int) -> F64:
    """The orthonormal DCT-II, rows by frequency: what is still in all keys is in the first row alone."""
    rows = [
        [math.cos(math.pi * (j * (2 * k + 1)) / (2 * keys)) * math.sqrt(2 / keys) for k in range(keys)]
        for j in range(keys)
    ]
    return np.array([[v / math.sqrt(2) for v in rows[0]], *rows[1:]], np.float64)


def key_spectrum(planes: npt.NDArray[np.floating]) -> F32:
    """Planes of keys (h, w, keys) as they are coded: their frequencies in time."""
    return np.asarray(planes @ _dct(planes.shape[-1]).T, np.float32)


def spectrum_to_keys(planes: F32) -> F32:
    """The inverse of `key_spectrum`."""
    return np.asarray(_weighted(planes, _dct(planes.shape[-1])), np.float32)


def plane_at(keys: F32, place: float) -> F32:
    """The plane (h, w, 1) at a place 0..1 of a shot, from those of its keys (h, w, keys)."""
    if keys.shape[-1] == 1:
        return keys
    return np.asarray(_weighted(keys, hats(place, keys.shape[-1])[:, None]), np.float32)


def _weighted(values: F32, rows: F64) -> F64:
    """Values (h, w, n) times rows (n, m), added up one by one in float64: the same numbers in every reader,
    whatever its processor fuses."""
    out = values[..., :1] * rows[0]
    for j in range(1, len(rows)):
        out += values[..., j : j + 1] * rows[j]
    return np.asarray(out, np.float64)
