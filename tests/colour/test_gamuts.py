"""Matrices against the standards' printed figures, colour-science and OpenColorIO."""

from __future__ import annotations

import itertools
from typing import get_args

import numpy as np
import pytest

from candela_engines.colour import gamuts
from candela_engines.colour.state import Primaries
from candela_engines.errors import InputError

ALL = get_args(Primaries)
IN_COLOUR_SCIENCE = {
    "bt709": "ITU-R BT.709",
    "p3d65": "P3-D65",
    "bt2020": "ITU-R BT.2020",
    "ap0": "ACES2065-1",
    "ap1": "ACEScg",
}


@pytest.mark.parametrize("name", ALL)
def test_matrices_agree_with_colour_science(cs, name: str) -> None:
    space = cs.RGB_COLOURSPACES[IN_COLOUR_SCIENCE[name]]
    expected = cs.normalised_primary_matrix(space.primaries, space.whitepoint)
    np.testing.assert_allclose(gamuts.rgb_to_xyz(name), expected, atol=1e-12)
    np.testing.assert_allclose(gamuts.xyz_to_rgb(name) @ gamuts.rgb_to_xyz(name), np.eye(3), atol=1e-14)


@pytest.mark.parametrize(("a", "b"), list(itertools.permutations(ALL, 2)))
def test_conversions_agree_with_colour_science(cs, a: str, b: str) -> None:
    spaces = []
    for name in (a, b):
        space = cs.RGB_COLOURSPACES[IN_COLOUR_SCIENCE[name]].copy()
        space.use_derived_transformation_matrices(True)
        spaces.append(space)
    expected = cs.matrix_RGB_to_RGB(*spaces, chromatic_adaptation_transform="Bradford")
    np.testing.assert_allclose(gamuts.rgb_to_rgb(a, b), expected, atol=1e-9)
    np.testing.assert_allclose(gamuts.rgb_to_rgb(a, b).sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_allclose(gamuts.rgb_to_rgb(a, b) @ gamuts.rgb_to_rgb(b, a), np.eye(3), atol=1e-12)


def test_printed_figures() -> None:
    """BT.2087-0 prints 709 to 2020; ST 2065-1 and S-2014-004 print the ACES luminance rows."""
    printed = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    np.testing.assert_allclose(gamuts.rgb_to_rgb("bt709", "bt2020"), printed, atol=6e-5)
    np.testing.assert_allclose(
        gamuts.rgb_to_xyz("ap0")[1], [0.3439664498, 0.7281660966, -0.0721325464], atol=1e-9
    )
    np.testing.assert_allclose(
        gamuts.rgb_to_xyz("ap1")[1], [0.2722287168, 0.6740817658, 0.0536895174], atol=1e-9
    )
    np.testing.assert_allclose(gamuts.rgb_to_xyz("bt709")[1], [0.2126, 0.7152, 0.0722], atol=5e-5)
    np.testing.assert_allclose(gamuts.rgb_to_xyz("bt2020")[1], gamuts.LUMA_BT2020, atol=5e-5)


@pytest.mark.parametrize(
    ("style", "matrix"),
    [
        (
            "UTILITY - ACES-AP0_to_CIE-XYZ-D65_BFD",
            gamuts.rgb_to_xyz("bt2020") @ gamuts.rgb_to_rgb("ap0", "bt2020"),
        ),
        (
            "UTILITY - ACES-AP1_to_CIE-XYZ-D65_BFD",
            gamuts.rgb_to_xyz("bt2020") @ gamuts.rgb_to_rgb("ap1", "bt2020"),
        ),
        ("UTILITY - ACES-AP1_to_LINEAR-REC709_BFD", gamuts.rgb_to_rgb("ap1", "bt709")),
        ("ACEScg_to_ACES2065-1", gamuts.rgb_to_rgb("ap1", "ap0")),
    ],
)
def test_adaptation_agrees_with_ocio(style: str, matrix: np.ndarray) -> None:
    import PyOpenColorIO as ocio

    rgb = np.eye(3, dtype=np.float32)
    ocio.Config.CreateRaw().getProcessor(ocio.BuiltinTransform(style)).getDefaultCPUProcessor().applyRGB(rgb)
    np.testing.assert_allclose(matrix.T, rgb, atol=2e-6)


def test_apply_matrix_keeps_shape_dtype_and_excursions() -> None:
    matrix = gamuts.rgb_to_rgb("bt2020", "bt709")
    for dtype in (np.float32, np.float64):
        out = gamuts.apply_matrix(np.array([[[0.0, 1.0, 0.0]]], dtype), matrix)
        assert out.dtype == dtype and out.shape == (1, 1, 3) and out.min() < 0 < 1 < out.max()
    bad = gamuts.apply_matrix(np.array([[np.nan, 0, 0], [np.inf, 0, 0], [0, 0, 1.0]]), matrix)
    assert np.isnan(bad[0]).all() and not np.isfinite(bad[1]).any() and np.isfinite(bad[2]).all()
    source = np.ones((2, 3))
    same = gamuts.apply_matrix(source, np.eye(3))
    same[:] = 0
    assert source.all(), "the identity must not hand out the caller's own array"
    with pytest.raises(InputError):
        gamuts.apply_matrix(np.ones((2, 4)), matrix)
    with pytest.raises(InputError):
        gamuts.apply_matrix(np.ones((2, 3), np.uint16), matrix)


def test_matrices_cannot_be_changed_and_names_are_checked() -> None:
    with pytest.raises(ValueError, match="read-only"):
        gamuts.rgb_to_xyz("bt709")[0, 0] = 1
    with pytest.raises(InputError, match="rec709"):
        gamuts.rgb_to_rgb("rec709", "bt2020")
    with pytest.raises(InputError):
        gamuts.luminance(np.ones(2))


def test_luminance_weights() -> None:
    assert float(gamuts.luminance(np.array([1.0, 0, 0]))) == 0.2627
    assert float(gamuts.luminance(np.array([0, 1.0, 0]), "bt709")) == pytest.approx(0.7151687)
    assert gamuts.luminance(np.ones((2, 3), np.float32)).dtype == np.float32
