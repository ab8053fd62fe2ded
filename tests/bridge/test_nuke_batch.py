"""Batches and scores of Nuke that are cancelled, deleted or refused meanwhile: in a double of Nuke."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.host_doubles.nuke_double import NukeDouble, ProgressTask

from candela_bridge.client import Bridge
from candela_bridge.nuke import batch, score, terminal
from candela_bridge.nuke import host as nuke_host

from .conftest import end_helper, toy
from .nuke_started import started


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> NukeDouble:
    return started(monkeypatch)


class TestBar:
    """Of a batch over a helper that never ends by itself."""

    @pytest.fixture
    def nuke(self, double: NukeDouble, place: Any) -> Iterator[NukeDouble]:
        ProgressTask.made.clear()
        with Bridge(launch=toy(place), place=place, deliver=double.executeInMainThread) as own:
            nuke_host.set_bridge(own)
            yield double
            end_helper(own)
        nuke_host.set_bridge(None)

    def test_it_is_gone_when_all_have_an_answer(self, nuke: NukeDouble, tmp_path: Path) -> None:
        """Without Python's search for circles, which may not come for hours."""
        nuke.add_read("A", "/s/a.exr", 1, 1, raw=True).setSelected(True)
        gc.disable()
        try:
            batch.score_selected(str(tmp_path / "t.csv"))  # the toy has no call of that name: an answer, too
            assert ProgressTask.made[0].shown
            nuke.pump(lambda: nuke.said_)
            nuke.pump(lambda: not ProgressTask.made[0].shown, 10)
        finally:
            gc.enable()

    def test_cancel_is_seen_though_there_is_no_news(
        self, nuke: NukeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nuke.add_read("A", "/s/a.exr", 1, 1, raw=True).setSelected(True)
        own = nuke_host.bridge()
        real = own.call

        def silent(name: str, given: Any, **more: Any) -> Any:
            return real("wait", {"note": str(tmp_path / "note")}, **more)

        monkeypatch.setattr(own, "call", silent)
        found = batch.score_selected(str(tmp_path / "t.csv"))
        assert found is not None
        ProgressTask.made[0].cancelled = True
        nuke.pump(lambda: found.finished, 30)
        assert found.rows["A"]["exit_code"] == 130 and "cancelled" in nuke.said_[-1]

    def test_one_that_fails_in_no_foreseen_way_holds_up_no_others(
        self, nuke: NukeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in "AB":
            nuke.add_read(name, f"/s/{name}.exr", 1, 1, raw=True).setSelected(True)
        monkeypatch.setattr(nuke.toNode("A"), "firstFrame", lambda: 1 / 0)
        found = batch.score_selected(str(tmp_path / "t.csv"))
        nuke.pump(lambda: nuke.said_, 60)
        assert found is not None and found.finished and "division" in found.rows["A"]["error"]
        assert found.rows["A"]["exit_code"] == 3

    def test_many_are_asked_for_a_few_at_a_time(self, nuke: NukeDouble, tmp_path: Path) -> None:
        """Between which the main thread does something else."""
        for number in range(300):
            nuke.add_read(f"R{number}", f"/s/a{number}.exr", 1, 1, raw=True).setSelected(True)
        other: list[int] = []
        found = batch.score_selected(str(tmp_path / "t.csv"))
        assert found is not None and not found._calls, "nothing was done at once"

        def idle() -> bool:
            other.append(len(found._calls))
            return found.finished

        nuke.pump(idle, 60)
        assert len({count for count in other if 0 < count < 300}) > 1
        assert len(found.rows) == 300 and len(nuke.said_) == 1


class TestNodes:
    """Nodes that are deleted or renamed while they are judged, by a helper that counts for long."""

    @pytest.fixture
    def asked(
        self, double: NukeDouble, place: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[tuple[NukeDouble, Any]]:
        with Bridge(launch=toy(place), place=place, deliver=double.executeInMainThread) as own:
            real = own.call
            monkeypatch.setattr(
                own,
                "call",
                lambda name, given, **more: real("wait", {"note": str(tmp_path / "note")}, **more),
            )
            nuke_host.set_bridge(own)
            node = double.createNode("CandelaScore")
            node.setInput(0, double.add_read("R", "/s/a.exr", 1, 1, raw=True))
            yield double, node
            end_helper(own)
        nuke_host.set_bridge(None)

    def test_one_that_was_deleted_is_judged_no_further(
        self, asked: tuple[NukeDouble, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        nuke, node = asked
        nuke.press(node, "scoreFrame")
        nuke.delete(node)
        nuke.pump(lambda: (tmp_path / "note").exists() and not score._running, 60)
        assert "failed" not in capsys.readouterr().err

    def test_one_that_was_renamed_can_be_cancelled(
        self, asked: tuple[NukeDouble, Any], tmp_path: Path
    ) -> None:
        nuke, node = asked
        nuke.press(node, "scoreFrame")
        nuke.pump(lambda: node["status"].value() == "for ever", 60)
        node.setName("mine")
        nuke.press(node, "cancel")
        assert node["status"].value() == "Cancelled."
        nuke.pump(lambda: (tmp_path / "note").exists() and not score._running, 60)


class TestFarm:
    def test_what_cannot_be_written_is_told_before_any_work(
        self, double: NukeDouble, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        double.GUI = False
        double.add_read("A", "/s/a.exr", 1, 1)
        assert terminal.main(["-", "--out", str(tmp_path / "no" / "out.csv")]) == 2
        assert "there is no such folder" in capsys.readouterr().out

    def test_one_that_is_named_twice_is_said(
        self, double: NukeDouble, capsys: pytest.CaptureFixture[str]
    ) -> None:
        double.GUI = False
        double.add_read("A", "/s/a.exr", 1, 1)
        assert terminal.main(["-", "--read", "A", "--read", "A"]) == 2
        assert "--read A: is named twice" in capsys.readouterr().out

    def test_reads_that_are_disabled_are_left_out(
        self, double: NukeDouble, capsys: pytest.CaptureFixture[str]
    ) -> None:
        double.GUI = False
        double.add_read("A", "/s/a.exr", 1, 1)["disable"].setValue(True)
        assert terminal.main(["-"]) == 2 and "no Read that is switched on" in capsys.readouterr().out

    def test_a_fault_is_no_finding(
        self, double: NukeDouble, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Python would end with 1, which on a farm says that a grade has failed."""
        double.GUI = False
        monkeypatch.setattr(double, "allNodes", lambda filter=None: 1 / 0)
        assert terminal.main(["-"]) == 3
        assert "openjd_fail: ZeroDivisionError" in capsys.readouterr().out
