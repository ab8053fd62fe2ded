"""Whole shots: budgets kept, figures true, keys where the grade moves, splits where it jumps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.itm.shots import FRAMES, HEIGHT, WIDTH, light_of, source, tone

from candela_engines.colour.names import NAMED
from candela_engines.errors import InputError, PayloadError
from candela_engines.itm import payload as payload_format
from candela_engines.itm.decode import decode_payload, render
from candela_engines.itm.payload import encode
from candela_engines.itm.place import placed
from candela_engines.itm.shot_fit import fit_part, least_budget
from candela_engines.itm.shot_model import ShotRenderer, decode_shot
from candela_engines.itm.shot_pairs import spread_out
from candela_engines.itm.shot_split import fit_shot
from candela_engines.media.clip import digest_of_digests
from candela_engines.metrics import pu_psnr

pytestmark = pytest.mark.usefixtures("short_schedules")

REC709 = NAMED["rec709"]


def plain(n, nits):
    return tone(nits)


def ramp(n, nits):
    """The SDR's exposure falls by a stop along the shot."""
    return tone(nits, 2.0 ** (-n / (FRAMES - 1)))


def window(n, nits):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return tone(nits, (1 - 0.6 * np.exp(-(((x - 80) / 30) ** 2 + ((y - 50) / 25) ** 2)))[..., None])


def pop(n, nits):
    """The SDR is graded a stop and a half darker, and otherwise, from frame 12 on."""
    return tone(nits) if n < 12 else tone(nits, 0.35)


def fitted(make, budget=2500, effort="fast", **more):
    return fit_shot(source(make), 0, FRAMES - 1, sdr_state=REC709, budget=budget, effort=effort, **more)


@pytest.fixture(scope="module")
def of_plain():
    (shot,) = fitted(plain)
    return shot


@pytest.fixture(scope="module")
def of_window():
    (shot,) = fitted(window, effort="normal")
    return shot


@pytest.mark.twice
def test_the_figures_are_those_of_what_a_reader_renders(of_window):
    renderer = ShotRenderer(decode_shot(of_window.payload), HEIGHT, WIDTH)
    report = of_window.report
    assert report.numbers == tuple(range(FRAMES))
    for n in (0, 7, FRAMES - 1):
        nits = light_of(n).astype(np.float32)
        found = pu_psnr(renderer.render(n, window(n, nits.astype(float)), 8), nits)
        assert found == pytest.approx(report.frames[n], abs=0.02)
    assert report.worst == min(report.frames) == report.frames[report.worst_frame]
    pooled = -10 * np.log10(np.mean(10 ** (-np.array(report.frames) / 10)))
    assert report.fidelity.pu_psnr == pytest.approx(pooled, abs=1e-6)


def test_what_the_payload_says_of_its_frames(of_plain):
    payload = payload_format.decode(of_plain.payload)
    digests = [frame.digest for frame in source(plain)(0, FRAMES - 1)]
    assert payload.frames == (0, FRAMES - 1)
    assert payload.checks == b"".join(d[:2] for d in digests)
    assert payload.picture_hash == digest_of_digests(digests)
    assert (payload.width, payload.height, payload.bits) == (WIDTH, HEIGHT, 8)
    assert payload.worst is not None
    assert payload.worst[0] == of_plain.report.worst_frame
    assert payload.worst[1] == pytest.approx(of_plain.report.worst, abs=0.006)
    assert payload.flicker == pytest.approx(of_plain.report.flicker_levels, abs=0.006)


def test_an_even_grade_is_held_all_through_within_few_bytes(of_plain):
    assert len(of_plain.payload) <= 2500
    assert of_plain.report.worst > 40


def test_a_window_over_a_moving_picture_needs_the_plane(of_window):
    assert of_window.details["plane_keys"] >= 1
    bare = fit_part(source(window), 0, FRAMES - 1, sdr_state=REC709, budget=2500, effort="fast")
    assert bare.details["plane_keys"] == 0
    assert of_window.report.worst > bare.report.worst + 3


def test_an_exposure_that_moves_needs_keys_of_time():
    (shot,) = fitted(ramp, budget=2508, effort="normal")
    bare = fit_part(source(ramp), 0, FRAMES - 1, sdr_state=REC709, budget=2508, effort="fast")
    assert shot.details["time_keys"] >= 2
    assert shot.report.worst > bare.report.worst + 2
    model = decode_shot(shot.payload)
    assert model.moves
    first, last = (np.asarray(model.at(n).layers.layers().biases[0]) for n in (0, FRAMES - 1))
    assert not np.allclose(first, last)


def test_a_jump_is_where_the_shot_is_split():
    shots = fitted(pop, budget=4000)
    assert [(s.first, s.last) for s in shots] == [(0, 11), (12, FRAMES - 1)]
    assert sum(len(s.payload) for s in shots) <= 4000
    whole = fit_part(source(pop), 0, FRAMES - 1, sdr_state=REC709, budget=4000, effort="fast")
    assert min(s.report.worst for s in shots) > whole.report.worst + 1.5


def test_the_same_seed_gives_the_same_bytes(of_plain):
    assert fitted(plain)[0].payload == of_plain.payload


@pytest.mark.twice
@pytest.mark.parametrize("encoding", ["nits", "pq"])
def test_renderings_agree_whatever_the_output(of_window, encoding):
    renderer = ShotRenderer(decode_shot(of_window.payload), HEIGHT, WIDTH)
    codes = window(5, light_of(5))
    exact = renderer.render(5, codes, 8, encoding=encoding)
    half = renderer.render(5, codes, 8, np.empty((HEIGHT, WIDTH, 3), np.float16), encoding)
    assert half == pytest.approx(exact, rel=2e-3, abs=1e-4)
    if encoding == "pq":
        ten = renderer.render(5, codes, 8, np.empty((HEIGHT, WIDTH, 3), np.uint16), "pq", out_bits=10)
        assert np.abs(ten / 1023 - exact).max() < 0.51 / 1023


@pytest.mark.twice
def test_a_frame_file_renders_as_a_still_at_its_place(of_window):
    payload = payload_format.decode(of_window.payload)
    codes = window(9, light_of(9))
    renderer = ShotRenderer(decode_shot(payload), HEIGHT, WIDTH)
    placed = decode_payload(encode(replace(payload, place=9, checks=b"")))
    # Codes over full scale there, codes here: the same to within single precision.
    assert render(placed, codes) == pytest.approx(renderer.render(9, codes, 8), rel=2e-5)


def test_a_shot_is_no_still(of_plain):
    with pytest.raises(PayloadError, match="frames 0 to 19"):
        decode_payload(of_plain.payload)


@pytest.mark.parametrize("number", [-1, FRAMES])
def test_frames_outside_are_refused(of_plain, number):
    with pytest.raises(PayloadError, match=rf"frame {number} is outside"):
        decode_shot(of_plain.payload).at(number)


@pytest.mark.parametrize("effort", ["fast", "normal"])
def test_a_budget_that_holds_nothing_says_what_would(effort):
    least = least_budget(REC709, NAMED["rec2100-pq"], 0, FRAMES - 1)
    assert least < 300
    with pytest.raises(InputError, match=rf"20 frames 0\.\.19 leave .* allow {least} with --bytes$"):
        fitted(plain, budget=least - 1, effort=effort)
    (shot,) = fitted(plain, budget=least, effort=effort)
    assert len(shot.payload) <= least
    assert shot.report.worst > 30


def test_a_copy_for_one_frame_takes_no_more_than_was_allowed():
    """Its place takes bytes that a short shot has not spent on checks."""
    first = 1_000_000
    least = least_budget(REC709, NAMED["rec2100-pq"], first, first)
    (shot,) = fit_shot(source(plain, 1, first), first, first, sdr_state=REC709, budget=least, effort="fast")
    assert len(placed(shot.payload, first, bytes(16))) <= least


def test_long_shots_are_looked_at_here_and_there_and_measured_everywhere():
    pairs = source(plain, 60, first=1001)
    (shot,) = fit_shot(pairs, 1001, 1060, sdr_state=REC709, budget=2500, effort="fast")
    assert shot.report.numbers == tuple(range(1001, 1061))
    assert shot.details["frames_looked_at"] == 12
    assert spread_out(1001, 1060, 12)[0] == 1001 and spread_out(1001, 1060, 12)[-1] == 1060


@pytest.mark.twice
def test_a_missing_frame_leaves_zeros():
    whole = source(plain)

    def pairs(a, b, wanted=None):
        return (frame for frame in whole(a, b, wanted) if frame.number != 4)

    (shot,) = fit_shot(pairs, 0, FRAMES - 1, sdr_state=REC709, budget=2500, effort="fast")
    payload = payload_format.decode(shot.payload)
    assert payload.checks[8:10] == b"\0\0"
    assert 4 not in shot.report.numbers


@pytest.mark.parametrize(
    ("place", "value", "what"),
    [(11, 1, "keys of time"), (11, 65, "keys of time"), (12, 5, "plane"), (4, 3, "plane")],
)
def test_numbers_out_of_bounds(of_window, place, value, what):
    payload = payload_format.decode(of_window.payload)
    numbers = (*payload.numbers[:place], value, *payload.numbers[place + 1 :])
    with pytest.raises(PayloadError, match=what):
        decode_shot(replace(payload, numbers=numbers))
    with pytest.raises(PayloadError, match="13 numbers"):
        decode_shot(replace(payload, numbers=payload.numbers[:11]))
