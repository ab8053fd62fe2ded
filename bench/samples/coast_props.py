"""What lives on the coast: grass and flowers, a lighthouse, sailing boats."""

from __future__ import annotations

import numpy as np
from coast import BROAD, land_height, noise
from common import Builder, srgb
from mesh import Array, Mesh, box, cylinder, join, lathe, rounded_box, sphere, surface, tube
from noise import mix


def _tufts(points: Array, height: Array, lean: Array, width: float, bend: float) -> Mesh:
    """Blades of grass: tapered strips of three joints."""
    t = np.array([0, 0.4, 0.75, 1.0])
    w = width * np.array([1, 0.85, 0.5, 0.02])
    a = lean[:, None]
    away = bend * height[:, None] * t**2
    cx = points[:, :1] + np.cos(a) * away
    cy = points[:, 1:2] + np.sin(a) * away
    cz = points[:, 2:3] + height[:, None] * t * (1 - 0.25 * bend * t)
    side = np.stack([-np.sin(lean + 0.9), np.cos(lean + 0.9), 0 * lean], -1)[:, None] * w[None, :, None]
    c = np.stack([cx, cy, cz], -1)
    v = np.stack([c - side, c + side], 2).reshape(len(points), 8, 3)
    quads = np.array([[0, 1, 3], [0, 3, 2], [2, 3, 5], [2, 5, 4], [4, 5, 7], [4, 7, 6]])
    f = (np.arange(len(points))[:, None, None] * 8 + quads).reshape(-1, 3)
    return Mesh(v.reshape(-1, 3), f, np.zeros((len(points) * 8, 2)))


def plants(b: Builder, seed: int = 9) -> None:
    """Grass, poppies, gorse, thrift and cornflowers on the foreground shoulder, lit from behind."""
    rng = np.random.default_rng(seed)
    n = 190_000
    r = 1.9 * (20 / 1.9) ** rng.uniform(0, 1, n)
    a = np.radians(rng.uniform(-34, 34, n))
    x, y = r * np.sin(a), r * np.cos(a)
    z = land_height(x, y)
    path = np.abs(x + 2.6 + 1.1 * np.sin(y * 0.33) - 0.08 * y)
    clump = noise(BROAD, x, y, 5)
    ok = (path > 0.4 + 0.3 * clump) & (z > 5.2) & (rng.uniform(-0.5, 0.6, n) < clump + 0.25)
    x, y, z, clump = x[ok], y[ok], z[ok], clump[ok]
    h = 0.17 + 0.16 * rng.uniform(0, 1, len(x)) ** 2 + 0.22 * np.clip(clump, 0, 1)
    lean = 0.4 + rng.normal(0, 0.9, len(x))
    m = _tufts(np.stack([x, y, z - 0.02], -1), h, lean, 0.0036, 0.5)
    tone = mix(
        srgb(60, 96, 22), srgb(186, 168, 84), np.clip(rng.uniform(-0.2, 0.9, len(x)) + 0.5 * clump, 0, 1)
    )
    m.colour = np.repeat(tone, 8, axis=0)
    b.add("grass", m)
    kinds = (
        ((226, 20, 14), 620, 0.045, 0.42),
        ((250, 206, 10), 900, 0.020, 0.34),
        ((226, 110, 170), 800, 0.022, 0.28),
        ((70, 70, 214), 520, 0.024, 0.36),
        ((246, 240, 228), 420, 0.030, 0.34),
    )
    for k, (rgb8, count, size, tall) in enumerate(kinds):
        r = 2.1 * (15 / 2.1) ** rng.uniform(0, 1, count * 3)
        a = np.radians(rng.uniform(-33, 33, count * 3))
        x, y = r * np.sin(a), r * np.cos(a)
        z = land_height(x, y)
        patch = noise(BROAD, x + 37 * k, y + 19 * k, 9)
        path = np.abs(x + 2.6 + 1.1 * np.sin(y * 0.33) - 0.08 * y)
        ok = np.flatnonzero((patch > 0.02) & (path > 0.55) & (z > 5.2))[:count]
        stems, heads = [], []
        for i in ok:
            hgt = tall * rng.uniform(0.7, 1.2)
            top = np.array([x[i] + rng.normal(0, 0.03), y[i] + rng.normal(0, 0.03), z[i] + hgt])
            stems.append(tube([(x[i], y[i], z[i]), (x[i], y[i], z[i] + 0.6 * hgt), top], 0.0022, 4))
            heads.append(_bloom(top, size * rng.uniform(0.75, 1.2), srgb(*rgb8), rng))
        if stems:
            b.add("grass", join(stems).tint(srgb(70, 96, 34)))
            b.add("petal", join(heads))


def _bloom(at: Array, size: float, tone: Array, rng: np.random.Generator) -> Mesh:
    """A cup of five petals, tilted by chance."""
    turn = rng.uniform(0, 360)
    cup = rng.uniform(0.5, 1.1)
    u = np.linspace(0, 1, 5)
    rings = []
    for k in range(5):
        a = 2 * np.pi * (k / 5) + np.linspace(-0.62, 0.62, 4)
        reach = size * u[:, None] * (1 - 0.25 * ((np.arange(4) - 1.5) / 1.5) ** 2 * u[:, None])
        z = size * cup * u[:, None] ** 1.5 + 0 * a[None]
        rings.append(
            surface(
                lambda p, q, reach=reach, a=a, z=z: np.stack([reach * np.cos(a), reach * np.sin(a), z], -1),
                5,
                4,
            )
        )
    m = join(rings).turn(turn).turn(float(rng.uniform(-35, 35)), "x").turn(float(rng.uniform(-35, 35)), "y")
    return m.tint(tone * rng.uniform(0.8, 1.1)).move(*at)


def lighthouse(b: Builder, x: float, y: float) -> None:
    z = float(land_height(np.array([x]), np.array([y]))[0]) - 0.5
    bands = (
        (0, 4, (236, 232, 224)),
        (4, 7, (190, 24, 22)),
        (7, 10, (236, 232, 224)),
        (10, 13, (190, 24, 22)),
    )
    for lo, hi, tone in bands:
        r0, r1 = 2.3 - 0.075 * lo, 2.3 - 0.075 * hi
        b.add("solid", lathe([(r0, lo), (r1, hi)], 48).tint(srgb(*tone)).move(x, y, z))
    b.add(
        "solid",
        cylinder((x, y, z + 13), 1.9, 0.3, 40).tint(srgb(50, 48, 46)),
        lathe([(1.25, 15.4), (1.3, 15.5), (0.4, 16.5), (0.08, 16.8), (0.06, 17.8)], 32)
        .tint(srgb(150, 24, 20))
        .move(x, y, z),
    )
    for k in range(16):
        a = 2 * np.pi * k / 16
        b.add(
            "solid",
            cylinder((x + 1.8 * np.cos(a), y + 1.8 * np.sin(a), z + 13.3), 0.035, 1.0, 6).tint(
                srgb(230, 228, 220)
            ),
        )
        if k % 2 == 0:
            b.add(
                "solid",
                cylinder((x + 1.15 * np.cos(a), y + 1.15 * np.sin(a), z + 13.3), 0.05, 2.1, 6).tint(
                    srgb(60, 56, 52)
                ),
            )
    ring = [
        (x + 1.8 * np.cos(t), y + 1.8 * np.sin(t), z + 14.3)
        for t in np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ]
    b.add("solid", tube(ring, 0.04, 6, closed=True).tint(srgb(230, 228, 220)))
    b.add("beacon", sphere((x, y, z + 14.4), 0.55, 20))
    b.add("solid", box((x + 3, y - 3, z - 1), (x + 9, y + 2, z + 2.6)).tint(srgb(230, 224, 212)))
    roof = surface(
        lambda u, v: np.stack(
            [x + 2.7 + 6.6 * u, y - 3.3 + 5.6 * v, z + 2.5 + 1.8 * (1 - np.abs(2 * v - 1))], -1
        ),
        2,
        3,
    )
    b.add("solid", roof.tint(srgb(150, 66, 44)))
    for wx in (x + 4, x + 6.6):
        b.add("lit_window", rounded_box((wx, y - 3.06, z + 0.7), (wx + 0.8, y - 2.95, z + 1.7), 0.02, 3))


def boat(b: Builder, x: float, y: float, size: float, tones: tuple[Array, Array], heel: float = 6) -> None:
    """A small sloop: hull, mast, two translucent sails."""

    def hull(u: Array, v: Array) -> Array:
        beam = 0.95 * np.sin(np.pi * np.clip(0.12 + 0.88 * u, 0, 1)) ** 0.75
        a = np.pi * (v - 0.5)
        return np.stack(
            [
                5.6 * (0.5 - u),
                beam * np.sin(a),
                0.75 - 0.9 * np.cos(a) * (0.6 + 0.4 * np.sin(np.pi * u)) + 0.3 * (1 - u) ** 2,
            ],
            -1,
        )

    def sail(p0: Array, p1: Array, p2: Array, belly: float) -> Mesh:
        def fn(u: Array, v: Array) -> Array:
            q = (1 - u)[..., None] * ((1 - v)[..., None] * p0 + v[..., None] * p1) + u[..., None] * p2
            q[..., 1] += belly * np.sin(np.pi * u) * np.sin(np.pi * v) * (1 - u)
            return q

        return surface(fn, 20, 20)

    parts = [
        ("solid", surface(hull, 40, 24).tint(tones[0])),
        (
            "solid",
            surface(lambda u, v: hull(u, v) * [1, 1, 0] + [0, 0, 0.72], 40, 12).tint(srgb(160, 110, 60)),
        ),
        ("solid", tube([(0.5, 0, 0.4), (0.45, 0, 8.2)], 0.05).tint(srgb(190, 160, 120))),
        ("solid", tube([(0.5, 0, 1.3), (-2.3, 0.25, 1.35)], 0.04).tint(srgb(190, 160, 120))),
        (
            "canvas",
            sail(np.array([0.42, 0, 1.45]), np.array([-2.25, 0.25, 1.5]), np.array([0.42, 0, 8.0]), 0.5).tint(
                tones[1]
            ),
        ),
        (
            "canvas",
            sail(np.array([2.7, 0, 1.0]), np.array([0.3, 0.3, 1.2]), np.array([0.5, 0, 7.2]), 0.45).tint(
                srgb(240, 228, 206)
            ),
        ),
    ]
    for name, m in parts:
        b.add(name, m.scale(size, size, size).turn(heel, "x").turn(28).move(x, y, 0))
