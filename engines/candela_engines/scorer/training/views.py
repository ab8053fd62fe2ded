"""A perspective view of a lat-long map: another framing of the same light."""

from __future__ import annotations

import math

import numpy as np

from candela_engines.colour.gamuts import luminance
from candela_engines.scorer.training.pictures import F32

__all__ = ["perspective", "view_of"]

_FIELD_DEGREES = (85.0, 110.0)
_TRIES = 6


def view_of(latlong: F32, random: np.random.Generator, size: tuple[int, int]) -> F32:
    """The liveliest of some views drawn at random: a wall or a bare sky teaches little.

    latlong: (H, 2H, 3) linear light. size: (rows, columns). Lively is the spread of log luminance.
    """
    field = random.uniform(*_FIELD_DEGREES)
    best, spread = None, -1.0
    for _ in range(_TRIES):
        yaw, pitch = random.uniform(-180, 180), random.uniform(-18, 18)
        small = perspective(latlong, yaw, pitch, field, (36, 64))
        found = float(np.std(np.log(luminance(small, "bt709") + 1e-3)))
        if found > spread:
            best, spread = (yaw, pitch), found
    assert best is not None
    return perspective(latlong, *best, field, size)


def perspective(latlong: F32, yaw: float, pitch: float, field: float, size: tuple[int, int]) -> F32:
    """Rectilinear view, bilinear. yaw turns right, pitch up, in degrees; field is across the width."""
    rows, columns = size
    reach = math.tan(math.radians(field) / 2)
    x = ((np.arange(columns) + 0.5) / columns * 2 - 1) * reach
    y = (1 - (np.arange(rows) + 0.5) / rows * 2) * reach * rows / columns
    across, up = np.meshgrid(x, y)
    tilt, turn = math.radians(pitch), math.radians(yaw)
    forward = math.cos(tilt) - up * math.sin(tilt)
    height = math.sin(tilt) + up * math.cos(tilt)
    longitude = np.arctan2(across, forward) + turn
    latitude = np.arctan2(height, np.hypot(across, forward))
    return _bilinear(latlong, longitude, latitude)


def _bilinear(latlong: F32, longitude: np.ndarray, latitude: np.ndarray) -> F32:
    height, width = latlong.shape[:2]
    u = (longitude / (2 * math.pi) + 0.5) * width - 0.5
    v = np.clip((0.5 - latitude / math.pi) * height - 0.5, 0, height - 1)
    left, top = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    right_share = (u - left).astype(np.float32)[..., None]
    lower_share = (v - top).astype(np.float32)[..., None]
    below = np.minimum(top + 1, height - 1)
    near, far = left % width, (left + 1) % width
    upper = latlong[top, near] * (1 - right_share) + latlong[top, far] * right_share
    lower = latlong[below, near] * (1 - right_share) + latlong[below, far] * right_share
    return np.asarray(upper * (1 - lower_share) + lower * lower_share, np.float32)
