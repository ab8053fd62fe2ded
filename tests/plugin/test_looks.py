"""What comes in and goes out in every encoding, rolled off, blended and as the views show it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.native.payloads import picture
from tests.ofx_host.build import Built
from tests.ofx_host.driver import OK, Host
from tests.plugin.clips import SIZE, TILES, Clip, clip, made, pixels
from tests.plugin.reference import encoded, light, rolled_off, wide_gamut

from candela_engines.colour import bt1886, gamuts, pq, srgb
from candela_engines.colour.convert import place_sdr_at_reference_white
from candela_engines.itm.confidence import confidence, false_colour
from candela_engines.itm.payload import Payload

HELD = pixels(np.float32)
CODES = np.ascontiguousarray(HELD[..., :3])
ENCODINGS = {
    "PQ, Rec.2020": "pq",
    "HLG, Rec.2020 (1000 nit)": "hlg",
    "Linear Rec.2020, nits": "nits",
    "Linear Rec.2020, 1.0 = 203 nit": "white",
    "ACEScg": "acescg",
    "ACEScct": "acescct",
    "DaVinci Intermediate": "intermediate",
}
TOLERANCE = 2e-6


@pytest.fixture
def one(built: Built, plain: Host, tmp_path: Path) -> Clip:
    return clip(plain, built.bundle, tmp_path, made("default", 0))


def close(found: np.ndarray, wanted: np.ndarray, encoding: str) -> None:
    """To 2e-6 of a code's full scale; light to that share of itself, and of a nit in the dark."""
    linear = {"nits": 1.0, "white": 1 / 203, "acescg": 1 / 100}.get(encoding)
    if linear is None:
        np.testing.assert_allclose(found, wanted, atol=TOLERANCE, rtol=0)
    else:
        # Of a sum of large terms, some below zero, the largest is what rounding is a share of.
        size = np.abs(wanted).max(axis=-1, keepdims=True)
        assert np.all(np.abs(found - wanted) <= TOLERANCE * (size + linear))


def peak_of(payload: Payload) -> float:
    """The light that the default network does not exceed: its ceiling, a PQ code over 4096."""
    return float(pq.eotf(payload.numbers[10] / 4096))


@pytest.mark.parametrize("label", ENCODINGS)
def test_output_encodings(one: Clip, label: str) -> None:
    nits = light(one.payload, CODES)
    for unit in (100.0, 203.0):
        effect = one.effect(HELD, outputEncoding=label, sceneWhite=unit)
        wanted = encoded(nits, ENCODINGS[label], unit)
        close(effect.render().pixels[..., :3], wanted, ENCODINGS[label])


@pytest.mark.parametrize("label", ENCODINGS)
def test_tiles_change_no_bit_of_an_encoding(one: Clip, label: str) -> None:
    """Which numbers lie in one vector with a pixel's is the window's affair, and none of the pixel's."""
    effect = one.effect(HELD, outputEncoding=label, rollOff=1, peak=400)
    whole = effect.render().pixels
    np.testing.assert_array_equal(effect.render(windows=TILES, threads=2).joined(SIZE), whole)


def test_labels_are_all_that_there_are(one: Clip) -> None:
    options = one.plugin.parameters()["outputEncoding"]["properties"]["OfxParamPropChoiceOption"]
    assert options == list(ENCODINGS)


@pytest.mark.parametrize("label", ["PQ, Rec.2020", "Linear Rec.2020, nits"])
@pytest.mark.parametrize("peak", [100, 400, 1000])
def test_roll_off_to_a_peak(one: Clip, label: str, peak: float) -> None:
    nits = light(one.payload, CODES)
    wanted = rolled_off(nits, peak_of(one.payload), peak)
    assert wanted.max() <= peak * (1 + 1e-6)
    found = one.effect(HELD, outputEncoding=label, rollOff=1, peak=peak).render().pixels[..., :3]
    codes = found if label.startswith("PQ") else pq.inverse_eotf(found.astype(np.float64))
    np.testing.assert_allclose(codes, pq.inverse_eotf(wanted), atol=2 * TOLERANCE, rtol=0)


@pytest.mark.parametrize("strength", [0, 0.25, 1])
def test_strength_blends_codes(one: Clip, strength: float) -> None:
    hdr = pq.inverse_eotf(light(one.payload, CODES))
    sdr = pq.inverse_eotf(np.maximum(place_sdr_at_reference_white(CODES, one.payload.sdr), 0))
    found = one.effect(HELD, strength=strength).render().pixels[..., :3]
    np.testing.assert_allclose(found, sdr + strength * (hdr - sdr), atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("seed", [0, 1, 15, 20])
@pytest.mark.parametrize("label", ["sRGB", "BT.1886", "Linear", "ACEScg"])
def test_input_encodings(built: Built, plain: Host, tmp_path: Path, seed: int, label: str) -> None:
    """A host that decoded the file gives light or other codes: brought back, they are the file's own."""
    payload = made("default", seed)
    one = clip(plain, built.bundle, tmp_path, payload)
    codes = picture(1) / 255.0
    state = payload.sdr
    curve = srgb if state.transfer == "srgb" else bt1886
    if state.transfer not in ("srgb", "bt1886"):
        pytest.skip(f"the codes are {state.transfer}")
    white = {} if curve is srgb else {"white_nits": 1.0}
    rgb = np.asarray(curve.eotf(codes, **white), np.float64)
    if label == "ACEScg":
        rgb = gamuts.apply_matrix(rgb, gamuts.rgb_to_rgb(state.primaries, "ap1"))
    elif label != "Linear":
        rgb = gamuts.apply_matrix(rgb, gamuts.rgb_to_rgb(state.primaries, "bt709"))
        if np.any(rgb < -1e-9):
            rgb = np.sign(rgb) * np.abs(rgb)
        other = srgb if label == "sRGB" else bt1886
        kind = {} if other is srgb else {"white_nits": 1.0}
        rgb = np.sign(rgb) * other.inverse_eotf(np.abs(rgb), **kind)
    held = np.concatenate([rgb, HELD[..., 3:]], axis=2).astype(np.float32)
    found = one.effect(held, inputEncoding=label).render().pixels
    wanted = one.effect(HELD, inputEncoding="As stored in the file").render().pixels
    # A code that is a millionth off moves HDR by as much as the network's slope there.
    error = np.abs(found[..., :3] - wanted[..., :3])
    assert np.median(error) < 2e-6
    assert np.quantile(error, 0.999) < 2e-4
    np.testing.assert_array_equal(found[..., 3], wanted[..., 3])


def test_the_view_of_the_source_is_the_source(one: Clip) -> None:
    effect = one.effect(HELD, view="Source")
    done = effect.render().one
    assert done.identity == "Source"
    forced = effect.render(identity=False).one
    assert forced.status == OK
    np.testing.assert_array_equal(forced.pixels, HELD)


def test_split_shows_the_sdr_on_the_left(one: Clip) -> None:
    hdr = one.effect(HELD).render().pixels
    sdr = one.effect(HELD, strength=0).render().pixels
    for position in (0.0, 0.3, 1.0):
        found = one.effect(HELD, view="Split", splitPosition=position).render().pixels
        at = int(position * HELD.shape[1] + 0.5)
        np.testing.assert_array_equal(found[:, :at], sdr[:, :at])
        np.testing.assert_array_equal(found[:, at:], hdr[:, at:])


def painted(codes: np.ndarray, label: str) -> np.ndarray:
    """sRGB codes with white on 203 nit, in an output encoding."""
    nits = 203 * np.asarray(srgb.eotf(np.clip(codes, 0, 1)), np.float64)
    nits = gamuts.apply_matrix(nits, gamuts.rgb_to_rgb("bt709", "bt2020"))
    return encoded(np.asarray(nits, np.float64), ENCODINGS[label], 100)


@pytest.mark.parametrize("label", ["PQ, Rec.2020", "ACEScg"])
def test_views_of_difference_and_confidence(one: Clip, label: str) -> None:
    nits = light(one.payload, CODES)
    sdr = np.maximum(place_sdr_at_reference_white(CODES, one.payload.sdr), 0)
    difference = 0.5 + 4 * (pq.inverse_eotf(nits) - pq.inverse_eotf(sdr))
    share = confidence(CODES, one.payload.bits, nits.astype(np.float32), one.payload)
    wanted = {
        "Difference": difference,
        "Confidence": np.repeat(share[..., None].astype(np.float64), 3, axis=2),
    }
    for view, codes in wanted.items():
        found = one.effect(HELD, view=view, outputEncoding=label).render().pixels[..., :3]
        np.testing.assert_allclose(found, painted(codes, label), atol=3e-5, rtol=1e-4)


def test_the_view_of_invented_light(one: Clip) -> None:
    nits = light(one.payload, CODES)
    share = confidence(CODES, one.payload.bits, nits.astype(np.float32), one.payload)
    wanted = painted(false_colour(share, CODES, one.payload.bits) / 255.0, "PQ, Rec.2020")
    found = one.effect(HELD, view="Invented light").render().pixels[..., :3]
    # Python's colours are whole codes.
    assert np.quantile(np.abs(found - wanted), 0.995) < 0.01


def test_unpremultiplied_codes_are_the_pictures(one: Clip) -> None:
    alpha = np.maximum(HELD[..., 3:], np.float32(0.1))  # of 0 no colour comes back
    opaque = np.concatenate([CODES, np.ones_like(alpha)], axis=2)
    premultiplied = np.concatenate([CODES * alpha, alpha], axis=2)
    plain = one.effect(HELD, outputEncoding="Linear Rec.2020, 1.0 = 203 nit").render().pixels
    found = one.effect(
        premultiplied, outputEncoding="Linear Rec.2020, 1.0 = 203 nit", unpremultiply=1
    ).render()
    np.testing.assert_array_equal(found.pixels[..., 3:], alpha)
    codes = [pq.inverse_eotf(203 * rgb[..., :3]) for rgb in (found.pixels / alpha, plain)]
    assert np.quantile(np.abs(codes[0] - codes[1]), 0.99) < 1e-4
    np.testing.assert_array_equal(
        one.effect(opaque, unpremultiply=1).render().pixels[..., :3],
        one.effect(opaque).render().pixels[..., :3],
    )


# From these spaces: OCIO goes from BT.2020 to DaVinci Wide Gamut by way of ACES, with CAT02 on one side and
# Bradford on the other, though both have the white D65. Its curve is all that can be compared.
OCIO_SPACES = {
    "ACEScg": ("Linear Rec.2020", "ACEScg"),
    "ACEScct": ("Linear Rec.2020", "ACEScct"),
    "DaVinci Intermediate": ("Linear DaVinci WideGamut", "DaVinci Intermediate WideGamut"),
}


@pytest.mark.parametrize("label", OCIO_SPACES)
def test_scene_linear_encodings_are_those_of_ocio(one: Clip, label: str) -> None:
    """OpenColorIO's own transforms, of the config that it brings along."""
    ocio = pytest.importorskip("PyOpenColorIO")
    config = ocio.Config.CreateFromBuiltinConfig("studio-config-v2.1.0_aces-v1.3_ocio-v2.3")
    processor = config.getProcessor(*OCIO_SPACES[label]).getDefaultCPUProcessor()
    scene = light(one.payload, CODES) / 100
    scene = wide_gamut(scene) if label.startswith("DaVinci") else scene
    scene = np.ascontiguousarray(scene.astype(np.float32))
    processor.applyRGB(scene)
    found = one.effect(HELD, outputEncoding=label).render().pixels[..., :3]
    # OCIO's logarithms are approximations in single precision.
    np.testing.assert_allclose(found, scene, atol=2e-5, rtol=2e-5)


def test_display_pq_is_that_of_ocio(one: Clip) -> None:
    ocio = pytest.importorskip("PyOpenColorIO")
    curve = ocio.BuiltinTransform("CURVE - ST-2084_to_LINEAR", ocio.TRANSFORM_DIR_INVERSE)
    processor = ocio.Config.CreateRaw().getProcessor(curve).getDefaultCPUProcessor()
    nits = light(one.payload, CODES)
    scene = np.ascontiguousarray(nits.astype(np.float32) / np.float32(100))
    processor.applyRGB(scene)
    found = one.effect(HELD).render().pixels[..., :3]
    bright = nits > 1e-3  # its tables are coarse where PQ is steepest
    np.testing.assert_allclose(found[bright], scene[bright], atol=2e-5, rtol=0)
