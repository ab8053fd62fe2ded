"""Opening the panel: as a window inside a host's Qt, or as a program of its own."""

from __future__ import annotations

import gc
import signal
import sys
from typing import Any, Optional, Sequence

from candela_bridge.client import Bridge
from candela_bridge.panel.rows import Colours
from candela_bridge.panel.widgets.panel import Panel
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtWidgets, execute

__all__ = ["keep_what_is_loaded", "open_window", "run"]

_window: Optional[Panel] = None


def open_window(host: str = "") -> Panel:
    """The one window of this host, made or raised."""
    global _window
    if _window is None:
        _window = Panel(host=host)
        _window.setWindowTitle("Candela")
        _window.resize(1560, 900)
        _window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        _window.destroyed.connect(_gone)
    _window.show()
    _window.raise_()
    _window.activateWindow()
    return _window


def run(
    paths: Sequence[str] = (),
    *,
    bridge: Optional[Bridge] = None,
    sdr: str = "",
    other: str = "",
    rate: Optional[str] = None,
    colours: Optional[Colours] = None,
    resolve: bool = False,
    house: str = "",
) -> int:
    """The panel by itself, until its window is closed. Its exit code."""
    app: Any = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["candela"])
    app.setApplicationName("Candela")
    signal.signal(signal.SIGINT, lambda *_: app.quit())
    beat = QtCore.QTimer()  # Python looks for signals between its own lines alone
    beat.start(250)
    beat.timeout.connect(lambda: None)
    panel = Panel(bridge, house=house)
    panel.setWindowTitle("Candela")
    panel.resize(1560, 900)
    panel.show()
    keep_what_is_loaded()
    if colours is not None and colours != Colours():
        panel.set_colours(colours)
    if resolve:
        panel.open_resolve()
    elif paths:
        panel.open(paths, sdr=sdr, other=other, rate=rate)
    code = int(execute(app))
    gc.unfreeze()  # libraries tell of what nobody took away at the end
    panel.close_bridge()
    sys.stdout.flush()
    return code


def keep_what_is_loaded() -> None:
    """Python's collector need not look through the libraries and the window again: it did so in the middle of
    a turn of the loop that draws, and took 40 ms. Of a process that is the panel's alone: in a host it would
    keep what is the host's."""
    gc.collect()
    gc.freeze()


def _gone(*_: object) -> None:
    global _window
    _window = None
