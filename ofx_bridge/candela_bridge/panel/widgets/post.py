"""The way from the bridge's threads to the one that draws."""

from __future__ import annotations

import sys
import traceback
from typing import Any, Callable

from candela_bridge.panel.widgets.qt import Qt, QtCore, Signal

__all__ = ["Poster"]


class Poster(QtCore.QObject):
    """post: runs a function on the thread that made this, soon, and does not wait."""

    _came = Signal(object)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._open = True
        self._came.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, news: Callable[[], None]) -> None:
        """From any thread."""
        if self._open:
            try:
                self._came.emit(news)
            except RuntimeError:  # the window is gone, and with it whoever wants to know
                self._open = False

    def close(self) -> None:
        """What comes from now on is of no interest."""
        self._open = False

    def _run(self, news: Callable[[], None]) -> None:
        if not self._open:
            return
        try:
            news()
        except Exception:  # a fault of ours: said, and costs no other news its turn
            print("candela: the panel failed", file=sys.stderr)
            traceback.print_exc()
