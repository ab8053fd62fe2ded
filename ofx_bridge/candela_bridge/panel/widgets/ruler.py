"""The frames of a shot as a line: where it is, what is loaded, how the score goes, where faults were seen."""

from __future__ import annotations

from typing import Any, Callable, Collection, Optional, Sequence, Tuple

from candela_bridge.panel.widgets import theme
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, QtWidgets, Signal, position
from candela_bridge.panel.widgets.theme import colour, score_colour

__all__ = ["Ruler"]

_LINE = 3


class Ruler(QtWidgets.QWidget):
    """went: the frame that somebody took it to."""

    went = Signal(int)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setObjectName("ruler")
        self.setFixedHeight(42)
        self.first, self.last, self.at = 0, 0, 0
        self.trend: "Sequence[Tuple[int, float]]" = ()
        self.marks: Sequence[int] = ()
        self.loaded: Callable[[], Collection[int]] = lambda: ()  # frames, asked for with every paint
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setToolTip(
            "Frames of the shot: click or drag. Dots are key frames by their score, ticks are faults."
        )

    def x_of(self, frame: int) -> float:
        """The place of a frame."""
        if self.last <= self.first:
            return float(self.width() / 2)
        return float(10 + (self.width() - 20) * (frame - self.first) / (self.last - self.first))

    def frame_at(self, x: float) -> int:
        """The frame at a place."""
        if self.last <= self.first:
            return self.first
        share = min(max((x - 10) / max(self.width() - 20, 1), 0.0), 1.0)
        return int(self.first + 0.5 + share * (self.last - self.first))

    def paintEvent(self, event: Any) -> None:
        """Qt's."""
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect(), colour(theme.PANEL))
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        base = self.height() - 12
        painter.fillRect(QtCore.QRectF(10, base, self.width() - 20, _LINE), colour("#333333"))
        self._loaded(painter, base)
        for frame in self.marks:
            painter.fillRect(QtCore.QRectF(self.x_of(frame) - 1, base - 4, 2, 11), colour(theme.FAULT))
        self._trend(painter, base)
        self._head(painter, base)
        font = QtGui.QFont(self.font())
        font.setPixelSize(10)
        painter.setFont(font)
        painter.setPen(colour(theme.DIM))
        if not self.trend and self.last > self.first and 40 < self.x_of(self.at) < self.width() - 40:
            painter.drawText(QtCore.QRectF(10, 2, 90, 14), int(Qt.AlignmentFlag.AlignLeft), str(self.first))
            right = QtCore.QRectF(self.width() - 100, 2, 90, 14)
            painter.drawText(right, int(Qt.AlignmentFlag.AlignRight), str(self.last))
        painter.end()

    def _loaded(self, painter: Any, base: float) -> None:
        steps = min(self.last - self.first + 1, max(self.width() // 3, 1))
        if steps < 2:
            return
        width, frames = (self.width() - 20) / steps, self.loaded()
        if not frames:
            return
        by = (self.last - self.first) / (steps - 1)
        there = [round(self.first + n * by) in frames for n in range(steps)]
        begin = 0
        for step in range(1, steps + 1):  # a stretch at a time: this is painted with every frame that plays
            if step == steps or there[step] != there[begin]:
                if there[begin]:
                    stretch = QtCore.QRectF(10 + begin * width, base, (step - begin) * width + 0.5, _LINE)
                    painter.fillRect(stretch, colour("#6b6b6b"))
                begin = step

    def _trend(self, painter: Any, base: float) -> None:
        if not self.trend:
            return
        low = min(min(score for _, score in self.trend), 0.0)
        high = max(max(score for _, score in self.trend), 1.0)
        room = base - 12

        def point(frame: int, score: float) -> Any:
            return QtCore.QPointF(self.x_of(frame), 6 + room * (high - score) / max(high - low, 0.1))

        points = [point(*each) for each in self.trend]
        painter.setPen(QtGui.QPen(colour("#6f6f6f"), 1))
        painter.drawPolyline(QtGui.QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        for at, (_, score) in zip(points, self.trend):
            painter.setBrush(colour(score_colour(score)))
            painter.drawEllipse(at, 3, 3)

    def _head(self, painter: Any, base: float) -> None:
        x = self.x_of(self.at)
        painter.fillRect(QtCore.QRectF(x - 0.75, 2, 1.5, self.height() - 4), colour(theme.ACCENT))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.ACCENT))
        points = [QtCore.QPointF(x - 4, 0), QtCore.QPointF(x + 4, 0), QtCore.QPointF(x, 6)]
        painter.drawPolygon(QtGui.QPolygonF(points))

    def mousePressEvent(self, event: Any) -> None:
        """Go there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseMoveEvent(self, event: Any) -> None:
        """Go along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def _go(self, event: Any) -> None:
        frame = self.frame_at(position(event).x())
        if frame != self.at:
            self.went.emit(frame)


def mark_frames(frames: "Optional[Sequence[int]]") -> Sequence[int]:
    """Each once, in order."""
    return tuple(sorted(set(frames or ())))
