"""Qt as it is here: through qtpy where that is installed, else PySide6 or, in older hosts, PySide2 itself.

Enums are written in full (`Qt.AlignmentFlag.AlignLeft`), which both understand.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["Qt", "QtCore", "QtGui", "QtWidgets", "Shortcut", "Signal", "execute", "position"]

QtCore: Any
QtGui: Any
QtWidgets: Any


def _load() -> "tuple[Any, Any, Any]":
    try:
        from qtpy import QtCore, QtGui, QtWidgets

        return QtCore, QtGui, QtWidgets
    except ImportError:
        pass
    try:
        from PySide6 import QtCore, QtGui, QtWidgets

        return QtCore, QtGui, QtWidgets
    except ImportError as error:
        first = error
    try:
        from PySide2 import QtCore, QtGui, QtWidgets

        return QtCore, QtGui, QtWidgets
    except ImportError:
        raise RuntimeError(
            f"the panel needs Qt: pip install 'candela-hdr[panel]', or PySide6 ({first})"
        ) from None


def _sound(core: Any) -> bool:
    """Whether calls keep their references to None: PySide6 6.12.0 does not, and ends a Python under 3.12."""
    before, thing = sys.getrefcount(None), core.QObject()
    for _ in range(200):
        thing.setObjectName("")
    return sys.getrefcount(None) > before - 100


QtCore, QtGui, QtWidgets = _load()
if not _sound(QtCore):
    raise RuntimeError(
        f"PySide6 {QtCore.qVersion()} ends a Python under 3.12; pip install 'PySide6-Essentials<6.12'"
    )
Qt = QtCore.Qt
Signal = QtCore.Signal
Shortcut = getattr(QtGui, "QShortcut", None) or QtWidgets.QShortcut


def position(event: Any) -> Any:
    """Where the mouse is, of an event of Qt 5 or 6."""
    return event.position() if hasattr(event, "position") else event.localPos()


def execute(thing: Any, *more: Any) -> Any:
    """Run a dialog, a menu or the application until it ends."""
    return (thing.exec if hasattr(thing, "exec") else thing.exec_)(*more)
