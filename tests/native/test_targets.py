"""Targets, their weights and their planes in C++ against the formulas in double."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.itm.pairs import graded_pair

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.itm.decode import to_signal
from candela_engines.itm.domain import OFFSETS, Domain, base_of, target_and_weight
from candela_engines.itm.lattice import KINDS, Lattice
from candela_engines.itm.pair import Pair, Side
from candela_engines.itm.targets import plane_of_targets, targets_of
from candela_engines.itm.whole_frame import curve_of
from candela_engines.native import VARIABLE, native

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
SETS = [] if library is None else library.instruction_sets()
DOMAINS: tuple[Domain, ...] = ("pq", *OFFSETS)
STATES = {
    "rec709": NAMED["rec709"],
    "srgb": NAMED["srgb"],
    "narrow": replace(NAMED["rec709"], range="narrow"),
    "p3": ColourState("p3d65", "gamma26"),
}


def _numbers(state: ColourState, bits: int) -> tuple[str, float, float, float, list[float]]:
    curve = curve_of(state, bits)
    assert curve is not None
    return curve.numbers()


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 3000), st.sampled_from(sorted(STATES)), st.sampled_from(DOMAINS), st.integers(0, 1 << 32)
)
def test_targets_and_weights_are_those_of_the_formulas(n: int, name: str, domain: Domain, seed: int) -> None:
    rng = np.random.default_rng(seed)
    signal = rng.uniform(-0.1, 1.1, (n, 3)).astype(np.float32)
    nits = np.exp(rng.uniform(np.log(0.02), np.log(3000), (n, 3))).astype(np.float32)
    signal[rng.random((n, 3)) < 0.05] = 0
    nits[rng.random((n, 3)) < 0.05] = 0
    base = base_of(signal.astype(np.float64), STATES[name], domain, 10)
    target, weight = target_and_weight(base, nits.astype(np.float64), domain)
    colour = _numbers(STATES[name], 10)
    for isa in SETS:
        found, weighs = library.targets_of(signal, nits, domain, colour, 2, isa)
        # What a gain over next to nothing is made of, single precision has no more of.
        near = 2e-6 if domain == "pq" else 4e-6 if domain == "gain" else 2e-3
        np.testing.assert_allclose(found, target, atol=near)
        np.testing.assert_allclose(weighs, weight, rtol=2e-3 if domain == "ratio" else 2e-4)
        again = library.targets_of(signal, nits, domain, colour, 1, isa)
        np.testing.assert_array_equal(found, again[0])


@pytest.mark.parametrize("strength", [0, 3])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_a_whole_plane_is_that_of_its_strips(domain: Domain, kind: str, strength: int) -> None:
    codes, nits = graded_pair(83, 101)
    pair = Pair(to_signal(codes, 8), NAMED["rec709"], nits, bits=8, floats=False, seed=0)
    pair.strength = strength
    for shift in (0, 1, 2):
        side = Side(pair, domain, Lattice(kind, shift))  # type: ignore[arg-type]
        for channels in (1, 2, 3):
            ours = side._plane(channels)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv(VARIABLE, "0")
                theirs = side._plane(channels)
            for a, b in zip(ours, theirs, strict=True):
                assert a.shape == b.shape
                np.testing.assert_allclose(a, b, atol=3e-4 * np.abs(b).max())


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 4), st.integers(0, 8), st.integers(1, 3))
def test_any_size_has_a_plane(h: int, w: int, shift: int, strength: int, channels: int) -> None:
    rng = np.random.default_rng(h * 41 + w)
    signal = rng.random((h, w, 3)).astype(np.float32)
    nits = (rng.random((h, w, 3)) * 900).astype(np.float32)
    made = [
        library.plane_of_targets(
            *(signal, 8, nits, strength, 1 / 255, "pq", _numbers(NAMED["rec709"], 8), 1 << shift, channels),
            threads=n,
        )
        for n in (1, 3)
    ]
    assert made[0][0].shape == (*Lattice("centred", shift).shape(h, w), channels)
    np.testing.assert_array_equal(made[0][0], made[1][0])
    assert np.isfinite(made[0][0]).all()
    assert (made[0][1] > 0).all()


def test_what_it_does_not_know_is_left_to_numpy() -> None:
    signal, nits = np.full((4, 3), 0.5, np.float32), np.full((4, 3), 99, np.float32)
    state = ColourState("bt709", "bt1886", peak_nits=100)
    assert curve_of(replace(state, range="narrow"), 32) is None
    assert curve_of(NAMED["rec2100-pq"], 10) is None
    picture = signal.reshape(2, 2, 3)
    assert (
        plane_of_targets(picture, picture, NAMED["rec2100-pq"], "pq", bits=10, strength=0, cell=1, channels=1)
        is None
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "0")
        theirs = targets_of(signal, nits, state, "gain", 8)
    np.testing.assert_allclose(targets_of(signal, nits, state, "gain", 8), theirs, rtol=1e-4)


def test_what_is_no_number_stays_alone() -> None:
    signal, nits = np.full((200, 3), 0.5, np.float32), np.full((200, 3), 99, np.float32)
    signal[20, 1] = nits[40, 2] = np.nan
    for isa in SETS:
        for domain in DOMAINS:
            target, _ = library.targets_of(signal, nits, domain, _numbers(NAMED["rec709"], 8), 1, isa)
            clean = np.delete(target, [20, 40], 0)
            assert np.isfinite(clean).all()
            assert (clean == clean[0]).all()


def test_what_cannot_be_is_refused() -> None:
    signal, colour = np.zeros((4, 3), np.float32), _numbers(NAMED["rec709"], 8)
    for call, message in (
        (lambda: library.targets_of(signal, signal[:2], "pq", colour), r"\(n, 3\) both"),
        (lambda: library.targets_of(signal, signal, "log", colour), "pq, gain or ratio"),
        (lambda: library.targets_of(signal, signal, "pq", colour, 1, "abacus"), "no abacus"),
        (lambda: library.targets_of(signal, signal, "pq", ("hlg", *colour[1:])), "power or srgb"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
