"""The native trainer against numpy: steps, rounding, drawing anew, on every instruction set there is."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.itm.freeze import Freezer
from candela_engines.itm.learn import Samples, _backward, _forward, fit_layers, predict, weighted_error
from candela_engines.itm.network import Layers, quantise
from candela_engines.itm.optimise import Soap
from candela_engines.itm.resample import resampled
from candela_engines.native import VARIABLE, native

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
SETS = [] if library is None else library.instruction_sets()
RATE, STEPS, BATCH = 1e-2, 40, 200


def network(sizes: list[int], seed: int) -> Layers:
    rng = np.random.default_rng(seed)
    weights = [(rng.normal(size=(a, b)) / np.sqrt(a)).astype(np.float32) for a, b in pairwise(sizes)]
    return Layers(weights, [rng.normal(0, 0.3, size=n).astype(np.float32) for n in sizes[1:]])


def problem(inputs: int, outputs: int, n: int, seed: int = 0) -> Samples:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, inputs)).astype(np.float32)
    y = np.abs(x @ rng.normal(size=(inputs, outputs))).astype(np.float32)
    return Samples(x, y, rng.uniform(0.5, 2, (n, outputs)).astype(np.float32))


def trainer(samples: Samples, layers: Layers, **named):  # type: ignore[no-untyped-def]
    arrays = (samples.features, samples.target, samples.weight, layers.weights, layers.biases)
    return library.Trainer(*arrays, **{"steps": STEPS, "rate": RATE, "batch": BATCH, **named})


class _Adam:
    """Of the plain kind."""

    def __init__(self, parameters: list[np.ndarray]) -> None:
        self.parameters, self.t = parameters, 0
        self.first = [np.zeros_like(p) for p in parameters]
        self.second = [np.zeros_like(p) for p in parameters]

    def step(self, gradients: list[np.ndarray], rate: float) -> None:
        self.t += 1
        for p, g, m, v in zip(self.parameters, gradients, self.first, self.second, strict=True):
            m += 0.1 * (g - m)
            v += 0.01 * (g * g - v)
            p -= rate / (1 - 0.9**self.t) * m / (np.sqrt(v / (1 - 0.99**self.t)) + 1e-12)


def exact(samples: Samples, layers: Layers, optimiser: type, steps: int, bits: int) -> list[np.ndarray]:
    """Parameters after so many steps, in doubles but for the rounding, from the parts of the reference."""
    x, y, w = (a.astype(np.float64) for a in (samples.features, samples.target, samples.weight))
    w = w * w / np.mean(w * w)
    wide = Layers(
        [a.astype(np.float64) for a in layers.weights],  # type: ignore[misc]
        [a.astype(np.float64) for a in layers.biases],  # type: ignore[misc]
    )
    update = optimiser(wide.parameters)
    freezer, at = None, 0
    for done in range(steps):
        if at + BATCH > len(x):
            at = 0
        part = slice(at, at + BATCH)
        at += BATCH
        fraction = done / STEPS
        if bits and fraction >= 0.5:
            freezer = freezer or Freezer(wide, bits)
            through = (fraction - 0.5) / 0.47
            if done % 4 == 0 or through >= 1:
                freezer.advance(float(np.sqrt(np.clip(through, 0, 1))), wide)
        activations = _forward(x[part], wide.weights, wide.biases)  # type: ignore[arg-type]
        gradients = _backward(activations, wide.weights, (activations[-1] - y[part]) * w[part])  # type: ignore[arg-type]
        if freezer is not None:
            freezer.mask(gradients)
        fall = max(np.sqrt(0.5 + 0.5 * np.cos(np.pi * fraction)), 0.03)
        update.step(gradients, RATE * min(1.0, (done + 1) / 30) * fall)
        if freezer is not None:
            freezer.hold(wide)
    return wide.parameters


# SOAP's bases are defined where the statistics have full rank: layers as wide as they are high.
CASES = [("adam", _Adam, [5, 7, 6, 3], 0), ("soap", Soap, [6, 6, 6], 0), ("soap", Soap, [6, 6, 6], 6)]


@pytest.mark.parametrize(("name", "optimiser", "sizes", "bits"), CASES)
def test_steps_are_those_of_the_reference(name: str, optimiser: type, sizes: list[int], bits: int) -> None:
    samples, layers = problem(sizes[0], sizes[-1], 700), network(sizes, 1)
    steps = 32 if bits else 16
    reference = exact(samples, layers, optimiser, steps, bits)
    for isa in SETS:
        fit = trainer(samples, layers, optimiser=name, bits=bits, quantised_from=0.5, isa=isa)
        fit.run(steps)
        assert fit.done == steps
        weights, biases = fit.parameters()
        for found, wanted, start in zip([*weights, *biases], reference, layers.parameters, strict=True):
            moved = np.abs(wanted - start).max()
            np.testing.assert_allclose(found, wanted, atol=2e-3 * moved)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 50), min_size=0, max_size=4),
    st.integers(1, 12),
    st.integers(1, 4),
    st.integers(1, 3000),
    st.integers(0, 1 << 32),
)
def test_errors_of_any_network(hidden: list[int], inputs: int, outputs: int, n: int, seed: int) -> None:
    samples, layers = problem(inputs, outputs, n, seed), network([inputs, *hidden, outputs], seed)
    h = samples.features.astype(np.float64)
    for w, b in zip(layers.weights[:-1], layers.biases[:-1], strict=True):
        h = np.maximum(h @ w + b, 0)
    out = h @ layers.weights[-1] + layers.biases[-1]
    wanted = (out - samples.target) * samples.weight
    for isa in SETS:
        arrays = (samples.features, layers.weights, layers.biases)
        np.testing.assert_allclose(library.weighted_errors(*arrays, isa=isa), out, rtol=1e-4, atol=2e-5)
        for threads in (1, 3):
            found = library.weighted_errors(*arrays, samples.target, samples.weight, threads, isa)
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=4e-5)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=0, max_size=3),
    st.integers(1, 11),
    st.integers(1, 600),
    st.integers(1, 700),
    st.integers(0, 8),
)
def test_any_fit_is_repeatable(hidden: list[int], inputs: int, n: int, batch: int, bits: int) -> None:
    bits = 0 if bits < 2 else bits
    samples, layers = problem(inputs, 3, n), network([inputs, *hidden, 3], n)
    results = []
    for threads in (1, 2, 0):
        fit = trainer(samples, layers, batch=batch, bits=bits, threads=threads)
        while fit.run(7):
            pass
        assert fit.fraction == 1
        results.append(fit.parameters())
    for other in results[1:]:
        for a, b in zip([*results[0][0], *results[0][1]], [*other[0], *other[1]], strict=True):
            np.testing.assert_array_equal(a, b)
    assert all(np.isfinite(a).all() for a in [*results[0][0], *results[0][1]])


@pytest.mark.parametrize("optimiser", ["soap", "adam"])
def test_threads_change_nothing_where_they_are_used(optimiser: str) -> None:
    samples, layers = problem(9, 3, 5000), network([9, 32, 32, 3], 1)
    results = []
    for threads in (1, 2, 4):
        fit = trainer(samples, layers, batch=1024, optimiser=optimiser, threads=threads)
        fit.run(30)
        results.append(fit.parameters()[0])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("bits", [4, 7, 8])
def test_rounding_is_that_of_the_reference(bits: int) -> None:
    samples, layers = problem(9, 3, 1000), network([9, 20, 3], 2)
    fit = trainer(samples, layers, bits=bits)
    for steps in (10, 30):  # before the scales are taken, and after
        fit.run(steps)
        assert fit.rounding == (steps == 30)
        now = Layers(*fit.parameters())
        found = fit.rounded()
        wanted = quantise(now, bits, [s.astype(np.int64) for _, _, s in found])
        if not fit.rounding:
            wanted = quantise(now, bits)
        for layer in zip(found, zip(wanted.weights, wanted.biases, wanted.scales, strict=True), strict=True):
            for a, b in zip(*layer, strict=True):
                np.testing.assert_array_equal(a, b)
    # By the end all are held: what is stored is what was fitted.
    for a, b in zip(wanted.layers().parameters, now.parameters, strict=True):
        np.testing.assert_array_equal(a, b)


def test_both_paths_end_equally_well(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = problem(5, 3, 4000)
    for bits in (0, 6):
        found = []
        for native_too in ("1", "0"):
            monkeypatch.setenv(VARIABLE, native_too)
            worst = []
            for seed in (1, 2, 3):
                layers = Layers.random([5, 24, 3], np.random.default_rng(seed))
                fit_layers(samples, layers, steps=500, bits=bits)
                error = float(np.mean(np.square(weighted_error(samples, layers))))
                worst.append(np.log10(error))
            found.append(np.mean(worst))
        assert abs(found[0] - found[1]) < 0.1  # 1 dB, over three starts


def test_predictions_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    samples, layers = problem(9, 3, 70_000), network([9, 20, 3], 3)
    ours = predict(samples.features, layers)
    monkeypatch.setenv(VARIABLE, "0")
    np.testing.assert_allclose(ours, predict(samples.features, layers), atol=1e-5)


def test_units_that_no_sample_wakes_and_numbers_that_are_none() -> None:
    samples, layers = problem(9, 3, 600), network([9, 20, 3], 4)
    layers.biases[0][:7] = -1e6
    samples.features[:, 2] = 1e-42
    fit = trainer(samples, layers, steps=300)
    fit.run(300)
    assert all(np.isfinite(a).all() for part in fit.parameters() for a in part)
    samples.target[17, 1] = np.nan
    fit = trainer(samples, layers, bits=6)
    assert not fit.run(300)  # it ends, whatever it ends in
    assert len(fit.rounded()) == 2


def test_hard_examples_are_drawn_fairly(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, layers = problem(6, 3, 20_000), network([6, 12, 3], 5)
    pool.target[::100] += 40  # hard ones
    before = np.mean(np.square(weighted_error(pool, layers)), dtype=np.float64)
    for native_too in ("1", "0"):
        monkeypatch.setenv(VARIABLE, native_too)
        drawn = resampled(pool, layers, 15_000, 7)
        assert [len(a) for a in (drawn.features, drawn.target, drawn.weight)] == [15_000] * 3
        after = np.mean(np.square(weighted_error(drawn, layers)), dtype=np.float64)
        assert after == pytest.approx(before, rel=0.1)
        assert np.mean(drawn.target.max(1) > 35) > 0.03  # of one in a hundred
        again = resampled(pool, layers, 15_000, 7)
        np.testing.assert_array_equal(drawn.features, again.features)
        assert not np.array_equal(drawn.features, resampled(pool, layers, 15_000, 8).features)
        assert len(resampled(pool, layers, 1 << 20, 7).features) == 20_000


def test_what_does_not_fit_is_refused() -> None:
    samples, layers = problem(9, 3, 100), network([9, 20, 3], 1)
    for named, message in (
        ({"steps": 0}, "schedule of 0 steps"),
        ({"batch": 0}, "batch of 0"),
        ({"bits": 1}, "weights of 1 bits"),
        ({"rate": 0.0}, "rate of 0"),
        ({"optimiser": "sgd"}, "named sgd: soap and adam"),
        ({"isa": "abacus"}, "no abacus"),
    ):
        with pytest.raises(ValueError, match=message):
            trainer(samples, layers, **named)
    with pytest.raises(ValueError, match="129 units: 1 to 128"):
        trainer(samples, network([9, 129, 3], 1))
    with pytest.raises(ValueError, match=r"\(samples, 9\)"):
        trainer(problem(8, 3, 100), layers)
    with pytest.raises(ValueError, match=r"target and weight are \(samples, 3\)"):
        trainer(Samples(samples.features, samples.target[:50], samples.weight), layers)
    with pytest.raises(ValueError, match="no samples"):
        trainer(samples.head(0), layers)
