"""The dense kernel against numpy in double and ONNX Runtime, on every instruction set there is."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.native import native
from candela_engines.runtime.mlp import run_onnx

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
SETS = [] if library is None else library.instruction_sets()


def network(sizes: list[int], seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    weights = [(rng.normal(size=(a, b)) / np.sqrt(a)).astype(np.float32) for a, b in pairwise(sizes)]
    return weights, [rng.normal(0, 0.3, size=n).astype(np.float32) for n in sizes[1:]]


def exact(x: np.ndarray, weights: list[np.ndarray], biases: list[np.ndarray]) -> np.ndarray:
    h = x.astype(np.float64)
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        h = np.maximum(h @ w.astype(np.float64) + b, 0)
    return h @ weights[-1].astype(np.float64) + biases[-1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 50), min_size=0, max_size=3),
    st.integers(1, 12),
    st.integers(1, 700),
    st.integers(1, 4),
    st.integers(0, 1 << 32),
)
def test_any_network_on_any_instruction_set(
    hidden: list[int], inputs: int, pixels: int, threads: int, seed: int
) -> None:
    weights, biases = network([inputs, *hidden, 3], seed)
    x = np.random.default_rng(seed).uniform(-1, 1, (pixels, inputs)).astype(np.float32)
    reference = exact(x, weights, biases)
    for isa in SETS:
        found = library.evaluate(x, weights, biases, threads, isa)
        np.testing.assert_allclose(found, reference, atol=4e-6)
        np.testing.assert_array_equal(found, library.evaluate(x, weights, biases, 1, isa))


def test_onnx_runtime_says_the_same() -> None:
    weights, biases = network([9, 48, 48, 3], 1)
    x = np.random.default_rng(0).uniform(-1, 1, (20_000, 9)).astype(np.float32)
    np.testing.assert_allclose(library.evaluate(x, weights, biases), run_onnx(x, weights, biases), atol=4e-6)


def test_the_portable_kernel_is_always_there() -> None:
    assert "portable" in SETS


def test_what_does_not_fit_is_refused() -> None:
    weights, biases = network([9, 20, 3], 1)
    x = np.zeros((5, 9), np.float32)
    for features, w, b, isa, message in (
        (x[:, :8].copy(), weights, biases, "", r"\(pixels, 9\)"),
        (x, weights, biases[:1], "", "bias for every layer"),
        (x, [weights[0], weights[0]], biases, "", "each on the one before"),
        (x, weights, biases, "abacus", "no abacus"),
    ):
        with pytest.raises(ValueError, match=message):
            library.evaluate(features, w, b, 1, isa)
