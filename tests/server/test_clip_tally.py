"""Counting clipped samples over frames and parts of a clip."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from candela_server.service.clip_result import ClipTally

FRAMES = [(3, 0, 0), (4, 1, 7), (5, 0, 9), (6, 2, 7), (7, 0, 0)]


@pytest.mark.parametrize("split", range(len(FRAMES) + 1))
@pytest.mark.parametrize("backwards", [False, True])
def test_parts_count_as_the_whole(split: int, backwards: bool) -> None:
    parts = [ClipTally(written=split), ClipTally(written=len(FRAMES) - split)]
    for at, frame in enumerate(FRAMES):
        parts[at >= split].clip(*frame)
    whole = ClipTally()
    for part in reversed(parts) if backwards else parts:
        whole.join(part)
    assert asdict(whole) == asdict(
        ClipTally(
            written=5, clipped_low=3, clipped_high=23, clipped_frames=3, clipped_first=4, clipped_worst=5,
            clipped_most=9,
        )
    )  # fmt: skip
