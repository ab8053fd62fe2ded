"""The confidence plane, on samples whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from tests.itm.pairs import graded_pair

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm.clipped import clipped_from, clipped_light
from candela_engines.itm.confidence import certain_nits, confidence, false_colour
from candela_engines.itm.fit import fit_pair
from candela_engines.itm.payload import Fidelity, Payload, decode

REC709 = NAMED["rec709"]
# ST 2084: 203 nit is 0.58069, 1000 nit 0.75183.
AT_203, AT_1000 = 2379, 3079


def payload(clipped):
    fidelity = Fidelity(50, 1, 2, 40, 0, 0)
    size = {"width": 4, "height": 1, "bits": 8, "picture_hash": bytes(16)}
    states = {"sdr": REC709, "hdr": NAMED["rec2100-pq"]}
    return Payload("default", **size, **states, fidelity=fidelity, numbers=(), blobs=(), clipped=clipped)


def test_only_what_is_clipped_and_above_the_certain_light_is_invented():
    codes = np.array([[[10, 20, 30], [255, 90, 20], [255, 255, 255], [255, 255, 255]]], np.uint8)
    nits = np.array([[[1, 2, 3], [203, 50, 9], [406, 406, 406], [2030, 2030, 2030]]], np.float32)
    found = confidence(codes, 8, nits, payload((AT_203, 10)))
    assert found[0] == pytest.approx([1, 1, 0.5, 0.1], rel=2e-3)


def test_one_clipped_component_leaves_the_others_certain():
    codes = np.array([[[90, 140, 255], [255, 140, 90]]], np.uint8)
    nits = np.array([[[100, 200, 406], [406, 200, 100]]], np.float32)
    lost = [0.0593 * 203 / (0.2627 * 100 + 0.678 * 200 + 0.0593 * 406)]
    lost += [0.2627 * 203 / (0.2627 * 406 + 0.678 * 200 + 0.0593 * 100)]
    assert confidence(codes, 8, nits, payload((AT_203, 10)))[0] == pytest.approx(1 - np.array(lost), rel=2e-3)


def test_bright_light_of_samples_that_are_not_clipped_is_certain():
    codes = np.full((1, 4, 3), 250, np.uint8)
    nits = np.full((1, 4, 3), 4000, np.float32)
    assert confidence(codes, 8, nits, payload((AT_203, 10))).min() == 1


def test_without_figures_light_is_certain_up_to_reference_white():
    assert certain_nits(payload(None)) == 203
    assert certain_nits(payload((AT_1000, 0))) == pytest.approx(1000, rel=2e-3)


@pytest.mark.parametrize(
    ("bits", "white"), [(8, 235), (10, 940), (12, 3760), (16, 60160)]
)
def test_narrow_range_is_clipped_at_nominal_white(bits, white):
    narrow = ColourState("bt709", "bt1886", range="narrow")
    full = (1 << bits) - 1
    assert white / full > clipped_from(narrow, bits) > (white - (2 << (bits - 8))) / full


def test_floats_above_full_scale_are_clipped():
    codes = np.array([[[1.2, 1.1, 1.01], [0.5, 0.5, 0.5]]], np.float32)
    nits = np.full((1, 2, 3), 2030, np.float32)
    assert confidence(codes, 32, nits, payload((AT_203, 10)))[0] == pytest.approx([0.1, 1], rel=2e-3)


def test_sizes_have_to_agree():
    with pytest.raises(InputError, match="one size"):
        confidence(np.zeros((2, 2, 3), np.uint8), 8, np.zeros((2, 3, 3), np.float32), payload(None))


def test_light_and_error_of_clipped_pixels():
    codes = np.full((1000, 3), 0.5, np.float32)
    codes[:200] = 1.0
    nits = np.full((1000, 3), 40, np.float32)
    nits[:200] = np.linspace(300, 900, 200)[:, None]
    light, error = clipped_light(codes, REC709, 8, nits, np.zeros_like(nits))
    assert certain_nits(payload((light, error))) == pytest.approx(np.percentile(nits[:200], 2), rel=5e-3)
    assert error == 0
    assert clipped_light(codes[200:], REC709, 8, nits[200:], np.zeros_like(nits[200:])) is None


def test_a_still_says_it_of_itself():
    codes, nits = graded_pair(96, 160)
    codes = np.minimum(codes.astype(int) + 60, 255).astype(np.uint8)  # a grade that clips
    found = decode(fit_pair(codes, REC709, nits, budget=2048, effort="fast").payload)
    least = np.percentile(nits[codes == 255], 2)
    assert certain_nits(found) == pytest.approx(least, rel=0.05)


def test_the_view_colours_what_was_invented_and_nothing_else():
    share = np.array([[1.0, 0.95, 0.6, 0.3, 0.1]], np.float32)
    picture = false_colour(share, np.full((1, 5, 3), 200, np.uint8), 8)
    assert len({tuple(p) for p in picture[0]}) == 5
    assert picture[0, 0, 0] == picture[0, 0, 1] == picture[0, 0, 2] > 0
    assert tuple(picture[0, 2]) == (255, 128, 32)
