"""What Resolve does while somebody works in it: playheads that arrive late, timelines that are changed, clips
above others, calls that a version lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.host_doubles.resolve_clips import Quiet
from tests.host_doubles.resolve_double import MediaPoolItem, ResolveDouble, Timeline, TimelineItem

from candela_bridge.client import Bridge
from candela_bridge.resolve import stills
from candela_bridge.resolve.session import ResolveError, Session
from candela_bridge.resolve.shots import shots_of

from .resolve_started import RESULT, cut


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[ResolveDouble, Timeline]:
    """A project in PQ, whose every frame has a still of its own."""
    monkeypatch.setenv("CANDELA_TEMP", str(tmp_path))
    resolve, timeline = cut(("a", 0, 48, 7, MediaPoolItem("/s/a.mov")))
    assert resolve.project_ is not None
    resolve.project_.settings_["colorSpaceTimeline"] = "Rec.2100 ST2084"
    resolve.project_.stills_ = {f"01:00:{n // 24:02}:{n % 24:02}": f"still {n}".encode() for n in range(48)}
    return resolve, timeline


@pytest.fixture
def session(opened: tuple[ResolveDouble, Timeline]) -> Any:
    with Bridge("test") as bridge:
        yield Session(opened[0], bridge)


class TestPlayhead:
    def test_a_still_is_of_the_frame_that_was_asked_for_though_the_playhead_is_late(
        self, opened: tuple[ResolveDouble, Timeline], session: Session
    ) -> None:
        opened[1].lag_ = 3
        (shot,) = session.shots()
        assert Path(session.still(shot, 30)["path"]).read_bytes() == b"still 30"

    def test_one_that_never_comes_is_no_still(
        self, opened: tuple[ResolveDouble, Timeline], session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stills, "_ARRIVE_SECONDS", 0.05)
        opened[1].lag_ = 10**6
        (shot,) = session.shots()
        with pytest.raises(ResolveError, match="no still of frame 30"):
            session.still(shot, 30)


class TestOtherTimelines:
    def other(self, resolve: ResolveDouble) -> Timeline:
        assert resolve.project_ is not None
        made = Timeline(resolve.project_, "another cut")
        made.tracks_[0].append(TimelineItem(resolve.project_, "b", 86400, 48, 0, MediaPoolItem("/s/b.mov")))
        resolve.project_.timeline_ = made
        return made

    def test_markers_and_stills_go_to_the_timeline_of_the_shot_or_nowhere(
        self, opened: tuple[ResolveDouble, Timeline], session: Session
    ) -> None:
        (shot,) = session.shots()
        other = self.other(opened[0])
        for work in (lambda: session.mark(shot, RESULT), lambda: session.still(shot, 3)):
            with pytest.raises(ResolveError, match="a is not on the timeline that is open"):
                work()
        said: list[Any] = []
        assert session.score_graded(shot, lambda *found: said.append(found)) is None
        assert "is not on the timeline" in str(said[0][2]) and not other.GetMarkers()

    def test_a_session_that_did_not_list_it_looks_for_it(
        self, opened: tuple[ResolveDouble, Timeline], session: Session
    ) -> None:
        (shot,) = session.shots()
        fresh = Session(opened[0], session.bridge)
        assert fresh.mark(shot, RESULT) == []
        self.other(opened[0])
        with pytest.raises(ResolveError, match="list the"):
            Session(opened[0], session.bridge).mark(shot, RESULT)

    def test_a_shot_that_was_moved_or_cut_away_is_listed_anew_first(
        self, opened: tuple[ResolveDouble, Timeline], session: Session
    ) -> None:
        (shot,) = session.shots()
        shot.item.start_ += 12
        with pytest.raises(ResolveError, match="not where it was"):
            session.mark(shot, RESULT)
        (again,) = session.shots()
        assert session.mark(again, RESULT) == [] and min(opened[1].GetMarkers()) == 12


class TestAbove:
    def test_what_another_file_covers_is_not_judged_by_its_picture(
        self, opened: tuple[ResolveDouble, Timeline], session: Session
    ) -> None:
        resolve, timeline = opened
        above = TimelineItem(resolve.project_, "over", 86400 + 10, 10, 0, MediaPoolItem("/s/b.mov"))  # type: ignore[arg-type]
        timeline.tracks_.append([above])
        shot = next(shot for shot in session.shots() if shot.name == "a")
        with pytest.raises(ResolveError, match="a is covered by over"):
            session.still(shot, 12)
        assert session.still(shot, 5)["path"]
        resolve.page_ = "color"
        assert session.thumbnail(shot) is not None
        above.length_ = 30
        assert session.thumbnail(shot) is None, "it would be the other one's"
        above.media_ = None  # a title, or an adjustment
        assert session.still(shot, 12)["path"]


class TestVersions:
    def test_an_older_one_is_listed_marked_and_has_its_luts(
        self, opened: tuple[ResolveDouble, Timeline], session: Session, tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        """What is not there is None when it is looked up, and cannot be called."""
        lacks = {
            "GetUniqueId", "GetIsTrackEnabled", "GetClipEnabled", "GetSourceStartFrame", "GetSourceEndFrame",
            "GetNodeGraph", "GetCurrentVideoItem", "GetColorGroup",
        }  # fmt: skip
        monkeypatch.setattr(Quiet, "lacks_", lacks)
        (tmp_path / "a.cube").touch()
        assert opened[0].project_ is not None
        opened[0].project_.luts_ = tmp_path
        (shot,) = session.shots()
        assert shot.media == (7, 54) and shot.key == "1:86400:a"
        assert session.mark(shot, RESULT) == [] and session.unmark() == 2
        session.set_lut(shot, "a.cube")
        assert shot.item.graph_.luts_ == ["a.cube"]
        assert "not scored yet" in session.changed([shot])[shot.key]
        monkeypatch.setattr(Quiet, "lacks_", {*lacks, "ExportCurrentFrameAsStill"})
        with pytest.raises(ResolveError, match="no still"):
            session.still(shot, 3)


def test_a_sequence_whose_frames_are_told_by_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    _, timeline = cut(("b", 0, 10, 4, MediaPoolItem("/s/b.[1001-1100].exr")))
    item = timeline.tracks_[0][0]
    monkeypatch.setattr(type(item), "GetSourceStartFrame", lambda self: 1005)
    (shot,) = shots_of(timeline)
    assert shot.media == (1005, 1014) and shot.trouble == ""
    monkeypatch.setattr(type(item), "GetSourceStartFrame", lambda self: 1050)
    assert "two places" in shots_of(timeline)[0].trouble
