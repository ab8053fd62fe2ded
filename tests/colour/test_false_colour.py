"""One table of false colours: in order, told apart, the same in the plugin, and every level in its band."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour import gamuts, srgb
from candela_engines.colour.false_colour import BANDS, band_of, false_colour
from candela_engines.colour.false_colour_header import header
from candela_engines.errors import InputError
from candela_engines.metrics import delta_e_itp_map

ROOT = Path(__file__).parents[2]


def test_the_plugin_has_the_same_table() -> None:
    assert (ROOT / "ofx_bridge/plugin/src/render/false_colour.hpp").read_text() == header()


def test_bands_are_in_order_and_colours_can_be_told_apart() -> None:
    assert BANDS[0].nits == 0
    assert all(a.nits < b.nits for a, b in pairwise(BANDS))
    codes = np.array([[band.colour for band in BANDS]], np.float64) / 255
    light = gamuts.apply_matrix(100 * srgb.eotf(codes), gamuts.rgb_to_rgb("bt709", "bt2020"))[0]
    for a, b in combinations(range(len(BANDS)), 2):
        apart = delta_e_itp_map(light[None, a : a + 1], light[None, b : b + 1])[0, 0]
        assert apart > 20, (BANDS[a], BANDS[b])


@pytest.mark.parametrize(
    ("nits", "meaning"),
    [
        (26, "grey card"),
        (26 * 2**0.24, "grey card"),
        (203, "graphics white"),
        (203 * 0.91, "graphics white"),
        (90, "light skin"),
        (99.9, "light skin"),
        (100, "over SDR's peak"),
        (1000, "over 1000"),
        (999.9, "up to a 1000"),
        (10000, "over 4000"),
    ],
)
def test_levels_that_graders_know(nits: float, meaning: str) -> None:
    assert meaning in BANDS[int(band_of(nits))].meaning


@pytest.mark.parametrize("place", range(len(BANDS)))
def test_a_level_has_the_colour_of_its_band(place: int) -> None:
    levels = np.nextafter(np.float32(BANDS[place].nits), np.float32(1e9)) * np.eye(3, dtype=np.float32)
    view = false_colour(levels[None], relief=0)
    assert view.dtype == np.uint8
    assert (view == BANDS[place].colour).all()
    near = false_colour(levels[None])[0, 0].astype(int)
    assert int(np.argmin([np.abs(near - band.colour).sum() for band in BANDS])) == place


def test_what_is_no_light_is_black_and_what_is_no_picture_is_refused() -> None:
    strange = np.array([[[np.nan, 1, 1], [-5, -5, -5], [np.inf, 0, 0]]], np.float32)
    assert false_colour(strange, relief=0).tolist() == [
        [list(BANDS[0].colour), list(BANDS[0].colour), list(BANDS[-1].colour)]
    ]
    with pytest.raises(InputError, match=r"\(4, 4\)"):
        false_colour(np.zeros((4, 4), np.float32))
