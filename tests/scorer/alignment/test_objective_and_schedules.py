"""The objective against finite differences and its definition, the schedules against what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.scorer.alignment import (
    Curriculum,
    Phase,
    Unfreezing,
    clipped_surrogate,
    estimated_kl,
    gradient_of_kl,
    group_relative,
    kl_of_categories,
    kl_weight,
    log_softmax,
)


def test_advantages_worked_by_hand():
    found = group_relative([[1.0, 0.0, 0.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    assert found[0] == pytest.approx(np.array([1, -1, -1, 1]) * 0.5 / (0.5 + 1e-4))
    assert found[1].tolist() == [0, 0, 0, 0]
    assert group_relative([[3.0, 1.0]], scale="none").tolist() == [[1.0, -1.0]]
    # Of a batch the group with the larger differences weighs more.
    batch = group_relative([[1.0, -1.0], [0.1, -0.1]], scale="batch", epsilon=0)
    assert batch[0, 0] / batch[1, 0] == pytest.approx(10)
    assert (batch**2).mean() == pytest.approx(1)


def test_rounding_is_no_advantage():
    rewards = np.array([[0.1 + 0.2, 0.3, 0.3]])
    assert rewards[0, 0] != rewards[0, 1]
    assert not group_relative(rewards).any()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=2, max_size=8), st.floats(0.1, 5), st.floats(-4, 4))
def test_advantages_know_neither_shift_nor_unit(rewards, gain, shift):
    values = np.array([rewards])
    if np.ptp(values) > 1e-3:
        plain = group_relative(values, epsilon=0)
        assert group_relative(values * gain + shift, epsilon=0) == pytest.approx(plain, abs=1e-6)
        assert plain.mean() == pytest.approx(0, abs=1e-9)
        assert plain.std() == pytest.approx(1)


def test_the_clipped_ratio_worked_by_hand():
    new = np.log([1.5, 1.5, 0.5, 0.5, 1.1])
    value, slope = clipped_surrogate(new, np.zeros(5), [1.0, -1.0, 1.0, -1.0, 2.0])
    # Moved far enough the right way: held. The wrong way: the whole ratio counts.
    assert value == pytest.approx([1.2, -1.5, 0.5, -0.8, 2.2])
    assert slope == pytest.approx([0.0, -1.5, 0.5, 0.0, 2.2])


@settings(max_examples=40, deadline=None)
@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-2, 2))
def test_the_slope_of_the_clipped_ratio_is_its_difference(new, old, pull):
    step = 1e-6
    ratio = math.exp(new - old)
    if min(abs(ratio - 0.8), abs(ratio - 1.2)) < 1e-4:
        return
    above, _ = clipped_surrogate(new + step, old, pull)
    below, _ = clipped_surrogate(new - step, old, pull)
    _, slope = clipped_surrogate(new, old, pull)
    assert slope == pytest.approx((above - below) / (2 * step), abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_kl_and_its_slope(seed):
    random = np.random.default_rng(seed)
    logits, other = random.normal(0, 2, (2, 7))
    reference = log_softmax(other)
    p, q = np.exp(log_softmax(logits)), np.exp(reference)
    assert kl_of_categories(log_softmax(logits), reference) == pytest.approx((p * np.log(p / q)).sum())
    assert kl_of_categories(reference, reference) == pytest.approx(0)
    slope = gradient_of_kl(log_softmax(logits), reference)
    for i in range(7):
        step = np.eye(7)[i] * 1e-6
        up = kl_of_categories(log_softmax(logits + step), reference)
        down = kl_of_categories(log_softmax(logits - step), reference)
        assert slope[i] == pytest.approx((up - down) / 2e-6, abs=1e-6)


def test_the_estimate_of_the_kl_is_right_on_average_and_never_negative():
    random = np.random.default_rng(5)
    new, reference = log_softmax(random.normal(0, 1, 6)), log_softmax(random.normal(0, 1, 6))
    estimates = estimated_kl(new, reference)
    assert (estimates >= 0).all()
    # The mean over the policy, exactly: every bin by its probability.
    assert (np.exp(new) * estimates).sum() == pytest.approx(kl_of_categories(new, reference))


def test_an_impossible_bin_gives_no_nan():
    logits = np.array([0.0, 1.0, -np.inf])
    reference = log_softmax([0.0, 0.0, 0.0])
    assert kl_of_categories(log_softmax(logits), reference) > 0
    assert np.isfinite(gradient_of_kl(log_softmax(logits), reference)).all()


def test_the_published_curriculum():
    plan = Curriculum.two_steps()
    assert plan.updates == 2000
    assert plan.at(0) == (Phase("step1", 1500), 0)
    assert plan.at(1499) == (Phase("step1", 1500), 1499)
    assert plan.at(1500) == (Phase("step2", 500), 0)
    for outside in (-1, 2000):
        with pytest.raises(ValueError, match="the curriculum has 2000"):
            plan.at(outside)


def test_the_kls_weight_warms_up_and_cools_down():
    found = [kl_weight(t, 100) for t in range(100)]
    assert found[0] == 0.02
    assert max(found) == found[10] == pytest.approx(0.04)
    assert found[-1] == pytest.approx(0.02)
    assert (np.diff(found[:11]) > 0).all()
    assert (np.diff(found[10:]) < 0).all()
    # Halfway through the cosine halfway between.
    assert kl_weight(5, 10, peak=1.0, end=0.0, warm=0.1) == pytest.approx(0.5)
    assert math.isfinite(kl_weight(0, 1))


def test_unfreezing_in_three_steps():
    plan = Unfreezing((2, 3, 1))
    seen = [plan.free(t) for t in range(7)]
    first, second, third = ("encoder",), ("encoder", "projector"), ("encoder", "projector", "head")
    assert seen == [first, first, second, second, second, third, third]
    assert Unfreezing.evenly(10).updates == (3, 3, 4)
    with pytest.raises(ValueError, match="one number"):
        Unfreezing((1, 2))
