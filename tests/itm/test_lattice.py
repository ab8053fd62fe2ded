"""Lattices of a plane: their weights, fitting to them, and finding that of a photograph's gain map."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.itm.pairs import graded_pair

from candela_engines.colour.names import NAMED
from candela_engines.itm.decode import decode_payload, render, to_signal
from candela_engines.itm.domain import base_of
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.lattice import HALO, Lattice, ShepardField, fit_shepard
from candela_engines.itm.pair import Pair, Side
from candela_engines.itm.photograph import map_lattice
from candela_engines.metrics import pu_psnr

SRGB = NAMED["srgb"]


def by_distance(nodes: np.ndarray, cell: int, y: int, x: int) -> float:
    """Shepard's mean of the four nodes around one pixel, from its definition."""
    i, j = y // cell, x // cell
    total = share = 0.0
    for a, b in ((i, j), (i, j + 1), (i + 1, j), (i + 1, j + 1)):
        distance = np.hypot(y - a * cell, x - b * cell)
        value = nodes[min(a, nodes.shape[0] - 1), min(b, nodes.shape[1] - 1), 0]
        if distance == 0:
            return float(value)
        total, share = total + value / distance, share + 1 / distance
    return total / share


@pytest.mark.twice
@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 3), st.integers(0, 2**32))
def test_a_pixel_takes_its_four_nodes_by_inverse_distance(h: int, w: int, shift: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    lattice = Lattice("shepard", shift)
    nodes = rng.normal(size=(*lattice.shape(h, w), 1)).astype(np.float32)
    field = lattice.field(nodes)
    rows = field.rows(0, h, w)
    for _ in range(8):
        y, x = int(rng.integers(h)), int(rng.integers(w))
        assert rows[y, x, 0] == pytest.approx(by_distance(nodes, lattice.cell, y, x), abs=1e-5)


@pytest.mark.twice
@pytest.mark.parametrize("cell", [2, 4, 8])
def test_a_field_is_found_again_whatever_the_weights(cell: int) -> None:
    rng = np.random.default_rng(0)
    ys, xs = np.mgrid[0:30, 0:40]
    nodes = (np.sin(ys / 4) + np.cos(xs / 5) + 0.05 * rng.normal(size=ys.shape))[..., None].astype(np.float32)
    field = ShepardField(nodes, cell).rows(0, 30 * cell - 1, 40 * cell - 1)
    weight = (rng.random(field.shape) ** 2).astype(np.float32)
    found, total = fit_shepard(field, weight, cell)
    assert found.shape == total.shape == nodes.shape
    assert float(np.abs(found - nodes)[:-1, :-1].max()) < 0.06
    assert float(np.sqrt(np.mean(np.square(found - nodes)))) < 0.01


@pytest.mark.twice
def test_a_part_with_its_halo_gives_the_nodes_of_the_whole() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(160, 24, 1)).astype(np.float32)
    weight = rng.random(values.shape).astype(np.float32)
    whole, _ = fit_shepard(values, weight, 4)
    first, last = 12, 20
    rows = slice((first - HALO) * 4, (last + HALO) * 4)
    part, _ = fit_shepard(values[rows], weight[rows], 4)
    np.testing.assert_allclose(part[HALO : HALO + last - first], whole[first:last], atol=1e-5)


def photograph(cell: int, height: int = 200, width: int = 264) -> tuple[np.ndarray, np.ndarray]:
    """Codes, and the master that an 8-bit gain map of such cells makes of them by libultrahdr's weights."""
    codes, _ = graded_pair(height, width)
    light = base_of(to_signal(codes, 8), SRGB, "gain").max(-1)[::cell, ::cell]
    rng = np.random.default_rng(3)
    log2 = 2.2 * light / light.max() + 0.03 * rng.normal(size=light.shape)
    nodes = (np.rint(np.clip(log2 / 2.5, 0, 1) * 255) / 255 * 2.5)[..., None].astype(np.float32)
    gain = np.exp2(ShepardField(nodes, cell).rows(0, height, width))
    return codes, (base_of(to_signal(codes, 8), SRGB, "gain") * gain * 203).astype(np.float32)


@pytest.mark.parametrize("cell", [2, 4, 8])
def test_the_lattice_of_a_gain_map_is_found(cell: int) -> None:
    codes, nits = photograph(cell)
    pair = Pair(to_signal(codes, 8), SRGB, nits, bits=8, floats=False, seed=0)
    assert map_lattice(pair) == Lattice("shepard", cell.bit_length() - 1)


@pytest.mark.parametrize("window", [False, True])
def test_a_grade_has_no_such_lattice(window: bool) -> None:
    codes, nits = graded_pair(200, 264, window=window)
    assert map_lattice(Pair(to_signal(codes, 8), SRGB, nits, bits=8, floats=False, seed=0)) is None


def test_tiny_pictures_are_looked_at_without_complaint() -> None:
    for h, w in ((1, 1), (1, 9), (3, 2)):
        codes, nits = graded_pair(8, 12)
        pair = Pair(to_signal(codes[:h, :w], 8), SRGB, nits[:h, :w], bits=8, floats=False, seed=0)
        assert map_lattice(pair) is None


def test_strips_of_a_plane_on_nodes_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    from candela_engines.itm import pair as module

    codes, nits = photograph(4)
    pair = Pair(to_signal(codes, 8), SRGB, nits, bits=8, floats=False, seed=0)
    side = Side(pair, "ratio", Lattice("shepard", 2))
    whole, weight = side._plane(1)
    monkeypatch.setattr(module, "STRIP", 264 * 4 * 5)
    parts, again = side._plane(1)
    np.testing.assert_allclose(parts, whole, atol=2e-5)
    np.testing.assert_allclose(again, weight, rtol=1e-4, atol=1e-6)


@pytest.mark.twice
def test_a_photograph_is_kept_by_its_own_map() -> None:
    codes, nits = photograph(4)
    fitted = fit_pair(codes, SRGB, nits, budget=4096, effort="fast")
    assert fitted.details["domain"] == "ratio"
    assert fitted.details["lattice"] == "shepard"
    assert pu_psnr(render(decode_payload(fitted.payload), codes), nits) > 50
