"""Candela in Nuke: CandelaReconstruct, the farm's arguments, the host's colours; in a double of Nuke."""

# ruff: noqa: F811 (fixtures)
from __future__ import annotations

import json
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.host_doubles.nuke_double import NukeDouble
from tests.server.conftest import made  # noqa: F401

from candela_bridge.nuke import reconstruct, scoring, terminal, upstream
from candela_engines.colour.names import NAMED
from candela_server.service.results import DISTILLED

from .nuke_started import FOLDER, nuke, started  # noqa: F401


class TestReconstruct:
    def find(self, nuke: NukeDouble, read: Any) -> Any:
        node = nuke.createNode("CandelaReconstruct")
        node.setInput(0, nuke.add("Dot", "D", read))
        nuke.press(node, "find")
        nuke.pump(lambda: "Looking" not in node["status"].value())
        return node

    def test_it_finds_the_file_and_sets_the_colours(self, nuke: NukeDouble, shots: Path, made: Any) -> None:
        path = str(shutil.copy(made[1], shots / "carries.png"))
        node = self.find(nuke, nuke.add_read("R", path, 1, 1, raw=True))
        assert node["file"].value() == path and node["inputEncoding"].value() == "As stored in the file"
        assert "carries its HDR (png)" in node["status"].value() and "PU-PSNR" in node["status"].value()
        found = json.loads(node["found"].value())
        assert found["sdr_transfer"] == "bt1886"
        assert "Faithful to its master" in node["status"].value()
        document = {**found, "document": {}, "provenance": "distilled", "distilled": DISTILLED}
        reconstruct._set_up(node, document)
        assert DISTILLED in node["status"].value() and "Faithful" not in node["status"].value()

    def test_what_the_read_decodes_otherwise_is_refused_with_the_way_out(
        self, nuke: NukeDouble, shots: Path, made: Any
    ) -> None:
        path = str(shutil.copy(made[1], shots / "carries.png"))
        read = nuke.add_read("R", path, 1, 1, colorspace="default (sRGB)")
        node = self.find(nuke, read)
        assert "Set the Read to raw" in node["status"].value() and not node["file"].value()
        read["colorspace"].setValue("rec1886")
        assert reconstruct.input_choice(node, "bt1886", "bt709")[0] == "Linear"
        nuke.root()["colorManagement"].setValue("OCIO")
        nuke.root()["workingSpaceLUT"].setValue("scene_linear (ACES - ACEScg)")
        read["colorspace"].setValue("Utility - sRGB - Texture")
        assert reconstruct.input_choice(node, "srgb", "bt709")[0] == "ACEScg"
        for transfer, primaries in (("bt1886", "bt709"), ("srgb", "p3d65")):
            with pytest.raises(ValueError, match="raw"):
                reconstruct.input_choice(node, transfer, primaries)

    def test_a_file_that_carries_none_is_said(self, nuke: NukeDouble, shots: Path) -> None:
        node = self.find(nuke, nuke.add_read("R", str(shots / "sdr.png"), 1, 1, raw=True))
        assert "sdr.png" in node["status"].value() and not node["file"].value()
        lonely = nuke.createNode("CandelaReconstruct")
        lonely.setInput(0, None)
        nuke.press(lonely, "find")
        assert "no Read above" in lonely["status"].value()


class TestArguments:
    def test_a_number_at_the_end_is_ours_and_no_range_of_frames(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As Foundry's page on the command line has it: Nuke takes a last number out of sys.argv."""
        nuke = started(monkeypatch, gui=False)
        raw = ["Nuke15.1", "-t", "/n/candela/candela_score.py", "a.nk", "--fail-on", "0.5"]
        monkeypatch.setattr(nuke, "rawArgs", raw, raising=False)
        assert terminal.given(raw[2:-1]) == ["a.nk", "--fail-on", "0.5"]
        monkeypatch.setattr(nuke, "rawArgs", [r"C:\Nuke.exe", "-t", r"C:\n\candela_score.py", "b.nk", "600"])
        assert terminal.given(["candela_score.py"]) == ["b.nk", "600"]
        monkeypatch.setattr(nuke, "rawArgs", ["Nuke15.1", "-t"])
        assert terminal.given(["x.py", "c.nk"]) == ["c.nk"]

    def test_the_farm_s_script_goes_by_them(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        nuke = started(monkeypatch, gui=False)
        monkeypatch.setattr(
            nuke, "rawArgs", ["Nuke", "-t", "candela_score.py", "-", "--fail-on", "7"], raising=False
        )
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(FOLDER / "candela_score.py"), run_name="__main__")
        assert ended.value.code == 2 and "openjd_fail: --fail-on 7" in capsys.readouterr().out


class TestColours:
    def test_where_nuke_keeps_its_configs(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        from candela_bridge.nuke import colours

        nuke = started(monkeypatch)
        assert colours.config() is None
        nuke.root()["colorManagement"].setValue("OCIO")
        configs = tmp_path / "OCIOConfigs" / "configs"
        (configs / "aces_1.2").mkdir(parents=True)
        (configs / "aces_1.2" / "config.ocio").touch()
        (configs / "studio.ocio").touch()
        nuke.pluginAddPath(str(tmp_path))
        for name, end in (("aces_1.2", "aces_1.2/config.ocio"), ("studio", "studio.ocio")):
            nuke.root()["OCIO_config"].setValue(name)
            assert colours.config() == str(configs / end)
        nuke.root()["OCIO_config"].setValue("gone")
        with pytest.raises(ValueError, match="'gone'"):
            colours.config()
        nuke.root()["OCIO_config"].setValue("custom")
        monkeypatch.delenv("OCIO", raising=False)
        with pytest.raises(ValueError, match="no path"):
            colours.config()

    def test_movies_are_counted_from_their_first_frame(self, monkeypatch: pytest.MonkeyPatch) -> None:
        nuke = started(monkeypatch)
        read = nuke.add_read("R", "/s/a.mov", 1, 100)
        found = upstream.untouched(nuke.add("Dot", "D", read))
        assert found is not None and found.frames(11, 20) == (10, 19)
        still = upstream.untouched(nuke.add("Dot", "D2", nuke.add_read("S", "/s/a.exr", 1, 1)))
        assert still is not None and still.frames(1, 1) is None
        assert upstream.untouched(nuke.add("Grade", "X", nuke.add("Blur", "Y", read))) is None


def test_the_choices_of_the_node_are_colours_that_there_are() -> None:
    text = (FOLDER / "gizmos" / "CandelaScore.gizmo").read_text()
    line = next(line for line in text.splitlines() if " colour l" in line)
    for name in ("rec2100-pq", "rec2100-hlg", "p3-pq", "linear-rec2020"):
        assert name in line and name in NAMED
    for name in (scoring.AUTOMATIC, scoring.WORKING_SPACE, scoring.OTHER):
        assert name in line
