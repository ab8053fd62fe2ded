"""Flicker: golden cases by hand, motion taken out, sizes and odd values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from candela_engines.errors import InputError
from candela_engines.metrics.delta_e_itp import delta_e_itp_map
from candela_engines.metrics.flicker import Flicker
from candela_engines.metrics.follow import block_origins, follow, plane_of


def texture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Smooth light of 5 to 600 nit with structure at a few sizes."""
    rng = np.random.default_rng(seed)
    out = np.zeros((height, width))
    for size in (4, 8, 16, 32):
        rough = rng.uniform(0, 1, (height // size + 2, width // size + 2))
        rows, columns = np.arange(height) / size, np.arange(width) / size
        y, x = rows.astype(int), columns.astype(int)
        fy, fx = (rows - y)[:, None], (columns - x)[None]
        out += (rough[y][:, x] * (1 - fy) + rough[y + 1][:, x] * fy) * (1 - fx)
        out += (rough[y][:, x + 1] * (1 - fy) + rough[y + 1][:, x + 1] * fy) * fx
    light = 5 + 600 * (out / out.max()) ** 3
    return np.stack([light, light * 0.8, light * 0.6], axis=-1).astype(np.float32)


def measured(recs: list[np.ndarray], refs: list[np.ndarray]):
    flicker = Flicker()
    for rec, ref in zip(recs, refs, strict=True):
        flicker.add(rec, ref)
    return flicker.result()


def test_an_error_that_stays_is_no_flicker_and_one_that_alternates_is_all_of_it() -> None:
    ref = texture(96, 128)
    wrong = ref * np.float32(1.2)
    still = measured([wrong] * 4, [ref] * 4)
    assert still.all.median <= 0.001 and still.all.p95 <= 0.001
    assert (still.static.share, still.moving.share, still.left_out, still.pairs) == (1.0, 0.0, 0.0, 3)
    assert math.isnan(still.moving.median)
    blinking = measured([wrong, ref, wrong], [ref] * 3)
    expected = delta_e_itp_map(wrong.astype(float), ref.astype(float))
    assert blinking.static.median == pytest.approx(float(np.median(expected)), abs=0.01)
    assert blinking.all.p95 == pytest.approx(float(np.quantile(expected, 0.95)), abs=0.01)


def test_grey_flicker_by_the_formula() -> None:
    """100 to 203 nit on grey: 720 times the step of PQ, 0.580689 - 0.508078 by ST 2084."""
    ref = np.full((32, 48, 3), 100.0)
    result = measured([ref, ref * 2.03], [ref, ref])
    assert result.all.median == pytest.approx(720 * (0.580689 - 0.508078), abs=2e-3)


def moving(count: int, dy: int, dx: int, height: int = 160, width: int = 240) -> list[np.ndarray]:
    big = texture(height + 80, width + 80, 3)
    return [big[40 + k * dy : 40 + k * dy + height, 40 + k * dx : 40 + k * dx + width] for k in range(count)]


@pytest.mark.parametrize(("dy", "dx"), [(3, -5), (0, 11), (-9, 2), (1, 1)])
def test_an_error_that_moves_with_the_content_is_no_flicker(dy: int, dx: int) -> None:
    refs = moving(3, dy, dx)
    # An error of the content: brighter parts come out too bright.
    recs = [(ref * (1 + 0.3 * (ref[..., :1] > 150))).astype(np.float32) for ref in refs]
    result = measured(recs, refs)
    assert result.moving.share > 0.8 and result.left_out < 0.15
    assert result.moving.median <= 0.001 and result.moving.p95 < 0.1


def test_an_error_that_stays_on_the_screen_is_its_gradient() -> None:
    refs = moving(4, 0, 6)
    # A gain of 0 to 12 % in ripples 60 pixels long: over 6 pixels it changes by up to 3.7 %.
    ripple = (1.06 + 0.06 * np.sin(2 * np.pi * np.arange(240) / 60))[:, None]
    recs = [(ref * ripple).astype(np.float32) for ref in refs]
    result = measured(recs, refs)
    shifted = np.roll(ripple, -6, axis=0)
    ref = refs[0].astype(float)
    expected = delta_e_itp_map(ref * ripple, ref * shifted)[:, 16:-16]
    assert result.moving.median == pytest.approx(float(np.median(expected)), rel=0.1)
    assert result.moving.p95 == pytest.approx(float(np.quantile(expected, 0.95)), rel=0.1)


def test_what_was_not_there_before_is_left_out() -> None:
    before, after = texture(96, 128, 5), texture(96, 128, 6)
    half = before.copy()
    half[:, 64:] = after[:, 64:] * 3
    result = measured([before * 2, half], [before, half])
    assert 0.3 < result.left_out < 0.55
    assert result.static.share + result.moving.share + result.left_out == pytest.approx(1)


def test_a_cut_and_a_large_picture() -> None:
    flicker = Flicker()
    a, b = texture(64, 64, 1), texture(64, 64, 2)
    flicker.add(a, a)
    flicker.cut()
    flicker.add(b * np.float32(1.3), b)
    assert flicker.result().pairs == 0 and math.isnan(flicker.result().all.median)
    # Thinned out: the same figures from a part of the blocks.
    ref = np.tile(texture(90, 160, 7), (4, 4, 1))
    rng = np.random.default_rng(2)
    recs = [(ref * rng.uniform(0.97, 1.03, ref.shape)).astype(np.float32) for _ in range(2)]
    expected = delta_e_itp_map(recs[0], ref)
    thin = measured([recs[0], ref], [ref, ref])
    assert thin.all.median == pytest.approx(float(np.median(expected)), rel=0.03)
    assert thin.all.p95 == pytest.approx(float(np.quantile(expected, 0.95)), rel=0.03)


@pytest.mark.parametrize("shape", [(1, 1), (3, 50), (17, 33)])
def test_small_pictures(shape: tuple[int, int]) -> None:
    ref = np.full((*shape, 3), 50.0, np.float32)
    result = measured([ref, ref * np.float32(1.1), ref], [ref] * 3)
    assert result.static.share == 1 and result.all.median == pytest.approx(result.all.p95, abs=0.002)
    assert result.all.median > 1


def test_odd_values() -> None:
    ref = np.full((32, 32, 3), 50.0)
    broken = ref.copy()
    broken[1, 1, 1] = np.nan
    result = measured([ref, broken, ref], [ref] * 3)
    assert math.isnan(result.all.median) and math.isnan(result.left_out) and result.pairs == 2
    wild = ref.copy()
    wild[0, 0] = [np.inf, -3, 5]
    assert math.isfinite(measured([wild, ref], [ref, ref]).all.p95)
    flicker = Flicker()
    flicker.add(ref, ref)
    with pytest.raises(InputError, match="31x32 after one of 32x32"):
        flicker.add(ref[:, 1:], ref[:, 1:])
    with pytest.raises(InputError, match="one size"):
        flicker.add(ref, ref[1:])


def test_following() -> None:
    frames = moving(2, 7, -12)
    rows, columns = np.array([64, 80]), np.array([96, 112])
    down, across = follow(plane_of(frames[1]), plane_of(frames[0]), rows, columns)
    # What is at (y, x) now was 7 further down and 12 to the left.
    assert down.tolist() == [7, 7] and across.tolist() == [-12, -12]
    assert block_origins(40).tolist() == [0, 16, 24] and block_origins(5).tolist() == [0]
