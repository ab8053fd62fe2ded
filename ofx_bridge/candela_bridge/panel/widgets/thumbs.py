"""Thumbnails of the list: asked for when the list stands still, and told row by row."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple

from candela_bridge.client import Bridge
from candela_bridge.panel.looks import Looks
from candela_bridge.panel.pictures import Key, Look
from candela_bridge.panel.rows import Colours, Row
from candela_bridge.panel.views import look_of
from candela_bridge.panel.widgets.canvas import image_of
from candela_bridge.panel.widgets.qt import QtCore

__all__ = ["Thumbs"]

_WIDTH = 160
_REST_MS = 90
_BYTES = 64 << 20


class Thumbs(QtCore.QObject):
    """post, trouble: as for `Looks`. changed: told of a row whose thumbnail came. busy: whether somebody
    waits for something larger, which goes first."""

    def __init__(
        self,
        bridge: Bridge,
        post: Any,
        changed: Callable[[Row], None],
        trouble: Callable[[Optional[BaseException]], None],
        busy: Callable[[], bool],
        parent: Any = None,
    ) -> None:
        super().__init__(parent)
        self.looks = Looks(bridge, post, self._came, trouble, most_bytes=_BYTES)
        self.colours = Colours()
        self._changed, self._busy = changed, busy
        self._keys: Dict[Tuple[int, Colours], Optional[Key]] = {}
        self._rows: Dict[Key, List[Row]] = {}
        self._wanted: Dict[Key, Any] = {}
        self._rest = QtCore.QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)

    def of(self, row: Row) -> Any:
        """A pixmap, None while there is none: it is asked for when no row has come to be seen for a while."""
        key = self._key(row)
        if key is None:
            return None
        picture = self.looks.get(*key)
        if picture is not None:
            return image_of(picture)
        if not self.looks.error(*key):
            if self._wanted.pop(key, self) is self:  # one that is new: the list moves
                self._rest.start()
            self._wanted[key] = None
        return None

    def forget(self) -> None:
        """Another list."""
        self._keys.clear()
        self._rows.clear()
        self._wanted.clear()
        self.looks.settle()

    def _key(self, row: Row) -> Optional[Key]:
        place = (id(row), self.colours)
        if place not in self._keys:
            look = look_of(row, "hdr", self.colours, _WIDTH)
            media = row.shot.media
            found = None if media is None or not isinstance(look, Look) else (look, sum(media) // 2)
            self._keys[place] = found
            if found is not None:
                self._rows.setdefault(found, []).append(row)
        return self._keys[place]

    def _ask(self) -> None:
        if self._busy():
            self._rest.start()
            return
        wanted, self._wanted = list(self._wanted), {}
        for look, frame in wanted[-12:]:  # those that were painted last are on the screen
            self.looks.want(look, frame)

    def _came(self, key: Key) -> None:
        for row in self._rows.get(key, ()):
            self._changed(row)
