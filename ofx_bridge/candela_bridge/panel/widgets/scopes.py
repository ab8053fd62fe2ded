"""The waveform, in nits on the scale of PQ, and what scopes have in common."""

from __future__ import annotations

from typing import Any, Optional

from candela_bridge.panel import scales
from candela_bridge.panel.pictures import Scopes
from candela_bridge.panel.widgets import theme
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, QtWidgets
from candela_bridge.panel.widgets.theme import colour

__all__ = ["Scope", "Waveform", "indexed"]

_GROUND = "#0d0d0d"


def indexed(samples: bytes, size: "tuple[int, int]", tint: str) -> Any:
    """A picture of one colour, whose opacity the samples are. It keeps them alive."""
    wide, high = size
    image = QtGui.QImage(samples, wide, high, wide, QtGui.QImage.Format.Format_Indexed8)
    of = QtGui.QColor(tint)
    red, green, blue = of.red(), of.green(), of.blue()
    image.setColorTable([(alpha << 24) | (red << 16) | (green << 8) | blue for alpha in range(256)])
    image.candela_samples = samples
    return image


class Scope(QtWidgets.QWidget):
    """Common to both: nothing is drawn without a frame."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.scopes: Optional[Scopes] = None
        self.image: Any = None
        self.stale = False
        self._still: "dict[str, tuple[Any, Any]]" = {}

    def show_scopes(self, scopes: Optional[Scopes], *, stale: bool = False) -> None:
        """Of a frame, or none. stale: they are of another frame than the one that is shown."""
        if scopes is not self.scopes:
            self.scopes = scopes
            self.image = None if scopes is None else self.make(scopes)
        self.stale = stale
        self.update()

    def make(self, scopes: Scopes) -> Any:
        """The trace as an image."""
        raise NotImplementedError

    def layer(self, painter: Any, name: str, draw: Any) -> None:
        """Lines that are the same in every frame, drawn once for each size. draw: gets a painter."""
        about = (self.width(), self.height(), self.devicePixelRatioF())
        kept = self._still.get(name)
        if kept is None or kept[0] != about:
            pixmap = QtGui.QPixmap(self.size() * self.devicePixelRatioF())
            pixmap.setDevicePixelRatio(self.devicePixelRatioF())
            pixmap.fill(Qt.GlobalColor.transparent)
            inner = QtGui.QPainter(pixmap)
            font = QtGui.QFont(self.font())
            font.setPixelSize(10)
            inner.setFont(font)
            draw(inner)
            inner.end()
            kept = self._still[name] = (about, pixmap)
        painter.drawPixmap(0, 0, kept[1])

    def begin(self) -> Any:
        """A painter of the widget, on its ground."""
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect(), colour(_GROUND))
        font = QtGui.QFont(self.font())
        font.setPixelSize(10)
        painter.setFont(font)
        return painter


class Waveform(Scope):
    """Luminance over the width of the picture."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setObjectName("waveform")
        self.setToolTip("Luminance; max and mean are of max(R, G, B), of every pixel of the frame")
        self.setMinimumHeight(130)

    def plot(self) -> Any:
        """Where the trace lies in the widget."""
        return QtCore.QRectF(self.rect()).adjusted(34, 8, -8, -20)

    def y_of(self, nits: float) -> float:
        """The height of a level."""
        plot = self.plot()
        return float(plot.top() + plot.height() * (1 - scales.pq_of(nits)))

    def make(self, scopes: Scopes) -> Any:
        """See Scope."""
        return indexed(scopes.waveform, scopes.waveform_size, "#d8ecd8")

    def _grid(self, painter: Any) -> None:
        plot = self.plot()
        last = None
        for nits in scales.NIT_TICKS:
            y = self.y_of(nits)
            known = nits in (100.0, 203.0, 1000.0)
            painter.setPen(QtGui.QPen(colour("#4a4a4a" if known else "#2a2a2a"), 1))
            painter.drawLine(QtCore.QPointF(plot.left(), y), QtCore.QPointF(plot.right(), y))
            if last is None or last - y > 11:
                painter.setPen(colour(theme.TEXT if known else theme.DIM))
                at = QtCore.QRectF(0, y - 7, plot.left() - 5, 14)
                flags = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                painter.drawText(at, flags, scales.nit_label(nits))
                last = y

    def paintEvent(self, event: Any) -> None:
        """Qt's."""
        painter = self.begin()
        plot = self.plot()
        self.layer(painter, "grid", self._grid)
        if self.image is not None and self.scopes is not None:
            painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
            painter.setOpacity(0.45 if self.stale else 1.0)
            painter.drawImage(plot, self.image)
            painter.setOpacity(1.0)
            said = f"max {self.scopes.max_nits:.0f}   mean {self.scopes.mean_nits:.1f} nit"
            painter.setPen(colour(theme.DIM))
            at = QtCore.QRectF(plot.left(), plot.bottom() + 4, plot.width(), 14)
            metrics = QtGui.QFontMetricsF(painter.font())
            painter.drawText(
                at,
                int(Qt.AlignmentFlag.AlignLeft),
                metrics.elidedText(said, Qt.TextElideMode.ElideRight, at.width()),
            )
        painter.end()
