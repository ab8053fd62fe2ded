"""Shots of clips that the test draws: what is a cut, and what is none."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import InputError
from candela_engines.media.cuts import CutFinder, Shot, find_shots, proxy_of

SIZE = (72, 128)


def scene(seed: int) -> np.ndarray:
    """A picture with structure at all sizes, three times as wide as it is shown; codes 0..1."""
    rng = np.random.default_rng(seed)
    height, width = SIZE[0], SIZE[1] * 3
    v, u = np.mgrid[0:height, 0:width]
    out = np.zeros((height, width, 3))
    for _ in range(60):
        y, x, r = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(3, 22)
        out[(np.abs(v - y) < r) & (np.abs(u - x) < r * rng.uniform(0.5, 2))] = rng.uniform(0.05, 0.95, 3)
    return out + 0.03 * rng.standard_normal(out.shape)


def shot(seed: int, count: int, speed: float = 0.6, start: int = 30) -> list[np.ndarray]:
    """A pan over a scene."""
    wide = scene(seed)
    return [wide[:, start + round(i * speed) : start + round(i * speed) + SIZE[1]] for i in range(count)]


def found(frames: list[np.ndarray], numbers: list[int] | None = None) -> tuple[list[Shot], CutFinder]:
    finder = CutFinder()
    for number, frame in zip(numbers or range(len(frames)), frames, strict=True):
        codes = np.round(np.clip(frame, 0, 1) * 255).astype(np.uint8)
        finder.add(number, proxy_of(codes, 8))
    return finder.finish(), finder


def dissolved(a: list[np.ndarray], b: list[np.ndarray], length: int) -> list[np.ndarray]:
    shares = [(i + 1) / (length + 1) for i in range(length)]
    mixed = [x * (1 - s) + y * s for x, y, s in zip(a[-length:], b[:length], shares, strict=True)]
    return [*a[:-length], *mixed, *b[length:]]


def test_hard_cuts_are_found_to_the_frame_and_shots_of_two_frames_too() -> None:
    shots, finder = found([*shot(1, 30), *shot(2, 2), *shot(3, 25), *shot(4, 40, 0.0)])
    assert [(s.first, s.last, s.opening) for s in shots] == [
        (0, 29, "start"),
        (30, 31, "cut"),
        (32, 56, "cut"),
        (57, 96, "cut"),
    ]
    assert shots[0].confidence == 1 and all(
        0.5 <= s.confidence <= 1 and s.transition is None for s in shots[1:]
    )
    assert finder.pops == []


@pytest.mark.parametrize("length", [8, 16, 30, 48])
def test_dissolves_have_their_range(length: int) -> None:
    frames = dissolved(shot(5, 30 + length, 0.15), shot(6, 30 + length, 0.15), length)
    shots, _ = found(frames)
    assert [s.opening for s in shots] == ["start", "dissolve"]
    first, last = shots[1].transition or (0, 0)
    assert abs(first - 30) <= 2 and abs(last - (29 + length)) <= 2
    assert abs(shots[1].first - (30 + length / 2)) <= 2 and shots[0].last + 1 == shots[1].first


@pytest.mark.parametrize("colour", [0.0, 1.0])
def test_fades_through_a_colour(colour: float) -> None:
    a, b = shot(7, 40, 0.2), shot(8, 40, 0.2)
    for i in range(10):
        a[30 + i] = a[30 + i] + (colour - a[30 + i]) * (i + 1) / 10
        b[9 - i] = b[9 - i] + (colour - b[9 - i]) * (i + 1) / 11
    shots, _ = found([*a, *b])
    assert [s.opening for s in shots] == ["start", "fade"]
    first, last = shots[1].transition or (0, 0)
    assert abs(first - 30) <= 2 and abs(last - 49) <= 2


def test_a_black_slug_is_a_shot_between_two_cuts_and_a_fade_in_is_told_of_the_first() -> None:
    black = [np.zeros((*SIZE, 3))] * 20
    shots, _ = found([*shot(9, 25), *black, *shot(10, 25)])
    assert [(s.first, s.opening) for s in shots] == [(0, "start"), (25, "cut"), (45, "cut")]
    opening = shot(11, 40, 0.2)
    for i in range(12):
        opening[i] = opening[i] * (i + 1) / 13
    shots, _ = found([*black[:4], *opening])
    assert [s.opening for s in shots] == ["start"]
    first, last = shots[0].transition or (0, 0)
    assert first == 4 and abs(last - 15) <= 2


def flash(frames: list[np.ndarray]) -> list[np.ndarray]:
    return [*frames[:20], np.minimum(frames[20] * 2.5 + 0.2, 1), np.ones_like(frames[21]), *frames[22:]]


def strobe(frames: list[np.ndarray]) -> list[np.ndarray]:
    return [np.minimum(f * 1.6 + 0.1, 1) if i % 3 == 0 and i > 12 else f for i, f in enumerate(frames)]


def explosion(frames: list[np.ndarray]) -> list[np.ndarray]:
    shares = [0.0 if i < 20 else float(np.exp(-(i - 20) / 4)) for i in range(len(frames))]
    return [f * (1 - s) + np.array([1, 0.8, 0.4]) * s for f, s in zip(frames, shares, strict=True)]


def dropout(frames: list[np.ndarray]) -> list[np.ndarray]:
    return [*frames[:20], np.zeros_like(frames[20]), *frames[21:]]


def shaken(frames: list[np.ndarray]) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [np.roll(f, rng.integers(-6, 7, 2), axis=(0, 1)) for f in frames]


def mattes(frames: list[np.ndarray]) -> list[np.ndarray]:
    out = [f.copy() for f in frames]
    for frame in out[25:]:
        frame[:9] = frame[-9:] = 0
    return out


@pytest.mark.parametrize("spoil", [flash, strobe, explosion, dropout, shaken, mattes])
def test_what_comes_and_goes_is_no_cut(spoil) -> None:
    shots, _ = found(spoil(shot(12, 50)))
    assert [(s.first, s.last) for s in shots] == [(0, 49)]


def test_whip_pans_zooms_and_still_pictures_are_no_cuts() -> None:
    wide = scene(13)
    at = 10 + 230 / (1 + np.exp(-(np.arange(50) - 25) / 2.0))
    smeared = [
        np.mean(
            [wide[:, round(x + k * d) : round(x + k * d) + SIZE[1]] for k in np.linspace(0, 0.5, 6)], axis=0
        )
        for x, d in zip(at, np.gradient(at), strict=True)
    ]
    assert len(found(smeared)[0]) == 1
    assert len(found([wide[:, :128]] * 60)[0]) == 1
    grown = [np.kron(wide, np.ones((2, 2, 1)))[i // 2 : i // 2 + 72, i : i + 128] for i in range(40)]
    assert len(found(grown)[0]) == 1


def test_a_grade_pop_is_no_cut_but_is_told() -> None:
    frames = shot(14, 50, 0.3)
    shots, finder = found([*frames[:20], *[f * [0.62, 0.6, 0.66] for f in frames[20:]]])
    assert len(shots) == 1
    assert [pop.frame for pop in finder.pops] == [20]
    assert finder.pops[0].strength == pytest.approx(0.15, abs=0.08)


def test_numbers_are_the_clips_and_missing_frames_are_no_cuts() -> None:
    frames = [*shot(15, 40, 1.0), *shot(16, 30)]
    kept = [i for i in range(70) if i not in (10, 11, 12, 50)]
    shots, _ = found([frames[i] for i in kept], [1001 + i for i in kept])
    assert [(s.first, s.last) for s in shots] == [(1001, 1040), (1041, 1070)]


def test_one_pass_over_a_clip_is_the_same_and_says_how_far_it_is() -> None:
    frames = [np.round(np.clip(f, 0, 1) * 1023).astype(np.uint16) for f in [*shot(17, 20), *shot(18, 20)]]
    told: list[int] = []
    clip = (SimpleNamespace(number=i, codes=f, bits=10) for i, f in enumerate(frames))
    shots = find_shots(clip, progress=told.append)
    assert isinstance(shots, tuple) and [s.first for s in shots] == [0, 20] and told == list(range(40))
    floats = (SimpleNamespace(number=i, codes=f / np.float32(1023), bits=32) for i, f in enumerate(frames))
    assert find_shots(floats) == shots


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9), st.integers(1, 3)), min_size=1, max_size=9))
def test_shots_are_all_frames_whatever_comes(parts: list[tuple[int, int, int]]) -> None:
    """parts: which picture (0 black, 1 white, or noise), for how long, and by how much the number goes up."""
    finder = CutFinder()
    numbers = []
    for kind, count, step in parts:
        picture = (
            np.random.default_rng(kind).uniform(0, 1, (36, 64, 3)) if kind > 1 else np.full((36, 64, 3), kind)
        )
        for _ in range(count):
            numbers.append(numbers[-1] + step if numbers else 1)
            finder.add(numbers[-1], picture.astype(np.float32))
    shots = finder.finish()
    assert shots[0].opening == "start" and (shots[0].first, shots[-1].last) == (numbers[0], numbers[-1])
    for before, after in pairwise(shots):
        assert before.first <= before.last < after.first <= after.last
        assert numbers.index(after.first) == numbers.index(before.last) + 1
        assert 0 < after.confidence <= 1


def test_memory_does_not_grow() -> None:
    finder = CutFinder()
    proxy = proxy_of(np.full((36, 64, 3), 7, np.uint8), 8)
    for number in range(400):
        finder.add(number, proxy)
    assert len(finder._looks) < 150
    assert [(s.first, s.last) for s in finder.finish()] == [(0, 399)]


def test_proxies_are_area_means() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (72, 128, 3)).astype(np.uint8)
    expected = picture.reshape(36, 2, 64, 2, 3).mean(axis=(1, 3)) / 255
    np.testing.assert_allclose(proxy_of(picture, 8), expected, atol=1e-6)
    for shape in ((50, 90), (1, 1), (7, 300), (1081, 1923)):
        ramp = np.linspace(0, 1, shape[0] * shape[1], dtype=np.float32).reshape(*shape, 1).repeat(3, 2)
        made = proxy_of(ramp, 32)
        assert made.shape == (36, 64, 3) and made.dtype == np.float32
        assert made.mean() == pytest.approx(float(ramp.mean()), abs=2e-3)
    odd = np.full((40, 70, 3), 0.5, np.float32)
    odd[0, 0], odd[20, 20] = np.nan, np.inf
    assert np.isfinite(proxy_of(odd, 32)).all()


def test_bad_input_is_refused_in_words() -> None:
    finder = CutFinder()
    proxy = np.zeros((36, 64, 3), np.float32)
    finder.add(5, proxy)
    with pytest.raises(InputError, match="frame 5 after frame 5"):
        finder.add(5, proxy)
    with pytest.raises(InputError, match="proxy of shape"):
        finder.add(6, proxy[1:])
    assert [s.first for s in finder.finish()] == [5] == [s.first for s in finder.finish()]
    with pytest.raises(InputError, match="after the end"):
        finder.add(7, proxy)
    assert CutFinder().finish() == []
    with pytest.raises(InputError, match=r"\(H, W, 3\)"):
        proxy_of(np.zeros((4, 4), np.uint8), 8)
    with pytest.raises(InputError, match="int64"):
        proxy_of(np.zeros((4, 4, 3), np.int64), 8)
