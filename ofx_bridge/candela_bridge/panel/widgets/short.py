"""A line of text that needs no room of its own."""

from __future__ import annotations

from typing import Any

from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, QtWidgets

__all__ = ["Short"]


class Short(QtWidgets.QLabel):
    """One line, whose end gives way where there is no room. A label would make its window wider for a long
    text, and one that stands right would cut its begin."""

    def __init__(self, text: str = "", parent: Any = None) -> None:
        super().__init__(text, parent)
        kinds = QtWidgets.QSizePolicy.Policy
        self.setSizePolicy(kinds.Ignored, kinds.Preferred)

    def minimumSizeHint(self) -> Any:
        """Qt's."""
        return QtCore.QSize(0, super().minimumSizeHint().height())

    def shown(self) -> str:
        """The text as far as it is seen."""
        metrics = self.fontMetrics()
        found: str = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())
        return found

    def paintEvent(self, event: Any) -> None:
        """Qt's."""
        painter = QtGui.QPainter(self)
        self.style().drawItemText(
            painter, self.contentsRect(), int(self.alignment()), self.palette(), True, self.shown(),
            self.foregroundRole(),
        )  # fmt: skip
        painter.end()
