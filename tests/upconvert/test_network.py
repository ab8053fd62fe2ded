"""The networks on ONNX Runtime at random weights: tiles are the whole frame, contexts hold over time."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.upconvert.graphs import CONTEXT_SIZES
from candela_engines.upconvert.network import Context, Network, load_network, proxy_of, smoothed

from .random_weights import random_weights

PARAMETERS = {"agcm": 35_251, "hdcfm": 100_682}


def picture(height: int, width: int, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    base = 0.3 + 0.3 * np.stack([np.sin(7 * x), np.cos(5 * y), np.sin(3 * x + 4 * y)], axis=-1)
    return np.clip(base + 0.1 * random.random((height, width, 3)), 0, 1).astype(np.float32)


@pytest.fixture(scope="module", params=PARAMETERS)
def network(request: pytest.FixtureRequest) -> Network:
    weights = random_weights(request.param)
    assert sum(values.size for values in weights.values()) == PARAMETERS[request.param]
    # The last layer about the middle of PQ, so that nothing hides in the clip to 0..1.
    last = "layers.2" if request.param == "agcm" else "leave"
    weights[f"{last}.weight"] *= 0.002
    weights[f"{last}.bias"][:] = 0.4
    return load_network(request.param, weights, threads=1)


def codes(network: Network, code: np.ndarray, context: Context, tile: int) -> np.ndarray:
    from candela_engines.colour import pq

    return pq.inverse_eotf(network.light(code, context, tile=tile).astype(np.float64))


def test_tiles_are_the_whole_frame(network: Network) -> None:
    code = picture(70, 113)
    context = network.context(code)
    whole = codes(network, code, context, 1000)
    assert whole.min() > 0.05 and whole.max() < 0.95 and whole.std() > 1e-3
    for tile in (16, 41, 64):
        np.testing.assert_allclose(codes(network, code, context, tile), whole, atol=3e-6)


def test_a_context_of_its_own_for_every_tile_would_not_do(network: Network) -> None:
    """What the split is for: crops that look at themselves come out otherwise."""
    code = picture(96, 128)
    whole = codes(network, code, network.context(code), 1000)
    part = code[:48, :64]
    assert np.abs(codes(network, part, network.context(part), 1000) - whole[:48, :64]).max() > 1e-4


def test_odd_pictures(network: Network) -> None:
    for size in ((1, 1), (1, 40), (33, 1)):
        code = picture(*size)
        light = network.light(code, network.context(code))
        assert light.shape == (*size, 3) and np.isfinite(light).all() and light.min() >= 0
    black = np.zeros((20, 30, 3), np.float32)
    assert np.isfinite(network.light(black, network.context(black))).all()
    broken = picture(20, 30)
    broken[4, 5, 1] = np.nan
    light = network.light(broken, network.context(broken))
    assert np.isnan(light[4, 5]).all() and np.isnan(light).sum() == 3
    with pytest.raises(InputError, match="tiles of 0"):
        network.light(black, network.context(black), tile=0)


def test_a_letterbox_changes_no_context(network: Network) -> None:
    code = picture(64, 96)
    boxed = np.zeros((100, 96, 3), np.float32)
    boxed[18:82] = code
    plain, inside = network.context(code), network.context(boxed)
    np.testing.assert_allclose(inside.numbers, plain.numbers, atol=1e-5)
    assert inside.active == (18, 0, 64, 96)
    middle = slice(10, 54)  # away from the edge, which bars are neighbours of
    inner = codes(network, boxed, inside, 1000)[18:82][middle]
    np.testing.assert_allclose(inner, codes(network, code, plain, 1000)[middle], atol=1e-5)


def test_contexts_are_averaged_over_a_shot(network: Network) -> None:
    random = np.random.default_rng(5)
    base = picture(48, 64)
    frames = [np.clip(base * random.uniform(0.9, 1.1), 0, 1).astype(np.float32) for _ in range(9)]
    own = [network.context(frame) for frame in frames]
    steady = smoothed(own, frames=4)

    def flicker(contexts: list[Context]) -> float:
        rows = [codes(network, base, context, 1000) for context in contexts]
        return float(np.abs(np.diff(rows, axis=0)).mean())

    assert flicker(steady) < 0.3 * flicker(own)
    np.testing.assert_allclose(smoothed([own[0]])[0].numbers, own[0].numbers, rtol=1e-6)
    other = Context(np.zeros(CONTEXT_SIZES[network.name], np.float32), (9, 9), (0, 0, 1, 1))
    np.testing.assert_array_equal(smoothed([own[0], other])[1].numbers, other.numbers)


def test_proxy() -> None:
    code = picture(300, 700)
    small, active = proxy_of(code, 256)
    assert small.shape == (96, 256, 3) and active == (0, 0, 300, 700)
    np.testing.assert_allclose(small.mean((0, 1)), code.mean((0, 1)), atol=2e-3)
    assert proxy_of(picture(1, 1), 128)[0].shape == (32, 32, 3)


def test_other_weights_are_refused() -> None:
    weights = random_weights("agcm")
    with pytest.raises(InfrastructureError, match="hdcfm: its weights do not hold"):
        load_network("hdcfm", weights)
