"""A reel with known light and planted faults: the light to a fraction of a per cent, every fault at its
frames, and none that was not planted.
"""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.qc.findings import Box, Finding
from candela_server.service.qc_request import QcOutcome

from . import golden


def told(outcome: QcOutcome, code: str) -> list[Finding]:
    return [finding for finding in outcome.result.findings if finding.code == code]


def test_shots_are_where_they_were_cut(outcome: QcOutcome) -> None:
    shots = outcome.result.clips[0].shots
    assert [(s.first, s.last) for s in shots] == [(0, 23), (24, 47), (48, 71)]
    assert [s.timecode_in for s in shots] == ["00:00:00:00", "00:00:01:00", "00:00:02:00"]


def test_the_letterbox_is_left_out(outcome: QcOutcome) -> None:
    shots = outcome.result.clips[0].shots
    assert [s.letterboxed for s in shots] == [False, True, False]
    assert shots[1].active == Box(0, golden.BARS, golden.WIDTH, golden.HEIGHT - golden.BARS)


def test_light_is_that_of_the_samples(outcome: QcOutcome) -> None:
    clip = outcome.result.clips[0]
    truth = {n: golden.nits_of(golden.luma(n)) for n in (*golden.A, *golden.C)}
    for shot, numbers in zip((clip.shots[0], clip.shots[2]), (golden.A, golden.C), strict=True):
        assert shot.measure("max_cll_nits") == pytest.approx(max(truth[n].max() for n in numbers), rel=1e-5)
        means = [float(truth[n].mean()) for n in numbers]
        assert shot.measure("max_fall_nits") == pytest.approx(max(means), rel=2e-4)
        assert shot.trend.columns["fall_nits"] == pytest.approx(means, rel=2e-4, abs=1e-4)
        ranks = [np.sort(truth[n].reshape(-1))[int(np.ceil(0.9999 * truth[n].size)) - 1] for n in numbers]
        assert shot.measure("max_cll_robust_nits") == pytest.approx(max(ranks), rel=1e-3)
    # Of the letterboxed shot over the active picture alone; the green patch is no grey: of frames without it.
    boxed = clip.shots[1].trend
    for place, number in enumerate(golden.B):
        if number not in golden.GREEN:
            inside = golden.nits_of(golden.luma(number))[golden.BARS : -golden.BARS]
            assert boxed.columns["fall_nits"][place] == pytest.approx(float(inside.mean()), rel=2e-4)


def test_every_planted_fault_is_found_where_it_is(outcome: QcOutcome) -> None:
    (bright,) = told(outcome, "light.max_cll")
    assert (bright.shot, bright.first, bright.last, bright.frames_count) == ("shot001", 8, 11, 4)
    assert bright.measured == pytest.approx(golden.BRIGHT_NITS, rel=0.01)
    assert bright.box is not None and bright.box.overlaps(Box(64, 32, 96, 64))
    (peak,) = told(outcome, "light.mastering_peak")
    assert (peak.first, peak.last) == (8, 11)
    assert peak.measured == pytest.approx(100 * 32 * 32 / (256 * 144), rel=1e-3)
    (held,) = told(outcome, "time.frozen")
    assert (held.first, held.last, held.frames_count) == (15, 17, 3)
    (pixel,) = told(outcome, "picture.stuck_pixel")
    assert pixel.shot == "shot002" and pixel.box is not None
    assert (
        (pixel.box.left_px + pixel.box.right_px) // 2,
        (pixel.box.top_px + pixel.box.bottom_px) // 2,
    ) == golden.STUCK
    (green,) = told(outcome, "gamut.p3")
    assert (green.first, green.last) == (30, 37)
    assert green.measured == pytest.approx(100 * 32 * 48 / (256 * 108), rel=0.1)
    assert green.box is not None and green.box.overlaps(Box(160, 40, 208, 72))
    (reserved,) = told(outcome, "levels.reserved")
    assert (reserved.first, reserved.last, reserved.measured) == (54, 55, 40)
    (jump,) = told(outcome, "time.jump_within")
    assert jump.first == jump.last == golden.JUMP
    (black,) = told(outcome, "time.black")
    assert (black.first, black.last) == (66, 67)


def test_declared_light_is_held_against_the_picture(outcome: QcOutcome) -> None:
    declared = outcome.result.clips[0].declared
    assert (declared.max_cll_nits, declared.max_fall_nits) == (800, 60)
    mastering = declared.mastering
    assert mastering is not None
    assert mastering.red_xy == pytest.approx((0.68, 0.32)) and mastering.green_xy == pytest.approx(
        (0.265, 0.69)
    )
    assert (mastering.max_nits, mastering.min_nits) == pytest.approx((1000, 0.005))
    (cll,) = told(outcome, "metadata.max_cll")
    assert cll.measured == pytest.approx(golden.BRIGHT_NITS, rel=0.01) and cll.limit == 800
    assert len(told(outcome, "metadata.max_fall")) == 1


def test_nothing_else_is_found(outcome: QcOutcome) -> None:
    planted = {
        "light.max_cll", "light.mastering_peak", "time.frozen", "picture.stuck_pixel", "gamut.p3",
        "gamut.excursion", "levels.reserved", "time.jump_within", "time.black", "metadata.max_cll",
        "metadata.max_fall",
    }  # fmt: skip
    assert {finding.code for finding in outcome.result.findings} == planted
    assert not outcome.result.passed
