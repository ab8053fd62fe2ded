"""Balanced designs, and pairs by expected information."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import InputError
from candela_engines.scorer.eye.choices import CATCH
from candela_engines.scorer.eye.design import (
    balanced_pairs,
    expected_information,
    informative_pairs,
    ordered_trials,
)
from candela_engines.scorer.eye.thurstone import components, scale
from candela_engines.scorer.normal import SIGMA_JOD, normal_cdf


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 14), st.integers(0, 60), st.integers(0, 9))
def test_a_design_connects_and_is_balanced(count: int, more: int, seed: int) -> None:
    most = count - 1 + more
    pairs = balanced_pairs(count, most, np.random.default_rng(seed))
    assert len(pairs) == len(set(pairs)) == min(most, count * (count - 1) // 2)
    wins = np.zeros((count, count))
    for i, j in pairs:
        assert i < j
        wins[i, j] += 1
    assert len(components(wins)) == 1
    often = Counter(k for pair in pairs for k in pair)
    assert max(often.values()) - min(often.values()) <= 2
    if len(pairs) % count == 0:
        assert len(set(often.values())) == 1


def test_what_is_no_design() -> None:
    dice = np.random.default_rng(0)
    with pytest.raises(InputError, match="two versions"):
        balanced_pairs(1, 5, dice)
    with pytest.raises(InputError, match="5 versions need 4 pairs"):
        balanced_pairs(5, 3, dice)


def test_expected_information_by_brute_force() -> None:
    """Against a sum over a fine grid of the difference."""
    for mean, spread in ((0.0, 1.0), (1.0, 0.5), (3.0, 2.0), (0.3, 0.01)):
        d = np.linspace(mean - 8 * spread, mean + 8 * spread, 20001)
        weight = np.exp(-0.5 * ((d - mean) / spread) ** 2)
        weight /= weight.sum()
        p = normal_cdf(d / SIGMA_JOD)

        def entropy(p: np.ndarray) -> np.ndarray:
            p = np.clip(p, 1e-15, 1 - 1e-15)
            return -(p * np.log2(p) + (1 - p) * np.log2(1 - p))

        brute = entropy((p * weight).sum()) - (entropy(p) * weight).sum()
        assert expected_information(np.array(mean), np.array(spread)) == pytest.approx(brute, abs=1e-5)
    # What is known, or settled, tells nothing; nothing tells more than a bit.
    assert expected_information(np.array(0.0), np.array(0.0)) == 0
    assert expected_information(np.array(12.0), np.array(0.5)) < 1e-6
    assert 0.7 < expected_information(np.array(0.0), np.array(50.0)) < 1


def test_the_next_pairs_are_those_that_are_in_doubt() -> None:
    """a and b are settled against all others and not between them: that pair comes first."""
    wins = np.zeros((4, 4))
    wins[0, 2:] = wins[1, 2:] = 20
    wins[2, 3] = 20
    pairs = informative_pairs(wins, 3, np.random.default_rng(0))
    assert pairs[0] == (0, 1)
    assert {k for pair in pairs for k in pair} == {0, 1, 2, 3}


def test_adaptive_pairs_find_the_scale_with_fewer_choices() -> None:
    """Same number of choices, both from nothing: over six studies the adaptive scale is nearer to the
    truth.
    """
    errors = {"adaptive": [], "balanced": []}
    for seed in range(6):
        dice = np.random.default_rng(seed)
        truth = np.sort(dice.normal(0, 2.5, 9))
        truth -= truth.mean()
        for kind, found in errors.items():
            wins = np.zeros((9, 9))
            for _ in range(12):
                some = np.random.default_rng(dice.integers(1 << 30))
                pairs = informative_pairs(wins, 9, some) if kind == "adaptive" else balanced_pairs(9, 9, some)
                for i, j in pairs:
                    won = dice.random() < float(normal_cdf((truth[i] - truth[j]) / SIGMA_JOD))
                    wins[(i, j) if won else (j, i)] += 1
            found.append(float(np.sqrt(np.mean((scale(wins)[0] - truth) ** 2))))
    assert np.mean(errors["adaptive"]) < np.mean(errors["balanced"])


def test_trials_are_balanced_and_scenes_apart() -> None:
    pairs = [(f"s{s}", a, b) for s in range(4) for a, b in (("x", "y"), ("y", "z"), ("x", "z"))]
    first: Counter[str] = Counter()
    for rater in range(8):
        trials = ordered_trials(pairs, rater, np.random.default_rng(rater), catches=2)
        real = [t for t in trials if not t.is_catch]
        assert len(trials) == 14 and sorted({(t.scene, *sorted((t.a, t.b))) for t in real}) == sorted(pairs)
        assert all(one.scene != two.scene for one, two in pairwise(real))
        first.update(t.a for t in real)
        catches = [k for k, t in enumerate(trials) if t.is_catch]
        assert len(catches) == 2 and 0 < catches[0] < 7 <= catches[1] < 14
        assert all(CATCH in (trials[k].a, trials[k].b) for k in catches)
    assert first["x"] == first["z"] == first["y"] == 8 * 4


def test_no_pairs_are_no_trials() -> None:
    assert ordered_trials([], 0, np.random.default_rng(0), catches=3) == []
