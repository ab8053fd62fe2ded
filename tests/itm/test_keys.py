"""Keys in time, against what is known of hats and of the DCT."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candela_engines.itm.keys import hats, key_spectrum, place_in_shot, plane_at, spectrum_to_keys


@given(st.floats(0, 1), st.integers(1, 64))
def test_shares_are_one_in_all_and_of_the_two_nearest_keys(place, keys):
    shares = hats(place, keys)
    assert shares.shape == (keys,)
    assert shares.min() >= 0
    assert shares.sum() == pytest.approx(1)
    assert np.count_nonzero(shares) <= 2


@given(st.integers(2, 20), st.floats(0, 1))
def test_a_movement_that_is_linear_is_followed_exactly(keys, place):
    values = np.linspace(-3.0, 5.0, keys)
    assert hats(place, keys) @ values == pytest.approx(-3 + 8 * place, abs=1e-9)


def test_places():
    assert place_in_shot(1001, 1001, 1001) == 0
    assert place_in_shot(1001, 1001, 1100) == 0
    assert place_in_shot(1100, 1001, 1100) == 1
    assert place_in_shot(25, 0, 100) == 0.25


# Ahmed, Natarajan and Rao 1974, in their orthonormal form.
DCT = {
    1: [[1.0]],
    2: [[0.70710678, 0.70710678], [0.70710678, -0.70710678]],
    3: [
        [0.57735027, 0.57735027, 0.57735027],
        [0.70710678, 0, -0.70710678],
        [0.40824829, -0.81649658, 0.40824829],
    ],
    4: [
        [0.5, 0.5, 0.5, 0.5],
        [0.65328148, 0.27059805, -0.27059805, -0.65328148],
        [0.5, -0.5, -0.5, 0.5],
        [0.27059805, -0.65328148, 0.65328148, -0.27059805],
    ],
}


@pytest.mark.parametrize("keys", [1, 2, 3, 4])
def test_spectrum_is_the_orthonormal_dct(keys):
    planes = np.random.default_rng(keys).normal(size=(5, 6, keys)).astype(np.float32)
    spectrum = key_spectrum(planes)
    assert spectrum == pytest.approx(planes @ np.array(DCT[keys]).T, abs=1e-6)
    assert spectrum_to_keys(spectrum) == pytest.approx(planes, abs=1e-6)


def test_a_still_plane_is_in_the_first_frequency_alone():
    planes = np.repeat(np.random.default_rng(0).normal(size=(4, 4, 1)), 3, axis=2).astype(np.float32)
    assert np.abs(key_spectrum(planes)[..., 1:]).max() < 1e-6


def test_plane_between_keys_is_their_mean():
    keys = np.stack([np.zeros((2, 3)), np.ones((2, 3)), np.full((2, 3), 5.0)], -1).astype(np.float32)
    assert plane_at(keys, 0.25)[..., 0] == pytest.approx(np.full((2, 3), 0.5))
    assert plane_at(keys, 1.0)[..., 0] == pytest.approx(np.full((2, 3), 5.0))
    assert plane_at(keys, 0.5).shape == (2, 3, 1)
