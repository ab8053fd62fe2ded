"""Fidelity by the native library, held to the metrics of Python."""

import math
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.itm.quality import _by_metrics, _of_native, measure, measure_frame
from candela_engines.native import VARIABLE, native
from candela_engines.runtime.frame import Curve, Frame, FrameNumbers

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")
SETS = [] if library is None else library.instruction_sets()


def light(rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """Light from next to nothing to beyond what PQ has, some of it black, denormal or below zero."""
    nits = np.exp(rng.uniform(np.log(1e-3), np.log(1.2e4), (h, w, 3))).astype(np.float32)
    for value in (0, 1e-40, -0.5):
        nits[rng.random((h, w, 3)) < 0.03] = value
    return nits


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 150), st.integers(1, 150), st.integers(0, 1 << 32), st.floats(0, 0.3))
def test_fidelity_is_that_of_the_metrics(h: int, w: int, seed: int, off: float) -> None:
    rng = np.random.default_rng(seed)
    reference = light(rng, h, w)
    test = (reference * (1 + off * rng.normal(size=(h, w, 3)))).astype(np.float32)
    exact = _by_metrics([(0, test)], reference, None)[0]
    for isa in SETS:
        sums = library.Fidelity(w, h)
        sums.add(0, test, reference, 2, isa)
        found = _of_native(sums, h, w)[0]
        # A thousandth of a decibel, or what single precision has no more of.
        for ours, theirs in (
            (found.pu_psnr, exact.pu_psnr),
            (found.worst_pu_psnr, exact.worst_pu_psnr),
        ):
            assert rms(ours) == pytest.approx(rms(theirs), rel=1.1e-4, abs=1e-4)
        # A step of single precision in PQ near full scale is 4e-5 of ΔE_ITP; each of six may be off by some.
        assert found.delta_e_mean == pytest.approx(exact.delta_e_mean, abs=5e-4, rel=1e-4)
        assert found.delta_e_p99 == pytest.approx(exact.delta_e_p99, abs=2e-3, rel=1e-5)


def rms(psnr: float) -> float:
    """The error in units of PU21 that a PU-PSNR stands for."""
    return 256 * 10 ** (-psnr / 20)


def test_a_picture_is_like_itself() -> None:
    same = light(np.random.default_rng(0), 70, 66)
    found = measure([(0, same)], same)
    assert (found.pu_psnr, found.delta_e_mean, found.delta_e_p99) == (math.inf, 0, 0)


def test_neither_strips_nor_threads_change_it() -> None:
    rng = np.random.default_rng(3)
    reference, test = light(rng, 133, 201), light(rng, 133, 201)
    for isa in SETS:
        made = []
        for threads, strip in ((1, 133), (3, 133), (2, 7), (1, 64)):
            sums = library.Fidelity(201, 133)
            for y in range(0, 133, strip):
                sums.add(y, test[y : y + strip], reference[y : y + strip], threads, isa)
            made.append((sums.tiles(), sums.delta_sum, sums.delta_most, sums.histogram()))
        for other in made[1:]:
            for a, b in zip(made[0], other, strict=True):
                np.testing.assert_array_equal(a, b)
        assert made[0][3].sum() == 133 * 201


def test_what_is_no_number_is_said() -> None:
    reference = np.full((70, 90, 3), 50, np.float32)
    test = reference.copy()
    test[66, 80, 1] = np.nan
    found = measure([(0, test)], reference)
    assert math.isnan(found.pu_psnr)
    assert math.isnan(found.delta_e_mean)
    assert math.isnan(found.delta_e_p99)


def frame_of(h: int, w: int) -> Frame:
    rng = np.random.default_rng(1)
    sizes = ((7, 12), (12, 3))
    weights = [(rng.normal(size=s) / 20).astype(np.float32) for s in sizes]
    biases = [(rng.normal(size=s[1]) / 20).astype(np.float32) for s in sizes]
    curve = Curve("power", 2.4, 1, 0, np.eye(3))
    numbers = FrameNumbers(weights, biases, None, "centred", 0, 1.0, "pq", 3, 0.75, curve)
    return Frame(numbers, h, w)


@pytest.mark.parametrize("shape", [(1, 1), (37, 53), (130, 200)])
def test_a_rendering_is_measured_as_it_is(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    h, w = shape
    codes = rng.integers(0, 256, (h, w, 3), np.uint8)
    reference = light(rng, h, w)
    frame = frame_of(h, w)
    nits = np.empty((h, w, 3), np.float32)
    frame.render(codes, 8, frame.surroundings(codes, 8), nits)
    ticks: list[float] = []
    assert measure_frame(frame, codes, 8, reference, ticks.append) == measure([(0, nits)], reference)
    assert ticks[-1] == 1
    around = frame.surroundings(codes, 8)
    for threads in (1, 3):
        sums = library.Fidelity(w, h)
        for top in range(0, h, 13):  # strips across the tiles of the rendering
            rows = min(13, h - top)
            frame.add_fidelity(sums, codes, 8, around, reference, top, rows, threads=threads)
        whole = library.Fidelity(w, h)
        whole.add(0, nits, reference)
        np.testing.assert_array_equal(sums.tiles(), whole.tiles())
        assert sums.delta_sum == whole.delta_sum


def test_both_paths_take_strips() -> None:
    rng = np.random.default_rng(4)
    reference, test = light(rng, 40, 30), light(rng, 40, 30)
    assert os.environ.get(VARIABLE) != "0"
    strips = [(y, test[y : y + 9]) for y in range(0, 40, 9)]
    ours = measure(strips, reference)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "0")
        theirs = measure(strips, reference)
    assert ours.pu_psnr == pytest.approx(theirs.pu_psnr, abs=1e-3)


def test_what_does_not_fit_is_refused() -> None:
    sums = library.Fidelity(8, 6)
    rows = np.zeros((3, 8, 3), np.float32)
    codes, frame = np.zeros((6, 8, 3), np.uint8), frame_of(6, 8)
    whole = np.zeros((6, 8, 3), np.float32)
    around = frame.surroundings(codes, 8)
    many, tall = library.Fidelity(6, 400), np.zeros((400, 6, 3), np.float32)
    for call, message in (
        (lambda: library.Fidelity(0, 3), "0x3"),
        (lambda: sums.add(4, rows, rows), "rows 4..7"),
        (lambda: sums.add(0, rows, rows[:2]), "one size"),
        (lambda: sums.add(0, rows[:, :7].copy(), rows[:, :7].copy()), "width"),
        (lambda: sums.add(0, rows, rows, 1, "abacus"), "no abacus"),
        (lambda: many.add(0, tall, tall, 4, "abacus"), "no abacus"),  # said by whichever thread
        (lambda: frame.add_fidelity(sums, codes, 8, around, rows, 0, 6), "size that is measured"),
        (lambda: frame.add_fidelity(sums, codes[:5], 8, around, whole, 0, 5), "size"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
