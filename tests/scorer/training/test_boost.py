"""Boosting on a made table: learnt from other sources, without what it was told to leave out."""

import numpy as np
import pytest

from candela_engines.scorer.training.boost import Settings, fit, held_out

from .made import table

pytest.importorskip("sklearn")

SMALL = Settings(bags=2, trees=30, least=4, columns=1.0)


def test_order_has_the_master_first_and_gaps_as_asked():
    data = table()
    assert len(data.order(1)) == 20 * 2 * 5
    assert len(data.order(2)) == 20 * 2 * 4
    better, worse = data.order(2).T
    assert (data.rung[worse] - data.rung[better] == 2).all()


def test_sources_that_were_not_seen_are_put_in_order():
    data = table()
    made = held_out(data, SMALL)
    better, worse = data.order(1).T
    assert (made[better] > made[worse]).mean() > 0.97
    assert np.abs(made - data.mix).mean() < 0.3


def test_a_ladder_held_out_of_training_is_not_learnt_from():
    data = table()
    made = held_out(data, SMALL, train=data.ladder != "hue", test=data.ladder == "hue")
    assert np.isfinite(made[data.ladder == "hue"]).all()
    assert np.isnan(made[data.ladder == "blur"]).all()
    # Its column was constant in training, so the strength of hue cannot be seen at all.
    assert np.corrcoef(made[data.ladder == "hue"], data.mix[data.ladder == "hue"])[0, 1] < 0.3


def test_a_fit_is_the_same_every_time_and_bags_differ():
    data = table()
    first, second = fit(data, SMALL), fit(data, SMALL)
    assert np.array_equal(first.predict(data.values), second.predict(data.values))
    roots = first.roots(data.values)
    assert not np.array_equal(roots[0], roots[1])
