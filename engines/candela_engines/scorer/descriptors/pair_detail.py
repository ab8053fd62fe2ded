"""Detail of the grade against that of its SDR reference through the tone curve, over five sizes.

Native tiles at full and half size, the points (`proxy`) at full, half and quarter. At each size the
Laplacian of the grade is held against that of the mapped reference: gain (energy), correlation, and what
is left over, noise.
"""

from __future__ import annotations

import math

import numpy as np

from candela_engines.scorer.descriptors._specs import Measured, Spec
from candela_engines.scorer.descriptors.texture import block_means, laplacian, noise_blocks
from candela_engines.scorer.planes import Plane
from candela_engines.scorer.relation import Relation
from candela_engines.scorer.sampling import halved
from candela_engines.scorer.statistics import mad, median, quantile, share

__all__ = ["GROUP", "SPECS", "measure"]

GROUP = "pair.detail"
_SIZES = ("pixel", "two", "proxy", "proxy_two", "proxy_four")
_LIMIT = np.float32(30)  # PU21: beyond, one edge outweighs a wall of texture

SPECS = (
    *(Spec(f"gain_{size}", "ln", f"mean |Laplacian| over the mapped SDR's, {size}") for size in _SIZES),
    *(Spec(f"correlation_{size}", "1", f"correlation of both Laplacians, {size}", 1.0) for size in _SIZES),
    *(Spec(f"left_{size}", "PU21", f"deviation that the SDR's does not explain, {size}") for size in _SIZES),
    Spec("quiet_correlation", "1", "correlation at a pixel, blocks of low detail: what codecs drop"),
    Spec("busy_correlation", "1", "correlation at a pixel, blocks of high detail", 1.0),
    Spec("quiet_gain", "ln", "gain at a pixel, blocks of low detail in the SDR"),
    Spec("busy_gain", "ln", "gain at a pixel, blocks of high detail"),
    Spec("noise_added", "PU21", "noise in blocks flat in the SDR, less that of the mapped SDR, in squares"),
    Spec("noise_dark", "PU21", "noise of the grade in blocks flat in the SDR, under 1 nit", math.nan),
    Spec("noise_mid", "PU21", "the same from 1 to 60 nit", math.nan),
    Spec("noise_bright", "PU21", "the same above 60 nit", math.nan),
    Spec("sharpen_one", "1", "slope of the residual on the mapped SDR less its 2x2 mean: below 0 is blur"),
    Spec("sharpen_two", "1", "the same at half size"),
    Spec("sharpen_four", "1", "the same at quarter size"),
    Spec("chroma_gain", "ln", "mean absolute Laplacian of T and P over that of the SDR"),
    Spec("chroma_correlation", "1", "correlation of the Laplacians of T and P"),
    Spec("lost_steps", "share", "neighbours equal in the grade that differ in the SDR: bands, crush, clip"),
    Spec("lost_steps_mid", "share", "the same from the 10th to the 90th percentile of the grade"),
    Spec("texture_at_top", "ln", "Laplacian over the SDR's own, unmapped, brightest twentieth of the SDR"),
    Spec("texture_at_bottom", "ln", "the same in the darkest tenth of the SDR"),
)


def measure(relation: Relation) -> Measured:
    """Values of SPECS."""
    out: Measured = {spec.name: math.nan for spec in SPECS}
    if relation.curve is None:
        return out
    grade, mapped = relation.grade.tile_v, relation.tile_mapped
    planes = [(grade, mapped), (halved(grade), halved(mapped)), (relation.grade.v, relation.mapped)]
    planes += [(halved(planes[2][0]), halved(planes[2][1]))]
    planes += [(halved(planes[3][0]), halved(planes[3][1]))]
    for size, (a, b) in zip(_SIZES, planes, strict=True):
        if min(a.shape[-2:]) >= 4:
            bends, mapped_bends = laplacian(a), laplacian(b)
            out |= _explained(bends, mapped_bends, size)
            if size == "pixel":
                out |= _by_activity(relation, bends, mapped_bends)
    for name, (a, b) in zip(("one", "two", "four"), planes[2:], strict=True):
        out[f"sharpen_{name}"] = _sharpening(a, b)
    return out | _noise(relation) | _chroma(relation) | _lost_steps(relation)


def _explained(bends: Plane, mapped: Plane, size: str) -> Measured:
    gain = math.log((float(np.abs(bends).mean()) + 0.05) / (float(np.abs(mapped).mean()) + 0.05))
    a = np.clip(bends, -_LIMIT, _LIMIT).reshape(-1)
    b = np.clip(mapped, -_LIMIT, _LIMIT).reshape(-1)
    product, power = float(a @ b), float(b @ b)
    slope = np.float32(product / (power + a.size * 1e-3))
    return {
        f"gain_{size}": gain,
        f"correlation_{size}": product / math.sqrt(float(a @ a) * power + (a.size * 1e-3) ** 2),
        f"left_{size}": mad(a - slope * b) if a.size >= 32 else math.nan,
    }


def _by_activity(relation: Relation, bends: Plane, mapped: Plane) -> Measured:
    """Gain and correlation in blocks of 8x8 that are quiet or busy in the reference, bright or dark."""
    out: Measured = {}
    a, b = np.clip(bends, -_LIMIT, _LIMIT), np.clip(mapped, -_LIMIT, _LIMIT)
    products, own, other = (block_means(x).reshape(-1) for x in (a * b, a * a, b * b))
    loud_a, loud_b = (block_means(np.abs(x)).reshape(-1) for x in (bends, mapped))
    level = block_means(relation.sdr.tile_v[:, 1:-1, 1:-1]).reshape(-1)
    inner = (level > np.float32(2)) & (other > np.float32(1e-6))
    if np.count_nonzero(inner) < 64:
        return out
    ranks = [np.float32(quantile(other[inner], q)) for q in (10, 40, 75)]
    parts = {
        "quiet": inner & (other > ranks[0]) & (other <= ranks[1]),
        "busy": inner & (other > ranks[2]),
    }
    for name, mask in parts.items():
        if np.count_nonzero(mask) < 16:
            continue
        gain = math.log((float(loud_a[mask].mean()) + 0.05) / (float(loud_b[mask].mean()) + 0.05))
        out[f"{name}_gain"] = gain
        power = float(own[mask].mean()) * float(other[mask].mean())
        out[f"{name}_correlation"] = float(products[mask].mean()) / math.sqrt(power + 1e-6)
    own_detail = block_means(np.abs(laplacian(relation.sdr.tile_v))).reshape(-1)
    ends = {
        "top": level >= np.float32(quantile(level, 95)),
        "bottom": level <= np.float32(quantile(level, 10)),
    }
    for name, mask in ends.items():
        if np.count_nonzero(mask) >= 16:
            ratio = (float(loud_a[mask].mean()) + 0.05) / (float(own_detail[mask].mean()) + 0.05)
            out[f"texture_at_{name}"] = math.log(ratio)
    return out


def _sharpening(grade: Plane, mapped: Plane) -> float:
    """Least-squares slope of grade − mapped on the detail of mapped; 0 is the reference's own sharpness."""
    if min(grade.shape) < 8:
        return math.nan
    h, w = (side // 2 * 2 for side in grade.shape)
    small = np.repeat(np.repeat(halved(mapped), 2, axis=0), 2, axis=1)
    detail = mapped[:h, :w] - small
    base = halved(grade - mapped)
    left = (grade - mapped)[:h, :w] - np.repeat(np.repeat(base, 2, axis=0), 2, axis=1)
    detail, left = (np.clip(x, -_LIMIT, _LIMIT).reshape(-1) for x in (detail, left))
    power = float(detail @ detail)
    return float(left @ detail) / power if power > 1e-2 * detail.size else math.nan


def _noise(relation: Relation) -> Measured:
    grade, sdr = noise_blocks(relation.grade.tile_v), noise_blocks(relation.tile_mapped)
    level = block_means(relation.sdr.tile_v[:, 1:-1, 1:-1])
    inner = (level > np.float32(2)) & (level < np.float32(300))
    out: Measured = {}
    if np.count_nonzero(inner) < 128:
        return out
    flat = inner & (sdr <= np.float32(quantile(sdr[inner], 25)))
    squares = grade[flat] ** 2 - sdr[flat] ** 2
    middle = median(squares)
    out["noise_added"] = math.copysign(math.sqrt(abs(middle)), middle)
    for name, low, high in (("dark", 2.0, 36.5), ("mid", 36.5, 220.0), ("bright", 220.0, 300.0)):
        part = inner & (level >= np.float32(low)) & (level < np.float32(high))
        if np.count_nonzero(part) < 128:
            continue
        still = part & (sdr <= np.float32(quantile(sdr[part], 25)))
        out[f"noise_{name}"] = median(grade[still])
    return out


def _chroma(relation: Relation) -> Measured:
    if min(relation.grade.tile_v.shape[-2:]) < 4:
        return {}
    product = own = other = loud_a = loud_b = 0.0
    for a, b in zip(relation.grade.tile_itp[1:], relation.sdr.tile_itp[1:], strict=True):
        x, y = laplacian(a), laplacian(b)
        loud_a, loud_b = loud_a + float(np.abs(x).mean()), loud_b + float(np.abs(y).mean())
        x, y = (np.clip(z, -_LIMIT, _LIMIT).reshape(-1) for z in (x, y))
        product, own, other = product + float(x @ y), own + float(x @ x), other + float(y @ y)
    return {
        "chroma_gain": math.log((loud_a + 0.05) / (loud_b + 0.05)),
        "chroma_correlation": product / math.sqrt(own * other + 1.0),
    }


def _lost_steps(relation: Relation) -> Measured:
    """Neighbours along rows without a step in the grade but with one in the reference."""
    grade, sdr = relation.grade.line_i, relation.sdr.line_i
    still = np.abs(grade[:, 1:] - grade[:, :-1]) <= np.float32(0.011)
    still &= np.abs(sdr[:, 1:] - sdr[:, :-1]) > np.float32(0.1)
    low, high = (np.float32(quantile(grade, q)) for q in (10, 90))
    mid = (grade[:, 1:] > low) & (grade[:, 1:] < high)
    count = np.count_nonzero(mid)
    return {
        "lost_steps": share(still),
        "lost_steps_mid": np.count_nonzero(still & mid) / count if count >= 64 else math.nan,
    }
