"""Scores asked for in the panel, offscreen, and what is in their way."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from candela_bridge.client import Bridge, Call, Launch
from candela_bridge.panel.choices import Choices
from candela_bridge.panel.widgets.panel import Panel
from candela_bridge.place import Place

from .panel_windows import click, shots, until


def test_scores_have_progress_and_can_be_cancelled(panel: Panel) -> None:
    panel.show_shots(shots("slow1", "slow2", "third", "refuse"))
    rows = panel.list.rows
    button = panel.top.buttons["score_all"]
    click(button, button.rect().center())
    until(lambda: rows[0].state == "running" and rows[0].fraction == 0.25)
    assert panel.status.button.isVisible()
    assert panel.status.text.text().startswith("Scoring 1 of 4")
    assert rows[2].state == "waiting"
    panel.scoring.cancel(rows[:2])
    until(lambda: not panel.scoring.busy)
    assert [row.state for row in rows] == ["new", "new", "done", "failed"]
    assert rows[3].error == "its colour state is not known; say it with Colours…"
    assert not panel.banner.isVisible()
    assert not panel.status.button.isVisible()
    panel.scoring.score(rows[:2])
    until(lambda: rows[0].state == "running")
    click(panel.status.button, panel.status.button.rect().center())
    assert not panel.scoring.busy
    assert rows[0].state == "new"


def test_a_dead_helper_is_said_and_the_next_call_starts_another(panel: Panel) -> None:
    panel.show_shots(shots("dieonce", "fine"))
    first, second = panel.list.rows
    banners = []
    tell = panel.banner.tell
    panel.banner.tell = lambda text: (banners.append(text), tell(text))  # type: ignore[method-assign, func-returns-value]
    panel.scoring.score([first])
    until(lambda: not panel.scoring.busy)
    assert first.state == "done"  # asked for once more, of another helper
    assert any("helper ended" in text for text in banners)
    assert not panel.banner.isVisible()
    second.shot = shots("die")[0]
    panel.scoring.score([second])
    until(lambda: second.state == "failed")
    assert "helper ended" in second.error
    assert panel.banner.isVisible()
    assert panel.banner.label.text().startswith("The Candela helper ended")
    click(panel.banner.button, panel.banner.button.rect().center())
    assert not panel.banner.isVisible()
    panel.scoring.score([first])
    until(lambda: not panel.scoring.busy)
    assert first.state == "done"


def test_a_helper_that_is_not_there_is_said(app: Any, folder: Path) -> None:
    with Bridge("test", launch=Launch(("/no/such/candela",)), place=Place(folder, True)) as bridge:
        panel = Panel(bridge, choices=Choices(folder / "c.csv"))
        panel.show()
        panel.show_shots(shots("kept"))
        until(panel.banner.isVisible)
        assert "/no/such/candela" in panel.banner.label.text()
        until(lambda: "/no/such/candela" in panel.player.canvas.message)
        panel.close()
        panel.deleteLater()


def test_no_file_of_the_helpers_is_left(panel: Panel, folder: Path) -> None:
    panel.open(["/v1/kept.exr"])
    until(lambda: panel.player.canvas.main is not None and panel.waveform.scopes is not None)
    until(lambda: not panel.viewing.looks.busy and not panel.thumbs.looks.busy)
    assert list(folder.glob("*.rgb")) == []


def test_the_thread_that_draws_never_waits_for_a_call(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    main, early = threading.get_ident(), []
    for name in ("result", "exception"):
        plain = getattr(Call, name)

        def watched(call: Call, *given: Any, plain: Any = plain) -> Any:
            if threading.get_ident() == main and not call.done():
                early.append(call.name)
            return plain(call, *given)

        monkeypatch.setattr(Call, name, watched)
    reads = []
    opened = open

    def watched_open(file: Any, *given: Any, **more: Any) -> Any:
        if threading.get_ident() == main and str(file).endswith((".rgb", ".json")):
            reads.append(file)
        return opened(file, *given, **more)

    monkeypatch.setattr("builtins.open", watched_open)
    panel.open(["/v1/kept.exr", "/v1/plain.exr"])
    until(lambda: len(panel.list.rows) == 2)
    panel.act("score_all")
    panel.act("view_nits")
    until(lambda: not panel.scoring.busy and not panel.player.canvas.loading)
    panel.act("play")
    until(lambda: panel.viewing.player.at > 3)
    assert early == []
    assert reads == []
