"""Ladders keep what they promise: growing distance, nested losses, the same bytes every time."""

import itertools
import os

import numpy as np
import pytest

from candela_engines.colour import ictcp
from candela_engines.colour.gamuts import apply_matrix, luminance, rgb_to_rgb
from candela_engines.scorer.training.compression import compressed
from candela_engines.scorer.training.distances import Guard, between
from candela_engines.scorer.training.eotf_faults import EOTF_FAULTS
from candela_engines.scorer.training.faults import (
    GAMUT_LADDER,
    LADDERS,
    Manner,
    apply,
    crush,
    gamut,
    highlight_clip,
    ladder_named,
    white_balance_matrix,
)
from candela_engines.scorer.training.pictures import codes_of, generator, nits_of


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """(64, 96, 3) nits: a ramp over six decades, colours across it, detail, a lamp above 800 nit."""
    random = np.random.default_rng(5)
    rows, columns = np.mgrid[0:64, 0:96].astype(np.float32)
    y = 10 ** (-1.5 + 4.2 * columns / 95) * (1 + 0.3 * np.sin(rows * 0.9) * np.sin(columns * 0.7))
    tint = np.stack([1 + 0.6 * np.sin(rows / 9), np.ones_like(rows), 1 + 0.6 * np.cos(rows / 11)], -1)
    nits = y[..., None] * tint * (1 + 0.02 * random.standard_normal((64, 96, 1)))
    nits[20:30, 40:52] = (980.0, 940.0, 700.0)
    return nits_of(codes_of(np.clip(nits, 0.002, 1000).astype(np.float32)))


def rung(picture: np.ndarray, ladder: str, parameter: float) -> np.ndarray:
    made = apply(picture, ladder, parameter, random=generator("noise"), manner=Manner())
    return nits_of(codes_of(made))


@pytest.mark.parametrize(
    "ladder", [one for one in LADDERS if one.family != "compression"], ids=lambda one: one.name
)
def test_every_rung_is_further_from_the_master_than_the_one_before(picture, ladder):
    before = 0.0
    master = ictcp.from_nits(picture)
    for parameter in ladder.parameters:
        distance, _ = between(ictcp.from_nits(rung(picture, ladder.name, parameter)), master)
        assert distance.mean > before
        before = distance.mean


@pytest.mark.parametrize("codec", ["x265", "x264", "av1"])
@pytest.mark.parametrize("transport", ["pq", "hlg"])
def test_real_encoders_lose_more_at_a_higher_crf_and_keep_the_picture(picture, codec, transport):
    master = ictcp.from_nits(picture)
    ladder = ladder_named(codec).parameters
    means = []
    for crf in (ladder[0], ladder[-1]):
        coded = compressed(picture, crf, codec=codec, transport=transport)
        assert coded.shape == picture.shape
        means.append(between(ictcp.from_nits(coded), master)[0].mean)
    assert 0 < means[0] < means[1]
    light, coded = (
        luminance(picture),
        luminance(compressed(picture, ladder[0], codec=codec, transport=transport)),
    )
    # A wrong matrix, range or transfer would shift the level of the whole picture.
    assert abs(np.median(np.log2((coded + 1) / (light + 1)))) < 0.05


def test_a_jittered_crf_beyond_the_encoders_range_is_held(picture):
    assert np.array_equal(compressed(picture, 80, codec="av1"), compressed(picture, 63, codec="av1"))


def test_clipping_loses_what_the_milder_rung_lost_and_more(picture):
    levels = ladder_named("hl_clip").parameters
    for mild, strong in itertools.pairwise(levels):
        a, b = highlight_clip(picture, mild), highlight_clip(picture, strong)
        assert np.array_equal(highlight_clip(a, strong), b)
        assert set(np.flatnonzero(a != picture)) <= set(np.flatnonzero(b != picture))


def test_crushing_is_nested(picture):
    lost = [luminance(crush(picture, t)) <= 1e-5 for t in ladder_named("crush").parameters]
    for mild, strong in itertools.pairwise(lost):
        assert (strong | ~mild).all()
    assert lost[-1].sum() > lost[0].sum()


def test_gamut_volumes_are_nested_and_grey_stays():
    random = np.random.default_rng(3)
    wide = random.uniform(0, 500, (40, 40, 3)).astype(np.float32)
    wide[0] = wide[0, :, :1]
    for mild, strong in zip(GAMUT_LADDER.parameters, GAMUT_LADDER.parameters[1:], strict=False):
        once = gamut(gamut(wide, mild), strong)
        small = gamut(wide, strong)
        assert np.allclose(gamut(small, mild), small, rtol=2e-3, atol=0.3)
        assert once.shape == small.shape
        assert np.allclose(small[0], wide[0], rtol=1e-3)
    inside = apply_matrix(gamut(wide, 1.0), rgb_to_rgb("bt2020", "bt709"))
    assert inside.min() > -0.01


def test_white_balance_keeps_the_luminance_of_grey_and_warms_upwards():
    warm = white_balance_matrix(30) @ np.ones(3)
    assert warm[0] > 1 > warm[2]
    assert np.dot(warm, [0.2627, 0.6780, 0.0593]) == pytest.approx(1, abs=1e-3)
    assert np.allclose(white_balance_matrix(0), np.eye(3), atol=1e-12)


def test_wrong_eotfs_are_far_from_the_master_and_from_one_another(picture):
    made = {name: ictcp.from_nits(nits_of(codes_of(fault(picture)))) for name, fault in EOTF_FAULTS.items()}
    made["master"] = ictcp.from_nits(picture)
    names = sorted(made)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            assert between(made[first], made[second])[0].mean > 3


def test_noise_depends_on_its_seed_alone(picture):
    made = [
        apply(picture, "noise", 2, random=generator(seed), manner=Manner(grain=0.7)) for seed in (1, 1, 2)
    ]
    assert np.array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


def test_the_guard_refuses_what_nobody_sees_but_keeps_a_clip_of_few_pixels(picture):
    master = ictcp.from_nits(picture)
    same, _ = between(master, master)
    clipped, _ = between(ictcp.from_nits(highlight_clip(picture, 600)), master)
    guard = Guard()
    assert "no visible step" in (guard.refusal(same, same, 0.0, sparse=True) or "")
    assert guard.refusal(clipped, clipped, 0.0, sparse=True) is None
    assert "not further" in (guard.refusal(clipped, clipped, clipped.mean, sparse=True) or "")


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="no schedulers to ask here")
def test_an_encoder_leaves_the_thread_its_priority(picture):
    before = os.sched_getscheduler(0)
    compressed(picture, 36, codec="av1")
    assert os.sched_getscheduler(0) == before
