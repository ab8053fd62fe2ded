"""Grids over pictures and pixels of them, in C++ and in numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.itm.dequantise import dequantise_rows, steps_at, steps_of_rows
from candela_engines.itm.features import features_at, surroundings
from candela_engines.itm.field import Field, cell_means, over_full_scale, pixels_at
from candela_engines.itm.lattice import KINDS, Kind, Lattice, ShepardField, fit_shepard
from candela_engines.itm.pair import squares
from candela_engines.native import VARIABLE, native

library = native()
pytestmark = pytest.mark.skipif(library is None, reason="the native library is not built here")

SIDES = st.integers(1, 150)
SEEDS = st.integers(0, 1 << 32)


def by_numpy(function, *arguments):  # type: ignore[no-untyped-def]
    """What a call gives without the library."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "0")
        return function(*arguments)


@settings(max_examples=40, deadline=None)
@given(SIDES, SIDES, st.integers(1, 3), st.sampled_from([1, 2, 4, 8, 16, 64]), SEEDS)
def test_means_are_those_of_numpy(h: int, w: int, channels: int, cell: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(h, w, channels)).astype(np.float32)
    np.testing.assert_allclose(cell_means(values, cell), by_numpy(cell_means, values, cell), atol=1e-6)
    np.testing.assert_allclose(squares(values, cell), by_numpy(squares, values, cell), atol=1e-4)
    if channels == 3:
        ours, theirs = surroundings(values).means, by_numpy(surroundings, values).means
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a.nodes, b.nodes, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(SIDES, SIDES, st.integers(1, 3), st.sampled_from(KINDS), st.integers(0, 4), SEEDS)
def test_fields_are_read_as_by_numpy(
    h: int, w: int, channels: int, kind: Kind, shift: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    lattice = Lattice(kind, shift)
    nodes = rng.normal(size=(*lattice.shape(h, w), channels)).astype(np.float32)
    field = lattice.field(nodes)
    top = int(rng.integers(0, h + 1))
    bottom = int(rng.integers(top, h + 1))
    np.testing.assert_array_equal(field.rows(top, bottom, w), by_numpy(field.rows, top, bottom, w))
    ys, xs = rng.integers(0, h, 40), rng.integers(0, w, 40)
    np.testing.assert_array_equal(field.at(ys, xs), by_numpy(field.at, ys, xs))
    signal = rng.random((h, w, 3)).astype(np.float32)
    np.testing.assert_array_equal(pixels_at(signal, ys, xs), signal[ys, xs])
    bare = surroundings(signal)
    for which in (bare.with_plane(nodes, lattice, 0.3), bare):
        ours = features_at(signal[ys, xs], which, ys, xs)
        np.testing.assert_allclose(ours, by_numpy(features_at, signal[ys, xs], which, ys, xs), atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, SEEDS)
def test_steps_at_pixels_are_those_of_rows(h: int, w: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    signal = np.rint(rng.normal(0.5, 0.02, (h, w, 3)) * 255).astype(np.float32) / np.float32(255)
    ys, xs = rng.integers(0, h, 60), rng.integers(0, w, 60)
    rows = steps_of_rows(signal, 0, h, 1 / 255)
    np.testing.assert_array_equal(steps_at(signal, ys, xs, 8), rows[ys, xs])
    np.testing.assert_array_equal(by_numpy(steps_at, signal, ys, xs, 8), rows[ys, xs])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 3), st.sampled_from([2, 4, 8, 16]), SEEDS)
def test_nodes_are_fitted_as_in_double(h: int, w: int, channels: int, cell: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(h, w, channels)).astype(np.float32)
    weight = (rng.random(values.shape) ** 2).astype(np.float32)
    nodes, totals = fit_shepard(values, weight, cell)
    theirs, weights = by_numpy(fit_shepard, values, weight, cell)
    np.testing.assert_allclose(nodes, theirs, atol=2e-4)
    np.testing.assert_allclose(totals, weights, rtol=1e-4, atol=1e-6)
    for threads in (1, 3):
        again, _ = library.fit_shepard(values, weight, cell, threads)
        np.testing.assert_array_equal(again, nodes)


def test_what_cannot_be_is_refused() -> None:
    grid = np.zeros((3, 4, 1), np.float32)
    one = np.zeros(1, np.int64)
    for call, message in (
        (lambda: library.field_rows((grid, 1.0, 0.0, 0), 3, 2, 5), "top <= bottom"),
        (lambda: library.field_at((grid, 1.0, 0.0, 2), one - 1, one), "outside its picture"),
        (lambda: library.pixels_at(np.zeros((3, 4, 3), np.float32), one + 3, one), "outside its picture"),
        (lambda: library.fit_shepard(grid, grid[:2], 2), "of one shape"),
        (lambda: library.cell_means(grid, 0), "1 pixel a side"),
        (lambda: library.cell_means_of_largest(grid, [4]), r"\(H, W, 3\)"),
        (lambda: Field(grid[:0], 0.5, 0.0).rows(0, 1, 1), "none of these is 0"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_what_is_no_number_stays_where_it_is() -> None:
    nodes = np.zeros((9, 9, 1), np.float32)
    nodes[4, 4] = np.nan
    for field in (Field(nodes, 0.25, -0.375), ShepardField(nodes, 4)):
        rows = field.rows(0, 36, 36)
        np.testing.assert_array_equal(np.isnan(rows), np.isnan(by_numpy(field.rows, 0, 36, 36)))
        assert np.isnan(rows).any()
        assert not np.isnan(rows[:8]).any()


KINDS_OF_CODES = [(np.uint8, 8), (np.uint16, 10), (np.uint16, 16), (np.float32, 8)]


@pytest.mark.parametrize(("dtype", "bits"), KINDS_OF_CODES)
def test_codes_are_read_as_they_are(dtype: type, bits: int) -> None:
    rng = np.random.default_rng(bits)
    codes = rng.integers(0, 1 << bits, (70, 91, 3)).astype(dtype)
    if dtype == np.float32:
        codes /= (1 << bits) - 1
    signal = over_full_scale(codes, bits)
    ys, xs = rng.integers(0, 70, 300), rng.integers(0, 91, 300)
    flipped = np.ascontiguousarray(codes[::-1])[::-1]  # strides of any sign
    for each in (codes, flipped):
        np.testing.assert_array_equal(pixels_at(each, ys, xs, bits), signal[ys, xs])
        np.testing.assert_array_equal(steps_at(each, ys, xs, bits), steps_at(signal, ys, xs, bits))
    ours, theirs = surroundings(codes, bits).means, by_numpy(surroundings, signal).means
    for a, b in zip(ours, theirs, strict=True):
        assert a.nodes.shape == b.nodes.shape
        np.testing.assert_allclose(a.nodes, b.nodes, atol=2e-6)
    np.testing.assert_array_equal(
        dequantise_rows(codes, 5, 9, 3, bits), dequantise_rows(signal, 0, 70, 3, bits)[5:9]
    )


def test_the_largest_number() -> None:
    numbers = np.random.default_rng(0).normal(size=(3, 100_001, 3)).astype(np.float32)
    assert library.largest_of(numbers) == numbers.max()
    assert library.largest_of(-np.abs(numbers), 1) == 0
    for bad in (np.nan, np.inf, -np.inf):
        numbers[1, 70_000, 2] = bad
        assert np.isnan(library.largest_of(numbers))
