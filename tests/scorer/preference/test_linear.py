"""The recipes on a house head: its slopes, its groups, and that order is learnt from choices alone."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.scorer.alignment import MENDED, PUBLISHED, spearman
from candela_engines.scorer.eye.head import Head, Pairs
from candela_engines.scorer.preference.linear import LinearPolicy, aligned_head, groups_of
from candela_engines.scorer.preference.policy import BINS


def _start(count: int) -> Head:
    one, zero = np.ones(count), np.zeros(count)
    return Head(zero, 0.0, zero, one, -5 * one, 5 * one, one)


def _choices(scenes: int = 4, versions: int = 8):
    random = np.random.default_rng(0)
    x = random.normal(0, 1, (scenes * versions, 3))
    truth = 2.0 * x[:, 0] - 1.0 * x[:, 1]
    first, second = np.triu_indices(versions, 1)
    rows = [(first + s * versions, second + s * versions) for s in range(scenes)]
    a, b = (np.concatenate(side) for side in zip(*rows, strict=True))
    better = (truth[a] > truth[b]).astype(float)
    return x, truth, Pairs(a, b, 2 * better, 2 * (1 - better))


def test_slopes_are_differences():
    random = np.random.default_rng(1)
    x, by_logits = random.normal(0, 1, (4, 3)), random.normal(0, 1, (4, 65))
    policy = LinearPolicy({"head.w": random.normal(0, 1, (3, 1)), "head.b": np.array([0.3])}, 2.0)

    def value(weights) -> float:
        tape = policy.with_weights(weights).forward(x)
        return float((by_logits * -0.5 * ((BINS - tape.mean[:, None]) / tape.spread[:, None]) ** 2).sum())

    for name, slope in policy.backward(policy.forward(x), by_logits).items():
        step = np.zeros_like(slope)
        step[(0,) * slope.ndim] = 1e-6
        up = value({**policy.weights, name: policy.weights[name] + step})
        down = value({**policy.weights, name: policy.weights[name] - step})
        assert slope[(0,) * slope.ndim] == pytest.approx((up - down) / 2e-6, rel=1e-4)


def test_groups_are_what_choices_connect():
    x, truth, pairs = _choices()
    groups = groups_of(x, pairs)
    assert [len(group.x) for group in groups] == [8] * 4
    for place, group in enumerate(groups):
        assert spearman(group.truth, truth[8 * place : 8 * place + 8]) > 0.95


@pytest.mark.parametrize("rewards", [PUBLISHED, MENDED])
def test_order_is_learnt_and_the_same_twice(rewards):
    x, truth, pairs = _choices()
    head = aligned_head(x, pairs, _start(3), 3, rewards=rewards, rate=1e-2)
    assert spearman(head.score(x), truth) > 0.8
    again = aligned_head(x, pairs, _start(3), 3, rewards=rewards, rate=1e-2)
    assert np.array_equal(head.weights, again.weights)


def test_two_versions_of_a_scene_teach_no_order():
    start = _start(3)
    pairs = Pairs(np.array([0]), np.array([1]), np.ones(1), np.zeros(1))
    assert aligned_head(np.ones((2, 3)), pairs, start, 0) is start
