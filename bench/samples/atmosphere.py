"""Clear sky with a low sun: single scattering in a spherical atmosphere (Rayleigh, Mie, ozone).

Coefficients are the usual published ones for Earth at 680, 550 and 440 nm; z is up, lengths in metres.
"""

from __future__ import annotations

import numpy as np
from noise import Array

EARTH, TOP = 6360e3, 6460e3
RAYLEIGH = np.array([5.802e-6, 13.558e-6, 33.1e-6])
MIE = 3.6e-6  # a little haze over the sea
OZONE = np.array([0.650e-6, 1.881e-6, 0.085e-6])
HAZE_G = 0.78


def _density(height: Array) -> tuple[Array, Array, Array]:
    return (np.exp(-height / 8000), np.exp(-height / 1200), np.maximum(0, 1 - np.abs(height - 25e3) / 15e3))


def _exit(p: Array, d: Array, radius: float) -> Array:
    b = (p * d).sum(-1)
    return -b + np.sqrt(np.maximum(b * b - (p * p).sum(-1) + radius**2, 0))


def transmittance(p: Array, d: Array, steps: int = 24) -> Array:
    """Share of light that comes through the atmosphere along d."""
    length = _exit(p, d, TOP)
    depth = np.zeros((*p.shape[:-1], 3))
    for i in range(steps):
        # Quadratic spacing: most of the air is near the ground.
        t0, t1 = (i / steps) ** 2, ((i + 1) / steps) ** 2
        q = p + d * ((t0 + t1) / 2 * length)[..., None]
        r, m, o = _density(np.linalg.norm(q, axis=-1) - EARTH)
        tau = r[..., None] * RAYLEIGH + (m * MIE * 1.11)[..., None] + o[..., None] * OZONE
        depth += tau * ((t1 - t0) * length)[..., None]
    blocked = ((p * d).sum(-1) < 0) & (np.linalg.norm(np.cross(p, d), axis=-1) < EARTH - 2000)
    return np.exp(-depth) * ~blocked[..., None]


class Sky:
    """Scattered light tabulated by azimuth from the sun and elevation."""

    def __init__(self, sun: Array, strength: float = 20.0) -> None:
        self.sun, self.strength = sun, strength
        self.n_az, self.n_el = 96, 160
        az = np.linspace(0, np.pi, self.n_az)
        el = (np.linspace(0, 1, self.n_el) ** 2) * np.pi / 2
        a, e = np.meshgrid(az, el, indexing="ij")
        elevation = np.arcsin(sun[2])
        s = np.array([np.cos(elevation), 0.0, sun[2]])
        d = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e) + 1e-4], -1)
        self.rayleigh, self.mie = self._scatter(d, s)
        self.light = transmittance(np.array([[0, 0, EARTH + 30.0]]), s[None])[0] * strength

    def _scatter(self, d: Array, s: Array, steps: int = 40) -> tuple[Array, Array]:
        p0 = np.array([0, 0, EARTH + 30.0])
        length = _exit(np.broadcast_to(p0, d.shape), d, TOP)
        depth = np.zeros(d.shape)
        ray, mie = np.zeros(d.shape), np.zeros(d.shape)
        for i in range(steps):
            t0, t1 = (i / steps) ** 2, ((i + 1) / steps) ** 2
            dt = ((t1 - t0) * length)[..., None]
            q = p0 + d * ((t0 + t1) / 2 * length)[..., None]
            r, m, o = _density(np.maximum(np.linalg.norm(q, axis=-1) - EARTH, 0))
            tau = (r[..., None] * RAYLEIGH + (m * MIE * 1.11)[..., None] + o[..., None] * OZONE) * dt
            light = transmittance(q, np.broadcast_to(s, q.shape), 12) * np.exp(-depth - tau / 2)
            ray += light * r[..., None] * RAYLEIGH * dt
            mie += light * m[..., None] * MIE * dt
            depth += tau
        return ray * self.strength, mie * self.strength

    def _look(self, table: Array, az: Array, el: Array) -> Array:
        x = np.clip(az / np.pi * (self.n_az - 1), 0, self.n_az - 1.001)
        y = np.clip(np.sqrt(np.clip(el / (np.pi / 2), 0, 1)) * (self.n_el - 1), 0, self.n_el - 1.001)
        i, j = x.astype(int), y.astype(int)
        fx, fy = (x - i)[..., None], (y - j)[..., None]
        return (table[i, j] * (1 - fx) + table[i + 1, j] * fx) * (1 - fy) + (
            table[i, j + 1] * (1 - fx) + table[i + 1, j + 1] * fx
        ) * fy

    def __call__(self, d: Array, sun_glow: bool = True) -> Array:
        """Radiance (linear BT.709 numbers) of unit directions; below the horizon as at it."""
        el = np.arcsin(np.clip(d[..., 2], 0, 1))
        az = np.abs(
            (np.arctan2(d[..., 1], d[..., 0]) - np.arctan2(self.sun[1], self.sun[0]) + np.pi) % (2 * np.pi)
            - np.pi
        )
        mu = np.clip(d @ self.sun, -1, 1)
        ray = self._look(self.rayleigh, az, el)
        mie = self._look(self.mie, az, el)
        g = HAZE_G
        phase_m = (
            3 / (8 * np.pi) * (1 - g * g) * (1 + mu**2) / ((2 + g * g) * (1 + g * g - 2 * g * mu) ** 1.5)
        )
        if not sun_glow:
            phase_m = np.minimum(phase_m, 1.2)
        out = ray * (3 / (16 * np.pi) * (1 + mu**2))[..., None] + mie * phase_m[..., None]
        # Light scattered more than once, as an even share of the first.
        return out + 0.035 * ray + 0.02 * mie.mean(axis=-1, keepdims=True)
