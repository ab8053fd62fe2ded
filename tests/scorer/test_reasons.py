"""Reasons: planted faults are told with evidence and place, masters and legitimate grades are not accused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from candela_engines.metrics import Rectangle
from candela_engines.scorer.descriptors import names
from candela_engines.scorer.evidence import Mask, evidence_of, place_of
from candela_engines.scorer.misread import Suspicion
from candela_engines.scorer.reasons import Reason, find_reasons
from candela_engines.scorer.reasons_table import KINDS, kind_of

from .ladders import LADDERS, exposure

Picture = NDArray[np.float32]
Pair = tuple[Picture, Picture]


def told(grade: Picture, sdr: Picture | None) -> dict[str, Reason]:
    return {reason.kind: reason for reason in find_reasons(evidence_of(grade, sdr, threads=1))}


def violations(found: dict[str, Reason]) -> set[str]:
    return {kind for kind, reason in found.items() if reason.reason_class == "violation"}


@pytest.mark.parametrize("name", ["evening", "room"])
def test_a_master_has_no_violation(name: str, request: pytest.FixtureRequest) -> None:
    grade, sdr = request.getfixturevalue(name)
    assert violations(told(grade, sdr)) == set()


@pytest.mark.parametrize("stops", [-0.5, 0.5])
def test_another_exposure_is_described_and_not_punished(evening: Pair, stops: float) -> None:
    grade, sdr = evening
    before = evidence_of(grade, sdr, threads=1)["pair.tone.stops"]
    after = evidence_of(exposure(grade, stops), sdr, threads=1)["pair.tone.stops"]
    assert after - before == pytest.approx(stops, abs=0.05)
    # Half a stop up, the sun of this picture does run into the 1000 nit: a look may.
    assert violations(told(exposure(grade, stops), sdr)) == set()


def test_a_clip_at_the_end_of_the_form_is_a_look_and_below_it_a_violation(evening: Pair) -> None:
    grade, sdr = evening
    bright = exposure(grade, 1.5)  # held at 1000 nit
    held, cut = told(bright, sdr)["highlights_clipped"], told(bright * np.float32(0.8), sdr)
    assert held.reason_class == "deviation" and held.within and "described only" in held.text
    assert "end at 1000 nit" in held.text and held.mask is not None
    assert cut["highlights_clipped"].reason_class == "violation"
    assert "clip at 800 nit" in cut["highlights_clipped"].text


def test_where_the_reference_clips_too_a_clip_is_not_told(evening: Pair) -> None:
    grade, sdr = evening
    high = grade.max(axis=2) >= 300
    cut = np.minimum(grade, np.float32(300))
    found = told(cut, np.where(high[..., None], np.float32(100), sdr))
    assert found["highlights_clipped"].reason_class == "abstained"
    assert "the reference has no detail either" in found["highlights_clipped"].text


def test_the_display_that_a_grade_names_is_its_end(evening: Pair) -> None:
    grade, sdr = evening
    evidence = evidence_of(np.minimum(np.float32(1.7) * grade, np.float32(500)), sdr, threads=1)
    before = {r.kind: r for r in find_reasons(evidence)}["highlights_clipped"]
    evidence.ceiling_nits = 500.0
    after = {r.kind: r for r in find_reasons(evidence)}["highlights_clipped"]
    assert (before.reason_class, after.reason_class) == ("violation", "deviation")
    assert after.severity <= before.severity


@pytest.mark.parametrize(
    ("ladder", "rung", "kind", "expected"),
    [
        ("clip", 3, "highlights_clipped", "clip at 300 nit"),
        ("crush", 4, "blacks_crushed", "crushed"),
        ("lift", 3, "blacks_lifted", "lifted"),
        ("band", 4, "banding", "contours"),
        ("noise", 2, "noise", "Noise of"),
        ("blur", 2, "soft", "softer"),
    ],
)
def test_a_planted_fault_is_told_with_its_numbers(
    evening: Pair, ladder: str, rung: int, kind: str, expected: str
) -> None:
    grade, sdr = evening
    fault, steps = LADDERS[ladder]
    reason = told(fault(grade, steps[rung]), sdr)[kind]
    assert reason.reason_class == "violation" and expected in reason.text
    assert 0 <= reason.severity <= 1 and 0.9 <= reason.confidence <= 1
    assert reason.evidence and all(math.isfinite(m.value) and m.unit for m in reason.evidence)
    listed = {m.name for m in reason.evidence} & set(names())
    assert listed, "no descriptor proves it"
    assert reason.mask is not None and reason.box is not None and reason.mask.share > 0
    height, width = grade.shape[:2]
    box = reason.box
    assert 0 <= box.left < box.left + box.width <= width and 0 <= box.top < box.top + box.height <= height


@pytest.mark.parametrize(
    ("ladder", "kind"), [("clip", "highlights_clipped"), ("noise", "noise"), ("blur", "soft")]
)
def test_severity_grows_along_a_ladder(evening: Pair, ladder: str, kind: str) -> None:
    grade, sdr = evening
    fault, steps = LADDERS[ladder]
    found = [told(fault(grade, step), sdr).get(kind) for step in steps[1:4]]
    severities = [
        0.0 if reason is None or reason.reason_class == "abstained" else reason.severity for reason in found
    ]
    assert severities == sorted(severities) and severities[-1] > severities[0]


def test_a_clip_lies_where_it_was_made(evening: Pair) -> None:
    grade, sdr = evening
    reason = told(np.minimum(grade, np.float32(300)), sdr)["highlights_clipped"]
    assert reason.mask is not None
    mask = reason.mask.full(*grade.shape[:2])
    truth = grade.max(axis=2) > 300
    assert (mask & truth).sum() / (mask | truth).sum() > 0.85


def test_a_window_is_found_and_described(evening: Pair) -> None:
    grade, sdr = evening
    faulty = grade.copy()
    faulty[150:230, 60:200] *= 0.4
    reason = told(faulty, sdr)["local_grade"]
    assert reason.reason_class == "deviation" and reason.within and reason.mask is not None
    truth = np.zeros(grade.shape[:2], np.bool_)
    truth[150:230, 60:200] = True
    mask = reason.mask.full(*truth.shape)
    assert (mask & truth).sum() / (mask | truth).sum() > 0.6
    assert "around lower left" in reason.text


def test_reasons_do_not_depend_on_threads(room: Pair) -> None:
    grade, sdr = room
    noisy = LADDERS["noise"][0](grade, 4)
    one = [r.to_json() for r in find_reasons(evidence_of(noisy, sdr, threads=1))]
    two = [r.to_json() for r in find_reasons(evidence_of(noisy, sdr, threads=2))]
    assert one == two


def test_without_a_reference_a_plateau_is_no_clip(evening: Pair) -> None:
    found = told(np.minimum(evening[0], np.float32(300)), None)
    assert found["highlights_clipped"].reason_class == "abstained"
    assert "without the reference" in found["highlights_clipped"].text
    assert violations(found) == set()


@pytest.mark.parametrize("level", [0.0, 100.0])
def test_one_level_is_nothing_to_judge(level: float) -> None:
    grade = np.full((96, 128, 3), level, np.float32)
    for sdr in (None, grade / 4):
        found = find_reasons(evidence_of(grade, sdr, threads=1))
        assert [r.reason_class for r in found] == ["abstained"] and "one level" in found[0].text


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (20, 24)])
def test_tiny_pictures_do_not_crash(shape: tuple[int, int]) -> None:
    grade = np.random.default_rng(3).uniform(0.1, 600, (*shape, 3)).astype(np.float32)
    found = find_reasons(evidence_of(grade, np.minimum(grade, 100), threads=1))
    assert all(0 <= r.severity <= 1 for r in found)


def test_a_suspected_tag_is_a_violation_with_its_numbers(room: Pair) -> None:
    suspicion = Suspicion("sdr-read-as-pq", "it looks like SDR", {"fall_nits": 500.0, "share": 0.1})
    found = find_reasons(evidence_of(*room, threads=1), [suspicion])
    assert found[0].kind == "wrong_tag" and found[0].text == "It looks like SDR"
    assert {(m.name, m.unit) for m in found[0].evidence} == {("fall_nits", "nit"), ("share", "share")}


@pytest.mark.parametrize(("kind", "alone"), [("sdr-read-as-pq", True), ("sdr-in-hdr", False)])
def test_light_by_a_wrong_tag_is_not_judged(room: Pair, kind: str, alone: bool) -> None:
    """What the wrong tag makes of the light is no fault; an SDR picture placed in HDR is read rightly."""
    grade, sdr = room
    clipped = np.minimum(grade, np.quantile(grade, 0.8)).astype(np.float32)
    suspicion = Suspicion(kind, "it looks like SDR", {"share": 0.1})
    kinds = [
        (r.kind, r.reason_class) for r in find_reasons(evidence_of(clipped, sdr, threads=1), [suspicion])
    ]
    if alone:
        assert kinds == [("wrong_tag", "violation"), ("exposure", "abstained")]
    else:
        assert ("highlights_clipped", "violation") in kinds


def test_the_table_names_descriptors_that_exist() -> None:
    known = set(names())
    for kind in KINDS:
        assert set(kind.descriptors) <= known, kind.name
        assert kind.least < kind.full and kind.spread > 0 and kind.source
    assert kind_of("noise").unit == "PU21"
    with pytest.raises(KeyError):
        kind_of("beauty")


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        (slice(0, 10), slice(0, 10), "mostly at upper left"),
        (slice(24, 36), slice(40, 56), "mostly at the centre"),
        (slice(15, 25), slice(22, 38), "around upper left"),
        (slice(0, 60), slice(0, 20), "mostly in the left third"),
        (slice(45, 60), slice(0, 90), "mostly in the lower third"),
        (slice(0, 60), slice(0, 90), "spread over the picture"),
    ],
)
def test_words_of_place(rows: slice, columns: slice, words: str) -> None:
    flags = np.zeros((60, 90), np.bool_)
    flags[rows, columns] = True
    assert place_of(flags) == words


def test_a_mask_is_in_pixels_of_the_full_picture() -> None:
    flags = np.zeros((10, 20), np.bool_)
    flags[2:4, 5:9] = True
    mask = Mask(flags, 4, Rectangle(8, 16, 82, 41))
    assert mask.box() == Rectangle(8 + 20, 16 + 8, 16, 8)
    full = mask.full(80, 100)
    assert full.sum() == 16 * 8 and full[16 + 8, 8 + 20] and not full[:16].any()
    assert Mask(flags & False, 4, mask.area).box() is None


def test_colours_a_little_outside_weigh_little_however_many(evening: Pair) -> None:
    found = []
    for red in (0.01, 0.19):
        wide = evening[0].copy()
        # Green of P3-D65 as BT.2020 light, with some of its red taken away.
        wide[:, :240] = np.float32([0.1986 - red, 0.9417, 0.0176]) * 100
        found.append(told(wide, None)["gamut_exceeded"])
    near, far = found
    assert near.amount == pytest.approx(far.amount) and near.amount > 0.4
    assert near.severity < 0.5 < far.severity and far.reason_class == "deviation"
