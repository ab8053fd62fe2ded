"""Tileable gradient noise in two dimensions: the base of every texture of the sample scenes."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def perlin(shape: tuple[int, int], cells: tuple[int, int], seed: int) -> Array:
    """One octave of gradient noise, roughly in [-1, 1], that wraps in both directions."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, (cells[0], cells[1]))
    gy, gx = np.sin(angle).astype(np.float32), np.cos(angle).astype(np.float32)
    y = (np.arange(shape[0], dtype=np.float32) + 0.5) * (cells[0] / shape[0])
    x = (np.arange(shape[1], dtype=np.float32) + 0.5) * (cells[1] / shape[1])
    y0, x0 = np.floor(y).astype(int), np.floor(x).astype(int)
    fy, fx = (y - y0)[:, None], (x - x0)[None, :]

    def corner(dy: int, dx: int) -> Array:
        iy, ix = ((y0 + dy) % cells[0])[:, None], ((x0 + dx) % cells[1])[None, :]
        return gy[iy, ix] * (fy - dy) + gx[iy, ix] * (fx - dx)

    def fade(t: Array) -> Array:
        return t * t * t * (t * (t * 6 - 15) + 10)

    wy, wx = fade(fy), fade(fx)
    top = corner(0, 0) * (1 - wx) + corner(0, 1) * wx
    low = corner(1, 0) * (1 - wx) + corner(1, 1) * wx
    return 1.5 * (top * (1 - wy) + low * wy)


def fbm(
    shape: tuple[int, int],
    cells: tuple[int, int],
    octaves: int,
    seed: int,
    gain: float = 0.5,
    ridged: bool = False,
) -> Array:
    """Octaves of `perlin`, scaled to about [-1, 1]; `ridged` folds each octave into sharp crests."""
    total = np.zeros(shape, np.float32)
    amp, norm = 1.0, 0.0
    for i in range(octaves):
        grid = (cells[0] << i, cells[1] << i)
        if grid[0] > shape[0] or grid[1] > shape[1]:
            break
        layer = perlin(shape, grid, seed + 101 * i)
        total += amp * (1 - 2 * np.abs(layer) if ridged else layer)
        norm += amp
        amp *= gain
    return total / norm


def smoothstep(lo: float, hi: float, x: Array) -> Array:
    t = np.clip((x - lo) / (hi - lo), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a: Array, b: Array, t: Array) -> Array:
    """Blend two colours (or colour images) by a mask without a channel axis."""
    t = np.asarray(t)[..., None]
    return (1 - t) * np.asarray(a) + t * np.asarray(b)


def sample(image: Array, y: Array, x: Array) -> Array:
    """Bilinear look-up with wrap-around; coordinates in pixels."""
    h, w = image.shape[:2]
    y0, x0 = np.floor(y).astype(int), np.floor(x).astype(int)
    fy, fx = y - y0, x - x0
    if image.ndim == 3:
        fy, fx = fy[..., None], fx[..., None]
    a = image[y0 % h, x0 % w] * (1 - fx) + image[y0 % h, (x0 + 1) % w] * fx
    b = image[(y0 + 1) % h, x0 % w] * (1 - fx) + image[(y0 + 1) % h, (x0 + 1) % w] * fx
    return a * (1 - fy) + b * fy
