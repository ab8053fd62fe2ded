"""Rewards against hand-worked cases and against loops that say the definition word by word."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.scorer.alignment import (
    MENDED,
    PUBLISHED,
    distance_reward,
    dynamic_levels,
    endogenous_rank_reward,
    exogenous_rank_reward,
    fidelity_reward,
    graded_distance_reward,
    graded_sign_reward,
    group_relative,
    pairwise_rank_reward,
    sign_reward,
    silent_share,
)
from candela_engines.scorer.alignment.levels import Levels

CDF = statistics.NormalDist().cdf
THREE = Levels(np.array([0, 0, 1, 1, 2, 2]), np.array([1.0, 5.0, 9.0]), 1.0)


def _drawn(seed: int, versions: int = 6, count: int = 4) -> np.ndarray:
    return np.round(np.random.default_rng(seed).normal(4, 4, (versions, count)) * 4) / 4


def _ranked(a, b) -> float:
    return statistics.correlation(
        *([statistics.mean(i for i, o in enumerate(sorted(x)) if o == v) for v in x] for x in (a, b))
    )


def _by_loops(samples: np.ndarray, levels: Levels, means: list[float] | None) -> np.ndarray:
    out = np.zeros_like(samples)
    for i in range(len(samples)):
        for k in range(samples.shape[1]):
            row = []
            for m in range(levels.count):
                if m == levels.category[i]:
                    row.append(samples[i, k])
                elif means is not None:
                    row.append(means[m])
                else:
                    row.append(np.mean([s for j, s in enumerate(samples) if levels.category[j] == m]))
            constant = len(set(row)) == 1
            out[i, k] = 0.0 if constant else _ranked(range(levels.count), row)
    return out


def test_rank_rewards_worked_by_hand():
    samples = np.array([[0.0, 6.0], [2.0, 2.0], [4.0, 9.0], [5.0, 5.0], [8.0, 8.0], [8.0, 1.0]])
    # Means of the policy: 2.5, 5.75, 6.25. The last sample, 1.0, gives [2.5, 5.75, 1.0]: ranks 2 3 1, ρ = −½.
    own = endogenous_rank_reward(samples, THREE)
    assert own[0] == pytest.approx([1.0, 0.5])  # [0, 5.75, 6.25]; [6, 5.75, 6.25]: ranks 2 1 3
    assert own[2] == pytest.approx([1.0, 0.5])  # 4 lies between; 9 is above the highest: ranks 1 3 2
    assert own[5] == pytest.approx([1.0, -0.5])
    # Against the labels' means 1, 5, 9.
    theirs = exogenous_rank_reward(samples, THREE)
    assert theirs[0] == pytest.approx([1.0, 0.5])  # 6 between 5 and 9: [6, 5, 9]
    assert theirs[2] == pytest.approx([1.0, math.sqrt(3) / 2])  # 9 ties with the mean 9: ranks 1 2.5 2.5
    assert theirs[4] == pytest.approx([1.0, 1.0])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_rank_rewards_are_what_the_words_say(seed):
    samples = _drawn(seed)
    assert endogenous_rank_reward(samples, THREE) == pytest.approx(_by_loops(samples, THREE, None))
    assert exogenous_rank_reward(samples, THREE) == pytest.approx(_by_loops(samples, THREE, [1.0, 5.0, 9.0]))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.25, 0.5, 2.0, 8.0]))
def test_order_alone_counts_for_the_endogenous_reward(seed, gain):
    samples = _drawn(seed)
    plain = endogenous_rank_reward(samples, THREE)
    # Powers of two: any other gain rounds a sample and the mean that it ties with differently.
    assert endogenous_rank_reward(samples * gain, THREE) == pytest.approx(plain)
    assert endogenous_rank_reward(-samples, THREE) == pytest.approx(-plain)


def test_lists_of_opposite_orders_would_reward_the_reverse():
    right = np.repeat([[1.0], [1.0], [5.0], [5.0], [9.0], [9.0]], 3, axis=1)
    assert (endogenous_rank_reward(right, THREE) == 1).all()
    # As printed: the target descends, the list of means ascends.
    printed = _ranked([3, 2, 1], [1.0, 5.0, 9.0])
    assert printed == pytest.approx(-1.0)


def test_two_levels_of_five_samples_teach_hardly_anything_and_the_mended_reward_does():
    random = np.random.default_rng(3)
    levels = Levels(np.array([0] * 6 + [1] * 7), np.array([2.0, 8.0]), 0.8)
    truth = levels.means[levels.category]
    samples = truth[:, None] + np.round(random.normal(0, 1.5, (13, 5)) * 4) / 4
    rank = endogenous_rank_reward(samples, levels)
    assert set(np.unique(rank)) <= {-1.0, 0.0, 1.0}
    assert silent_share(rank) > 0.5
    assert not group_relative(rank)[np.ptp(rank, axis=1) == 0].any()
    different = np.array([len(set(row)) > 1 for row in samples])
    assert silent_share(pairwise_rank_reward(samples, levels)[different]) == 0


def test_sign_and_distance_worked_by_hand():
    samples = np.array([[-1.0, 0.0, 2.0], [3.0, 7.0, float("nan")]])
    truth = np.array([-2.0, 5.0])
    assert sign_reward(samples, truth).tolist() == [[0.5, 0, 0], [0.5, 0.5, 0]]
    assert sign_reward([[0.0]], [0.0]).tolist() == [[0.5]]
    assert distance_reward(samples, truth) == pytest.approx(np.array([[0.75, 0.5, 0.0], [0.5, 0.5, 0.0]]))
    assert distance_reward([[5.0]], [0.0], most=10).tolist() == [[0.5]]


def test_the_truncated_distance_is_flat_far_away_and_the_graded_one_is_not():
    samples, truth = np.array([[-6.0, 0.0, 4.0, 5.0, 6.0]]), np.array([10.0])
    assert distance_reward(samples, truth)[0].tolist() == [0, 0, 0, 0, 0]
    assert (np.diff(graded_distance_reward(samples, truth)[0]) > 0).all()
    assert graded_distance_reward([[8.0]], [10.0]) == pytest.approx(np.array([[0.5]]))


def test_a_label_at_zero_has_no_side():
    assert np.ptp(graded_sign_reward([[-5.0, 0.0, 5.0]], [0.0])) == pytest.approx(0)
    sure = graded_sign_reward([[-5.0, 0.0, 5.0]], [-4.0])[0]
    assert sure[0] > sure[1] > sure[2]
    # A tenth of the standard deviation from zero: Φ(.1) − ½, twice, is what a side is worth.
    faint = graded_sign_reward([[-9.0, 9.0]], [0.1])[0]
    assert faint[1] - faint[0] == pytest.approx(0.5 * (2 * CDF(0.1) - 1), abs=1e-9)


def test_the_pairwise_rank_reward_worked_by_hand():
    samples = np.array([[0.0], [2.0], [4.0], [6.0], [8.0], [10.0]])
    # Means of the policy 1, 5, 9. The third version, 4, against 1 from above and 9 from below.
    expected = np.mean([2 * CDF(3) - 1, 2 * CDF(5) - 1])
    assert pairwise_rank_reward(samples, THREE)[2, 0] == pytest.approx(expected)
    wrong = pairwise_rank_reward(samples[::-1], THREE)
    assert (wrong[[0, 1, 4, 5]] < 0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_rivals_reward_is_what_the_words_say(seed):
    samples = _drawn(seed)
    truth = np.array([0.0, 0.0, 3.0, 5.0, 5.0, 9.0])
    mean, variance = samples.mean(1), samples.var(1)
    for i in range(6):
        for k in range(4):
            parts = []
            for j in range(6):
                if j == i:
                    continue
                wide = math.sqrt(max(variance[i] + variance[j], 1e-6))
                p = CDF((samples[i, k] - mean[j]) / wide)
                g = 0.5 if truth[i] == truth[j] else float(truth[i] > truth[j])
                parts.append(math.sqrt(p * g) + math.sqrt((1 - p) * (1 - g)))
            assert fidelity_reward(samples, truth)[i, k] == pytest.approx(np.mean(parts))


@pytest.mark.parametrize("rewards", [PUBLISHED, MENDED])
@pytest.mark.parametrize("kind", ["rank", "step1", "step2"])
def test_no_answer_earns_less_than_any_number(rewards, kind):
    truth = np.array([-3.0, -2.5, 1.0, 2.0, 8.0, 9.0])
    levels = dynamic_levels(truth)
    samples = np.repeat(truth[:, None], 3, axis=1)
    samples[0, 0] = np.nan
    found = rewards.of(kind)(samples, truth, levels)
    assert np.isfinite(found).all()
    assert found[0, 0] < found[0, 1]
    # One that failed to answer spoils nobody else's reward.
    clean = rewards.of(kind)(np.repeat(truth[:, None], 3, axis=1), truth, levels)
    assert found[1:] == pytest.approx(clean[1:], abs=0.05)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_truth_earns_the_most_in_step_two(seed):
    random = np.random.default_rng(seed)
    truth = np.sort(random.uniform(-6, 10, 9))
    levels = dynamic_levels(truth)
    spread = np.concatenate([truth[:, None], truth[:, None] + random.normal(0, 6, (9, 6))], axis=1)
    found = PUBLISHED.step2(spread, truth, levels)
    # A label nearer to the next level's mean than to its own is doubted by the published rank reward.
    inside = np.array(
        [
            abs(t - levels.means[c]) <= abs(t - levels.means).min()
            for t, c in zip(truth, levels.category, strict=True)
        ]
    )
    assert (found[inside, :1] >= found[inside] - 1e-9).all()


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="a row a version"):
        endogenous_rank_reward(np.zeros((3, 2)), THREE)
    with pytest.raises(ValueError, match="labels"):
        distance_reward(np.zeros((3, 2)), np.zeros(2))
    with pytest.raises(ValueError, match="V of 2 or more"):
        fidelity_reward(np.zeros((1, 2)), np.zeros(1))
    with pytest.raises(ValueError, match="rank, step1 or step2"):
        PUBLISHED.of("step3")


def test_a_level_that_nobody_answered_for_is_left_out():
    samples = np.array([[1.0, 6.0], [1.0, 1.0], [np.nan] * 2, [np.nan] * 2, [9.0, 9.0], [9.0, 0.0]])
    for reward in (endogenous_rank_reward, exogenous_rank_reward, pairwise_rank_reward):
        found = reward(samples, THREE)
        assert (found[2:4] == -1).all()
        assert found[[1, 4], 0] == pytest.approx([1, 1], abs=1e-6)
        assert found[5, 1] < 0
    nobody = np.full((6, 2), np.nan)
    assert (endogenous_rank_reward(nobody, THREE) == -1).all()
    assert (pairwise_rank_reward(nobody, THREE) == -1).all()
    one = Levels(np.zeros(3, np.int64), np.array([2.0]), 0.0)
    assert not endogenous_rank_reward(np.ones((3, 2)), one).any()
    assert not pairwise_rank_reward(np.ones((3, 2)), one).any()
