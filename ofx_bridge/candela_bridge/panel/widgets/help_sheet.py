"""What the keys do, on a sheet."""

from __future__ import annotations

from typing import Any, List, Tuple

from candela_bridge.panel.keys import GROUPS, KEYS
from candela_bridge.panel.widgets import theme
from candela_bridge.panel.widgets.qt import Qt, QtWidgets

__all__ = ["HelpSheet"]


def _halves() -> "Tuple[List[str], List[str]]":
    """Groups for both columns, about as long as one another."""
    first: "List[str]" = []
    left = (len(KEYS) + 2 * len(GROUPS)) / 2
    for group in GROUPS:
        if left <= 2:
            break
        first.append(group)
        left -= 2 + sum(key.group == group for key in KEYS)
    return first, [group for group in GROUPS if group not in first]


class HelpSheet(QtWidgets.QDialog):
    """Goes with Esc, F1 or a click on its button."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setObjectName("help")
        self.setWindowTitle("Candela: keys")
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(20, 16, 20, 16)
        grid = QtWidgets.QHBoxLayout()
        grid.setSpacing(36)
        for groups in _halves():
            grid.addLayout(self._column(groups))
        outer.addLayout(grid)
        close = QtWidgets.QPushButton("Close")
        close.clicked.connect(self.accept)
        outer.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _column(self, groups: Any) -> Any:
        column = QtWidgets.QGridLayout()
        column.setHorizontalSpacing(14)
        column.setVerticalSpacing(5)
        line = 0
        for group in groups:
            head = QtWidgets.QLabel(group.upper())
            head.setProperty("head", True)
            column.addWidget(head, line, 0, 1, 2)
            line += 1
            for key in KEYS:
                if key.group != group:
                    continue
                cap = QtWidgets.QLabel(" or ".join(key.keys))
                cap.setStyleSheet(
                    f"background: {theme.RAISED}; border: 1px solid {theme.LINE}; border-radius: 3px;"
                    "padding: 1px 6px;"
                )
                column.addWidget(cap, line, 0, Qt.AlignmentFlag.AlignLeft)
                column.addWidget(QtWidgets.QLabel(key.words), line, 1)
                line += 1
            column.setRowMinimumHeight(line, 8)
            line += 1
        column.setRowStretch(line, 1)
        return column
