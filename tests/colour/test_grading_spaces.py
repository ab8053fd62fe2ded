"""DaVinci Intermediate, DaVinci Wide Gamut and ACEScct against their papers and colour-science."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from candela_engines.colour import acescct, davinci
from candela_engines.errors import InputError

RAMP = np.concatenate([np.linspace(-0.005, 0.05, 301), np.geomspace(0.05, 100, 400)])


def test_anchors() -> None:
    # The white paper's own table, and S-2016-001's value of 18 % grey.
    assert float(davinci.intermediate(0.18)) == pytest.approx(0.336043, abs=1e-6)
    assert float(davinci.intermediate(100.0)) == pytest.approx(0.999999, abs=2e-6)
    assert float(davinci.intermediate(0.0)) == 0.0
    assert float(acescct.encode(0.18)) == pytest.approx(0.4135884, abs=1e-7)
    assert float(acescct.encode(0.0)) == 0.0729055341958355


def test_curves_against_colour_science(cs: Any) -> None:
    light = RAMP[RAMP > 0]  # theirs takes logarithms of the rest before it throws them away
    assert np.abs(davinci.intermediate(light) - cs.models.oetf_DaVinciIntermediate(light)).max() < 1e-12
    assert np.abs(acescct.encode(light) - cs.models.log_encoding_ACEScct(light)).max() < 1e-9
    for there, back in (
        (davinci.intermediate, davinci.inverse_intermediate),
        (acescct.encode, acescct.decode),
    ):
        assert np.abs(back(there(RAMP)) / np.where(RAMP == 0, 1, RAMP) - (RAMP != 0)).max() < 1e-4
        with pytest.raises(InputError, match="dtype"):
            there(np.arange(3))


def test_wide_gamut_against_colour_science(cs: Any) -> None:
    space = cs.RGB_COLOURSPACES
    theirs = cs.matrix_RGB_to_RGB(space["ITU-R BT.2020"], space["DaVinci Wide Gamut"], None)
    ours = davinci.bt2020_to_wide_gamut()
    assert np.abs(ours - theirs).max() < 1e-4  # their matrices are the rounded ones of the papers
    assert np.abs(ours @ np.ones(3) - 1).max() < 1e-12
