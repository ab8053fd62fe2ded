"""Camera moves over a lat-long map: shots whose content and motion are known exactly.

A pose says where the camera looks and how wide; a path is a pose for every frame; `views` makes the frames,
in linear light. Yaw turns right, pitch up, roll clockwise as the camera sees it. Everything is deterministic.
A map of 1024x512 has 256 pixels across 90 degrees, so views wider than 512 pixels hold nothing more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOVES", "Pose", "handheld", "hold", "pan", "path_of", "push", "ride", "tilt", "views", "whip"]

Light = NDArray[np.float32]

_MOST_SAMPLES = 4  # a side; the view of a narrow bench is shrunk from no more than that


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera looks: degrees; fov is across the width; exposure in stops on top of the map's."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    fov: float = 70.0
    exposure: float = 0.0


def views(latlong_linear: Light, path: Sequence[Pose], size: tuple[int, int] = (512, 288)) -> Iterator[Light]:
    """The frames of a path: perspective views, bilinear, the mean of n x n rays where the view is coarser.

    latlong_linear: (H, W, 3) float32 linear light, the whole sphere, up at row 0. size: (w, h) in pixels.
    Yields (h, w, 3) float32. n is one number for a whole path, so that sharpness does not jump inside a shot.
    """
    width, height = size
    # Map pixels in one pixel of the middle of the widest view.
    steepest = max(2 * math.tan(math.radians(pose.fov) / 2) / width for pose in path)
    coarse = steepest * latlong_linear.shape[1] / (2 * math.pi)
    samples = min(_MOST_SAMPLES, max(1, math.ceil(coarse)))
    for pose in path:
        yield _view(latlong_linear, pose, width, height, samples)


def _view(latlong: Light, pose: Pose, width: int, height: int, samples: int) -> Light:
    columns, rows = width * samples, height * samples
    reach = math.tan(math.radians(pose.fov) / 2)
    x = ((np.arange(columns) + 0.5) / columns * 2 - 1) * reach
    y = (1 - (np.arange(rows) + 0.5) / rows * 2) * reach * height / width
    across, up = np.meshgrid(x, y)
    ray = _turn(pose) @ np.stack([across, up, np.ones_like(up)]).reshape(3, -1)
    yaw = np.arctan2(ray[0], ray[2])
    pitch = np.arctan2(ray[1], np.hypot(ray[0], ray[2]))
    light = _bilinear(latlong, yaw, pitch).reshape(height, samples, width, samples, 3)
    return np.asarray(light.mean(axis=(1, 3)) * 2**pose.exposure, np.float32)


def _turn(pose: Pose) -> NDArray[np.float64]:
    """From the camera's axes (right, up, forward) to the map's."""
    yaw, pitch, roll = (math.radians(angle) for angle in (pose.yaw, pose.pitch, -pose.roll))
    about_z = [[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]]
    about_x = [[1, 0, 0], [0, math.cos(pitch), math.sin(pitch)], [0, -math.sin(pitch), math.cos(pitch)]]
    about_y = [[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]]
    return np.array(about_y) @ np.array(about_x) @ np.array(about_z)


def _bilinear(latlong: Light, yaw: NDArray[np.float64], pitch: NDArray[np.float64]) -> Light:
    height, width = latlong.shape[:2]
    u = (yaw / (2 * math.pi) + 0.5) * width - 0.5
    v = np.clip((0.5 - pitch / math.pi) * height - 0.5, 0, height - 1)
    left, top = np.floor(u), np.floor(v)
    right_share, below_share = (u - left).astype(np.float32)[:, None], (v - top).astype(np.float32)[:, None]
    column, row = left.astype(np.int64) % width, top.astype(np.int64)
    below = np.minimum(row + 1, height - 1) * width
    row *= width
    beside = (column + 1) % width
    flat = latlong.reshape(-1, 3)
    upper = flat[row + column] * (1 - right_share) + flat[row + beside] * right_share
    lower = flat[below + column] * (1 - right_share) + flat[below + beside] * right_share
    return np.asarray(upper * (1 - below_share) + lower * below_share)


def hold(count: int, start: Pose = Pose()) -> tuple[Pose, ...]:
    """A locked camera."""
    return (start,) * count


def pan(count: int, start: Pose = Pose(), *, degrees: float = 30.0) -> tuple[Pose, ...]:
    """An even turn to the right (or left, below 0), by `degrees` over the shot, soft at both ends."""
    return tuple(replace(start, yaw=start.yaw + degrees * share) for share in _eased(count))


def tilt(count: int, start: Pose = Pose(), *, degrees: float = 20.0) -> tuple[Pose, ...]:
    """An even tilt upwards, soft at both ends."""
    return tuple(replace(start, pitch=start.pitch + degrees * share) for share in _eased(count))


def push(count: int, start: Pose = Pose(), *, factor: float = 0.6) -> tuple[Pose, ...]:
    """A zoom to `factor` of the angle, geometric, as a lens is turned."""
    return tuple(replace(start, fov=start.fov * factor**share) for share in _eased(count))


def handheld(count: int, start: Pose = Pose(), *, degrees: float = 0.6, seed: int = 0) -> tuple[Pose, ...]:
    """A hand: slow drift and faster tremor in yaw, pitch and roll, of about `degrees` each (roll: half)."""
    rng = np.random.default_rng(seed)
    time = np.arange(count)
    moved = []
    for _ in range(3):
        wave = np.zeros(count)
        for period, share in ((53, 1.0), (23, 0.7), (11, 0.4), (5.3, 0.15), (2.7, 0.06)):
            phase, stretch = rng.uniform(0, 2 * math.pi), rng.uniform(0.8, 1.25)
            wave += share * np.sin(2 * math.pi * time / (period * stretch) + phase)
        moved.append(wave * degrees)
    return tuple(
        replace(start, yaw=start.yaw + float(a), pitch=start.pitch + float(b), roll=start.roll + float(c) / 2)
        for a, b, c in zip(*moved, strict=True)
    )


def whip(count: int, start: Pose = Pose(), *, degrees: float = 120.0, frames: int = 8) -> tuple[Pose, ...]:
    """A hold, a turn by `degrees` within about `frames` frames, and a hold."""
    time = (np.arange(count) - (count - 1) / 2) / (frames / 8)
    return tuple(replace(start, yaw=start.yaw + degrees * float(s)) for s in 1 / (1 + np.exp(-time)))


def ride(count: int, start: Pose = Pose(), *, stops: float = 2.0) -> tuple[Pose, ...]:
    """A hand-held shot while the iris is opened by `stops`, soft at both ends."""
    shaken = handheld(count, start, degrees=0.3, seed=7)
    return tuple(
        replace(pose, exposure=start.exposure + stops * (share - 0.5))
        for pose, share in zip(shaken, _eased(count), strict=True)
    )


MOVES: dict[str, Callable[[int, Pose], tuple[Pose, ...]]] = {
    "hold": hold,
    "pan": pan,
    "tilt": tilt,
    "push": push,
    "handheld": handheld,
    "whip": whip,
    "ride": ride,
}
"""Moves by name, at their defaults."""


def path_of(move: str, count: int, start: Pose = Pose()) -> tuple[Pose, ...]:
    """The path of a named move (`MOVES`): a pose for each of `count` frames."""
    return MOVES[move](count, start)


def _eased(count: int) -> list[float]:
    """From 0 to 1 over `count` frames with no speed at both ends."""
    return [0.5 - 0.5 * math.cos(math.pi * i / max(1, count - 1)) for i in range(count)]
