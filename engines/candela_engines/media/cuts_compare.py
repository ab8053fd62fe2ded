"""How unlike two frames are, on their proxies, and whether it is one picture in another light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.media.cuts_proxy import FLAT, HEIGHT, WIDTH, Look, Proxy

__all__ = ["Unlike", "compare"]

_REACH = 2  # pixels of the proxy that a block may move beyond the common shift, a 32nd of the width
_BLOCK_H, _BLOCK_W = 9, 8
_ROWS, _COLUMNS = HEIGHT // _BLOCK_H, WIDTH // _BLOCK_W
_FLOOR = 0.004  # a code of 8 bits: less than that is no structure
_CURVE = 18  # points of a tone curve; 144 coarse pixels are shared out among them
_PAD = 24  # the largest common shift that is looked at


@dataclass(frozen=True, slots=True)
class Unlike:
    """blocks: mean absolute code difference of blocks at their best place, median and mean over blocks mixed.
    structure: 0 (the same) to 1 (nothing in common) of the luma without its local means, blind to exposure.
    spread: mean distance of the sorted levels, blind to place. peak: height of the phase correlation, 0..1.
    tone: 0 where the second luma is a curve of the first, place by place, to 1 where it does not depend on
    it. light: change of the mean luma, codes.
    """

    blocks: float
    structure: float
    spread: float
    peak: float
    tone: float
    light: float


def compare(before: Look, after: Look) -> Unlike:
    """How unlike `after` is to `before`. Deterministic: no order of threads or chunks changes a sum."""
    shift, peak = _common_shift(before, after)
    moves = [(0, 0)] if shift == (0, 0) else [(0, 0), shift]
    blocks, alike = _best_blocks(before, after, moves)
    ordered = np.sort(blocks, axis=None)
    # The share of blocks that has not found its place counts, more than how wrong the wrong ones are.
    typical = float(ordered[len(ordered) // 4 : len(ordered) * 3 // 4].mean())
    spread = np.abs(before.spread - after.spread).mean(axis=1)
    return Unlike(
        blocks=typical,
        structure=1.0 - alike,
        spread=float(spread[0] + spread[1] + spread[2]),
        peak=peak,
        tone=_tone(before, after),
        light=float(after.luma.mean() - before.luma.mean()),
    )


def _tone(before: Look, after: Look) -> float:
    """The share of the second picture's variance that no curve over the first one's luma explains."""
    if min(before.contrast, after.contrast) < FLAT:
        return 1.0
    first, second = before.coarse.mean(axis=-1).reshape(-1), after.coarse.mean(axis=-1).reshape(-1)
    groups = second[np.argsort(first, kind="stable")].reshape(_CURVE, -1).astype(np.float64)
    inside = float(groups.var(axis=1).mean())
    return min(1.0, (inside + _FLOOR**2) / (float(second.var(dtype=np.float64)) + _FLOOR**2))


def _common_shift(before: Look, after: Look) -> tuple[tuple[int, int], float]:
    """Rows and columns that the whole picture moved by, and how sure that is (phase correlation)."""
    cross = after.spectrum * np.conj(before.spectrum)
    size = np.abs(cross)
    # Weighted, so that frequencies without content do not vote.
    floor = 1e-3 * float(size.max()) + 1e-12
    plane = np.fft.irfft2(cross / (size + floor), s=(HEIGHT, WIDTH))
    index = int(np.argmax(plane))
    row, column = divmod(index, WIDTH)
    row = row - HEIGHT if row > HEIGHT // 2 else row
    column = column - WIDTH if column > WIDTH // 2 else column
    # The smear around a peak that lies between pixels belongs to it.
    near = [
        plane[(row + dy) % HEIGHT, (column + dx) % WIDTH]
        for dy, dx in ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0))
    ]
    limited = (max(-_PAD // 2, min(_PAD // 2, row)), max(-_PAD, min(_PAD, column)))
    return limited, float(np.clip(sum(max(0.0, float(v)) for v in near), 0, 1))


def _best_blocks(
    before: Look, after: Look, moves: list[tuple[int, int]]
) -> tuple[NDArray[np.float64], float]:
    """Smallest mean difference of every block, (4, 8), and the structure that is alike, 0..1."""
    margin = _PAD + _REACH
    both = np.concatenate([before.planes, before.shape[None]])
    padded = np.pad(both, ((0, 0), (margin, margin), (margin, margin)), mode="edge")
    reach = range(-_REACH, _REACH + 1)
    places = sorted({(dy + y, dx + x) for dy, dx in moves for y in reach for x in reach})
    moved = np.empty((len(places), 4, HEIGHT, WIDTH), np.float32)
    for i, (y, x) in enumerate(places):
        moved[i] = padded[:, margin - y : margin - y + HEIGHT, margin - x : margin - x + WIDTH]
    structure = moved[:, 3]
    apart = moved[:, :3] - after.planes
    errors = _block_sums(np.abs(apart, out=apart).sum(axis=1)) / (_BLOCK_H * _BLOCK_W)
    common = _block_sums(structure * after.shape)
    power = _block_sums(structure * structure)
    own = _block_sums((after.shape * after.shape)[None])
    noise = _FLOOR**2 * _BLOCK_H * _BLOCK_W
    alike = np.clip(common / np.sqrt((power + noise) * (own + noise)), 0, 1).max(axis=0)
    # Blocks speak by how much structure either picture has there; a block that is flat in both says nothing.
    weight = np.sqrt(np.maximum(power[len(places) // 2], own[0])) + 1e-4
    return errors.min(axis=0), float((alike * weight).sum() / weight.sum())


def _block_sums(planes: Proxy) -> NDArray[np.float64]:
    """(N, 36, 64) to sums over blocks, (N, 4, 8)."""
    across = planes.reshape(planes.shape[0], _ROWS, _BLOCK_H, _COLUMNS, _BLOCK_W).sum(axis=2)
    return np.asarray(across.sum(axis=3, dtype=np.float64))
