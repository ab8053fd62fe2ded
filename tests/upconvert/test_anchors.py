"""Networks that add to the reference renderings: what they begin with, and what levels tell."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.upconvert.anchors import ANCHORS, COLOURED, anchored_codes, greys_kept
from candela_engines.upconvert.engine import open_engine
from candela_engines.upconvert.levels import LEVELS, levels_of
from candela_engines.upconvert.network import Network, load_network, smoothed

from .random_weights import random_weights
from .test_network import picture

WEIGHTS = (0.2, 0.5, 0.3)


def anchored_weights(name: str) -> dict[str, np.ndarray]:
    """At random, of a size that keeps the output within 0..1."""
    weights: dict[str, np.ndarray] = random_weights(name)
    random = np.random.default_rng(3)
    last = "layers.2" if name == "agcm" else "leave"
    weights[f"{last}.weight"] *= 0.002
    weights[f"{last}.bias"][:] = 0.01
    for layer, inputs, outputs in (("first", LEVELS, 32), ("second", 32, 9)):
        weight = random.normal(0, inputs**-0.5, (outputs, inputs))
        weights[f"anchor.{layer}.weight"] = weight.astype(np.float32)
        weights[f"anchor.{layer}.bias"] = random.normal(0, 0.1, outputs).astype(np.float32)
    weights["anchor.mean"] = np.full(LEVELS, 0.4, np.float32)
    weights["anchor.scale"] = np.full(LEVELS, 3.0, np.float32)
    return weights


@pytest.fixture(scope="module", params=["agcm", "hdcfm"])
def network(request: pytest.FixtureRequest) -> Network:
    return load_network(request.param, anchored_weights(request.param), threads=1)


def test_references_are_weighted_in_pq() -> None:
    code = picture(9, 14)
    made = anchored_codes(code, np.array(WEIGHTS, np.float32))
    lights = [open_engine(name).light(code, 32, NAMED["rec709"]).astype(np.float64) for name in ANCHORS]
    wanted = sum(w * pq.inverse_eotf(light) for w, light in zip(WEIGHTS, lights, strict=True))
    np.testing.assert_allclose(made, wanted, atol=2e-6)
    one = anchored_codes(code, np.array([1, 0, 0], np.float32))
    np.testing.assert_allclose(one, pq.inverse_eotf(lights[0]), atol=2e-6)


def test_tiles_are_the_whole_frame_and_shots_are_averaged(network: Network) -> None:
    code = picture(70, 113)
    context = network.context(code)
    weights = context.numbers[-len(ANCHORS) :]
    assert network.anchored and weights.min() > 0 and weights.sum() == pytest.approx(1, abs=1e-5)
    whole = pq.inverse_eotf(network.light(code, context, tile=1000).astype(np.float64))
    assert whole.std() > 0.01
    parts = pq.inverse_eotf(network.light(code, context, tile=41).astype(np.float64))
    np.testing.assert_allclose(parts, whole, atol=3e-6)
    other = network.context(picture(70, 113, 5) * np.float32(0.6))
    assert np.abs(other.numbers[-3:] - weights).max() > 1e-3
    for steady in smoothed([context, other]):
        assert steady.numbers[-len(ANCHORS) :].sum() == pytest.approx(1, abs=1e-5)


def test_greys_stay_grey(network: Network) -> None:
    code = np.repeat(np.linspace(0, 1, 40, dtype=np.float32)[None, :, None], 3, 2).repeat(20, 0)
    code[:10, :, 2] *= np.float32(0.8)  # the other half has colour
    made = pq.inverse_eotf(network.light(code, network.context(picture(20, 40))).astype(np.float64))
    apart = made.max(2) - made.min(2)
    assert apart[16].max() < 2e-5 < 0.01 < apart[4].max()
    added = np.array([[[0.1, 0.2, 0.3]]], np.float32)
    for chroma, share in ((0.0, 0), (COLOURED / 2, 0.5), (0.5, 1)):
        some = np.array([[[0.4, 0.4 + chroma, 0.4]]], np.float32)
        wanted = [0.2 - 0.1 * share, 0.2, 0.2 + 0.1 * share]
        np.testing.assert_allclose(greys_kept(added, some)[0, 0], wanted, atol=1e-6)


def test_levels() -> None:
    half = np.zeros((20, 30, 3), np.float32)
    half[:, 15:] = 1
    found = levels_of(half)
    assert found.shape == (LEVELS,) and np.isfinite(found).all()
    shares = found[-19:-16]
    np.testing.assert_allclose(shares, [0.5, 0.5, 0.5], atol=1e-6)
    np.testing.assert_allclose(found[-8:].sum(), 1, atol=1e-6)
    red = np.zeros((8, 8, 3), np.float32)
    red[..., 0] = 0.5
    # Luma .106 lies in the first of eight bands, whose saturation is all there is.
    assert levels_of(red)[-16] == pytest.approx(1) and levels_of(red)[-15] == 0
    darker = levels_of(half * np.float32(0.5))
    assert (darker[:48] <= found[:48]).all()


def test_a_new_network_is_all_but_the_placement() -> None:
    torch = pytest.importorskip("torch")
    from candela_engines.upconvert.training.anchor import Anchored

    torch.manual_seed(0)
    made = Anchored("agcm")
    network = load_network("agcm", made.arrays(), threads=1)
    code = picture(48, 64)
    light = network.light(code, network.context(code)).astype(np.float64)
    placed = open_engine("placement").light(code, 32, NAMED["rec709"]).astype(np.float64)
    assert np.abs(pq.inverse_eotf(light) - pq.inverse_eotf(placed)).max() < 0.02


@pytest.mark.parametrize("name", ["agcm", "hdcfm"])
def test_graphs_are_the_networks(name: str) -> None:
    torch = pytest.importorskip("torch")
    from candela_engines.upconvert.training.anchor import Anchored
    from candela_engines.upconvert.training.batches import Looks, predicted, read
    from candela_engines.upconvert.training.data import Pairs

    weights = anchored_weights(name)
    made = Anchored(name).eval()
    known = made.state_dict()
    named = {key: torch.from_numpy(weights[key.removeprefix("network.")]) for key in known}
    made.load_state_dict({key: value.reshape(known[key].shape) for key, value in named.items()})
    codes = np.rint(255 * picture(40, 64)).astype(np.uint8)
    masters = np.zeros((1, 40, 64, 3), np.uint16)
    pairs = Pairs("s", "s", codes[None], masters, np.zeros(1, np.int64), ("aces2",))
    looks = Looks(name, [pairs])
    batch = read(looks, name, [(0, 0)], 40, np.random.default_rng(0))
    with torch.no_grad():
        found = np.clip(predicted(made, batch)[0][0].numpy().transpose(1, 2, 0), 0, 1)
    network = load_network(name, made.arrays(), threads=1)
    code = codes.astype(np.float32) / np.float32(255)
    whole = pq.inverse_eotf(network.light(code, network.context(code)).astype(np.float64))
    wanted = whole[batch.rows[0], batch.columns[0]]
    inner = (slice(None),) * 2 if name == "agcm" else (slice(6, -6), slice(6, -6))
    # Proxies are kept as halves in training.
    np.testing.assert_allclose(found[inner], wanted[inner], atol=2e-3)
