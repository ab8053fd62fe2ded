"""Why a shot has its score: sentences, the worst first; one that is chosen leads to its frame and place."""

from __future__ import annotations

from typing import Any, List, Optional

from candela_bridge.panel.rows import Row
from candela_bridge.panel.verdict import Reason, Verdict
from candela_bridge.panel.widgets import theme
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, QtWidgets, Signal
from candela_bridge.panel.widgets.theme import colour

__all__ = ["Reasons", "reason_tint"]

_REASON = int(Qt.ItemDataRole.UserRole)
_WRAP = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignTop)


def reason_tint(reason: Reason) -> str:
    """Faults warn, what only differs does so less, and what is within usual styles not at all."""
    if reason.group == "violation":
        return theme.FAULT
    return theme.WARN if reason.group == "deviation" and not reason.within else theme.DIM


class Reasons(QtWidgets.QListWidget):
    """chosen: a reason that somebody wants to see. judge: which model gave the score, in words, or empty."""

    chosen = Signal(object)
    judge = Signal(str)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setObjectName("reasons")
        self.setItemDelegate(_ReasonDelegate(self))
        self.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection)
        self.setWordWrap(True)
        self.itemActivated.connect(self._choose)
        self.itemClicked.connect(self._choose)
        self._shown: Optional[Verdict] = None
        self.about = ""

    @property
    def verdict(self) -> Optional[Verdict]:
        """Whose reasons are shown."""
        return self._shown

    def show_verdict(self, verdict: Optional[Verdict]) -> None:
        """Others."""
        if verdict is self._shown:
            return
        self._shown = verdict
        self.judge.emit("" if verdict is None or verdict.score is None else verdict.model)
        self.clear()
        for reason in () if verdict is None else verdict.reasons:
            item = QtWidgets.QListWidgetItem(f"{reason.title}: {reason.text}")
            item.setData(_REASON, reason)
            item.setToolTip(_tip(reason))
            self.addItem(item)

    def show_row(self, row: Optional[Row]) -> None:
        """Those of a shot; what to say where it has none."""
        about = "" if row is None else _about(row)
        if about != self.about:
            self.about = about
            self.viewport().update()
        self.show_verdict(None if row is None else row.verdict)

    def paintEvent(self, event: Any) -> None:
        """Qt's."""
        super().paintEvent(event)
        if self.about and not self.count():
            painter = QtGui.QPainter(self.viewport())
            painter.setPen(colour(theme.DIM))
            room = self.viewport().rect().adjusted(16, 16, -16, -16)
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(room, flags, self.about)
            painter.end()

    def reasons(self) -> List[Reason]:
        """In their order."""
        return [self.item(number).data(_REASON) for number in range(self.count())]

    def current(self) -> Optional[Reason]:
        """The one that is chosen."""
        item = self.currentItem()
        return None if item is None else item.data(_REASON)

    def step(self, by: int) -> None:
        """To the next or the one before, round."""
        if self.count():
            self.setCurrentRow((self.currentRow() + by) % self.count())
            self._choose(self.currentItem())

    def resizeEvent(self, event: Any) -> None:
        """Sentences wrap at another width now."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def _choose(self, item: Any) -> None:
        self.chosen.emit(item.data(_REASON))


class _ReasonDelegate(QtWidgets.QStyledItemDelegate):
    def _fonts(self) -> "tuple[Any, Any]":
        bold, plain = QtGui.QFont(self.parent().font()), QtGui.QFont(self.parent().font())
        bold.setPixelSize(12)
        bold.setBold(True)
        plain.setPixelSize(11)
        return bold, plain

    def sizeHint(self, option: Any, index: Any) -> Any:
        """As high as the sentence is at this width."""
        reason: Reason = index.data(_REASON)
        width = self.parent().viewport().width() - 30
        _, plain = self._fonts()
        box = QtGui.QFontMetricsF(plain).boundingRect(QtCore.QRectF(0, 0, width, 4000), _WRAP, reason.text)
        return QtCore.QSize(width, int(box.height()) + 40)

    def paint(self, painter: Any, option: Any, index: Any) -> None:
        """Qt's."""
        reason: Reason = index.data(_REASON)
        rect = QtCore.QRectF(option.rect)
        tint = reason_tint(reason)
        painter.save()
        if option.state & QtWidgets.QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colour("#33291a"))
        elif option.state & QtWidgets.QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colour("#1e1e1e"))
        painter.fillRect(QtCore.QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), colour("#242424"))
        painter.fillRect(QtCore.QRectF(rect.left(), rect.top() + 4, 3, rect.height() - 9), colour(tint))
        bold, plain = self._fonts()
        inner = rect.adjusted(14, 7, -12, -6)
        about, metrics = _beside(reason), QtGui.QFontMetricsF(bold)
        room = inner.width() - QtGui.QFontMetricsF(plain).horizontalAdvance(about) - 10
        if room < min(metrics.horizontalAdvance(reason.title), 90.0):  # the title says more
            about, room = "", inner.width()
        title = metrics.elidedText(reason.title, Qt.TextElideMode.ElideRight, room)
        painter.setFont(bold)
        painter.setPen(colour(theme.TEXT))
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft), title)
        painter.setFont(plain)
        painter.setPen(colour(tint))
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight), about)
        painter.setPen(colour("#b8b8b8"))
        painter.drawText(inner.adjusted(0, 19, 0, 0), _WRAP, reason.text)
        meter = QtCore.QRectF(inner.left(), rect.bottom() - 6, 60, 2)
        if reason.group == "violation":
            painter.fillRect(meter, colour("#333333"))
            filled = QtCore.QRectF(meter.left(), meter.top(), 60 * min(reason.severity, 1), 2)
            painter.fillRect(filled, colour(tint))
        painter.restore()


def _about(row: Row) -> str:
    if row.verdict is not None:
        return "No fault was found, and nothing that differs from usual grades."
    if row.state in ("waiting", "running"):
        return "It is being judged."
    return row.error or row.shot.trouble or "Not judged yet.\nScore selected (S) does it."


def _beside(reason: Reason) -> str:
    if reason.group == "abstained":
        return "not judged"
    said = "fault" if reason.group == "violation" else "usual" if reason.within else "differs"
    frames = "" if len(reason.frames) == 0 else f" · frame {reason.frames[0]}"
    return said + (f" · {len(reason.frames)} frames" if len(reason.frames) > 1 else frames)


def _tip(reason: Reason) -> str:
    frames = ", ".join(map(str, reason.frames)) or "–"
    return (
        f"{reason.text}\nSeverity {reason.severity:.2f} of 1, confidence {reason.confidence:.2f}.\n"
        f"Frames: {frames}"
    )
