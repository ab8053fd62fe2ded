"""Pixels to nits and back, for every state."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from candela_engines.colour import signal_range
from candela_engines.colour.convert import (
    from_nits_rec2020,
    place_sdr_at_reference_white,
    to_nits_rec2020,
)
from candela_engines.colour.names import NAMED, parse_colour
from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError, InputError

WHITE = np.ones((1, 1, 3))
NATIVE = [
    *NAMED.values(),
    ColourState("ap0", "linear", unit_nits=100),
    ColourState("ap1", "linear", unit_nits=100),
    ColourState("bt709", "gamma22", peak_nits=80),
    ColourState("bt709", "gamma24"),
    ColourState("bt2020", "hlg", peak_nits=600, reference_white_nits=203),
]


@pytest.mark.parametrize(
    ("name", "nits"),
    [
        ("rec709", 100),
        ("srgb", 100),
        ("rec709@203", 203),
        ("rec2100-pq", 10000),
        ("p3-pq", 10000),
        ("rec2100-hlg", 1000),
        ("rec2100-hlg@4000", 4000),
        ("linear-rec2020", 1),
        ("linear-rec2020@100", 100),
        ("display-p3", 100),
        ("p3-gamma26@48", 48),
    ],
)
def test_white(name: str, nits: float) -> None:
    np.testing.assert_allclose(to_nits_rec2020(WHITE, parse_colour(name)), nits, rtol=2e-7)


@settings(max_examples=40)
@given(
    hnp.arrays(
        np.float64, st.tuples(st.integers(0, 3), st.integers(1, 4), st.just(3)), elements=st.floats(0, 1)
    ),
    st.sampled_from(NATIVE),
)
def test_round_trip(codes: np.ndarray, state: ColourState) -> None:
    nits = to_nits_rec2020(codes, state)
    light = to_nits_rec2020(from_nits_rec2020(nits, state), state)
    # In light, not in code: near black a gamma has no slope that a matrix's rounding could survive.
    np.testing.assert_allclose(light, nits, atol=1e-9 * max(state.peak_nits, state.unit_nits))
    np.testing.assert_allclose(from_nits_rec2020(nits, state)[codes > 0.05], codes[codes > 0.05], atol=1e-6)


@pytest.mark.parametrize("state", [s for s in NATIVE if s.transfer != "pq"])
def test_nothing_is_clipped(state: ColourState) -> None:
    codes = np.array([[[-0.2, 0.5, 1.3], [1.2, 1.2, -0.1]]])
    np.testing.assert_allclose(from_nits_rec2020(to_nits_rec2020(codes, state), state), codes, atol=1e-7)


@pytest.mark.parametrize("state", NATIVE)
def test_single_precision_and_odd_values(state: ColourState) -> None:
    codes = np.random.default_rng(5).uniform(0.1, 1, (3, 4, 3)).astype(np.float32)
    nits = to_nits_rec2020(codes, state)
    assert nits.dtype == np.float32
    np.testing.assert_allclose(nits, to_nits_rec2020(codes.astype(np.float64), state), rtol=2e-5)
    np.testing.assert_allclose(from_nits_rec2020(nits, state), codes, atol=2e-4)
    codes[0, 0, 0] = np.nan
    codes[1, 1] = np.inf
    out = to_nits_rec2020(codes, state)
    assert np.isnan(out[0, 0]).any() and np.isfinite(out[2]).all()
    with pytest.raises(InputError):
        to_nits_rec2020(np.ones((2, 2)), state)
    with pytest.raises(InputError):
        from_nits_rec2020(np.ones((2, 2)), state)


def test_conversion_agrees_with_colour_science(cs) -> None:
    codes = np.random.default_rng(6).uniform(0, 1, (100, 3))
    for name, space, decode in (
        ("rec709", "ITU-R BT.709", lambda v: cs.models.eotf_BT1886(v, L_W=100)),
        ("p3-pq", "P3-D65", cs.models.eotf_ST2084),
        ("display-p3", "Display P3", lambda v: 100 * cs.models.eotf_sRGB(v)),
    ):
        source, target = cs.RGB_COLOURSPACES[space].copy(), cs.RGB_COLOURSPACES["ITU-R BT.2020"].copy()
        source.use_derived_transformation_matrices(True)
        target.use_derived_transformation_matrices(True)
        expected = cs.RGB_to_RGB(decode(codes), source, target, chromatic_adaptation_transform=None)
        np.testing.assert_allclose(to_nits_rec2020(codes, NAMED[name]), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_narrow_range(bits: int) -> None:
    state = replace(NAMED["rec2100-pq"], range="narrow")
    step = 1 << (bits - 8)
    codes = np.array([[16, 100, 235]]) * step / ((1 << bits) - 1)
    signal = signal_range.decode(
        np.array([[16, 100, 235]]) * step, bits=bits, signal_range="narrow", dtype=np.float64
    )
    nits = to_nits_rec2020(codes, state, bits=bits)
    np.testing.assert_allclose(nits, to_nits_rec2020(signal, NAMED["rec2100-pq"]), rtol=1e-9)
    np.testing.assert_allclose(from_nits_rec2020(nits, state, bits=bits), codes, atol=1e-6)
    with pytest.raises(ColourStateError, match="bit depth"):
        to_nits_rec2020(codes, state)


def test_sdr_placed_at_reference_white() -> None:
    for name in ("rec709", "srgb", "rec709@48", "display-p3"):
        np.testing.assert_allclose(place_sdr_at_reference_white(WHITE, parse_colour(name)), 203.0, rtol=1e-12)
    grey = np.full((1, 3), 0.5)
    np.testing.assert_allclose(place_sdr_at_reference_white(grey, NAMED["rec709"], 100), 100 * 0.5**2.4)
    for name in ("rec2100-pq", "rec2100-hlg", "linear-rec2020"):
        with pytest.raises(ColourStateError, match="SDR"):
            place_sdr_at_reference_white(WHITE, NAMED[name])


def test_hlg_is_defined_on_its_own_primaries_only() -> None:
    state = ColourState("p3d65", "hlg", peak_nits=1000, reference_white_nits=203)
    for convert in (to_nits_rec2020, from_nits_rec2020):
        with pytest.raises(ColourStateError, match="p3d65"):
            convert(WHITE, state)
