"""Surface textures computed in code: all AP1 images (or one-channel heights) that tile."""

from __future__ import annotations

import numpy as np
from common import srgb
from noise import Array, fbm, mix, sample, smoothstep


def planks(
    size: int = 2048,
    boards: int = 10,
    seed: int = 3,
    tone: tuple[Array, Array] | None = None,
    joint: float = 0.0016,
) -> tuple[Array, Array]:
    """Floor boards along u: colour and roughness. The tile is 2 m x 2 m for 10 boards."""
    rng = np.random.default_rng(seed)
    dark, light = tone or (srgb(92, 54, 28), srgb(176, 118, 68))
    y, x = np.mgrid[0:size, 0:size] / size
    row = np.floor(y * boards).astype(int)
    shift = rng.uniform(0, 1, boards)[row]
    col = np.floor((x + shift) * 2).astype(int) % 2
    tint = rng.uniform(0, 1, (boards, 2))[row, col]
    jump = rng.uniform(0, 1, (boards, 2))[row, col]
    grain_src = fbm((1024, 1024), (48, 3), 5, seed + 1)
    warp = fbm((1024, 1024), (6, 3), 3, seed + 2)
    gy, gx = (y * 1.0 + jump) * 1024, (x + jump * 3.1) * 1024
    w = sample(warp, gy, gx)
    fine = sample(grain_src, gy * 1.0 + 40 * w, gx)
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (6 * (y * boards % 1 - 0.5) ** 2 + 2.4 * w + 5 * jump))
    t = np.clip(0.18 + 0.5 * tint + 0.38 * fine + 0.22 * (rings - 0.5), 0, 1)
    colour = mix(dark, light, t)
    pores = smoothstep(0.25, 0.5, sample(fbm((1024, 1024), (256, 10), 2, seed + 5), gy, gx))
    colour *= (1 - 0.4 * pores)[..., None]
    edge = np.minimum(y * boards % 1, 1 - y * boards % 1) / boards
    ends = np.abs(((x + shift) * 2) % 1 - 0.5)
    gap = np.minimum(smoothstep(0, joint, edge), 1 - smoothstep(0.5 - joint * 2, 0.5 - joint, ends))
    colour *= (0.18 + 0.82 * gap)[..., None]
    rough = 0.24 + 0.16 * fbm((size, size), (7, 7), 5, seed + 9) + 0.15 * pores + 0.3 * (1 - gap)
    return colour, np.clip(rough, 0.08, 0.9)


def wood(dark: Array, light: Array, seed: int, size: int = 1024) -> Array:
    """Furniture wood with the grain along v."""
    w = fbm((size, size), (2, 4), 4, seed)
    fine = fbm((size, size), (3, 96), 4, seed + 1)
    x = np.arange(size)[None, :] / size
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (9 * x + 1.6 * w))
    return mix(dark, light, np.clip(0.5 + 0.35 * (rings - 0.5) + 0.5 * fine, 0, 1))


def plaster(base: Array, seed: int, amount: float = 0.07, size: int = 1024) -> Array:
    """Painted wall: slow patches and roller stipple."""
    slow = fbm((size, size), (3, 3), 5, seed)
    fine = fbm((size, size), (90, 90), 3, seed + 1)
    return np.clip(base * (1 + amount * (1.4 * slow + 0.9 * fine))[..., None], 0, 1)


def weave(base: Array, other: Array, threads: int = 96, seed: int = 5, size: int = 1024) -> Array:
    """Plain weave of two yarns with slubs."""
    y, x = np.mgrid[0:size, 0:size] / size * threads
    over = (np.floor(y) + np.floor(x)) % 2
    bump = np.where(over > 0, np.abs(np.sin(np.pi * y)), np.abs(np.sin(np.pi * x)))
    slub = fbm((size, size), (8, 64), 3, seed) * over + fbm((size, size), (64, 8), 3, seed + 1) * (1 - over)
    t = np.clip(0.25 + 0.5 * over + 0.5 * slub, 0, 1)
    return mix(base, other, t) * (0.55 + 0.45 * bump)[..., None]


def bricks(size: int = 2048, seed: int = 11, tones: list[Array] | None = None) -> tuple[Array, Array]:
    """Running bond, 12 courses x 4 bricks in a tile (about 1 m x 0.9 m): colour and height."""
    tones = tones or [srgb(122, 62, 44), srgb(146, 80, 56), srgb(98, 52, 42), srgb(160, 98, 70)]
    rng = np.random.default_rng(seed)
    wob_y, wob_x = (0.0035 * fbm((size, size), (24, 24), 3, seed + i) for i in (1, 2))
    y, x = np.mgrid[0:size, 0:size] / size
    v, rows, cols = (y + wob_y) * 12, 12, 4
    row = np.floor(v).astype(int) % rows
    u = (x + wob_x) * cols + 0.5 * (row % 2)
    col = np.floor(u).astype(int) % cols
    pick = rng.integers(0, len(tones), (rows, cols))[row, col]
    shade = rng.uniform(0.75, 1.2, (rows, cols))[row, col]
    colour = np.array(tones)[pick] * shade[..., None]
    d = np.minimum(np.minimum(v % 1, 1 - v % 1) * (0.9 / 12), np.minimum(u % 1, 1 - u % 1) * (1 / cols))
    face = smoothstep(0.004, 0.009, d)
    grit = fbm((size, size), (60, 60), 4, seed + 3)
    stain = smoothstep(-0.1, 0.7, fbm((size, size), (3, 3), 5, seed + 4))
    colour = colour * (1 + 0.35 * grit)[..., None] * (1 - 0.35 * stain)[..., None]
    mortar = srgb(150, 140, 126) * (0.55 + 0.3 * grit)[..., None]
    return np.clip(mix(mortar, colour, face), 0, 1), face * 0.012 + 0.003 * grit


def rug(seed: int = 21, w: int = 1400, h: int = 2000) -> Array:
    """A knotted carpet: nested borders, medallions and flowers in madder, indigo, ochre and ivory."""
    red, indigo, ivory = srgb(134, 22, 22), srgb(24, 38, 82), srgb(222, 204, 164)
    ochre, green, teal = srgb(204, 138, 40), srgb(62, 92, 52), srgb(38, 110, 116)
    # Knots make the steps of the drawing: work on the coarse grid of knots.
    kh, kw = h // 4, w // 4
    y, x = np.mgrid[0:kh, 0:kw].astype(float)
    cx, cy = np.abs(x - kw / 2 + 0.5), np.abs(y - kh / 2 + 0.5)
    edge = np.minimum(kw / 2 - cx, kh / 2 - cy)
    img = np.broadcast_to(red, (kh, kw, 3)).copy()

    def flower(px: Array, py: Array, r: Array | float, petals: int) -> tuple[Array, Array]:
        rad, ang = np.hypot(px, py), np.arctan2(py, px)
        return rad < r * (0.72 + 0.28 * np.cos(petals * ang)), rad < 0.36 * np.asarray(r)

    def repeat(px: Array, py: Array, r: float, petals: int, outer: Array, inner: Array, where: Array) -> None:
        a, b = flower(px, py, r, petals)
        img[where & a] = outer
        img[where & b] = inner

    field = edge > 52
    gx, gy = (cx + 20) % 40 - 20, (cy + 20) % 40 - 20
    odd = (np.floor((cx + 20) / 40) + np.floor((cy + 20) / 40)) % 2 > 0
    img[field & (np.abs(np.abs(gx) - np.abs(gy)) < 1.2)] = ochre
    repeat(gx, gy, 9, 8, ivory, indigo, field & odd)
    repeat(gx, gy, 11, 6, teal, ochre, field & ~odd)
    med = cx / (kw * 0.30) + cy / (kh * 0.27)
    for level, colour in (
        (1.0, ochre),
        (0.96, indigo),
        (0.72, ivory),
        (0.68, red),
        (0.40, green),
        (0.36, ivory),
    ):
        img[field & (med + 0.05 * np.cos((cx + cy) / 5) < level)] = colour
    ring = field & (med < 0.93) & (med > 0.76)
    repeat((cx + 9) % 18 - 9, (cy + 9) % 18 - 9, 6, 4, ochre, red, ring)
    repeat((cx + 8) % 16 - 8, (cy + 8) % 16 - 8, 5, 5, teal, ivory, field & (med < 0.64) & (med > 0.45))
    repeat(cx, cy, 22, 8, ochre, indigo, field)
    img[edge <= 52] = indigo
    band = (edge > 14) & (edge < 46)
    along = np.where(kw / 2 - cx < kh / 2 - cy, cy, cx)
    across = edge - 30
    repeat((along + 16) % 32 - 16, across, 11, 6, red, ivory, band)
    repeat((along + 32) % 32 - 16, across, 8, 4, ochre, green, band)
    for lo, hi, colour in (
        (0, 5, red),
        (5, 7, ivory),
        (7, 12, green),
        (12, 14, ivory),
        (46, 48, ochre),
        (50, 52, ivory),
    ):
        img[(edge >= lo) & (edge < hi)] = colour
    zig = (edge >= 8) & (edge < 11) & ((along + edge) % 8 < 4)
    img[zig] = ochre
    big = img.repeat(4, 0).repeat(4, 1)[:h, :w]
    pile = 1 + 0.16 * fbm((h, w), (h // 4, w // 4), 1, seed) + 0.10 * fbm((h, w), (h // 40, 3), 3, seed + 1)
    wear = 1 + 0.12 * fbm((h, w), (4, 3), 4, seed + 2)
    return np.clip(big * (0.85 * pile * wear)[..., None], 0, 1)


def painting(seed: int = 40, w: int = 900, h: int = 640) -> Array:
    """A loose landscape in oil: bands of land under an evening sky, laid with directional strokes."""
    y, x = np.mgrid[0:h, 0:w] / np.array([h, w])[:, None, None]
    dab = fbm((h, w), (60, 14), 3, seed)
    swirl = fbm((h, w), (4, 4), 4, seed + 1)
    t = y + 0.05 * dab + 0.07 * swirl
    sky = mix(srgb(48, 84, 150), srgb(244, 186, 110), smoothstep(0.0, 0.5, t))
    sky = mix(sky, srgb(236, 120, 92), smoothstep(0.1, 0.5, swirl + 0.4 * dab) * smoothstep(0.1, 0.5, t))
    sun = np.exp(-(((x - 0.68) / 0.05) ** 2 + ((y - 0.40) / 0.065) ** 2))
    sky = mix(sky, srgb(255, 238, 170), np.clip(sun * 1.4, 0, 1))
    out = sky
    hills = (
        (0.52, srgb(92, 88, 140), 3),
        (0.60, srgb(64, 104, 84), 5),
        (0.70, srgb(150, 140, 44), 4),
        (0.82, srgb(170, 74, 30), 6),
    )
    for i, (base, colour, freq) in enumerate(hills):
        ridge = base + 0.06 * np.sin(freq * x * 2 + i * 1.7) + 0.03 * sample(swirl, y * 0 + 90 * i, x * w)
        lit = colour * (1 + 0.9 * dab + 0.5 * sample(swirl, y * h * 2, x * w * 2))[..., None]
        out = mix(out, lit, smoothstep(-0.006, 0.006, y + 0.015 * dab - ridge))
    lake = smoothstep(1.0, 0.85, np.hypot((x - 0.64) / 0.26, (y - 0.635) / 0.035) + 0.25 * dab)
    out = mix(out, srgb(250, 196, 130) * (0.8 + 0.5 * dab)[..., None], 0.8 * lake)
    return np.clip(out, 0.004, 1)


def marble(base: Array, vein: Array, seed: int, size: int = 1024) -> Array:
    w = fbm((size, size), (3, 3), 6, seed)
    lines = np.abs(fbm((size, size), (4, 4), 5, seed + 1) + 0.4 * w)
    return mix(vein, base, np.clip(smoothstep(0, 0.12, lines) * 0.8 + 0.2 + 0.2 * w, 0, 1))
