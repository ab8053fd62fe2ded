"""Transfer functions: anchors of the standards, colour-science, round trips, odd values and shapes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from candela_engines.colour import bt1886, gamma, hlg, pq, srgb
from candela_engines.errors import InputError

RAMP = np.linspace(0, 1, 4097)
codes = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=5), elements=st.floats(-1.5, 1.5))


# -- anchors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nits", "narrow", "full"), [(100, 509, 520), (203, 573, 594), (1000, 723, 769), (4000, 855, 923)]
)
def test_pq_anchors_in_ten_bits(nits: float, narrow: int, full: int) -> None:
    code = float(pq.inverse_eotf(float(nits)))
    assert (round(code * 876 + 64), round(code * 1023)) == (narrow, full)


def test_pq_ends() -> None:
    assert float(pq.eotf(1.0)) == pytest.approx(10000, rel=1e-12)
    assert float(pq.inverse_eotf(10000.0)) == pytest.approx(1.0, abs=1e-15)
    assert float(pq.inverse_eotf(0.0)) == pytest.approx(7.309559e-7, rel=1e-6)  # C1 ** M2
    assert float(pq.eotf(0.0)) == 0.0


@pytest.mark.parametrize(("code", "nits"), [(0.75, 203), (0.38, 26), (1.09, 1809), (1.0, 1000)])
def test_hlg_anchors(code: float, nits: float) -> None:
    assert float(hlg.eotf(np.full(3, code))[1]) == pytest.approx(nits, abs=0.5)


def test_hlg_grey_levels_of_bt2408() -> None:
    grey = np.array([[203.0] * 3, [100.0] * 3, [1000.0] * 3])
    np.testing.assert_allclose(hlg.inverse_eotf(grey)[:, 0], [0.7499, 0.6296, 1.0], atol=6e-5)


def test_hlg_system_gamma() -> None:
    assert hlg.system_gamma(1000) == 1.2
    assert hlg.system_gamma(2000) == pytest.approx(1.3264, abs=5e-5)
    assert hlg.system_gamma(400) == pytest.approx(1.0329, abs=5e-5)
    assert hlg.system_gamma(4000) == pytest.approx(1.2 * 1.111**2)
    assert hlg.system_gamma(100) == pytest.approx(1.2 * 1.111 ** math.log2(0.1))
    for peak in (0.0, 20000.0, math.nan):
        with pytest.raises(InputError):
            hlg.system_gamma(peak)


def test_hlg_at_392_nit_has_sdr_white_at_75_percent() -> None:
    """BT.2408: with γ = 1.03 a 392-nit display shows 75 % HLG at about the 100 nit of SDR white."""
    nits = hlg.ootf(hlg.inverse_oetf(np.full(3, 0.75)), peak_nits=392, gamma=1.03)
    assert float(nits[0]) == pytest.approx(100, abs=0.5)


def test_bt1886_levels() -> None:
    assert float(bt1886.eotf(0.5)) == pytest.approx(100 * 0.5**2.4)
    assert float(bt1886.eotf(0.0, white_nits=100, black_nits=0.1)) == pytest.approx(0.1)
    assert float(bt1886.eotf(1.0, white_nits=100, black_nits=0.1)) == pytest.approx(100)


# -- against colour-science ---------------------------------------------------------------------------


def test_pq_agrees(cs) -> None:
    np.testing.assert_allclose(pq.eotf(RAMP), cs.models.eotf_ST2084(RAMP), rtol=1e-12, atol=1e-12)
    light = np.geomspace(1e-6, 10000, 999)
    np.testing.assert_allclose(pq.inverse_eotf(light), cs.models.eotf_inverse_ST2084(light), atol=1e-14)


@pytest.mark.parametrize(("peak", "black"), [(1000, 0), (600, 0.005), (2000, 0.1), (4000, 0.0), (300, 0)])
def test_hlg_agrees(cs, peak: float, black: float) -> None:
    rgb = np.random.default_rng(1).uniform(0, 1, (50, 3))
    with np.errstate(invalid="ignore"):  # it evaluates both branches everywhere
        expected = cs.models.eotf_BT2100_HLG(rgb, L_B=black, L_W=peak, gamma=hlg.system_gamma(peak))
        expected_oetf = cs.models.oetf_BT2100_HLG(RAMP)
    np.testing.assert_allclose(
        hlg.eotf(rgb, peak_nits=peak, black_nits=black), expected, rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(hlg.oetf(RAMP), expected_oetf, atol=1e-12)


def test_sdr_curves_agree(cs) -> None:
    np.testing.assert_allclose(srgb.eotf(RAMP), cs.models.eotf_sRGB(RAMP), atol=1e-14)
    np.testing.assert_allclose(srgb.inverse_eotf(RAMP), cs.models.eotf_inverse_sRGB(RAMP), atol=1e-14)
    for black in (0.0, 0.1):
        expected = cs.models.eotf_BT1886(RAMP, L_B=black, L_W=100)
        np.testing.assert_allclose(bt1886.eotf(RAMP, black_nits=black), expected, rtol=1e-12, atol=1e-12)
    for power in (2.2, 2.4, 2.6):
        np.testing.assert_allclose(gamma.eotf(RAMP, power), cs.gamma_function(RAMP, power), atol=1e-15)


# -- properties ---------------------------------------------------------------------------------------


@given(codes)
def test_round_trips(code: np.ndarray) -> None:
    np.testing.assert_allclose(srgb.inverse_eotf(srgb.eotf(code)), code, atol=5e-8)
    np.testing.assert_allclose(hlg.inverse_oetf(hlg.oetf(code)), code, atol=5e-8)
    for power in (2.2, 2.4, 2.6):
        np.testing.assert_allclose(gamma.inverse_eotf(gamma.eotf(code, power), power), code, atol=1e-12)
    back = bt1886.inverse_eotf(bt1886.eotf(code, black_nits=0.05), black_nits=0.05)
    np.testing.assert_allclose(back, code, atol=1e-9)
    positive = np.abs(code)
    np.testing.assert_allclose(pq.inverse_eotf(pq.eotf(positive)), positive, atol=1e-6)


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(0, 5), st.just(3)), elements=st.floats(0, 1.2)),
    st.sampled_from([100.0, 400.0, 1000.0, 1500.0, 4000.0]),
)
def test_hlg_round_trip_at_any_peak(code: np.ndarray, peak: float) -> None:
    back = hlg.inverse_eotf(hlg.eotf(code, peak_nits=peak), peak_nits=peak)
    np.testing.assert_allclose(back, code, atol=1e-6)


def test_hlg_keeps_light_outside_the_gamut() -> None:
    rgb = np.array([[-0.1, 0.4, 0.9], [0.5, -0.2, 0.1]])
    np.testing.assert_allclose(hlg.inverse_eotf(hlg.eotf(rgb)), rgb, atol=1e-7)


@given(codes)
def test_odd_curves(code: np.ndarray) -> None:
    for curve in (srgb.eotf, srgb.inverse_eotf, hlg.oetf, hlg.inverse_oetf, bt1886.eotf):
        np.testing.assert_array_equal(curve(-code), -curve(code))


ELEMENTWISE = [
    pq.eotf,
    pq.inverse_eotf,
    srgb.eotf,
    srgb.inverse_eotf,
    bt1886.eotf,
    bt1886.inverse_eotf,
    hlg.oetf,
    hlg.inverse_oetf,
    lambda v: gamma.eotf(v, 2.2),
    lambda v: gamma.inverse_eotf(v, 2.6),
]


@pytest.mark.parametrize("curve", ELEMENTWISE)
def test_dtype_shape_and_order(curve) -> None:
    values = np.random.default_rng(2).uniform(0, 1, (4, 5, 3))
    wide = curve(values)
    assert wide.dtype == np.float64 and wide.shape == values.shape
    single = curve(values.astype(np.float32))
    assert single.dtype == np.float32
    # The formula itself is computed in float64: only the rounding of input and output is left.
    np.testing.assert_array_equal(single, curve(values.astype(np.float32).astype(np.float64)).astype("f4"))
    np.testing.assert_array_equal(curve(values[::2, ::-1]), wide[::2, ::-1])
    assert curve(np.empty((0, 3))).shape == (0, 3)
    assert curve(0.5).shape == ()
    assert curve(np.float16(0.5)).dtype == np.float32
    assert np.isnan(curve(np.array([np.nan, 0.5]))).tolist() == [True, False]


def test_blocks_are_seamless() -> None:
    many = np.linspace(0, 1, 3 * 65536 + 5)
    picked = [0, 65535, 65536, 131072, 3 * 65536 + 4]
    np.testing.assert_array_equal(pq.eotf(many)[picked], pq.eotf(many[picked]))


def test_infinities_and_negative_light() -> None:
    limit = float(pq.inverse_eotf(np.inf))
    assert limit == pytest.approx((18.8515625 / 18.6875) ** 78.84375)
    assert float(pq.eotf(limit + 1e-9)) == float(pq.eotf(np.inf)) == math.inf
    assert float(pq.eotf(-np.inf)) == float(pq.eotf(-0.2)) == 0.0
    assert float(pq.inverse_eotf(-5.0)) == float(pq.inverse_eotf(-np.inf)) == float(pq.inverse_eotf(0.0))
    assert float(pq.eotf(1.1)) > 10000
    for curve in (srgb.eotf, srgb.inverse_eotf, hlg.oetf, hlg.inverse_oetf, bt1886.eotf):
        assert float(curve(np.inf)) == math.inf and float(curve(-np.inf)) == -math.inf


@pytest.mark.parametrize("curve", [hlg.ootf, hlg.inverse_ootf, hlg.eotf, hlg.inverse_eotf])
@pytest.mark.parametrize("peak", [100.0, 1000.0])
def test_hlg_rgb_functions_on_odd_values(curve, peak: float) -> None:
    rows = np.array([[0, 0, 0], [np.nan, 0.1, 0.1], [np.inf, 0.1, 0.1], [0.1, 0.2, 0.3]])
    out = curve(rows, peak_nits=peak)
    assert not np.isnan(out[0]).any() and np.abs(out[0]).max() < 1e-9
    assert np.isnan(out[1, 0])
    assert np.isfinite(out[3]).all()
    assert curve(rows.astype("f4")[None], peak_nits=peak).dtype == np.float32
    with pytest.raises(InputError, match=r"\(4, 2\)"):
        curve(rows[:, :2], peak_nits=peak)


def test_pq_table_is_the_formula() -> None:
    for bits, dtype in ((8, np.uint8), (10, np.uint16), (16, np.uint16)):
        every = np.arange(1 << bits).astype(dtype)
        exact = pq.eotf(every.astype(np.float64) / ((1 << bits) - 1)).astype(np.float32)
        np.testing.assert_array_equal(pq.eotf_codes(every, bits=bits), exact)
    with pytest.raises(InputError, match="1024"):
        pq.eotf_codes(np.array([1024], np.uint16), bits=10)
    with pytest.raises(InputError, match="int64"):
        pq.eotf_codes(np.array([1]))
    with pytest.raises(InputError):
        pq.eotf_codes(np.array([1], np.uint16), bits=20)


def test_impossible_arguments() -> None:
    with pytest.raises(InputError, match="uint8"):
        pq.eotf(np.array([255], np.uint8))
    with pytest.raises(InputError):
        bt1886.eotf(0.5, white_nits=1, black_nits=2)
    for bad in (0.0, -2.2, 100.0):
        with pytest.raises(InputError):
            gamma.eotf(0.5, bad)
        with pytest.raises(InputError):
            gamma.inverse_eotf(0.5, bad)
    with pytest.raises(InputError):
        hlg.eotf(np.zeros(3), black_nits=500)
