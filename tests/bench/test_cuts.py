"""How the cut bench counts, and that its reels are what their events say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from bench.cut_material import SIZE, Event, Sources, make_reel
from bench.cuts import Count, score_rival

EVENTS = (Event("cut", 20, 20), Event("dissolve", 40, 55), Event("pop", 70, 70), Event("cut", 90, 90))


def test_cuts_count_to_the_frame_and_dissolves_by_any_cut_in_them() -> None:
    hard, soft = score_rival(EVENTS, [20, 44, 47, 91])
    assert (hard.right, hard.invented, hard.missed) == (1, 1, 1)
    assert (soft.right, soft.invented, soft.missed) == (1, 0, 0)
    hard, soft = score_rival(EVENTS, [20, 70, 90])
    assert (hard.right, hard.invented, hard.missed) == (2, 1, 0) and soft.missed == 1
    figures = (hard + Count(1, 0, 1)).to_dict()
    assert figures["precision"] == figures["recall"] == figures["f1"] == 0.75
    assert Count().to_dict()["f1"] == 1


def test_reels_follow_from_their_number(write_exr, scene: np.ndarray, tmp_path: Path) -> None:
    sphere = np.tile(np.concatenate([scene, scene[:, ::-1]], axis=1), (6, 4, 1))[:256, :512]
    sources = Sources((write_exr("sphere.exr", sphere),), ())
    reel, again = make_reel(sources, 3, 3), make_reel(sources, 3, 3)
    assert np.array_equal(reel.frames, again.frames) and reel.events == again.events
    assert reel.frames.shape[1:] == (SIZE[1], SIZE[0], 3) and reel.frames.dtype == np.uint8
    joins = [event for event in reel.events if event.kind != "pop"]
    assert len(joins) >= 2 and all(0 < e.first <= e.last < len(reel.frames) for e in joins)
    for event in joins:
        if event.kind == "cut":
            before, after = reel.frames[event.first - 1 : event.first + 1].astype(float)
            assert np.abs(before - after).mean() > 1
