"""Candela in DaVinci Resolve: shots, markers and scores; a double of it, a real helper and sidecar."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.host_doubles.resolve_double import (
    MediaPoolItem,
    TimelineItem,
)
from tests.server.test_score import texture

from candela_bridge.client import Bridge
from candela_bridge.resolve import markers
from candela_bridge.resolve.session import ResolveError, Session
from candela_bridge.resolve.shots import shots_of
from candela_bridge.shot import ShotError
from candela_engines.colour import pq

from .conftest import LONG
from .resolve_started import RESULT, cut


class TestShots:
    def test_frames_are_those_of_the_files(self) -> None:
        _, timeline = cut(
            ("movie", 0, 48, 7, MediaPoolItem("/s/a.mov")),
            ("frames", 48, 10, 3, MediaPoolItem("/s/b.[1001-1100].exr")),
        )
        movie, frames = shots_of(timeline)
        assert (movie.first, movie.last, movie.media) == (0, 47, (7, 54)), "the exact offset, and not one off"
        assert (frames.first, frames.last, frames.media) == (48, 57, (1004, 1013))
        assert movie.key != frames.key and movie.trouble == ""

    def test_what_has_no_frames_of_its_own_says_why(self) -> None:
        _, timeline = cut(
            ("title", 0, 10, 0, None),
            ("rate", 10, 10, 0, MediaPoolItem("/s/a.mov", FPS="25")),
            ("fast", 20, 10, 0, MediaPoolItem("/s/a.mov")),
            ("odd", 30, 10, 0, MediaPoolItem("/s/a.mov")),
        )
        timeline.tracks_[0][2].speed_ = 2
        timeline.tracks_[0][3].left_ = None  # type: ignore[assignment]
        found = shots_of(timeline)
        assert [shot.media for shot in found] == [None] * 4
        for shot, words in zip(found, ("title", "25 frames", "speed", "does not say"), strict=True):
            assert words in shot.trouble

    def test_tracks_come_in_the_order_of_time(self) -> None:
        resolve, timeline = cut(("a", 20, 10, 0, MediaPoolItem("/s/a.mov")))
        timeline.tracks_.append([TimelineItem(resolve.project_, "b", 86400, 5, 0, MediaPoolItem("/s/b.mov"))])  # type: ignore[arg-type]
        assert [(shot.name, shot.track) for shot in shots_of(timeline)] == [("b", 2), ("a", 1)]

    def test_what_is_switched_off_is_not_seen(self) -> None:
        resolve, timeline = cut(
            ("a", 0, 10, 0, MediaPoolItem("/s/a.mov")), ("off", 10, 10, 0, MediaPoolItem("/s/a.mov"))
        )
        timeline.tracks_[0][1].enabled_ = False
        timeline.tracks_.append([TimelineItem(resolve.project_, "b", 86400, 5, 0, MediaPoolItem("/s/b.mov"))])  # type: ignore[arg-type]
        timeline.off_.add(2)
        assert [shot.name for shot in shots_of(timeline)] == ["a"]


class TestMarkers:
    def test_written_replaced_and_removed_and_others_left(self) -> None:
        resolve, timeline = cut(("a", 0, 48, 7, MediaPoolItem("/s/a.mov")))
        timeline.AddMarker(13, "Green", "Candela brand", "the client's", 1, "")
        timeline.AddMarker(14, "Green", "mine", "", 1, "other:1")
        others = timeline.GetMarkers()
        session = Session(resolve, Bridge("test"))
        (shot,) = session.shots()
        assert session.mark(shot, RESULT) == [] and session.mark(shot, RESULT) == []
        found = {frame: marker for frame, marker in timeline.GetMarkers().items() if frame not in others}
        # Frame 20 of the file is frame 13 of the shot, where the client has a marker, and 14 another.
        assert {frame: m["name"] for frame, m in found.items()} == {
            15.0: "Candela: highlights clipped", 0.0: "Candela: hue +1"
        }  # fmt: skip
        assert found[15.0]["color"] == "Red" and found[15.0]["note"] == "clip at 150 nit"
        assert found[0.0]["note"] == "redder\nScore 3.2 of -6 to 10"
        assert session.unmark() == 2 and timeline.GetMarkers() == others
        assert session.unmark() == 0
        session.bridge.close()

    def test_markers_of_a_timeline_file_are_known_by_their_name(self) -> None:
        _, timeline = cut(("a", 0, 48, 7, MediaPoolItem("/s/a.mov")))
        timeline.AddMarker(3, "Red", "Candela: hue", "", 1, "")
        timeline.AddMarker(5, "Red", "Candela QC: Issue light.peak", "", 1, "")
        timeline.AddMarker(4, "Red", "Candela: hue", "", 1, "somebody's")
        assert markers.remove_marks(timeline) == (2, 0) and list(timeline.GetMarkers()) == [4.0]

    def test_one_shots_are_taken_and_the_next_ones_stay(self) -> None:
        _, timeline = cut(
            ("a", 0, 10, 0, MediaPoolItem("/s/a.mov")), ("a1", 10, 10, 0, MediaPoolItem("/s/a.mov"))
        )
        first, second = shots_of(timeline)
        for shot in (first, second):
            assert markers.write_marks(timeline, markers.marks_of(shot, RESULT)) == []
        markers.remove_marks(timeline, [first.key])
        assert all(frame >= 10 for frame in timeline.GetMarkers()) and len(timeline.GetMarkers()) == 3

    def test_a_place_that_is_full_is_said(self) -> None:
        _, timeline = cut(("a", 0, 2, 0, MediaPoolItem("/s/a.mov")))
        for frame in (0, 1):
            timeline.AddMarker(frame, "Red", "x", "", 1, "")
        (shot,) = shots_of(timeline)
        failed = markers.write_marks(timeline, markers.marks_of(shot, RESULT))
        assert len(failed) == 2 and "took no marker" in failed[0]


class TestScores:
    def test_of_files_with_their_markers(self, host: Bridge, shots: Path) -> None:
        nothing = MediaPoolItem(str(shots / "nothing.exr"))
        resolve, timeline = cut(
            ("bad", 0, 1, 0, MediaPoolItem(str(shots / "clipped.exr"))),
            ("title", 1, 5, 0, None),
            ("gone", 6, 1, 0, nothing),
        )
        session = Session(resolve, host)
        found: dict[str, tuple[Any, Any]] = {}
        ended = threading.Event()

        def done(shot: Any, result: Any, error: Any) -> None:
            found[shot.name] = (result, error)
            if len(found) == 3:
                ended.set()

        listed = session.shots()
        reference = str(shots / "sdr.png")
        session.score(listed, done, reference=reference, colour={"name": "linear-rec2020"})
        assert ended.wait(LONG)
        assert isinstance(found["title"][1], ShotError) and "nothing.exr" in str(found["gone"][1])
        assert session.mark(listed[0], found["bad"][0]["result"]) == []
        names = [marker["name"] for marker in timeline.GetMarkers().values()]
        assert len(names) == 1 and names[0].startswith("Candela: highlights clipped +")

    def test_of_a_still_with_the_grade(
        self, host: Bridge, shots: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Resolve writes a TIFF without a tag; the project says what its codes are."""
        import OpenImageIO as oiio

        codes = np.round(pq.inverse_eotf(np.minimum(texture(), 990)) * 65535).astype(np.uint16)
        written = shots / "graded.tif"
        out = oiio.ImageOutput.create(str(written))
        out.open(str(written), oiio.ImageSpec(256, 144, 3, "uint16"))
        out.write_image(codes)
        out.close()
        resolve, timeline = cut(("a", 0, 48, 7, MediaPoolItem("/s/a.mov")))
        project = resolve.project_
        assert project is not None
        project.stills_["01:00:01:01"] = written.read_bytes()
        monkeypatch.setenv("CANDELA_TEMP", str(shots))
        session = Session(resolve, host)
        (shot,) = session.shots()
        project.settings_["colorSpaceTimeline"] = "Blackmagic Film"
        with pytest.raises(ResolveError, match="by hand"):
            session.still(shot, 25)
        project.settings_.update(
            colorScienceMode="davinciYRGBColorManagedv2",
            colorSpaceOutput="Rec.2100 ST2084",
            hdrMasteringLuminanceMax="1000",
        )
        given = session.still(shot, 25)
        assert (
            given["colour"] == {"name": "rec2100-pq@1000"} and timeline.GetCurrentTimecode() == "01:00:00:00"
        )
        found = host.call("score", {"grade": given, "reference": {"path": str(shots / "sdr.png")}}).result(
            LONG
        )
        assert found["result"]["grade_state"]["peak_nits"] == 1000
        with pytest.raises(ResolveError, match="no still"):
            session.still(shot, 26)
        project.lies_ = True
        with pytest.raises(ResolveError, match="no still"):
            session.still(shot, 25)
        with pytest.raises(ResolveError, match="is not in a"):
            session.still(shot, 48)

    def test_luts_on_nodes(self, tmp_path: Path) -> None:
        resolve, timeline = cut(("a", 0, 48, 7, MediaPoolItem("/s/a.mov")))
        (tmp_path / "shot.dctl").touch()
        assert resolve.project_ is not None
        resolve.project_.luts_ = tmp_path
        with Bridge("test") as bridge:
            session = Session(resolve, bridge)
            (shot,) = session.shots()
            session.set_lut(shot, "shot.dctl")
            assert timeline.tracks_[0][0].graph_.GetLUT(1) == "shot.dctl"
            with pytest.raises(ResolveError, match="no node 2"):
                session.set_lut(shot, "shot.dctl", 2)
            with pytest.raises(ResolveError, match="DCTL"):
                session.set_lut(shot, str(tmp_path / "shot.dctl"))
            resolve.project_.timeline_ = None
            with pytest.raises(ResolveError, match="no timeline"):
                session.shots()
            resolve.project_ = None
            with pytest.raises(ResolveError, match="no project"):
                session.shots()
