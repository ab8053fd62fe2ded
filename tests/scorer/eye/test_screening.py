"""Raters who answer at random or the wrong way round are left out, honest ones are not."""

from __future__ import annotations

import numpy as np

from candela_engines.scorer.eye.choices import CATCH, Choice
from candela_engines.scorer.eye.screening import screen

from .raters import ladder, simulated


def test_two_adversaries_and_a_coin_among_twenty() -> None:
    choices = simulated(ladder(), raters=20, opposite=2, random=1, seed=1)
    raters, kept = screen(choices)
    out = {rater.name for rater in raters if rater.why}
    assert out == {"opposite0", "opposite1", "random2"}
    assert not any(c.observer in out for c in kept)
    by_name = {rater.name: rater for rater in raters}
    assert by_name["opposite0"].reliability < -0.5 and by_name["opposite0"].distance > 1.5
    assert abs(by_name["random2"].reliability) < 0.4
    # Kendall: a quarter of the triads of one who tosses coins go round.
    coin = by_name["random2"]
    assert coin.triads == 6 * 20 and 0.12 < coin.circular / coin.triads < 0.4
    assert by_name["honest9"].reliability > 0.6


def test_honest_raters_are_kept() -> None:
    """Over six tests of ten honest raters hardly one of the 60 is left out."""
    out = 0
    for seed in range(6):
        raters, _ = screen(simulated(ladder(4, 5, seed=seed), raters=10, seed=seed))
        out += sum(bool(rater.why) for rater in raters)
    assert out <= 2


def test_few_choices_condemn_nobody() -> None:
    versions = ladder(2, 4)
    good = simulated(versions, raters=6)
    bad = simulated(versions, raters=1, opposite=1, seed=3)[:9]
    raters, kept = screen([*good, *bad])
    judged = {r.name: r for r in raters}["opposite0"]
    assert np.isnan(judged.reliability) and not judged.why and len(kept) == len(good) + 9


def test_of_two_who_differ_neither_is_wrong() -> None:
    raters, kept = screen(simulated(ladder(), raters=2, opposite=1))
    assert not any(rater.why for rater in raters) and len(kept) == 2 * 6 * 15


def test_where_the_others_tell_nothing_apart_nothing_is_said_of_a_rater() -> None:
    """Each pair chosen one way and the other: there is no scale to agree with or against."""
    pairs = [("v0", "v1"), ("v0", "v2"), ("v1", "v2")] * 4
    choices = [
        Choice(f"r{k}", "scene0", a, b, bool(n % 2)) for k in range(4) for a, b in pairs for n in range(2)
    ]
    raters, kept = screen(choices)
    assert all(np.isnan(rater.reliability) and not rater.why for rater in raters)
    assert len(kept) == len(choices)


def test_catch_trials() -> None:
    good = simulated(ladder(2, 4), raters=4)
    careless = [Choice("honest0", "scene0", "v0", CATCH, k % 2 == 0) for k in range(8)]
    careful = [Choice("honest1", "scene0", CATCH, "v0", k == 0) for k in range(8)]
    raters, kept = screen([*good, *careless, *careful])
    said = {r.name: r for r in raters}
    assert "4 of 8 catch trials" in said["honest0"].why
    assert (said["honest1"].catches, said["honest1"].missed, said["honest1"].why) == (8, 1, "")
    assert not any(c.is_catch or c.observer == "honest0" for c in kept)


def test_side_bias_and_repeats_are_told() -> None:
    lazy = [Choice("lazy", f"s{k % 5}", "a", "b", True, left="A") for k in range(20)]
    turned = [Choice("lazy", f"s{k % 5}", "b", "a", True, left="A") for k in range(20)]
    (rater,), _ = screen([*lazy, *turned])
    assert rater.side_bias < 1e-9
    # Eight showings a scene, four each way: 28 pairs of showings, 16 of which differ.
    assert (rater.repeats, rater.reversed) == (5 * 28, 5 * 16)
    even = [Choice("e", "s", "a", "b", k % 2 == 0, left="A") for k in range(1200)]
    assert screen(even)[0][0].side_bias > 0.9
