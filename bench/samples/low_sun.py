"""A headland over the sea with the sun just above the horizon: clouds, glitter, flowers, a lighthouse."""

from __future__ import annotations

from typing import Any

import coast
import coast_props
import common as c
import mitsuba as mi
import numpy as np
from atmosphere import Sky
from clouds import Clouds
from common import AP1_FROM_709, Builder, glossy, rgb, sheer, srgb, vertex_colour
from noise import Array, sample, smoothstep
from street_props import person

SUN_AZ, SUN_EL = 7.5, 4.6  # degrees: azimuth to the right of +y, elevation
EYE, FOV = (0.0, 0.0, 10.4), 54.0
EXPOSURE, SATURATION = 0.46, 1.22


def direction(az: float, el: float) -> Array:
    a, e = np.radians(az), np.radians(el)
    return np.array([np.sin(a) * np.cos(e), np.cos(a) * np.cos(e), np.sin(e)])


SUN = direction(SUN_AZ, SUN_EL)


def pixel_rays(width: int, height: int) -> Array:
    """Unit directions of the pixels of a level camera that looks along +y with a lens shift."""
    x = ((np.arange(width) + 0.5) / width * 2 - 1) * np.tan(np.radians(FOV / 2))
    y = (height / 2 - np.arange(height) - 0.5) / width * 2 * np.tan(np.radians(FOV / 2))
    y = y + HORIZON * 2 * np.tan(np.radians(FOV / 2)) * height / width
    d = np.stack(np.broadcast_arrays(x[None, :], 1.0, y[:, None]), -1)
    return d / np.linalg.norm(d, axis=-1, keepdims=True)


FILL = 2.6  # the lit land is opened up against the sky, as a graduated filter would do
HORIZON = 0.02  # the horizon lies this share of the height below the middle


def sky_image(sky: Sky, clouds: Clouds, d: Array, steps: int, disc: bool) -> Array:
    """Sky, sun, cirrus and cumulus in unit directions; AP1."""
    flat = d.reshape(-1, 3)
    up = flat[:, 2] > -0.004
    look = np.where(up[:, None], flat, flat * [1, 1, 0] + [0, 0, 1e-3])
    look /= np.linalg.norm(look, axis=1, keepdims=True)
    clear = sky(look, sun_glow=disc)
    mu = look @ SUN
    zenith = sky(np.array([[0.0, -0.5, 0.87], [0.5, 0.2, 0.84]])).mean(axis=0)
    horizon = sky(direction(SUN_AZ + 70, 2.0)[None])[0]
    veil = clouds.veil(look)[:, None]
    hg = 0.6 * (1 - 0.6**2) / (4 * np.pi * (1 + 0.6**2 - 1.2 * mu) ** 1.5) + 0.05
    cirrus_light = sky.light * np.array([1.35, 1.25, 1.3]) * hg[:, None] * 1.5 + zenith * 0.8
    out = clear * (1 - 0.75 * veil) + cirrus_light * veil * 0.75
    if disc:
        # The disc is 0.53 degrees wide, darker at its limb; its true radiance would only clip.
        r = np.degrees(np.arccos(np.clip(mu, -1, 1))) / 0.30
        out = (
            out
            + sky.light * (55 * np.sqrt(np.clip(1 - r * r, 0, 1) + 0.05) * smoothstep(1.02, 0.94, r))[:, None]
        )
    m = {k: np.full(len(flat), float(k == "through")) for k in ("sun", "sky", "through", "distance")}
    # Two marches whose steps start at other places: thin wisps lie between the steps of one.
    for seed in (1, 2):
        for name, values in clouds.march(look[up], steps, seed).items():
            m[name][up] = values if seed == 1 else (m[name][up] + values) / 2
    body = sky.light * 5.2 * m["sun"][:, None] + (1.15 * zenith + 0.16 * horizon) * m["sky"][:, None]
    # Air between the eye and the cloud takes the cloud towards the sky behind it.
    air = np.exp(-m["distance"] / 38e3)[:, None]
    haze = sky(look, sun_glow=False) * (1 - m["through"][:, None])
    out = out * m["through"][:, None] + body * air + haze * (1 - air)
    return (out @ AP1_FROM_709.T).reshape(d.shape) * EXPOSURE


def environment(sky: Sky, clouds: Clouds, width: int = 512) -> Array:
    """The sky as a latitude-longitude map for lighting; the lower half is a dim sea."""
    u = (np.arange(width) + 0.5) / width * 2 * np.pi
    v = (np.arange(width // 2) + 0.5) / (width // 2) * np.pi
    d = np.stack(
        [
            np.sin(u)[None] * np.sin(v)[:, None],
            np.cos(u)[None] * np.sin(v)[:, None],
            np.cos(v)[:, None] * np.ones_like(u)[None],
        ],
        -1,
    )
    env = sky_image(sky, clouds, d, 24, False)
    env[d[..., 2] < 0] = env[width // 4 - 1].mean(axis=0) * 0.08
    return env


def look_up(env: Array, d: Array) -> Array:
    """The map of `environment` in unit directions, as the renderer shows it behind the land."""
    h, w = env.shape[:2]
    u = np.arctan2(d[..., 0], d[..., 1]) / (2 * np.pi) * w - 0.5
    v = np.arccos(np.clip(d[..., 2], -1, 1)) / np.pi * h - 0.5
    return sample(env, v, u)


def build(width: int, height: int, env: Array, light: Array) -> Any:
    b = Builder()
    b.material("ground", glossy(vertex_colour(), 0.75, 0.25))
    b.material("water", glossy(vertex_colour(), 0.16, 0.25))
    b.material("grass", sheer(vertex_colour(), 0.9))
    b.material("petal", sheer(vertex_colour(), 0.9))
    b.material("canvas", sheer(vertex_colour(), 0.9))
    b.material("solid", glossy(vertex_colour(), 0.4, 0.4))
    b.material("cloth", glossy(vertex_colour(), 0.7, 0.3))
    b.glow("beacon", (26.0, 20.0, 11.0))
    b.glow("lit_window", (7.0, 3.6, 1.0))
    coast.land(b)
    coast.sea(b)
    coast_props.plants(b)
    coast_props.lighthouse(b, -44.0, 152.0)
    coast_props.boat(b, 36.0, 160.0, 1.0, (srgb(30, 60, 110), srgb(206, 62, 24)))
    coast_props.boat(b, -4.0, 420.0, 1.2, (srgb(240, 236, 226), srgb(240, 230, 214)), -5)
    coast_props.boat(b, 190.0, 700.0, 1.3, (srgb(120, 30, 24), srgb(230, 180, 60)), 8)
    walk(b)
    data = np.ascontiguousarray(env, np.float32)
    b.scene["sky"] = {
        "type": "envmap",
        "bitmap": mi.Bitmap(data),
        "scale": FILL,
        "to_world": mi.ScalarTransform4f().rotate([1, 0, 0], 90),
    }
    b.scene["sun"] = {
        "type": "directional",
        "direction": [float(-x) for x in SUN],
        "irradiance": rgb(AP1_FROM_709 @ light * EXPOSURE * 1.8),
    }
    return b.build(c.camera(EYE, (0.0, 100.0, EYE[2]), FOV, shift_y=-HORIZON), width, height)


def walk(b: Builder) -> None:
    """Two people on the path at the cliff's edge, for scale and for the colour of skin in low light."""
    for x, y, turn, coat, hair in (
        (-3.3, 11.6, 118, srgb(190, 36, 30), srgb(66, 38, 22)),
        (-4.05, 12.0, 248, srgb(36, 74, 120), srgb(28, 20, 16)),
    ):
        z = float(coast.land_height(np.array([x]), np.array([y]))[0])
        before = len(b.parts.get("cloth", []))
        person(b, 0, 0, turn, 0.25, coat, srgb(50, 46, 52), srgb(222, 168, 134), hair)
        b.parts["cloth"][before:] = [m.move(x, y, z) for m in b.parts["cloth"][before:]]


def paint(width: int, height: int, spp: int | None) -> Array:
    """The picture: sky by formula behind the rendered land and sea, joined by the air between."""
    sky, clouds = Sky(SUN), Clouds(SUN)
    d = pixel_rays(width, height)
    back = sky_image(sky, clouds, d, 120, True)
    back = c.denoise({"colour": back})
    env = environment(sky, clouds)
    layers = c.render(build(width, height, env, sky.light), spp or 48, depth=5, clamp=60.0)
    alpha = np.clip(layers["alpha"], 0, 1)[..., None]
    layers["colour"] = np.maximum(layers["colour"] - (1 - alpha) * FILL * look_up(env, d), 0)
    # What is left of the map where no land is would be its coarse pixels' edges.
    land = (alpha > 0).astype(np.float32)
    layers["colour"] *= land
    front = c.denoise(layers) * land
    air = 1 - np.exp(-layers["depth"][..., None] / np.maximum(alpha, 1e-3) / 14e3)
    low = d.copy()
    low[..., 2] = 0.004
    glow = sky(low / np.linalg.norm(low, axis=-1, keepdims=True), sun_glow=False) @ AP1_FROM_709.T * EXPOSURE
    front = front * (1 - 0.8 * air) + alpha * glow * 0.8 * air
    picture = c.glare(front + back * (1 - alpha), 0.06, core=2.2)
    luma = (picture @ np.array([0.2722, 0.6741, 0.0537]))[..., None]
    return np.maximum(luma + SATURATION * (picture - luma), 0)
