"""The figures of the bench of orders, against values worked out by hand and by independent code."""

import numpy as np
import pytest
from bench.intervals import rank_correlation, spread
from bench.scorer_order import MUST, flips

from candela_engines.scorer.training.faults import LADDERS


def test_flips_count_wrong_orders_and_half_of_ties():
    score = np.array([5.0, 4.0, 4.0, 6.0])
    pairs = np.array([[0, 1], [1, 2], [2, 3]])
    assert flips(score, pairs).tolist() == [0, 0.5, 1]


def test_rank_correlation_is_spearmans_with_ties():
    # Worked out by ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4.
    assert rank_correlation(np.array([1, 2, 2, 3.0]), np.array([1, 3, 2, 9.0])) == pytest.approx(0.9486833)
    assert rank_correlation(np.arange(9.0), -(np.arange(9.0) ** 3)) == pytest.approx(-1)
    assert np.isnan(rank_correlation(np.ones(4), np.arange(4.0)))


def test_an_interval_is_that_of_groups_not_of_rows():
    many = {"a": [0.0] * 500, "b": [1.0] * 500}
    alone = spread(many)
    assert alone.value == 0.5
    assert (alone.low, alone.high) == (0, 1), "two groups say little, however many rows they have"
    even = spread({str(i): [0.0, 1.0] for i in range(50)})
    assert even.low == even.high == 0.5


def test_every_ladder_that_has_a_target_exists():
    assert set(MUST) <= {ladder.name for ladder in LADDERS}
