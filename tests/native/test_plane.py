"""The guide plane's encoder in C++ and in numpy: the same bytes, for any threads and instruction set."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import InputError
from candela_engines.itm.coding import quantise
from candela_engines.itm.guide import Guide, GuideCoder
from candela_engines.native import VARIABLE, native

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
SETS = [] if library is None else library.instruction_sets()


def made(height: int, width: int, channels: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A plane with or without structure, and weights from 0 to 1."""
    rng = np.random.default_rng(seed)
    plane = rng.normal(size=(height, width, channels)) * rng.choice([0.02, 0.3, 3])
    if seed % 2:
        plane = np.cumsum(np.cumsum(plane, 0), 1) * 0.05
    return plane.astype(np.float32), (rng.random(plane.shape) ** 2).astype(np.float32)


def by_numpy(function, *arguments, **named):  # type: ignore[no-untyped-def]
    """What a call gives without the library."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "0")
        return function(*arguments, **named)


def close(a: Guide | None, b: Guide | None) -> bool:
    """The same coding; logarithms of two libraries may tip a step by one."""
    if a is None or b is None:
        return a is b
    near = abs(len(a.data) - len(b.data)) <= 2 + len(b.data) // 50
    return near and abs(a.step - b.step) <= 1 + a.step // 500


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 70), st.integers(1, 90), st.integers(1, 3), st.integers(1, 5), st.integers(0, 1 << 32))
def test_any_plane_is_coded_as_by_numpy(h: int, w: int, channels: int, threads: int, seed: int) -> None:
    plane, weight = made(h, w, channels, seed)
    reference = by_numpy(GuideCoder, plane, weight)
    coders = [library.PlaneCoder(plane, weight, isa) for isa in SETS]
    # The later ones go on from what the first was relaxed for.
    for budget, draft in ((60 + h * w // 8, True), (60 + h * w // 9, False), (30, True)):
        theirs = by_numpy(reference.code, budget, draft=draft)
        found = [coder.code(budget, draft, 1 + (threads + i) % 5) for i, coder in enumerate(coders)]
        ours = None if found[0] is None else Guide(*found[0])
        assert close(ours, theirs)
        for other in found[1:]:
            assert (other is None) == (ours is None)
            if ours is not None:
                assert other[1:] == (ours.step, ours.data)
                np.testing.assert_array_equal(other[0], ours.plane)
        if ours is not None:
            assert len(ours.data) <= budget
            bands = by_numpy(quantise.decode_planes, ours.data, h, w, channels)
            samples = by_numpy(quantise.dequantise, bands, h, w, ours.step) / quantise.UNIT
            np.testing.assert_array_equal(ours.plane, samples.astype(np.float32))


def test_large_planes_do_not_depend_on_threads() -> None:
    plane, weight = made(301, 402, 1, 3)
    coded = [library.PlaneCoder(plane, weight, isa).code(3000, False, n) for isa in SETS for n in (1, 2, 3)]
    assert all(each[2] == coded[0][2] for each in coded)


@pytest.mark.parametrize("by", ["native", "numpy"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(monkeypatch: pytest.MonkeyPatch, by: str, bad: float) -> None:
    if by == "numpy":
        monkeypatch.setenv(VARIABLE, "0")
    for which, message in ((0, "not finite"), (1, "finite and not negative")):
        parts = made(20, 30, 1, 0)
        parts[which][7, 8] = bad
        with pytest.raises(InputError, match=message):
            GuideCoder(*parts)
    plane, weight = made(20, 30, 1, 0)
    with pytest.raises(InputError, match="not negative"):
        GuideCoder(plane, -weight)


def test_tiny_numbers_are_coded() -> None:
    plane, weight = made(40, 50, 1, 2)
    for scale in (np.float32(1e-42), np.float32(1e-30)):
        guide = GuideCoder(plane * scale, weight * scale).code(100)
        assert guide is not None
        assert not guide.plane.any()


def test_what_does_not_fit_is_refused() -> None:
    plane, weight = made(20, 30, 1, 0)
    with pytest.raises(ValueError, match="of one shape"):
        library.PlaneCoder(plane, weight[:10].copy())
    with pytest.raises(ValueError, match="bounds of a payload"):
        library.PlaneCoder(np.zeros((2, 3, 5), np.float32), np.zeros((2, 3, 5), np.float32))
    with pytest.raises(ValueError, match="no abacus"):
        library.PlaneCoder(plane, weight, "abacus")


@pytest.mark.parametrize("step", [1, 1000, 1 << 20])
def test_planes_are_joined_alike_where_32_bits_end(step: int) -> None:
    rng = np.random.default_rng(step)
    bands = quantise.quantise_planes(quantise.split_planes(rng.normal(size=(50, 61, 2)) * 30), max(step, 60))
    ours = quantise.dequantise(bands, 50, 61, step)
    np.testing.assert_array_equal(ours, by_numpy(quantise.dequantise, bands, 50, 61, step))
