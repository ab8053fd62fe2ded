"""The shot list as Qt's views want it: rows that are shown, in order."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from candela_bridge.panel.rows import Row
from candela_bridge.panel.widgets.qt import Qt, QtCore

__all__ = ["ROW", "ShotsModel"]

ROW = int(Qt.ItemDataRole.UserRole)
"""The role under which a row itself is had."""


class ShotsModel(QtCore.QAbstractListModel):
    """Holds no pictures and makes none: the delegate asks for those of rows that are on the screen."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._rows: List[Row] = []
        self._places: Dict[int, int] = {}

    @property
    def rows(self) -> List[Row]:
        """Those that are shown."""
        return self._rows

    def show_rows(self, rows: List[Row]) -> None:
        """Others, or in another order."""
        if rows == self._rows:
            return
        self.beginResetModel()
        self._rows = rows
        self._places = {id(row): place for place, row in enumerate(rows)}
        self.endResetModel()

    def changed(self, row: Row) -> None:
        """One of them looks different now."""
        index = self.index_of(row)
        if index is not None:
            self.dataChanged.emit(index, index)

    def index_of(self, row: Optional[Row]) -> Any:
        """Its index, None where it is not shown."""
        place = None if row is None else self._places.get(id(row))
        return None if place is None else self.index(place, 0)

    def rowCount(self, parent: Any = None) -> int:
        """Qt's."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Any, role: int = 0) -> Any:
        """Qt's."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == int(Qt.ItemDataRole.DisplayRole):
            return row.shot.name
        if role == int(Qt.ItemDataRole.ToolTipRole):
            return _tip(row)
        if role == int(Qt.ItemDataRole.AccessibleTextRole):
            return f"{row.shot.name}, {_words(row)}"
        return None


def _words(row: Row) -> str:
    if row.verdict is None:
        return row.error or row.shot.trouble or row.state
    score = row.verdict.score
    said = f"no score: {row.verdict.why}" if score is None else f"score {score:.1f}"
    return f"{said}, {row.verdict.faults} faults"


def _tip(row: Row) -> str:
    parts = [row.shot.name, row.shot.path]
    if row.sdr:
        parts.append(f"SDR: {row.sdr}")
    if row.other:
        parts.append(f"B: {row.other}")
    if row.error or row.shot.trouble:
        parts.append(row.error or row.shot.trouble)
    if row.verdict is not None:
        parts += [f"No score: {row.verdict.why}"] if row.verdict.score is None else []
        parts += [row.verdict.model] if row.verdict.model else []
        parts += ["Judged before; nothing has changed since."] if row.cached else []
    return "\n".join(part for part in parts if part)
