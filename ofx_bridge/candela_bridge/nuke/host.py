"""Nuke itself: its module, the one bridge of this session, and what can be said of the script."""

from __future__ import annotations

import sys
import threading
from typing import Any, Callable, Optional

from candela_bridge.client import Bridge, BridgeError

__all__ = ["bridge", "complain", "gone", "nuke", "set_bridge", "version"]

_lock = threading.Lock()
_bridge: Optional[Bridge] = None


def nuke() -> Any:
    """Nuke's module. Looked up each time: it is there only inside Nuke."""
    import nuke as module

    return module


def version() -> str:
    """As `Nuke 15.1v1`."""
    return f"Nuke {getattr(nuke(), 'NUKE_VERSION_STRING', '?')}"


def bridge() -> Bridge:
    """The bridge of this session. With a window its callbacks run on the main thread, where alone nodes may
    be changed; in a terminal they run on a thread of the bridge, as the main thread waits."""
    global _bridge
    with _lock:
        if _bridge is None:
            _bridge = Bridge(version(), deliver=_on_main_thread if nuke().GUI else None)
        return _bridge


def set_bridge(made: Optional[Bridge]) -> None:
    """Another one, as for tests; None for a new one at the next call."""
    global _bridge
    with _lock:
        _bridge = made


def gone(node: Any) -> bool:
    """Whether a node was deleted while somebody worked for it: Nuke raises for whatever is asked of it."""
    try:
        node.name()
    except ValueError:
        return True
    return False


def complain(error: BaseException) -> str:
    """What went wrong as the artist reads it."""
    text = str(error) or type(error).__name__
    if not isinstance(error, (BridgeError, RuntimeError, ValueError)):
        text = f"{type(error).__name__}: {text}"
        print(f"candela: {text}", file=sys.stderr)
    return text


def _on_main_thread(news: Callable[[], None]) -> None:
    nuke().executeInMainThread(news)
