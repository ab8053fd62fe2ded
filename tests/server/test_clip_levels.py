"""Levels out of the written samples are those of the light they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.metrics import max_cll
from candela_server.service.clip_levels import ClipLevels, levels_of_halves, levels_of_pq
from candela_server.service.levels import Levels

from .pictures import light


def test_halves() -> None:
    halves = light(130, 71).astype(np.float16)
    theirs = max_cll(halves.astype(np.float32))
    ours = levels_of_halves(halves)
    assert ours.max_cll == theirs.max_cll
    assert ours.max_fall == pytest.approx(theirs.max_fall, rel=1e-6)


def test_halves_with_alpha_and_a_unit() -> None:
    halves = np.ones((4, 5, 4), np.float16)
    halves[..., 3] = 900
    halves[1, 1, 0] = -3
    assert levels_of_halves(halves, 100.0) == Levels(100.0, 100.0)


def test_no_light_is_negative() -> None:
    assert levels_of_halves(np.full((3, 3, 3), -1, np.float16)) == Levels(0.0, 0.0)


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_pq(bits: int) -> None:
    full = (1 << bits) - 1
    codes = np.rint(from_nits_rec2020(light(), NAMED["rec2100-pq"]) * full).astype(np.uint16)
    nits = 10_000 * np.asarray(
        # SMPTE ST 2084, written out
        (lambda p: np.maximum(p - 0.8359375, 0) / (18.8515625 - 18.6875 * p))(
            (codes / full) ** (1 / 78.84375)
        )
        ** (1 / 0.1593017578125)
    )
    ours = levels_of_pq(codes, bits)
    assert ours.max_cll == pytest.approx(nits.max(), rel=1e-5)
    assert ours.max_fall == pytest.approx(nits.max(axis=2).mean(), rel=1e-5)


def test_a_clip_has_the_largest_of_its_frames() -> None:
    clip = ClipLevels()
    for number, levels in enumerate([Levels(10, 5), Levels(30, 2), Levels(30, 7)], 1001):
        clip.add(number, levels)
    assert clip == ClipLevels(30, 7, 1002, 1003)
    assert clip.levels == Levels(30, 7)
