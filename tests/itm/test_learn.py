"""The trainer: true gradients, an optimiser that goes down, and what is stored is what was judged."""

import time

import numpy as np
import pytest

from candela_engines.itm.learn import Samples, _backward, _forward, fit_layers, weighted_error
from candela_engines.itm.network import Layers, evaluate, quantise
from candela_engines.native import VARIABLE, native


@pytest.fixture(params=["native", "numpy"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test here on both trainers."""
    if request.param == "native" and native() is None:
        pytest.skip("the native library is not built here")
    monkeypatch.setenv(VARIABLE, "1" if request.param == "native" else "0")


def problem(n: int = 4000, seed: int = 0) -> Samples:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (n, 5)).astype(np.float32)
    y = np.stack([np.sin(2 * x[:, 0]) * x[:, 1], np.abs(x[:, 2]), x[:, 3] ** 2 - x[:, 4]], -1).astype(
        np.float32
    )
    return Samples(x, y, rng.uniform(0.5, 2, (n, 3)).astype(np.float32))


def loss(samples: Samples, layers: Layers) -> float:
    return float(np.mean(np.square(weighted_error(samples, layers))))


def test_gradients_are_those_of_finite_differences() -> None:
    rng = np.random.default_rng(1)
    layers = Layers.random([5, 7, 6, 3], rng)
    layers.weights[-1][:] = rng.normal(size=(6, 3))
    weights = [w.astype(np.float64) for w in layers.weights]
    biases = [b.astype(np.float64) for b in layers.biases]
    x, y = rng.normal(size=(16, 5)), rng.normal(size=(16, 3))

    def half_mean_square() -> float:
        return 0.5 * float(np.sum(np.square(_forward(x, weights, biases)[-1] - y))) / len(x)

    activations = _forward(x, weights, biases)
    gradients = _backward(activations, weights, activations[-1] - y)
    for parameter, gradient in zip([*weights, *biases], gradients, strict=True):
        flat = parameter.reshape(-1)
        for i in rng.choice(flat.size, size=min(6, flat.size), replace=False):
            keep = flat[i]
            flat[i] = keep + 1e-6
            up = half_mean_square()
            flat[i] = keep - 1e-6
            down = half_mean_square()
            flat[i] = keep
            assert gradient.reshape(-1)[i] == pytest.approx((up - down) / 2e-6, rel=1e-3, abs=1e-6)


def test_a_fit_goes_far_below_the_variance_and_is_repeatable() -> None:
    samples = problem()
    results = []
    for _ in range(2):
        layers = Layers.random([5, 16, 16, 3], np.random.default_rng(3))
        before = loss(samples, layers)
        fit_layers(samples, layers, steps=600, bits=0)
        results.append(loss(samples, layers))
        assert results[-1] < before / 100
    assert results[0] == results[1]


def test_what_is_returned_is_what_the_layers_hold_rounded() -> None:
    samples = problem()
    layers = Layers.random([5, 12, 3], np.random.default_rng(3))
    stored = fit_layers(samples, layers, steps=400, bits=6)
    assert stored is not None
    assert all(
        np.array_equal(a, b) for a, b in zip(stored.layers().parameters, layers.parameters, strict=True)
    )
    assert max(int(np.abs(w).max()) for w in stored.weights) <= 31


def test_rounding_in_the_loop_beats_rounding_after_it() -> None:
    samples = problem()
    free = Layers.random([5, 16, 16, 3], np.random.default_rng(3))
    held = free.copy()
    fit_layers(samples, free, steps=1500, bits=0)
    stored = fit_layers(samples, held, steps=1500, bits=4)
    assert stored is not None
    assert loss(samples, stored.layers()) < loss(samples, quantise(free, 4).layers())


def test_a_deadline_is_kept_and_still_leaves_a_fitted_network() -> None:
    samples = problem()
    layers = Layers.random([5, 16, 3], np.random.default_rng(3))
    before = loss(samples, layers)
    start = time.monotonic()
    fit_layers(samples, layers, steps=1 << 30, bits=0, deadline=start + 0.5)
    assert time.monotonic() - start < 3  # a wide margin: what is tested is that it ends
    assert loss(samples, layers) < before / 10


def test_enough_ends_a_fit() -> None:
    samples = problem()
    layers = Layers.random([5, 16, 3], np.random.default_rng(3))
    asked = []
    fit_layers(
        samples,
        layers,
        steps=100_000,
        bits=0,
        enough=lambda now: asked.append(now) is None and len(asked) == 2,
    )
    assert len(asked) == 2


def test_evaluate_is_the_textbook_formula() -> None:
    rng = np.random.default_rng(5)
    layers = Layers.random([3, 4, 2], rng)
    layers.weights[1][:] = rng.normal(size=(4, 2))
    x = rng.normal(size=(1, 3))
    hidden = [
        max(0.0, sum(x[0, i] * layers.weights[0][i, j] for i in range(3)) + layers.biases[0][j])
        for j in range(4)
    ]
    out = [sum(hidden[i] * layers.weights[1][i, j] for i in range(4)) + layers.biases[1][j] for j in range(2)]
    np.testing.assert_allclose(evaluate(x, layers)[0], out, rtol=1e-12)
