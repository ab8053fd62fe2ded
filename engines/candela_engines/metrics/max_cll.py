"""Content light levels of a frame: MaxCLL and MaxFALL of CTA-861.3-A annex P, and a robust MaxCLL.

All are of max(R, G, B), never of luminance. MaxCLL and MaxFALL of a clip are the maxima over its frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from candela_engines.errors import InputError
from candela_engines.metrics._images import Image, check_picture, strips

__all__ = ["LightLevels", "Rectangle", "max_cll"]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """The active picture: left and top of its first pixel, width and height, in pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class LightLevels:
    """Nits. max_cll: strict; robust_max_cll: 99.99th percentile; max_fall: mean; area: what was measured."""

    max_cll: float
    robust_max_cll: float
    max_fall: float
    area: Rectangle


def max_cll(
    rgb_nits: Image, *, active: Rectangle | None = None, robust_percent: float = 99.99
) -> LightLevels:
    """Light levels of a frame over its active picture.

    rgb_nits: (H, W, 3) float32 or float64, linear, absolute nits, in the primaries of the delivery. active:
    the rectangle that holds picture; bars would lower the mean (2.39:1 in 16:9 reads 25.6 % low). None is
    the whole frame. Light below zero counts as zero. robust_percent: nearest-rank percentile, exact. NaN in
    the picture gives NaN for all three. Raises InputError for other shapes, an empty rectangle, or one that
    leaves the frame.
    """
    check_picture(rgb_nits, "MaxCLL")
    height, width = rgb_nits.shape[:2]
    area = active or Rectangle(0, 0, width, height)
    inside = area.left >= 0 and area.top >= 0 and area.left + area.width <= width
    if not inside or area.top + area.height > height or area.width < 1 or area.height < 1:
        raise InputError(f"MaxCLL: active picture {area} does not lie in a frame of {width}x{height}")
    if not 0 < robust_percent <= 100:
        raise InputError(f"MaxCLL: percentile {robust_percent}; above 0 and up to 100 is needed")
    picture = rgb_nits[area.top : area.top + area.height, area.left : area.left + area.width]
    count = area.height * area.width
    # Only the pixels from the percentile up are kept, a ten-thousandth of a large picture.
    kept = count - min(count, max(1, math.ceil(robust_percent / 100 * count - 1e-9))) + 1
    total, top = 0.0, np.empty(0, rgb_nits.dtype)
    for rows in strips(area.height, area.width):
        brightest = np.maximum(picture[rows].max(axis=2), 0.0).reshape(-1)
        total += float(brightest.sum(dtype=np.float64))
        top = np.concatenate([top, brightest])
        if top.size > kept:
            top = np.partition(top, top.size - kept)[top.size - kept :]
    if math.isnan(total):
        return LightLevels(math.nan, math.nan, math.nan, area)
    return LightLevels(float(top.max()), float(top.min()), total / count, area)
