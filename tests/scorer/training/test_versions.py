"""Thirteen versions a source: rungs, blends that lie between, the truth, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from candela_engines.scorer import describe
from candela_engines.scorer.descriptors import names
from candela_engines.scorer.sampling import PIXELS
from candela_engines.scorer.training import versions as v
from candela_engines.scorer.training.describe import light_709
from candela_engines.scorer.training.faults import Manner, apply, ladder_named
from candela_engines.scorer.training.operators import eight_bits, placed
from candela_engines.scorer.training.pictures import codes_of, held, nits_of
from candela_engines.scorer.training.specimen import specimen, specimen_values
from candela_engines.scorer.training.store import Store

LADDERS = ("lift", "sat-", "exp+")


def _store(root: Path, ladders=LADDERS) -> Store:
    random = np.random.default_rng(0)
    y, x = np.mgrid[0:72, 0:96] / 96
    nits = (
        np.stack([5 + 200 * x, 3 + 150 * y, 2 + 90 * x * y], -1) * random.uniform(0.9, 1.1, (72, 96, 1))
    ).astype(np.float32)
    pictures, notes = [codes_of(nits)], [{"parent": "base", "kind": "master", "ladder": "master", "rung": 0}]
    for name in ladders:
        for rung, parameter in enumerate(ladder_named(name).parameters[:3], 1):
            manner = Manner(hue_sign=1.0, grain=0.0, transport="pq")
            made = apply(nits_of(pictures[0]), name, parameter, random=random, manner=manner)
            pictures.append(codes_of(made))
            notes.append({"parent": "base", "kind": "fault", "ladder": name, "rung": rung})
    sdr = eight_bits(np.clip(nits / 250, 0, 1) ** (1 / 2.4))
    references = [{"operator": "aces2", "family": "base", "trim": None}]
    store = Store(root)
    meta = {"file": "street_01.exr", "variants": notes, "references": references}
    store.write_pictures("street", {"variants": np.stack(pictures), "references": sdr[None]}, meta)
    return store


def _oracle(test, reference) -> float:
    return 10.0 - 40.0 * float(np.abs(test - reference).mean())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    store = _store(tmp_path_factory.mktemp("set"))
    return store, v.versions_of(store, "street", _oracle)


def test_thirteen_versions_of_known_kinds(made):
    _, found = made
    kinds = found["kind"].tolist()
    assert len(kinds) == v.COUNT == len(found["truth"]) == len(found["values"])
    assert kinds[0] == "master"
    assert sorted(kinds[1:10]) == sorted(LADDERS * 3)
    assert kinds[10:] == ["blend"] * 3
    assert str(found["group"]) == "street"


def test_the_truth_falls_along_ladders_and_blends_lie_between(made):
    _, found = made
    truth = found["truth"]
    assert truth[0] == 10 and (truth <= 10).all() and (truth >= -6).all()
    for begin in (1, 4, 7):
        assert (np.diff(truth[begin : begin + 3]) <= 1e-9).all()
    # The master with the SDR reference, which is at 0.
    assert 0 < truth[10] < 10
    assert found["delta_e"][10] < found["delta_e"].max() or truth[10] > truth.min()


def test_descriptors_are_those_of_describe(made):
    store, found = made
    codes, sdr = store.array("street", "variants"), store.array("street", "references")[0]
    wanted = describe(held(nits_of(codes[0])), light_709(sdr), threads=1).values
    np.testing.assert_allclose(found["values"][0], wanted, rtol=2e-3, atol=2e-3)
    blend = np.round((codes[0].astype(np.float64) + codes_of(placed(sdr))) / 2).astype(np.uint16)
    wanted = describe(held(nits_of(blend)), light_709(sdr), threads=1).values
    np.testing.assert_allclose(found["values"][10], wanted, rtol=2e-3, atol=2e-3)


def test_the_same_twice_and_read_again(made, tmp_path):
    store, found = made
    again = v.versions_of(store, "street", _oracle)
    assert all(np.array_equal(found[key], again[key]) for key in found)
    Store(tmp_path).write_arrays("versions", "street", found)
    study = v.load_study(tmp_path)
    assert study.values.shape[:2] == (1, 13) and study.group.tolist() == ["street"]


@pytest.mark.parametrize("way", ["another table", "measured otherwise", "made before"])
def test_a_study_of_other_descriptors_is_refused_and_made_again(made, tmp_path, way):
    store, found = made
    specimen = found["specimen"].copy()
    specimen[names().index("pair.tone.residual")] += 0.02
    stale = {
        "another table": {**found, "table": np.array("0")},
        "measured otherwise": {**found, "specimen": specimen},
        "made before": {key: value for key, value in found.items() if key != "specimen"},
    }[way]
    told = {
        "another table": "street: table 0, here",
        "measured otherwise": "pair.tone.residual were measured otherwise",
        "made before": "before the specimen was kept",
    }[way]
    out = Store(tmp_path)
    out.write_arrays("versions", "meadow", {**found, "group": np.array("meadow")})
    out.write_arrays("versions", "street", stale)
    with pytest.raises(ValueError, match=rf"1 of 2 sources .*{told}.*training\.versions SET OUT"):
        v.load_study(tmp_path)
    before = (tmp_path / "versions" / "meadow.npz").stat().st_mtime_ns
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(v, "oracle", lambda: _oracle)
        v.main([str(store.root), str(tmp_path)])
    study = v.load_study(tmp_path)
    assert study.source.tolist() == ["meadow", "street"]
    np.testing.assert_array_equal(study.values[0], study.values[1])
    assert (tmp_path / "versions" / "meadow.npz").stat().st_mtime_ns == before


def test_rounding_is_no_other_description(made, tmp_path):
    _, found = made
    near = found["specimen"] * np.float32(1 + 1e-5)
    Store(tmp_path).write_arrays("versions", "street", {**found, "specimen": near})
    assert v.load_study(tmp_path).source.tolist() == ["street"]


def test_the_specimen_shows_nearly_every_descriptor():
    """Where it had no evidence, a change of how a descriptor is measured would go unseen."""
    grade, reference = specimen()
    assert grade.size // 3 > PIXELS  # so that not every pixel is looked at
    described = describe(grade, reference, threads=1)
    np.testing.assert_array_equal(described.values, specimen_values())
    assert described.valid.mean() > 0.97


def test_an_empty_folder_is_no_study(tmp_path):
    with pytest.raises(ValueError, match=r"no versions in it; .*training\.versions SET OUT"):
        v.load_study(tmp_path / "empty")


def test_a_source_with_too_few_rungs_is_refused(tmp_path):
    with pytest.raises(ValueError, match="only 2 ladders"):
        v.versions_of(_store(tmp_path, LADDERS[:2]), "street", _oracle)
