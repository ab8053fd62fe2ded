"""Cumulus and a veil of cirrus, marched through noise volumes with the renderer's array library."""

from __future__ import annotations

import common  # noqa: F401  (sets the renderer's variant before its types are used)
import drjit as dr
import mitsuba as mi
import numpy as np
from noise import Array, fbm, sample, smoothstep
from scipy.spatial import cKDTree

BASE, CEILING = 1100.0, 3300.0
EARTH = 6360e3


def _worley(n: int, cells: int, seed: int) -> Array:
    """Inverted distance to the nearest of the scattered points of a wrapped cube: round billows."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*[np.arange(cells)] * 3, indexing="ij"), -1).reshape(-1, 3)
    points = ((grid + rng.uniform(0, 1, grid.shape)) / cells) % 1.0
    axis = (np.arange(n) + 0.5) / n
    where = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    dist, _ = cKDTree(points, boxsize=1.0).query(where)
    return np.clip(1 - dist.reshape(n, n, n) * cells / 1.1, 0, 1)


class Clouds:
    def __init__(self, sun: Array, seed: int = 23) -> None:
        self.sun = sun / np.linalg.norm(sun)
        n = 128
        shape = 0.54 * _worley(n, 4, seed) + 0.28 * _worley(n, 9, seed + 1) + 0.18 * _worley(n, 19, seed + 2)
        detail = 0.65 * _worley(64, 6, seed + 3) + 0.35 * _worley(64, 13, seed + 4)
        wrap = dr.WrapMode.Repeat
        self.shape = mi.Texture3f(mi.TensorXf(shape[..., None].astype(np.float32)), wrap_mode=wrap)
        self.detail = mi.Texture3f(mi.TensorXf(detail[..., None].astype(np.float32)), wrap_mode=wrap)
        cover = fbm((512, 512), (6, 6), 5, seed + 5, 0.5)
        self.cover = mi.Texture2f(mi.TensorXf(cover[..., None].astype(np.float32)), wrap_mode=wrap)
        self.cirrus = fbm((1024, 1024), (3, 10), 7, seed + 6, 0.6)

    def density(self, x: mi.Float, y: mi.Float, z: mi.Float, fine: bool) -> mi.Float:
        # The earth falls away: far clouds sink towards the horizon.
        h = (z + (x * x + y * y) / (2 * EARTH) - BASE) / (CEILING - BASE)
        cover = self.cover.eval(mi.Point2f(x / 52e3 + 0.13, y / 52e3 + 0.38))[0]
        tower = dr.clip(0.31 + 1.15 * cover, 0, 0.95)
        profile = dr.clip(h * 6, 0, 1) * dr.clip((tower - h) * 1.7, 0, 1)
        s = self.shape.eval(mi.Point3f(z / 7e3, y / 7e3, x / 7e3))[0]
        d = s * 1.15 - (1 - 0.72 * profile)
        if fine:
            w = self.detail.eval(mi.Point3f(z / 1300, y / 1300, x / 1300))[0]
            f = self.detail.eval(mi.Point3f(y / 410, z / 410, x / 410))[0]
            d = d - (0.22 * (1 - w) + 0.13 * (1 - f)) * dr.clip(1 - 1.4 * d, 0, 1) + 0.055
        return dr.select((h > 0) & (h < 1), dr.clip(d * 3.6, 0, 1), 0)

    def march(self, d: Array, steps: int = 56, seed: int = 1) -> dict[str, Array]:
        """Along unit directions (N, 3): sunlight and skylight scattered, transmittance, mean distance."""
        n = len(d)
        dx, dy = mi.Float(d[:, 0].astype(np.float32)), mi.Float(d[:, 1].astype(np.float32))
        dz = mi.Float(np.maximum(d[:, 2], 2e-3).astype(np.float32))
        jitter = mi.Float(np.random.default_rng(seed).uniform(0, 1, n).astype(np.float32))

        def reach(alt: float) -> mi.Float:
            # Distance at which the ray is `alt` above the curved sea.
            return EARTH * (dr.sqrt(dz * dz + 2 * alt / EARTH) - dz)

        near, far = reach(BASE), reach(CEILING)
        step = dr.minimum(far - near, 13e3) / steps
        mu = mi.Float(np.clip(d @ self.sun, -1, 1).astype(np.float32))
        phase = 0.72 * self._hg(mu, 0.72) + 0.28 * self._hg(mu, -0.1)
        sun_light, sky_light = dr.zeros(mi.Float, n), dr.zeros(mi.Float, n)
        trans, dist, weight = dr.ones(mi.Float, n), dr.zeros(mi.Float, n), dr.zeros(mi.Float, n) + 1e-6
        sx, sy, sz = (float(c) for c in self.sun)
        k = 0.0060
        for i in range(steps):
            t = near + (mi.Float(i) + jitter) * step
            x, y, z = dx * t, dy * t, dz * t
            rho = self.density(x, y, z, True)
            tau = mi.Float(0)
            for a, span in ((50, 100), (170, 170), (420, 330), (900, 600), (1900, 1200)):
                tau = tau + self.density(x + sx * a, y + sy * a, z + sz * a, False) * span
            tau = tau * k
            lit = (0.62 * dr.exp(-tau) + 0.28 * dr.exp(-0.25 * tau) + 0.10 * dr.exp(-0.06 * tau)) * phase
            h = dr.clip((z + (x * x + y * y) / (2 * EARTH) - BASE) / (CEILING - BASE), 0, 1)
            alpha = 1 - dr.exp(-rho * step * k)
            w = trans * alpha
            sun_light = sun_light + w * lit
            sky_light = sky_light + w * (0.30 + 0.70 * h)
            dist, weight = dist + w * t, weight + w
            trans = trans * (1 - alpha)
            dr.eval(sun_light, sky_light, trans, dist, weight)
        out = {"sun": sun_light, "sky": sky_light, "through": trans, "distance": dist / weight}
        return {name: np.array(v) for name, v in out.items()}

    @staticmethod
    def _hg(mu: mi.Float, g: float) -> mi.Float:
        return (1 - g * g) / (4 * np.pi * (1 + g * g - 2 * g * mu) ** 1.5)

    def veil(self, d: Array) -> Array:
        """Opacity of the high cirrus in unit directions."""
        t = 7500 / np.maximum(d[..., 2] + 0.02, 0.02)
        x, y = d[..., 0] * t / 90e3 * 1024, d[..., 1] * t / 90e3 * 1024
        streak = sample(self.cirrus, y * 1.0 + 0.35 * x, x)
        return 0.75 * smoothstep(0.02, 0.55, streak) * smoothstep(0.03, 0.16, d[..., 2])
