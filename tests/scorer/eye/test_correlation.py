"""Correlations and flips: by hand, by published examples, and what has no answer."""

from __future__ import annotations

import math

import numpy as np
import pytest

from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.correlation import (
    flip_rate,
    logistic_fit,
    pearson,
    plcc,
    plcc_of,
    ranks,
    spearman,
)
from candela_engines.scorer.eye.evaluation import FIGURES, Ratings, evaluate
from candela_engines.scorer.eye.logistic import logistic_fits


def test_spearman_of_the_textbook() -> None:
    """IQ against hours of television: ρ = −29/165, as worked in the encyclopedias."""
    iq = np.array([106.0, 100, 86, 101, 99, 103, 97, 113, 112, 110])
    hours = np.array([7.0, 27, 2, 50, 28, 29, 20, 12, 6, 17])
    assert spearman(iq, hours) == pytest.approx(-29 / 165)


def test_ties_have_their_mean_rank() -> None:
    assert ranks(np.array([3.0, 1, 3, 2, 3])).tolist() == [4, 1, 4, 2, 4]
    # Anscombe's first set: r = 0.81642 (published).
    x = np.array([10.0, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5])
    y = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])
    assert pearson(x, y) == pytest.approx(0.81642, abs=1e-5)


@pytest.mark.parametrize("parameters", [4, 5])
@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_logistic_is_fitted_whole(parameters: int, sign: int) -> None:
    x = np.linspace(-3, 5, 60)
    y = 8 / (1 + np.exp(-sign * (x - 1.2) / 0.7)) - 3
    np.testing.assert_allclose(logistic_fit(x, y, parameters=parameters), y, atol=0.02)
    assert plcc(x, y, parameters=parameters) > 0.99999
    # Without the fit the curve costs correlation; units and offset of scores cost nothing.
    assert abs(pearson(x, y)) < 0.97
    assert plcc(1000 * x - 7, y, parameters=parameters) == pytest.approx(
        plcc(x, y, parameters=parameters), abs=1e-4
    )


def test_a_fit_is_never_worse_than_a_line() -> None:
    dice = np.random.default_rng(0)
    for _ in range(4):
        x, y = dice.normal(size=25), dice.normal(size=25)
        for parameters in (4, 5):
            assert plcc(x, y, parameters=parameters) >= abs(pearson(x, y)) - 1e-6


@pytest.mark.parametrize("parameters", [4, 5])
def test_a_resample_counts_as_values_written_twice(parameters: int) -> None:
    dice = np.random.default_rng(2)
    x = dice.normal(size=30)
    y = 4 * np.tanh(1.5 * x) + dice.normal(0, 0.3, 30)
    counts = dice.multinomial(30, [1 / 30] * 30, size=3).astype(np.float64)
    told = plcc_of(x, y, counts, parameters=parameters)
    for row, one in zip(counts, told, strict=True):
        at = np.repeat(np.arange(30), row.astype(np.int64))
        assert one == pytest.approx(plcc(x[at], y[at], parameters=parameters), abs=1e-5)
    with pytest.raises(ValueError, match="all 0"):
        logistic_fits(x, y, np.zeros((1, 30)), parameters=parameters)
    with pytest.raises(ValueError, match="4 or 5"):
        logistic_fits(x, y, counts, parameters=3)


def test_what_has_no_correlation() -> None:
    one = np.ones(8)
    assert math.isnan(pearson(one, np.arange(8.0))) and math.isnan(spearman(np.arange(8.0), one))
    assert math.isnan(pearson(np.arange(2.0), np.arange(2.0)))
    assert math.isnan(plcc(np.arange(4.0), np.arange(4.0))) and math.isnan(plcc(one, np.arange(8.0)))


def test_flips_by_hand() -> None:
    """Scene 0: three pairs, one flipped and one tied; scene 1: one pair, right. 1.5 of 4."""
    scenes = np.array([0, 0, 0, 1, 1])
    jod = np.array([0.0, 1, 2, 5, 1])
    score = np.array([1.0, 1, 0.5, 9, 3])
    # 0-1 tied (half), 0-2 flipped, 1-2 flipped, scene 1 right.
    assert flip_rate(score, jod, scenes) == (2.5 / 4, 4)
    assert flip_rate(score, jod, scenes, least=1.5) == (1 / 2, 2)
    assert math.isnan(flip_rate(score[:1], jod[:1], scenes[:1])[0])


def test_a_table_tells_a_good_scorer_from_a_bad_one() -> None:
    dice = np.random.default_rng(1)
    versions = tuple((f"s{s}", f"v{v}") for s in range(8) for v in range(6))
    jod = dice.normal(0, 2, 48)
    choices = tuple(
        Choice("r", f"s{s}", f"v{a}", f"v{b}", bool(jod[6 * s + a] > jod[6 * s + b]))
        for s in range(8) for a in range(6) for b in range(a + 1, 6)
    )  # fmt: skip
    scores = {
        "good": np.tanh(jod / 3) + dice.normal(0, 0.05, 48),
        "random": dice.random(48),
        "half": np.where(np.arange(48) % 2 == 0, jod, np.nan),
        "none": np.full(48, np.nan),
        "constant": np.ones(48),
    }
    rows = {row.name: row for row in evaluate(Ratings(versions, jod, choices), scores, resamples=40)}
    good, noise = rows["good"].figures, rows["random"].figures
    assert set(good) == set(FIGURES)
    for key in ("plcc_4", "plcc_5", "srocc", "srocc_per_scene", "choices_predicted"):
        assert good[key] is not None and good[key].low > 0.85 and good[key].high <= 1, key
    assert good["flip_rate"] is not None and good["flip_rate"].high < 0.12
    assert noise["flip_rate"] is not None and 0.3 < noise["flip_rate"].value < 0.7
    assert noise["srocc"] is not None and noise["srocc"].low < 0.2
    assert rows["half"].count == 24 and rows["half"].figures["srocc"].value == pytest.approx(1)
    assert rows["none"].count == 0 and all(v is None for v in rows["none"].figures.values())
    constant = rows["constant"].figures
    assert (
        constant["srocc"] is None
        and constant["flip_rate"].value == constant["choices_predicted"].value == 0.5
    )


def test_two_scenes_have_no_interval() -> None:
    versions = tuple((f"s{k // 5}", f"v{k}") for k in range(10))
    (row,) = evaluate(Ratings(versions, np.arange(10.0), ()), {"x": np.arange(10.0)})
    figure = row.figures["srocc"]
    assert figure is not None and figure.value == 1 and math.isnan(figure.low)
    assert row.figures["choices_predicted"] is None
