"""The camera sees what is where, and moves as its paths say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from bench import camera
from bench.camera import Pose, views


def world(height: int = 64) -> np.ndarray:
    """A map whose colour is the direction: (right, up, forward), each moved to 0..2."""
    v, u = np.mgrid[0:height, 0 : 2 * height]
    yaw = ((u + 0.5) / (2 * height) - 0.5) * 2 * math.pi
    pitch = (0.5 - (v + 0.5) / height) * math.pi
    ray = np.stack([np.cos(pitch) * np.sin(yaw), np.sin(pitch), np.cos(pitch) * np.cos(yaw)], axis=-1)
    return (ray + 1).astype(np.float32)


def middle(pose: Pose, size: tuple[int, int] = (33, 33)) -> np.ndarray:
    (view,) = views(world(), [pose], size)
    return view[size[1] // 2, size[0] // 2] - 1


@pytest.mark.parametrize(
    ("pose", "expected"),
    [
        (Pose(), (0, 0, 1)),
        (Pose(yaw=90), (1, 0, 0)),
        (Pose(yaw=-90), (-1, 0, 0)),
        (Pose(yaw=180), (0, 0, -1)),
        (Pose(pitch=60), (0, math.sqrt(3) / 2, 0.5)),
        (Pose(yaw=90, pitch=-30), (math.sqrt(3) / 2, -0.5, 0)),
    ],
)
def test_the_middle_is_where_the_pose_says(pose: Pose, expected: tuple[float, ...]) -> None:
    np.testing.assert_allclose(middle(pose), expected, atol=4e-3)


def test_corners_follow_the_angle_of_view_and_roll() -> None:
    (view,) = views(world(), [Pose(fov=90)], (64, 64))
    left, right = view[32, 0] - 1, view[32, -1] - 1
    assert math.degrees(math.atan2(right[0], right[2])) == pytest.approx(44.5, abs=0.5)
    assert left[0] == pytest.approx(-right[0], abs=1e-2)
    assert view[0, 32, 1] > 1.6 > 0.4 > view[-1, 32, 1]
    (rolled,) = views(world(), [Pose(fov=90, roll=90)], (64, 64))
    # A camera turned clockwise has its right side down.
    assert rolled[32, -1, 1] < 0.4
    (brighter,) = views(world(), [Pose(fov=90, exposure=1)], (64, 64))
    np.testing.assert_allclose(brighter, 2 * view, rtol=1e-6)


def test_a_coarse_view_is_a_mean_and_no_pick() -> None:
    rng = np.random.default_rng(0)
    noise = rng.uniform(0, 2, (256, 512, 3)).astype(np.float32)
    (coarse,) = views(noise, [Pose(fov=90)], (32, 18))
    assert coarse.std() < 0.3 < noise.std()


def test_the_seam_is_none() -> None:
    (view,) = views(world(), [Pose(yaw=180, fov=60)], (64, 36))
    assert np.abs(np.diff(view, axis=1)).max() < 0.05


def test_paths() -> None:
    for move in camera.MOVES:
        path = camera.path_of(move, 24, Pose(yaw=10))
        assert len(path) == 24 and path == camera.path_of(move, 24, Pose(yaw=10))
    assert len(set(camera.hold(5))) == 1
    yaws = [pose.yaw for pose in camera.pan(25, degrees=30)]
    assert (yaws[0], yaws[-1]) == pytest.approx((0, 30)) and yaws == sorted(yaws)
    assert camera.push(9)[-1].fov == pytest.approx(70 * 0.6)
    turned = np.diff([pose.yaw for pose in camera.whip(48)])
    assert turned.max() > 10 and turned[0] < 0.1 and turned.sum() == pytest.approx(120, abs=1)
    assert camera.ride(10)[-1].exposure - camera.ride(10)[0].exposure == pytest.approx(2)
    assert camera.handheld(10, seed=1) != camera.handheld(10, seed=2)
