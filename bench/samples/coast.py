"""Land and water of the low sun: a headland as a height field, waves by spectrum, grass and flowers.

World frame: the eye stands at the origin above (0, 0), looks along +y, sea level is z = 0.
"""

from __future__ import annotations

import numpy as np
from common import Builder, srgb
from mesh import Array, Mesh, surface
from noise import fbm, mix, sample, smoothstep

BROAD = fbm((1024, 1024), (4, 4), 8, 300, 0.5)
RIDGE = fbm((1024, 1024), (6, 6), 7, 310, 0.55, ridged=True)
SMOOTH = fbm((1024, 1024), (6, 6), 3, 310, 0.5, ridged=True)
FINE = fbm((1024, 1024), (24, 24), 5, 320, 0.6)


def noise(image: Array, x: Array, y: Array, tile: float) -> Array:
    return sample(image, y / tile * 1024, x / tile * 1024)


def polar(
    r0: float, r1: float, nr: int, na: int, half_angle: float, power: float = 1.0
) -> tuple[Array, Array]:
    """Ground points whose spacing grows with distance, over the angle that the camera sees."""
    t = np.linspace(0, 1, nr) ** power
    r = r0 * (r1 / r0) ** t
    a = np.radians(np.linspace(-half_angle, half_angle, na))
    return r[:, None] * np.sin(a)[None, :], r[:, None] * np.cos(a)[None, :]


def land_height(x: Array, y: Array) -> Array:
    """Height of the ground: a grassy foreground, a long headland on the left, rocks in the water."""
    wob = noise(BROAD, x, y, 160)
    # The foreground shoulder ends in a cliff about 17 m in front of the eye, nearer on the right.
    edge = 17.5 + 0.10 * (x + 6) - 0.35 * np.maximum(x - 3, 0) + 3.0 * noise(BROAD, x, y, 40)
    front = (
        8.25
        - 0.055 * y
        + 0.10 * np.maximum(-x - 2, 0)
        - 0.05 * np.maximum(x, 0)
        + 0.5 * noise(BROAD, x, y, 22)
    )
    near = np.where(y < edge, front, front - (y - edge) * 2.4)
    # The headland: a whale's back that falls to the sea towards its tip.
    along = (y - 40) / 210
    spine = -62 + 30 * along + 20 * wob
    width = 38 * (1 - 0.55 * along)
    back = (
        24
        * np.clip(1.15 - along, 0, 1) ** 0.6
        * smoothstep(0.98, 0.80, along)
        * smoothstep(-0.25, 0.1, along)
    )
    d = np.abs(x - spine) / width + 0.40 * noise(SMOOTH, x, y, 75) - 0.2
    head = (
        back * (1 - smoothstep(0.30, 1.02, d))
        + 10 * wob * (1 - smoothstep(0.5, 0.9, d))
        - 5.5 * smoothstep(0.85, 1.1, d)
    )
    stacks = -6.0 + 0 * x
    for cx, cy, r, h in (
        (-9, 150, 7, 9),
        (-2, 171, 4, 5),
        (16, 62, 3.2, 2.0),
        (11, 55, 2.4, 1.3),
        (20.5, 70, 2.2, 1.1),
        (-16, 120, 4, 3),
        (34, 95, 3.6, 1.6),
        (-6, 46, 2.8, 1.5),
    ):
        q = np.hypot(x - cx, (y - cy) * 0.8) / r + 0.7 * noise(SMOOTH, x, y, 14) - 0.35
        stacks = np.maximum(stacks, h * (1 - q**2.0 * np.sign(q)) * 1.3)
    h = np.maximum(np.maximum(near, head), np.maximum(stacks, -6))
    steep = smoothstep(0, 4, np.abs(h - near)) + smoothstep(edge - 0.4, edge + 1.2, y)
    rock = np.clip(steep, 0, 1)
    # The rock's own relief is put on along the normals, in `land`: here it would stand up as spikes.
    return h + rock * 0.7 * (noise(SMOOTH, x, y, 17) - 0.5) + 0.05 * noise(FINE, x, y, 6)


def roughen(m: Mesh, n: Array) -> None:
    """Beds, blocks and cracks of the cliffs: vertices move along their normals, rock by its slope."""
    v = m.v
    rock = smoothstep(0.93, 0.70, n[:, 2]) * smoothstep(20, 30, v[:, 1] + 12 * (v[:, 2] < 6))
    # Height enters both coordinates, so that the relief does not run down a cliff in streaks.
    x, y = v[:, 0] + 0.9 * v[:, 2], v[:, 1] + 1.3 * v[:, 2]
    beds = noise(BROAD, 5.5 * v[:, 2] + 0.25 * v[:, 0], 0.12 * (v[:, 0] + v[:, 1]), 60)
    move = 1.5 * beds + 1.5 * (noise(RIDGE, x, y, 26) - 0.55) + 0.35 * noise(FINE, x, y, 7)
    v += n * (rock * move)[:, None]


def land(b: Builder) -> None:
    x, y = polar(1.2, 330, 1500, 1150, 35, 0.93)
    z = land_height(x, y)
    m = surface(lambda u, v: np.stack([x, y, z], -1), *x.shape)
    n = m.normals()
    if n[:, 2].mean() < 0:
        m.f, n = m.f[:, ::-1], -n
    roughen(m, n)
    v = m.v
    flat = smoothstep(0.72, 0.88, n[:, 2] + 0.10 * noise(FINE, v[:, 0], v[:, 1], 5)) * smoothstep(
        2.0, 4.0, v[:, 2]
    )
    strata = np.sin(v[:, 2] * 2.4 + 0.12 * v[:, 1] + 3 * noise(BROAD, v[:, 0], v[:, 1], 30))
    fleck = noise(FINE, v[:, 0] + 0.9 * v[:, 2], v[:, 1] + 1.3 * v[:, 2], 3.0)
    rock = mix(srgb(92, 74, 62), srgb(172, 128, 92), np.clip(0.5 + 0.4 * strata + 0.7 * fleck, 0, 1))
    rock = mix(
        rock,
        srgb(196, 176, 96),
        smoothstep(0.25, 0.45, fleck + 0.5 * noise(BROAD, v[:, 0], v[:, 1], 12))
        * smoothstep(3, 6, v[:, 2])
        * 0.6,
    )
    rock = mix(rock, srgb(38, 34, 34), smoothstep(1.7, 0.5, v[:, 2] + fleck))
    turf = mix(
        srgb(66, 84, 26),
        srgb(150, 140, 56),
        np.clip(0.5 + 0.9 * noise(BROAD, v[:, 0], v[:, 1], 55) + 0.5 * fleck, 0, 1),
    )
    path = smoothstep(0.55, 0.25, np.abs(v[:, 0] + 2.6 + 1.1 * np.sin(v[:, 1] * 0.33) - 0.08 * v[:, 1])) * (
        v[:, 1] < 19
    )
    turf = mix(turf, srgb(184, 150, 108) * (1 + 0.5 * fleck)[:, None], path)
    m.colour = np.clip(mix(rock, turf, flat), 0.003, 1)
    keep = (v[m.f][:, :, 2] > -1.0).any(1)
    m.f = m.f[keep]
    b.add("ground", m)


def waves(size: int, tile: float, wind: float, seed: int, short: float) -> tuple[Array, Array, Array]:
    """Height and slopes of one wrapped patch of sea, from a Phillips spectrum; the wind is onshore."""
    k1 = 2 * np.pi * np.fft.fftfreq(size, tile / size)
    kx, ky = np.meshgrid(k1, k1)
    k = np.hypot(kx, ky)
    k[0, 0] = 1e-6
    cos = (0.35 * kx - 0.94 * ky) / k
    spec = np.exp(-1 / (k * wind**2 / 9.81) ** 2) / k**4 * cos**2 * np.exp(-((k * short) ** 2))
    spec *= np.where(cos < 0, 0.25, 1)
    spec[0, 0] = 0
    rng = np.random.default_rng(seed)
    amp = np.sqrt(spec) * (rng.normal(size=k.shape) + 1j * rng.normal(size=k.shape))
    h = np.fft.ifft2(amp).real
    norm = 1 / h.std()
    return h * norm, np.fft.ifft2(1j * kx * amp).real * norm, np.fft.ifft2(1j * ky * amp).real * norm


def sea(b: Builder) -> None:
    x, y = polar(14, 60000, 1700, 1300, 34, 0.80)
    r = np.hypot(x, y)
    z, sx, sy = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    # Swell, wind waves and ripples: (patch, height in m, distance up to which the mesh carries them).
    for size, tile, wind, seed, rms, reach in (
        (512, 290.0, 8.5, 1, 0.26, 9e3),
        (1024, 61.0, 3.6, 2, 0.060, 2.5e3),
        (1024, 11.0, 1.5, 3, 0.0085, 900.0),
    ):
        h, hx, hy = waves(size, tile, wind, seed, 0.5 * tile / size)
        gy, gx = y / tile * size, x / tile * size
        fade = 1 / (1 + (r / reach) ** 2)
        z += rms * fade * sample(h, gy, gx)
        sx += rms * fade * sample(hx, gy, gx)
        sy += rms * fade * sample(hy, gy, gx)
    gust = 0.75 + 0.6 * noise(BROAD, x, y * 0.35, 700)
    sx, sy = sx * gust, sy * gust
    m = surface(lambda u, v: np.stack([x, y, z], -1), *x.shape)
    n = np.stack([-sx, -sy, np.ones_like(sx)], -1).reshape(-1, 3)
    m.n = n / np.linalg.norm(n, axis=1, keepdims=True)
    if np.cross(m.v[m.f[0, 1]] - m.v[m.f[0, 0]], m.v[m.f[0, 2]] - m.v[m.f[0, 0]])[2] < 0:
        m.f = m.f[:, ::-1]
    # Foam where the water is shallow and on a few crests.
    depth = land_height(x, y)
    shore = smoothstep(-2.2, -0.2, depth) * (r < 400)
    lace = noise(RIDGE, x, y, 9) + 0.5 * noise(FINE, x, y, 4)
    foam = smoothstep(0.62, 0.95, 0.75 * shore + 0.5 * lace - 0.08) * smoothstep(0.05, 0.3, shore)
    caps = smoothstep(2.6, 3.2, z / 0.27 + 0.9 * lace) * (r < 900)
    deep = mix(np.array([0.004, 0.020, 0.026]), np.array([0.012, 0.062, 0.055]), np.clip(shore * 1.6, 0, 1))
    m.colour = mix(deep, np.array([0.72, 0.74, 0.75]), np.clip(foam + 0.7 * caps, 0, 1)).reshape(-1, 3)
    keep = (depth.reshape(-1)[m.f] < 1.5).any(1)
    m.f = m.f[keep]
    b.add("water", m)
