"""The training of the SIREN's start: θ restored for every task, the split, resuming, the table."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from candela_engines import weights
from candela_engines.errors import InfrastructureError
from candela_engines.itm.siren import PARAMETERS
from candela_engines.itm.siren_fit import random_siren
from candela_engines.itm.split import is_training_source
from candela_engines.itm.training import siren_meta
from candela_engines.itm.training.ship import ship
from candela_engines.itm.training.siren_meta import (
    Pixels,
    Settings,
    State,
    adapted,
    kept_pixels,
    table,
    train,
)
from candela_engines.itm.training.stills import Still, load_stills, sources
from candela_engines.weights import load_weights, manifest

SMALL = Settings(
    joint_steps=6,
    joint_samples=32,
    meta_steps=4,
    meta_batch=2,
    support_steps=2,
    query_steps=3,
    inner_samples=16,
)


def still(seed: int, operator: str = "aces2") -> Still:
    rng = np.random.default_rng(seed)
    signal = rng.random((20, 24, 3)).astype(np.float32)
    return Still(f"s{seed}.exr", operator, signal, (signal**1.5 * 0.7).astype(np.float32))


@pytest.fixture
def pool() -> list[Pixels]:
    rng = np.random.default_rng(0)
    return [kept_pixels(still(i, ("aces2", "bt2446a")[i % 2]), 200, rng) for i in range(8)]


@pytest.mark.parametrize("method", ["joint", "reptile", "fomaml"])
def test_every_method_trains_and_is_repeatable(method: str, pool: list[Pixels]) -> None:
    ends = []
    for _ in range(2):
        state = State.new(3)
        assert train(method, state, pool, SMALL, until=4)
        assert np.isfinite(state.vector).all()
        assert not np.array_equal(state.vector, State.new(3).vector)
        ends.append(state.vector)
    np.testing.assert_array_equal(*ends)


def test_a_task_leaves_theta_alone(pool: list[Pixels]) -> None:
    theta = random_siren(np.random.default_rng(0))
    before = theta.copy()
    phi, gradient = adapted(theta, pool, SMALL, np.random.default_rng(1))
    np.testing.assert_array_equal(theta, before)
    assert not np.array_equal(phi, theta)
    assert gradient.shape == (PARAMETERS,) and gradient.any()


@pytest.mark.parametrize("method", ["reptile", "fomaml"])
def test_every_task_and_the_outer_step_start_at_theta(
    method: str, pool: list[Pixels], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray] = []

    def spy(theta: np.ndarray, *rest: object) -> tuple[np.ndarray, np.ndarray]:
        seen.append(theta.copy())
        return theta - 0.5, np.full(PARAMETERS, 0.5, np.float32)

    monkeypatch.setattr(siren_meta, "adapted", spy)
    state = State.new(0)
    start = state.vector.copy()
    train(method, state, pool, SMALL, until=1)
    assert len(seen) == SMALL.meta_batch
    for theta in seen:
        np.testing.assert_array_equal(theta, start)
    # One step of Adam moves by its rate, from θ and towards φ, not on from φ.
    np.testing.assert_allclose(state.vector, start - SMALL.meta_rate, atol=1e-6)


@pytest.mark.parametrize("method", ["joint", "reptile"])
def test_resuming_ends_where_one_run_ends(method: str, pool: list[Pixels], tmp_path: Path) -> None:
    whole = State.new(5)
    train(method, whole, pool, SMALL, until=4)
    path = tmp_path / "state.npz"
    first = State.new(5)
    assert train(method, first, pool, SMALL, until=2, save=lambda s: s.save(path))
    again = State.load(path)
    assert again.steps == 2
    train(method, again, pool, SMALL, until=4)
    np.testing.assert_array_equal(again.vector, whole.vector)
    assert not list(tmp_path.glob("*.tmp"))


def test_time_ends_training(pool: list[Pixels]) -> None:
    state = State.new(0)
    assert not train("joint", state, pool, SMALL, until=6, seconds=0.0)
    assert state.steps == 0


def test_the_table_has_every_start_and_sampling() -> None:
    figures = table({"none": random_siren(np.random.default_rng(0))}, [still(0), still(1)], steps=52)
    assert set(figures["none"]) == {"uniform", "ohem"}
    assert all(len(v) == 2 and np.isfinite(v).all() for v in figures["none"].values())


def test_only_sources_of_the_right_side_are_read(tmp_path: Path) -> None:
    names = [f"place_{letter}.hdr" for letter in "abcdefghijklmnopqrst"] + ["phone.jpg", "notes.txt"]
    for name in names:
        (tmp_path / name).touch()
    training = {p.name for p in sources(tmp_path, training=True)}
    held_out = {p.name for p in sources(tmp_path, training=False)}
    assert training and held_out and not training & held_out
    assert training | held_out == set(names[:-2])
    assert all(is_training_source(name) for name in training)


def test_a_still_gives_a_pair_for_each_operator(tmp_path: Path) -> None:
    import OpenImageIO as oiio

    path = tmp_path / "made.exr"
    y, x = np.mgrid[0:40, 0:60] / 60
    scene = np.stack([x + 0.1, y + 0.2, x * y + 0.1], -1).astype(np.float32)
    out = oiio.ImageOutput.create(str(path))
    out.open(str(path), oiio.ImageSpec(60, 40, 3, oiio.FLOAT))
    out.write_image(scene)
    out.close()
    pairs = list(load_stills(path, width=30))
    assert [p.operator for p in pairs] == ["aces2", "bt2446a", "bt2446c"]
    for p in pairs:
        assert p.signal.shape == p.code.shape == (20, 30, 3)
        np.testing.assert_allclose(p.signal * 255, np.rint(p.signal * 255), atol=1e-4)
        assert 0.2 < p.code.mean() < 0.75


def test_the_shipped_start_is_listed_and_sound() -> None:
    entry = manifest()["siren_start.npz"]
    assert {"sha256", "bytes", "made_by", "licence", "model_card"} <= set(entry)
    vector = load_weights("siren_start.npz")["vector"]
    assert vector.shape == (PARAMETERS,) and vector.dtype == np.float16
    assert np.isfinite(vector).all() and not vector.flags.writeable


def test_weights_that_are_not_the_listed_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InfrastructureError, match="not in the manifest"):
        load_weights("other.npz")
    load_weights.cache_clear()
    monkeypatch.setattr(weights, "manifest", lambda: {"siren_start.npz": {"sha256": "0" * 64}})
    with pytest.raises(InfrastructureError, match="SHA-256"):
        load_weights("siren_start.npz")
    monkeypatch.setattr(weights, "manifest", lambda: {"gone.npz": {"sha256": "0" * 64}})
    with pytest.raises(InfrastructureError, match="missing"):
        load_weights("gone.npz")


def test_shipping_lists_what_it_writes(tmp_path: Path) -> None:
    digest = ship({"vector": np.ones(4)}, "a.npz", made_by="x", card="y", folder=tmp_path)
    assert hashlib.sha256((tmp_path / "a.npz").read_bytes()).hexdigest() == digest
    assert json.loads((tmp_path / "manifest.json").read_text())["a.npz"]["sha256"] == digest


def test_a_task_is_of_one_operator(pool: list[Pixels], monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    original = Pixels.drawn

    def spy(self: Pixels, *rest: object) -> tuple[np.ndarray, ...]:
        drawn.append(self.operator)
        return original(self, *rest)

    monkeypatch.setattr(Pixels, "drawn", spy)
    theta = random_siren(np.random.default_rng(0))
    seen = set()
    for seed in range(8):
        drawn.clear()
        adapted(theta, pool, SMALL, np.random.default_rng(seed))
        assert len(set(drawn)) == 1
        seen |= set(drawn)
    assert seen == {"aces2", "bt2446a"}
