"""Means over blocks and windows: against sums done one by one, and the same bits with the native library."""

import numpy as np
import pytest

from candela_engines.errors import InputError
from candela_engines.native import native
from candela_engines.scorer.windows import (
    block_excess,
    excess_of,
    plane_block_means,
    sound_planes,
    window_means,
)

SHAPES = [(41, 63), (16, 8), (8, 8), (9, 700)]


def light_of(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((*shape, 3)) * 300).astype(np.float32)


def spoiled(shape: tuple[int, int]) -> np.ndarray:
    light = light_of(shape)
    light[3, 3, 0], light[5, 5], light[6, 6, 1] = np.nan, np.inf, -np.inf
    return light


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_a_block_is_the_mean_of_its_pixels(k: int) -> None:
    light = light_of((11, 17))[..., 0]
    plane = plane_block_means(light, k)
    assert plane.shape == (11 // k, 17 // k)
    for y, x in np.ndindex(plane.shape):
        block = light[y * k : (y + 1) * k, x * k : (x + 1) * k]
        assert plane[y, x] == pytest.approx(block.mean(dtype=np.float64), abs=1e-3)


@pytest.mark.parametrize("radius", [0, 1, 4, 30])
def test_a_window_is_the_mean_of_its_pixels_with_the_edge_repeated(radius: int) -> None:
    plane = light_of((13, 29))[..., 0]
    found = window_means(plane, radius)
    padded = np.pad(plane.astype(np.float64), radius, mode="edge")
    side = 2 * radius + 1
    expected = np.array([[padded[y : y + side, x : x + side].mean() for x in range(29)] for y in range(13)])
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_excess_is_that_of_the_map_of_pixels() -> None:
    light = np.abs(light_of((12, 20)))
    light[:6] = 100.0  # neutral: inside every gamut
    found = block_excess(light, 2, "p3d65")
    by_pixel = excess_of(sound_planes(light), "p3d65")
    np.testing.assert_allclose(found, plane_block_means(by_pixel, 2), atol=1e-6)
    assert found[:3].max() == 0 < found[3:].max()
    with pytest.raises(InputError, match="adobe"):
        block_excess(light, 2, "adobe")


@pytest.mark.skipif(native() is None, reason="the native library is not built")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("threads", [1, 3])
def test_the_native_library_gives_the_same_bits(
    shape: tuple[int, int], threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    light = spoiled(shape)
    plane = np.nan_to_num(light[..., 1], posinf=1e4, neginf=0)
    views = [v for v in (light, light[1:, 2:], light[::2]) if min(v.shape[:2]) >= 4]

    def all_of_them() -> list[np.ndarray]:
        out = [window_means(plane, radius, threads=threads) for radius in (0, 1, 3, 12)]
        for view in views:
            for k in (1, 2, 3, 4):
                out += [block_excess(view, k, gamut, threads=threads) for gamut in ("bt709", "p3d65")]
        return out

    fast = all_of_them()
    monkeypatch.setenv("CANDELA_NATIVE", "0")
    for a, b in zip(fast, all_of_them(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.skipif(native() is None, reason="the native library is not built")
def test_the_native_library_refuses_what_it_cannot_read() -> None:
    library = native()
    assert library is not None
    light = light_of((8, 8))
    for wrong, k in ((light[..., ::-1], 2), (light[..., :2], 2), (light, 9), (light, 0)):
        with pytest.raises(ValueError, match=r"light is|a block"):
            library.block_excess(wrong, k, [1.0] * 9, [1.0] * 3, 0.2)
    with pytest.raises(ValueError, match="radius"):
        library.window_means(light[..., 0].copy(), -1)
