"""The garden outside the window of the interior, painted as one emissive picture."""

from __future__ import annotations

import numpy as np
from common import srgb
from noise import Array, fbm, mix, sample, smoothstep


def view_from_window(w: int = 1536, h: int = 1152) -> Array:
    """Sky with sunlit cumulus, hills, an orchard and a lawn; AP1 radiance, sky about 10 to 40."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    u, v = x / w, y / h * 1.12
    sky = mix(srgb(84, 140, 222) * 6.5, srgb(196, 216, 234) * 10, smoothstep(0.0, 0.62, v))
    warp = fbm((h, w), (3, 6), 5, 5)
    puff = fbm((h, w), (3, 6), 7, 9, 0.55)
    dens = sample(puff, y + 60 * warp, x + 60 * warp)
    above = sample(dens, y - 26, x - 18)
    cover = smoothstep(0.06, 0.30, dens + 0.10 * (v - 0.2))
    lit = np.clip(0.55 + 1.5 * (dens - above) + 0.5 * dens, 0, 1)
    cloud = mix(srgb(172, 180, 200) * 11, srgb(255, 246, 230) * 30, lit)
    out = mix(sky, cloud, cover)
    leaf = fbm((h, w), (48, 96), 5, 17, 0.65)
    rough = fbm((h, w), (12, 24), 5, 19, 0.6)
    # Far hills in haze, then a wood, then trees of the garden, each nearer, darker and more saturated.
    layers = (
        (0.60, 0.030, 4, srgb(128, 156, 176) * 6.0, srgb(150, 172, 176) * 7.0),
        (0.645, 0.022, 9, srgb(88, 118, 104) * 4.5, srgb(150, 160, 110) * 7.0),
        (0.68, 0.050, 14, srgb(52, 88, 46) * 3.2, srgb(172, 178, 78) * 8.0),
    )
    for i, (base, amp, freq, dark, light) in enumerate(layers):
        line = fbm((8, w), (1, freq), 6, 60 + i, 0.55)[4]
        top = base - amp * (0.6 + 1.6 * line)[None, :] + 0.012 * i * leaf
        shade = np.clip(0.45 + 0.8 * rough + 0.5 * leaf * i / 2, 0, 1)
        out = mix(out, mix(dark, light, shade), smoothstep(-0.0015, 0.0015, v - top))
    for cx, cy, r, tone in (
        (0.10, 0.52, 0.16, 0),
        (0.29, 0.46, 0.20, 0),
        (0.47, 0.61, 0.10, 1),
        (0.56, 0.63, 0.08, 2),
        (0.67, 0.53, 0.17, 0),
        (0.90, 0.5, 0.16, 0),
    ):
        out = tree(out, u, v, cx, cy, r, tone, leaf, rough)
    lawn_top = 0.745 + 0.012 * np.sin(5 * u) + 0.004 * leaf
    blades = fbm((h, w), (200, 100), 3, 23)
    stripes = smoothstep(-0.2, 0.2, rough) * smoothstep(0.74, 0.8, v)
    lawn = mix(srgb(64, 104, 34) * 4, srgb(176, 190, 66) * 8, np.clip(stripes * 0.8 + 0.35 * blades, 0, 1))
    out = mix(out, lawn, smoothstep(-0.002, 0.002, v - lawn_top))
    # Rose bed: dabs of saturated colour along the lawn's edge.
    rng = np.random.default_rng(3)
    bed = smoothstep(0.0, 0.01, v - 0.80 + 0.02 * rough) * smoothstep(0.0, 0.01, 0.88 + 0.02 * rough - v)
    out = mix(out, mix(srgb(22, 52, 20) * 2.5, srgb(70, 110, 40) * 5, np.clip(0.5 + leaf, 0, 1)), bed)
    tones = np.array([[9.0, 0.5, 0.8], [8.5, 1.6, 4.0], [9.5, 7.8, 1.0], [8.5, 8.0, 7.5], [5.5, 1.2, 7.5]])
    for _ in range(700):
        px, py, r = rng.uniform(0, w), rng.uniform(0.795, 0.885) * h / 1.12, rng.uniform(2.0, 5.5)
        x0, y0 = int(px), int(py)
        sl = (slice(max(y0 - 6, 0), y0 + 7), slice(max(x0 - 6, 0), x0 + 7))
        d = np.hypot(x[sl] - px, y[sl] - py)
        petals = tones[rng.integers(len(tones))] * rng.uniform(0.5, 1.0)
        out[sl] = mix(out[sl], petals * (1 - 0.6 * d / r)[..., None].clip(0.2), smoothstep(r, r - 1.2, d))
    return np.maximum(out, 0.01).astype(np.float32)


def tree(
    out: Array, u: Array, v: Array, cx: float, cy: float, r: float, tone: int, leaf: Array, rough: Array
) -> Array:
    """A crown of leaves with gaps, lit from above on the left."""
    dx, dy = (u - cx) / r * 1.9, (v - cy) / (r * 1.25)
    trunk = smoothstep(0.035, 0.02, np.abs(u - cx + 0.006 * rough)) * (v > cy) * (v < 0.77)
    out = mix(out, srgb(70, 54, 40) * 2.2, trunk * (np.abs(u - cx) < 0.016 * (0.7 + v - cy)))
    body = np.hypot(dx, dy) + 0.55 * rough + 0.45 * leaf
    dark = (srgb(30, 62, 22), srgb(70, 30, 22), srgb(96, 84, 20))[tone] * 2.4
    light = (srgb(158, 186, 58), srgb(214, 104, 44), srgb(236, 200, 66))[tone] * 9
    shade = np.clip(0.42 - 0.30 * dx - 0.34 * dy + 1.2 * leaf + 0.6 * rough, 0, 1)
    return mix(out, mix(dark, light, shade), smoothstep(0.99, 0.93, body))
