"""Shots of Resolve judged with their grade, and which have to be judged anew."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.host_doubles.resolve_double import (
    ColorGroup,
    MediaPoolItem,
    ResolveDouble,
    TimelineItem,
)
from tests.server.test_score import texture

from candela_bridge.client import Bridge
from candela_bridge.resolve.session import Session
from candela_bridge.resolve.stills import tiff_bits
from candela_bridge.resolve.timecode import Clock
from candela_engines.colour import pq

from .conftest import LONG
from .resolve_started import cut, tiff


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
