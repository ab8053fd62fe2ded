"""Three views of a picture that cost the same at any size: points, tiles and lines.

points  Single pixels on a lattice, a quarter of a million at most (640x360 of 16:9): levels, colour, the tone
        curve, shares of clipped, crushed or excursive pixels, code density.
tiles   Blocks of native pixels, 64x64, as many pixels in all, spread evenly: noise, sharpness, blocking.
        Tiles begin at multiples of 8 of the whole frame, where the blocks of codecs begin.
lines   Whole rows of native pixels, 64 to 128 of them: bands are long.

Nothing is averaged: an average of light through a curve is not the curve of the average, so that a grade and
its reference averaged in the same way no longer follow from one another (the residual of the tone curve, 0.05
PU21 of a clean pair, grows by two of its standard deviations over blocks of 2x2 already). A quarter of a
million is twice what the pictures have that the scorer is taught on.

Every pixel that is not a number becomes black and infinite light becomes 10000 nit; `unify` counts them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candela_engines.metrics import Rectangle
from candela_engines.scorer.planes import Plane, Planes

__all__ = ["TILE", "Grid", "grid_of", "take_lines", "take_points", "take_tiles"]

PIXELS = 1 << 18
"""Of the points and of the tiles, at most."""
TILE = 64
TILES = PIXELS // TILE**2
LINES = (64, 128)
_LINE_PIXELS = 1 << 16  # of all lines, where their bounds allow

Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a picture is looked at. Two pictures of one size and area have the same grid.

    area: the active picture. stride: of the points, pixels.
    tops, lefts: first rows and columns of the tiles, of `tile` pixels a side. lines: the rows.
    """

    area: Rectangle
    stride: int
    tile: int
    tops: tuple[int, ...]
    lefts: tuple[int, ...]
    lines: tuple[int, ...]


def grid_of(area: Rectangle) -> Grid:
    """Grid for an area of at least 8x8 pixels."""
    width, height = area.width, area.height
    # Rounded down by a little: every 6th pixel of 4096x2160, not every 7th, for slightly more of them.
    stride = max(1, math.ceil(math.sqrt(width * height / PIXELS) - 0.05))
    tile = max(8, min(TILE, width // 8 * 8, height // 8 * 8))
    fit_x, fit_y = width // tile, height // tile
    across = min(fit_x, max(1, round(math.sqrt(TILES * width / height))))
    down = min(fit_y, max(1, TILES // across))
    across = min(fit_x, max(1, TILES // down))
    most = min(max(_LINE_PIXELS // width, LINES[0]), LINES[1])
    lines = _spread(area.top, height, min(height, most), 1, 1)
    return Grid(
        area,
        stride,
        tile,
        _spread(area.top, height, down, tile, 8),
        _spread(area.left, width, across, tile, 8),
        lines,
    )


def _spread(start: int, length: int, count: int, size: int, step: int) -> tuple[int, ...]:
    """First positions of `count` parts of `size`, over a length, at multiples of `step` if possible."""
    places = []
    for number in range(count):
        wanted = start + (length - size) * (2 * number + 1) / (2 * count) if count * size < length else 0
        if count * size >= length or not wanted:
            wanted = start + number * (length - size) / max(count - 1, 1)
        place = int(wanted) // step * step
        if place < start:
            place += step
        places.append(place if place + size <= start + length else start + length - size)
    return tuple(places)


def _sound(values: Image) -> Image:
    """Copy without NaN and infinities; light is kept below 10000 nit, and above minus that."""
    out = np.clip(values, np.float32(-1e4), np.float32(1e4))
    if np.isnan(out.sum()):  # clipping has left no infinity that could cancel another
        out[np.isnan(out)] = 0
    return out


def _planes(pixels: Image) -> Planes:
    """Three contiguous planes of pixels (…, 3)."""
    sound = _sound(pixels)
    red, green, blue = (np.ascontiguousarray(sound[..., c]) for c in range(3))
    return red, green, blue


def take_points(picture: Image, grid: Grid) -> Planes:
    """Single pixels (h, w) of the active area, the middle one of each stride x stride that lies inside."""
    area, s = grid.area, grid.stride
    bottom, right = area.top + area.height // s * s, area.left + area.width // s * s
    return _planes(picture[area.top + s // 2 : bottom : s, area.left + s // 2 : right : s])


def take_tiles(picture: Image, grid: Grid) -> Planes:
    """Tiles (n, size, size) of native pixels, row by row."""
    size = grid.tile
    tiles = np.empty((len(grid.tops) * len(grid.lefts), size, size, 3), np.float32)
    places = [(top, left) for top in grid.tops for left in grid.lefts]
    for tile, (top, left) in zip(tiles, places, strict=True):
        tile[:] = picture[top : top + size, left : left + size]
    return _planes(tiles)


def take_lines(picture: Image, grid: Grid) -> Planes:
    """Whole rows (n, width) of native pixels of the active area."""
    area = grid.area
    return _planes(picture[list(grid.lines), area.left : area.left + area.width])


def halved(plane: Plane) -> Plane:
    """2x2 means of a plane (…, h, w)."""
    h, w = plane.shape[-2] // 2 * 2, plane.shape[-1] // 2 * 2
    total = plane[..., 0:h:2, 0:w:2] + plane[..., 1:h:2, 0:w:2]
    total += plane[..., 0:h:2, 1:w:2]
    total += plane[..., 1:h:2, 1:w:2]
    total *= np.float32(0.25)
    return total
