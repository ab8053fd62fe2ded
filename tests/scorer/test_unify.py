"""Any picture to HLG at 1000 nit: against the exact formulas and the anchors of the recommendations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.colour import bt2390, hlg, pq
from candela_engines.colour.convert import (
    from_nits_rec2020,
    place_sdr_at_reference_white,
    to_nits_rec2020,
)
from candela_engines.colour.names import NAMED, parse_colour
from candela_engines.errors import CandelaError
from candela_engines.scorer.unify import unify, unify_light

HDR = ("rec2100-pq", "rec2100-hlg", "rec2100-hlg@400", "linear-rec2020", "p3-pq")
SDR = ("rec709", "srgb", "rec2020", "display-p3", "p3-gamma26")


def grey(nits: float) -> np.ndarray:
    return np.full((2, 2, 3), nits, np.float32)


@pytest.mark.parametrize(
    ("nits", "code"),
    # BT.2408-7 table 1: reference white, and the nominal peak; 26 nit is a grey card.
    [(203.0, 0.75), (1000.0, 1.0), (26.0, 0.38), (0.0, 0.0)],
)
def test_anchors_of_bt2408(nits: float, code: float) -> None:
    found = unify(grey(nits), parse_colour("linear-rec2020"))
    assert found.hlg == pytest.approx(code, abs=2e-3)


def test_sdr_white_is_reference_white() -> None:
    found = unify(np.ones((1, 1, 3), np.float32), parse_colour("rec709"))
    assert found.nits == pytest.approx(203.0, rel=1e-5)
    assert found.hlg == pytest.approx(0.75, abs=2e-3)


@pytest.mark.parametrize("name", HDR + SDR)
def test_agrees_with_the_exact_formulas(name: str) -> None:
    state = parse_colour(name)
    light = np.random.default_rng(1).random((40, 30, 3)) * (90 if name in SDR else 900)
    codes = from_nits_rec2020(light, state).astype(np.float32)
    exact = codes.astype(np.float64)
    nits = place_sdr_at_reference_white(exact, state) if name in SDR else to_nits_rec2020(exact, state)
    held = np.clip(nits, 0, 1000)
    found = unify(codes, state)
    assert np.abs(found.hlg - hlg.inverse_eotf(held)).max() < 3e-5
    np.testing.assert_allclose(found.nits, held, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("name", ["rec2100-pq", "rec2100-hlg", "rec709", "srgb"])
@pytest.mark.parametrize(("bits", "kind"), [(8, np.uint8), (10, np.uint16), (16, np.uint16)])
@pytest.mark.parametrize("signal_range", ["full", "narrow"])
def test_integer_codes_are_the_same_as_their_floats(
    name: str, bits: int, kind: type, signal_range: str
) -> None:
    from dataclasses import replace

    state = replace(parse_colour(name), range=signal_range)
    top = (1 << bits) - 1
    codes = np.random.default_rng(bits).integers(top // 16, top, (20, 30, 3)).astype(kind)
    by_float = unify((codes / top).astype(np.float32), state, bits=bits)
    assert np.abs(unify(codes, state, bits=bits).hlg - by_float.hlg).max() < 3e-5


def test_an_ocio_space_goes_through_ocio() -> None:
    state = parse_colour("ACEScg@100")
    light = np.random.default_rng(2).random((8, 8, 3)).astype(np.float32)
    want = np.clip(to_nits_rec2020(light, state), 0, 1000)
    np.testing.assert_allclose(unify(light, state).nits, want, rtol=1e-4, atol=1e-3)


def test_hlg_of_another_peak_has_its_own_gamma_and_is_mapped() -> None:
    state = parse_colour("rec2100-hlg@2000")
    codes = np.random.default_rng(3).random((16, 16, 3)).astype(np.float32)
    light = hlg.eotf(codes.astype(np.float64), peak_nits=2000)
    want = bt2390.eetf_max_rgb(light, source_peak=2000, target_peak=1000)
    found = unify(codes, state)
    assert found.report.mapped == "eetf" and found.report.source_peak_nits == 2000
    np.testing.assert_allclose(found.nits, want, rtol=2e-4, atol=1e-2)
    clipped = unify(codes, state, above="clip")
    np.testing.assert_allclose(clipped.nits, np.minimum(light, 1000), rtol=1e-4, atol=1e-3)


def test_what_was_changed_is_counted() -> None:
    light = np.full((10, 10, 3), 100.0, np.float32)
    light[0, :5] = 4000
    light[1, :3, 0] = -20
    light[2, 0] = np.nan
    light[2, 1, 2] = np.inf
    found = unify(light, parse_colour("linear-rec2020"))
    report = found.report
    assert (report.above, report.outside, report.not_numbers) == (0.05, 0.03, 0.02)
    assert report.peak_nits == 4000 and report.lowest_nits == -20 and report.mapped == "clip"
    assert np.isfinite(found.hlg).all() and found.hlg.min() == 0 and found.hlg.max() <= 1 + 1e-6
    assert [sentence.split(" of the picture")[0] for sentence in report.sentences()] == ["5 %", "3 %", "2 %"]
    plain = unify(np.full((4, 4, 3), 100.0, np.float32), parse_colour("linear-rec2020")).report
    assert plain.mapped == "nothing" and plain.sentences() == []


def test_threads_and_strips_change_nothing() -> None:
    light = (np.random.default_rng(4).random((700, 300, 3)) * 1500).astype(np.float32)
    state = parse_colour("linear-rec2020")
    one, two = unify(light, state, threads=1), unify(light, state, threads=2)
    assert np.array_equal(one.hlg, two.hlg) and one.report == two.report
    part = unify(light[100:200], state)
    assert np.array_equal(part.hlg, one.hlg[100:200])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 10000, width=32), min_size=3, max_size=3))
def test_hue_is_kept_by_the_eetf_and_peaks_are_held(rgb: list[float]) -> None:
    light = np.array(rgb, np.float32).reshape(1, 1, 3)
    found = unify(light, parse_colour("linear-rec2020"), above="eetf", source_peak_nits=4000.0)
    assert found.nits.max() <= 1000.01
    if light.max() > 1:
        want = light / light.max()
        np.testing.assert_allclose(found.nits / found.nits.max(), want, atol=1e-4)


def test_what_cannot_be_read_is_refused() -> None:
    state = parse_colour("rec2100-pq")
    with pytest.raises(CandelaError, match=r"\(H, W, 3\)"):
        unify(np.zeros((4, 4), np.float32), state)
    with pytest.raises(CandelaError, match="bit depth"):
        unify(np.zeros((4, 4, 3), np.uint16), state)
    with pytest.raises(CandelaError, match="12 bits"):
        unify(np.zeros((4, 4, 3), np.uint8), state, bits=12)
    with pytest.raises(CandelaError, match="mastering peak"):
        unify(np.zeros((4, 4, 3), np.float32), state, above="eetf")
    with pytest.raises(CandelaError, match="20000"):
        unify(np.zeros((4, 4, 3), np.float32), state, source_peak_nits=20000)


def test_pq_anchor() -> None:
    """203 nit is 58 % PQ and 75 % HLG: BT.2408-7 table 1."""
    code = np.full((1, 1, 3), float(pq.inverse_eotf(203.0)), np.float32)
    assert code[0, 0, 0] == pytest.approx(0.58, abs=1e-3)
    assert unify(code, parse_colour("rec2100-pq")).hlg == pytest.approx(0.75, abs=2e-3)


def test_light_alone_is_that_of_the_codes() -> None:
    random = np.random.default_rng(4)
    light = random.uniform(0, 900, (40, 64, 3)).astype(np.float32)
    state = NAMED["linear-rec2020"]
    same, report = unify_light(light, state)
    assert np.shares_memory(same, light) and report == unify(light, state).report
    for change in (1200.0, -5.0, np.nan):
        other = light.copy()
        other[3, 5, 1] = change
        whole = unify(other, state)
        part, report = unify_light(other, state)
        assert part is not other and report == whole.report
        np.testing.assert_array_equal(part, whole.nits)
        assert part.min() >= 0 and part.max() <= 1000
    codes = pq.inverse_eotf(light)
    np.testing.assert_array_equal(
        unify_light(codes, NAMED["rec2100-pq"])[0], unify(codes, NAMED["rec2100-pq"]).nits
    )
