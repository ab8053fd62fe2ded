"""Materials and lights of the night street."""

from __future__ import annotations

import numpy as np
from common import Builder, blackbody, bumped, glossy, matte, sheer, srgb, texture, vertex_colour
from street_props import ground_textures, paper_lantern, paving_textures, room_windows
from textures import bricks, plaster

# Gas and phosphor colours in AP1, chosen outside BT.709 where real tubes are; units of radiance.
NEON = {
    "neon_red": (26.0, 0.30, 0.25),
    "neon_pink": (20.0, 0.6, 9.0),
    "neon_green": (0.9, 17.0, 2.0),
    "neon_cyan": (0.4, 11.0, 14.0),
    "neon_blue": (1.0, 1.4, 26.0),
    "neon_amber": (24.0, 8.5, 0.35),
    "neon_violet": (6.5, 0.8, 24.0),
    "neon_white": (17.0, 16.0, 15.5),
}


def materials(b: Builder) -> None:
    g, p = ground_textures(), paving_textures()
    b.material(
        "road",
        bumped(
            glossy(texture(g["colour"], scale=1 / 12), texture(g["rough"], scale=1 / 12), 0.6),
            texture(g["height"], scale=1 / 12),
            1.0,
        ),
    )
    b.material(
        "paving",
        bumped(
            glossy(texture(p["colour"], scale=1 / 4.8), texture(p["rough"], scale=1 / 4.8), 0.55),
            texture(p["height"], scale=1 / 4.8),
            1.0,
        ),
    )
    red, height = bricks()
    b.material("brick", bumped(glossy(texture(red), 0.55, 0.3), texture(height), 1.0))
    grey, height = bricks(seed=19, tones=[srgb(104, 96, 88), srgb(128, 116, 100), srgb(84, 80, 78)])
    b.material("brick_grey", bumped(glossy(texture(grey), 0.55, 0.3), texture(height), 1.0))
    for i, tone in enumerate(((74, 116, 118), (186, 132, 66), (150, 74, 66), (120, 128, 106))):
        b.material(f"stucco{i}", glossy(texture(plaster(srgb(*tone), 200 + i, 0.22), scale=0.35), 0.6, 0.3))
    b.material("stone", glossy(texture(plaster(srgb(150, 142, 130), 210, 0.15), scale=0.8), 0.45, 0.4))
    b.material("frame", glossy(srgb(196, 188, 172), 0.4))
    b.material("pane", glossy(srgb(8, 10, 14), 0.06, 0.8))
    b.material("metal", glossy(srgb(52, 54, 56), 0.35, 0.5, 0.6))
    b.material("rubber", glossy(srgb(14, 14, 15), 0.5))
    b.material("marking", glossy(srgb(190, 186, 172), 0.25, 0.5))
    b.material("paint", matte(vertex_colour()))
    b.material("cloth", glossy(vertex_colour(), 0.7, 0.35))
    b.material("gloss", glossy(vertex_colour(), 0.18, 0.55))
    b.material("canvas", sheer(vertex_colour(), 0.6))
    b.material("ink", matte(srgb(24, 16, 18)))
    for name, value in NEON.items():
        b.glow(name, value)
    warm, cool = blackbody(2700), blackbody(5200)
    rooms = room_windows()
    b.glow("room_warm", texture(rooms * warm * 1.7, wrap="clamp"))
    b.glow("room_cool", texture(rooms * cool * 1.1, wrap="clamp"))
    b.glow("strip_warm", blackbody(3100) * 48)
    b.glow("strip_cool", blackbody(6200) * 42)
    b.glow("lamp", blackbody(3000) * 150)
    b.glow("bulbs", blackbody(2500) * 110)
    b.glow("box_white", blackbody(6000) * 3.2)
    b.glow("box_yellow", np.array([4.6, 2.9, 0.25]))
    b.glow("box_teal", np.array([0.15, 2.2, 2.0]))
    b.glow("sign_amber", np.array([9.0, 5.0, 0.6]))
    b.glow("tail", np.array([14.0, 0.12, 0.08]))
    for name, dim, hot in (
        ("red", (1.6, 0.06, 0.03), (11.0, 1.5, 0.35)),
        ("gold", (2.2, 0.75, 0.10), (11.0, 6.0, 1.3)),
    ):
        b.glow(f"lantern_{name}", texture(paper_lantern(np.array(dim), np.array(hot)), wrap="clamp"))
