"""Levels against every possible split, ranks and correlations against what the words say."""

from __future__ import annotations

import itertools
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.scorer.alignment import average_ranks, dynamic_levels, spearman, split_into

_labels = st.lists(st.integers(-24, 40).map(lambda n: n / 4), min_size=1, max_size=7)


def _within(values: np.ndarray, of: np.ndarray) -> float:
    return sum(float(((values[of == m] - values[of == m].mean()) ** 2).sum()) for m in set(of.tolist()))


@settings(max_examples=60, deadline=None)
@given(_labels, st.integers(1, 4))
def test_the_split_is_the_best_of_all_there_are(labels, count):
    values = np.array(labels)
    ways = [
        np.array(way) for way in itertools.product(range(count), repeat=len(values)) if len(set(way)) == count
    ]
    # Equal labels stay together; apart from that every assignment is looked at, ordered or not.
    ways = [
        w
        for w in ways
        if all(w[i] == w[j] for i in range(len(w)) for j in range(i) if values[i] == values[j])
    ]
    found = split_into(values, count)
    if not ways:
        assert found is None
        return
    assert _within(values, found) == pytest.approx(min(_within(values, way) for way in ways), abs=1e-9)
    order = np.argsort(values)
    assert (np.diff(found[order]) >= 0).all()


@settings(max_examples=60, deadline=None)
@given(_labels)
def test_levels_hold_two_at_least_and_no_tie_apart(labels):
    values = np.array(labels)
    levels = dynamic_levels(values)
    if levels.count > 1:
        assert min(np.bincount(levels.category)) >= 2
        assert (np.diff(levels.means) > 0).all()
    for i, j in itertools.combinations(range(len(values)), 2):
        if values[i] == values[j]:
            assert levels.category[i] == levels.category[j]
        elif values[i] < values[j]:
            assert levels.category[i] <= levels.category[j]


def test_levels_worked_by_hand():
    levels = dynamic_levels([9.0, 0.1, 5.0, 0.0, 5.2, 9.1])
    assert levels.count == 3
    assert levels.category.tolist() == [2, 0, 1, 0, 1, 2]
    assert levels.means == pytest.approx([0.05, 5.1, 9.05])
    # 0, 1 | 10, 11: inside 1 each; outside 10.5, 9.5, 9.5, 10.5.
    two = dynamic_levels([0.0, 1.0, 10.0, 11.0], counts=(2,))
    assert two.silhouette == pytest.approx((2 * (1 - 1 / 10.5) + 2 * (1 - 1 / 9.5)) / 4)


def test_the_number_of_levels_follows_the_labels():
    two = [0.0, 0.1, 0.2, 8.0, 8.1, 8.2]
    four = [0.0, 0.1, 3.0, 3.1, 6.0, 6.1, 9.0, 9.1]
    for rule in ("silhouette", "dispersion"):
        assert dynamic_levels(two, rule=rule).count == 2
    assert dynamic_levels(four).count == 4
    # By dispersion two levels hold a tenth of 11.25 within or less from three on.
    assert dynamic_levels(four, rule="dispersion").count in (3, 4)
    assert dynamic_levels([3.0] * 5).count == 1
    assert dynamic_levels([1.0, 2.0, 3.0]).count == 1


def test_large_labels_split_as_small_ones():
    values = np.array([0.0, 0.1, 5.0, 5.1, 9.0, 9.2])
    assert dynamic_levels(values + 1e7).category.tolist() == dynamic_levels(values).category.tolist()


@pytest.mark.parametrize("labels", [[], [[1.0]], [1.0, float("nan")], [float("inf")]])
def test_labels_that_are_none_are_refused(labels):
    with pytest.raises(ValueError, match="labels must be finite"):
        dynamic_levels(labels)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=9))
def test_ranks_and_correlation_are_what_the_words_say(pairs):
    a, b = np.array(pairs, float).T
    places = {v: [i + 1 for i, other in enumerate(sorted(a)) if other == v] for v in a}
    assert average_ranks(a).tolist() == [statistics.mean(places[v]) for v in a]
    if len(set(a)) > 1 and len(set(b)) > 1:
        ranks = [
            [statistics.mean(i + 1 for i, o in enumerate(sorted(x)) if o == v) for v in x] for x in (a, b)
        ]
        assert spearman(a, b) == pytest.approx(statistics.correlation(*ranks))
    else:
        assert spearman(a, b) == 0.0


def test_correlations_printed_in_textbooks():
    # Without ties 1 − 6 Σd² / n(n² − 1).
    assert spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]) == pytest.approx(1 - 6 * 4 / (5 * 24))
    assert spearman([1, 2, 3], [[1, 2, 3], [3, 2, 1], [2, 1, 3]]) == pytest.approx([1, -1, 0.5])
