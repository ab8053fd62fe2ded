"""The picture: one view, or two with a wipe between; outlines of reasons; what the colours stand for."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any, Optional, Sequence, Tuple

from candela_bridge.panel.pictures import Picture
from candela_bridge.panel.widgets import theme
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, QtWidgets, Signal, position
from candela_bridge.panel.widgets.theme import colour

__all__ = ["Canvas", "Outline", "image_of"]

_LEGEND = 22
_NEAR = 9
_pixmaps: "weakref.WeakKeyDictionary[Picture, Any]" = weakref.WeakKeyDictionary()


@dataclass(frozen=True)
class Outline:
    """box: left, top, width, height in pixels of the whole frame. strong: the one that was chosen."""

    box: "Tuple[int, int, int, int]"
    words: str
    tint: str
    strong: bool = False


def image_of(picture: Picture) -> Any:
    """A pixmap, made once for each picture."""
    found = _pixmaps.get(picture)
    if found is None:
        image = QtGui.QImage(
            picture.pixels, picture.width, picture.height, 3 * picture.width,
            QtGui.QImage.Format.Format_RGB888,
        )  # fmt: skip
        found = _pixmaps[picture] = QtGui.QPixmap.fromImage(image)
    return found


class Canvas(QtWidgets.QWidget):
    """Two sides: `main`, and `before` left of the wipe. wiped: where it is now, 0..1 of the picture."""

    wiped = Signal(float)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setMinimumSize(320, 200)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # nothing behind it has to be painted
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.main: Optional[Picture] = None
        self.before: Optional[Picture] = None
        self.main_words, self.before_words, self.message = "", "", ""
        self.before_message = ""
        self.wiping, self.wipe = False, 0.5
        self.outlines: Sequence[Outline] = ()
        self.notes: Sequence[str] = ()
        self.loading = False
        self._zoom, self._shift = 1.0, QtCore.QPointF(0, 0)
        self._grabbed: Optional[str] = None
        self._from = QtCore.QPointF()

    def fit(self) -> None:
        """All of the picture again."""
        self._zoom, self._shift = 1.0, QtCore.QPointF(0, 0)
        self.update()

    @property
    def zoom(self) -> float:
        """1 is the whole picture."""
        return self._zoom

    def picture_rect(self) -> Any:
        """Where the frame lies in the widget."""
        shown = self.main or self.before
        room = QtCore.QRectF(self.rect()).adjusted(0, 0, 0, -_LEGEND)
        if shown is None:
            return room
        wide, high = shown.full
        scale = min(room.width() / wide, room.height() / high) * self._zoom
        size = QtCore.QSizeF(wide * scale, high * scale)
        centre = room.center() + self._shift
        return QtCore.QRectF(
            centre.x() - size.width() / 2, centre.y() - size.height() / 2, size.width(), size.height()
        )

    def wipe_x(self) -> float:
        """The line between the sides, in pixels of the widget."""
        place = self.picture_rect()
        return float(place.left() + place.width() * self.wipe)

    def paintEvent(self, event: Any) -> None:
        """Qt's."""
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect(), colour("#101010"))
        room = QtCore.QRectF(self.rect()).adjusted(0, 0, 0, -_LEGEND)
        place = self.picture_rect()
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipRect(room)
        if self.wiping:
            x = min(max(self.wipe_x(), room.left()), room.right())
            self._side(painter, place, QtCore.QRectF(room.left(), room.top(), x - room.left(), room.height()),
                       self.before, self.before_message)  # fmt: skip
            self._side(painter, place, QtCore.QRectF(x, room.top(), room.right() - x, room.height()),
                       self.main, self.message)  # fmt: skip
            painter.setClipRect(room)
            self._line(painter, place, x)
        else:
            self._side(painter, place, room, self.main, self.message)
        painter.setClipRect(room)
        for outline in self.outlines:
            self._outline(painter, place, outline)
        self._captions(painter, room)
        painter.setClipping(False)
        self._legend(painter)
        painter.end()

    def _side(self, painter: Any, place: Any, part: Any, picture: Optional[Picture], message: str) -> None:
        painter.setClipRect(part)
        if picture is not None:
            pixmap = image_of(picture)
            painter.drawPixmap(place, pixmap, QtCore.QRectF(pixmap.rect()))
        elif message:
            painter.setPen(colour(theme.DIM))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(part.adjusted(24, 24, -24, -24), flags, message)

    def _line(self, painter: Any, place: Any, x: float) -> None:
        painter.fillRect(QtCore.QRectF(x - 1.5, place.top(), 3, place.height()), colour("#000000", 120))
        painter.fillRect(QtCore.QRectF(x - 0.5, place.top(), 1, place.height()), colour("#ffffff", 220))
        middle = QtCore.QPointF(x, place.center().y())
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtGui.QPen(colour("#000000", 150), 1))
        painter.setBrush(colour("#ffffff", 220))
        for side in (-1, 1):
            tip = middle + QtCore.QPointF(9 * side, 0)
            base = middle + QtCore.QPointF(3 * side, 0)
            off = QtCore.QPointF(0, 5)
            painter.drawPolygon(QtGui.QPolygonF([tip, base + off, base - off]))

    def _outline(self, painter: Any, place: Any, outline: Outline) -> None:
        shown = self.main or self.before
        if shown is None:
            return
        scale = place.width() / shown.full[0]
        left, top, wide, high = outline.box
        box = QtCore.QRectF(
            place.left() + left * scale, place.top() + top * scale, wide * scale, high * scale
        )
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QtGui.QPen(colour("#000000", 170), 3 if outline.strong else 2))
        painter.drawRect(box)
        tint = colour(outline.tint, 255 if outline.strong else 170)
        painter.setPen(QtGui.QPen(tint, 1.6 if outline.strong else 1))
        painter.drawRect(box)
        if outline.strong:
            _tag(painter, box.topLeft() + QtCore.QPointF(0, -1), outline.words, outline.tint, above=True)

    def _captions(self, painter: Any, room: Any) -> None:
        font = QtGui.QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        at_right = QtCore.QPointF(room.right() - 8, room.top() + 8)
        if self.wiping and self.before_words:
            _tag(painter, QtCore.QPointF(room.left() + 8, room.top() + 8), self.before_words, theme.TEXT)
            _tag(painter, at_right, self.main_words, theme.TEXT, from_right=True)
        elif self.main_words:
            _tag(painter, QtCore.QPointF(room.left() + 8, room.top() + 8), self.main_words, theme.TEXT)
        for number, note in enumerate(reversed(self.notes)):
            metrics = QtGui.QFontMetricsF(font)
            place = QtCore.QPointF(room.left() + 8, room.bottom() - 24 * (number + 1))
            short = metrics.elidedText(note, Qt.TextElideMode.ElideRight, max(room.width() - 120, 60))
            _tag(painter, place, short, theme.WARN)
        if self.loading:
            at = QtCore.QPointF(room.right() - 8, room.bottom() - 24)
            _tag(painter, at, "loading …", theme.DIM, from_right=True)

    def _legend(self, painter: Any) -> None:
        strip = QtCore.QRectF(0, self.height() - _LEGEND, self.width(), _LEGEND)
        painter.fillRect(strip, colour(theme.PANEL))
        shown = self.main if self.main is not None and self.main.legend else None
        if shown is None and self.wiping and self.before is not None and self.before.legend:
            shown = self.before
        if shown is None:
            return
        font = QtGui.QFont(self.font())
        font.setPixelSize(10)
        painter.setFont(font)
        nits = len(shown.legend) > 11
        left = strip.left() + 8
        if nits:
            painter.setPen(colour(theme.DIM))
            painter.drawText(
                QtCore.QRectF(left, strip.top(), 60, _LEGEND), int(Qt.AlignmentFlag.AlignVCenter), "nit, from"
            )
            left += 54
        room = (strip.right() - left - 6) / max(len(shown.legend), 1)
        width = room if nits else min(room, 150)
        for number, (words, tint) in enumerate(shown.legend):
            box = QtCore.QRectF(left + number * width, strip.top() + 6, 10, 10)
            painter.fillRect(box, colour(tint))
            painter.setPen(colour(theme.TEXT))
            text = QtCore.QRectF(box.right() + 4, strip.top(), max(width - 16, 4), _LEGEND)
            painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), words)

    def wheelEvent(self, event: Any) -> None:
        """Zoom about the mouse."""
        steps = event.angleDelta().y() / 120
        if not steps:
            return
        at, place = position(event), self.picture_rect()
        before = self._zoom
        self._zoom = min(max(self._zoom * 1.2**steps, 1.0), 16.0)
        factor = self._zoom / before
        self._shift += (at - place.center()) * (1 - factor)
        if self._zoom == 1.0:
            self._shift = QtCore.QPointF(0, 0)
        self.update()

    def mousePressEvent(self, event: Any) -> None:
        """Take the line of the wipe, or with the middle button the picture."""
        at = position(event)
        if event.button() == Qt.MouseButton.MiddleButton:
            self._grabbed, self._from = "picture", at
        elif event.button() == Qt.MouseButton.LeftButton and self.wiping:
            self._grabbed = "wipe"
            self._drag(at)

    def mouseMoveEvent(self, event: Any) -> None:
        """Move what was taken."""
        at = position(event)
        if self._grabbed is not None:
            self._drag(at)
        elif self.wiping:
            near = abs(at.x() - self.wipe_x()) < _NEAR
            self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: Any) -> None:
        """Let go."""
        self._grabbed = None

    def _drag(self, at: Any) -> None:
        if self._grabbed == "picture":
            self._shift += at - self._from
            self._from = at
        else:
            place = self.picture_rect()
            self.wipe = min(max((at.x() - place.left()) / max(place.width(), 1.0), 0.0), 1.0)
            self.wiped.emit(self.wipe)
        self.update()


def _tag(
    painter: Any, at: Any, words: str, tint: str, *, from_right: bool = False, above: bool = False
) -> None:
    """Words on a dark ground, so that they can be read over any picture."""
    if not words:
        return
    metrics = QtGui.QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(words) + 12, metrics.height() + 4
    left = at.x() - width if from_right else at.x()
    top = max(at.y() - height, 0.0) if above else at.y()
    box = QtCore.QRectF(left, top, width, height)
    painter.fillRect(box, colour("#000000", 165))
    painter.setPen(colour(tint))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)
