"""What the panel asks for: files, colours, what else can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Optional

from candela_bridge.panel.hosts import ResolveHost
from candela_bridge.panel.rows import Row
from candela_bridge.panel.widgets.bars import ColoursDialog
from candela_bridge.panel.widgets.help_sheet import HelpSheet
from candela_bridge.panel.widgets.qt import QtWidgets, execute

if TYPE_CHECKING:
    from candela_bridge.panel.widgets.panel import Panel

__all__ = ["ask_colours", "ask_open", "ask_side", "show_help", "show_more"]


def ask_open(panel: "Panel") -> None:
    """Files in place of the list."""
    paths, _ = QtWidgets.QFileDialog.getOpenFileNames(panel, "Open clips, stills or a timeline")
    if paths:
        panel.open(paths)


def ask_side(panel: "Panel", name: str) -> None:
    """A file or a folder for the selected shots, for all without a selection of several."""
    words = "The SDR version" if name == "sdr" else "The other grade"
    rows = panel.list.selected()
    rows = rows if len(rows) > 1 or len(panel.list.rows) == 1 else list(panel.list.rows)
    if len(rows) > 1:
        place = QtWidgets.QFileDialog.getExistingDirectory(
            panel, f"{words} of {len(rows)} shots: a folder, by names"
        )
    else:
        place, _ = QtWidgets.QFileDialog.getOpenFileName(panel, words)
    if place and rows:
        panel.set_side(name, place, rows)


def ask_colours(panel: "Panel") -> None:
    """What the pictures' numbers mean."""
    dialog = ColoursDialog(panel.colours, panel)
    if execute(dialog) and dialog.colours != panel.colours:
        panel.set_colours(dialog.colours)


def show_help(panel: "Panel") -> Any:
    """The keys. Does not wait."""
    sheet = panel.findChild(HelpSheet) or HelpSheet(panel)
    if sheet.isVisible():
        sheet.hide()
    else:
        sheet.show()
    return sheet


def show_more(panel: "Panel") -> None:
    """A menu."""
    menu = QtWidgets.QMenu(panel)
    rows = panel.list.selected()
    fresh = menu.addAction("Score the selected shots anew")
    changed = menu.addAction("Score what has changed")
    host = panel.host
    graded = regraded = put = None
    if isinstance(host, ResolveHost):
        regraded = menu.addAction("Score what has changed in the timeline, with its grade")
        graded = menu.addAction("Score the selected shots with their grade, by stills")
        put = menu.addAction("Put the HDR that the shot's file carries on its node 1, as a DCTL")
        graded.setEnabled(bool(rows))
        put.setEnabled(panel.list.row is not None)
    menu.addSeparator()
    mark = menu.addAction(
        "Write markers of the judged shots" + (f" to {panel.host.name}" if panel.host.name else "")
    )
    unmark = menu.addAction("Take Candela's markers away")
    menu.addSeparator()
    resolve = menu.addAction("List the timeline open in Resolve")
    file = menu.addAction("Keep choices in another file…")
    observer = menu.addAction("Choose under another name…")
    fresh.setEnabled(bool(rows))
    below = panel.top.buttons["more"]
    chosen = execute(menu, below.mapToGlobal(below.rect().bottomLeft()))
    if chosen is fresh:
        panel.score_selected(fresh=True)
    elif chosen is changed:
        panel.scoring.score_changed([row for row in panel.list.rows if row.verdict is not None])
    elif chosen is not None and chosen is graded and isinstance(host, ResolveHost):
        score_graded(panel, host, rows)
    elif chosen is not None and chosen is regraded and isinstance(host, ResolveHost):
        _score_regraded(panel, host)
    elif chosen is put and isinstance(host, ResolveHost) and panel.list.row is not None:
        host.reconstruct(panel.list.row, "dctl", lambda words, error: _said(panel, words, error))
    elif chosen is mark:
        panel.host.mark(
            [row for row in panel.list.rows if row.verdict is not None], lambda w, e: _said(panel, w, e)
        )
    elif chosen is unmark:
        panel.host.unmark(lambda words, error: _said(panel, words, error))
    elif chosen is resolve:
        panel.open_resolve()
    elif chosen is file:
        path, _ = QtWidgets.QFileDialog.getSaveFileName(
            panel, "Keep choices in", str(panel.choosing.choices.file), "CSV (*.csv)",
            options=QtWidgets.QFileDialog.Option.DontConfirmOverwrite,
        )  # fmt: skip
        if path:
            _another_file(panel, path)
    elif chosen is observer:
        name, good = QtWidgets.QInputDialog.getText(
            panel, "Choices", "Observer", text=panel.choosing.choices.observer
        )
        if good and name.strip():
            panel.choosing.choices.observer = name.strip()
            panel.choosing.refresh()


def score_graded(panel: "Panel", host: ResolveHost, rows: List[Row]) -> None:
    """Shots with their grade, by stills that Resolve exports."""
    house = panel.scoring.house

    def took(row: Row, answer: Any, error: Optional[BaseException]) -> None:
        if panel.scoring.house == house:
            panel.scoring.judged_elsewhere(row, answer, error)
        else:  # the score of a model that is not the one any more
            panel.scoring.ask_anew([row])

    for row in rows:
        panel.scoring.judged_elsewhere(row, None)
    host.score_graded(rows, panel.colours, took, lambda words, error: _said(panel, words, error), house=house)


def _score_regraded(panel: "Panel", host: ResolveHost) -> None:
    rows = [row for row in panel.list.rows if row.shot.media is not None]

    def found(changed: List[Row]) -> None:
        if changed:
            score_graded(panel, host, changed)

    host.changed(rows, True, found, lambda words, error: _said(panel, words, error))


def _another_file(panel: "Panel", path: str) -> None:
    from pathlib import Path

    from candela_bridge.panel.choices import Choices

    before = panel.choosing.choices
    panel.choosing.choices = Choices(Path(path), observer=before.observer, version=before.version)
    panel.choosing.refresh()


def _said(panel: "Panel", words: str, error: Optional[BaseException]) -> None:
    panel.say(words if error is None else str(error))
