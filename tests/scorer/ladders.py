"""Faults of growing severity, made as plainly as can be: what the descriptors have to order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import ictcp, pq, pu21
from candela_engines.colour.gamuts import luminance, rgb_to_rgb

Image = NDArray[np.float32]


def _held(nits: NDArray[np.floating]) -> Image:
    return np.clip(nits, 0, 1000).astype(np.float32)


def clip(nits: Image, peak: float) -> Image:
    return np.minimum(nits, np.float32(peak))


def crush(nits: Image, threshold: float) -> Image:
    y = np.maximum(luminance(nits), 1e-6)[..., None]
    return _held(nits * np.maximum(y - threshold, 0) / y)


def lift(nits: Image, black: float) -> Image:
    return _held(nits + black)


def band(nits: Image, bits: float) -> Image:
    top = 2 ** int(bits) - 1
    return pq.eotf(np.round(pq.inverse_eotf(nits) * top) / top).astype(np.float32)


def _chroma(nits: Image, turn: float, gain: float) -> Image:
    itp = ictcp.from_nits(nits.astype(np.float64))
    plane = (0.5 * itp[..., 1] + 1j * itp[..., 2]) * gain * np.exp(1j * np.radians(turn))
    return _held(ictcp.to_nits(np.stack([itp[..., 0], 2 * plane.real, plane.imag], axis=-1)))


def hue(nits: Image, degrees: float) -> Image:
    return _chroma(nits, degrees, 1.0)


def saturation(nits: Image, gain: float) -> Image:
    return _chroma(nits, 0.0, gain)


def exposure(nits: Image, stops: float) -> Image:
    return _held(nits * 2.0**stops)


def balance(nits: Image, warm: float) -> Image:
    """Red up and blue down by `warm` stops each."""
    gains = np.array([2.0**warm, 1.0, 2.0**-warm], np.float32)
    return _held(nits * gains)


def contrast(nits: Image, exponent: float) -> Image:
    y = np.maximum(luminance(nits), 1e-4)
    middle = np.exp(np.mean(np.log(y)))
    return _held(nits * ((y / middle) ** (exponent - 1))[..., None])


def noise(nits: Image, sigma: float) -> Image:
    grain = np.random.default_rng(7).standard_normal(nits.shape)
    return _held(pu21.decode(pu21.encode(nits.astype(np.float64)) + sigma * grain))


def blur(nits: Image, sigma: float) -> Image:
    radius = max(1, int(3 * sigma + 0.5))
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-(offsets**2) / (2 * sigma * sigma))
    kernel /= kernel.sum()
    out = nits.astype(np.float64)
    for axis in (0, 1):
        wide = np.pad(out, [(radius, radius) if a == axis else (0, 0) for a in range(3)], mode="edge")
        size = out.shape[axis]
        out = sum(k * np.take(wide, np.arange(i, i + size), axis=axis) for i, k in enumerate(kernel))
    return _held(out)


def blocks(nits: Image, step: float) -> Image:
    """8x8 DCT of PU21, its coefficients in steps of `step`: what a still codec does."""
    n = np.arange(8)
    dct = np.sqrt(2 / 8) * np.cos(np.pi * (2 * n[None] + 1) * n[:, None] / 16)
    dct[0] /= np.sqrt(2)
    v = pu21.encode(nits.astype(np.float64))
    h, w = v.shape[0] // 8 * 8, v.shape[1] // 8 * 8
    parts = v[:h, :w].reshape(h // 8, 8, w // 8, 8, 3)
    spectrum = np.einsum("ui,aibjc,vj->aubvc", dct, parts, dct, optimize=True)
    spectrum = np.round(spectrum / step) * step
    back = np.einsum("ui,aubvc,vj->aibjc", dct, spectrum, dct, optimize=True)
    v[:h, :w] = back.reshape(h, w, 3)
    return _held(pu21.decode(v))


def gamut(nits: Image, size: float) -> Image:
    """Hard clip in BT.709 whose saturation is scaled by `size`."""
    rgb = nits @ rgb_to_rgb("bt2020", "bt709").T.astype(np.float32)
    y = luminance(nits)[..., None]
    held = y + size * (np.maximum(y + (rgb - y) / size, 0) - y)
    return _held(held @ rgb_to_rgb("bt709", "bt2020").T.astype(np.float32))


LADDERS = {
    "clip": (clip, (800, 600, 400, 300, 203)),
    "crush": (crush, (0.05, 0.2, 0.5, 1, 2)),
    "lift": (lift, (0.1, 0.5, 1, 2, 5)),
    "band": (band, (9, 8, 7, 6, 5)),
    "hue": (hue, (2, 5, 10, 20, 35)),
    "saturation_up": (saturation, (1.1, 1.2, 1.4, 1.7, 2.0)),
    "saturation_down": (saturation, (0.9, 0.8, 0.6, 0.3, 0.0)),
    "exposure_up": (exposure, (0.25, 0.5, 1, 2)),
    "exposure_down": (exposure, (-0.25, -0.5, -1, -2)),
    "warm": (balance, (0.05, 0.1, 0.2, 0.4)),
    "cool": (balance, (-0.05, -0.1, -0.2, -0.4)),
    "contrast_up": (contrast, (1.1, 1.2, 1.4, 1.7)),
    "contrast_down": (contrast, (0.9, 0.8, 0.65, 0.5, 0.4)),
    "noise": (noise, (1, 2, 4, 8)),
    "blur": (blur, (0.5, 0.8, 1.3, 2, 4)),
    "blocks": (blocks, (4, 8, 16, 32, 64)),
    "gamut": (gamut, (1.0, 0.9, 0.8, 0.65)),
}
