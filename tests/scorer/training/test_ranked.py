"""Boosting that is taught orders: its gradient is that of the losses it names, its pairs are in order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from candela_engines.scorer.training.dataset import Dataset
from candela_engines.scorer.training.fault_heads import HeadSettings, targets
from candela_engines.scorer.training.ranked import (
    WITH_MARGIN,
    RankedSettings,
    _Loss,
    fit_ranked,
    held_out_ranked,
    oracle_pairs,
    simulated,
)
from candela_engines.scorer.training.ship import interval, most_outside, value_range

from .made import table


def told(loss: _Loss, grown: np.ndarray) -> float:
    """The losses as the module's words have them."""
    said = grown + loss.base
    total = loss.settings.value * 0.5 * float((loss.values * (said - loss.target) ** 2).sum())
    for pairs, weight, temperature, margin in loss.pairs:
        gap = (said[pairs[:, 0]] - said[pairs[:, 1]] - margin) / temperature
        total += float((weight * np.log1p(np.exp(-gap))).sum())
    return total


@pytest.mark.parametrize("settings", [RankedSettings(), WITH_MARGIN])
def test_the_gradient_is_that_of_the_losses(settings: RankedSettings) -> None:
    data = table()
    weight = np.random.default_rng(0).uniform(0.5, 2, len(data))
    loss = _Loss(data, weight, settings, seed=0)
    grown = np.random.default_rng(1).normal(0, 0.3, len(data))
    slope, bend = loss(grown, None)
    assert (bend > 0).all()
    for row in (0, 7, 63, 150):
        step = np.zeros(len(data))
        step[row] = 1e-5
        numeric = (told(loss, grown + step) - told(loss, grown - step)) / 2e-5
        assert slope[row] == pytest.approx(numeric, rel=1e-4, abs=1e-6)


def test_masters_weigh_what_the_settings_say() -> None:
    data = table()
    weight = np.random.default_rng(3).uniform(0.5, 2, len(data))
    values = _Loss(data, weight, RankedSettings(legitimate=0.4), seed=0).values
    assert values.sum() == pytest.approx(weight.sum())
    assert values[data.kind == "master"].sum() == pytest.approx(0.4 * weight.sum())


def test_heavier_pairs_are_those_of_their_ladder_alone() -> None:
    data = table()
    weight = np.ones(len(data))
    plain = _Loss(data, weight, RankedSettings(), seed=0).pairs[0]
    heavy = _Loss(data, weight, RankedSettings(), seed=0, heavier={"hue": 3.0}).pairs[0]
    hue = data.ladder[plain[0][:, 1]] == "hue"
    assert 0 < hue.sum() < len(hue)
    np.testing.assert_allclose(heavy[1], plain[1] * np.where(hue, 3.0, 1.0))


def test_a_pair_as_far_apart_as_its_values_is_left_alone() -> None:
    """At the truth a pair's push is what softplus has at 0; where pairs lie farther apart it fades."""
    data = replace(table(), zero=np.zeros(220))
    settings = replace(WITH_MARGIN, value=0.0, told=0.0, margin=100.0)
    loss = _Loss(data, np.ones(len(data)), settings, seed=0)
    pairs, _, _, margin = loss.pairs[0]
    np.testing.assert_allclose(margin, (loss.target[pairs[:, 0]] - loss.target[pairs[:, 1]]).clip(0))
    at_truth = np.abs(loss(loss.target - loss.base, None)[0]).sum()
    spread = np.abs(loss(loss.target * 3 - loss.base, None)[0]).sum()
    assert spread < 0.2 * at_truth
    assert (_Loss(data, np.ones(len(data)), WITH_MARGIN, seed=0).pairs[0][3] <= 0.3).all()


def test_pairs_that_are_told_are_in_the_order_of_the_mix_and_of_one_source() -> None:
    data = table()
    better, worse = oracle_pairs(data, count=100).T
    assert len(better) > 500
    assert (data.mix[better] - data.mix[worse] >= 0.5).all()
    assert (data.source[better] == data.source[worse]).all()
    asked = np.arange(len(data)) >= 110
    data = replace(data, asked=asked)
    assert asked[oracle_pairs(data, count=100)].all()


def test_the_simulated_score_has_the_reference_at_0_and_the_master_at_10() -> None:
    data = replace(table(), zero=np.full(220, 4.0))
    score = simulated(data)
    assert score[data.mix == 10] == pytest.approx(10)
    np.testing.assert_allclose(score, 10 * (data.mix - 4) / 6)


SMALL = RankedSettings(bags=2, trees=30, rate=0.08, least=4, columns=1.0)


def plain() -> Dataset:
    """The table with its scores on the scale of the mix."""
    return replace(table(), zero=np.zeros(220))


def test_order_has_the_master_first_and_gaps_as_asked() -> None:
    data = table()
    assert len(data.order(1)) == 20 * 2 * 5
    assert len(data.order(2)) == 20 * 2 * 4
    better, worse = data.order(2).T
    assert (data.rung[worse] - data.rung[better] == 2).all()


@pytest.mark.parametrize("built", [0.0, RankedSettings().built])
def test_sources_that_were_not_seen_are_put_in_order(built: float) -> None:
    pytest.importorskip("lightgbm")
    data = plain()
    made = held_out_ranked(data, replace(SMALL, built=built, told=built / 2))
    better, worse = data.order(1).T
    assert (made[better] > made[worse]).mean() > 0.97
    if not built:
        assert np.abs(made - data.mix).mean() < 0.3


def test_a_ladder_held_out_of_training_is_not_learnt_from() -> None:
    pytest.importorskip("lightgbm")
    data = plain()
    made = held_out_ranked(data, SMALL, train=data.ladder != "hue", test=data.ladder == "hue")
    assert np.isfinite(made[data.ladder == "hue"]).all()
    assert np.isnan(made[data.ladder == "blur"]).all()
    # Its column was constant in training, so the strength of hue cannot be seen at all.
    assert np.corrcoef(made[data.ladder == "hue"], data.mix[data.ladder == "hue"])[0, 1] < 0.3


def test_a_fit_is_the_same_every_time_and_bags_differ() -> None:
    pytest.importorskip("lightgbm")
    data = plain()
    first, second = fit_ranked(data, SMALL), fit_ranked(data, SMALL)
    assert np.array_equal(first.predict(data.values), second.predict(data.values))
    roots = first.roots(data.values)
    assert not np.array_equal(roots[0], roots[1])


def test_a_head_says_yes_on_its_ladder_and_nothing_where_its_kind_follows() -> None:
    data = table()
    there, said = targets(data, "soft", HeadSettings())
    assert (there & said).sum() == 20 * 4 and set(data.ladder[there & said]) == {"blur"}
    assert not said[(data.ladder == "blur") & (data.rung == 1)].any()
    assert said[data.ladder == "master"].all() and said[data.ladder == "hue"].all()
    # Compression is not asked of blurred pictures: it may be a consequence there.
    there, said = targets(data, "compression", HeadSettings())
    assert not said[data.ladder == "blur"].any() and not there.any()


def test_an_interval_holds_nine_of_ten_and_rises() -> None:
    random = np.random.default_rng(2)
    truth = random.uniform(-6, 10, 20000)
    predicted = np.clip(truth + random.normal(0, 1, truth.size), -6, 10)
    knots, low, high = np.array(interval(predicted, truth))
    assert (np.diff(low) >= 0).all() and (np.diff(high) >= 0).all()
    assert (low <= knots).all() and (knots <= high).all()
    held = (truth >= np.interp(predicted, knots, low)) & (truth <= np.interp(predicted, knots, high))
    assert held.mean() == pytest.approx(0.9, abs=0.04)
    middle = np.abs(knots - 2) < 3
    assert (high - low)[middle] == pytest.approx(2 * 1.645, abs=0.5)


def test_what_was_taught_is_inside_and_something_else_is_not() -> None:
    data = table()
    known = value_range(data)
    assert not known.outside(data.values).any()
    strange = data.values[:1] + np.float32([0, 100, 0, -100])
    assert known.outside(strange)[0] == 2
    assert 0 <= most_outside(data) <= 4
