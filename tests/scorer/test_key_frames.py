"""Key frames: by content, deterministic."""

from __future__ import annotations

import numpy as np

from candela_engines.scorer.shots import candidates, key_frames, thumbnail


def thumb(level: float) -> np.ndarray:
    return thumbnail(np.full((36, 64, 3), level, np.float32))


def test_a_still_shot_has_its_ends() -> None:
    assert key_frames({n: thumb(50) for n in range(1001, 1025)}) == [1001, 1024]


def test_a_flash_in_the_middle_is_taken() -> None:
    frames = {n: thumb(400 if n == 7 else 20) for n in range(20)}
    assert key_frames(frames) == [0, 7, 19]
    assert key_frames(dict(reversed(frames.items()))) == [0, 7, 19]


def test_a_fade_is_spread_over() -> None:
    frames = {n: thumb(1 + 10 * n) for n in range(30)}
    keys = key_frames(frames, 5)
    assert len(keys) == 5 and keys[0] == 0 and keys[-1] == 29


def test_few_frames_and_none() -> None:
    assert key_frames({}) == [] and key_frames({4: thumb(3)}) == [4]
    assert key_frames({4: thumb(3), 9: thumb(300)}, 1) == [4]


def test_candidates_keep_both_ends() -> None:
    numbers = list(range(100, 1100))
    some = candidates(numbers, 10)
    assert len(some) == 10 and some[0] == 100 and some[-1] == 1099 and some == sorted(some)
    assert candidates([1, 2, 3]) == [1, 2, 3]


def test_a_thumbnail_of_a_tiny_picture_with_nan() -> None:
    picture = np.full((3, 5, 3), np.nan, np.float32)
    assert np.isfinite(thumbnail(picture)).all() and thumbnail(picture).shape == (3, 5, 3)
