"""Undoing the rounding: closer to the master on gradients, the codes themselves on detail."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.itm.dequantise import STRENGTHS, dequantise_rows, steps_of_rows

CODE = 1 / 255


def test_a_gradient_gets_closer_and_stays_within_half_a_code() -> None:
    y, x = np.mgrid[0:60, 0:200]
    truth = (0.3 + 0.0005 * x + 0.0003 * y)[..., None].repeat(3, -1)
    rounded = (np.rint(truth * 255) / 255).astype(np.float32)
    out = dequantise_rows(rounded, 0, 60, STRENGTHS, 8)
    assert np.abs(out - rounded).max() <= CODE / 2 + 1e-7
    assert np.square(out - truth).mean() < 0.75 * np.square(rounded - truth).mean()


def test_detail_of_more_than_a_code_is_left_alone() -> None:
    checks = (np.indices((20, 20)).sum(0) % 2 * 10 / 255).astype(np.float32)[..., None].repeat(3, -1)
    np.testing.assert_array_equal(dequantise_rows(checks, 0, 20, STRENGTHS, 8), checks)


def test_the_step_is_the_neighbours_mean_by_hand() -> None:
    signal = np.zeros((3, 3, 3), np.float32)
    signal[0, 0] = 3 * CODE  # mean 1/3 of a code above zero in the middle: the whole step
    assert np.allclose(steps_of_rows(signal, 0, 3, CODE)[1, 1], CODE / 3)
    signal[0, 0] = 7 * CODE  # 7/9 of a code: falling, 1 − 7/9 is left
    assert np.allclose(steps_of_rows(signal, 0, 3, CODE)[1, 1], CODE * 2 / 9, atol=1e-7)


@pytest.mark.twice
@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 8), st.integers(0, 2**32))
def test_strips_agree_with_the_whole(height: int, width: int, strength: int, seed: int) -> None:
    codes = np.random.default_rng(seed).integers(100, 104, (height, width, 3))
    signal = codes.astype(np.float32) / 255
    whole = dequantise_rows(signal, 0, height, strength, 8)
    strips = np.concatenate([dequantise_rows(signal, y, y + 1, strength, 8) for y in range(height)])
    np.testing.assert_array_equal(strips, whole)
    assert np.abs(whole - signal).max() <= strength / STRENGTHS * CODE / 2 + 1e-7
