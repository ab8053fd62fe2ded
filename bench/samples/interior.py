"""Interior: a study in the late afternoon, sun through the window, a lamp already lit."""

from __future__ import annotations

import common as c
import numpy as np
from common import Builder, blackbody, glossy, matte, rgb, sheer, srgb, texture, vertex_colour
from furniture import armchair, books, console, curtain, table_lamp
from garden import view_from_window
from mesh import Mesh, box, quad, rounded_box, tube
from sdf import bust, mesh_field
from still_life import plant, still_life
from textures import marble, painting, planks, plaster, rug, wood

BACK, LEFT, RIGHT, FRONT, TOP = 4.3, -2.5, 2.5, -2.0, 2.85
SHIFT = 0.10
WIN = (-1.95, -0.35, 0.80, 2.40)  # x0, x1, z0, z1 of the opening in the back wall


def materials(b: Builder) -> None:
    floor, rough = planks()
    b.material("floor", glossy(texture(floor, scale=0.5), texture(rough, scale=0.5), specular=0.5))
    b.material("wall", matte(texture(plaster(srgb(122, 140, 128), 31), scale=0.5)))
    b.material("ceiling", matte(texture(plaster(srgb(222, 216, 204), 33, 0.03), scale=0.5)))
    b.material("trim", glossy(srgb(226, 220, 206), 0.35))
    b.material("oak", glossy(texture(wood(srgb(84, 46, 22), srgb(150, 94, 50), 51), scale=1.6), 0.32))
    b.material("walnut", glossy(texture(wood(srgb(42, 24, 14), srgb(94, 56, 34), 57), scale=1.8), 0.25))
    b.material("rug", matte(texture(rug(), scale=1.0)))
    b.material("painting", glossy(texture(painting(), scale=1.0), 0.45))
    b.material("gold", glossy(srgb(214, 166, 84), 0.28, metallic=1.0))
    b.material("brass", glossy(srgb(226, 180, 96), 0.16, metallic=1.0))
    b.material(
        "marble", glossy(texture(marble(srgb(228, 222, 212), srgb(120, 112, 108), 61), scale=1.5), 0.15)
    )
    b.material("terracotta", glossy(texture(plaster(srgb(198, 124, 90), 71, 0.10), scale=3.0), 0.6, 0.35))
    b.material("paint", matte(vertex_colour()))
    b.material("lacquer", glossy(vertex_colour(), 0.12, 0.6))
    b.material("satin", glossy(vertex_colour(), 0.4, 0.4))
    b.material("shade", sheer(srgb(238, 222, 190), 1.1))
    b.material("voile", sheer(srgb(236, 230, 216), 1.0))
    b.material("leaf", sheer(srgb(62, 112, 40), 0.6))
    b.material("petal", sheer(vertex_colour(), 0.7))


def room(b: Builder) -> None:
    x0, x1, z0, z1 = WIN
    depth = BACK + 0.28
    b.add("floor", quad((LEFT, FRONT, 0), (RIGHT - LEFT, 0, 0), (0, BACK - FRONT, 0)))
    b.add("ceiling", quad((LEFT, FRONT, TOP), (RIGHT - LEFT, 0, 0), (0, BACK - FRONT, 0)))
    tall = (0, 0, TOP)
    b.add(
        "wall",
        quad((LEFT, FRONT, 0), (0, BACK - FRONT, 0), tall),
        quad((RIGHT, FRONT, 0), (0, BACK - FRONT, 0), tall),
        quad((LEFT, FRONT, 0), (RIGHT - LEFT, 0, 0), tall),
        quad((LEFT, BACK, 0), (x0 - LEFT, 0, 0), tall),
        quad((x1, BACK, 0), (RIGHT - x1, 0, 0), tall),
        quad((x0, BACK, 0), (x1 - x0, 0, 0), (0, 0, z0)),
        quad((x0, BACK, z1), (x1 - x0, 0, 0), (0, 0, TOP - z1)),
    )
    # Reveal of the window, in painted wood.
    b.add(
        "trim",
        quad((x0, BACK, z0), (0, depth - BACK, 0), (0, 0, z1 - z0)),
        quad((x1, BACK, z0), (0, depth - BACK, 0), (0, 0, z1 - z0)),
        quad((x0, BACK, z1), (x1 - x0, 0, 0), (0, depth - BACK, 0)),
        rounded_box((x0 - 0.12, BACK - 0.14, z0 - 0.05), (x1 + 0.12, depth, z0), 0.012),
    )
    for lo, hi in (
        ((x0 - 0.1, z0), (x0, z1)),
        ((x1, z0), (x1 + 0.1, z1)),
        ((x0 - 0.1, z1), (x1 + 0.1, z1 + 0.12)),
    ):
        b.add("trim", rounded_box((lo[0], BACK - 0.03, lo[1]), (hi[0], BACK + 0.01, hi[1]), 0.008))
    # Sash: a frame, one stile in the middle, two bars across.
    y0, y1 = BACK + 0.16, BACK + 0.21
    mid = (x0 + x1) / 2
    for a, w in ((x0, 0.06), (x1 - 0.06, 0.06), (mid - 0.045, 0.09)):
        b.add("trim", rounded_box((a, y0, z0), (a + w, y1, z1), 0.008))
    for z, h in ((z0, 0.08), (z1 - 0.06, 0.06), (z0 + 0.56, 0.028), (z0 + 1.06, 0.028)):
        b.add("trim", rounded_box((x0, y0 + 0.005, z), (x1, y1 - 0.005, z + h), 0.006))
    for x in (mid - 0.38, mid + 0.38):
        b.add("trim", rounded_box((x - 0.013, y0 + 0.008, z0), (x + 0.013, y1 - 0.008, z1), 0.006))
    b.add("brass", tube([(mid, y0 - 0.01, 1.5), (mid, y0 - 0.05, 1.5), (mid, y0 - 0.05, 1.40)], 0.009))
    # Skirting, dado rail and cornice.
    for z, h, t in ((0, 0.14, 0.02), (0.92, 0.05, 0.02), (TOP - 0.10, 0.10, 0.07), (TOP - 0.14, 0.04, 0.03)):
        for lo, hi in (
            ((LEFT, BACK - t), (RIGHT, BACK)),
            ((LEFT, FRONT), (LEFT + t, BACK)),
            ((RIGHT - t, FRONT), (RIGHT, BACK)),
        ):
            if z == 0.92 and lo == (LEFT, BACK - t):
                b.add("trim", box((x1 + 0.1, BACK - t, z), (RIGHT, BACK, z + h)))
            else:
                b.add("trim", box((lo[0], lo[1], z), (hi[0], hi[1], z + h)))
    b.add("rug", quad((-1.15, 0.55, 0.012), (0, 2.9, 0), (2.05, 0, 0), (1, 1)))


def picture(b: Builder) -> None:
    """Framed painting between the window and the shelves."""
    x0, x1, z0, z1, y = 0.08, 0.98, 1.42, 2.06, BACK
    b.add("painting", quad((x0, y - 0.02, z1), (x1 - x0, 0, 0), (0, 0, z0 - z1), (1, 1)))
    for lo, hi in (
        ((x0 - 0.07, z0 - 0.07), (x1 + 0.07, z0)),
        ((x0 - 0.07, z1), (x1 + 0.07, z1 + 0.07)),
        ((x0 - 0.07, z0), (x0, z1)),
        ((x1, z0), (x1 + 0.07, z1)),
    ):
        b.add("gold", rounded_box((lo[0], y - 0.05, lo[1]), (hi[0], y, hi[1]), 0.018))


def lights(b: Builder) -> None:
    # What is seen through the window: a garden under a bright sky, far brighter than the room.
    b.glow("garden", texture(view_from_window(), wrap="clamp"))
    b.add(
        "garden",
        Mesh(
            np.array([[-6.6, 12.5, -1.4], [1.6, 12.5, -1.4], [1.6, 12.5, 4.75], [-6.6, 12.5, 4.75]]),
            np.array([[0, 1, 2], [0, 2, 3]]),
            np.array([[0, 1], [1, 1], [1, 0], [0, 0]], float),
        ),
    )
    # A second window, behind the camera on the left, fills the shadows with soft daylight.
    b.glow("fill", srgb(206, 222, 236) * 13.0)
    b.add("fill", quad((LEFT + 0.01, -1.75, 0.9), (0, 1.5, 0), (0, 0, 1.5)))
    sun = blackbody(4600) * 34.0
    b.scene["sun"] = {"type": "directional", "direction": [0.36, -0.88, -0.80], "irradiance": rgb(sun)}


def build(width: int, height: int) -> object:
    b = Builder()
    materials(b)
    room(b)
    picture(b)
    lights(b)
    for side in (-1, 1):
        b.add("voile", curtain(side, WIN, BACK))
    b.add("brass", tube([(-2.45, BACK - 0.12, 2.56), (0.12, BACK - 0.12, 2.56)], 0.014, 12))
    console(b, (-1.75, BACK - 0.50))
    still_life(b, (-1.15, BACK - 0.28, 0.80))
    armchair(b, (0.42, 2.85), 22)
    books(b, 1.18, 2.46, BACK)
    table_lamp(b, (1.42, 2.95))
    plant(b, (-2.05, 2.15))
    statue = mesh_field(bust, (-0.26, -0.14, -0.01), (0.26, 0.16, 0.56), 0.0055)
    b.add("terracotta", statue.turn(-22).scale(1.1, 1.1, 1.1).move(1.74, 2.66, 0.725))
    cam = c.camera((0.10, -1.45, 1.32), (-0.02, 4.0, 1.32), 53, shift_y=SHIFT)
    return b.build(cam, width, height)


def finish(layers: dict[str, np.ndarray]) -> np.ndarray:
    return c.glare(c.denoise(layers), 0.035)


SETTINGS = {"spp": 32, "depth": 7, "clamp": 80.0}
