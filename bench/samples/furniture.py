"""Furniture of the interior: curtains, console, armchair, shelves, the lamp on its table."""

from __future__ import annotations

import numpy as np
from common import Builder, blackbody, glossy, srgb, texture
from mesh import Array, Mesh, box, cylinder, lathe, rounded_box, sphere, surface, tube
from textures import weave


def curtain(side: int, win: tuple[float, float, float, float], back: float) -> Mesh:
    """A drawn-back voile: folds that gather at the tie."""
    x0, x1, _, _ = win
    edge = x0 - 0.42 if side < 0 else x1 + 0.42

    def fn(u: Array, v: Array) -> Array:
        z = 2.54 - v * 2.46
        tie = np.exp(-(((z - 1.15) / 0.42) ** 2))
        width = 0.60 * (1 - 0.55 * tie)
        x = edge - side * (u * width + 0.02 * np.sin(9 * v + 5 * u))
        fold = np.sin(2 * np.pi * (8.5 * u + 0.25 * np.sin(3 * v))) + 0.35 * np.sin(2 * np.pi * (19 * u + v))
        return np.stack([x, back - 0.13 + 0.038 * (1 - 0.4 * tie) * fold, z], -1)

    return surface(fn, 260, 90, (1.2, 2.4))


def console(b: Builder, at: tuple[float, float]) -> None:
    """A walnut console under the window, with two drawers."""
    x, y = at
    b.add(
        "walnut",
        rounded_box((x, y, 0.76), (x + 1.45, y + 0.42, 0.80), 0.008),
        box((x + 0.05, y + 0.03, 0.60), (x + 1.40, y + 0.40, 0.76)),
    )
    for i in (0, 1):
        x0 = x + 0.09 + i * 0.65
        b.add("walnut", rounded_box((x0, y + 0.015, 0.625), (x0 + 0.61, y + 0.05, 0.745), 0.006))
        b.add("brass", sphere((x0 + 0.305, y - 0.002, 0.685), 0.016, 20))
    for lx in (x + 0.09, x + 1.36):
        for ly in (y + 0.07, y + 0.36):
            b.add(
                "walnut",
                lathe(
                    [(0.012, 0), (0.02, 0.03), (0.016, 0.1), (0.03, 0.4), (0.024, 0.5), (0.032, 0.6)],
                    20,
                    (0.1, 0.6),
                    2,
                ).move(lx, ly, 0),
            )


def armchair(b: Builder, at: tuple[float, float], turn: float) -> None:
    """A deep chair in mustard cloth with a blue cushion and a throw."""
    cloth = weave(srgb(176, 104, 20), srgb(224, 156, 52), 80)
    b.material("cloth", glossy(texture(cloth, scale=2.5), 0.9, 0.2))
    b.material(
        "cushion", glossy(texture(weave(srgb(18, 52, 118), srgb(40, 104, 170), 60), scale=4), 0.9, 0.2)
    )
    b.material(
        "throw", glossy(texture(weave(srgb(190, 40, 44), srgb(232, 214, 190), 24, 9), scale=2), 0.95, 0.1)
    )
    x, y = at

    def put(name: str, *meshes: Mesh) -> None:
        b.add(name, *(m.turn(turn).move(x, y, 0) for m in meshes))

    put(
        "cloth",
        rounded_box((-0.42, -0.42, 0.16), (0.42, 0.40, 0.34), 0.05),
        rounded_box((-0.31, -0.44, 0.32), (0.31, 0.28, 0.47), 0.05, 24, 0.04),
        rounded_box((-0.36, 0.20, 0.30), (0.36, 0.42, 0.98), 0.09, 24, 0.05).turn(-4, "x"),
        rounded_box((-0.47, -0.43, 0.16), (-0.31, 0.36, 0.64), 0.07, 20, 0.015),
        rounded_box((0.31, -0.43, 0.16), (0.47, 0.36, 0.64), 0.07, 20, 0.015),
    )
    put(
        "cushion",
        rounded_box((-0.21, -0.06, -0.21), (0.21, 0.06, 0.21), 0.03, 24, 0.06)
        .turn(-18, "x")
        .turn(9, "y")
        .move(-0.04, 0.09, 0.68),
    )
    for lx in (-0.36, 0.36):
        for ly in (-0.36, 0.33):
            put("walnut", lathe([(0.014, 0), (0.03, 0.17)], 16).move(lx, ly, 0))

    def throw(u: Array, v: Array) -> Array:
        s = u * 1.05 - 0.30
        over = np.clip(s, 0, 0.19)
        px = 0.295 + over + 0.012 * np.sin(14 * v + 9 * u)
        z = 0.662 + 0.018 * np.sin(np.pi * over / 0.19) - np.where(s < 0, -s * 0.65, np.maximum(s - 0.19, 0))
        px = np.where(s < 0, 0.29, px) + np.where(s > 0.19, 0.012 + 0.02 * np.sin(22 * v) * (s - 0.19), 0)
        return np.stack([px, -0.36 + 0.42 * v + 0.03 * np.sin(4 * u), np.maximum(z, 0.06)], -1)

    put("throw", surface(throw, 60, 60, (1.05, 0.42)))


def books(b: Builder, x0: float, x1: float, back: float) -> None:
    """Shelves to the ceiling with books, pots and boxes."""
    depth = 0.30
    b.add(
        "oak",
        box((x0, back - depth, 0), (x0 + 0.03, back, 2.45)),
        box((x1 - 0.03, back - depth, 0), (x1, back, 2.45)),
        rounded_box((x0 - 0.03, back - depth - 0.03, 2.43), (x1 + 0.02, back, 2.49), 0.012),
        box((x0, back - 0.015, 0), (x1, back, 2.45)),
    )
    rng = np.random.default_rng(14)
    tones = [
        (120, 24, 24),
        (30, 58, 94),
        (40, 84, 58),
        (190, 140, 60),
        (226, 214, 188),
        (60, 36, 28),
        (150, 62, 30),
        (24, 24, 30),
        (92, 40, 92),
        (16, 104, 122),
        (206, 62, 38),
        (232, 182, 40),
    ]
    for row in range(7):
        z = 0.08 + row * 0.337
        b.add("oak", box((x0 + 0.03, back - depth, z - 0.025), (x1 - 0.03, back - 0.015, z)))
        x = x0 + 0.045
        while x < x1 - 0.10:
            if rng.uniform() < 0.07:
                pot = lathe(
                    [(0.001, 0.002), (0.04, 0.002), (0.065, 0.07), (0.05, 0.13), (0.025, 0.16), (0.03, 0.18)],
                    32,
                    smooth=2,
                )
                b.add(
                    "lacquer",
                    pot.tint(srgb(*tones[rng.integers(len(tones))])).move(x + 0.075, back - 0.17, z),
                )
                x += 0.16
                continue
            w, h, d = rng.uniform(0.016, 0.05), rng.uniform(0.19, 0.285), rng.uniform(0.15, 0.22)
            tone = srgb(*tones[rng.integers(len(tones))]) * rng.uniform(0.7, 1.15)
            lean = float(rng.uniform(4, 10)) if rng.uniform() < 0.06 else 0.0
            parts = [box((0, -d, 0), (w, 0, h)).tint(tone)]
            for frac in (0.12, 0.80):
                parts.append(
                    box((0.001, -d - 0.0008, frac * h), (w - 0.001, -d, frac * h + 0.012)).tint(
                        srgb(212, 176, 96)
                    )
                )
            b.add("satin", *(p.turn(lean, "y").move(x, back - 0.03, z) for p in parts))
            b.add(
                "paint",
                box((0.003, -d + 0.004, h - 0.002), (w - 0.003, 0, h + 0.0005))
                .tint(srgb(226, 216, 194))
                .turn(lean, "y")
                .move(x, back - 0.03, z),
            )
            x += w + 0.002 + (0.045 if lean else 0)


def table_lamp(b: Builder, at: tuple[float, float]) -> None:
    """A round side table with a ceramic lamp, its bulb seen through the open shade, and a cup."""
    x, y = at
    b.add(
        "walnut",
        lathe(
            [(0.001, 0.70), (0.40, 0.70), (0.43, 0.71), (0.43, 0.725), (0.001, 0.725)], 64, (2.6, 0.9)
        ).move(x + 0.12, y - 0.10, 0),
        lathe(
            [(0.2, 0), (0.19, 0.03), (0.04, 0.08), (0.035, 0.4), (0.06, 0.66), (0.1, 0.70)], 40, (0.3, 0.9), 2
        ).move(x + 0.12, y - 0.10, 0),
    )
    body = [
        (0.001, 0),
        (0.075, 0),
        (0.08, 0.02),
        (0.06, 0.04),
        (0.105, 0.14),
        (0.10, 0.22),
        (0.05, 0.31),
        (0.025, 0.34),
        (0.02, 0.36),
    ]
    b.add("lacquer", lathe(body, 64, smooth=2).tint(srgb(18, 70, 92)).move(x, y, 0.725))
    b.add("brass", cylinder((x, y, 1.08), 0.012, 0.10))
    b.add("shade", lathe([(0.215, 1.16), (0.14, 1.46)], 96, (1.2, 0.3)).move(x, y, 0))
    for r, z in ((0.215, 1.16), (0.14, 1.46)):
        ring = [
            (x + r * np.cos(a), y + r * np.sin(a), z) for a in np.linspace(0, 2 * np.pi, 64, endpoint=False)
        ]
        b.add("gold", tube(ring, 0.0035, 6, closed=True))
    b.glow("bulb", blackbody(2750) * 240)
    b.add("bulb", sphere((x, y, 1.275), 0.034, 24))
    b.add(
        "lacquer",
        lathe(
            [
                (0.001, 0.004),
                (0.03, 0.004),
                (0.04, 0.06),
                (0.043, 0.075),
                (0.04, 0.074),
                (0.036, 0.05),
                (0.001, 0.046),
            ],
            40,
            smooth=1,
        )
        .tint(srgb(232, 226, 214))
        .move(x - 0.10, y - 0.33, 0.726),
    )
    for i, tone in enumerate(((22, 60, 70), (184, 60, 40))):
        m = box((-0.11, -0.08, 0), (0.11, 0.08, 0.028)).tint(srgb(*tone)).turn(12 + 14 * i)
        b.add("satin", m.move(x + 0.02, y - 0.27, 0.726 + 0.029 * i))
