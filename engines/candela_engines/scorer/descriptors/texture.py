"""Noise, sharpness and blocking, on native pixels: PU21 of the luminance of the tiles.

Blocks of 8x8 pixels are the unit: those of the least detail show noise, those of the most show sharpness.
"""

from __future__ import annotations

import math

import numpy as np

from candela_engines.metrics.noise import block_means, noise_blocks
from candela_engines.scorer.descriptors._specs import Measured, Spec
from candela_engines.scorer.frames import GradeFrame
from candela_engines.scorer.planes import Plane
from candela_engines.scorer.sampling import halved
from candela_engines.scorer.statistics import quantile, share

__all__ = ["GROUP", "SPECS", "block_means", "gradients", "laplacian", "measure", "noise_blocks"]

GROUP = "texture"
_FLAT = 20  # percentile of the blocks taken for flat
_DARK, _BRIGHT = 36.5, 256.4  # PU21 of 1 and of 100 nit

SPECS = (
    Spec("noise", "PU21", "standard deviation in the flattest fifth of blocks (Immerkær, 1996)"),
    Spec("noise_dark", "PU21", "the same under 1 nit", math.nan),
    Spec("noise_mid", "PU21", "the same from 1 to 100 nit", math.nan),
    Spec("noise_bright", "PU21", "the same above 100 nit", math.nan),
    Spec("noise_coarse", "PU21", "the same at half size: grain that is larger than a pixel"),
    Spec("noise_chroma", "ΔE_ITP", "the same of T and P"),
    Spec("noise_median", "PU21", "the same over all blocks, median: noise and texture together"),
    Spec("silent", "share", "blocks without any change, black and white left out"),
    Spec("detail", "log10 PU21", "mean absolute Laplacian"),
    Spec("detail_99", "log10 PU21", "99th percentile of the absolute Laplacian"),
    Spec("detail_ratio", "log10", "Laplacian at native over that at half size"),
    Spec("detail_ratio_2", "log10", "Laplacian at half over that at quarter size"),
    Spec("edge_rise", "1", "steepest step of a pixel over the range of a block, where there is an edge"),
    Spec("edge_bend", "1", "largest Laplacian over steepest step there: overshoot raises it"),
    Spec("blocking_8", "log10", "steps across the borders of 8x8 blocks over steps within, smooth parts"),
    Spec("blocking_16", "log10", "the same of 16x16 blocks"),
)


def laplacian(plane: Plane) -> Plane:
    """Four neighbours less four times the middle, (…, h − 2, w − 2)."""
    out = plane[..., :-2, 1:-1] + plane[..., 2:, 1:-1]
    out += plane[..., 1:-1, :-2]
    out += plane[..., 1:-1, 2:]
    out -= plane[..., 1:-1, 1:-1] * np.float32(4)
    return out


def gradients(plane: Plane) -> tuple[Plane, Plane]:
    """Steps to the right (…, h, w − 1) and down (…, h − 1, w)."""
    return plane[..., 1:] - plane[..., :-1], plane[..., 1:, :] - plane[..., :-1, :]


def measure(frame: GradeFrame) -> Measured:
    """Values of SPECS."""
    v = frame.tile_v
    blocks = noise_blocks(v)
    level = block_means(v[:, 1:-1, 1:-1])
    # Clipped and black parts are silent in any picture.
    ends = np.float32(max(0.5, quantile(v, 0.5))), np.float32(quantile(v, 99.8) - 0.5)
    inner = (level > ends[0]) & (level < ends[1])
    out: Measured = {"silent": math.nan}
    if np.count_nonzero(inner) >= 16:
        out["silent"] = share(blocks[inner] < np.float32(1e-3))
    out["noise"] = _flattest(blocks[inner])
    out["noise_median"] = quantile(blocks[inner], 50)
    for name, low, high in (("dark", 1.0, _DARK), ("mid", _DARK, _BRIGHT), ("bright", _BRIGHT, 600.0)):
        out[f"noise_{name}"] = _flattest(blocks[inner & (level >= low) & (level < high)])
    half = halved(v)
    out["noise_coarse"] = _flattest(noise_blocks(half)) if half.shape[-1] >= 10 else math.nan
    colour = [noise_blocks(plane) for plane in frame.tile_itp[1:]]
    out["noise_chroma"] = _flattest(np.sqrt(colour[0] ** 2 + colour[1] ** 2)[inner])
    return out | _detail(v, half) | _edges(v) | _blocking(v)


def _flattest(blocks: Plane) -> float:
    return quantile(blocks, _FLAT)


def _detail(v: Plane, half: Plane) -> Measured:
    sizes = [v, half, halved(half)]
    means, first = [], math.nan
    for plane in sizes:
        if plane.shape[-1] < 3 or plane.shape[-2] < 3:
            means.append(math.nan)
            continue
        bends = np.abs(laplacian(plane))
        means.append(math.log10(float(bends.mean()) + 1e-2))
        if plane is v:
            first = math.log10(max(quantile(bends, 99), 1e-2)) if bends.size >= 32 else math.nan
    return {
        "detail": means[0],
        "detail_99": first,
        "detail_ratio": means[0] - means[1],
        "detail_ratio_2": means[1] - means[2],
    }


def _edges(v: Plane) -> Measured:
    """How fast the edges of the picture rise: in blocks of 16 whose range is 40 PU21 units or more."""
    n, h, w = v.shape
    side = 16
    if h < side or w < side:
        return {"edge_rise": math.nan, "edge_bend": math.nan}
    h, w = h // side * side, w // side * side
    parts = v[:, :h, :w].reshape(n, h // side, side, w // side, side)
    high, low = parts.max(axis=(2, 4)), parts.min(axis=(2, 4))
    span = high - low
    edged = span > np.float32(40)
    if np.count_nonzero(edged) < 8:
        return {"edge_rise": math.nan, "edge_bend": math.nan}
    blocks = parts.transpose(0, 1, 3, 2, 4)[edged]
    across, down = gradients(blocks)
    steepest = np.maximum(np.abs(across).max(axis=(1, 2)), np.abs(down).max(axis=(1, 2)))
    bend = np.abs(laplacian(blocks)).max(axis=(1, 2))
    rise = np.sort(steepest / span[edged])
    bent = np.sort(bend / np.maximum(steepest, np.float32(1)))
    return {"edge_rise": float(rise[rise.size // 2]), "edge_bend": float(bent[bent.size // 2])}


def _blocking(v: Plane) -> Measured:
    out: Measured = {}
    across, down = (np.abs(part) for part in gradients(v))
    for side in (8, 16):
        out[f"blocking_{side}"] = math.nan
        if v.shape[-1] < 2 * side or v.shape[-2] < 2 * side:
            continue
        found = [_at_borders(across, side), _at_borders(down.swapaxes(1, 2), side)]
        good = [ratio for ratio in found if not math.isnan(ratio)]
        out[f"blocking_{side}"] = sum(good) / len(good) if good else math.nan
    return out


def _at_borders(steps: Plane, side: int) -> float:
    """log10 of the mean step at columns side − 1, 2·side − 1, … over that half a block beside, where smooth.

    A step that is not part of a texture: its two neighbours are small. Edges of the picture, over 12 PU21
    units, are no blocking.
    """
    width = steps.shape[-1]
    means = []
    for first in (side - 1, side // 2 - 1):
        places = np.arange(first, width - 2, side)
        places = places[places >= 2]
        here = steps[..., places]
        beside = np.maximum(steps[..., places - 1], steps[..., places + 1])
        smooth = (beside < np.float32(1.5)) & (here < np.float32(12))
        if np.count_nonzero(smooth) < 64:
            return math.nan
        means.append(float(here[smooth].mean()))
    return math.log10((means[0] + 0.02) / (means[1] + 0.02))
