from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import PayloadError
from candela_engines.itm.coding.weights import decode_layers, encode_layers
from candela_engines.itm.network import Layers, QuantisedLayers, quantise, scale_of_code


def triples(q: QuantisedLayers) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    return list(zip(q.weights, q.biases, q.scales, strict=True))


@pytest.mark.twice
@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, 20), min_size=2, max_size=5),
    st.integers(4, 10),
    st.integers(0, 2**32),
    st.floats(1e-4, 50),
)
def test_layers_come_back_exactly(sizes: list[int], bits: int, seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    layers = Layers(
        [(rng.normal(size=(a, b)) * scale).astype(np.float32) for a, b in pairwise(sizes)],
        [(rng.normal(size=b) * scale).astype(np.float32) for b in sizes[1:]],
    )
    q = quantise(layers, bits)
    again = decode_layers(encode_layers(triples(q)), sizes, bits=bits)
    for a, b in zip(triples(q), again, strict=True):
        assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
    for w, r in zip(layers.weights, q.layers().weights, strict=True):
        # Half a step of the row, and the row's scale reaches its largest weight.
        step = np.maximum(np.abs(w).max(0), 1e-6) / (2 ** (bits - 1) - 1)
        assert np.all(np.abs(w - r) <= 0.53 * step + 5e-7)  # 5e-7: half the finest step there is


def test_a_typical_network_costs_little_more_than_its_gaussian_entropy() -> None:
    rng = np.random.default_rng(3)
    layers = Layers([rng.normal(size=(9, 32)), rng.normal(size=(32, 32)), rng.normal(size=(32, 3))], [])  # type: ignore[list-item]
    layers.biases = [rng.uniform(-0.5, 0.5, w.shape[1]).astype(np.float32) for w in layers.weights]
    layers.weights = [w.astype(np.float32) for w in layers.weights]
    q = quantise(layers, 7)
    bits = sum(float(np.log2(np.maximum(w.std(0), 0.3) * 4.13).sum()) * w.shape[0] for w in q.weights)
    assert len(encode_layers(triples(q))) * 8 < bits * 1.08 + 67 * 20


def test_scales_are_powers_with_sixteen_steps_to_the_octave() -> None:
    assert scale_of_code(320) == 1
    assert scale_of_code(336) == 2
    assert scale_of_code([304])[0] == 0.5


def test_weights_beyond_their_bits_are_refused() -> None:
    q = quantise(Layers([np.ones((2, 2), np.float32)], [np.zeros(2, np.float32)]), 8)
    data = encode_layers(triples(q))
    with pytest.raises(PayloadError, match="beyond 5 bits"):
        decode_layers(data, [2, 2], bits=5)


@pytest.mark.twice
@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_that_nobody_wrote_decode_or_raise(data: bytes) -> None:
    try:
        layers = decode_layers(data, [7, 12, 3], bits=7)
    except PayloadError:
        return
    assert [w.shape for w, _, _ in layers] == [(7, 12), (12, 3)]
    assert all(np.abs(w).max() <= 63 for w, _, _ in layers)
