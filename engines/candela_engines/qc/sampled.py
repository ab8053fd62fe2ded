"""What is measured of every eighth frame: banding, noise, isolated pixels, skin, white and the colour of
black.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import ictcp
from candela_engines.colour.gamuts import LUMA_BT2020
from candela_engines.metrics import Rectangle
from candela_engines.metrics.contours import contours
from candela_engines.metrics.noise import block_means, noise_blocks
from candela_engines.metrics.skin_like import skin_hue, skin_like
from candela_engines.native import native
from candela_engines.qc.columns import ISOLATED
from candela_engines.qc.light import CODES

__all__ = ["STANDS_OUT", "isolated_pixels", "sampled_numbers"]

Codes = NDArray[np.uint16]
F32 = NDArray[np.float32]
STANDS_OUT = 192
"""14-bit PQ codes (12 of 10 bits) that an isolated pixel is above or below all its eight neighbours."""
_LINES = 135
_TILE, _TILES_ACROSS, _TILES_DOWN = 64, 8, 5
_FLAT = 20  # percentile of the blocks taken for flat
_TEN_BITS = 1023 / (CODES - 1)
_ONE_NIT, _HUNDRED_NITS = 2456.0, 8322.0  # codes of 1 and 100 nit
_LEAST_BLOCKS = 64
_NEUTRAL = 10.0  # ΔE_ITP of chroma


def sampled_numbers(codes: Codes, area: Rectangle, nits: F32) -> tuple[dict[str, float], NDArray[np.int32]]:
    """Sampled columns by name, and the isolated pixels as in `FrameMeasure`.

    codes: (H, W) PQ of 14 bits of max(R, G, B). nits: (h, w, 3) linear BT.2020 of a grid over the active
    picture.
    """
    picture = codes[area.top : area.top + area.height, area.left : area.left + area.width]
    lines = picture[:: max(1, area.height // _LINES)]
    banding = contours(lines.astype(np.float32) * np.float32(720 / (CODES - 1)))
    out = {
        "contours_per_line": banding["contours"],
        "contour_step_codes": banding["contour_step"] * 1023 / 720,
    }
    out |= _noise(picture)
    out |= _colours(nits)
    found = isolated_pixels(codes, area)
    out["isolated_count"] = float(len(found))
    order = np.lexsort((found[:, 0], found[:, 1], -np.abs(found[:, 2])))[:ISOLATED]
    return out, found[np.sort(order)]


def _noise(picture: Codes) -> dict[str, float]:
    """By the light of the blocks, of the flattest fifth of each; NaN with too few."""
    height, width = picture.shape
    names = ("noise_dark_codes", "noise_mid_codes", "noise_bright_codes")
    if height < _TILE or width < _TILE:
        return dict.fromkeys(names, math.nan)
    tops = np.linspace(0, height - _TILE, min(_TILES_DOWN, height // _TILE)).astype(np.int64)
    lefts = np.linspace(0, width - _TILE, min(_TILES_ACROSS, width // _TILE)).astype(np.int64)
    tiles = np.stack([picture[y : y + _TILE, x : x + _TILE] for y in tops for x in lefts]).astype(np.float32)
    blocks = noise_blocks(tiles)
    level = block_means(tiles[:, 1:-1, 1:-1])
    # Black and clipped parts are silent in any picture; so is what has not one change in it.
    inner = (level > 64) & (level < float(picture.max()) - 32) & (blocks > 1e-3)
    out = {}
    for name, low, high in zip(
        names, (0.0, _ONE_NIT, _HUNDRED_NITS), (_ONE_NIT, _HUNDRED_NITS, float(CODES)), strict=True
    ):
        these = blocks[inner & (level >= low) & (level < high)]
        enough = these.size >= _LEAST_BLOCKS
        out[name] = float(np.percentile(these, _FLAT)) * _TEN_BITS if enough else math.nan
    return out


def _colours(nits: F32) -> dict[str, float]:
    """Skin, white and the colour of black."""
    y = np.asarray(nits @ np.array(LUMA_BT2020, np.float32), np.float32)
    itp = np.asarray(ictcp.from_nits(np.maximum(nits, 0)), np.float32) * np.float32(720)
    tritan, protan = itp[..., 1] * np.float32(0.5), itp[..., 2]
    chroma = np.sqrt(tritan * tritan + protan * protan)
    skin = skin_like(skin_hue(tritan, protan), chroma, y)
    count = int(np.count_nonzero(skin))
    out = {"skin_percent": 100 * count / skin.size, "skin_nits": math.nan, "diffuse_white_nits": math.nan}
    if count >= 64:
        out["skin_nits"] = float(np.median(y[skin]))
    neutral = y[chroma < np.float32(_NEUTRAL)]
    if neutral.size * 20 >= y.size:
        out["diffuse_white_nits"] = float(np.percentile(neutral, 95))
    place = y.size // 100
    dark = y <= np.partition(y.reshape(-1), place)[place]
    red, green, blue = (float(nits[..., k][dark].mean(dtype=np.float64)) for k in range(3))
    total = red + green + blue
    out["dark_nits"] = total / 3
    out["black_red"] = red / total if total > 0.006 else math.nan
    out["black_blue"] = blue / total if total > 0.006 else math.nan
    return out


def isolated_pixels(codes: Codes, area: Rectangle) -> NDArray[np.int32]:
    """(n, 3): x, y and how far above all eight neighbours (below: negative) a pixel is, in codes; at least
    `STANDS_OUT`. Those at the border of the area have too few neighbours and are left out.
    """
    library = native()
    if library is not None and hasattr(library, "isolated_pixels"):
        box = area.left, area.top, area.left + area.width, area.top + area.height
        return np.asarray(library.isolated_pixels(codes, box, STANDS_OUT), np.int32)
    return _isolated_by_numpy(codes, area)


def _isolated_by_numpy(codes: Codes, area: Rectangle) -> NDArray[np.int32]:
    picture = codes[area.top : area.top + area.height, area.left : area.left + area.width].astype(np.int32)
    if min(picture.shape) < 3:
        return np.zeros((0, 3), np.int32)
    middle = picture[1:-1, 1:-1]
    parts = [
        picture[1 + dy : picture.shape[0] - 1 + dy, 1 + dx : picture.shape[1] - 1 + dx]
        for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)
    ]  # fmt: skip
    high, low = parts[0], parts[0]
    for part in parts[1:]:
        high, low = np.maximum(high, part), np.minimum(low, part)
    above, below = middle - high, low - middle
    y, x = np.nonzero((above >= STANDS_OUT) | (below >= STANDS_OUT))
    contrast = np.where(above[y, x] >= STANDS_OUT, above[y, x], -below[y, x])
    return np.stack([x + 1 + area.left, y + 1 + area.top, contrast], axis=1).astype(np.int32)
