"""The active picture: what lies inside letterbox and pillarbox bars.

A bar is a run of rows (or columns) at two opposite edges, alike in size and light, each of them dark and
of one light from end to end. A night sky at one edge is no bar, and neither is a picture that is dark
throughout: what is left has to be at least 30 % of the height or width, and not dark itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from candela_engines.metrics.max_cll import Rectangle

__all__ = ["DARK_NITS", "active_area", "bars_of_levels", "common_area", "is_even"]

DARK_NITS = 8.0
"""The brightest a bar can be: a lifted black, not a grey frame."""
_EVEN_NITS = 0.02  # what rounding and light compression leave of unevenness in a bar, near black
_EVEN_SHARE = 0.02
_LEAST = 0.3
_SAMPLES = 512


def active_area(picture: NDArray[np.float32]) -> Rectangle:
    """Rectangle of the active picture of (H, W, 3) linear light in nits; the whole one without bars."""
    height, width = picture.shape[:2]
    top, bottom = _bars(picture[:, :: max(1, width // _SAMPLES)])
    inside = picture[top : height - bottom : max(1, (height - top - bottom) // _SAMPLES)]
    left, right = _bars(inside.transpose(1, 0, 2))
    return Rectangle(left, top, width - left - right, height - top - bottom)


def common_area(first: Rectangle, second: Rectangle) -> Rectangle:
    """The part that both have: what a bar covers in either picture is compared in neither."""
    left, top = max(first.left, second.left), max(first.top, second.top)
    right = min(first.left + first.width, second.left + second.width)
    bottom = min(first.top + first.height, second.top + second.height)
    if right - left < 8 or bottom - top < 8:
        return first
    return Rectangle(left, top, right - left, bottom - top)


def _bars(rows: NDArray[np.float32]) -> tuple[int, int]:
    """Heights of the bars at the first and the last of rows (n, samples, 3); 0, 0 if there are none."""
    # Most pictures have none: two rows say so, before the whole picture is looked at.
    if not is_even(*_levels(rows[[0, -1]])).all():
        return 0, 0
    return bars_of_levels(*_levels(rows))


def bars_of_levels(high: NDArray[np.float32], low: NDArray[np.float32]) -> tuple[int, int]:
    """Heights of the bars at the first and the last of rows; 0, 0 if there are none.

    high, low: (n,) brightest and darkest light of every row, nits.
    """
    even = is_even(high, low)
    count = len(even)
    if even.all():
        return 0, 0
    # The bar goes on while its light is that of its first row.
    tolerance = _EVEN_NITS + _EVEN_SHARE * max(float(high[0]), float(high[-1]))
    alike = even & (np.abs(high - high[0]) <= tolerance)
    first = int(np.argmin(alike))
    last = int(np.argmin(alike[::-1]))
    if min(first, last) == 0 or count - first - last < _LEAST * count or count - first - last < 8:
        return 0, 0
    # Bars of one picture differ by a line or two, where an odd height is divided.
    if abs(first - last) > max(2, 0.1 * max(first, last)):
        return 0, 0
    return first, last


def is_even(high: NDArray[np.float32], low: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether rows are dark and of one light each, by their brightest and darkest; NaN is neither."""
    with np.errstate(invalid="ignore"):
        return np.asarray((high <= DARK_NITS) & (high - low <= _EVEN_NITS + _EVEN_SHARE * high))


def _levels(rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    with np.errstate(invalid="ignore"):
        light = np.maximum(np.maximum(rows[..., 0], rows[..., 1]), rows[..., 2])
        return light.max(axis=1), light.min(axis=1)
