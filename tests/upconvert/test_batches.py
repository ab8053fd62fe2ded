"""What training draws: random curves by the reference that undoes them best, and parts of pictures."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.upconvert.anchors import ANCHORS
from candela_engines.upconvert.engine import open_engine
from candela_engines.upconvert.training.batches import PARTS, Looks, read
from candela_engines.upconvert.training.data import Pairs
from candela_engines.upconvert.training.train import Regrets

from .test_network import picture


@pytest.fixture
def looks() -> Looks:
    codes = np.rint(255 * picture(40, 64)).astype(np.uint8)
    lights = [open_engine(name).light(codes, 8, NAMED["rec709"]) for name in ANCHORS]
    masters = np.stack([np.rint(65535 * pq.inverse_eotf(np.clip(light, 0, 1000))) for light in lights])
    words = ("curve", "curve", "curve", "aces2+trim")
    of = np.array([0, 1, 2, 0])
    return Looks("agcm", [Pairs("s", "g", np.stack([codes] * 4), masters.astype(np.uint16), of, words)])


def test_curves_are_sorted_by_the_nearest_reference(looks: Looks) -> None:
    assert [looks.family(0, at) for at in range(3)] == [f"curve/{name}" for name in ANCHORS]
    assert looks.family(0, 3) == "aces2"


def test_parts_have_other_levels_and_the_same_picture(looks: Looks) -> None:
    whole = looks.part(0, 0, 0)
    assert whole is looks.of(0, 0)
    for number in range(1, PARTS):
        part = looks.part(0, 0, number)
        assert part is looks.part(0, 0, number) and part.proxy is whole.proxy
        assert part.levels.shape == whole.levels.shape and not np.array_equal(part.levels, whole.levels)
    one, other = (read(looks, "agcm", [(0, 3)], 6, np.random.default_rng(0), parts=PARTS) for _ in "ab")
    np.testing.assert_array_equal(one.codes, other.codes)
    assert one.operators == ("aces2",) and one.looked[0] is other.looked[0]


def test_the_worst_published_operator_counts_most() -> None:
    regrets = Regrets(aces2=[-5.0, -6.0, -5.0, -4.0], bt2446c=[-6.0, -5.0, -9.0, -4.0])
    regrets["curve/bt2446a"] = [-2.0, -5.0, -5.0, -7.0]
    assert regrets.published() == ["aces2", "bt2446c"]
    # 1 above placement; method C is the own inverse of bt2446c and no rival there, so 1 below placement.
    assert (regrets.of("aces2"), regrets.of("bt2446c")) == (1.0, -1.0)
    weights = regrets.weights(["aces2", "bt2446c", "curve/bt2446a"])
    assert weights[0] > 1 > weights[1] and weights[2] == pytest.approx(1)
    assert weights[:2].mean() == pytest.approx(1)
