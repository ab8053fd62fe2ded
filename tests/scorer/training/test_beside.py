"""What known operators say is kept apart, so that one of them can be unknown to training and to a test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from candela_engines.scorer import describe
from candela_engines.scorer.descriptors import names
from candela_engines.scorer.training import beside, label, render
from candela_engines.scorer.training.dataset import Dataset, load_dataset
from candela_engines.scorer.training.describe import light_709, vectors_of
from candela_engines.scorer.training.forgetting import forgetting, not_knowing
from candela_engines.scorer.training.pictures import held, nits_of
from candela_engines.scorer.training.sources import find_sources
from candela_engines.scorer.training.store import Store

from .made import table
from .test_render import fake_oracle, write_scene


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder: Path = tmp_path_factory.mktemp("data")
    (folder / "stills").mkdir()
    write_scene(folder / "stills" / "street.exr", 1)
    made = Store(tmp_path_factory.mktemp("set"))
    source = next(s for s in find_sources(folder) if s.kind != "view")
    render.render_source(source, made, render.Settings(styles=1, local=1, combined=1))
    made.write_json("labels", "street", label.labels_of(made, "street"))
    fake_oracle(made, "street")
    made.write_arrays("vectors", "street", vectors_of(made, "street", 2))
    made.write_arrays("beside", "street", beside.measured(made, "street", 2))
    return made


@pytest.fixture(scope="module")
def data(store: Store) -> Dataset:
    return load_dataset(store)


def test_both_stages_together_are_what_describe_gives(store: Store, data: Dataset) -> None:
    codes, sdr = store.array("street", "variants"), store.array("street", "references")
    for row in (0, 7, len(data) - 1):
        grade = held(nits_of(codes[int(data.variant[row])]))
        found = describe(grade, light_709(sdr[int(data.reference[row])]), threads=1)
        np.testing.assert_allclose(data.values[row], found.values, rtol=2e-3, atol=2e-3)
        assert np.array_equal(data.valid[row], found.valid)


def test_an_operator_can_be_unknown_and_nothing_else_changes(data: Dataset) -> None:
    away = not_knowing(data, "aces2")
    own = data.operator == "aces2"
    assert own.any() and beside.places_of("aces2") and not beside.places_of("own")
    rest = [place for place in range(len(names())) if place not in beside.COLUMNS]
    assert np.array_equal(away.values[:, rest], data.values[:, rest])
    bias = names().index("pair.operator.bias")
    assert (away.values[:, bias] >= data.values[:, bias]).all()
    master = own & (data.ladder == "master") & (data.parent == "base")
    assert (away.values[master, bias] > data.values[master, bias] + 0.05).all()


def test_a_share_of_the_pairs_forgets_its_own_operator(data: Dataset) -> None:
    assert forgetting(data, 0.0, 0) is data
    every = forgetting(data, 1.0, 0)
    for operator in np.unique(data.operator):
        rows = data.operator == operator
        assert np.array_equal(every.values[rows], not_knowing(data, str(operator)).values[rows])
    again = forgetting(data, 0.5, 3)
    assert np.array_equal(again.values, forgetting(data, 0.5, 3).values)
    assert forgetting(table(), 0.5, 0).values is not None
    assert replace(data, beside=None).only(data.rung == 0).beside is None


def test_a_pair_that_was_not_measured_is_said(store: Store) -> None:
    found = store.read_arrays("beside", "street")
    kept = found["reference"] == found["reference"].min()
    short = {key: value[kept] if key != "names" else value for key, value in found.items()}
    store.write_arrays("beside", "street", short)
    try:
        with pytest.raises(ValueError, match="measure as many references"):
            load_dataset(store)
    finally:
        store.write_arrays("beside", "street", found)
