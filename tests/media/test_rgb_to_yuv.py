"""R'G'B' to Y'CbCr: anchors, colour-science's matrix, the filter, and the native library against numpy."""

from __future__ import annotations

import warnings
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from candela_engines.colour.pq import inverse_eotf
from candela_engines.errors import InputError
from candela_engines.media.rgb_to_yuv import Chroma, Plane, rgb_to_yuv
from candela_engines.native import VARIABLE, native


def colour_science() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import colour
    return colour


@pytest.fixture(params=["native", "numpy"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "native" and native() is None:
        pytest.skip("the native library is not built here")
    monkeypatch.setenv(VARIABLE, "1" if request.param == "native" else "0")
    return str(request.param)


def planes(height: int, width: int, chroma: Chroma, more: int = 0) -> tuple[Plane, Plane, Plane]:
    """Planes whose rows have `more` samples after their end."""
    across, down = (1 if chroma == "444" else 2), (2 if chroma == "420" else 1)
    sizes = ((height, width), (height // down, width // across), (height // down, width // across))
    y, cb, cr = (np.zeros((h, w + more), dtype=np.uint16)[:, :w] for h, w in sizes)
    return y, cb, cr


def converted(
    rgb: NDArray[Any], bits: int = 10, chroma: Chroma = "444", **more: int
) -> tuple[Plane, Plane, Plane]:
    out = planes(rgb.shape[0], rgb.shape[1], chroma)
    rgb_to_yuv(rgb, out, bits=bits, chroma=chroma, **more)
    return out


@pytest.mark.parametrize(
    ("nits", "ten", "twelve"),
    [(0, 64, 256), (100, 509, 2036), (203, 573, 2291), (1000, 723, 2890), (10000, 940, 3760)],
)
@pytest.mark.usefixtures("path")
def test_grey_has_the_codes_of_the_reports(nits: float, ten: int, twelve: int) -> None:
    # BT.2408-7 table 1 gives 58 % for 203 nit; the codes are 876 PQ + 64 by hand, and four times that.
    code = np.full((2, 2, 3), round(float(inverse_eotf(np.float64(nits))) * 65535), dtype=np.uint16)
    for bits, expected in ((10, ten), (12, twelve)):
        y, cb, cr = converted(code, bits, "420")
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(cb, 128 << (bits - 8))
        np.testing.assert_array_equal(cr, 128 << (bits - 8))


@pytest.mark.parametrize("bits", [8, 10, 12])
@pytest.mark.usefixtures("path")
def test_the_matrix_is_that_of_colour_science(bits: int) -> None:
    colour = colour_science()
    rng = np.random.default_rng(3)
    rgb = rng.random((20, 30, 3)).astype(np.float32)
    found = np.stack(converted(rgb, bits), axis=-1)
    expected = colour.RGB_to_YCbCr(
        rgb.astype(np.float64),
        K=colour.WEIGHTS_YCBCR["ITU-R BT.2020"],
        out_bits=bits,
        out_legal=True,
        out_int=True,
    )
    # A code that lies within single precision of a half may be rounded either way.
    assert np.abs(found - expected).max() <= 1
    assert np.mean(found != expected) < 1e-3


@pytest.mark.usefixtures("path")
def test_primaries_reach_the_ends_of_the_range() -> None:
    rgb = np.array([[[0, 0, 1], [1, 1, 0], [1, 0, 0], [0, 1, 1]]], dtype=np.float32)
    y, cb, cr = converted(rgb)
    # 876 * 0.0593 + 64 = 115.9, and so on; chroma ends at 64 and 960.
    np.testing.assert_array_equal(y, [[116, 888, 294, 710]])
    np.testing.assert_array_equal(cb[0, :2], [960, 64])
    np.testing.assert_array_equal(cr[0, 2:], [960, 64])


@pytest.mark.usefixtures("path")
def test_codes_stay_where_interfaces_carry_them() -> None:
    rgb = np.array(
        [[[-1, -1, -1], [2, 2, 2], [np.nan, np.nan, np.nan], [np.inf, -np.inf, 0]]], dtype=np.float32
    )
    y, cb, cr = converted(rgb)
    np.testing.assert_array_equal(y[0, :3], [4, 1019, 64])
    assert min(y.min(), cb.min(), cr.min()) >= 4
    assert max(y.max(), cb.max(), cr.max()) <= 1019


@pytest.mark.usefixtures("path")
def test_chroma_lies_on_the_upper_left_pixel() -> None:
    """One blue pixel among grey ones gives the filter's own numbers, centred on an even place."""
    taps = {-3: -1, -1: 9, 0: 16, 1: 9, 3: -1}
    for left, top in ((8, 8), (9, 8), (9, 9)):
        rgb = np.full((18, 18, 3), 0.5, dtype=np.float32)
        rgb[top, left, 2] = 1.0
        _, cb, _ = converted(rgb, 12, "420")
        for j, i in np.ndindex(9, 9):
            across, down = taps.get(2 * i - left, 0) / 32, taps.get(2 * j - top, 0) / 32
            # Of this pixel Cb is 0.25.
            assert abs(int(cb[j, i]) - (2048 + 3584 * 0.25 * across * down)) <= 0.5 + 1e-3


@pytest.mark.usefixtures("path")
def test_slow_chroma_passes_and_the_finest_is_gone() -> None:
    x = np.arange(64)
    for wave, passes in ((np.cos(2 * np.pi * x / 32), 1.0), (np.cos(np.pi * x), 0.0)):
        rgb = np.full((2, 64, 3), 0.5, dtype=np.float32)
        rgb[:, :, 2] += (0.25 * wave).astype(np.float32)
        _, every, _ = converted(rgb, 12, "444")
        _, half, _ = converted(rgb, 12, "422")
        inner = slice(4, -4)
        expected = 2048 + passes * (every[:, ::2].astype(float)[:, inner] - 2048)
        assert np.abs(half[:, inner] - expected).max() <= 3


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 20), st.sampled_from(["u16", "u10", "f16", "f32"]),
    st.sampled_from(get_args(Chroma)), st.sampled_from([8, 10, 12, 16]), st.integers(0, 1 << 32),
)  # fmt: skip
def test_the_native_library_gives_the_codes_of_numpy(
    height: int, width: int, kind: str, chroma: Chroma, bits: int, seed: int
) -> None:
    if native() is None:
        pytest.skip("the native library is not built here")
    rng = np.random.default_rng(seed)
    shape = (2 * height, 2 * width, 3)
    rgb: NDArray[Any]
    if kind in ("u16", "u10"):
        rgb = rng.integers(0, 1 << int(kind[1:]), shape, dtype=np.uint16)
    else:
        rgb = rng.normal(0.5, 0.6, shape).astype(np.float16 if kind == "f16" else np.float32)
        rgb[rng.random(shape) < 0.02] = np.nan
        rgb[rng.random(shape) < 0.02] = np.inf
    rgb_bits = 10 if kind == "u10" else 16
    with pytest.MonkeyPatch.context() as patch:
        results = []
        for variable, threads, given_rgb in (("0", 0, rgb), ("1", 1, rgb), ("1", 3, rgb[:, ::-1][:, ::-1])):
            patch.setenv(VARIABLE, variable)
            out = planes(*shape[:2], chroma, more=threads)
            rgb_to_yuv(given_rgb, out, bits=bits, chroma=chroma, rgb_bits=rgb_bits, threads=threads)
            results.append(out)
    for other in results[1:]:
        for plane, expected in zip(other, results[0], strict=True):
            np.testing.assert_array_equal(plane, expected)


@pytest.mark.usefixtures("path")
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="5x4: chroma 420 needs an even width"):
        converted(np.zeros((4, 5, 3), np.uint16), chroma="420")
    with pytest.raises(InputError, match="even height"):
        converted(np.zeros((5, 4, 3), np.uint16), chroma="420")
    with pytest.raises(InputError, match="uint16, float16 or float32"):
        converted(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(InputError, match=r"a plane of .* uint16 is needed"):
        rgb_to_yuv(np.zeros((4, 4, 3), np.uint16), planes(4, 6, "444"), bits=10, chroma="444")
    with pytest.raises(InputError, match="8 to 16"):
        converted(np.zeros((4, 4, 3), np.uint16), bits=7)
