"""The panel's list of shots, offscreen, by real events: what it costs, when it fills, what it finds."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

from candela_bridge.client import CallError
from candela_bridge.panel.sources import Opening
from candela_bridge.panel.widgets.panel import Panel

from .panel_windows import Qt, click_row, key, shots, until


def test_many_shots_cost_what_is_on_the_screen(panel: Panel) -> None:
    panel.show_shots(shots(*(f"shot{n:03}" for n in range(500))))
    view = panel.list.view
    until(lambda: not panel.thumbs.looks.busy and len(panel.thumbs.looks._pictures) > 5)
    assert panel.list.model.rowCount() == 500
    seen = view.viewport().height() // 66 + 2
    assert panel.bridge.counts["look"] <= seen + 3
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    last = panel.list.rows[-1]
    until(lambda: panel.thumbs.of(last) is not None)
    assert panel.bridge.counts["look"] <= 2 * seen + 6
    until(lambda: panel.bridge.counts["recall"] == 500)


def test_a_timeline_is_listed_before_its_media_are_found(panel: Panel, folder: Path) -> None:
    panel.open(["/v1/cut.otio"])
    until(lambda: len(panel.list.rows) == 3)
    rows = panel.list.rows
    assert [row.shot.name for row in rows] == ["kept1", "lost", "a3"] and all(row.opening for row in rows)
    panel.grab()
    panel.act("score_all")  # too soon: said of each, and not held against it later
    until(lambda: not panel.scoring.busy)
    click_row(panel, rows[2])
    (folder / "found").touch()
    until(lambda: panel.host.name)
    assert panel.list.rows is rows and panel.list.row is rows[2]
    assert [row.shot.media for row in rows] == [(0, 23), None, (0, 23)] and rows[1].state == "new"
    until(lambda: rows[0].verdict is not None)  # the kept score came by itself
    until(lambda: panel.player.canvas.main is not None)
    assert panel.host.name == "/v1/cut.otio" and "not found" in rows[1].shot.trouble
    assert panel.thumbs.of(rows[1]) is None


def test_what_is_opened_last_is_what_is_listed(panel: Panel, folder: Path) -> None:
    panel.open(["/v1/cut.otio"])
    until(lambda: len(panel.list.rows) == 3)
    panel.open(["/v1/one.exr"])
    until(lambda: [row.shot.name for row in panel.list.rows] == ["one.exr"])
    (folder / "found").touch()
    until(lambda: panel.bridge.counts["recall"] > 0 and not panel.viewing.looks.busy)
    assert [row.shot.name for row in panel.list.rows] == ["one.exr"] and not panel.host.name


def test_a_click_shows_a_score_that_is_kept_while_others_are_made(panel: Panel) -> None:
    panel.show_shots(shots("slow1", "slow2", "slow3", "kept"))
    panel.scoring.score(panel.list.rows[:3])
    until(lambda: panel.list.rows[0].state == "running")
    kept = panel.list.rows[3]
    kept.forget()
    click_row(panel, kept)
    until(lambda: panel.reasons.count() == 2)
    assert kept.verdict is not None
    assert kept.cached
    assert kept.verdict.score == 2.0
    assert [reason.kind for reason in panel.reasons.reasons()] == ["highlights_clipped", "hue"]
    assert panel.list.rows[0].state == "running"
    assert panel.list.model.data(
        panel.list.model.index_of(kept), int(Qt.ItemDataRole.AccessibleTextRole)
    ) == ("kept, score 2.0, 1 faults")


def test_find_filter_and_order(panel: Panel) -> None:
    panel.show_shots(shots("beach", "kept", "kept_long"))
    until(lambda: sum(row.verdict is not None for row in panel.list.rows) == 2)
    for letter in "BEA":
        key(panel.list.find, getattr(Qt.Key, f"Key_{letter}"))
    until(lambda: [row.shot.name for row in panel.list.model.rows] == ["beach"])
    panel.list.find.clear()
    panel.list.only.setCurrentIndex(panel.list.only.findData("faults"))
    panel.list.order.setCurrentIndex(panel.list.order.findData("highest"))
    until(lambda: [row.shot.name for row in panel.list.model.rows] == ["kept_long", "kept"])
    until(lambda: panel.status.summary.text().startswith("3 shots · 2 judged · 2 with faults"))


def test_a_folder_that_is_no_sequence_is_what_lies_in_it(panel: Panel, folder: Path) -> None:
    media = folder / "broken"
    (media / "broken_sub").mkdir(parents=True)
    names = [f"{n:02}{'kept' * (n == 3)}.mov" for n in range(9)]
    for name in [*names, ".hidden.mov", "notes.txt"]:
        (media / name).touch()
    panel.open([str(media), "/v1/one.exr"])
    until(lambda: len(panel.list.rows) == 10)
    assert [row.shot.name for row in panel.list.rows] == [*names, "one.exr"]
    assert [row.shot.media for row in panel.list.rows] == [(0, 23)] * 10
    assert "broken_sub: cannot be read" in panel.status.news.text()
    (folder / "broken_empty").mkdir()
    panel.open([str(folder / "broken_empty")])
    until(lambda: not panel.list.rows)
    assert "broken_empty: cannot be read" in panel.status.news.text()


def test_what_lies_in_a_folder_that_nobody_waits_for_is_not_opened(folder: Path) -> None:
    """Something else was opened since: thousands of files would hold up what is wanted now."""
    for number in range(40):
        (folder / f"{number:02}.mov").touch()
    asked: list[Any] = []

    class Asked:
        def call(self, name: str, given: Any, done: Any) -> Future[Any]:
            asked.append(done)
            return Future()

    def refused() -> Future[Any]:
        call: Future[Any] = Future()
        call.set_exception(CallError("MediaError", "cannot be read", 2))
        return call

    opening = Opening(Asked(), [str(folder)], lambda found, troubles: None)  # type: ignore[arg-type]
    asked[0](refused())
    assert len(asked) == 1 + 4, "a few at a time"
    asked[1](refused())
    assert len(asked) == 1 + 5
    opening.stop()
    for done in asked[2:]:
        done(refused())
    assert len(asked) == 1 + 5
