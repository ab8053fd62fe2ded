"""Candela in Nuke: the folder for NUKE_PATH in a double of Nuke, over a real helper and a real sidecar."""

# ruff: noqa: F811 (fixtures)
from __future__ import annotations

import json
import runpy
import shutil
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from tests.host_doubles.nuke_double import Group, NukeDouble, ProgressTask

from candela_bridge.client import Bridge
from candela_bridge.nuke import effects, pictures, reconstruct, terminal, upstream
from candela_bridge.nuke import host as nuke_host
from candela_engines.media import read_still
from candela_ocio import candela_config_path

from .nuke_started import (  # noqa: F401
    FOLDER,
    INSTALLED,
    RECONSTRUCT,
    SCOPE,
    folder_of_frames,
    nuke,
    pictured,
    score_node,
    started,
)


class TestStart:
    def test_the_panel_is_known_to_saved_layouts_and_opens_late(
        self, nuke: NukeDouble, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known: list[tuple[str, str, str]] = []
        panels = types.ModuleType("nukescripts.panels")
        panels.registerWidgetAsPanel = lambda widget, name, id: known.append((widget, name, id))  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "nukescripts", types.ModuleType("nukescripts"))
        monkeypatch.setitem(sys.modules, "nukescripts.panels", panels)
        before = set(sys.modules)
        runpy.run_path(str(FOLDER / "menu.py"))
        assert [(name, id) for _, name, id in known] == [("Candela", "candela.panel")]
        assert not any("panel.widgets" in name for name in set(sys.modules) - before), "Qt is left alone"
        # Nuke evaluates the text with nothing but its own names around it.
        module = types.ModuleType("candela_bridge.panel")
        module.NukePanel, opened = object(), []  # type: ignore[attr-defined]
        module.open_panel = opened.append  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "candela_bridge.panel", module)
        assert eval(known[0][0], {"__builtins__": __builtins__}) is module.NukePanel  # type: ignore[attr-defined]
        exec(nuke.menu("Nuke").findItem("Candela").items_["Panel"], {})  # type: ignore[union-attr]
        assert opened == ["Nuke 15.1v1"]

    def test_menus_and_nodes_are_there_and_nothing_else_comes_in(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = list(sys.path)
        nuke = started(monkeypatch)
        assert sys.path == before, "what is installed beside the package is not Nuke's"
        menu = nuke.menu("Nodes").findItem("Candela")  # type: ignore[union-attr]
        assert set(menu.items_) == {"Reconstruct", "Score"}
        for command in menu.items_.values():
            exec(command, {"nuke": nuke})
        assert [node.Class() for node in nuke.allNodes()] == ["CandelaReconstruct", "CandelaScore"]
        nuke.selectedNode().setSelected(False)
        exec(nuke.menu("Nuke").findItem("Candela").items_["Score selected Reads"], {})  # type: ignore[union-attr]
        assert nuke.said_ == ["Select the Reads that are to be scored."]

    def test_the_package_is_found_without_a_path_to_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        nuke = NukeDouble(gui=False)
        monkeypatch.setitem(sys.modules, "nuke", nuke)
        hidden = {
            name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith("candela_bridge")
        }
        monkeypatch.setattr(
            sys, "path", [p for p in sys.path if "ofx_bridge" not in p and "site-packages" not in p]
        )
        try:
            runpy.run_path(str(FOLDER / "init.py"))
            assert isinstance(sys.modules["candela_bridge"], types.ModuleType)
            import candela_bridge.nuke.upstream as found

            assert Path(found.__file__) == Path(upstream.__file__)
        finally:
            for name in [name for name in sys.modules if name.startswith("candela_bridge")]:
                del sys.modules[name]
            sys.modules.update(hidden)

    def test_the_effects_are_inside_and_follow_the_nodes_knobs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        nuke = started(monkeypatch)
        for class_, inner in (("CandelaReconstruct", RECONSTRUCT), ("CandelaScore", SCOPE)):
            node = nuke.createNode(class_)
            assert isinstance(node, Group)
            effect = node.node("CandelaEffect")
            assert effect is not None and effect.Class() in INSTALLED
            assert effect.input(0) is node.nodes()[0] and node.nodes()[-1] is effect
            output = next(n for n in node.nodes() if n.Class() == "Output")
            assert output.input(0) is effect
            for name in set(inner) - {"pipelineFile"}:
                knob = effect[name]
                followed = knob.expression_ or str(knob.value())
                outer = followed.replace("[value ", "").rstrip("]").removeprefix("parent.")
                assert outer in node.knobs(), (name, followed)

    def test_knobs_of_the_links_are_the_effects_own(self) -> None:
        """As docs/openfx.md lists them: a link to nothing would be silent."""
        from candela_bridge.nuke import score

        text = (FOLDER.parents[3] / "docs" / "openfx.md").read_text("utf-8")
        for name in {*reconstruct._LINKS, *score._LINKS}:
            assert f"`{name}`" in text, name

    def test_without_the_plug_in_the_picture_goes_through_and_the_node_says_so(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nuke = started(monkeypatch, effects={})
        node = nuke.createNode("CandelaReconstruct")
        assert "candela install-ofx" in node["status"].value()
        assert isinstance(node, Group) and node.nodes()[-1].input(0) is node.nodes()[0]
        assert effects.class_names("candela.Scope")[0] == "OFXcandela.Scope_v0"


class TestScoring:
    def test_a_file_that_nothing_changes_is_judged_as_it_is(
        self, nuke: NukeDouble, folder_of_frames: Path
    ) -> None:
        """The frames of both Reads are their files' own, though the script counts otherwise."""
        grade = nuke.add_read(
            "G", f"{folder_of_frames}/a.%04d.exr", 1001, 1005, frame_mode="start at", frame="11"
        )
        dot = nuke.add("Dot", "D", grade)
        off = nuke.add("Multiply", "M", dot, value=0.5, disable=True)
        off["disable"].setValue(True)
        other = nuke.add_read(
            "S", f"{folder_of_frames}/sdr.%04d.png", 1, 5, frame_mode="start at", frame="11"
        )
        node = score_node(nuke, off, other, first=11, last=15, colour="linear-rec2020")
        nuke.press(node, "scoreRange")
        nuke.pump(lambda: node["result"].value())
        text = node["status"].value()
        assert "as it is on disk" in text and "highlights" in text.lower() and "Fault" in text
        found = json.loads(node["result"].value())
        document = json.loads(Path(found["document"]).read_text())["result"]
        (shot,) = document["shots"]
        assert (shot["first"], shot["last"]) == (1001, 1005)
        clip = next(r for r in shot["reasons"] if r["kind"] == "highlights_clipped")
        assert clip["frames"] == [1003] and document["reference"].endswith("sdr.%04d.png")
        assert not nuke.rendered_ and -6 <= float(node["score"].value()) <= 10

    def test_what_nuke_changes_is_written_judged_and_removed(
        self, nuke: NukeDouble, shots: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CANDELA_TEMP", str(shots))
        pictured(nuke)
        config = shutil.copy(candela_config_path(), str(shots / "nuke.ocio"))
        for name, value in (
            ("colorManagement", "OCIO"),
            ("OCIO_config", "custom"),
            ("customOCIOConfigPath", config),
        ):
            nuke.root()[name].setValue(value)
        nuke.root()["workingSpaceLUT"].setValue("scene_linear (Linear Rec.2020 (nits))")
        read = nuke.add_read("G", str(shots / "grade.exr"), 1, 1)
        nuke.readers_["G"] = lambda path: np.ascontiguousarray(read_still(path).pixels[..., :3], np.float32)
        doubled = nuke.add("Multiply", "M", read, value=0.5)
        node = score_node(nuke, doubled)
        nodes = list(nuke.allNodes())
        nuke.press(node, "scoreFrame")
        assert len(nuke.rendered_) == 1 and nuke.allNodes() == nodes, "the Write is gone"
        written = Path(nuke.rendered_[0])
        assert written.is_file() and nuke.selectedNodes() == [node]
        nuke.pump(lambda: node["result"].value())
        assert "as Nuke renders them" in node["status"].value() and not written.parent.exists()
        found = json.loads(node["result"].value())
        assert found["colours"]["grade"]["space"] == "Linear Rec.2020 (nits)"
        assert found["colours"]["grade"]["config"]["path"] == config

    def test_what_cannot_be_judged_is_said_on_the_node(self, nuke: NukeDouble, shots: Path) -> None:
        read = nuke.add_read("G", str(shots / "grade.exr"), 1, 1)
        grade = nuke.add("Multiply", "M", read, value=0.5)
        node = score_node(nuke, None)
        nuke.press(node, "scoreFrame")
        assert "Connect the grade" in node["status"].value()
        node.setInput(0, grade)
        nuke.readers_["G"] = lambda path: np.zeros((4, 4, 3), np.float32)
        pictured(nuke)
        nuke.press(node, "scoreFrame")
        assert "choose the colour of the picture" in node["status"].value() and not nuke.rendered_[1:]
        node["colour"].setValue("linear-rec2020")
        nuke.root()["proxy"].setValue(True)
        nuke.press(node, "scoreFrame")
        assert "proxy mode is on" in node["status"].value() and not nuke.rendered_[1:]
        node["first"].setValue(9)
        node["last"].setValue(8)
        nuke.press(node, "scoreRange")
        assert "ends before it begins" in node["status"].value()
        node.setInput(0, nuke.add_read("N", str(shots / "nothing.exr"), 1, 1))
        node["colour"].setValue("linear-rec2020")
        nuke.press(node, "scoreFrame")
        nuke.pump(lambda: "nothing.exr: " in node["status"].value() and "disk" not in node["status"].value())

    def test_a_render_that_fails_leaves_nothing(
        self, nuke: NukeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CANDELA_TEMP", str(tmp_path))
        pictured(nuke)
        read = nuke.add_read("G", "/nowhere/a.exr", 1, 1)
        nuke.readers_["G"] = lambda path: np.fromfile(path)  # type: ignore[type-arg]
        dot = nuke.add("Dot", "D", read)
        nodes = list(nuke.allNodes())
        with pytest.raises(RuntimeError, match="/nowhere"):
            pictures.write_frames(dot, [1])
        assert not list(tmp_path.iterdir()) and nuke.allNodes() == nodes
        assert pictures.key_numbers(1, 101, 3) == [1, 51, 101] and pictures.key_numbers(4, 5, 9) == [4, 5]


class TestBatch:
    def test_selected_reads(self, nuke: NukeDouble, shots: Path, tmp_path: Path) -> None:
        for name, file in (("A", "grade.exr"), ("B", "clipped.exr"), ("C", "nothing.exr")):
            nuke.add_read(name, str(shots / file), 1, 1, raw=True).setSelected(True)
        from candela_bridge.nuke import batch

        ProgressTask.made.clear()
        table = tmp_path / "scores.csv"
        batch.score_selected(str(table))
        nuke.pump(lambda: nuke.said_)
        assert "3 Reads: 0 with faults, 1 that could not be judged" in nuke.said_[-1]
        assert ProgressTask.made[0].progress == 100
        rows = table.read_text().splitlines()
        assert [row.split(",")[0] for row in rows] == ["read", "A", "B", "C"] and "nothing.exr" in rows[3]

    def test_on_a_farm(
        self, monkeypatch: pytest.MonkeyPatch, host: Bridge, shots: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        nuke = started(monkeypatch, gui=False)
        nuke.add_read("A", str(shots / "clipped.exr"), 1, 1, raw=True)
        nuke.add_read("S", str(shots / "sdr.png"), 1, 1, raw=True)

        def run(*arguments: str) -> int:
            nuke_host.set_bridge(Bridge("Nuke", launch=host._launch, place=host._place()))
            try:
                return terminal.main(["-", *arguments])
            finally:
                nuke_host.set_bridge(None)

        out = tmp_path / "out.json"
        assert run("--read", "A=S", "--out", str(out), "--fail-on", "0.05") == 1
        said = capsys.readouterr().out
        assert "openjd_progress: 100" in said and json.loads(out.read_text())["reads"][0]["faults"] >= 1
        assert run("--read", "A") == 0
        assert run("--read", "Z") == 2 and "openjd_fail: --read Z" in capsys.readouterr().out
        assert run("--fail-on", "7") == 2 and run("--nonsense") == 2
        nuke.add_read("B", str(shots / "nothing.exr"), 1, 1, raw=True)
        assert run("--read", "B") == 2 and "openjd_fail: B: " in capsys.readouterr().out
        monkeypatch.setenv("CANDELA_COMMAND", "/nowhere/candela")
        nuke_host.set_bridge(Bridge("Nuke", place=type(host._place())(tmp_path, True)))
        tmp_path.chmod(0o700)
        assert terminal.main(["-"]) == 3
