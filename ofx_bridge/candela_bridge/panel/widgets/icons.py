"""Icons, drawn: no font has them all."""

from __future__ import annotations

from typing import Any

from candela_bridge.panel.widgets import theme
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui
from candela_bridge.panel.widgets.theme import colour

__all__ = ["icon"]

_SIDE = 14
_SHAPES = {
    # triangles by their left, right and where they point; bars by their left.
    "first_frame": ([(12, 4)], [2]),
    "previous_frame": ([(10, 4)], []),
    "play": ([(3, 12)], []),
    "next_frame": ([(4, 10)], []),
    "last_frame": ([(2, 10)], [10]),
}


def icon(name: str) -> Any:
    """Of a button by its action, sharp on screens of twice the pixels."""
    found = QtGui.QIcon()
    for scale in (1, 2, 3):
        pixmap = QtGui.QPixmap(_SIDE * scale, _SIDE * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QtGui.QPainter(pixmap)
        painter.scale(scale, scale)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.TEXT))
        triangles, bars = _SHAPES[name]
        high = 5.0 if name == "play" else 4.0
        for base, tip in triangles:
            corners = [(base, 7 - high), (base, 7 + high), (tip, 7.0)]
            painter.drawPolygon(QtGui.QPolygonF([QtCore.QPointF(*corner) for corner in corners]))
        for left in bars:
            painter.drawRect(QtCore.QRectF(left, 3, 2, 8))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        found.addPixmap(pixmap)
    return found
