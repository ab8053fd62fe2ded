"""The native coder and the Python reference: the same bytes, the same numbers, the same refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import PayloadError
from candela_engines.itm.coding import quantise, weights
from candela_engines.native import VARIABLE, native

pytestmark = pytest.mark.skipif(native() is None, reason="the native library is not built here")


class _Reference:
    """Runs a function with the native library switched off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def __call__(self, function, *arguments, **named):  # type: ignore[no-untyped-def]
        with self._patch.context() as patch:
            patch.setenv(VARIABLE, "0")
            assert native() is None
            return outcome(function, *arguments, **named)


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> _Reference:
    return _Reference(monkeypatch)


def outcome(function, *arguments, **named):  # type: ignore[no-untyped-def]
    """What a call gives, or says."""
    try:
        return function(*arguments, **named)
    except PayloadError as error:
        return str(error)


def equal(a: object, b: object) -> bool:
    """Nested lists of arrays, compared in full."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    return np.array_equal(a, b)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(25))
def test_planes_are_coded_alike(reference: _Reference, seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width, channels = int(rng.integers(1, 80)), int(rng.integers(1, 100)), int(rng.integers(1, 4))
    plane = rng.normal(size=(height, width, channels)) * rng.choice([0.02, 1, 30])
    if seed % 2:
        plane = np.cumsum(np.cumsum(plane, 0), 1) * 0.02
    step = int(max(np.exp(rng.uniform(2, 13)), np.abs(plane).max() * 2, 1))
    bands = quantise.quantise_planes(quantise.split_planes(plane), step)
    data = quantise.encode_planes(bands, height, width)
    assert data == reference(quantise.encode_planes, bands, height, width)
    decoded = quantise.decode_planes(data, height, width, channels)
    assert equal(decoded, bands)
    assert equal(decoded, reference(quantise.decode_planes, data, height, width, channels))
    joined = quantise.dequantise(bands, height, width, step)
    assert equal(joined, reference(quantise.dequantise, bands, height, width, step))


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300),
    st.integers(1, 60),
    st.integers(1, 60),
    st.integers(1, 4),
    st.integers(1, 1 << 20),
)
def test_noise_decodes_alike(data: bytes, height: int, width: int, channels: int, step: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        reference = _Reference(patch)
        ours = outcome(quantise.decode_planes, data, height, width, channels)
        theirs = reference(quantise.decode_planes, data, height, width, channels)
        assert equal(ours, theirs)
        if not isinstance(ours, str):
            # Damaged bands may be beyond all bounds: both wrap, neither fails.
            assert equal(
                quantise.dequantise(ours, height, width, step),
                reference(quantise.dequantise, theirs, height, width, step),
            )


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 12), st.integers(1, 40), st.integers(4, 12))
def test_noise_is_the_same_layers(data: bytes, inputs: int, width: int, bits: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        reference = _Reference(patch)
        ours = outcome(weights.decode_layers, data, [inputs, width, 3], bits=bits)
        theirs = reference(weights.decode_layers, data, [inputs, width, 3], bits=bits)
        assert equal(ours, theirs)
        if not isinstance(ours, str):
            assert weights.encode_layers(ours) == reference(weights.encode_layers, theirs)


def test_layers_of_a_fit_are_coded_alike(reference: _Reference) -> None:
    rng = np.random.default_rng(2)
    layers = [
        (rng.integers(-127, 128, (a, b)), rng.integers(-3000, 3000, b), rng.integers(150, 400, b))
        for a, b in ((9, 48), (48, 48), (48, 3))
    ]
    data = weights.encode_layers(layers)
    assert data == reference(weights.encode_layers, layers)
    assert equal(weights.decode_layers(data, [9, 48, 48, 3], bits=8), layers)


def test_claims_are_refused_in_the_same_words(reference: _Reference) -> None:
    for claim in ((1 << 12, 1 << 12, 1), (0, 5, 1), (5, 5, 5)):
        assert outcome(quantise.decode_planes, b"", *claim) == reference(quantise.decode_planes, b"", *claim)
    assert "beyond 4 bits" in outcome(
        weights.decode_layers,
        weights.encode_layers([(np.full((2, 3), 99), np.zeros(3, int), np.full(3, 200))]),
        [2, 3],
        bits=4,
    )
