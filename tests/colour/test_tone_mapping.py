"""BT.2446 methods A and C, BT.2390 EETF: figures worked out apart from this code, ends, odd values."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour import bt2390, bt2446, gamma, pq
from candela_engines.errors import InputError

# Worked with `bc -l` at 30 digits from the printed equations, L_HDR 1000, L_SDR 100.
METHOD_A = [
    ((100, 100, 100), (0.538747871563377,) * 3),
    ((203, 203, 203), (0.686855043977100,) * 3),
    ((950, 950, 950), (0.991966336936623,) * 3),
    ((1, 1, 1), (0.098476135943716,) * 3),
    ((800, 100, 50), (1.135017965795409, 0.494661188779801, 0.378127836065676)),
    ((20, 300, 900), (0.300124793698518, 0.796205009879841, 1.221945217447067)),
    ((1000, 1000, 1000), (1.0,) * 3),
    ((0, 0, 0), (0.0,) * 3),
]
METHOD_C = [
    ((203, 203, 203), (90.664391419662552,) * 3),
    ((1000, 1000, 1000), (118.386820295414739,) * 3),
    ((800, 100, 50), (271.867793703564051, 33.983474212945506, 16.991737106472753)),
    ((10, 20, 30), (8.3802, 16.7604, 25.1406)),
    ((0, 0, 0), (0.0,) * 3),
]


@pytest.mark.parametrize(("nits", "code"), METHOD_A)
def test_method_a_golden(nits, code) -> None:
    np.testing.assert_allclose(bt2446.method_a(np.array(nits, float)), code, atol=1e-12)


@pytest.mark.parametrize(("nits", "light"), METHOD_C)
def test_method_c_golden(nits, light) -> None:
    np.testing.assert_allclose(bt2446.method_c(np.array(nits, float)), light, rtol=1e-12, atol=1e-12)


def test_method_a_normalises_by_its_own_peak() -> None:
    """The usual trap: with 10000 nit as 1.0 a 1000-nit white would come out far below SDR white."""
    for peak in (600.0, 1000.0, 4000.0):
        np.testing.assert_allclose(bt2446.method_a(np.full(3, peak), hdr_peak=peak), 1.0, atol=1e-12)


@pytest.mark.parametrize(("method", "step"), [(bt2446.method_a, 0.001), (bt2446.method_c, 0.1)])
def test_methods_rise_and_join(method, step: float) -> None:
    """The printed constants leave steps of 9e-4 code (A, 164 nit) and 0.08 nit (C, 70 nit) at the joints."""
    out = method(np.repeat(np.linspace(10, 1000, 20001)[:, None], 3, axis=1))[:, 0]
    assert np.diff(out).min() > 0 and np.diff(out).max() < step


@pytest.mark.parametrize("method", [bt2446.method_a, bt2446.method_c])
def test_methods_on_odd_values(method) -> None:
    rows = np.array([[np.nan, 1, 1], [-5, 0, 0], [1, 2, 3], [5000, 5000, 5000]])
    out = method(rows)
    assert np.isnan(out[0]).all() and (out[1] == 0).all() and np.isfinite(out[2:]).all()
    assert method(np.ones((2, 5, 3), np.float32)).dtype == np.float32
    assert method(np.ones((2, 5, 3))).shape == (2, 5, 3)
    with pytest.raises(InputError):
        method(np.ones((3, 4)))


def test_method_a_holds_light_to_the_peak() -> None:
    np.testing.assert_array_equal(bt2446.method_a(np.full(3, np.inf)), bt2446.method_a(np.full(3, 1000.0)))
    with pytest.raises(InputError):
        bt2446.method_a(np.ones(3), hdr_peak=0)
    with pytest.raises(InputError):
        bt2446.method_c(np.ones(3), alpha=0.5)


def test_rec709_deliverable() -> None:
    wide = np.random.default_rng(4).uniform(0, 1000, (40, 3))
    for method in ("a", "c"):
        code = bt2446.rec709_code(wide, method=method)
        assert code.min() >= 0 and code.max() <= 1
    grey = np.full((1, 3), 203.0)
    np.testing.assert_allclose(bt2446.rec709_code(grey, method="a"), bt2446.method_a(grey), atol=1e-12)
    light = gamma.eotf(bt2446.rec709_code(grey, method="c"), 2.4) * 100
    np.testing.assert_allclose(light, 90.664391419662552, rtol=1e-12)
    assert np.isnan(bt2446.sdr_rec2020_to_rec709_code(np.full(3, np.nan))).all()
    with pytest.raises(InputError):
        bt2446.rec709_code(grey, method="b")
    with pytest.raises(InputError):
        bt2446.sdr_rec2020_to_rec709_code(grey, white_nits=0)


def test_eetf_ends_and_knee() -> None:
    def mapped(nits: float, **levels: float) -> float:
        return float(bt2390.eetf(nits, source_peak=4000.0, target_peak=1000.0, **levels))

    assert mapped(4000.0) == pytest.approx(1000, rel=1e-9)
    assert mapped(9000.0) == mapped(np.inf) == pytest.approx(1000, rel=1e-9)
    assert mapped(0.0) == pytest.approx(0, abs=1e-6)
    # Below KS = 1.5·maxLum − 0.5 nothing changes.
    knee = 1.5 * float(pq.inverse_eotf(1000.0)) / float(pq.inverse_eotf(4000.0)) - 0.5
    below = float(pq.eotf(0.99 * knee * float(pq.inverse_eotf(4000.0))))
    assert mapped(below) == pytest.approx(below, rel=1e-9)
    assert mapped(0.0, target_black=0.05) == pytest.approx(0.05, rel=1e-6)
    assert np.isnan(mapped(np.nan))
    ramp = bt2390.eetf(np.geomspace(0.001, 4000, 2000), source_peak=4000, target_peak=600)
    assert (np.diff(ramp) > 0).all() and ramp.max() <= 600 * (1 + 1e-9)


def test_eetf_golden() -> None:
    """4000 to 1000 nit, worked with `bc -l` at 30 digits: E1 .916740, KS .749474, T .667661, E2 .829917."""
    out = bt2390.eetf([2000.0, 500.0], source_peak=4000.0, target_peak=1000.0)
    np.testing.assert_allclose(out, [974.937173873220638, 499.999651746486400], rtol=1e-11)


def test_eetf_that_has_nothing_to_do() -> None:
    nits = np.geomspace(0.01, 1000, 50)
    np.testing.assert_allclose(bt2390.eetf(nits, source_peak=1000, target_peak=1000), nits, rtol=1e-9)
    np.testing.assert_allclose(bt2390.eetf(nits, source_peak=1000, target_peak=2000), nits, rtol=1e-9)
    for levels in ({"source_peak": 0, "target_peak": 1}, {"source_peak": 20000, "target_peak": 1}):
        with pytest.raises(InputError):
            bt2390.eetf(1.0, **levels)


def test_eetf_on_the_largest_channel_keeps_ratios() -> None:
    rgb = np.array([[4000.0, 2000, 100], [10, 5, 1], [0, 0, 0], [np.nan, 1, 1]])
    out = bt2390.eetf_max_rgb(rgb, source_peak=4000, target_peak=1000)
    np.testing.assert_allclose(out[0], rgb[0] / 4, rtol=1e-9)
    np.testing.assert_allclose(out[1], rgb[1], rtol=1e-9)
    assert (out[2] == 0).all() and np.isnan(out[3]).any()
    assert bt2390.eetf_max_rgb(rgb.astype("f4"), source_peak=4000, target_peak=1000).dtype == np.float32
    with pytest.raises(InputError):
        bt2390.eetf_max_rgb(np.ones(2), source_peak=4000, target_peak=1000)
