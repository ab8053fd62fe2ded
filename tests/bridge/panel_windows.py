"""A panel offscreen, over a real bridge to a helper that makes things up; and a mouse and keys for it."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
try:
    from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, QtWidgets
except (ImportError, RuntimeError) as missing:
    pytest.skip(
        f"no Qt here: {missing} (pip install 'candela-hdr[panel]'; libegl1 libgl1 libxkbcommon0 libdbus-1-3 "
        "libfontconfig1 of the system)",
        allow_module_level=True,
    )

from candela_bridge.client import Bridge, Call, Launch, Timing
from candela_bridge.panel.choices import Choices
from candela_bridge.panel.rows import Row
from candela_bridge.panel.widgets.panel import Panel
from candela_bridge.place import Place
from candela_bridge.shot import Shot

from .conftest import end_helper, environment

HELPER = Path(__file__).with_name("panel_helper.py")
LONG = 60.0
RED, GREEN, BLUE = (200, 40, 40), (40, 200, 40), (40, 40, 200)


def application() -> Any:
    """The one that a process has."""
    return QtWidgets.QApplication.instance() or QtWidgets.QApplication(["test"])


class Counted(Bridge):
    """Counts what is called."""

    def call(self, name: str, *given: Any, **more: Any) -> Call:
        self.counts = getattr(self, "counts", {})
        self.counts[name] = self.counts.get(name, 0) + 1
        return super().call(name, *given, **more)


def opened(app: Any, folder: Path) -> Iterator[Panel]:
    """A window over a helper of its own, in front of all others."""
    launch = Launch((sys.executable, "-S", str(HELPER)), environment())
    bridge = Counted("test", launch=launch, place=Place(folder, True), timing=Timing(pulse=0.5))
    made = Panel(bridge, choices=Choices(folder / "choices.csv", observer="ana"))
    made.resize(1400, 860)
    made.show()
    made.activateWindow()
    until(made.isActiveWindow)  # keys go to the window in front alone
    made.list.view.setFocus()
    yield made
    made.close_bridge()
    made.close()
    end_helper(bridge)
    bridge.close(5)
    made.deleteLater()
    app.processEvents()


def until(true: Callable[[], object], seconds: float = LONG) -> None:
    """Let the window live until something is so."""
    loop = QtCore.QEventLoop()
    clock = QtCore.QElapsedTimer()
    clock.start()
    while not true():
        assert clock.elapsed() < 1000 * seconds, "it never came"
        loop.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 10)
        QtCore.QThread.msleep(1)


def shots(*names: str, frames: int = 24) -> list[Shot]:
    return [
        Shot(
            None, f"{n}:{name}", name, 1, n * frames, (n + 1) * frames - 1, f"/v1/{name}.exr", (0, frames - 1)
        )
        for n, name in enumerate(names)
    ]


def key(widget: Any, code: Any, modifier: Any = None) -> None:
    """A key, pressed and let go, as the window system says it: by way of shortcuts."""
    test = importlib.import_module(f"{QtCore.__name__.rpartition('.')[0]}.QtTest").QTest
    test.keyClick(widget, code, modifier or Qt.KeyboardModifier.NoModifier)


def mouse(widget: Any, kind: str, at: Any, button: Any = None) -> None:
    types = {"press": "MouseButtonPress", "move": "MouseMove", "release": "MouseButtonRelease"}
    button = button or Qt.MouseButton.LeftButton
    local = QtCore.QPointF(at)
    event = QtGui.QMouseEvent(
        getattr(QtCore.QEvent.Type, types[kind]), local, QtCore.QPointF(widget.mapToGlobal(at)), button,
        Qt.MouseButton.NoButton if kind == "release" else button, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QtWidgets.QApplication.sendEvent(widget, event)


def click(widget: Any, at: Any) -> None:
    mouse(widget, "press", at)
    mouse(widget, "release", at)


def click_row(panel: Panel, row: Row) -> None:
    view = panel.list.view
    click(view.viewport(), view.visualRect(panel.list.model.index_of(row)).center())


def pixel(widget: Any, x: float, y: float) -> tuple[int, int, int]:
    of = widget.grab().toImage().pixelColor(int(x), int(y))
    return of.red(), of.green(), of.blue()
