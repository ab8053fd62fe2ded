"""The scopes: waveform in nits on the scale of PQ, and the CIE plane with the gamuts that matter."""

from __future__ import annotations

from typing import Any, Optional

from candela_bridge.panel import scales
from candela_bridge.panel.pictures import Scopes
from candela_bridge.panel.widgets import theme
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, QtWidgets
from candela_bridge.panel.widgets.theme import colour

__all__ = ["Cie", "Waveform"]

_GROUND = "#0d0d0d"
_GAMUT_TINTS = {"709": "#8c8c8c", "P3": "#4fb6d6", "2020": "#e2a33b"}


def _indexed(samples: bytes, size: "tuple[int, int]", tint: str) -> Any:
    """A picture of one colour, whose opacity the samples are. It keeps them alive."""
    wide, high = size
    image = QtGui.QImage(samples, wide, high, wide, QtGui.QImage.Format.Format_Indexed8)
    of = QtGui.QColor(tint)
    red, green, blue = of.red(), of.green(), of.blue()
    image.setColorTable([(alpha << 24) | (red << 16) | (green << 8) | blue for alpha in range(256)])
    image.candela_samples = samples
    return image


class _Scope(QtWidgets.QWidget):
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
            self.image = None if scopes is None else self._make(scopes)
        self.stale = stale
        self.update()

    def _make(self, scopes: Scopes) -> Any:
        raise NotImplementedError

    def _layer(self, painter: Any, name: str, draw: Any) -> None:
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

    def _begin(self) -> Any:
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect(), colour(_GROUND))
        font = QtGui.QFont(self.font())
        font.setPixelSize(10)
        painter.setFont(font)
        return painter


class Waveform(_Scope):
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

    def _make(self, scopes: Scopes) -> Any:
        return _indexed(scopes.waveform, scopes.waveform_size, "#d8ecd8")

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
        painter = self._begin()
        plot = self.plot()
        self._layer(painter, "grid", self._grid)
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


class Cie(_Scope):
    """Chromaticities in CIE 1931 x and y."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setObjectName("cie")
        self.setMinimumHeight(150)

    def plot(self) -> Any:
        """Where the plane lies in the widget: as wide as it is high by its own scales."""
        room = QtCore.QRectF(self.rect()).adjusted(8, 8, -8, -20)
        scale = min(room.width() / 0.8, room.height() / 0.9)
        wide, high = 0.8 * scale, 0.9 * scale
        return QtCore.QRectF(room.center().x() - wide / 2, room.top(), wide, high)

    def point(self, x: float, y: float) -> Any:
        """Where a chromaticity lies."""
        plot = self.plot()
        across, down = scales.xy_place(x, y)
        return QtCore.QPointF(plot.left() + plot.width() * across, plot.top() + plot.height() * down)

    def _make(self, scopes: Scopes) -> Any:
        return _indexed(scopes.cie, scopes.cie_size, "#f0f0f0")

    def _ground(self, painter: Any) -> None:
        painter.setPen(QtGui.QPen(colour("#202020"), 1))
        for tenth in range(1, 9):
            for one, other in (
                ((tenth / 10, 0.0), (tenth / 10, 0.9)),
                ((0.0, tenth / 10), (0.8, tenth / 10)),
            ):
                painter.drawLine(self.point(*one), self.point(*other))
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QtGui.QPen(colour("#4d4d4d"), 1))
        painter.drawPolygon(QtGui.QPolygonF([self.point(*each) for each in scales.LOCUS]))

    def _gamuts(self, painter: Any) -> None:
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        for name, tint in _GAMUT_TINTS.items():
            painter.setPen(QtGui.QPen(colour(tint), 1.2))
            painter.drawPolygon(QtGui.QPolygonF([self.point(*each) for each in scales.GAMUTS[name]]))
            painter.drawText(self.point(*scales.GAMUTS[name][1]) + QtCore.QPointF(4, -3), name)
        white = self.point(*scales.WHITE)
        painter.setPen(QtGui.QPen(colour(theme.DIM), 1))
        painter.drawEllipse(white, 3, 3)

    def paintEvent(self, event: Any) -> None:
        """Qt's."""
        painter = self._begin()
        plot = self.plot()
        self._layer(painter, "ground", self._ground)
        if self.image is not None:
            painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
            painter.setOpacity(0.45 if self.stale else 1.0)
            painter.drawImage(plot, self.image)
            painter.setOpacity(1.0)
        self._layer(painter, "gamuts", self._gamuts)
        if self.scopes is not None:
            outside = ((self.scopes.outside_709, "709"), (self.scopes.outside_p3, "P3"))
            said = "outside " + "   ".join(f"{name} {scales.share_label(share)}" for share, name in outside)
            painter.setPen(colour(theme.DIM))
            at = QtCore.QRectF(8, self.height() - 17, self.width() - 16, 14)
            painter.drawText(at, int(Qt.AlignmentFlag.AlignHCenter), said)
        painter.end()
