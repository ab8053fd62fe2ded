"""Boosting on a made table: learnt from other sources, without what it was told to leave out."""

import numpy as np
import pytest

from candela_engines.scorer.training.boost import Settings, fit, held_out
from candela_engines.scorer.training.dataset import FOLDS, Dataset

pytest.importorskip("sklearn")

SMALL = Settings(bags=2, trees=30, least=4, columns=1.0)


def table() -> Dataset:
    """20 sources, two ladders of five rungs; column 0 tells the first ladder's strength, 1 the second's."""
    random = np.random.default_rng(0)
    rows = [(s, ladder, rung) for s in range(20) for ladder in ("master", "blur", "hue") for rung in range(6)]
    rows = [row for row in rows if (row[1] == "master") == (row[2] == 0)]
    source, ladder, rung = (np.array(column) for column in zip(*rows, strict=True))
    count = len(rows)
    values = random.normal(0, 0.02, (count, 4)).astype(np.float32)
    values[:, 0] += np.where(ladder == "blur", rung, 0)
    values[:, 1] += np.where(ladder == "hue", rung, 0)
    text = np.array([f"s{i:02d}" for i in source])
    same = np.full(count, "base")
    zeros, floats = np.zeros(count, np.int64), np.zeros(count)
    return Dataset(
        values=values,
        valid=np.ones(values.shape, bool),
        source=text,
        group=text,
        file_kind=same,
        rendering=same,
        parent=same,
        kind=np.where(ladder == "master", "master", "fault"),
        ladder=ladder,
        operator=same,
        name=np.array([f"base/{a}/{b}" for a, b in zip(ladder, rung, strict=True)]),
        variant=np.arange(count),
        reference=zeros,
        rung=rung,
        fold=source % FOLDS,
        trimmed=np.zeros(count, bool),
        visible=np.ones(count, bool),
        asked=np.ones(count, bool),
        parameter=floats,
        mix=10 - 0.8 * rung,
        score=floats,
        jod=floats,
        jod_star=floats,
        delta_e=floats,
        pu_psnr=floats,
        sdr_delta_e=floats,
        sdr_pu_psnr=floats,
        luminance=floats,
        zero=np.full(count, 5.0),
        components=((),) * count,
    )


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
