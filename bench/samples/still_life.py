"""Small things of the interior: fruit, flowers, bottles, a tall plant."""

from __future__ import annotations

import numpy as np
from common import Builder, srgb
from mesh import Array, Mesh, cylinder, lathe, quad, surface, tube


def still_life(b: Builder, at: tuple[float, float, float]) -> None:
    """Bowl of fruit, a vase of flowers and a few bottles on the console."""
    x, y, z = at
    bowl = [
        (0.002, 0.006),
        (0.05, 0.006),
        (0.052, 0),
        (0.06, 0.002),
        (0.062, 0.012),
        (0.13, 0.055),
        (0.155, 0.09),
        (0.150, 0.092),
        (0.125, 0.062),
        (0.05, 0.02),
        (0.002, 0.018),
    ]
    b.add("lacquer", lathe(bowl, 64, smooth=2).tint(srgb(34, 84, 150)).move(x, y, z))
    rng = np.random.default_rng(8)
    fruit = (
        (0.0, 0.0, 0.085, (232, 118, 16)),
        (0.075, 0.01, 0.09, (202, 26, 22)),
        (-0.07, 0.03, 0.09, (238, 196, 32)),
        (0.02, -0.07, 0.088, (120, 160, 40)),
        (-0.035, -0.055, 0.10, (226, 104, 14)),
        (0.03, 0.06, 0.095, (210, 52, 36)),
        (0.0, 0.0, 0.145, (214, 30, 28)),
    )
    for fx, fy, fz, tone in fruit:
        r = rng.uniform(0.038, 0.045)
        prof = [
            (0.001, 0.75 * r),
            (0.012, 0.9 * r),
            (0.7 * r, 0.72 * r),
            (r, 0),
            (0.72 * r, -0.72 * r),
            (0.012, -0.93 * r),
            (0.001, -0.85 * r),
        ]
        m = lathe(prof, 32, smooth=3).turn(float(rng.uniform(-25, 25)), "x")
        b.add("satin", m.tint(srgb(*tone)).move(x + fx, y + fy, z + fz))
        b.add("paint", cylinder((x + fx, y + fy, z + fz + 0.8 * r), 0.002, 0.02, 6).tint(srgb(60, 40, 20)))
    vx, vy = x + 0.48, y + 0.02
    vase = [
        (0.001, 0.004),
        (0.045, 0.004),
        (0.06, 0.02),
        (0.078, 0.10),
        (0.062, 0.18),
        (0.03, 0.23),
        (0.042, 0.26),
        (0.038, 0.258),
        (0.026, 0.23),
    ]
    b.add("lacquer", lathe(vase, 48, smooth=2).tint(srgb(20, 92, 78)).move(vx, vy, z))
    tones = [(214, 18, 40), (240, 120, 160), (250, 190, 30), (246, 240, 232), (150, 60, 190), (236, 84, 24)]
    for i in range(15):
        a, lean = rng.uniform(0, 2 * np.pi), rng.uniform(0.02, 0.17)
        top = np.array(
            [vx + lean * np.cos(a), vy + 0.6 * lean * np.sin(a), z + rng.uniform(0.38, 0.56) - lean * 0.4]
        )
        t = np.linspace(0, 1, 8)[:, None]
        base = np.array([vx, vy, z + 0.22])
        path = base * (1 - t) + top * t + np.array([0, 0, 0.05]) * np.sin(np.pi * t)
        b.add("leaf", tube(path, 0.0025, 5))
        b.add("petal", *(p.tint(srgb(*tones[i % len(tones)])) for p in flower(top, rng)))
        for _ in range(2):
            q = path[rng.integers(3, 7)]
            b.add("leaf", blade(q, float(rng.uniform(0, 360)), 0.10, 0.028, 0.5))
    for i, (dx, h, tone) in enumerate(((-0.42, 0.27, (110, 52, 14)), (-0.50, 0.20, (16, 60, 110)))):
        prof = [
            (0.001, 0.002),
            (0.034, 0.002),
            (0.037, 0.01),
            (0.037, 0.62 * h),
            (0.03, 0.7 * h),
            (0.012, 0.78 * h),
            (0.012, h),
            (0.015, h),
            (0.001, h),
        ]
        b.add("lacquer", lathe(prof, 40, smooth=1).tint(srgb(*tone)).move(x + dx, y + 0.06 * i, z))


def flower(top: Array, rng: np.random.Generator) -> list[Mesh]:
    out = []
    for ring, (count, size, lift) in enumerate(((6, 0.036, 25), (5, 0.028, 50), (4, 0.02, 72))):
        for k in range(count):
            turn = 360 / count * k + 30 * ring + float(rng.uniform(-8, 8))
            out.append(blade(top, turn, size, size * 0.85, np.tan(np.radians(lift)) * 0.6, 8))
    return out


def blade(at: Array, turn: float, length: float, width: float, lift: float, n: int = 10) -> Mesh:
    """A curved leaf or petal that starts at a point."""

    def fn(u: Array, v: Array) -> Array:
        w = width * np.sin(np.pi * np.clip(u, 0.02, 0.985)) ** 0.7 * (v - 0.5)
        z = length * (lift * u - 0.55 * u**2) + 1.6 * np.abs(w) ** 1.2
        return np.stack([length * u, w, z], -1)

    return surface(fn, n, 5).turn(turn).move(*at)


def plant(b: Builder, at: tuple[float, float]) -> None:
    """A tall plant in a clay pot: arching leaves that the window shines through."""
    x, y = at
    b.add(
        "terracotta",
        lathe(
            [
                (0.001, 0),
                (0.14, 0),
                (0.185, 0.32),
                (0.205, 0.33),
                (0.205, 0.37),
                (0.185, 0.37),
                (0.17, 0.32),
                (0.001, 0.32),
            ],
            48,
            (1, 0.5),
        ).move(x, y, 0),
    )
    rng = np.random.default_rng(2)
    for i in range(34):
        a = np.radians(137.5 * i)
        reach, rise = rng.uniform(0.12, 0.42), rng.uniform(0.45, 1.25)
        t = np.linspace(0, 1, 12)[:, None]
        direction = np.array([np.cos(a), np.sin(a), 0])
        path = np.array([x, y, 0.32]) + direction * reach * t**1.6 + np.array([0, 0, rise]) * t**0.8
        b.add("leaf", tube(path, 0.004, 5))
        b.add(
            "leaf",
            blade(path[-1], float(np.degrees(a)), rng.uniform(0.24, 0.38), rng.uniform(0.10, 0.15), 0.12, 14),
        )
    b.add("paint", quad((x - 0.16, y - 0.16, 0.325), (0.32, 0, 0), (0, 0.32, 0)).tint(srgb(40, 28, 20)))
