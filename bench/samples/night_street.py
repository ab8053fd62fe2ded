"""A shopping street on a wet night: neon, lit shops, lanterns, people with umbrellas, a taxi."""

from __future__ import annotations

from typing import Any

import common as c
import numpy as np
import strokes
from common import Builder, rgb, srgb
from mesh import Array, box, lathe, quad, sphere
from noise import fbm
from sdf import bust, mesh_field
from street_materials import materials
from street_parts import Local, awning, board_sign, lightbox, shop, storeys
from street_props import (
    clutter,
    lanterns,
    person,
    street_lamp,
    taxi,
)

AMBIENT = (0.010, 0.014, 0.027)  # light of the night sky over the town
EDGE = 5.4  # facades stand this far from the middle of the street


def blade_neon(
    b: Builder,
    words: str,
    x: float,
    y: float,
    z: float,
    height: float,
    material: str,
    board: Array,
    edge: str | None = None,
) -> None:
    """Upright neon letters on a dark board that faces the camera; (x, z) is its middle."""
    lines = strokes.text(words, height, vertical=True)
    tall = height * (len(words) * 7.6 - 1.6) / 6
    w, h = height * 0.62, tall / 2 + height * 0.35
    b.add("gloss", box((x - w, y, z - h), (x + w, y + 0.16, z + h)).tint(board))
    b.add(material, strokes.tubes(lines, height * 0.042).move(x, y - 0.06, z))
    if edge:
        ring = np.array([[-w, -h], [w, -h], [w, h], [-w, h], [-w, -h]]) * [0.93, 0.975]
        b.add(edge, strokes.tubes([ring], 0.014).move(x, y - 0.04, z))


def side(b: Builder, rng: np.random.Generator, left: bool) -> None:
    """One side of the street: houses in a row, nearest first."""
    walls = (
        ["brick", "stucco0", "brick_grey", "stucco1", "brick", "stucco3"]
        if left
        else ["stucco2", "brick_grey", "stucco1", "brick", "stucco0", "brick_grey"]
    )
    names = (
        ["HOTEL ORION", "RECORDS", "BOOKS", "TAILOR", "CAFE", "KEYS"]
        if left
        else ["NOODLES", "FRUIT", "BAR LUNA", "SHOES", "TEA", "CLOCKS"]
    )
    goods = (
        ["mannequins", "books", "books", "bottles", "fruit", "books"]
        if left
        else ["bottles", "fruit", "bottles", "books", "bottles", "books"]
    )
    paints = (
        ((18, 60, 52), (120, 24, 30), (24, 44, 92), (60, 30, 66), (140, 96, 20), (30, 30, 34))
        if left
        else ((132, 28, 20), (30, 84, 50), (26, 28, 60), (140, 84, 30), (22, 76, 84), (88, 30, 40))
    )
    inks = (
        ("neon_amber", "neon_white", "neon_cyan", "neon_pink", "neon_amber", "neon_green")
        if left
        else ("neon_amber", "neon_green", "neon_violet", "neon_white", "neon_cyan", "neon_red")
    )
    y = -4.5
    for i in range(6):
        length = float(rng.uniform(6.4, 8.2))
        loc = Local()
        storeys(loc, rng, length, int(rng.integers(2, 5)), walls[i])
        shop(loc, rng, length, srgb(*paints[i]), goods[i], "strip_cool" if i in (1, 4) else "strip_warm")
        board_sign(loc, names[i], length / 2, 3.06, 0.34, inks[i])
        if i in (1, 3, 4):
            awning(
                loc,
                0.4,
                length - 1.5,
                (srgb(178, 30, 34), srgb(232, 222, 204)) if left else (srgb(24, 92, 70), srgb(236, 226, 200)),
            )
        if i in (2, 4, 5):
            glow = ("box_yellow", "box_white", "box_teal")[(i + (0 if left else 1)) % 3]
            lightbox(
                loc,
                length * 0.3,
                4.2,
                0.85,
                2.6,
                ("TEA", "24H", "CAFE", "ZOOM", "KINO", "BATH")[i - (left * 1)],
                glow,
                "ink",
            )
        if left:
            loc.place(b, 90, -EDGE, y)
        else:
            loc.place(b, -90, EDGE, y + length)
        y += length


def far_end(b: Builder) -> None:
    """The picture house that closes the street, with a marquee of bulbs."""
    y = 42.0
    b.add("stucco1", quad((-9, y, 0), (18, 0, 0), (0, 0, 13)))
    b.add(
        "stone",
        box((-9, y - 0.4, 12.6), (9, y + 0.2, 13.2)),
        box((-5.2, y - 0.3, 0), (-4.6, y, 12.6)),
        box((4.6, y - 0.3, 0), (5.2, y, 12.6)),
    )
    b.add("gloss", box((-4.2, y - 1.8, 3.7), (4.2, y, 5.5)).tint(srgb(120, 16, 20)))
    b.add("box_white", quad((-4.0, y - 1.82, 3.85), (8.0, 0, 0), (0, 0, 0.8)))
    b.add(
        "ink",
        strokes.tubes(strokes.text("NOW  THE LONG NIGHT".replace("  ", " "), 0.36), 0.03).move(
            0, y - 1.86, 4.25
        ),
    )
    b.add("neon_red", strokes.tubes(strokes.text("CINEMA", 1.5), 0.085).move(0, y - 0.9, 6.9))
    b.add("neon_amber", strokes.tubes([strokes.arc(0, 6.9, 4.1, 1.6, 0, 360, 48)], 0.05).move(0, y - 0.7, 0))
    for x in np.arange(-4.1, 4.11, 0.41):
        for z in (3.74, 5.42, 4.78):
            b.add("bulbs", sphere((float(x), y - 1.86, z), 0.05, 8))
    for x in (-2.9, -0.95, 1.0, 2.95):
        b.add("room_warm", quad((x - 0.8, y - 0.1, 2.9), (1.6, 0, 0), (0, 0, -2.6), (0.25, 1)))


def people(b: Builder) -> None:
    skins = [srgb(232, 184, 152), srgb(150, 96, 66), srgb(214, 160, 122), srgb(94, 58, 42)]
    person(
        b,
        -2.1,
        1.7,
        14,
        0.5,
        srgb(196, 40, 34),
        srgb(34, 40, 70),
        skins[0],
        srgb(58, 32, 20),
        ("canvas", srgb(236, 190, 30)),
    )
    person(b, 1.75, 4.4, -12, -0.45, srgb(30, 74, 128), srgb(30, 28, 30), skins[1], srgb(18, 14, 12))
    person(
        b,
        -4.35,
        5.6,
        170,
        0.4,
        srgb(70, 96, 60),
        srgb(50, 44, 40),
        skins[2],
        srgb(90, 60, 30),
        ("canvas", srgb(200, 26, 40)),
    )
    person(
        b,
        4.55,
        7.6,
        20,
        0.3,
        srgb(190, 150, 110),
        srgb(40, 40, 60),
        skins[3],
        srgb(14, 12, 12),
        ("canvas", srgb(40, 110, 190)),
    )
    person(
        b,
        -0.6,
        15.5,
        185,
        0.5,
        srgb(120, 60, 120),
        srgb(30, 30, 36),
        skins[2],
        srgb(20, 16, 14),
        ("canvas", srgb(230, 90, 130)),
    )
    # Busts in coats stand as dummies in the first window on the left.
    dummy = mesh_field(bust, (-0.26, -0.14, -0.01), (0.26, 0.16, 0.56), 0.009)
    for i, (y, tone, cloth) in enumerate(
        (
            (-2.6, (226, 178, 146), (30, 90, 150)),
            (-1.2, (170, 112, 80), (190, 150, 30)),
            (0.2, (240, 200, 172), (170, 40, 80)),
        )
    ):
        m = dummy.scale(1.15, 1.15, 1.15).turn(62 - 12 * i).move(-6.05, y, 1.18)
        m.colour = np.where(m.v[:, 2:3] < 1.18 + 0.27, srgb(*cloth), srgb(*tone)) * np.ones_like(m.v)
        b.add("cloth", m)
        b.add(
            "cloth",
            lathe([(0.10, 0.55), (0.20, 0.7), (0.17, 0.95), (0.22, 1.25), (0.1, 1.3)], 24, smooth=2)
            .tint(srgb(*cloth))
            .move(-6.05, y, 0),
        )


def build(width: int, height: int) -> Any:
    b = Builder()
    materials(b)
    rng = np.random.default_rng(5)
    b.add("road", quad((-3.6, -9, 0), (7.2, 0, 0), (0, 53, 0)))
    for x in (-EDGE - 0.4, 3.6):
        b.add("paving", quad((x, -9, 0.12), (EDGE - 3.2, 0, 0), (0, 53, 0)))
    side(b, rng, True)
    side(b, rng, False)
    far_end(b)
    people(b)
    clutter(b, rng)
    taxi(b, 1.6, 16.5)
    for y, x in ((-9.5, -4.0), (-8.5, 4.0), (9.0, -4.0), (11.0, 4.0), (24.0, -4.0), (28.0, 4.0)):
        street_lamp(b, x, y, float(np.sign(x)))
    lanterns(b, 6.5, 5.9, 9, ("lantern_red", "lantern_gold"), -EDGE, EDGE)
    lanterns(b, 13.5, 6.2, 9, ("lantern_gold", "lantern_red"), -EDGE, EDGE)
    lanterns(b, 22.0, 8.5, 9, ("lantern_red", "lantern_red", "lantern_gold"), -EDGE, EDGE)
    blade_neon(b, "HOTEL", -4.5, 6.6, 4.85, 0.46, "neon_red", srgb(20, 16, 22), "neon_blue")
    blade_neon(b, "BAR", 4.5, 9.6, 4.85, 0.55, "neon_violet", srgb(18, 14, 20), "neon_cyan")
    for name, lines in strokes.glass(1.1).items():
        tube_name = {"glass": "neon_cyan", "drink": "neon_pink", "olive": "neon_green"}[name]
        b.add(tube_name, strokes.tubes(lines, 0.024).move(4.4, 9.5, 6.85))
    for name, lines in strokes.bowl(1.15).items():
        tube_name = {"bowl": "neon_red", "steam": "neon_white", "noodle": "neon_amber"}[name]
        b.add(tube_name, strokes.tubes(lines, 0.026).move(4.45, 4.9, 4.95))
    b.add("gloss", box((3.6, 5.0, 4.15), (5.35, 5.12, 5.9)).tint(srgb(16, 14, 18)))
    b.add("neon_green", strokes.tubes(strokes.arrow(1.5, 0.35), 0.024).move(4.4, 4.9, 3.9))
    b.scene["sky"] = {"type": "constant", "radiance": rgb(AMBIENT)}
    cam = c.camera((-0.55, -7.2, 1.62), (0.1, 30.0, 1.62), 58, shift_y=-0.07)
    return b.build(cam, width, height)


def finish(layers: dict[str, Array]) -> Array:
    """Denoise, then the night sky, thin haze with the glow of the town in it, and glare of the lens."""
    miss = np.clip(1 - layers["alpha"], 0, 1)[..., None]
    image = np.maximum(c.denoise(layers) - miss * np.array(AMBIENT), 0)
    h, w = image.shape[:2]
    y = np.linspace(0, 1, h)[:, None, None]
    clouds = fbm((1024, 1024), (4, 2), 6, 77)
    cloud = np.kron(clouds, np.ones((2, 2), np.float32))[:h, :w, None] if h <= 2048 else 0
    sky = (
        np.array([0.010, 0.013, 0.026]) * (0.6 + 1.6 * y)
        + np.array([0.030, 0.018, 0.012]) * np.clip(0.5 + cloud, 0, 1.5) * y
    )
    depth = layers["depth"][..., None]
    haze = (1 - np.exp(-np.maximum(depth - 6, 0) / 140)) * (1 - miss)
    image = image * (1 - haze) + haze * np.array([0.060, 0.042, 0.046]) + miss * sky
    return c.glare(image, 0.06, core=2.2)


SETTINGS = {"spp": 32, "depth": 6, "clamp": 70.0}
