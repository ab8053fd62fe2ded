"""A row of the shot list, drawn: thumbnail, name, worst reason, trend, score with its interval."""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import Any, Callable, Optional, Tuple

from candela_bridge.panel.rows import Row
from candela_bridge.panel.verdict import Verdict
from candela_bridge.panel.widgets import theme
from candela_bridge.panel.widgets.qt import Qt, QtCore, QtGui, QtWidgets
from candela_bridge.panel.widgets.shots_model import ROW
from candela_bridge.panel.widgets.theme import colour, score_colour

__all__ = ["HIGH", "LOW", "ShotsDelegate"]

LOW, HIGH = -6.0, 10.0
_HEIGHT, _PAD = 66, 7
_THUMB = (92, 52)
_RIGHT = 98
_MOST_DRAWN = 96
_GROUPS = {"violation": theme.FAULT, "deviation": theme.WARN, "abstained": theme.DIM}
_STATES = {"waiting": "waiting", "running": "scoring", "failed": "failed", "new": "not judged", "done": ""}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ShotsDelegate(QtWidgets.QStyledItemDelegate):
    """thumbnail: a pixmap of a row's, or None while there is none; asked for rows that are painted alone."""

    def __init__(self, thumbnail: Callable[[Row], Any], parent: Any = None) -> None:
        super().__init__(parent)
        self._thumbnail = thumbnail
        self._drawn: "OrderedDict[Any, Any]" = OrderedDict()
        base = QtGui.QFont(parent.font() if parent is not None else QtWidgets.QApplication.font())
        self._plain = _sized(base, 12)
        self._small = _sized(base, 11)
        self._bold = _sized(base, 12, bold=True)
        self._large = _sized(base, 19, bold=True)

    def sizeHint(self, option: Any, index: Any) -> Any:
        """Qt's."""
        return QtCore.QSize(300, _HEIGHT)

    def paint(self, painter: Any, option: Any, index: Any) -> None:
        """Qt's."""
        row: Optional[Row] = index.data(ROW)
        if row is None:
            return
        flags = QtWidgets.QStyle.StateFlag
        selected, hovered = (
            bool(option.state & flags.State_Selected),
            bool(option.state & flags.State_MouseOver),
        )
        thumbnail = self._thumbnail(row)
        ratio = painter.device().devicePixelRatioF()
        key = (
            id(row), id(row.shot), row.state, id(row.verdict), row.fraction, row.words, row.error, row.sdr,
            row.other, id(thumbnail), option.rect.width(), ratio, selected, hovered,
        )  # fmt: skip
        kept = self._drawn.pop(key, None)
        if kept is None:
            drawn = self._draw(row, option.rect.size(), ratio, thumbnail, selected, hovered)
            kept = (
                drawn,
                row,
                row.shot,
                row.verdict,
                thumbnail,
            )  # which are held, so that their ids are not used again
        self._drawn[key] = kept  # the last one that was used is the last to go
        while len(self._drawn) > _MOST_DRAWN:
            self._drawn.popitem(last=False)
        painter.drawPixmap(option.rect.topLeft(), kept[0])

    def _draw(self, row: Row, size: Any, ratio: float, thumbnail: Any, selected: bool, hovered: bool) -> Any:
        """The row as a pixmap: to scroll is to put these elsewhere."""
        pixmap = QtGui.QPixmap(size * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(colour(theme.BACK))
        painter = QtGui.QPainter(pixmap)
        self._paint(
            painter, QtCore.QRectF(0, 0, size.width(), size.height()), row, thumbnail, selected, hovered
        )
        painter.end()
        return pixmap

    def _paint(
        self, painter: Any, rect: Any, row: Row, thumbnail: Any, selected: bool, hovered: bool
    ) -> None:
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        if selected:
            painter.fillRect(rect, colour("#33291a"))
            painter.fillRect(QtCore.QRectF(rect.left(), rect.top(), 3, rect.height()), colour(theme.ACCENT))
        elif hovered:
            painter.fillRect(rect, colour("#1e1e1e"))
        painter.fillRect(QtCore.QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), colour("#242424"))
        inner = rect.adjusted(_PAD + 3, _PAD, -_PAD - 2, -_PAD)
        self._picture(painter, inner, thumbnail)
        wide = inner.width() > 330
        text = inner.adjusted(_THUMB[0] + 9, 0, -(_RIGHT + (54 if wide else 4)), 0)
        self._words(painter, text, row)
        if wide and row.verdict is not None:
            trend = QtCore.QRectF(inner.right() - _RIGHT - 44, inner.top() + 8, 44, inner.height() - 16)
            _sparkline(painter, trend, row.verdict)
        self._score(painter, QtCore.QRectF(inner.right() - _RIGHT, inner.top(), _RIGHT, inner.height()), row)

    def _picture(self, painter: Any, inner: Any, pixmap: Any) -> None:
        place = QtCore.QRectF(inner.left(), inner.top(), *_THUMB)
        painter.fillRect(place, colour("#0c0c0c"))
        if pixmap is None:
            return
        size = pixmap.size().scaled(QtCore.QSize(*_THUMB), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (_THUMB[0] - size.width()) / 2, (_THUMB[1] - size.height()) / 2
        target = QtCore.QRectF(place.left() + left, place.top() + top, size.width(), size.height())
        painter.drawPixmap(target, pixmap, QtCore.QRectF(pixmap.rect()))

    def _words(self, painter: Any, place: Any, row: Row) -> None:
        line = place.height() / 3
        self._line(painter, place, 0, line, row.shot.name, theme.TEXT, self._bold)
        first, last = row.shot.first, row.shot.last
        frames = f"{first}–{last}" if last > first else f"{first}"
        beside = "" if os.path.basename(row.shot.path) == row.shot.name else os.path.basename(row.shot.path)
        about = "  ·  ".join(
            filter(None, (frames, beside, "SDR" if row.sdr else "", "B" if row.other else ""))
        )
        self._line(painter, place, 1, line, about, theme.DIM, self._small)
        words, tint = _reason(row)
        self._line(painter, place, 2, line, words, tint, self._small)

    def _line(
        self, painter: Any, place: Any, number: int, height: float, text: str, tint: str, font: Any
    ) -> None:
        painter.setFont(font)
        painter.setPen(colour(tint))
        at = QtCore.QRectF(place.left(), place.top() + number * height, place.width(), height)
        short = QtGui.QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, at.width())
        painter.drawText(at, int(_LEFT), short)

    def _score(self, painter: Any, place: Any, row: Row) -> None:
        verdict = row.verdict
        if row.state == "running":
            bar = QtCore.QRectF(place.left() + 20, place.bottom() - 9, place.width() - 20, 3)
            painter.fillRect(bar, colour("#333333"))
            painter.fillRect(
                QtCore.QRectF(bar.left(), bar.top(), bar.width() * row.fraction, 3), colour(theme.ACCENT)
            )
        if verdict is None or row.state in ("waiting", "running"):
            painter.setFont(self._small)
            painter.setPen(colour(theme.FAULT if row.state == "failed" else theme.DIM))
            painter.drawText(place.adjusted(0, 0, 0, -14), int(_AT_RIGHT), _state(row))
            return
        painter.setFont(self._large)
        painter.setPen(colour(score_colour(verdict.score)))
        if verdict.score is None:
            painter.setFont(self._small)
            painter.drawText(place.adjusted(0, 0, 0, -18), int(_AT_RIGHT), "no score")
            why = "no SDR version" if not row.sdr else verdict.why
            short = QtGui.QFontMetricsF(self._small).elidedText(
                why, Qt.TextElideMode.ElideRight, place.width()
            )
            painter.drawText(place.adjusted(0, 18, 0, 0), int(_AT_RIGHT), short)
            return
        painter.drawText(place.adjusted(0, -2, 0, -24), int(_AT_RIGHT), f"{verdict.score:.1f}")
        _interval(
            painter, QtCore.QRectF(place.left() + 20, place.bottom() - 23, place.width() - 20, 8), verdict
        )
        if verdict.low is not None and verdict.high is not None:
            painter.setFont(self._small)
            painter.setPen(colour(theme.DIM))
            said = f"{verdict.low:.1f} to {verdict.high:.1f}"
            painter.drawText(place.adjusted(0, place.height() - 14, 0, 2), int(_AT_RIGHT), said)
        elif verdict.house:  # it has no interval, and what it scores is not what the stock model does
            painter.setFont(self._small)
            painter.setPen(colour(theme.ACCENT))
            short = QtGui.QFontMetricsF(self._small).elidedText(
                verdict.house, Qt.TextElideMode.ElideRight, place.width() - 4
            )
            painter.drawText(place.adjusted(0, place.height() - 14, 0, 2), int(_AT_RIGHT), short)


def _sized(base: Any, pixels: int, *, bold: bool = False) -> Any:
    font = QtGui.QFont(base)
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


def _state(row: Row) -> str:
    if row.shot.media is None:
        return "opening" if row.opening else "no file"
    return _STATES.get(row.state, row.state)


def _reason(row: Row) -> Tuple[str, str]:
    if row.opening and not row.error:
        return "", theme.DIM
    if row.error or row.shot.media is None:
        return _told(row.error or row.shot.trouble, row.shot.path), theme.FAULT
    if row.verdict is None:
        return (row.words, theme.DIM) if row.state == "running" else ("", theme.DIM)
    told = [reason for reason in row.verdict.reasons if reason.group != "abstained"]
    if row.verdict.faults:
        more = row.verdict.faults - 1
        return told[0].title + (f"  +{more}" if more else ""), _GROUPS["violation"]
    if told:
        return told[0].title, theme.WARN if not told[0].within else theme.DIM
    return "No fault was found", theme.GOOD


def _told(text: str, path: str) -> str:
    """What is wrong, without the file's own path before it: that would be all that there is room for."""
    return text[len(path) :].lstrip(": ") if path and text.startswith(f"{path}:") else text


def _share(score: float) -> float:
    return (min(max(score, LOW), HIGH) - LOW) / (HIGH - LOW)


def _interval(painter: Any, place: Any, verdict: Verdict) -> None:
    """The scale from -6 to 10 with the SDR at 0, the interval as a band, the score as a mark."""
    middle = place.center().y()
    painter.fillRect(QtCore.QRectF(place.left(), middle - 1, place.width(), 2), colour("#3a3a3a"))
    tint = colour(score_colour(verdict.score))
    if verdict.low is not None and verdict.high is not None:
        left, right = (place.left() + place.width() * _share(end) for end in (verdict.low, verdict.high))
        band = QtGui.QColor(tint)
        band.setAlpha(120)
        painter.fillRect(QtCore.QRectF(left, middle - 2, max(right - left, 2), 4), band)
    zero = place.left() + place.width() * _share(0.0)
    painter.fillRect(QtCore.QRectF(zero - 0.5, place.top(), 1, place.height()), colour("#8c8c8c"))
    if verdict.score is not None:
        at = place.left() + place.width() * _share(verdict.score)
        painter.fillRect(QtCore.QRectF(at - 1.5, place.top(), 3, place.height()), tint)


def _sparkline(painter: Any, place: Any, verdict: Verdict) -> None:
    """Scores of the key frames over the shot, between the least and the most, with the worst marked."""
    trend = verdict.trend
    if len(trend) < 2:
        return
    low = min(score for _, score in trend)
    high = max(score for _, score in trend)
    # A shot that hardly moves is a flat line, and not noise made large.
    middle, half = (low + high) / 2, max((high - low) / 2, 0.75)
    first, last = trend[0][0], trend[-1][0]

    def point(frame: int, score: float) -> Any:
        x = place.left() + place.width() * (frame - first) / max(last - first, 1)
        return QtCore.QPointF(x, place.center().y() - place.height() / 2 * (score - middle) / half)

    path = QtGui.QPolygonF([point(*each) for each in trend])
    painter.setPen(QtGui.QPen(colour("#9a9a9a"), 1.3))
    painter.drawPolyline(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(score_colour(low)))
    worst = min(trend, key=lambda each: each[1])
    painter.drawEllipse(point(*worst), 2.4, 2.4)
