"""Thurstone scaling: hand-worked, against pwcmp's published values, against a grid, and bad counts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from candela_engines.errors import InputError
from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.thurstone import _scale_many, components, log_likelihood, scale, scale_scene

from .raters import Rated, simulated

# Counts of the scene "exhibition" of pwcmp's example of tone mappers (18 observers), and the JOD values that
# pwcmp made of them (examples/ex3_tmo_cmp_scaled.csv, MIT): another program, another optimiser, its own
# prior.
TMO = ("ferwerda96", "hateren06", "irawan05", "mantiuk08", "pattanaik00", "ronan12", "tmo_camera")
COUNTS = np.array(
    [
        [0, 10, 0, 3, 10, 6, 1],
        [1, 0, 0, 1, 1, 0, 1],
        [10, 6, 0, 13, 9, 11, 10],
        [9, 10, 0, 0, 11, 9, 10],
        [5, 13, 0, 1, 0, 5, 5],
        [7, 13, 1, 5, 7, 0, 4],
        [9, 11, 0, 4, 8, 6, 0],
    ],
    np.float64,
)
PUBLISHED = np.array([-0.4855, -2.4198, 3.0521, 0.5766, -0.7173, -0.0728, 0.0656])


def test_three_of_four_are_one_jod_apart() -> None:
    q, _ = scale(np.array([[0.0, 75], [25, 0]]), prior_sd=np.inf)
    np.testing.assert_allclose(q, [0.5, -0.5], atol=1e-6)
    # Two JOD are Φ(2 / 1.4826) = 0.9113, three 0.9785: round to counts of 10000.
    for jod, share in ((2, 9113), (3, 9785)):
        q, _ = scale(np.array([[0.0, share], [10000 - share, 0]]), prior_sd=np.inf)
        assert q[0] - q[1] == pytest.approx(jod, abs=0.002)


def test_an_incomplete_design_of_three() -> None:
    """pwcmp's first example: 75 of 100 between neighbours, the ends never compared."""
    q, _ = scale(np.array([[0.0, 25, 0], [75, 0, 25], [0, 75, 0]]), prior_sd=np.inf)
    np.testing.assert_allclose(q, [-1, 0, 1], atol=1e-6)


def test_pwcmp_found_the_same() -> None:
    q, _ = scale(COUNTS)
    np.testing.assert_allclose(q, PUBLISHED, atol=0.01)
    np.testing.assert_allclose(scale(COUNTS, prior_sd=np.inf)[0], PUBLISHED, atol=0.07)


def test_the_maximum_is_one_and_the_covariance_its_curvature() -> None:
    wins = np.array([[0.0, 7, 5], [3, 0, 6], [5, 4, 0]])
    q, covariance = scale(wins, prior_sd=np.inf)
    grid = np.linspace(-1.5, 1.5, 41)
    best = max(
        ((log_likelihood(np.array([a, b, -a - b]), wins), a, b) for a in grid for b in grid),
        key=lambda x: x[0],
    )
    assert log_likelihood(q, wins) >= best[0] and abs(q[0] - best[1]) < 0.08 and abs(q[1] - best[2]) < 0.08
    # Along a direction of sum zero the second difference is −1 / (uᵀ Σ⁺ u)… by the pseudo-inverse.
    u = np.array([1.0, -1.0, 0.0]) / math.sqrt(2)
    step = 1e-3
    bend = (log_likelihood(q + step * u, wins) + log_likelihood(q - step * u, wins)
            - 2 * log_likelihood(q, wins)) / step**2  # fmt: skip
    assert -bend == pytest.approx(u @ np.linalg.pinv(covariance) @ u, rel=1e-3)
    np.testing.assert_allclose(scale(wins, prior_sd=np.inf, start=np.array([3.0, -1, -2]))[0], q, atol=1e-6)


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    dice = np.random.default_rng(0)
    many = dice.integers(0, 9, (20, 5, 5)).astype(np.float64)
    many[:, np.arange(5), np.arange(5)] = 0
    many[0] = np.triu(many[0])  # all alike
    for got, wins in zip(_scale_many(many, np.zeros(5), 4.0), many, strict=True):
        np.testing.assert_allclose(got, scale(wins)[0], atol=1e-5)


def test_all_alike_has_an_answer() -> None:
    q, _ = scale(np.array([[0.0, 20], [0, 0]]))
    assert 2 < q[0] - q[1] < 12


def test_truth_lies_in_the_interval() -> None:
    """Of 40 scales with known truth about 95 % of the intervals hold it."""
    truth = np.array([-1.0, -0.3, 0.2, 1.1])
    hit = total = 0
    for seed in range(40):
        versions = [Rated("s", f"v{k}", q) for k, q in enumerate(truth)]
        choices = simulated(versions, raters=15, noise=1.0, seed=seed)
        found = scale_scene(choices, resamples=100, seed=seed)
        hit += int(((found.low <= truth) & (truth <= found.high)).sum())
        total += len(truth)
        assert found.comparisons == 15 * 6
    assert 0.84 <= hit / total <= 1


def test_zero_is_where_it_was_asked() -> None:
    choices = [Choice(f"r{k % 4}", "s", "sdr", f"v{k % 2}", k % 3 == 0) for k in range(40)]
    found = scale_scene(choices, zero="sdr", resamples=20)
    at = found.conditions.index("sdr")
    assert found.jod[at] == found.low[at] == found.high[at] == 0
    with pytest.raises(InputError, match="hdr is none of its conditions: sdr, v0, v1"):
        scale_scene(choices, zero="hdr")


def test_two_raters_have_no_interval() -> None:
    choices = [Choice(f"r{k % 2}", "s", "a", "b", k % 3 == 0) for k in range(20)]
    assert np.isnan(scale_scene(choices).low).all()


def test_what_nothing_connects_is_refused() -> None:
    choices = [Choice("r", "beach", "a", "b", True), Choice("r", "beach", "c", "d", True)]
    with pytest.raises(
        InputError, match=r"scene beach: .* 2 groups .*\(a, b; c, d\).*compare for example a with c"
    ):
        scale_scene(choices)
    assert components(np.zeros((3, 3))) == [[0], [1], [2]]


@pytest.mark.parametrize(
    "wins", [np.zeros((2, 3)), np.full((2, 2), np.nan), np.array([[0, -1], [1, 0]]), np.eye(2)]
)
def test_counts_that_are_none(wins: np.ndarray) -> None:
    with pytest.raises(InputError):
        scale(wins.astype(np.float64))
