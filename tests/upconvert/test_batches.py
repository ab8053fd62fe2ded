"""What training draws: random curves by the reference that undoes them best, and parts of pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from candela_engines.colour import pq  # noqa: E402
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb  # noqa: E402
from candela_engines.colour.names import NAMED  # noqa: E402
from candela_engines.upconvert.anchors import ANCHORS  # noqa: E402
from candela_engines.upconvert.engine import open_engine  # noqa: E402
from candela_engines.upconvert.training.anchor import Anchored  # noqa: E402
from candela_engines.upconvert.training.batches import PARTS, Looks, predicted, read  # noqa: E402
from candela_engines.upconvert.training.curves import (  # noqa: E402
    Shoulder,
    bent_by,
    lowered,
    random_shoulder,
    shouldered,
)
from candela_engines.upconvert.training.data import Pairs  # noqa: E402
from candela_engines.upconvert.training.regrets import Regrets, below, errors_of  # noqa: E402

from .test_network import picture  # noqa: E402


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


def test_several_crops_are_one_picture(looks: Looks) -> None:
    torch.manual_seed(0)
    network, chosen = Anchored("hdcfm").eval(), [(0, 0), (0, 1)]
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
        batch = read(looks, "hdcfm", chosen, 16, np.random.default_rng(1), crops=3)
        assert batch.codes.shape == (6, 16, 16, 3) and len(batch.looked) == 2
        made, _ = predicted(network, batch)
        for at in range(6):
            here = slice(at, at + 1)
            alone = replace(
                batch, codes=batch.codes[here], wanted=batch.wanted[here], rows=batch.rows[here],
                columns=batch.columns[here], looked=batch.looked[at // 3 :][:1],
            )  # fmt: skip
            torch.testing.assert_close(predicted(network, alone)[0], made[here], rtol=1e-4, atol=1e-5)
        found, beside = errors_of(network, batch)
    squares = (made - batch.wanted)[..., 4:-4, 4:-4].square().mean((1, 2, 3)).reshape(2, 3).mean(1)
    torch.testing.assert_close(found, torch.log(squares + 3e-5), rtol=1e-4, atol=1e-4)
    assert beside.shape == (2, len(ANCHORS))


def test_the_guard_counts_what_is_below_method_c() -> None:
    found = torch.tensor([-5.0, -7.0, -5.0])
    beside = np.array([[-9.0, -6.0, -9.0]] * 3, np.float32)
    # Above it by 1 in the logarithm of the error; better than it; and its own SDR, where it does not count.
    assert below(found, beside, ("aces2", "hard_clip", "bt2446c")).item() == pytest.approx(1 / 3)


def test_shoulders_are_straight_to_the_knee_and_soft_from_there() -> None:
    nits = np.geomspace(0.01, 1000, 4000).astype(np.float32)
    shoulder = Shoulder(gain=1.2, knee=0.6, white=800, power=1.0, mixed=1.0, saturation=1.0)
    light = bent_by(shoulder, nits)
    slope = np.diff(light) / np.diff(nits)
    straight = light[1:] < 0.595
    np.testing.assert_allclose(light[1:][straight], nits[1:][straight] * 1.2 / 203, rtol=1e-5)
    assert (slope >= 0).all() and light[-1] == 1 and (light[nits < 790] < 1).all()
    # No corner: beyond the knee the slope falls from the straight line's, and never rises again.
    assert slope[np.argmax(light > 0.601)] == pytest.approx(1.2 / 203, rel=0.03)
    assert (np.diff(slope[~straight & (light[1:] < 1)]) < 1e-5).all()
    hard = bent_by(replace(shoulder, knee=1.0), nits)
    np.testing.assert_allclose(hard, np.minimum(nits * 1.2 / 203, 1), rtol=1e-5)


def test_shoulders_hold_hues_by_luminance_and_not_by_channels() -> None:
    nits = np.array([[[330.0, 300.0, 220.0]]], np.float32)
    found = {}
    for mixed in (1.0, -1.0, 0.0):
        code = shouldered(Shoulder(1.0, 0.4, 1000, 1.0, mixed, 1.0), nits)
        wide = apply_matrix(np.clip(code, 0, 1) ** 2.4, rgb_to_rgb("bt709", "bt2020"))[0, 0]
        found[mixed] = wide[0] / wide[2]
    assert found[1.0] == pytest.approx(1.5, rel=0.01) and found[-1.0] == pytest.approx(1.5, rel=0.01)
    assert found[0.0] < 1.4


def test_random_curves_are_seeded_and_masters_lowered_by_chance() -> None:
    one, other = (random_shoulder(np.random.default_rng(4)) for _ in "ab")
    assert one == other and 0.3 <= one.knee <= 1
    nits = np.full((4, 4, 3), 1000, np.float32)
    peaks = [float(lowered(nits, np.random.default_rng(seed)).max()) for seed in range(30)]
    assert 8 < sum(peak == 1000 for peak in peaks) < 22 and 245 < min(peaks) < 700


def test_the_worst_published_operator_counts_most() -> None:
    regrets = Regrets()
    regrets.update(aces2=[-5.0, -6.0, -5.0, -4.0], bt2446c=[-6.0, -5.0, -9.0, -4.0])
    regrets["curve/bt2446a"] = [-2.0, -5.0, -5.0, -7.0]
    assert regrets.published() == ["aces2", "bt2446c"]
    # 1 above placement; method C is the own inverse of bt2446c and no rival there, so 1 below placement.
    assert (regrets.of("aces2"), regrets.of("bt2446c")) == (1.0, -1.0)
    weights = regrets.weights(["aces2", "bt2446c", "curve/bt2446a"])
    assert weights[0] > 1 > weights[1] and weights[2] == pytest.approx(1)
    assert weights[:2].mean() == pytest.approx(1)
