"""PU-VTAMIQ-S at work: equal pictures lose nothing, patches are aligned, and bad input is told."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.colour import pu21
from candela_engines.errors import InfrastructureError, InputError
from candela_engines.scorer.pu_vtamiq import Display, PatchGrid, PuVtamiq, load_pu_vtamiq
from candela_engines.scorer.pu_vtamiq.display import planes_of
from candela_engines.scorer.pu_vtamiq.engine import FILE, opened_pu_vtamiq
from candela_engines.scorer.pu_vtamiq.graph import build
from candela_engines.scorer.pu_vtamiq.patches import COUNTS, SAMPLES
from candela_engines.scorer.pu_vtamiq.shape import CELLS, cell_of
from candela_engines.weights.listing import ship_bytes

from .random_weights import random_weights


@pytest.fixture(scope="module")
def network() -> PuVtamiq:
    return load_pu_vtamiq(random_weights(), threads=1)


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.exp(random.normal(2.5, 1.5, (height, width, 3))).astype(np.float32)


def test_equal_pictures_lose_nothing_and_others_do(network: PuVtamiq) -> None:
    """The sign of an untrained network is chance: one of both ways is a loss."""
    light = picture(120, 200)
    assert network(light, light).jod == 10.0
    other = np.asarray(light * np.float32(0.5), np.float32)
    jods = network(other, light).jod, network(light, other).jod
    assert min(jods) < 10.0
    assert np.all(network(other, light).places > 0)


def test_the_same_every_time_and_on_any_threads(network: PuVtamiq) -> None:
    light, other = picture(90, 160), picture(90, 160, 1)
    first, again = network(other, light), network(other, light)
    assert first.jod == again.jod and np.array_equal(first.places, again.places)
    two = load_pu_vtamiq(random_weights(), threads=2)(other, light)
    assert two.jod == pytest.approx(first.jod, abs=1e-4)


def test_the_map_shows_where(network: PuVtamiq) -> None:
    """A fault in one corner is carried by the patches over it."""
    light = picture(256, 512)
    other = light.copy()
    other[:96, :128] *= 0.3
    found = network(other, light).map()
    assert found.shape == (16, 32)
    assert np.nanmean(found[:6, :8]) > 3 * np.nanmean(found[8:, 16:])


def test_display_by_hand() -> None:
    """Eq. 1 and 2: half of 1000 nit on a black of .1 with 100 lux at k = .005."""
    display = Display(1000.0, 0.1, 100.0, 0.005)
    reflected = 0.005 * 100 / math.pi
    shown = display.shows(np.array([0.0, 500.0, 1000.0, 4000.0, -3.0, np.nan], np.float32))
    wanted = [0.1 + reflected, 999.9 * 0.5 + 0.1 + reflected, 1000 + reflected, 1000 + reflected]
    np.testing.assert_allclose(shown, [*wanted, wanted[0], wanted[0]], rtol=1e-6)


def test_planes_have_their_ends() -> None:
    low, high = (np.full((1, 3), value, np.float32) for value in (pu21.MIN_NITS, pu21.MAX_NITS))
    np.testing.assert_allclose(planes_of(low)[0], [-1, -1, -1, -1], atol=1e-4)
    np.testing.assert_allclose(planes_of(high)[0], [1, 1, 1, 1], atol=1e-4)
    # 100 nit is PU21 256.384 of 595.394 (the reference code's own table).
    grey = planes_of(np.full((1, 3), 100.0, np.float32))[0]
    np.testing.assert_allclose(grey[:3], 2 * 256.384 / 595.394 - 1, atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.integers(16, 700), st.integers(16, 700), st.one_of(st.none(), st.integers(0, 99)))
def test_patches_lie_inside_and_are_what_lies_there(height: int, width: int, seed: int | None) -> None:
    random = None if seed is None else np.random.default_rng(seed)
    grid = PatchGrid.over(height, width, random=random)
    assert len(grid.tops) == sum(COUNTS)
    assert np.all(grid.tops >= 0) and np.all(grid.tops + grid.sides <= height)
    assert np.all(grid.lefts >= 0) and np.all(grid.lefts + grid.sides <= width)
    assert np.all(grid.sides % SAMPLES == 0)
    ramp = np.add.outer(np.arange(height), np.arange(width) / 1000)[..., None].astype(np.float32)
    seen = grid.of(ramp, lambda part: part)
    middle = grid.tops + (grid.sides - 1) / 2 + (grid.lefts + (grid.sides - 1) / 2) / 1000
    np.testing.assert_allclose(seen.samples.mean(axis=(1, 2, 3)), middle, rtol=1e-5, atol=1e-3)
    assert np.all((cell_of(seen.uv) >= 0) & (cell_of(seen.uv) < CELLS**2))


def test_sizes_cover_the_picture() -> None:
    """Without jitter the largest patches of a 4K frame lie a 32nd of its width apart and inside."""
    grid = PatchGrid.over(2160, 3840)
    assert set(grid.sides[grid.size == 2]) == {112}
    assert len(np.unique(grid.tops[grid.size == 0])) * len(np.unique(grid.lefts[grid.size == 0])) == COUNTS[0]


@pytest.mark.parametrize(
    ("test", "reference", "said"),
    [
        (np.zeros((64, 64)), np.zeros((64, 64, 3)), r"test of shape \(64, 64\)"),
        (np.zeros((64, 64, 3)), np.zeros((64, 80, 3)), "64x64 pixels, reference of 80x64"),
        (np.zeros((15, 64, 3)), np.zeros((15, 64, 3)), "64x15 pixels; 16 a side are needed"),
    ],
)
def test_bad_input_is_told(network: PuVtamiq, test: np.ndarray, reference: np.ndarray, said: str) -> None:
    with pytest.raises(InputError, match=said):
        network(test.astype(np.float32), reference.astype(np.float32))


def test_not_numbers_are_black(network: PuVtamiq) -> None:
    light = picture(64, 64)
    holes = light.copy()
    holes[5:9, 5:9] = np.nan
    black = np.nan_to_num(holes, nan=0.0)
    assert network(holes, light).jod == network(black, light).jod


def test_weights_that_do_not_hold_are_told() -> None:
    weights = random_weights()
    del weights["blocks.2.key.bias"]
    with pytest.raises(InfrastructureError, match="pu_vtamiq_s: its weights do not hold"):
        load_pu_vtamiq(weights)


def test_a_file_is_listed_as_it_is(tmp_path: Path) -> None:
    """What ships is found by its SHA-256, and opens."""
    said = build(random_weights(), {"candela.name": "pu_vtamiq_s"})
    digest = ship_bytes(said, FILE, made_by="a test", card="docs/model_cards/none.md", folder=tmp_path)
    entry = json.loads((tmp_path / "manifest.json").read_text("utf-8"))[FILE]
    data = (tmp_path / FILE).read_bytes()
    assert entry["sha256"] == digest == hashlib.sha256(data).hexdigest() and entry["bytes"] == len(data)
    light = picture(64, 64)
    assert opened_pu_vtamiq(data)(light, light).jod == 10.0
