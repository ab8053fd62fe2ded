"""Training of PU-VTAMIQ-S: its losses by hand, its graph beside its network, a run that is interrupted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from candela_engines.colour import pq  # noqa: E402
from candela_engines.scorer.pu_vtamiq import Display, load_pu_vtamiq  # noqa: E402
from candela_engines.scorer.training.pu_vtamiq import losses  # noqa: E402
from candela_engines.scorer.training.pu_vtamiq.network import Network, count  # noqa: E402
from candela_engines.scorer.training.pu_vtamiq.pairs import (  # noqa: E402
    Pairs,
    batch_of,
    drawn_display,
    light_of,
    split_of,
)
from candela_engines.scorer.training.pu_vtamiq.train import Settings, said_of, train  # noqa: E402

from .random_weights import random_weights  # noqa: E402


def made(name: str, dtype: type = np.uint16) -> Pairs:
    """A master and four rungs of dimming."""
    random = np.random.default_rng(len(name))
    light = np.exp(random.normal(2.5, 1.2, (48, 96, 3))).astype(np.float32)
    levels = [light * np.float32(0.7**rung) for rung in range(5)]
    top = 65535 if dtype is np.uint16 else 255
    codes = np.stack([np.rint(top * pq.inverse_eotf(level)).astype(dtype) for level in levels])
    rungs = np.arange(5)
    loss = (0.4 * rungs).astype(np.float32)
    return Pairs(name, name, codes, codes, rungs, np.zeros(5, np.int64), loss, ("base/exp-",) * 5, rungs)


def test_the_graph_is_the_network() -> None:
    network = Network()
    assert count(network) == 944_166
    weights = random_weights()
    network.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
    pairs = made("s")
    said = said_of(network, pairs, [0, 1, 4], "hdr")
    run = load_pu_vtamiq(weights, threads=1)
    display = drawn_display("hdr", None)
    light = [light_of(codes, display) for codes in pairs.tests]
    of_graph = [10.0 - run(light[n], light[0]).jod for n in (0, 1, 4)]
    np.testing.assert_allclose(said, of_graph, atol=2e-5)


def test_rank_by_hand() -> None:
    """Of four of two sources: (0, 1) is wrong by 1 of 3, (2, 3) is right; pairs across do not count."""
    said = torch.tensor([3.0, 2.0, 1.0, 5.0])
    wanted = torch.tensor([1.0, 2.0, 0.0, 4.0])
    source = torch.tensor([0, 0, 1, 1])
    assert float(losses.rank(said, wanted, source)) == pytest.approx((1 / 3 + 0) / 2)
    assert float(losses.rank(said, torch.ones(4), source)) == 0.0


def test_coral_by_hand() -> None:
    """Two features: covariances [[2, 0], [0, 0]] and [[0, 0], [0, 8]]."""
    one, other = torch.tensor([[-1.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.0, -2.0], [0.0, 2.0]])
    assert float(losses.coral_paper(one, other)) == pytest.approx((2**2 + 8**2) / (4 * 4))
    # As 0..1 of −2..2: .25 and .75; scatters 2·.25² and 2·.5².
    assert float(losses.coral_code(one, other)) == pytest.approx((0.125**2 + 0.5**2) ** 0.5 / 2, rel=1e-5)
    same = torch.randn(8, 3)
    assert float(losses.coral_paper(same, same)) == 0.0


def test_equal_pictures_carry_no_slope_into_the_score() -> None:
    torch.manual_seed(1)
    network = Network(drop=0.0)
    patches = torch.randn(2, 6, 4, 16, 16)
    cell, size = torch.zeros(2, 6, dtype=torch.long), torch.zeros(2, 6, dtype=torch.long)
    loss, carried, _ = network(patches, patches, cell, size)
    assert torch.all(loss == 0) and torch.all(carried == 0)


def test_drawn_displays_are_those_of_their_domain() -> None:
    random = np.random.default_rng(0)
    peaks = {d: [drawn_display(d, random).peak for _ in range(300)] for d in ("sdr", "simulated", "hdr")}
    assert 97 < np.mean(peaks["sdr"]) < 103 and 7 < np.std(peaks["sdr"]) < 13
    assert 4900 < np.mean(peaks["simulated"]) < 5100
    assert min(peaks["hdr"]) >= 600 and max(peaks["hdr"]) <= 5000
    assert np.isclose(light_of(np.full((1, 1, 3), 255, np.uint8), Display(120.0, 0.1)), 120.0).all()


def test_split_keeps_groups() -> None:
    groups = [f"g{n}" for n in range(50)]
    split = split_of(groups)
    assert split == split_of(list(reversed(groups)))
    assert [sum(side == name for side in split.values()) for name in ("train", "validate", "test")] == [
        35,
        5,
        10,
    ]


@pytest.mark.parametrize("arm", ["hdr", "sdr+simulated+coral", "sdr+hdr+coral_code+fixed"])
def test_interrupted_is_as_straight_through(arm: str, tmp_path: Path) -> None:
    material = {
        "hdr": [made("s" * n) for n in range(1, 11)],
        "sdr": [made("s" * n, np.uint8) for n in range(1, 11)],
    }
    material["simulated"] = material["sdr"]
    settings = Settings(arm, steps=4, pairs=4, sources=2, patches=(4, 2, 1))
    straight, parts = tmp_path / "straight", tmp_path / "parts"
    for folder in (straight, parts):
        folder.mkdir()
    train(settings, material, straight)
    train(settings, material, parts, until=2)
    train(settings, material, parts)
    one, other = (torch.load(folder / "state.pt", weights_only=True) for folder in (straight, parts))
    assert one["step"] == other["step"] == 4
    for key, values in one["network"].items():
        torch.testing.assert_close(values, other["network"][key], rtol=0, atol=0)
    with np.load(parts / "pu_vtamiq_s.npz") as kept:
        load_pu_vtamiq(dict(kept))
    with pytest.raises(SystemExit, match="other settings"):
        train(Settings(arm, steps=5), material, parts)


def test_unknown_word_of_an_arm() -> None:
    with pytest.raises(SystemExit, match="hdr10 is none of"):
        _ = Settings("sdr+hdr10").domains


def test_batch_is_aligned() -> None:
    """A master beside itself has the same patches, jitter or not."""
    pairs = made("s")
    batch = batch_of([(pairs, 0), (pairs, 3)], drawn_display("hdr", None), random=np.random.default_rng(3))
    assert np.array_equal(batch.test[0], batch.reference[0])
    assert not np.array_equal(batch.test[1], batch.reference[1])
    assert batch.loss.tolist() == pytest.approx([0.0, 1.2]) and batch.source.tolist() == [0, 0]


def test_mirrored_is_of_both_pictures() -> None:
    pairs = made("s")
    seen = [batch_of([(pairs, 3)], drawn_display("hdr", None), mirrored=[side]) for side in (False, True)]
    flat = [batch.test[0, batch.size[0] == 0] for batch in seen]
    other = np.concatenate([pairs.tests[3:4, :, ::-1], pairs.masters[:1, :, ::-1]])
    first, second = np.array([0]), np.array([1])
    turned = Pairs("t", "t", other, other, first, second, pairs.loss[3:4], ("a",), first)
    by_hand = batch_of([(turned, 0)], drawn_display("hdr", None))
    assert not np.array_equal(*flat)
    assert np.array_equal(seen[1].test, by_hand.test) and np.array_equal(seen[1].reference, by_hand.reference)


def test_a_run_begins_with_the_weights_of_another(tmp_path: Path) -> None:
    """With no step taken the weights are those, and what they were is part of the settings."""
    material = {"hdr": [made("s" * n) for n in range(1, 11)]}
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    settings = Settings("hdr+mirrored", steps=2, pairs=2, sources=2, patches=(4, 2, 1))
    train(settings, material, one)
    with np.load(one / "pu_vtamiq_s.npz") as kept:
        start = dict(kept)
    again = replace(settings, start="abc", rate=0.0)
    train(again, material, other, start=start)
    with np.load(other / "pu_vtamiq_s.npz") as kept:
        assert all(np.array_equal(kept[key], value) for key, value in start.items())
    with pytest.raises(SystemExit, match="other settings"):
        train(settings, material, other)
