"""Simulated raters choose as often as the model says."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from candela_engines.scorer.eye.thurstone import scale
from candela_engines.scorer.preference.simulated import counts_of_choices, draw_panel, simulate

CDF = statistics.NormalDist().cdf


def _plain(raters: int = 10, **more):
    panel = draw_panel(raters, **more)
    object.__setattr__(panel, "sigma", np.ones(raters))
    object.__setattr__(panel, "lapse", np.zeros(raters))
    return panel


def test_one_jod_is_preferred_by_three_of_four():
    random = np.random.default_rng(0)
    found = simulate([1.0, 0.0], ["a", "b"], _plain(bias=0.0), 20_000, random)
    # Three standard deviations of a share of 20,000 are .009.
    assert (found[:, 3] == 0).mean() == pytest.approx(CDF(1 / 1.4826), abs=0.01)
    assert CDF(1 / 1.4826) == pytest.approx(0.75, abs=1e-3)


def test_lapses_and_adversaries():
    random = np.random.default_rng(0)
    panel = _plain(bias=0.0)
    object.__setattr__(panel, "lapse", np.full(10, 0.2))
    found = simulate([50.0, 0.0], ["a", "b"], panel, 20_000, random)
    assert (found[:, 3] == 0).mean() == pytest.approx(0.9, abs=0.01)
    contrary = _plain(bias=0.0, adversarial=10)
    found = simulate([50.0, 0.0], ["a", "b"], contrary, 1000, random)
    assert (found[:, 3] == 1).all()
    some = draw_panel(20, adversarial=3, seed=5)
    assert some.adversarial.sum() == 3
    with pytest.raises(ValueError, match="adversarial"):
        draw_panel(3, adversarial=4)


def test_the_design_is_balanced():
    found = simulate(np.zeros(6), list("abcdef"), _plain(), 150, np.random.default_rng(1))
    pairs = {tuple(sorted(p)) for p in found[:, 1:3].tolist()}
    assert len(pairs) == 15
    counts = counts_of_choices(found, 6)
    assert ((counts + counts.T)[~np.eye(6, dtype=bool)] == 10).all()
    assert np.bincount(found[:, 0]).tolist() == [15] * 10
    assert set(found[:, 3]) <= set(range(6))


def test_a_raters_taste_is_for_kinds_not_for_sources():
    panel = draw_panel(5, seed=3)
    first, second = panel.bias(["crush", "blur", "crush"]), panel.bias(["blur"])
    assert np.array_equal(first[:, 0], first[:, 2])
    assert np.array_equal(first[:, 1], second[:, 0])
    assert not np.array_equal(first[:, 0], first[:, 1])


def test_scaling_gives_back_what_was_simulated():
    truth = np.array([0.0, 1.0, 2.0, 3.5, 5.0])
    found = simulate(truth, list("abcde"), _plain(bias=0.0), 20_000, np.random.default_rng(2))
    jod, _ = scale(counts_of_choices(found, 5))
    assert jod - jod[0] == pytest.approx(truth, abs=0.15)
