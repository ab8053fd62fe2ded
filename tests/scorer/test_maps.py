"""Maps mark what was planted, where it was planted."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour import pq, pu21
from candela_engines.errors import CandelaError
from candela_engines.metrics import delta_e_itp_map
from candela_engines.scorer import maps
from candela_engines.scorer.windows import excess_of, sound_planes

from .ladders import band


def ramp(height: int = 120, width: int = 240) -> np.ndarray:
    """A smooth slope of PQ from 20 to 500 nit, grey."""
    low, high = (float(pq.inverse_eotf(nits)) for nits in (20.0, 500.0))
    plane = pq.eotf(np.linspace(low, high, width))[None] * np.ones((height, 1))
    return np.repeat(plane[..., None], 3, axis=2).astype(np.float32)


PLACE = (slice(30, 70), slice(100, 180))


def outside(plane: np.ndarray) -> np.ndarray:
    return np.delete(plane.reshape(-1), np.flatnonzero(_mask(plane.shape).reshape(-1)))


def _mask(shape: tuple[int, ...], margin: int = 0) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[30 - margin : 70 + margin, 100 - margin : 180 + margin] = True
    return mask


def test_gamut_excursions() -> None:
    nits = ramp()
    nits[PLACE] = [0.0, 100.0, 0.0]  # green of BT.2020
    assert excess_of(sound_planes(nits), "bt709")[PLACE].min() > 0.3
    assert excess_of(sound_planes(nits), "p3d65")[PLACE].min() > 0.05
    assert outside(excess_of(sound_planes(nits), "bt709")).max() < 1e-3
    with pytest.raises(CandelaError, match="srgb"):
        excess_of(sound_planes(nits), "srgb")


def test_contours_lie_on_the_steps_of_a_banded_ramp() -> None:
    nits = ramp(60, 960)
    banded = band(nits, 6)
    found = maps.banding_map(banded)
    steps = np.flatnonzero(np.abs(np.diff(banded[0, :, 1])) > 0) + 1
    marked = np.flatnonzero(found[10])
    assert set(marked) <= set(steps) and len(marked) >= len(steps) - 2
    assert found.max() > 0.9
    assert maps.banding_map(nits).max() == 0
    noisy = pu21.decode(pu21.encode(banded) + np.random.default_rng(0).normal(0, 1, banded.shape))
    assert (maps.banding_map(noisy.astype(np.float32)) > 0).mean() < 1e-3


def test_noise_is_where_it_was_added() -> None:
    nits = ramp()
    grain = np.random.default_rng(1).normal(0, 4, nits.shape[:2])
    noisy = pu21.decode(pu21.encode(nits.astype(np.float64)) + (grain * _mask(nits.shape[:2]))[..., None])
    found = maps.noise_map(noisy.astype(np.float32))
    inner = found[38:62, 108:172]
    assert np.median(inner) == pytest.approx(4, rel=0.1)
    away = np.where(_mask(found.shape, 6), 0, found)
    assert away.max() < 0.1


def test_difference_is_delta_e_itp() -> None:
    nits = ramp()
    other = nits * np.array([1.05, 1.0, 0.9], np.float32)
    assert np.abs(maps.difference_map(nits, other) - delta_e_itp_map(nits, other)).max() < 0.06
    with pytest.raises(CandelaError, match="one size"):
        maps.difference_map(nits, other[:10])


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (8, 300)])
def test_odd_pictures(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).random((*shape, 3), dtype=np.float32) * 300
    picture[0, 0] = np.nan
    for found in (
        maps.banding_map(picture),
        maps.noise_map(picture),
        maps.difference_map(picture, picture),
    ):
        assert found.shape == shape and found.dtype == np.float32 and np.isfinite(found).all()
    with pytest.raises(CandelaError, match=r"\(H, W, 3\)"):
        maps.noise_map(picture[..., 0])
