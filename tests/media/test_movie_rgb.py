"""Planes to R'G'B': anchors by hand, the matrices against colour-science, and the place of chroma samples."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import MediaError
from candela_engines.media.movie_rgb import MATRICES, planes_to_rgb, video_model
from candela_engines.native import VARIABLE, native

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of optional parts that are not installed
    import colour

NAMES = {"bt709": "ITU-R BT.709", "bt601": "ITU-R BT.601", "bt2020nc": "ITU-R BT.2020"}


@pytest.fixture(params=["native", "numpy"], autouse=True)
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "numpy":
        monkeypatch.setenv(VARIABLE, "0")
    elif native() is None:
        pytest.skip("the native library is not built here")


def flat(codes: tuple[int, int, int], kind: type = np.uint16) -> list[np.ndarray]:
    return [np.full((1, 1), code, kind) for code in codes]


@pytest.mark.parametrize("matrix", ["bt709", "bt601", "bt2020nc", "ycgco"])
def test_black_white_and_what_lies_beyond_in_narrow_range(matrix: str) -> None:
    model = video_model(matrix, "narrow", 10)
    for luma, signal in ((64, 0.0), (940, 1.0), (4, -60 / 876), (1019, 955 / 876), (502, 0.5)):
        rgb = planes_to_rgb(flat((luma, 512, 512)), model)
        np.testing.assert_array_equal(rgb, np.full((1, 1, 3), np.float32(signal)))


def test_full_range_reaches_both_ends() -> None:
    model = video_model("bt709", "full", 8)
    assert planes_to_rgb(flat((0, 128, 128), np.uint8), model).tolist() == [[[0, 0, 0]]]
    assert planes_to_rgb(flat((255, 128, 128), np.uint8), model).tolist() == [[[1, 1, 1]]]


def test_red_of_bt709_at_8_bits() -> None:
    # BT.709: Y' = 0.2126, C'b = -0.2126 / 1.8556, C'r = 0.5; in codes 62.56, 102.34, 240.
    rgb = planes_to_rgb(flat((63, 102, 240), np.uint8), video_model("bt709", "narrow", 8))[0, 0]
    y, cb, cr = 47 / 219, -26 / 224, 112 / 224
    np.testing.assert_allclose(
        rgb, [y + 1.5748 * cr, y - 0.187324 * cb - 0.468124 * cr, y + 1.8556 * cb], atol=2e-6
    )
    np.testing.assert_allclose(rgb, [1, 0, 0], atol=5e-3)


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("range_", ["narrow", "full"])
def test_matrices_are_those_of_colour_science(matrix: str, bits: int, range_: str) -> None:
    codes = np.random.default_rng(7).integers(0, 1 << bits, (5, 9, 3))
    theirs = colour.YCbCr_to_RGB(
        codes, K=colour.WEIGHTS_YCBCR[NAMES[matrix]], in_bits=bits, in_legal=range_ == "narrow", in_int=True,
        out_legal=False, out_int=False,
    )  # fmt: skip
    kind = np.uint8 if bits == 8 else np.uint16
    planes = [codes[..., channel].astype(kind) for channel in range(3)]
    ours = planes_to_rgb(planes, video_model(matrix, range_, bits))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_ycgco_is_that_of_colour_science() -> None:
    codes = np.random.default_rng(8).integers(0, 1024, (4, 6, 3))
    signal = (codes - [0, 512, 512]) / 1023
    ours = planes_to_rgb(
        [codes[..., i].astype(np.uint16) for i in range(3)], video_model("ycgco", "full", 10)
    )
    np.testing.assert_allclose(ours, colour.YCoCg_to_RGB(signal[..., [0, 2, 1]]), atol=1e-6)


def test_rgb_is_scaled_and_nothing_else() -> None:
    planes = [
        np.array([[0, 1023, 100]], np.uint16),
        np.array([[1, 2, 3]], np.uint16),
        np.full((1, 3), 64, np.uint16),
    ]
    full = planes_to_rgb(planes, video_model("rgb", "full", 10))
    np.testing.assert_array_equal(full, np.stack(planes, axis=-1).astype(np.float32) / np.float32(1023))
    narrow = planes_to_rgb(planes, video_model("rgb", "narrow", 10))
    np.testing.assert_array_equal(narrow[..., 2], np.zeros((1, 3)))


@pytest.mark.parametrize(
    ("place", "axis", "expected"),
    # Of samples 0, 16, 32, 48 … a pixel between them gets what lies on the slope; Catmull and Rom keep lines.
    [
        (0.0, 1, [0, 8, 16, 24]),
        (0.5, 1, [12, 20, 28, 36]),
        (0.5, 0, [12, 20, 28, 36]),
        (1.0, 0, [8, 16, 24, 32]),
    ],
)
def test_chroma_lies_where_it_is_said(place: float, axis: int, expected: list[int]) -> None:
    # Rows (or columns) far from the edges of a slope of 16 codes a sample.
    samples = (128 + 16 * np.arange(-3, 5)).astype(np.uint8)
    first = {0.0: 6, 0.5: 8, 1.0: 8}[place]
    chroma = np.tile(samples, (4, 1)) if axis == 1 else np.tile(samples[:, np.newaxis], (1, 4))
    luma = np.zeros((chroma.shape[0] * (1 + (axis == 0)), chroma.shape[1] * (1 + (axis == 1))), np.uint8)
    across, down = (2, 1) if axis == 1 else (1, 2)
    siting = (place, 0.0) if axis == 1 else (0.0, place)
    model = video_model("bt709", "full", 8, across=across, down=down, siting=siting)
    rgb = planes_to_rgb([luma, np.full_like(chroma, 128), chroma], model)
    line = rgb[1, :, 0] if axis == 1 else rgb[:, 1, 0]
    np.testing.assert_allclose(line[first : first + 4] * 255 / 1.5748, expected, atol=1e-4)


def test_taps_are_those_of_catmull_and_rom() -> None:
    # One sample of 64 among zeros: at its own pixel all of it, half a sample beside it 9/16, then -1/16.
    chroma = np.full((1, 8), 128, np.uint8)
    chroma[0, 4] += 64
    model = video_model("bt709", "full", 8, across=2, siting=(0.0, 0.0))
    rgb = planes_to_rgb([np.zeros((1, 16), np.uint8), np.full((1, 8), 128, np.uint8), chroma], model)
    weights = rgb[0, :, 0] * 255 / 1.5748 / 64
    np.testing.assert_allclose(weights[4:13], [0, -1 / 16, 0, 9 / 16, 1, 9 / 16, 0, -1 / 16, 0], atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 41), st.integers(1, 70), st.sampled_from([8, 10, 16]), st.sampled_from([(1, 1), (2, 1), (2,
    2), (1, 2)]), st.sampled_from([(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.0, 1.0)]), st.integers(0, 1 << 32),
)  # fmt: skip
def test_flat_chroma_stays_flat_up_to_the_edges(
    h: int, w: int, bits: int, factors: tuple[int, int], siting: tuple[float, float], seed: int
) -> None:
    kind = np.uint8 if bits == 8 else np.uint16
    rng = np.random.default_rng(seed)
    small = (-(-h // factors[1]), -(-w // factors[0]))
    luma = rng.integers(0, 1 << bits, (h, w), dtype=kind)
    cb, cr = (int(code) for code in rng.integers(0, 1 << bits, 2))
    planes = [luma, np.full(small, cb, kind), np.full(small, cr, kind)]
    whole = [luma, np.full((h, w), cb, kind), np.full((h, w), cr, kind)]
    model = video_model("bt709", "narrow", bits, across=factors[0], down=factors[1], siting=siting)
    ours = planes_to_rgb(planes, model)
    np.testing.assert_allclose(ours, planes_to_rgb(whole, video_model("bt709", "narrow", bits)), atol=2e-6)


@pytest.mark.parametrize(
    "wrong", [{"matrix": "bt2020cl"}, {"bits": 7}, {"across": 4}, {"matrix": "rgb", "across": 2}]
)
def test_models_that_mean_nothing_are_refused(wrong: dict) -> None:
    asked = {"matrix": "bt709", "range_": "narrow", "bits": 8, "across": 1, **wrong}
    with pytest.raises(MediaError):
        video_model(asked.pop("matrix"), asked.pop("range_"), asked.pop("bits"), **asked)
