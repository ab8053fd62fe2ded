"""ΔE_ITP over pictures: colour-science, the percentile, strips, odd values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from candela_engines.errors import InputError
from candela_engines.metrics import DeltaEItp, delta_e_itp, delta_e_itp_map


def pair(seed: int, height: int = 60, width: int = 80) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    reference = rng.uniform(0, 1, (height, width, 3)) ** 3 * 2000
    return reference * rng.uniform(0.95, 1.05, reference.shape), reference


def test_map_agrees_with_colour_science(cs) -> None:
    test, reference = pair(1)
    expected = cs.difference.delta_E_ITP(
        cs.RGB_to_ICtCp(test, method="ITU-R BT.2100-2 PQ"),
        cs.RGB_to_ICtCp(reference, method="ITU-R BT.2100-2 PQ"),
    )
    np.testing.assert_allclose(delta_e_itp_map(test, reference), expected, atol=1e-9)
    single = delta_e_itp_map(test.astype(np.float32), reference.astype(np.float32))
    assert single.dtype == np.float32 and single.shape == (60, 80)
    np.testing.assert_allclose(single, expected, atol=2e-3)
    result = delta_e_itp(test, reference)
    assert result.mean == pytest.approx(expected.mean(), abs=1e-9)
    assert result.max == pytest.approx(expected.max(), abs=1e-9)
    nearest_rank = np.sort(expected, axis=None)[math.ceil(0.99 * expected.size) - 1]
    assert result.p99 == pytest.approx(nearest_rank, abs=0.001)


def test_one_pixel_in_a_hundred_is_not_p99_and_two_are() -> None:
    reference = np.full((10, 10, 3), 100.0)
    test = reference.copy()
    test[0, 0] = 200
    assert delta_e_itp(test, reference).p99 == pytest.approx(0, abs=0.001)
    test[0, 1] = 200
    assert delta_e_itp(test, reference).p99 == pytest.approx(delta_e_itp(test, reference).max, abs=0.001)


def test_grey_steps_are_steps_of_intensity() -> None:
    """203 to 100 nit on the grey axis: 720 · (0.580689 − 0.508078), PQ codes of ST 2084."""
    result = delta_e_itp(np.full((4, 4, 3), 203.0), np.full((4, 4, 3), 100.0))
    assert result.mean == pytest.approx(720 * (0.580689 - 0.508078), abs=2e-3)


def test_identity() -> None:
    same = delta_e_itp(pair(2)[0], pair(2)[0])
    assert (same.mean, same.p99, same.max) == (0.0, 0.0, 0.0)


def test_strips_give_the_same() -> None:
    test, reference = pair(3, 50, 16000)
    total = DeltaEItp()
    for top in range(0, 50, 7):
        total.add(test[top : top + 7], reference[top : top + 7])
    whole = delta_e_itp(test, reference)
    assert total.result().mean == pytest.approx(whole.mean, abs=1e-9)
    assert (total.result().p99, total.result().max) == (whole.p99, whole.max)
    assert total.percentile(50) <= whole.p99 <= total.percentile(100) == whole.max


def test_odd_values() -> None:
    reference = np.full((4, 4, 3), 100.0)
    broken = reference.copy()
    broken[1, 1, 2] = np.nan
    assert all(math.isnan(v) for v in vars_of(delta_e_itp(broken, reference)))
    assert np.isnan(delta_e_itp_map(broken, reference)).sum() == 1
    assert all(math.isnan(v) for v in vars_of(DeltaEItp().result()))
    wild = reference.copy()
    wild[0, 0] = [np.inf, 5, -1]
    extremes = delta_e_itp(wild, np.zeros_like(reference))
    assert all(math.isfinite(v) for v in vars_of(extremes))
    with pytest.raises(InputError):
        DeltaEItp().percentile(0)
    with pytest.raises(InputError, match="one size"):
        delta_e_itp(reference, reference[1:])


def vars_of(result) -> tuple[float, float, float]:
    return result.mean, result.p99, result.max
