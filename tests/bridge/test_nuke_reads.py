"""What Reads show and how Nuke renders, where that is not what it seems: in a double of Nuke."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.host_doubles.nuke_double import NukeDouble

from candela_bridge.nuke import pictures, reconstruct, upstream

from .nuke_started import pictured, score_node, started


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> NukeDouble:
    return started(monkeypatch)


def untouched(nuke: NukeDouble, read: Any) -> upstream.Untouched:
    found = upstream.untouched(nuke.add("Dot", f"Dot of {read.name()}", read))
    assert found is not None
    return found


class TestFiles:
    @pytest.mark.parametrize(
        ("written", "path"),
        [
            ("[getenv SHOT]/a.####.exr", "/show/s010/a.%04d.exr"),
            ("plates/a.%04d.exr", "/show/work/plates/a.%04d.exr"),
            ("/show/a_%V.%04d.exr", "/show/a_left.%04d.exr"),
            ("/show/a_%v.mov", "/show/a_l.mov"),
            ("C:\\show\\a.exr", "C:/show/a.exr"),
        ],
    )
    def test_the_name_is_what_nuke_opens(self, double: NukeDouble, written: str, path: str) -> None:
        double.views_, double.view_ = ["left", "right"], "left"
        double.tcl_["getenv SHOT"] = "/show/s010"
        double.root()["project_directory"].setValue("/show/work")
        assert upstream.file_of(double.add_read("R", written, 1, 9)) == path

    def test_numbers_come_from_the_file_s_name_where_metadata_have_none(self, double: NukeDouble) -> None:
        double.tells_frames_ = False
        read = double.add_read("R", "/s/v2/a.%04d.exr", 1001, 1100, frame_mode="start at", frame="1")
        assert untouched(double, read).frames(1, 10) == (1001, 1010)
        movie = double.add_read("M", "/s/a.mov", 1, 100)
        with pytest.raises(ValueError, match="M: Nuke does not say which frame"):
            untouched(double, movie).frames(1, 1)

    def test_a_movie_that_is_read_from_later_on_is_counted_from_its_first_frame(
        self, double: NukeDouble
    ) -> None:
        read = double.add_read("M", "/s/a.mov", 11, 100, origfirst=1)
        assert untouched(double, read).frames(11, 20) == (10, 19)

    def test_black_around_a_file_is_none_of_its_frames(self, double: NukeDouble) -> None:
        read = double.add_read("R", "/s/a.%04d.exr", 5, 9, before="black", after="hold")
        with pytest.raises(ValueError, match="black at frame 4"):
            untouched(double, read).frames(4, 4)
        assert untouched(double, read).frames(5, 9) == (5, 9)

    def test_one_that_is_disabled_is_refused(self, double: NukeDouble) -> None:
        read = double.add_read("R", "/s/a.exr", 1, 1, disable=True)
        read["disable"].setValue(True)
        with pytest.raises(ValueError, match="R: is disabled"):
            upstream.untouched(double.add("Dot", "D", read))


class TestRenders:
    def test_one_view_is_rendered_and_nothing_of_it_can_be_undone(
        self, double: NukeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CANDELA_TEMP", str(tmp_path))
        double.views_, double.view_ = ["left", "right"], "left"
        pictured(double)
        read = double.add_read("R", "/s/a_%V.exr", 1, 1)
        asked: list[str] = []
        double.readers_["R"] = lambda path: (asked.append(path.name), np.zeros((4, 4, 3), np.float32))[1]
        written = pictures.write_frames(double.add("Dot", "D", read), [1, 2])
        assert asked == ["a_left.exr"] * 2 and len(double.rendered_) == 2
        assert double.undo_ == [] and not double.Undo.disabled()
        written.remove()
        double.readers_["R"] = lambda path: np.fromfile(path)  # type: ignore[type-arg]
        with pytest.raises(RuntimeError):
            pictures.write_frames(double.toNode("D"), [1])
        assert double.undo_ == [] and not double.Undo.disabled(), "also after a render that failed"

    def test_where_nothing_can_be_written_is_said(
        self, double: NukeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CANDELA_TEMP", str(tmp_path / "no"))
        node = score_node(double, double.add("Grade", "G", double.add_read("R", "/s/a.exr", 1, 1)))
        double.press(node, "scoreFrame")
        assert f"{tmp_path / 'no'}: no frames can be written there" in node["status"].value()
        assert not double.allNodes("Write")


# Of the helper's `setup`.
SAID = {
    "file": "/s/a.%04d.png", "sdr_transfer": "bt1886", "sdr_primaries": "bt709", "carrier": "png",
    "fidelity": {"pu_psnr_db": 40.0, "delta_e_itp_mean": 1.0}, "width_px": 8, "height_px": 4,
    "picture": "same", "frame_covered": True, "needs_ocio": None,
}  # fmt: skip


class TestFind:
    @pytest.mark.parametrize(
        ("file", "first", "more", "offset"),
        [
            ("/s/a.%04d.png", 1001, {"frame_mode": "start at", "frame": "11"}, 990),
            ("/s/a.%04d.png", 1, {}, 0),
            ("/s/a.mov", 1, {"frame_mode": "start at", "frame": "11"}, -11),
        ],
    )
    def test_the_effect_counts_as_the_file_does(
        self, double: NukeDouble, file: str, first: int, more: dict[str, str], offset: int
    ) -> None:
        """Frame 11 of the script is the file's frame 1001, 11 and, of a movie, 0."""
        node = double.createNode("CandelaReconstruct")
        node.setInput(0, double.add_read("R", file, first, first + 50, raw=True, **more))
        double.frame(11)
        at = reconstruct._frames(node, 11)
        assert at is not None and at.number == 11 + offset and at.steady
        reconstruct._set_up(node, SAID, at)
        assert node["frameOffset"].value() == offset
        assert node["frameNumbers"].value() == "As the host counts" and "Beware" not in node["status"].value()

    @pytest.mark.parametrize(
        ("file", "offset"), [("/s/a.mov", 10), ("/s/a.%04d.png", 0)], ids=["movie", "sequence"]
    )
    def test_where_nuke_says_of_no_frame_the_effect_counts_and_it_is_said(
        self, double: NukeDouble, monkeypatch: pytest.MonkeyPatch, file: str, offset: int
    ) -> None:
        """Frame 11 is the first of the Read, and the tenth after that with which the movie begins."""
        double.tells_frames_ = False
        node = double.createNode("CandelaReconstruct")
        read = double.add_read("R", file, 11, 50, origfirst=1, raw=True)
        monkeypatch.setattr(read, "file_at", lambda frame: "")
        node.setInput(0, read)
        asked: list[dict[str, Any]] = []
        own = SimpleNamespace(call=lambda name, given, **more: asked.append(given))
        monkeypatch.setattr(reconstruct, "bridge", lambda: own)
        double.frame(11)
        reconstruct.find(node)
        assert asked == [{"path": file}], "it is looked into all the same, and no frame is asked about"
        reconstruct._set_up(node, SAID, reconstruct._frames(node, 11))
        assert (node["frameNumbers"].value(), node["frameOffset"].value()) == ("Automatic", offset)
        assert "Beware: Nuke does not say which frame" in node["status"].value()

    def test_what_is_retimed_is_said_and_a_still_has_no_frames(
        self, double: NukeDouble, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        node = double.createNode("CandelaReconstruct")
        read = double.add_read("R", "/s/a.%04d.png", 1, 50, raw=True)
        node.setInput(0, read)
        monkeypatch.setattr(read, "file_frame", lambda frame: 2 * frame)
        at = reconstruct._frames(node, 5)
        assert at is not None and (at.number, at.steady) == (10, False)
        reconstruct._set_up(node, {**SAID, "frame_covered": False}, at)
        text = node["status"].value()
        assert "offset is that of frame 5 alone" in text and "frame 10, which is 5 here" in text
        node.setInput(0, double.add_read("S", "/s/a.png", 1, 1, raw=True))
        assert reconstruct._frames(node, 5) is None
        reconstruct._set_up(node, SAID)
        assert node["frameOffset"].value() == 0 and node["frameNumbers"].value() == "Automatic"
