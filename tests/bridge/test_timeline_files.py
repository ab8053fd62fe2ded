"""Timelines as files: an OTIO and an EDL opened and judged, over a real helper and a real sidecar."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
from tests.server.test_embed_movies import edl
from tests.server.test_score import exr, texture

from candela_bridge.client import Bridge, CallError
from candela_bridge.shot_scores import score_shots
from candela_bridge.timeline import TimelineFile, open_timeline

from .conftest import LONG


@pytest.fixture
def folder(shots: Path) -> Iterator[Path]:
    """Eight frames of a grade, from 1001 on, that clips from 1005 on."""
    made = shots / "cut"
    made.mkdir()
    nits = np.minimum(texture(), 990)
    for number in range(8):
        exr(made / f"a.{1001 + number}.exr", nits if number < 4 else np.minimum(nits, 150))
    yield made
    shutil.rmtree(made)


def opened(host: Bridge, path: Path, **more: Any) -> TimelineFile:
    found: list[Any] = []
    ended = threading.Event()
    open_timeline(host, str(path), lambda file, error: (found.append(error or file), ended.set()), **more)
    assert ended.wait(LONG)
    if isinstance(found[0], BaseException):
        raise found[0]
    assert isinstance(found[0], TimelineFile)
    return found[0]


def otio_of(folder: Path, *cuts: tuple[str, int, int]) -> Path:
    """A timeline of (name, first frame of the sequence, frames), as OpenTimelineIO itself writes it."""
    track = otio.schema.Track("V1", kind="Video")
    for name, first, count in cuts:
        reference = otio.schema.ImageSequenceReference(
            target_url_base=str(folder), name_prefix="a.", name_suffix=".exr", start_frame=1001, rate=24,
            frame_zero_padding=4,
            available_range=otio.opentime.TimeRange(
                otio.opentime.RationalTime(1001, 24), otio.opentime.RationalTime(8, 24)
            ),
        )  # fmt: skip
        at = otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, 24), otio.opentime.RationalTime(count, 24)
        )
        track.append(otio.schema.Clip(name, media_reference=reference, source_range=at))
    timeline = otio.schema.Timeline("cut")
    timeline.tracks.append(track)
    path = folder / "cut.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def test_an_otio_is_opened_and_its_shots_are_judged(host: Bridge, shots: Path, folder: Path) -> None:
    timeline = opened(host, otio_of(folder, ("good", 1001, 4), ("bad", 1005, 4)))
    assert timeline.rate == 24 and [shot.name for shot in timeline.shots] == ["good", "bad"]
    assert [(s.first, s.last, s.media) for s in timeline.shots] == [
        (0, 3, (1001, 1004)),
        (4, 7, (1005, 1008)),
    ]
    found: dict[str, Any] = {}
    ended = threading.Event()

    def done(shot: Any, result: Any, error: Any) -> None:
        found[shot.name] = error or result
        if len(found) == 2:
            ended.set()

    score_shots(host, timeline.shots, done, colour={"name": "linear-rec2020"})
    assert ended.wait(LONG)
    for name in ("good", "bad"):
        assert isinstance(found[name], dict), found[name]
    assert found["bad"]["result"]["shots"][0]["first"] == 1005


def test_an_edl_needs_its_rate_and_says_what_is_not_there(host: Bridge, shots: Path) -> None:
    cut = edl(shots / "lost.edl", [("lost.mkv", 0, 4)])
    timeline = opened(host, cut, rate="24", media=[str(shots)])
    (shot,) = timeline.shots
    assert shot.media is None and "lost.mkv" in shot.trouble
    with pytest.raises(CallError, match="rate"):
        opened(host, cut, rate="nonsense")
    with pytest.raises(CallError, match=r"nothing\.edl"):
        opened(host, shots / "nothing.edl", rate="24")


def test_long_timelines_come_in_parts(host: Bridge, folder: Path) -> None:
    timeline = opened(host, otio_of(folder, *((f"s{n}", 1001 + n % 8, 1) for n in range(250))))
    assert len(timeline.shots) == 250 and len({shot.key for shot in timeline.shots}) == 250
    assert [timeline.shots[n].name for n in (0, 199, 200, 249)] == ["s0", "s199", "s200", "s249"]
