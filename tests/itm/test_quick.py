"""The fast fit: the same result every time, work side by side, renewals from few pixels."""

import threading

import numpy as np
import pytest
from tests.itm.pairs import graded_pair

from candela_engines.colour.names import NAMED
from candela_engines.itm.choose import Size
from candela_engines.itm.finalist import Plan
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.pair import Pair, Side, spread_code
from candela_engines.itm.renewal import _looked_at, renewed
from candela_engines.itm.starts import start_layers
from candela_engines.native import VARIABLE
from candela_engines.runtime.together import alone, together

REC709 = NAMED["rec709"]


def test_a_fast_fit_is_the_same_every_time() -> None:
    codes, nits = graded_pair(120, 200, window=True)
    fits = [fit_pair(codes, REC709, nits, budget=6000, effort="fast", seed=4) for _ in range(2)]
    assert fits[0].payload == fits[1].payload
    assert fits[0].payload != fit_pair(codes, REC709, nits, budget=6000, effort="fast", seed=5).payload
    assert fits[0].report.pu_psnr > 45


@pytest.mark.twice
def test_integers_and_their_signal_are_fitted_alike() -> None:
    codes, nits = graded_pair(64, 96)
    of_codes = Pair(codes, REC709, nits, bits=8, floats=False, seed=0)
    of_signal = Pair((codes / np.float32(255)).astype(np.float32), REC709, nits, bits=8, floats=False, seed=0)
    np.testing.assert_array_equal(of_codes.pool_codes, of_signal.pool_codes)
    np.testing.assert_array_equal(of_codes.pool_steps, of_signal.pool_steps)
    of_codes.strength = of_signal.strength = 5
    np.testing.assert_array_equal(of_codes.rows(7, 12), of_signal.rows(7, 12))
    ys, xs = np.array([0, 63, 9]), np.array([95, 0, 8])
    np.testing.assert_array_equal(of_codes.pixels(ys, xs), of_codes.rows(0, 64)[ys, xs])


@pytest.mark.twice
def test_work_side_by_side_keeps_its_order_and_its_errors() -> None:
    assert together([]) == []
    barrier = threading.Event()

    def first() -> int:
        barrier.wait(5)
        return 1

    def second() -> int:
        barrier.set()
        return 2

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "0")
        assert together([second, first]) == [2, 1]
    assert together([second, first]) == [2, 1]

    def bad() -> int:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        together([second, bad])
    with alone():
        assert (np.ones((50, 50)) @ np.ones((50, 50)) == 50).all()


def test_a_renewal_looks_at_the_middle_of_samples() -> None:
    assert _looked_at(9, 3, 4, 2).tolist() == [1, 2, 5, 6, 8, 8]
    assert _looked_at(3, 3, 1, 1).tolist() == [0, 1, 2]


@pytest.mark.parametrize("pixels", [0, 1, 3, 9])
def test_a_renewal_from_few_pixels_fits_its_bytes(pixels: int) -> None:
    codes, nits = graded_pair(75, 91, window=True)
    pair = Pair(codes, REC709, nits, bits=8, floats=False, seed=0)
    side = Side(pair, "pq", pair.lattice_of(2000))
    assert side.lattice.shift == 1
    guide = side.guide(1, 400)
    assert guide is not None
    samples = side.samples(guide, spread_code(guide))
    layers = start_layers("pq", Size(20, 1), 1, samples, 0)
    again = renewed(side, guide, spread_code(guide), layers, 300, pixels)
    assert again is not None
    assert again.plane.shape == guide.plane.shape
    assert len(again.data) <= 300


def test_a_plan_counts_its_steps() -> None:
    assert Plan(200, 10, 2, 30, 400).total == 470
