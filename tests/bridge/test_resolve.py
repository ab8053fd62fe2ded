"""Candela in DaVinci Resolve: a double of its scripting objects, over a real helper and a real sidecar."""

# ruff: noqa: F811 (fixtures of tests/server)

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.host_doubles.resolve_double import (
    ColorGroup,
    MediaPoolItem,
    ResolveDouble,
    Timeline,
    TimelineItem,
)
from tests.server.conftest import made  # noqa: F401
from tests.server.test_score import texture

from candela_bridge.client import Bridge
from candela_bridge.resolve import markers
from candela_bridge.resolve.colours import output_colour
from candela_bridge.resolve.probe import connect, environment, probe
from candela_bridge.resolve.reconstruction import shot_number
from candela_bridge.resolve.session import ResolveError, Session
from candela_bridge.resolve.shots import shots_of
from candela_bridge.resolve.stills import tiff_bits
from candela_bridge.resolve.timecode import Clock
from candela_bridge.shot import Shot, ShotError
from candela_engines.colour import pq

from .conftest import LONG


def cut(*items: tuple[str, int, int, int, Any], **settings: str) -> tuple[ResolveDouble, Timeline]:
    """A timeline from 01:00:00:00 on. items: name, start after its begin, length, left offset, media."""
    resolve = ResolveDouble()
    assert resolve.project_ is not None
    timeline = Timeline(resolve.project_, "cut")
    timeline.settings_.update(settings)
    for name, start, length, left, media in items:
        timeline.tracks_[0].append(TimelineItem(resolve.project_, name, 86400 + start, length, left, media))
    resolve.project_.timeline_ = timeline
    return resolve, timeline


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


RESULT = {
    "meaning": "faults",
    "shots": [
        {
            "first": 7, "last": 54, "score": 3.25,
            "reasons": [
                {"class": "violation", "kind": "highlights_clipped", "text": "clip at 150 nit", "frames":
                [20, 30]}, {"class": "deviation", "kind": "hue", "text": "redder", "frames": []},
                {"class": "abstained", "kind": "noise", "text": "too small", "frames": []},
            ],
        }
    ],
}  # fmt: skip


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


def tiff(path: Path, codes: np.ndarray) -> bytes:
    """As Resolve writes stills."""
    import OpenImageIO as oiio

    height, width = codes.shape[:2]
    out = oiio.ImageOutput.create(str(path))
    out.open(str(path), oiio.ImageSpec(width, height, 3, str(codes.dtype).replace("float32", "float")))
    out.write_image(codes)
    out.close()
    return path.read_bytes()


class TestGraded:
    """Scores of stills with the grade applied, and which shots have to be scored anew."""

    @pytest.fixture
    def project(self, shots: Path, monkeypatch: pytest.MonkeyPatch) -> ResolveDouble:
        monkeypatch.setenv("CANDELA_TEMP", str(shots))
        nits = np.minimum(texture(), 990)
        good, bad = (
            np.round(pq.inverse_eotf(np.minimum(nits, most)) * 65535).astype(np.uint16) for most in (990, 150)
        )
        resolve, _ = cut(("a", 0, 48, 7, MediaPoolItem(str(shots / "grade.exr"))))
        found = resolve.project_
        assert found is not None
        found.settings_.update(colorSpaceTimeline="Rec.2100 ST2084", hdrMasteringLuminanceMax="1000")
        data = [tiff(shots / "still.tif", codes) for codes in (good, bad)]
        clock = Clock("24", "01:00:00:00")
        found.stills_.update({clock.timecode(at): data[at >= 24] for at in range(48)})
        return resolve

    def scored(self, session: Session, **more: Any) -> Any:
        found: list[Any] = []
        ended = threading.Event()
        (shot,) = session.shots()
        session.score_graded(shot, lambda *said: (found.append(said[1:]), ended.set()), **more)
        assert ended.wait(LONG)
        result, error = found[0]
        return error or result

    def test_stills_are_judged_in_the_project_s_colour_and_removed(
        self, project: ResolveDouble, host: Bridge, shots: Path, tmp_path: Path
    ) -> None:
        before = set(shots.iterdir())
        result = self.scored(Session(project, host, tmp_path), frames=2)
        assert isinstance(result, dict), result
        assert result["result"]["grade_state"]["peak_nits"] == 1000
        assert [frame["frame"] for frame in result["result"]["shots"][0]["frames"]] == [12, 36]
        assert set(shots.iterdir()) == before, "the stills are gone"
        timeline = project.project_.timeline_  # type: ignore[union-attr]
        assert timeline is not None and timeline.GetCurrentTimecode() == "01:00:00:00"

    def test_what_resolve_refuses_comes_to_the_same_place(
        self, project: ResolveDouble, host: Bridge, shots: Path, tmp_path: Path
    ) -> None:
        session = Session(project, host, tmp_path)
        found = project.project_
        assert found is not None
        before = set(shots.iterdir())
        shallow = tiff(shots / "still.tif", np.zeros((4, 4, 3), np.uint8))
        found.stills_["01:00:01:12"] = shallow
        assert "8 bits" in str(self.scored(session, frames=2))
        found.stills_.clear()
        assert "no still of frame 12" in str(self.scored(session, frames=2))
        found.settings_["colorSpaceTimeline"] = "Blackmagic Film"
        assert "by hand" in str(self.scored(session))
        assert set(shots.iterdir()) == before

    def test_changed_means_file_frames_version_nodes_sizing_or_baked_grade(
        self, project: ResolveDouble, host: Bridge, tmp_path: Path
    ) -> None:
        project.page_ = "color"
        session = Session(project, host, tmp_path)
        (shot,) = session.shots()

        def why() -> str:
            return Session(project, host, tmp_path).changed(session.shots()).get(shot.key, "")

        assert why() == "not scored yet"
        assert isinstance(self.scored(session, frames=1), dict)
        assert why() == "" and session.changed([shot], graded=False) == {shot.key: "not scored yet"}
        item = shot.item
        for thing, name, other, words in (
            (item, "grade_", "0 0 0\n", "its grade"), (item, "version_", "2", "version"),
            (item.graph_, "luts_", ["x"], "nodes"), (item.graph_, "tools_", [["Blur"]], "nodes"),
            (item, "sizing_", {"Pan": 1.0}, "sizing"), (item, "left_", 9, "frames"),
            (project, "page_", "edit", "Color page"), (item, "group_", ColorGroup("g"), "group"),
        ):  # fmt: skip
            before = getattr(thing, name)
            setattr(thing, name, other)
            assert words in why(), words
            setattr(thing, name, before)
            assert why() == "", words
        Path(shot.path).touch()
        assert "file" in why()

    def test_scores_of_files_are_kept_apart_and_many_at_once_are_all_kept(
        self, project: ResolveDouble, host: Bridge, shots: Path, tmp_path: Path
    ) -> None:
        timeline = project.project_.timeline_  # type: ignore[union-attr]
        assert timeline is not None and project.project_ is not None
        timeline.tracks_[0] = [
            TimelineItem(project.project_, name, 86400 + n, 1, 0, MediaPoolItem(str(shots / f"{name}.exr")))
            for n, name in enumerate(("grade", "clipped"))
        ]
        session = Session(project, host, tmp_path)
        ended, found = threading.Event(), list[Any]()

        def done(*said: Any) -> None:
            found.append(said)
            if len(found) == 2:
                ended.set()

        session.score(session.shots(), done, colour={"name": "linear-rec2020"})
        assert ended.wait(LONG) and all(error is None for _, _, error in found)
        assert session.changed(session.shots(), graded=False) == {}
        assert len(session.changed(session.shots())) == 2
        for path in tmp_path.glob("*.json"):
            path.write_text("damaged")
        assert len(session.changed(session.shots(), graded=False)) == 2

    def test_thumbnails_are_none_off_the_color_page(self, project: ResolveDouble, host: Bridge) -> None:
        session = Session(project, host)
        (shot,) = session.shots()
        assert session.thumbnail(shot) is None
        project.page_ = "color"
        found = session.thumbnail(shot)
        assert found is not None and (found.width, found.height) == (2, 1)
        assert found.data == b"00:23"[-6:].rjust(6, b":"), "of the middle of the shot"
        timeline = project.project_.timeline_  # type: ignore[union-attr]
        assert timeline is not None and timeline.GetCurrentTimecode() == "01:00:00:00"

    @pytest.mark.parametrize(
        "said",
        [
            None, {}, "x", {"width": 2, "height": 1, "data": "!!"}, {"width": 2, "height": 2, "data": "AAAA"},
            {"width": "a", "height": 1, "data": ""}, {"width": 10**9, "height": 10**9, "data": ""},
        ],
    )  # fmt: skip
    def test_thumbnails_that_are_none_at_all(self, said: Any) -> None:
        from candela_bridge.resolve.stills import _thumbnail

        assert _thumbnail(said) is None

    def test_bits_of_stills(self, tmp_path: Path) -> None:
        for dtype, bits in ((np.uint8, 8), (np.uint16, 16), (np.float32, 32)):
            tiff(tmp_path / "a.tif", np.zeros((2, 3, 3), dtype))
            assert tiff_bits(str(tmp_path / "a.tif")) == bits
        for data in (b"", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", b"PNG and more"):
            (tmp_path / "b.tif").write_bytes(data)
            assert tiff_bits(str(tmp_path / "b.tif")) is None


class TestReconstruction:
    @pytest.fixture
    def resolve(self, shots: Path, made: Any, tmp_path: Path) -> ResolveDouble:
        """A shot whose still carries its HDR, in a project of DaVinci Intermediate."""
        path = shutil.copy(made[1], shots / "carries.png")
        found, _ = cut(
            ("a", 0, 1, 0, MediaPoolItem(str(path))),
            colorScienceMode="davinciYRGBColorManagedv2",
        )
        project = found.project_
        assert project is not None
        project.luts_ = tmp_path / "LUT"
        project.luts_.mkdir()
        project.settings_.update(
            colorScienceMode="davinciYRGBColorManagedv2", colorSpaceTimeline="DaVinci WG/Intermediate"
        )
        return found

    def asked(self, work: Callable[[Callable[..., None]], object]) -> tuple[Any, Any]:
        found: list[Any] = []
        ended = threading.Event()
        work(lambda *said: (found.append(said), ended.set()))
        assert ended.wait(LONG)
        result, error = found[0]
        return result, error

    @pytest.mark.parametrize("kind", ["dctl", "cube"])
    def test_written_into_the_lut_folder_and_put_on_the_node(
        self, resolve: ResolveDouble, host: Bridge, tmp_path: Path, kind: str
    ) -> None:
        session = Session(resolve, host, tmp_path)
        (shot,) = session.shots()
        name, error = self.asked(
            lambda done: session.reconstruct(shot, done, kind=kind, luts=str(tmp_path / "LUT"))
        )
        assert error is None and name.startswith("Candela/a_") and name.endswith(kind)
        assert shot.item.graph_.GetLUT(1) == name
        text = (tmp_path / "LUT" / name).read_text()
        assert ("transform(" in text) if kind == "dctl" else ("LUT_3D_SIZE" in text)
        _, error = self.asked(
            lambda done: session.reconstruct(shot, done, kind=kind, node=3, luts=str(tmp_path / "LUT"))
        )
        assert "no node 3" in str(error)

    def test_what_the_effect_has_to_be_told(self, resolve: ResolveDouble, host: Bridge, shots: Path) -> None:
        session = Session(resolve, host)
        (shot,) = session.shots()
        lines, error = self.asked(lambda done: session.effect_setup(shot, done))
        assert error is None and lines[0] == f"File: {shots / 'carries.png'}"
        shutil.copy(shots / "sdr.png", shots / "carries.png")
        _, error = self.asked(lambda done: session.effect_setup(shot, done))
        assert "carries no" in str(error)

    def test_what_can_be_told_before_is_raised(
        self, resolve: ResolveDouble, host: Bridge, tmp_path: Path
    ) -> None:
        session = Session(resolve, host, tmp_path)
        (shot,) = session.shots()
        with pytest.raises(ResolveError, match="LUT folder is not there"):
            session.reconstruct(shot, print, luts=str(tmp_path / "nowhere"))
        with pytest.raises(ResolveError, match="neither"):
            session.reconstruct(shot, print, kind="ilut", luts=str(tmp_path / "LUT"))
        project = resolve.project_
        assert project is not None
        project.settings_["colorSpaceTimeline"] = "Blackmagic Film"
        with pytest.raises(ResolveError, match="say pq, hlg"):
            session.reconstruct(shot, print, luts=str(tmp_path / "LUT"))

    def test_the_one_network_that_covers_a_shot(self) -> None:
        shot = Shot(None, "k", "n", 1, 0, 9, "/s/a.mov", (10, 19))
        assert shot_number({"shots": None}, shot) is None
        assert shot_number({"shots": [[0, 9], [10, 40]]}, shot) == 2
        for shots in ([[0, 12], [13, 40]], []):
            with pytest.raises(ResolveError, match="no one network"):
                shot_number({"shots": shots}, shot)


class TestColours:
    @pytest.mark.parametrize(
        ("settings", "name"),
        [
            (
                {"colorScienceMode": "davinciYRGBColorManagedv2", "colorSpaceOutput": "Rec.2100 HLG"},
                "rec2100-hlg",
            ),
            ({"colorScienceMode": "davinciYRGB", "colorSpaceTimeline": "Rec.709 Gamma 2.4"}, "rec709"),
            ({"colorScienceMode": "davinciYRGB", "colorSpaceTimeline": "Rec.709 (Scene)"}, None),
            ({"colorScienceMode": "acescct", "colorSpaceOutput": "Rec.2100 ST2084"}, None),
            ({"colorScienceMode": "davinciYRGBColorManagedv2", "colorSpaceOutput": ""}, None),
        ],
    )
    def test_of_a_project(self, settings: dict[str, str], name: str | None) -> None:
        resolve, _ = cut()
        assert resolve.project_ is not None
        resolve.project_.settings_ = settings
        assert output_colour(resolve.project_) == (None if name is None else {"name": name})


class TestTimecode:
    def test_drop_frame_skips_its_numbers(self) -> None:
        """SMPTE ST 12-1: two numbers are left out at each minute but every tenth."""
        clock = Clock("29.97 DF", "00:00:00;00")
        assert clock.timecode(1799) == "00:00:59;29" and clock.timecode(1800) == "00:01:00;02"
        assert clock.timecode(17981) == "00:09:59;29" and clock.timecode(17982) == "00:10:00;00"
        assert Clock("59.94", "01:00:00;00", True).timecode(3600) == "01:01:00;04"
        assert Clock("29.97", "00:00:00:00").timecode(1800) == "00:01:00:00"

    @settings(max_examples=40)
    @given(
        st.sampled_from(["24", "25", "29.97 DF", "29.97", "59.94 DF", "23.976"]), st.integers(0, 1_900_000)
    )
    def test_there_and_back(self, rate: str, offset: int) -> None:
        clock = Clock(rate, "01:00:00:00")
        day = round(clock.rate) * 86400
        assert (clock.offset(clock.timecode(offset)) - offset) % day == 0 or (
            "DF" in rate and offset > day // 2
        )

    def test_drop_frame_against_opentimelineio(self) -> None:
        from opentimelineio.opentime import RationalTime, to_timecode

        for rate, exact in (("29.97 DF", 30000 / 1001), ("59.94 DF", 60000 / 1001)):
            clock = Clock(rate, "00:00:00;00")
            for frame in [*range(0, 40_000, 7), *range(1790, 1810), *range(107_800, 107_920)]:
                assert clock.timecode(frame) == to_timecode(RationalTime(frame, exact), exact, True), (
                    rate,
                    frame,
                )

    @pytest.mark.parametrize(
        ("rate", "start"), [("", "01:00:00:00"), ("24", "01:00:00:24"), ("24", None), ("0", "0")]
    )
    def test_what_is_none(self, rate: str, start: Any) -> None:
        with pytest.raises(ValueError, match="is no"):
            Clock(rate, start)


class TestProbe:
    """In another process, which finds a module of the vendor's name."""

    def tried(self, folder: Path, module: str | None) -> Any:
        modules = folder / "Modules"
        modules.mkdir()
        if module is not None:
            (modules / "DaVinciResolveScript.py").write_text(module)
        return probe([sys.executable, "-S"], {**os.environ, "RESOLVE_SCRIPT_API": str(folder)}, seconds=20)

    STUDIO = """
class R:
    def GetProductName(self): return "DaVinci Resolve Studio"
    def GetVersionString(self): return "20.1.0"
def scriptapp(name):
    print("Fusion says something")
    return R()
"""

    def test_there(self, tmp_path: Path) -> None:
        found = self.tried(tmp_path, self.STUDIO)
        assert found.ok and found.studio and found.version == "20.1.0"

    @pytest.mark.parametrize(
        ("module", "words"),
        [
            (None, "RESOLVE_SCRIPT_API"),
            ("def scriptapp(name): return None", "External scripting"),
            ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashes this Python"),
            ("raise ImportError('libfoo.so: cannot open')", "libfoo.so"),
        ],
    )
    def test_in_the_way(self, tmp_path: Path, module: str | None, words: str) -> None:
        found = self.tried(tmp_path, module)
        assert not found.ok and words in found.why

    def test_one_that_hangs(self, tmp_path: Path) -> None:
        (tmp_path / "Modules").mkdir()
        (tmp_path / "Modules" / "DaVinciResolveScript.py").write_text("import time; time.sleep(60)")
        found = probe([sys.executable, "-S"], {**os.environ, "RESOLVE_SCRIPT_API": str(tmp_path)}, seconds=1)
        assert not found.ok and "1 s" in found.why
        assert not probe(["/nowhere/python"]).ok

    def test_usual_places_and_connecting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert environment("linux", {})["RESOLVE_SCRIPT_LIB"] == "/opt/resolve/libs/Fusion/fusionscript.so"
        assert environment("win32", {"PROGRAMDATA": "D:\\P"})["RESOLVE_SCRIPT_API"].startswith(
            "D:\\P\\Blackmagic Design\\"
        )
        assert environment("linux", {"RESOLVE_SCRIPT_API": "/x"})["RESOLVE_SCRIPT_API"] == "/x"
        resolve = ResolveDouble()
        monkeypatch.setitem(sys.modules, "DaVinciResolveScript", resolve.module())
        for name in ("RESOLVE_SCRIPT_API", "RESOLVE_SCRIPT_LIB"):
            monkeypatch.setenv(name, "/x")
        monkeypatch.setattr(sys, "path", list(sys.path))
        assert connect() is resolve
        ended = threading.Event()
        monkeypatch.setattr(sys.modules["DaVinciResolveScript"], "scriptapp", lambda name: ended.wait(LONG))
        assert connect(seconds=0.1) is None, "one that hangs is no reason to hang with it"
        ended.set()
        monkeypatch.setattr(sys.modules["DaVinciResolveScript"], "scriptapp", lambda name: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            connect()
