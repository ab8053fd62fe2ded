"""The player in a narrow dock: its views are words in a row, or one menu, and never cut words."""

from __future__ import annotations

import os
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
try:
    from candela_bridge.panel.widgets.qt import QtWidgets
except (ImportError, RuntimeError) as missing:
    pytest.skip(f"no Qt here: {missing}", allow_module_level=True)

from candela_bridge.panel.views import VIEWS
from candela_bridge.panel.widgets.player_side import PlayerSide


@pytest.fixture
def side() -> Any:
    app = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["test"])
    side = PlayerSide()
    side.show()
    yield side
    side.close()
    app.processEvents()


def test_views_are_a_row_or_a_menu(side: Any) -> None:
    for width, row in ((1100, True), (490, False), (1100, True)):
        side.resize(width, 500)
        QtWidgets.QApplication.processEvents()
        assert side.view_menu.isVisible() is not row
        assert [button.isVisible() for button in side.views.values()] == [row] * len(VIEWS)
        shown = side.views.values() if row else [side.view_menu]
        for button in shown:
            words = button.fontMetrics().horizontalAdvance(button.text())
            assert button.width() >= words, f"{button.text()} is cut at {width}"


def test_the_menu_does_what_the_row_does(side: Any) -> None:
    side.resize(490, 500)
    asked: list[str] = []
    side.act.connect(asked.append)
    actions = side.view_menu.menu().actions()
    assert len(actions) == len(VIEWS)
    for action, name in zip(actions, VIEWS, strict=True):
        action.trigger()
        assert asked[-1] == f"view_{name}"
        side.views[name].setChecked(True)
        assert side.view_menu.text() == VIEWS[name].label and action.isChecked()
        side.views[name].setChecked(False)
        assert not action.isChecked()


def test_choices_keep_their_words(side: Any) -> None:
    for width, words in ((490, ["A/B", "Left", "Right"]), (1100, ["Compare A and B", "Left is better"])):
        side.resize(width, 500)
        QtWidgets.QApplication.processEvents()
        buttons = (side.compare, side.left, side.right, side.skip, side.undo)
        assert [button.text() for button in buttons][: len(words)] == words
        assert all(b.width() >= b.fontMetrics().horizontalAdvance(b.text()) for b in buttons)


def test_a_long_text_makes_no_window_wider(side: Any) -> None:
    from candela_bridge.panel.widgets.bars import StatusBar

    bar = StatusBar()
    before = bar.minimumSizeHint().width()
    bar.news.setText("/a/very/long/path" * 40)
    assert bar.minimumSizeHint().width() == before
    bar.resize(500, 36)
    bar.show()
    QtWidgets.QApplication.processEvents()
    assert bar.news.shown().startswith("/a/very/long") and bar.news.shown().endswith("…")
    bar.close()
