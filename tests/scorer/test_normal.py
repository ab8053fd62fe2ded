"""The normal distribution: the standard library's to the last place or two, tails, what is no number."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from candela_engines.scorer.normal import SIGMA_JOD, log_cdf, normal_cdf, slope_of_log_cdf


def test_it_is_the_standard_librarys_between_the_knots_as_well() -> None:
    z = np.concatenate([np.linspace(-8, 8, 4000), np.random.default_rng(0).normal(0, 2, 4000)])
    wanted = [NormalDist().cdf(x) for x in z]
    np.testing.assert_allclose(normal_cdf(z.reshape(2, -1)).ravel(), wanted, rtol=0, atol=4e-16)


def test_relative_accuracy_in_the_lower_tail() -> None:
    z = np.random.default_rng(1).uniform(-35.9, 10, 4000)
    wanted = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in z])
    np.testing.assert_allclose(normal_cdf(z), wanted, rtol=1e-12)
    np.testing.assert_allclose(log_cdf(z), np.log(wanted), rtol=1e-14, atol=3e-16)
    density = np.array([NormalDist().pdf(x) for x in z])
    np.testing.assert_allclose(slope_of_log_cdf(z), density / wanted, rtol=1e-12)


def test_where_the_error_function_is_no_number_any_more() -> None:
    # log Φ(−20), −40: Mathematica's values, as tabled by R's pnorm(log.p = TRUE).
    np.testing.assert_allclose(log_cdf(np.array([-20.0, -40.0])), [-203.917155, -804.608442], rtol=3e-9)
    assert np.isfinite(log_cdf(np.array([-1e4]))).all()
    np.testing.assert_allclose(slope_of_log_cdf(np.array([-30.0])), [30.0332595], rtol=1e-6)
    # Both ways of saying it meet at -36.
    assert log_cdf(np.nextafter(-36, -37)) == pytest.approx(float(log_cdf(-36.0)), rel=1e-12)


def test_ends_and_what_is_no_number() -> None:
    assert normal_cdf([-np.inf, -0.0, 0.0, np.inf]).tolist() == [0.0, 0.5, 0.5, 1.0]
    found = normal_cdf([np.nan, 1.0])
    assert np.isnan(found[0]) and found[1] == pytest.approx(NormalDist().cdf(1))


def test_one_jod_is_preferred_by_three_of_four() -> None:
    assert float(normal_cdf(1 / SIGMA_JOD)) == pytest.approx(0.75, abs=1e-15)
