"""People, lamps, lanterns, a taxi and the ground of the night street (world frame: y down the street)."""

from __future__ import annotations

import numpy as np
from common import Builder, srgb
from mesh import Array, Mesh, box, cylinder, lathe, quad, rounded_box, sphere, surface, tube
from noise import fbm, mix, smoothstep
from sdf import head_and_neck, mesh_field, walker


def ground_textures(size: int = 3072, seed: int = 80) -> dict[str, Array]:
    """Wet asphalt: colour, roughness and height of a tile of 12 m; puddles are smooth and flat."""
    stones = fbm((size, size), (size // 10, size // 10), 1, seed)
    mid = fbm((size, size), (120, 120), 4, seed + 1)
    slow = fbm((size, size), (5, 4), 5, seed + 2)
    cracks = np.abs(fbm((size, size), (6, 6), 5, seed + 3))
    crack = smoothstep(0.012, 0.0, cracks) * smoothstep(0.0, 0.3, slow)
    wet = smoothstep(0.04, 0.22, slow + 0.10 * mid)
    base = 0.030 * (1 + 0.7 * stones + 0.5 * mid)
    colour = base[..., None] * np.array([1.0, 0.98, 0.95])
    colour = mix(colour, colour * 0.45, wet) * (1 - 0.6 * crack)[..., None]
    rough = 0.36 + 0.10 * mid + 0.08 * stones
    rough = rough * (1 - wet) + 0.025 * wet
    height = (0.0016 * stones + 0.0030 * mid) * (1 - wet) ** 1.5 + 0.0002 * mid * wet
    return {
        "colour": np.clip(colour, 0.004, 1),
        "rough": np.clip(rough, 0.02, 1),
        "height": height - 0.004 * crack,
    }


def paving_textures(size: int = 2048, seed: int = 90) -> dict[str, Array]:
    """Wet flagstones, 0.6 m x 0.4 m; a tile of 4.8 m."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size] / size
    row = np.floor(y * 12).astype(int)
    u = x * 8 + 0.5 * (row % 2)
    col = np.floor(u).astype(int) % 8
    shade = rng.uniform(0.6, 1.2, (12, 8))[row, col]
    tilt = rng.uniform(-1, 1, (12, 8))[row, col]
    d = np.minimum(np.minimum(y * 12 % 1, 1 - y * 12 % 1) * 0.4, np.minimum(u % 1, 1 - u % 1) * 0.6)
    face = smoothstep(0.004, 0.014, d)
    grit = fbm((size, size), (100, 100), 4, seed + 1)
    slow = fbm((size, size), (5, 5), 5, seed + 2)
    wet = smoothstep(-0.1, 0.25, slow + 0.15 * tilt)
    colour = (0.085 * shade * (1 + 0.4 * grit) * (0.35 + 0.65 * face) * (1 - 0.4 * wet))[..., None]
    rough = (0.42 + 0.15 * grit) * (1 - wet) + 0.07 * wet
    return {
        "colour": np.clip(colour * np.array([1, 0.97, 0.92]), 0.003, 1),
        "rough": np.clip(rough, 0.04, 1),
        "height": 0.004 * face + 0.0015 * grit * (1 - 0.7 * wet) + 0.002 * tilt * (u % 1),
    }


def room_windows(w: int = 1024, h: int = 512) -> Array:
    """Four lit rooms as seen from the street at night: lamps, curtains, a plant, blinds; unit scale."""
    y, x = np.mgrid[0:h, 0:w]
    k = x // (w // 4)
    u, v = (x % (w // 4)) / (w / 4), y / h
    glow = 0.35 + 0.9 * np.exp(-(((u - 0.55) / 0.30) ** 2 + ((v - 0.35) / 0.25) ** 2))
    img = glow[..., None] * np.array([1.0, 0.92, 0.8])
    fold = 0.5 + 0.25 * np.sin(u * 60) + 0.15 * np.sin(u * 37 + 1)
    left, right = (k == 0) & (u < 0.28 + 0.05 * np.sin(3 * v)), (k == 0) & (u > 0.74)
    img[left | right] *= (fold[left | right] * 0.55)[:, None] * np.array([1.1, 0.55, 0.4])
    img[(k == 1)] *= (0.35 + 0.65 * (np.abs(v * 22 % 1 - 0.5) > 0.14))[k == 1][:, None]
    lamp = (k == 2) & (np.abs(u - 0.5) < 0.10 + 0.2 * (v - 0.2)) & (v > 0.2) & (v < 0.38)
    img[lamp] *= 2.6
    plant = (k == 3) & (fbm((h, w), (16, 32), 4, 4) + 1.2 * (v - 0.75) - 0.8 * np.abs(u - 0.4) > 0)
    img[plant] *= np.array([0.10, 0.16, 0.07])
    person = (k == 2) & (
        (np.hypot((u - 0.26) * 0.5, v - 0.52) < 0.045) | ((np.abs(u - 0.26) < 0.15) & (v > 0.585))
    )
    img[person] *= 0.12
    return img


def paper_lantern(dim: Array, hot: Array, h: int = 256) -> Array:
    """Light of a lantern from mouth to mouth: bright at the flame, ribs, paper grain."""
    v = np.linspace(0, 1, h)[:, None]
    flame = np.exp(-(((v - 0.46) / 0.20) ** 2))
    rib = 1 - 0.55 * smoothstep(0.78, 0.95, np.abs(np.cos(np.pi * 9 * v)))
    grain = 1 + 0.25 * fbm((h, h), (8, 8), 4, 6)
    return mix(dim, hot, flame) * (rib * grain)[..., None]


def person(
    b: Builder,
    x: float,
    y: float,
    turn: float,
    stride: float,
    coat: Array,
    legs: Array,
    skin: Array,
    hair: Array,
    umbrella: tuple[str, Array] | None = None,
    size: float = 1.0,
) -> None:
    """A walker with a coat, and perhaps an umbrella; coloured by height and place on the body."""
    m = mesh_field(walker(stride), (-0.36, -0.46, 0.0), (0.36, 0.46, 1.50), 0.014)
    v = m.v
    colour = np.where(v[:, 2:3] > 0.60, coat, legs) * np.ones((len(v), 3))
    colour[v[:, 2] < 0.10] = srgb(24, 20, 20)
    hand = (v[:, 2] < 0.985) & (v[:, 2] > 0.80) & (np.abs(v[:, 0]) > 0.19) & (v[:, 1] < -0.06)
    colour[hand | (v[:, 2] > 1.455)] = skin
    belt = (np.abs(v[:, 2] - 1.06) < 0.022) & (np.abs(v[:, 0]) < 0.2)
    seam = (np.abs(v[:, 0]) < 0.007) & (v[:, 1] < 0) & (v[:, 2] > 0.6) & (v[:, 2] < 1.45)
    colour[belt | seam] = coat * 0.35
    m.colour = colour
    face = mesh_field(head_and_neck, (-0.10, -0.13, -0.20), (0.10, 0.13, 0.16), 0.0065)
    v = face.v
    tint = np.where(v[:, 2:3] > 0.02, skin, skin * np.array([0.98, 0.93, 0.92])) * np.ones((len(v), 3))
    lips = (np.abs(v[:, 2] + 0.064) < 0.010) & (np.abs(v[:, 0]) < 0.022) & (v[:, 1] < -0.078)
    tint[lips] = skin * np.array([0.85, 0.52, 0.50])
    eyes = (np.hypot(np.abs(v[:, 0]) - 0.031, v[:, 2] - 0.002) < 0.0095) & (v[:, 1] < -0.06)
    tint[eyes] = srgb(40, 30, 26)
    brows = (np.abs(v[:, 2] - 0.026) < 0.005) & (np.abs(np.abs(v[:, 0]) - 0.030) < 0.018) & (v[:, 1] < -0.06)
    tint[brows | (v[:, 2] > 0.075 - 0.9 * (v[:, 1] + 0.075)) | ((v[:, 1] > 0.03) & (v[:, 2] > -0.08))] = hair
    face.colour = tint
    face = face.move(0, 0, 1.62)

    def put(name: str, mesh: Mesh) -> None:
        b.add(name, mesh.scale(size, size, size).turn(turn).move(x, y, 0))

    put("cloth", m)
    put("cloth", face)
    if umbrella:
        name, tone = umbrella

        def canopy(u: Array, v_: Array) -> Array:
            a = 2 * np.pi * u
            rib = 1 - 0.06 * np.abs(np.sin(4 * a)) * v_
            r = 0.60 * v_ * rib
            z = 2.18 - 0.30 * v_**2.2 + 0.03 * np.abs(np.sin(4 * a)) * v_
            return np.stack([0.12 + r * np.cos(a), -0.12 + r * np.sin(a), z], -1)

        put(name, surface(canopy, 97, 14).tint(tone))
        put("metal", tube([(0.2, -0.14, 0.92), (0.13, -0.12, 1.6), (0.12, -0.12, 2.24)], 0.009, 6))


def street_lamp(b: Builder, x: float, y: float, side: float) -> None:
    b.add(
        "metal",
        lathe([(0.11, 0), (0.10, 0.5), (0.06, 0.6), (0.045, 4.6), (0.001, 4.62)], 16, smooth=1).move(x, y, 0),
        tube(
            [(x, y, 4.3), (x - 0.2 * side, y, 4.75), (x - 0.6 * side, y, 4.95), (x - 1.0 * side, y, 4.9)],
            0.03,
        ),
        lathe([(0.02, 0.14), (0.10, 0.10), (0.22, 0.0), (0.2, -0.01)], 24).move(x - 1.0 * side, y, 4.82),
    )
    b.add("lamp", sphere((x - 1.0 * side, y, 4.80), 0.11, 16))


def lanterns(
    b: Builder, y: float, z: float, count: int, names: tuple[str, ...], x0: float, x1: float
) -> None:
    """Paper lanterns on a slack wire over the street."""
    t = np.linspace(0, 1, 40)
    wire = np.stack([x0 + (x1 - x0) * t, np.full_like(t, y), z - 1.0 * 4 * t * (1 - t)], 1)
    b.add("metal", tube(wire, 0.008, 5))
    profile = [
        (0.07, -0.22),
        (0.10, -0.21),
        (0.19, -0.12),
        (0.22, 0.0),
        (0.19, 0.12),
        (0.10, 0.21),
        (0.07, 0.22),
    ]
    for i in range(count):
        f = (i + 0.5) / count
        cx, cz = x0 + (x1 - x0) * f, z - 4 * f * (1 - f) - 0.32
        b.add(names[i % len(names)], lathe(profile, 24, smooth=2).move(cx, y, cz))
        b.add(
            "metal",
            cylinder((cx, y, cz + 0.21), 0.075, 0.03, 16),
            cylinder((cx, y, cz - 0.24), 0.075, 0.03, 16),
        )


def taxi(b: Builder, x: float, y: float) -> None:
    """A car that drives away: lamps, plate, lit roof sign; the body is glossy and mostly reflections."""
    body = srgb(226, 150, 10)
    b.add(
        "gloss",
        rounded_box((x - 0.88, y, 0.32), (x + 0.88, y + 4.3, 0.98), 0.16, 14, 0.04).tint(body),
        rounded_box((x - 0.72, y + 0.7, 0.80), (x + 0.72, y + 3.2, 1.46), 0.22, 14, 0.03).tint(body),
    )
    b.add("pane", quad((x - 0.58, y + 0.70, 1.02), (1.16, 0, 0), (0, 0.12, 0.34)).move(0, -0.05, 0))
    for s in (-1, 1):
        b.add(
            "tail",
            rounded_box(
                (x + s * 0.68 - 0.14, y - 0.055, 0.70), (x + s * 0.68 + 0.14, y + 0.05, 0.84), 0.03, 6
            ),
        )
        for dy in (0.8, 3.4):
            b.add(
                "rubber",
                cylinder((0, 0, -0.11), 0.32, 0.22, 28).turn(90, "y").move(x + s * 0.78, y + dy, 0.32),
            )
    b.add(
        "gloss",
        rounded_box((x - 0.86, y - 0.10, 0.36), (x + 0.86, y + 0.12, 0.54), 0.05, 8).tint(srgb(40, 40, 42)),
    )
    b.add("paint", box((x - 0.26, y - 0.115, 0.56), (x + 0.26, y - 0.05, 0.68)).tint(srgb(236, 220, 150)))
    b.add("sign_amber", rounded_box((x - 0.26, y + 1.7, 1.47), (x + 0.26, y + 1.9, 1.66), 0.03, 6))


def clutter(b: Builder, rng: np.random.Generator) -> None:
    """Crates with fruit, bins, bollards, kerb stones, cables and manhole covers."""
    for i, (x, y) in enumerate(((4.55, 2.6), (4.55, 3.3), (4.55, 4.0))):
        for k, lift in enumerate((0.14, 0.52)):
            cx = x + 0.3 * k
            b.add(
                "paint",
                box((cx - 0.28, y - 0.3, lift), (cx + 0.28, y + 0.3, lift + 0.3)).tint(srgb(150, 104, 60)),
            )
            tone = srgb(
                *(
                    (236, 120, 10),
                    (190, 20, 24),
                    (236, 200, 30),
                    (96, 150, 36),
                    (150, 30, 90),
                    (240, 150, 60),
                )[i * 2 + k]
            )
            for _ in range(34):
                px, py = rng.uniform(-0.23, 0.23), rng.uniform(-0.26, 0.26)
                b.add(
                    "gloss",
                    sphere((cx + px, y + py, lift + 0.31 + rng.uniform(0, 0.03)), 0.05, 12).tint(
                        tone * rng.uniform(0.8, 1.1)
                    ),
                )
    for x, y in ((-3.95, 1.0), (-3.95, 4.5), (-3.95, 8.0), (3.95, -0.6), (3.95, 6.0), (3.95, 9.5)):
        b.add(
            "metal",
            lathe([(0.075, 0.1), (0.07, 0.75), (0.085, 0.78), (0.06, 0.9), (0.001, 0.93)], 16, smooth=1).move(
                x, y, 0
            ),
        )
    for s in (-1, 1):
        b.add(
            "stone",
            *(
                rounded_box((s * 3.62 - 0.12, y, 0), (s * 3.62 + 0.12, y + 0.98, 0.135), 0.02, 5)
                for y in np.arange(-8, 44, 1.0)
            ),
        )
    for _ in range(7):
        y0, z0, z1 = rng.uniform(2, 34), rng.uniform(6, 9), rng.uniform(6, 9)
        t = np.linspace(0, 1, 24)
        dy = rng.uniform(-3, 6)
        b.add(
            "metal",
            tube(
                np.stack([-5.3 + 10.6 * t, y0 + dy * t, z0 + (z1 - z0) * t - 3.2 * t * (1 - t)], 1), 0.012, 5
            ),
        )
    b.add("metal", cylinder((-0.5, 0.6, -0.01), 0.33, 0.016, 40))
    for k in range(6):
        x = -2.8 + k * 1.1
        b.add("marking", quad((x, 12.0, 0.004), (0.6, 0, 0), (0, 3.0, 0)))
    for y in (-4.0, 0.0, 4.0, 18, 22, 26):
        b.add("marking", quad((0.25, y, 0.004), (0.12, 0, 0), (0, 1.9, 0)))
