"""Overlays: each colour stands for what the legend says."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour.false_colour import BANDS
from candela_engines.metrics import Rectangle
from candela_engines.scorer.evidence import Mask
from candela_engines.scorer.overlay import (
    HEAT,
    KIND_COLOURS,
    error_heat,
    fault_masks,
    nits_false_colour,
)


@pytest.mark.parametrize("place", range(len(BANDS)))
def test_a_level_has_the_colour_of_its_band(place: int) -> None:
    level = BANDS[place].nits * 1.02 + 1e-4
    view = nits_false_colour(np.full((50, 640, 3), level, np.float32))
    assert view.shape[0] > 50 and view.shape[1:] == (640, 3)
    distance = [np.abs(view[10, 10].astype(float) - band.colour).sum() for band in BANDS]
    assert int(np.argmin(distance)) == place


def test_a_mask_lies_on_its_pixels() -> None:
    flags = np.zeros((30, 100), np.bool_)
    flags[10:20, 20:40] = True
    view = fault_masks(
        np.full((60, 200, 3), 30, np.float32), [("noise", Mask(flags, 2, Rectangle(0, 0, 200, 60)))]
    )
    coloured = np.abs(view[:60].astype(int).max(axis=2) - view[:60].astype(int).min(axis=2)) > 20
    assert coloured[20:40, 40:80].all() and coloured.sum() == 20 * 40
    assert tuple(np.sign(np.subtract(KIND_COLOURS["noise"], 100))) == (-1, 1, 1)


def test_heat_grows_with_the_difference() -> None:
    a = np.full((50, 300, 3), 50, np.float32)
    b = a.copy()
    b[:, 100:200] *= 1.05
    b[:, 200:] *= 4
    view = error_heat(a, b)
    assert tuple(view[5, 5]) == HEAT[0][1] and view[5, 150].sum() < view[5, 250].sum()


def test_small_pictures_have_no_legend_and_nan_is_black() -> None:
    small = np.full((8, 8, 3), np.nan, np.float32)
    assert nits_false_colour(small).shape == (8, 8, 3)
    assert fault_masks(small, []).shape == (8, 8, 3)
