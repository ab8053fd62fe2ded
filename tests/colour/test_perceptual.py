"""PU21, ICtCp and ΔE_ITP."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from candela_engines.colour import ictcp, pu21
from candela_engines.errors import InputError

# Computed with the authors' own code, gfxdisp/pu21, fit banding_glare.
PU21_GOLDEN = {
    0.005: 0.000,
    0.1: 5.717,
    1.0: 36.544,
    10.0: 123.648,
    100.0: 256.384,
    203.0: 303.800,
    1000.0: 420.097,
    4000.0: 527.494,
    10000.0: 595.394,
}
light = hnp.arrays(np.float64, st.tuples(st.integers(1, 6), st.just(3)), elements=st.floats(0.005, 10000))


def test_pu21_golden() -> None:
    np.testing.assert_allclose(pu21.encode(list(PU21_GOLDEN)), list(PU21_GOLDEN.values()), atol=6e-4)


@given(light)
def test_pu21_round_trip(nits: np.ndarray) -> None:
    np.testing.assert_allclose(pu21.decode(pu21.encode(nits)), nits, rtol=1e-6)


def test_pu21_outside_its_range() -> None:
    ends = pu21.encode(np.array([-np.inf, -3, 0, 0.005, 10000, 20000, np.inf]))
    assert (ends[:4] == ends[3]).all() and (ends[4:] == ends[4]).all()
    assert np.isnan(pu21.encode(np.nan)) and np.isnan(pu21.decode(np.nan))
    assert float(pu21.decode(0.0)) == pytest.approx(0.005, abs=1e-7)
    assert float(pu21.decode(-10.0)) >= 0
    assert pu21.encode(np.ones((2, 2), np.float32)).dtype == np.float32
    rising = pu21.encode(np.geomspace(0.005, 10000, 5000))
    assert (np.diff(rising) > 0).all()


def test_ictcp_agrees_with_colour_science(cs) -> None:
    rgb = np.random.default_rng(3).uniform(0, 1, (200, 3)) ** 3 * 10000
    expected = cs.RGB_to_ICtCp(rgb, method="ITU-R BT.2100-2 PQ")
    np.testing.assert_allclose(ictcp.from_nits(rgb), expected, atol=1e-13)
    other = rgb * 1.01 + 0.5
    ours = ictcp.delta_e_itp(ictcp.from_nits(rgb), ictcp.from_nits(other))
    theirs = cs.difference.delta_E_ITP(expected, cs.RGB_to_ICtCp(other, method="ITU-R BT.2100-2 PQ"))
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_grey_has_no_chroma() -> None:
    itp = ictcp.from_nits(np.full((1, 3), 203.0))
    np.testing.assert_allclose(itp, [[0.5807, 0, 0]], atol=5e-5)


def test_delta_e_scales() -> None:
    base = np.array([0.5, 0.0, 0.0])
    assert float(ictcp.delta_e_itp(base, base + np.array([0.01, 0, 0]))) == pytest.approx(7.2)
    assert float(ictcp.delta_e_itp(base, base + np.array([0, 0.01, 0]))) == pytest.approx(3.6)
    assert float(ictcp.delta_e_itp(base, base + np.array([0, 0, 0.01]))) == pytest.approx(7.2)
    with pytest.raises(InputError):
        ictcp.delta_e_itp(base, np.zeros((2, 3)))


@given(light)
def test_ictcp_round_trip(nits: np.ndarray) -> None:
    # Between channels: a dark one beside a bright one keeps the precision of the bright one.
    error = np.abs(ictcp.to_nits(ictcp.from_nits(nits)) - nits) / nits.max(axis=-1, keepdims=True)
    assert error.max() < 1e-9


def test_ictcp_odd_values_and_shapes() -> None:
    rows = np.array([[np.nan, 1, 1], [np.inf, 1, 1], [-5, 0, 0], [1, 1, 1.0]])
    out = ictcp.from_nits(rows)
    assert np.isnan(out[0]).all() and np.isfinite(out[1:]).all()
    assert ictcp.from_nits(np.ones((2, 4, 3), np.float32)).dtype == np.float32
    assert ictcp.from_nits(np.ones((0, 3))).shape == (0, 3)
    with pytest.raises(InputError):
        ictcp.from_nits(np.ones((3, 2)))
