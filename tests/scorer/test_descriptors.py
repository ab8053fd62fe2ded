"""Every fault moves the descriptors that are to tell of it, rung by rung; and nothing breaks them."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from candela_engines.colour import ictcp, pu21
from candela_engines.colour.convert import place_sdr_at_reference_white
from candela_engines.colour.names import NAMED
from candela_engines.errors import CandelaError
from candela_engines.metrics import delta_e_itp_map
from candela_engines.scorer import DESCRIPTORS, describe, names, vector
from candela_engines.scorer.active import active_area
from candela_engines.scorer.descriptors import pair_colour, skin
from candela_engines.scorer.planes import itp_of, pq_of, pu_of

from .ladders import LADDERS

UP, DOWN = 1, -1
MOVES = {
    "clip": [
        ("grade.limits.at_peak", UP),
        ("grade.light.peak", DOWN),
        ("pair.tone.clip_lost", UP),
        ("pair.detail.texture_at_top", DOWN),
    ],
    "lift": [
        ("grade.limits.channel_floor", UP),
        ("pair.tone.exponent_0.1", DOWN),
        ("pair.tone.floor_at_sdr_black", UP),
    ],
    "band": [
        ("grade.banding.density", DOWN),
        ("grade.banding.step", UP),
        ("grade.banding.even", UP),
        ("pair.detail.lost_steps", UP),
    ],
    "hue": [("pair.colour.hue_median", UP), ("pair.colour.hue_turn", UP)],
    "saturation_up": [("pair.colour.chroma_gain", UP), ("pair.colour.chroma_ratio", UP)],
    "saturation_down": [("pair.colour.chroma_gain", DOWN), ("grade.colour.chroma", DOWN)],
    "exposure_up": [("pair.tone.stops", UP), ("grade.light.log_average", UP)],
    "exposure_down": [("pair.tone.stops", DOWN), ("grade.light.log_average", DOWN)],
    "warm": [("pair.colour.red_green", UP), ("pair.colour.blue_green", DOWN)],
    "cool": [("pair.colour.red_green", DOWN), ("pair.colour.blue_green", UP)],
    "contrast_up": [("pair.tone.exponent_1", UP), ("pair.tone.slope_mid", UP)],
    "contrast_down": [("pair.tone.exponent_1", DOWN), ("pair.tone.slope_mid", DOWN)],
    "noise": [
        ("grade.texture.noise", UP),
        ("pair.detail.noise_added", UP),
        ("grade.texture.noise_chroma", UP),
    ],
    "blur": [
        ("pair.detail.gain_pixel", DOWN),
        ("pair.detail.sharpen_one", DOWN),
        ("grade.texture.edge_rise", DOWN),
    ],
    "blocks": [
        ("grade.texture.blocking_8", UP),
        ("pair.detail.correlation_pixel", DOWN),
        ("pair.detail.quiet_correlation", DOWN),
    ],
    "gamut": [("grade.colour.deep_709", UP), ("pair.colour.chroma_deep", DOWN)],
}


@pytest.mark.parametrize("ladder", MOVES)
def test_descriptors_follow_their_ladder(ladder: str, evening, room) -> None:
    grade, sdr = room if ladder == "lift" else evening
    fault, rungs = LADDERS[ladder]
    rungs = rungs[1::2]
    found = [describe(grade, sdr)] + [describe(fault(grade, rung), sdr) for rung in rungs]
    for name, direction in MOVES[ladder]:
        values = [one[name] for one in found]
        assert all(direction * (b - a) > 0 for a, b in pairwise(values)), (name, values)


def test_crush_takes_the_shadows_of_the_reference(room) -> None:
    grade, sdr = room
    fault, rungs = LADDERS["crush"]
    found = [describe(grade, sdr)] + [describe(fault(grade, rung), sdr) for rung in rungs[1::2]]
    for name in (
        "grade.limits.at_floor",
        "pair.tone.sdr_range_at_floor",
        "pair.tone.crush_lost",
        "pair.tone.floor_reach",
    ):
        values = [one[name] for one in found]
        assert all(b > a for a, b in pairwise(values)), (name, values)


def test_measures_what_was_done(evening) -> None:
    """Absolute figures, where the fault states what it is to be."""
    grade, sdr = evening
    before = describe(grade, sdr)
    for name, fault, rung, by, tolerance in (
        ("pair.tone.stops", "exposure_down", -0.5, -0.5, 0.005),
        ("pair.colour.hue_median", "hue", 5, 5.0, 0.25),
        ("pair.colour.red_green", "warm", 0.2, 0.2, 0.01),
        ("pair.colour.chroma_ratio", "saturation_down", 0.8, math.log(0.8), 0.04),
    ):
        change = describe(LADDERS[fault][0](grade, rung), sdr)[name] - before[name]
        assert change == pytest.approx(by, abs=tolerance), name
    noisy = describe(LADDERS["noise"][0](grade, 4), sdr)
    # Luminance of three channels of σ = 4, weighed by BT.2020, near neutral: 4·√(Σ w²).
    assert noisy["pair.detail.noise_added"] == pytest.approx(4 * 0.73, rel=0.15)


def test_planes_agree_with_the_exact_formulas() -> None:
    light = np.random.default_rng(1).random((50, 60, 3)).astype(np.float32) ** 4 * 1000
    planes = tuple(np.ascontiguousarray(light[..., c]) for c in range(3))
    exact = ictcp.from_nits(light.astype(np.float64)) * [720, 360, 720]
    for mine, theirs in zip(itp_of(planes), np.moveaxis(exact, -1, 0), strict=True):
        assert np.abs(mine - theirs).max() < 0.03
    assert np.abs(pu_of(light) - pu21.encode(light.astype(np.float64))).max() < 5e-3
    assert pq_of(np.array([203.0], np.float32))[0] == pytest.approx(0.5807, abs=1e-4)
    other = (light * 1.1).astype(np.float32)
    distance = sum(
        (a - b) ** 2 for a, b in zip(itp_of(planes), itp_of(tuple(np.moveaxis(other, -1, 0))), strict=True)
    )
    assert np.abs(np.sqrt(distance) - delta_e_itp_map(light, other)).max() < 0.05


def test_hues_are_those_of_the_colours_they_name() -> None:
    def hue(codes: list[float], state: str) -> float:
        light = place_sdr_at_reference_white(np.array([[codes]]), NAMED[state])
        _, ct, cp = ictcp.from_nits(light)[0, 0]
        return math.degrees(math.atan2(cp, 0.5 * ct)) % 360

    patches = [hue([v / 255 for v in patch], "srgb") for patch in ((115, 82, 68), (194, 150, 130))]
    assert sum(patches) / 2 == pytest.approx(skin.HUE_DEGREES, abs=0.05)
    corners = {
        "red": [0.6, 0, 0],
        "yellow": [0.6, 0.6, 0],
        "green": [0, 0.6, 0],
        "cyan": [0, 0.6, 0.6],
        "blue": [0, 0, 0.6],
        "magenta": [0.6, 0, 0.6],
    }
    for name, centre in zip(pair_colour.HUES, pair_colour._CENTRES, strict=True):
        assert hue(corners[name], "rec709") == pytest.approx(centre, abs=0.06), name


def test_skin_is_found_and_its_shift_measured() -> None:
    patch = place_sdr_at_reference_white(
        np.full((64, 64, 3), [194 / 255, 150 / 255, 130 / 255]), NAMED["srgb"]
    )
    grade = np.full((128, 128, 3), 20.0, np.float32)
    grade[:64, :64] = patch
    found = describe(grade)
    assert found["grade.skin.share"] == pytest.approx(0.25, abs=1e-6)
    assert found["grade.skin.hue"] == pytest.approx(0.5, abs=0.2)
    turned = describe(LADDERS["hue"][0](grade, 6))
    assert turned["grade.skin.hue"] - found["grade.skin.hue"] == pytest.approx(6, abs=0.3)
    assert math.isnan(describe(np.full((64, 64, 3), 20.0, np.float32))["grade.skin.hue"])


def test_the_table() -> None:
    assert len(set(names())) == len(DESCRIPTORS) == len(names())
    for descriptor in DESCRIPTORS:
        assert descriptor.unit and descriptor.source and math.isfinite(descriptor.neutral)
        assert descriptor.needs_reference == (not descriptor.name.startswith("grade."))


def test_alone_and_paired_agree_and_threads_change_nothing(evening) -> None:
    grade, sdr = evening
    alone, paired = describe(grade), describe(grade, sdr)
    for place, descriptor in enumerate(DESCRIPTORS):
        if descriptor.needs_reference:
            assert not alone.valid[place]
        else:
            assert alone.values[place] == paired.values[place], descriptor.name
    assert np.array_equal(vector(grade, sdr, threads=1), vector(grade, sdr, threads=2))
    white = vector(grade, sdr * 2, sdr_white_nits=200.0)
    assert np.array_equal(white, paired.values)


@pytest.mark.parametrize("shape", [(8, 8), (1, 1), (3, 40), (9, 17), (64, 64), (200, 7), (16, 3000)])
def test_pictures_of_odd_sizes(shape: tuple[int, int]) -> None:
    grade = np.random.default_rng(0).random((*shape, 3), dtype=np.float32) * 500
    for found in (describe(grade), describe(grade, grade / 5)):
        assert np.isfinite(found.values).all()


@pytest.mark.parametrize(
    "kind", ["black", "constant", "constant grade", "constant reference", "nan", "all nan"]
)
def test_pictures_without_evidence_and_broken_ones(kind: str) -> None:
    any_ = np.random.default_rng(0).random((135, 240, 3), dtype=np.float32) * 500
    even, broken = np.full_like(any_, 100.0), any_.copy()
    broken[10:20], broken[30:35], broken[40], broken[50:60] = np.nan, np.inf, -np.inf, -50
    grade, sdr = {
        "black": (even * 0, even * 0),
        "constant": (even, even),
        "constant grade": (even, any_ / 5),
        "constant reference": (any_, even),
        "nan": (broken, broken),
        "all nan": (even * np.nan, even * np.nan),
    }[kind]
    found = describe(grade, sdr)
    assert np.isfinite(found.values).all()
    if kind in ("black", "constant", "constant reference"):
        assert math.isnan(found["pair.tone.slope_mid"]) and math.isnan(found["pair.colour.hue_median"])


@pytest.mark.parametrize("bar_nits", [0.0, 0.5])
def test_bars_are_found_and_left_out(bar_nits: float, evening) -> None:
    grade, sdr = evening
    inner = describe(grade[40:224], sdr[40:224])
    boxed, boxed_sdr = grade[:264].copy(), sdr[:264].copy()
    for picture, level in ((boxed, bar_nits), (boxed_sdr, 0.0)):
        picture[:40], picture[224:] = level, level
    alone = describe(boxed, boxed_sdr)
    assert (alone.area.top, alone.area.height, alone.area.left, alone.area.width) == (40, 184, 0, 480)
    for name in ("grade.light.p5", "grade.light.mean", "pair.tone.stops", "grade.limits.floor"):
        assert alone[name] == pytest.approx(inner[name], abs=1e-5), name


def test_what_is_no_bar() -> None:
    picture = np.random.default_rng(0).random((100, 200, 3), dtype=np.float32) * 100
    picture[:30] = 0  # a night sky
    assert active_area(picture).height == 100
    picture[-29:] = 0
    assert active_area(picture).height == 41
    picture[:] = 0
    assert active_area(picture).height == 100


def test_resolution_changes_little(evening) -> None:
    """The same picture at twice the size: what is of the whole picture stays."""
    grade, sdr = evening
    small, large = (
        describe(grade, sdr),
        describe(*(np.repeat(np.repeat(p, 2, 0), 2, 1) for p in (grade, sdr))),
    )
    for name in ("grade.light.p50", "pair.tone.stops", "pair.colour.hue_median", "grade.colour.chroma"):
        assert large[name] == pytest.approx(small[name], abs=0.03 * max(1, abs(small[name]))), name


def test_what_does_not_fit_is_refused(evening) -> None:
    grade, sdr = evening
    with pytest.raises(CandelaError, match=r"480x270.*300x270"):
        describe(grade, sdr[:, :300])
    with pytest.raises(CandelaError, match="float32"):
        describe((grade * 10).astype(np.uint16))
    with pytest.raises(CandelaError, match=r"\(H, W, 3\)"):
        describe(grade[..., 0])
    with pytest.raises(CandelaError, match="white"):
        describe(grade, sdr, sdr_white_nits=0)
