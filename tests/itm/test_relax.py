"""Relaxing a plane, and taking a second look at it."""

import numpy as np
import pytest
from tests.itm.pairs import graded_pair

from candela_engines.colour.names import NAMED
from candela_engines.itm.coding.quantise import UNIT, RateCurve, encode_planes, quantise_planes, split_planes
from candela_engines.itm.decode import to_signal
from candela_engines.itm.guide import GuideCoder
from candela_engines.itm.learn import fit_layers, weighted_error
from candela_engines.itm.network import Layers
from candela_engines.itm.pair import Pair, Side, spread_code
from candela_engines.itm.relax import relaxed
from candela_engines.itm.renewal import renewed

RNG = np.random.default_rng(5)


def noisy() -> tuple[np.ndarray, np.ndarray]:
    """A plane with an edge and noise, and a weight that sees the left half only."""
    ys, xs = np.mgrid[0:96, 0:128]
    plane = np.where(ys + xs > 100, 0.6, -0.3) + 0.1 * RNG.normal(size=(96, 128))
    weight = np.where(xs < 64, 1.0, 0.001)
    return plane[..., None].astype(np.float32), weight[..., None].astype(np.float32)


def coded(plane: np.ndarray, step: int) -> int:
    return len(encode_planes(quantise_planes(split_planes(plane), step), *plane.shape[:2]))


@pytest.mark.twice
def test_what_is_not_seen_goes_and_what_is_seen_stays() -> None:
    plane, weight = noisy()
    step = UNIT // 8
    calm = relaxed(plane, weight, plane, step, 0.07)
    seen, unseen = np.s_[:, :60], np.s_[:, 70:]
    assert np.abs(calm - plane)[seen].mean() < 0.015
    rough = [float(np.abs(np.diff(p[unseen], axis=1)).mean()) for p in (plane, calm)]
    assert rough[1] < 0.75 * rough[0]
    assert coded(calm, step) < 0.9 * coded(plane, step)


def test_nothing_to_shrink_changes_nothing() -> None:
    plane, weight = noisy()
    np.testing.assert_allclose(relaxed(plane, weight, plane, 1, 0.07), plane, atol=6e-5)


def test_the_estimate_follows_the_bytes() -> None:
    plane, _ = noisy()
    curve = RateCurve(split_planes(plane))
    steps = [UNIT // 16, UNIT // 8, UNIT // 4, UNIT // 2]
    ratios = [coded(plane, s) * 8 / curve.bits(float(s)) for s in steps]
    assert max(ratios) / min(ratios) < 1.8
    assert 0.5 < min(ratios) < max(ratios) < 1.6


@pytest.mark.twice
def test_a_coder_fills_its_budget() -> None:
    plane, weight = noisy()
    for budget in (200, 900, 3000):
        guide = GuideCoder(plane, weight).code(budget)
        assert guide is not None
        assert 0.9 * budget < len(guide.data) <= budget
    assert GuideCoder(plane, weight).code(3) is None


@pytest.mark.twice
def test_a_renewed_plane_complements_the_network() -> None:
    codes, nits = graded_pair(96, 128, window=True)
    pair = Pair(to_signal(codes, 8), NAMED["rec709"], nits, bits=8, floats=False, seed=0)
    side = Side(pair, "pq")
    guide = side.guide(1, 700)
    assert guide is not None
    spread = spread_code(guide)
    samples = side.samples(guide, spread)
    layers = Layers.random([samples.features.shape[1], 16, 3], np.random.default_rng(0))
    fit_layers(samples, layers, steps=600, bits=0)
    before = float(np.mean(np.square(weighted_error(samples, layers))))
    second = renewed(side, guide, spread, layers, 700)
    assert second is not None
    assert len(second.data) <= 700
    swapped = side.samples(second, spread)
    fit_layers(swapped, layers, steps=300, bits=0, rate=3e-3)
    again = layers.copy()
    fit_layers(samples, again, steps=300, bits=0, rate=3e-3)
    after = float(np.mean(np.square(weighted_error(swapped, layers))))
    assert after < before
