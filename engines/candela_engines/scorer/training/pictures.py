"""Arithmetic on pictures that several stages share: shrinking, blurring, codes, seeds."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq

__all__ = [
    "F32",
    "PEAK_NITS",
    "U16",
    "blur",
    "codes_of",
    "fit_size",
    "generator",
    "held",
    "nits_of",
    "shrink_to",
]

F32 = npt.NDArray[np.float32]
U16 = npt.NDArray[np.uint16]

PEAK_NITS = 1000.0
"""Peak of every master, nit."""

_BRIGHTEST_CODE = 65535


def generator(*names: object) -> np.random.Generator:
    """Random numbers that depend on the names alone: not on order, processes or what was made before."""
    digest = hashlib.sha256("|".join(str(name) for name in names).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def held(nits: npt.NDArray[np.floating], peak: float = PEAK_NITS) -> F32:
    """Light held to 0..peak nit, as an encoder holds it."""
    return np.clip(nits, 0.0, peak).astype(np.float32)


def codes_of(nits: npt.NDArray[np.floating]) -> U16:
    """PQ codes of 16 bits, full range, of BT.2020 light in nits."""
    code = pq.inverse_eotf(np.asarray(nits, np.float32))
    return np.round(np.clip(code, 0, 1) * _BRIGHTEST_CODE).astype(np.uint16)


def nits_of(codes: U16) -> F32:
    """BT.2020 light in nits of PQ codes of 16 bits."""
    return pq.eotf_codes(codes)


def fit_size(height: int, width: int, side: int, multiple: int = 8) -> tuple[int, int]:
    """Size with the longer side at most `side`, the shape kept, multiples of `multiple`; never larger."""
    scale = min(1.0, side / max(height, width))
    rows, columns = (max(multiple, round(v * scale / multiple) * multiple) for v in (height, width))
    return min(rows, height // multiple * multiple), min(columns, width // multiple * multiple)


@lru_cache(maxsize=16)
def _shares(size: int, target: int) -> F32:
    """(target, size): how much of each sample lies in each of `target` equal parts, rows adding up to 1."""
    edges = np.linspace(0, size, target + 1)
    starts = np.arange(size)
    share = np.minimum(edges[1:, None], starts + 1) - np.maximum(edges[:-1, None], starts)
    share = np.clip(share, 0, 1)
    made = (share / share.sum(axis=1, keepdims=True)).astype(np.float32)
    made.setflags(write=False)
    return made


def shrink_to(light: npt.NDArray[np.floating], height: int, width: int) -> F32:
    """Means over equal areas, in linear light; a share of a pixel counts as that share.

    light: (H, W, C) or (H, W), at least as large as the target. Returns (height, width, …) float32.
    """
    array = np.asarray(light, np.float32)
    if array.shape[:2] == (height, width):
        return array
    rows = np.tensordot(_shares(array.shape[0], height), array, axes=(1, 0))
    across = np.tensordot(_shares(array.shape[1], width), rows, axes=(1, 1))
    return np.ascontiguousarray(np.swapaxes(across, 0, 1))


def blur(values: F32, sigma: float) -> F32:
    """Gaussian of `sigma` pixels over the first two axes, edges continued; up to 4 sigma wide."""
    radius = max(1, int(np.ceil(3.5 * sigma)))
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    out = np.asarray(values, np.float32)
    for axis in (0, 1):
        pad = [(0, 0)] * out.ndim
        pad[axis] = (radius, radius)
        wide = np.pad(out, pad, mode="edge")
        length = out.shape[axis]
        total = np.zeros_like(out)
        for weight, start in zip(weights, range(2 * radius + 1), strict=True):
            window = wide[start : start + length] if axis == 0 else wide[:, start : start + length]
            total += weight * window
        out = total
    return out
