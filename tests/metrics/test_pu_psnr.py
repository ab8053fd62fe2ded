"""PU-PSNR: worked figures, identity, strips, and that the encoding and the peak matter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from candela_engines.errors import InputError
from candela_engines.metrics import PuPsnr, psnr_pq, pu_psnr, pu_psnr_y, worst_tile

# From the authors' code (gfxdisp/pu21), fit banding_glare.
PU_100, PU_203 = 256.384, 303.800


def flat(nits: float, height: int = 8, width: int = 8) -> np.ndarray:
    return np.full((height, width, 3), float(nits))


def noisy(seed: int, height: int = 70, width: int = 90) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    reference = rng.uniform(0.01, 1000, (height, width, 3)).astype(np.float32)
    return (reference * rng.uniform(0.9, 1.1, reference.shape)).astype(np.float32), reference


def test_worked_figure() -> None:
    expected = 20 * math.log10(256 / (PU_203 - PU_100))
    assert pu_psnr(flat(203), flat(100)) == pytest.approx(expected, abs=1e-3)
    assert pu_psnr_y(flat(203), flat(100)) == pytest.approx(expected, abs=1e-3)


def test_peak_shifts_by_what_it_says() -> None:
    assert pu_psnr(flat(203), flat(100), peak=595.39) - pu_psnr(flat(203), flat(100)) == pytest.approx(
        7.33, abs=0.005
    )


def test_identical_pictures_are_infinitely_good() -> None:
    picture = noisy(1)[0]
    for metric in (pu_psnr, pu_psnr_y, psnr_pq):
        assert metric(picture, picture) == math.inf


def test_only_one_channel_differs() -> None:
    test = flat(100)
    test[..., 0] = 203
    expected = 20 * math.log10(256 / (PU_203 - PU_100)) + 10 * math.log10(3)
    assert pu_psnr(test, flat(100)) == pytest.approx(expected, abs=1e-3)


def test_luminance_has_the_weights_of_bt2020() -> None:
    red = np.zeros((4, 4, 3))
    red[..., 0] = 1000
    assert pu_psnr_y(red, flat(262.7, 4, 4)) > 150
    assert pu_psnr(red, flat(262.7, 4, 4)) < 20


def test_the_encoding_matters() -> None:
    """The same error in nits is seen in shadows and lost in highlights."""
    assert pu_psnr(flat(1001), flat(1000)) > pu_psnr(flat(2), flat(1)) + 30


def test_strips_give_the_same() -> None:
    test, reference = noisy(2)
    total = PuPsnr()
    for top in range(0, 70, 13):
        total.add(test[top : top + 13], reference[top : top + 13])
    assert total.result() == pytest.approx(pu_psnr(test, reference), abs=1e-9)


def test_wide_pictures_are_cut_into_the_same_sum() -> None:
    test, reference = noisy(3, height=40, width=16000)
    direct = PuPsnr()
    for row in range(40):
        direct.add(test[row : row + 1], reference[row : row + 1])
    assert pu_psnr(test, reference) == pytest.approx(direct.result(), abs=1e-9)


def test_odd_values() -> None:
    broken = flat(100)
    broken[3, 4, 1] = np.nan
    for metric in (pu_psnr, pu_psnr_y, psnr_pq):
        assert math.isnan(metric(broken, flat(100))) and math.isnan(metric(flat(100), broken))
    assert math.isnan(PuPsnr().result())
    wild = flat(100)
    wild[0, 0] = [np.inf, -np.inf, -5]
    assert math.isfinite(pu_psnr(wild, flat(100)))
    assert pu_psnr(flat(0.0), flat(-3.0)) == math.inf, "both are below what PU21 tells apart"


@pytest.mark.parametrize("metric", [pu_psnr, pu_psnr_y, psnr_pq, worst_tile])
def test_impossible_pictures(metric) -> None:
    for test, reference, told in (
        (flat(1), flat(1, 8, 9), "8x8.*9x8"),
        (flat(1)[..., 0], flat(1)[..., 0], "(H, W, 3)"),
        (np.ones((8, 8, 4)), np.ones((8, 8, 4)), "(H, W, 3)"),
        (np.ones((0, 8, 3)), np.ones((0, 8, 3)), "(H, W, 3)"),
        (np.ones((8, 8, 3), np.uint8), flat(1), "uint8"),
    ):
        with pytest.raises(InputError, match=told.replace("(", r"\(").replace(")", r"\)")):
            metric(test, reference)


def test_single_and_double_precision_agree() -> None:
    test, reference = noisy(4)
    double = pu_psnr(test.astype(np.float64), reference.astype(np.float64))
    assert pu_psnr(test, reference) == pytest.approx(double, abs=1e-4)


def test_psnr_pq_worked_figure() -> None:
    """PQ of 1000 and 100 nit are 0.751827 and 0.508078 (ST 2084)."""
    assert psnr_pq(flat(1000), flat(100)) == pytest.approx(-20 * math.log10(0.751827 - 0.508078), abs=1e-4)


def test_worst_tile_finds_the_place() -> None:
    reference = flat(100, 200, 300)
    test = reference.copy()
    test[130:140, 70:80] = 203
    found = worst_tile(test, reference)
    assert (found.left, found.top, found.width, found.height) == (64, 128, 64, 64)
    mse = (PU_203 - PU_100) ** 2 * 100 / 64**2
    assert found.pu_psnr == pytest.approx(10 * math.log10(256**2 / mse), abs=1e-3)


def test_worst_tile_at_the_edges() -> None:
    reference = flat(100, 100, 150)
    test = reference.copy()
    test[99, 149] = 500
    found = worst_tile(test, reference)
    assert (found.left, found.top) == (150 - 64, 100 - 64), "the last tile is whole and moves back"
    small = worst_tile(flat(100, 5, 200), flat(101, 5, 200))
    assert (small.width, small.height) == (64, 5)
    one = worst_tile(flat(100, 1, 1), flat(101, 1, 1))
    assert (one.left, one.top, one.width, one.height) == (0, 0, 1, 1)


def test_worst_tile_of_identical_and_broken_pictures() -> None:
    reference = flat(100, 130, 130)
    same = worst_tile(reference, reference)
    assert same.pu_psnr == math.inf and (same.left, same.top) == (0, 0)
    broken = reference.copy()
    broken[70, 129] = np.nan
    found = worst_tile(broken, reference)
    assert math.isnan(found.pu_psnr) and (found.left, found.top) == (66, 64)
    with pytest.raises(InputError, match="tile"):
        worst_tile(reference, reference, tile=0)


def test_worst_tile_is_never_better_than_the_picture() -> None:
    test, reference = noisy(5, 128, 192)
    assert worst_tile(test, reference).pu_psnr <= pu_psnr(test, reference)
