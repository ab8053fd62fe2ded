"""States named through OCIO: agreement with our own formulas, honest refusals, the config that they name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour import ocio
from candela_engines.colour.convert import (
    from_nits_rec2020,
    place_sdr_at_reference_white,
    to_nits_rec2020,
)
from candela_engines.colour.names import NAMED, name_of, parse_colour
from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError, InputError

STUDIO = "ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"


@pytest.fixture(autouse=True)
def no_facility_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCIO", raising=False)


# Absolute: OCIO's float32 passes through XYZ, where a dark channel has the precision of its bright neighbour.
@pytest.mark.parametrize(
    ("native", "space", "relative", "absolute"),
    [
        ("rec2100-pq", "ocio:rec2100-pq", 2e-5, 2e-3),
        ("rec2100-pq", "Rec.2100-PQ - Display", 2e-5, 2e-3),
        ("p3-pq", "ocio:p3-pq", 2e-5, 0.01),
        ("rec2100-hlg", "Rec.2100-HLG - Display", 1e-5, 1e-3),
        ("rec709", "Rec.1886 Rec.709 - Display", 2e-6, 1e-5),
        ("srgb", "sRGB - Display", 2e-6, 1e-4),  # OCIO solves for the join of its curve: 2.5e-4 below it
        ("display-p3", "Display P3 - Display", 2e-6, 1e-4),
        ("p3-gamma26", "P3-D65 - Display", 2e-6, 1e-5),
        ("rec2020", "Rec.1886 Rec.2020 - Display", 2e-6, 1e-5),
        ("linear-rec2020", "Linear Rec.2020 (nits)", 1e-6, 1e-6),
    ],
)
def test_our_formulas_agree_with_ocio(native: str, space: str, relative: float, absolute: float) -> None:
    state = parse_colour(space)
    assert state.ocio_space is not None
    codes = np.random.default_rng(7).uniform(0, 1, (64, 16, 3)).astype(np.float32)
    nits = to_nits_rec2020(codes.astype(np.float64), NAMED[native])
    np.testing.assert_allclose(to_nits_rec2020(codes, state), nits, rtol=relative, atol=absolute)
    bright = codes > 0.1
    np.testing.assert_allclose(from_nits_rec2020(nits, state)[bright], codes[bright], atol=2e-4)


def test_displays_of_the_studio_config_agree_too() -> None:
    codes = np.random.default_rng(8).uniform(0.05, 1, (500, 3)).astype(np.float32)
    for native, space in (("rec2100-pq", "Rec.2100-PQ - Display"), ("rec709", "Rec.1886 Rec.709 - Display")):
        state = parse_colour(space, config=STUDIO)
        expected = to_nits_rec2020(codes.astype(np.float64), NAMED[native])
        np.testing.assert_allclose(to_nits_rec2020(codes, state), expected, rtol=2e-5, atol=2e-3)


@pytest.mark.parametrize("name", ["ACEScg", "acescct", "Linear Rec.2020", "srgb_texture", "ARRI LogC4"])
def test_scene_referred_names_need_a_luminance(name: str) -> None:
    with pytest.raises(ColourStateError, match=r"scene-referred.*@100"):
        parse_colour(name)


def test_scene_light_is_taken_as_it_is() -> None:
    state = parse_colour("ACEScg@100")
    ap1 = ColourState("ap1", "linear", unit_nits=100)
    rgb = np.random.default_rng(9).uniform(-0.1, 50, (100, 3))
    np.testing.assert_allclose(to_nits_rec2020(rgb, state), to_nits_rec2020(rgb, ap1), rtol=1e-5, atol=5e-3)
    np.testing.assert_allclose(to_nits_rec2020(np.ones((1, 3)), parse_colour("ACEScg@203")), 203, rtol=1e-5)
    assert to_nits_rec2020(rgb, state).dtype == np.float64
    np.testing.assert_allclose(from_nits_rec2020(to_nits_rec2020(rgb, state), state), rgb, atol=1e-4)


def test_luminance_of_display_light_cannot_be_changed() -> None:
    for name in ("Rec.2100-PQ - Display@1000", "Linear Rec.2020 (nits)@100"):
        with pytest.raises(ColourStateError, match="leave '@1"):
            parse_colour(name)
    np.testing.assert_allclose(
        to_nits_rec2020(np.ones((1, 3)), parse_colour("P3-D65 - Display@48")), 48, rtol=1e-5
    )


def test_sdr_displays_can_be_placed_and_hdr_ones_cannot() -> None:
    white = np.ones((1, 1, 3), np.float32)
    for name in ("sRGB - Display", "sRGB - Display@80", "sRGB - Texture@100", "g22_rec709@120"):
        assert not parse_colour(name).is_hdr
        out = place_sdr_at_reference_white(white, parse_colour(name))
        np.testing.assert_allclose(out, 203, rtol=1e-5)
    for name in ("Rec.2100-PQ - Display", "ACEScg@100", "Linear Rec.2020 (nits)"):
        with pytest.raises(ColourStateError, match="SDR"):
            place_sdr_at_reference_white(white, parse_colour(name))


def test_unknown_names_help() -> None:
    with pytest.raises(ColourStateError, match=r"'rec2100pq'.*'rec2100-pq'.*--ocio"):
        parse_colour("rec2100pq")
    with pytest.raises(ColourStateError, match="ACEScg"):
        parse_colour("ACESgc")
    with pytest.raises(ColourStateError) as caught:
        parse_colour("x" * 100000)
    assert len(str(caught.value)) < 1000


def test_data_is_not_colour() -> None:
    with pytest.raises(ColourStateError, match="data"):
        parse_colour("Raw")


def test_state_records_the_config_by_identity_and_finds_it_again(tmp_path: Path) -> None:
    state = parse_colour("ACEScct@100", config=STUDIO)
    assert state.ocio_config is not None and state.ocio_config.startswith(
        STUDIO.removeprefix("ocio://") + "#"
    )
    assert name_of(state) == "ACEScct@100"
    again = ColourState.from_dict(json.loads(json.dumps(state.to_dict())))
    assert to_nits_rec2020(np.ones((1, 3)), again).shape == (1, 3)


@pytest.mark.parametrize("name", ["ACEScg@100", "ACEScg@203", "Rec.2100-PQ - Display", "sRGB - Display@80"])
def test_names_of_ocio_states_are_read_back(name: str) -> None:
    assert name_of(parse_colour(name)) == name


def test_state_of_a_config_that_is_not_at_hand_is_refused() -> None:
    elsewhere = ColourState("bt2020", "linear", ocio_space="ACEScg", ocio_config="show-config#0123456789ab")
    with pytest.raises(ColourStateError, match=r"show-config#0123456789ab.*--ocio"):
        to_nits_rec2020(np.ones((1, 3)), elsewhere)


def test_odd_arrays() -> None:
    state = parse_colour("ACEScct@100")
    values = np.random.default_rng(10).uniform(0, 1, (6, 8, 3))
    whole = to_nits_rec2020(values, state)
    np.testing.assert_array_equal(to_nits_rec2020(values[::2, ::-1], state), whole[::2, ::-1])
    before = values.copy()
    to_nits_rec2020(values, state)
    np.testing.assert_array_equal(values, before, err_msg="the caller's pixels were changed")
    assert to_nits_rec2020(np.empty((0, 3)), state).shape == (0, 3)
    with_nan = values.astype(np.float32)
    with_nan[0, 0, 0] = np.nan
    with_nan[1, 0, 0] = np.inf
    assert np.isnan(to_nits_rec2020(with_nan, state)[0, 0]).any()
    with pytest.raises(InputError):
        to_nits_rec2020(np.ones((3, 4)), state)
    with pytest.raises(InputError):
        to_nits_rec2020(np.ones((3, 3), np.uint8), state)


def test_config_errors_are_ours() -> None:
    with pytest.raises(ColourStateError, match="--ocio"):
        ocio.resolved_config("/nowhere/config.ocio")
