"""The panel's keys, choices and dialogs, offscreen, by real events."""

from __future__ import annotations

import csv
from pathlib import Path

from candela_bridge.panel.keys import KEYS
from candela_bridge.panel.widgets.actions import actions_of
from candela_bridge.panel.widgets.help_sheet import HelpSheet
from candela_bridge.panel.widgets.panel import Panel
from candela_bridge.panel.widgets.qt import execute

from .panel_windows import RED, Qt, QtCore, QtWidgets, click, key, pixel, shots, until


def test_keys_do_what_the_sheet_says(panel: Panel) -> None:
    panel.show_shots(shots("kept", "second"))
    until(lambda: panel.player.canvas.main is not None)
    view = panel.list.view
    key(view, Qt.Key.Key_Right)
    assert panel.viewing.player.at == 1
    key(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert panel.viewing.player.at == 13
    key(view, Qt.Key.Key_End)
    assert panel.viewing.player.at == 23
    key(view, Qt.Key.Key_M)
    until(lambda: panel.viewing.player.at == 0)
    key(view, Qt.Key.Key_Down)
    assert panel.list.row is panel.list.rows[1]
    key(view, Qt.Key.Key_6)
    assert panel.viewing.view == "faults"
    key(view, Qt.Key.Key_F1)
    sheet = panel.findChild(HelpSheet)
    assert sheet is not None
    assert sheet.isVisible()
    told = {label.text() for label in sheet.findChildren(QtWidgets.QLabel)}
    assert {one.words for one in KEYS} <= told
    sheet.close()
    actions = {one.action for one in KEYS if not one.action.startswith("view_")}
    assert actions <= set(actions_of(panel))
    panel.list.find.setFocus()
    key(panel.list.find, Qt.Key.Key_S)  # a letter in a field is a letter
    assert panel.list.find.text() == "s"
    assert not panel.scoring.busy


def test_choices_are_kept(panel: Panel, folder: Path) -> None:
    panel.show_shots(shots("kept1", "kept2", "third"))
    for row in panel.list.rows[:2]:
        row.other = f"/v2/{row.shot.name}_other.exr"
    panel.choosing.row_changed()
    key(panel.list.view, Qt.Key.Key_A)
    assert not (folder / "choices.csv").exists()  # nothing is compared yet
    key(panel.list.view, Qt.Key.Key_C)
    canvas = panel.player.canvas
    until(lambda: canvas.before is not None and canvas.main is not None and not canvas.loading)
    assert (canvas.before_words, canvas.main_words) == ("v1", "v2")
    place = canvas.picture_rect()
    assert pixel(canvas, place.left() + 30, place.center().y() + 40) == RED
    assert pixel(canvas, place.right() - 30, place.center().y() + 40) == (40, 200, 40)
    key(panel.list.view, Qt.Key.Key_D)
    assert panel.list.row is panel.list.rows[1]
    assert panel.choosing.comparing
    panel.player.blind.setChecked(True)
    assert canvas.before_words == "Left"
    assert not panel.player.views["hdr"].isEnabled()
    click(panel.player.left, panel.player.left.rect().center())
    assert not panel.choosing.comparing  # that was the last pair
    with (folder / "choices.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [one["scene"] for one in rows] == ["kept1", "kept2"]
    assert rows[0]["is_A_selected"] == "0"
    assert rows[1]["blind"] == "1"
    assert rows[1]["is_A_selected"] == ("1" if rows[1]["left"] == "A" else "0")
    key(panel.list.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len((folder / "choices.csv").read_text().splitlines()) == 2


def test_dialogs_can_be_opened(panel: Panel) -> None:
    from candela_bridge.panel.rows import Colours
    from candela_bridge.panel.widgets.bars import ColoursDialog

    dialog = ColoursDialog(Colours(grade="rec2100-hlg", sdr_range="narrow"), panel)
    QtCore.QTimer.singleShot(0, dialog.accept)
    assert execute(dialog)
    assert dialog.colours == Colours(grade="rec2100-hlg", sdr_range="narrow")
    panel.show_shots(shots("kept"))
    until(lambda: panel.list.rows[0].verdict is not None)
    panel.set_colours(Colours(grade="rec2100-pq"))
    assert panel.list.rows[0].verdict is None  # it was of other colours
    until(lambda: panel.list.rows[0].verdict is not None)
