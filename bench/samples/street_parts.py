"""Buildings of the night street: facades with windows, shops with lit rooms, awnings and signs.

Everything is laid out in a local frame that faces -y: x along the front, y into the house, z up.
"""

from __future__ import annotations

import numpy as np
import strokes
from common import Builder, srgb
from mesh import Array, Mesh, box, cylinder, lathe, quad, rounded_box, sphere, surface, tube


class Local:
    """Parts in the frame of one building, placed in the street when it is done."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, Mesh]] = []

    def add(self, material: str, *meshes: Mesh) -> None:
        self.parts += [(material, m) for m in meshes]

    def place(self, b: Builder, turn: float, x: float, y: float) -> None:
        for name, m in self.parts:
            b.add(name, m.turn(turn).move(x, y, 0))


def panel(x0: float, x1: float, z0: float, z1: float, y: float = 0.0, u0: float = 0.0) -> Mesh:
    return quad((x0, y, z0), (x1 - x0, 0, 0), (0, 0, z1 - z0)).uvshift(x0 + u0, z0)


def storeys(
    loc: Local, rng: np.random.Generator, length: float, floors: int, wall: str, z0: float = 3.6
) -> None:
    """Upper floors: a grid of recessed sash windows, some lit, with sills, lintels and a cornice."""
    u0 = float(rng.uniform(0, 5))
    columns = max(2, round(length / 2.1))
    cell = length / columns
    w, h, step = 1.05, 1.75, 3.1
    for f in range(floors):
        zb = z0 + f * step
        zw0, zw1 = zb + 0.75, zb + 0.75 + h
        for c in range(columns):
            xa, xb = c * cell, (c + 1) * cell
            a, e = (xa + xb - w) / 2, (xa + xb + w) / 2
            loc.add(
                wall,
                panel(xa, a, zb, zb + step, 0, u0),
                panel(e, xb, zb, zb + step, 0, u0),
                panel(a, e, zb, zw0, 0, u0),
                panel(a, e, zw1, zb + step, 0, u0),
                quad((a, 0, zw0), (0, 0.2, 0), (0, 0, h)),
                quad((e, 0, zw0), (0, 0.2, 0), (0, 0, h)),
                quad((a, 0, zw1), (w, 0, 0), (0, 0.2, 0)),
            )
            loc.add(
                "stone",
                box((a - 0.08, -0.10, zw0 - 0.09), (e + 0.08, 0.2, zw0)),
                box((a - 0.1, -0.05, zw1), (e + 0.1, 0.0, zw1 + 0.18)),
            )
            for fa, fb, ga, gb in (
                (a, a + 0.06, zw0, zw1),
                (e - 0.06, e, zw0, zw1),
                (a, e, zw1 - 0.06, zw1),
                (a, e, zw0, zw0 + 0.06),
                (a, e, (zw0 + zw1) / 2 - 0.03, (zw0 + zw1) / 2 + 0.03),
                ((a + e) / 2 - 0.015, (a + e) / 2 + 0.015, zw0, zw1),
            ):
                loc.add("frame", box((fa, 0.12, ga), (fb, 0.17, gb)))
            lit = rng.uniform()
            if lit < 0.36:
                # One of four painted rooms of the window texture.
                k = int(rng.integers(4))
                pane = quad((a, 0.18, zw1), (w, 0, 0), (0, 0, -h), (0.25, 1)).uvshift(0.25 * k, 0)
                pane.f = pane.f[:, ::-1]
                loc.add("room_warm" if rng.uniform() < 0.75 else "room_cool", pane)
            else:
                loc.add("pane", panel(a, e, zw0, zw1, 0.18))
            if rng.uniform() < 0.12:
                loc.add(
                    "metal", rounded_box((a + 0.1, -0.42, zw0 - 0.62), (a + 0.85, -0.04, zw0 - 0.14), 0.03, 6)
                )
    top = z0 + floors * step
    loc.add(
        "stone",
        box((0, -0.28, top), (length, 0.3, top + 0.22)),
        box((0, -0.16, top - 0.2), (length, 0.1, top)),
        box((0, -0.14, z0 - 0.22), (length, 0.05, z0 - 0.02)),
    )
    x = float(rng.uniform(0.12, 0.3))
    loc.add("metal", tube([(x, -0.1, top), (x, -0.1, 0.2)], 0.05, 10))


def shop(loc: Local, rng: np.random.Generator, length: float, paint: Array, goods: str, light: str) -> None:
    """Ground floor: a painted timber front with a lit room behind it."""
    z1, depth, door = 2.75, 1.9, 1.05
    a, e = 0.35, length - 0.35 - door - 0.15
    front = paint
    for x0, x1 in ((0, a), (e, e + 0.15), (length - 0.35, length)):
        loc.add("gloss", rounded_box((x0, -0.06, 0.12), (x1, 0.12, 3.4), 0.015, 4).tint(front))
    loc.add(
        "gloss",
        box((a, -0.03, 0.12), (e, 0.10, 0.55)).tint(front * 0.9),
        rounded_box((0, -0.14, z1), (length, 0.10, 3.36), 0.02, 6).tint(front),
        box((a, 0.0, 2.1), (e, 0.06, 2.16)).tint(front),
    )
    for i in range(1, 4):
        x = a + (e - a) * i / 4
        loc.add("gloss", box((x - 0.025, 0, 0.55), (x + 0.025, 0.06, z1)).tint(front))
    # The door stands back in its porch; its upper half is glass that glows.
    d0, d1 = e + 0.15, length - 0.35
    loc.add(
        "gloss",
        box((d0, 0.3, 0.12), (d1, 0.36, 1.0)).tint(front * 0.8),
        box((d0, 0.3, 1.0), (d0 + 0.1, 0.36, z1)).tint(front * 0.8),
        box((d1 - 0.1, 0.3, 1.0), (d1, 0.36, z1)).tint(front * 0.8),
    )
    loc.add(
        "paint",
        quad((a, depth, 0.12), (length - 0.35 - a, 0, 0), (0, 0, z1 - 0.12)).tint(srgb(196, 160, 120)),
        quad((a, 0.05, 0.56), (length - 0.35 - a, 0, 0), (0, depth, 0)).tint(srgb(120, 84, 54)),
        quad((a, 0.05, z1), (length - 0.35 - a, 0, 0), (0, depth, 0)).tint(srgb(224, 220, 210)),
        quad((a, 0.05, 0.12), (0, depth, 0), (0, 0, z1)).tint(srgb(180, 140, 110)),
        quad((length - 0.35, 0.05, 0.12), (0, depth, 0), (0, 0, z1)).tint(srgb(180, 140, 110)),
    )
    strip = quad((a + 0.15, 0.6, z1 - 0.04), (length - a - 0.8, 0, 0), (0, 0.22, 0))
    strip.f = strip.f[:, ::-1]
    loc.add(light, strip)
    if goods == "mannequins":
        return
    tones = [
        (200, 40, 40),
        (240, 200, 40),
        (30, 110, 170),
        (60, 150, 80),
        (230, 120, 40),
        (230, 225, 215),
        (120, 50, 130),
    ]
    # Along the back, and on both side walls: from down the street one sees a shop's far wall.
    back = [(level, False, a, e, 0.35 if level < 1 else depth - 0.32) for level in (0.57, 1.05, 1.5, 1.95)]
    flank = [
        (level, True, 0.45, depth - 0.1, x) for level in (0.62, 1.0, 1.38, 1.76, 2.14) for x in (a, d1 - 0.3)
    ]
    for level, across, lo, hi, at in back + flank:

        def put(material: str, m: Mesh, at: float = at, across: bool = across) -> None:
            # Goods are laid along x; a side wall has them along y instead.
            loc.add(material, m.turn(90).move(at + 0.3, 0, 0) if across else m.move(0, at, 0))

        put("paint", box((lo, 0, level - 0.03), (hi, 0.3, level)).tint(srgb(92, 58, 36)))
        x = lo + 0.08
        while x < hi - 0.12:
            tone = srgb(*tones[int(rng.integers(len(tones)))]) * rng.uniform(0.6, 1.0)
            if goods == "bottles":
                h, r = rng.uniform(0.2, 0.32), rng.uniform(0.035, 0.05)
                prof = [(0.001, 0), (r, 0), (r, 0.6 * h), (0.3 * r, 0.8 * h), (0.3 * r, h), (0.001, h)]
                put("gloss", lathe(prof, 14).tint(tone).move(x, 0.15, level))
                x += 2.3 * r + 0.01
            elif goods == "fruit":
                for k in range(3):
                    r = 0.055
                    put("gloss", sphere((x, 0.06 + 0.1 * k, level + r), r, 12).tint(tone))
                x += 0.118
            else:
                w, h = rng.uniform(0.02, 0.06), rng.uniform(0.18, 0.3)
                put("paint", box((x, 0.08, level), (x + w, 0.25, level + h)).tint(tone))
                x += w + 0.004


def awning(loc: Local, x0: float, x1: float, tones: tuple[Array, Array], reach: float = 1.15) -> None:
    """Striped canvas over the shop window, with a scalloped valance."""
    n = max(4, round((x1 - x0) / 0.3))
    w = (x1 - x0) / n
    for i in range(n):
        xa = x0 + i * w
        loc.add("canvas", quad((xa, -0.1, 2.72), (w, 0, 0), (0, -reach, -0.48)).tint(tones[i % 2]))

        def hem(u: Array, v: Array, xa: float = xa) -> Array:
            drop = 0.14 + 0.07 * np.sin(np.pi * u)
            return np.stack([xa + w * u, np.full_like(u, -0.1 - reach), 2.24 - drop * v], -1)

        loc.add("canvas", surface(hem, 7, 2).tint(tones[i % 2]))
    for x in (x0 + 0.03, x1 - 0.03):
        loc.add("metal", tube([(x, -0.08, 2.2), (x, -0.1 - reach, 2.24)], 0.014, 6))


def board_sign(
    loc: Local, words: str, x: float, z: float, height: float, material: str, y: float = -0.16
) -> None:
    """Raised letters on the shop's fascia."""
    loc.add(material, strokes.tubes(strokes.text(words, height), height * 0.07, 0.0).move(x, y, z))


def lightbox(
    loc: Local, x: float, z: float, w: float, h: float, words: str, glow: str, ink: str, reach: float = 0.9
) -> None:
    """A projecting box sign: glowing panels on both sides of a metal case, upright letters on them."""
    # The panels stand across the pavement, so that people walking along the street read them.
    y1 = -0.25
    y0 = y1 - w
    for side, x_ in ((-1, x - 0.11), (1, x + 0.11)):
        face = quad((x_, y0, z), (0, w, 0), (0, 0, h))
        if side < 0:
            face.f = face.f[:, ::-1]
        loc.add(glow, face)
        letters = strokes.tubes(strokes.text(words, h / len(words) * 0.72, vertical=True), 0.032)
        turned = letters.turn(90 if side > 0 else -90)
        loc.add(ink, turned.move(x_ + 0.012 * side, (y0 + y1) / 2, z + h / 2))
    loc.add("metal", box((x - 0.10, y0, z), (x + 0.10, y1, z + h)))
    for x0 in (x - 0.12, x + 0.08):
        loc.add(
            "metal",
            box((x0, y0 - 0.04, z - 0.04), (x0 + 0.04, y0, z + h + 0.04)),
            box((x0, y0, z + h), (x0 + 0.04, y1, z + h + 0.04)),
            box((x0, y0, z - 0.04), (x0 + 0.04, y1, z)),
        )
    loc.add(
        "metal",
        tube([(x, 0, z + h - 0.3), (x, y1, z + h - 0.3)], 0.03),
        tube([(x, 0, z + 0.3), (x, y1, z + 0.3)], 0.03),
        cylinder((x, y0, z - 0.05), 0.02, 0.02),
    )
