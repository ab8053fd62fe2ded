"""PU-SSIM, PU-MS-SSIM and content light levels."""

from __future__ import annotations

import math

import numpy as np
import pytest

from candela_engines.colour import pu21
from candela_engines.errors import InputError
from candela_engines.metrics import Rectangle, max_cll, pu_ms_ssim, pu_ssim


def scene(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    plane = 100 + 90 * np.sin(x / 7) * np.cos(y / 5)
    return np.repeat(plane[..., None], 3, axis=2)


def naive_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Window by window, as the paper writes it."""
    offsets = np.arange(11) - 5
    window = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    c1, c2 = (0.01 * 256) ** 2, (0.03 * 256) ** 2
    values = []
    for top in range(a.shape[0] - 10):
        for left in range(a.shape[1] - 10):
            p, q = a[top : top + 11, left : left + 11], b[top : top + 11, left : left + 11]
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
            cov = (window * (p - mp) * (q - mq)).sum()
            values.append((2 * mp * mq + c1) * (2 * cov + c2) / ((mp**2 + mq**2 + c1) * (vp + vq + c2)))
    return float(np.mean(values))


def test_ssim_is_that_of_the_paper() -> None:
    reference = scene(24, 31)
    test = reference + np.random.default_rng(1).normal(0, 20, (24, 31, 1))
    expected = naive_ssim(pu21.encode(test[..., 0]), pu21.encode(reference[..., 0]))
    assert pu_ssim(test, reference) == pytest.approx(expected, abs=1e-6)


def test_ms_ssim_is_that_of_the_paper() -> None:
    """Scale by scale in the plainest way: Wang, Simoncelli and Bovik 2003, equation 7, their five weights."""
    reference = scene(180, 178)
    test = reference + np.random.default_rng(5).normal(0, 20, (180, 178, 1))
    a, b = pu21.encode(test[..., 0]), pu21.encode(reference[..., 0])
    offsets = np.arange(11) - 5
    window = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    c1, c2 = (0.01 * 256) ** 2, (0.03 * 256) ** 2

    def mean(plane: np.ndarray) -> np.ndarray:
        return np.einsum("ijkl,kl->ij", np.lib.stride_tricks.sliding_window_view(plane, (11, 11)), window)

    expected = 1.0
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        ma, mb = mean(a), mean(b)
        va, vb, cov = mean(a * a) - ma**2, mean(b * b) - mb**2, mean(a * b) - ma * mb
        structure = (2 * cov + c2) / (va + vb + c2)
        light = (2 * ma * mb + c1) / (ma**2 + mb**2 + c1)
        expected *= float(np.mean(structure * light if scale == 4 else structure)) ** weight
        h, w = a.shape[0] // 2 * 2, a.shape[1] // 2 * 2
        a, b = (p[:h, :w].reshape(h // 2, 2, w // 2, 2).mean(axis=(1, 3)) for p in (a, b))
    assert pu_ms_ssim(test, reference) == pytest.approx(expected, abs=1e-6)


def test_identical_pictures_are_wholly_similar() -> None:
    picture = scene(200, 190)
    assert pu_ssim(picture, picture) == pytest.approx(1.0, abs=1e-12)
    assert pu_ms_ssim(picture, picture) == pytest.approx(1.0, abs=1e-12)


def test_more_noise_is_less_similar() -> None:
    reference, rng = scene(200, 190), np.random.default_rng(2)
    noise = rng.normal(0, 1, (200, 190, 1))
    for metric in (pu_ssim, pu_ms_ssim):
        rungs = [metric(reference + amount * noise, reference) for amount in (1, 4, 16, 64)]
        assert 1 > rungs[0] > rungs[1] > rungs[2] > rungs[3] > 0


def test_ms_ssim_forgives_what_ssim_sees_at_full_size() -> None:
    reference = scene(200, 190)
    noisy = reference + np.random.default_rng(3).normal(0, 20, (200, 190, 1))
    assert pu_ms_ssim(noisy, reference) > pu_ssim(noisy, reference)


def test_strips_are_seamless() -> None:
    """Wide enough to be cut, and compared with its own halves, whose windows overlap by ten columns."""
    reference = scene(60, 16000)
    test = reference + np.random.default_rng(4).normal(0, 10, (60, 16000, 1))
    cut = 8000
    left = pu_ssim(test[:, : cut + 10], reference[:, : cut + 10]) * cut
    right = pu_ssim(test[:, cut:], reference[:, cut:]) * (16000 - cut - 10)
    assert pu_ssim(test, reference) == pytest.approx((left + right) / (16000 - 10), abs=1e-9)


def test_small_odd_and_broken_pictures() -> None:
    for metric in (pu_ssim, pu_ms_ssim):
        with pytest.raises(InputError, match="11x11"):
            metric(scene(10, 50), scene(10, 50))
        with pytest.raises(InputError, match="one size"):
            metric(scene(20, 50), scene(20, 51))
        assert metric(scene(11, 11), scene(11, 11)) == pytest.approx(1.0)
        assert metric(scene(45, 33).astype("f4"), scene(45, 33).astype("f4")) == pytest.approx(1.0)
        broken = scene(60, 60)
        broken[30, 30] = np.nan
        assert math.isnan(metric(broken, scene(60, 60)))


def test_levels_are_of_the_largest_channel() -> None:
    frame = np.zeros((10, 20, 3), np.float32)
    frame[..., 2] = 50  # blue: a luminance of 3 nit
    frame[4, 5] = [10, 900, 20]
    levels = max_cll(frame)
    assert levels.max_cll == 900
    assert levels.max_fall == pytest.approx((199 * 50 + 900) / 200)
    assert levels.robust_max_cll == 900
    assert max_cll(frame, robust_percent=99).robust_max_cll == 50


def test_bars_lower_the_mean_and_the_active_picture_does_not() -> None:
    """A 2.39:1 picture in 16:9: measured, 25.6 % low."""
    frame = np.zeros((1080, 1920, 3), np.float32)
    rows = round(1920 / 2.39)
    top = (1080 - rows) // 2
    frame[top : top + rows] = 100
    area = Rectangle(0, top, 1920, rows)
    inside = max_cll(frame, active=area)
    assert inside.max_fall == pytest.approx(100) and inside.area == area
    assert 1 - max_cll(frame).max_fall / 100 == pytest.approx(0.256, abs=0.001)


def test_robust_level_is_the_exact_percentile() -> None:
    rng = np.random.default_rng(5)
    frame = rng.uniform(0, 1000, (700, 900, 3)).astype(np.float32)
    frame[3, 3] = 9000
    largest = np.sort(frame.max(axis=2), axis=None)
    levels = max_cll(frame)
    assert levels.max_cll == 9000
    assert levels.robust_max_cll == largest[math.ceil(0.9999 * largest.size) - 1]
    assert levels.max_fall == pytest.approx(largest.mean(dtype=np.float64), rel=1e-9)


def test_levels_on_odd_frames() -> None:
    assert max_cll(np.full((1, 1, 3), -4.0)).max_cll == 0.0
    broken = np.ones((4, 4, 3))
    broken[0, 0, 0] = np.nan
    assert math.isnan(max_cll(broken).max_cll)
    assert max_cll(broken, active=Rectangle(1, 1, 3, 3)).max_cll == 1.0
    for area in ((0, 0, 5, 1), (-1, 0, 2, 2), (0, 3, 1, 2), (0, 0, 0, 1), (0, 0, 1, 0)):
        with pytest.raises(InputError, match="4x4"):
            max_cll(np.ones((4, 4, 3)), active=Rectangle(*area))
    with pytest.raises(InputError):
        max_cll(np.ones((4, 4, 3)), robust_percent=0)
    with pytest.raises(InputError):
        max_cll(np.ones((4, 4)))
