"""The left side: find, filter and order; the shots."""

from __future__ import annotations

from typing import Any, Callable, List, Optional

from candela_bridge.panel.rows import FILTERS, SORTS, Row, shown
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtWidgets, Signal
from candela_bridge.panel.widgets.shots_delegate import ShotsDelegate
from candela_bridge.panel.widgets.shots_model import ROW, ShotsModel

__all__ = ["ListSide"]

_SETTLE_MS = 120


class ListSide(QtWidgets.QWidget):
    """current: the row that somebody looks at now, or None. thumbnail: as for `ShotsDelegate`."""

    current = Signal(object)

    def __init__(self, thumbnail: Callable[[Row], Any], parent: Any = None) -> None:
        super().__init__(parent)
        self._every: List[Row] = []
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        line = QtWidgets.QHBoxLayout()
        line.setContentsMargins(8, 0, 6, 0)
        line.setSpacing(6)
        self.find = QtWidgets.QLineEdit()
        self.find.setObjectName("find")
        self.find.setPlaceholderText("Find in names and reasons")
        self.find.setClearButtonEnabled(True)
        self.find.setMinimumWidth(96)
        self.only, self.order = QtWidgets.QComboBox(), QtWidgets.QComboBox()
        self.only.setObjectName("only")
        self.order.setObjectName("order")
        for box, known in ((self.only, FILTERS), (self.order, SORTS)):
            for name, said in known.items():
                box.addItem(said[0], name)
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            box.setMinimumContentsLength(6)
            box.setSizeAdjustPolicy(
                QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        line.addWidget(self.find, 1)
        line.addWidget(self.only)
        line.addWidget(self.order)
        column.addLayout(line)
        self.model = ShotsModel(self)
        self.view = QtWidgets.QListView()
        self.view.setObjectName("shots")
        self.view.setModel(self.model)
        self.view.setItemDelegate(ShotsDelegate(thumbnail, self.view))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.verticalScrollBar().setSingleStep(22)
        self.view.selectionModel().currentChanged.connect(self._current_changed)
        column.addWidget(self.view, 1)
        self._settle = QtCore.QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self.find.textChanged.connect(lambda text: self._settle.start())
        self.only.currentIndexChanged.connect(lambda place: self.refresh())
        self.order.currentIndexChanged.connect(lambda place: self.refresh())
        self._row: Optional[Row] = None
        self._quiet = False

    @property
    def rows(self) -> List[Row]:
        """All of the list, shown or not, in the timeline's order."""
        return self._every

    @property
    def row(self) -> Optional[Row]:
        """The one that is looked at."""
        return self._row

    def set_rows(self, rows: List[Row]) -> None:
        """Another list; its first shot is looked at."""
        self._every = rows
        self._row = None
        self.refresh()
        self.go(self.model.rows[0] if self.model.rows else None)

    def selected(self) -> List[Row]:
        """Those that are selected and shown, in their order."""
        found = self.view.selectionModel().selectedIndexes()
        return [index.data(ROW) for index in sorted(found, key=lambda index: index.row())]

    def go(self, row: Optional[Row]) -> None:
        """Look at one."""
        index = self.model.index_of(row)
        if index is not None:
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)
        elif row is None:
            self._take(None)

    def step(self, by: int) -> None:
        """To the next or the one before."""
        index = self.model.index_of(self._row)
        place = (index.row() + by) if index is not None else 0
        if self.model.rows:
            self.go(self.model.rows[min(max(place, 0), len(self.model.rows) - 1)])

    def changed(self, row: Row) -> None:
        """A row has other things to show. Filter and order follow soon, and not at each of many."""
        self.model.changed(row)
        plain = self.only.currentData() == "all" and self.order.currentData() in ("timeline", "name")
        if (not plain or self.find.text()) and not self._settle.isActive():
            self._settle.start()

    def refresh(self) -> None:
        """Filter and order again, with the same selection."""
        kept = self.selected()
        rows = shown(
            self._every, only=self.only.currentData(), text=self.find.text(), by=self.order.currentData()
        )
        if rows == self.model.rows:
            return
        self._quiet = True
        try:
            self.model.show_rows(rows)
            selection = self.view.selectionModel()
            flags = QtCore.QItemSelectionModel.SelectionFlag
            for row in kept:
                index = self.model.index_of(row)
                if index is not None:
                    selection.select(index, flags.Select)
            index = self.model.index_of(self._row)
            if index is not None:
                selection.setCurrentIndex(index, flags.NoUpdate)
        finally:
            self._quiet = False

    def _current_changed(self, index: Any, before: Any) -> None:
        if not self._quiet and index.isValid():
            self._take(index.data(ROW))

    def _take(self, row: Optional[Row]) -> None:
        if row is not self._row:
            self._row = row
            self.current.emit(row)
