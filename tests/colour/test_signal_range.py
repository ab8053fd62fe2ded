"""Narrow and full range: printed code values, exact inverses, ends."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour.signal_range import decode, encode, full_scale_to_signal, signal_to_full_scale
from candela_engines.errors import InputError


@pytest.mark.parametrize(
    ("bits", "signal_range", "component", "signal", "code"),
    [
        (8, "narrow", "rgb", [0, 1], [16, 235]),
        (10, "narrow", "rgb", [0, 1], [64, 940]),
        (12, "narrow", "luma", [0, 1], [256, 3760]),
        (10, "narrow", "chroma", [-0.5, 0, 0.5], [64, 512, 960]),
        (10, "full", "rgb", [0, 1], [0, 1023]),
        (10, "full", "chroma", [0, 0.5], [512, 1023]),  # 1023.5 + 0.5 does not fit and is held
        (16, "full", "rgb", [0, 1], [0, 65535]),
    ],
)
def test_printed_codes(bits, signal_range, component, signal, code) -> None:
    made = encode(np.array(signal, float), bits=bits, signal_range=signal_range, component=component)
    assert made.tolist() == code
    assert made.dtype == (np.uint8 if bits == 8 else np.uint16)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("signal_range", ["full", "narrow"])
@pytest.mark.parametrize("component", ["rgb", "chroma"])
def test_every_code_survives(bits: int, signal_range: str, component: str) -> None:
    every = np.arange(1 << bits)
    for dtype in (np.float32, np.float64):
        signal = decode(every, bits=bits, signal_range=signal_range, component=component, dtype=dtype)
        assert signal.dtype == dtype
        back = encode(signal, bits=bits, signal_range=signal_range, component=component)
        np.testing.assert_array_equal(back, every)
    scaled = every / ((1 << bits) - 1)
    signal = full_scale_to_signal(scaled, bits=bits, signal_range=signal_range, component=component)
    exact = decode(every, bits=bits, signal_range=signal_range, component=component, dtype=np.float64)
    np.testing.assert_allclose(signal, exact, atol=1e-12)
    np.testing.assert_allclose(
        signal_to_full_scale(signal, bits=bits, signal_range=signal_range, component=component),
        scaled,
        atol=1e-12,
    )


def test_excursions_and_odd_values() -> None:
    assert decode(np.array([0, 1023]), bits=10, signal_range="narrow").tolist() == pytest.approx(
        [-64 / 876, 959 / 876]
    )
    held = encode(np.array([np.nan, np.inf, -np.inf, 2.0]), bits=10, signal_range="narrow")
    assert held.tolist() == [64, 1023, 0, 1023]
    assert encode(np.array([0.5 / 255, 1.49 / 255]), bits=8, signal_range="full").tolist() == [1, 1]


def test_impossible_arguments() -> None:
    with pytest.raises(InputError, match="float"):
        decode(np.array([0.5]), bits=8, signal_range="full")
    with pytest.raises(InputError, match="256"):
        decode(np.array([256]), bits=8, signal_range="full")
    with pytest.raises(InputError, match="-1"):
        decode(np.array([-1]), bits=8, signal_range="full")
    for bits in (7, 17, 8.0):
        with pytest.raises(InputError):
            encode(np.array([0.5]), bits=bits, signal_range="full")
    with pytest.raises(InputError, match="legal"):
        encode(np.array([0.5]), bits=8, signal_range="legal")
    with pytest.raises(InputError):
        encode(np.array([1]), bits=8, signal_range="full")
