"""The plane of chromaticities, CIE 1931 or 1976, with the gamuts that matter."""

from __future__ import annotations

from typing import Any

from candela_bridge.panel import scales
from candela_bridge.panel.pictures import Scopes
from candela_bridge.panel.widgets import theme
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, Signal
from candela_bridge.panel.widgets.scopes import Scope, indexed
from candela_bridge.panel.widgets.theme import colour

__all__ = ["Cie"]

_GAMUT_TINTS = {"709": "#8c8c8c", "P3": "#4fb6d6", "2020": "#e2a33b"}


class Cie(Scope):
    """Chromaticities in CIE 1931 x and y, or with `uniform` in CIE 1976 u' and v', where distances are more
    alike to the eye. switched: told which, after a click."""

    switched = Signal(bool)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setObjectName("cie")
        self.setMinimumHeight(150)
        self.uniform = False
        self.setToolTip("Chromaticities. A click changes between CIE 1931 xy and CIE 1976 u'v' (U)")

    def set_uniform(self, uniform: bool) -> None:
        """The other plane."""
        self.uniform = uniform
        self._still.clear()
        self.switched.emit(uniform)
        self.update()

    def mouseReleaseEvent(self, event: Any) -> None:
        """Qt's."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.set_uniform(not self.uniform)

    def high(self) -> scales.Point:
        """The coordinates at the right and upper edge; both begin at 0."""
        return scales.UV_HIGH if self.uniform else scales.XY_HIGH

    def plot(self) -> Any:
        """Where the plane lies in the widget: as wide as it is high by its own scales."""
        room = QtCore.QRectF(self.rect()).adjusted(8, 8, -8, -20)
        across, up = self.high()
        scale = min(room.width() / across, room.height() / up)
        wide, high = across * scale, up * scale
        return QtCore.QRectF(room.center().x() - wide / 2, room.top(), wide, high)

    def point(self, x: float, y: float) -> Any:
        """Where a chromaticity lies, of x and y."""
        return self._place(*(scales.uv_of(x, y) if self.uniform else (x, y)))

    def _place(self, first: float, second: float) -> Any:
        plot = self.plot()
        across, down = scales.xy_place(first, second, self.high())
        return QtCore.QPointF(plot.left() + plot.width() * across, plot.top() + plot.height() * down)

    def make(self, scopes: Scopes) -> Any:
        """See Scope."""
        self._still.pop("trace", None)
        return indexed(scopes.cie, scopes.cie_size, "#f0f0f0")

    def _trace(self, painter: Any) -> None:
        """The image lies in x and y; to u' and v' leads a projection, which Qt draws."""
        wide, high = self.image.width(), self.image.height()
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        if self.uniform:
            corners = [
                self.point(x, y)
                for x, y in ((0.0, scales.XY_HIGH[1]), scales.XY_HIGH, (scales.XY_HIGH[0], 0.0), (0.0, 0.0))
            ]
            painter.setClipRect(self.plot())
            flat = [QtCore.QPointF(*at) for at in ((0, 0), (wide, 0), (wide, high), (0, high))]
            painter.setTransform(_projection(flat, corners), True)
            painter.drawImage(QtCore.QPointF(0, 0), self.image)
        else:
            painter.drawImage(self.plot(), self.image)

    def _ground(self, painter: Any) -> None:
        painter.setPen(QtGui.QPen(colour("#202020"), 1))
        across, up = self.high()
        for tenth in range(1, 9):
            at = tenth / 10
            for one, other in (((at, 0.0), (at, up)), ((0.0, at), (across, at))):
                if at < (across if one[0] else up):
                    painter.drawLine(self._place(*one), self._place(*other))
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QtGui.QPen(colour("#4d4d4d"), 1))
        painter.drawPolygon(QtGui.QPolygonF([self.point(*each) for each in scales.LOCUS]))

    def _gamuts(self, painter: Any) -> None:
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        for name, tint in _GAMUT_TINTS.items():
            painter.setPen(QtGui.QPen(colour(tint), 1.2))
            painter.drawPolygon(QtGui.QPolygonF([self.point(*each) for each in scales.GAMUTS[name]]))
            painter.drawText(self._name_at(name), int(Qt.AlignmentFlag.AlignLeft), name)
        white = self.point(*scales.WHITE)
        painter.setPen(QtGui.QPen(colour(theme.DIM), 1))
        painter.drawEllipse(white, 3, 3)

    def _name_at(self, gamut: str) -> Any:
        """Beside the green corner; in u'v', where those lie close together, at the lower right."""
        at = self.point(*scales.GAMUTS[gamut][1]) + QtCore.QPointF(4, -14)
        if self.uniform:
            line = list(_GAMUT_TINTS).index(gamut) - len(_GAMUT_TINTS)
            at = self.plot().bottomRight() + QtCore.QPointF(-34, 13 * line - 6)
        return QtCore.QRectF(at, QtCore.QSizeF(40, 14))

    def paintEvent(self, event: Any) -> None:
        """Qt's."""
        painter = self.begin()
        self.layer(painter, "ground", self._ground)
        if self.image is not None:
            painter.setOpacity(0.45 if self.stale else 1.0)
            self.layer(painter, "trace", self._trace)
            painter.setOpacity(1.0)
        self.layer(painter, "gamuts", self._gamuts)
        if self.scopes is not None:
            outside = ((self.scopes.outside_709, "709"), (self.scopes.outside_p3, "P3"))
            said = "outside " + "   ".join(f"{name} {scales.share_label(share)}" for share, name in outside)
            painter.setPen(colour(theme.DIM))
            at = QtCore.QRectF(8, self.height() - 17, self.width() - 16, 14)
            painter.drawText(at, int(Qt.AlignmentFlag.AlignHCenter), said)
        painter.end()


def _projection(flat: "list[Any]", corners: "list[Any]") -> Any:
    """What takes four points to four others. PySide6 gives it back, PySide2 fills in its last argument."""
    given, wanted = QtGui.QPolygonF(flat), QtGui.QPolygonF(corners)
    found = QtGui.QTransform()
    try:
        made = QtGui.QTransform.quadToQuad(given, wanted)
    except TypeError:
        QtGui.QTransform.quadToQuad(given, wanted, found)
        return found
    return found if made is None else made
