"""The simulated scale: order kept along a ladder, the master at 10, the SDR reference at 0."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candela_engines.scorer.training.scale import falling, mix_of, score_of

JODS = st.lists(st.floats(-5, 10, allow_nan=False), min_size=1, max_size=12)


@given(JODS)
def test_falling_never_rises_keeps_the_mean_and_changes_nothing_that_falls(values):
    made = falling(values)
    assert (np.diff(made) <= 1e-9).all()
    assert made.mean() == pytest.approx(np.mean(values), abs=1e-9)
    assert np.allclose(falling(made), made)
    ordered = sorted(values, reverse=True)
    assert np.allclose(falling(ordered), ordered)


def test_mix_follows_its_formula():
    assert mix_of(10.0, 0.0) == 10
    assert mix_of(9.0, 25.0) == pytest.approx(9 - 4 * (1 - np.exp(-1)))
    assert mix_of(10.4, 0.0) == 10, "the oracle may say a little over 10"


def test_score_has_its_two_fixed_points_and_its_ends():
    assert score_of(10.0, 5.5) == 10
    assert score_of(5.5, 5.5) == 0
    assert score_of(-30.0, 5.5) == -6
    assert score_of(9.0, 9.9) == pytest.approx(10 * (9 - 7) / 3), "zero is held to 7"
