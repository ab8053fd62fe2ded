"""One Qt panel for Nuke, Resolve and by itself: shots with their scores, a player, scopes, reasons, choices.

    open_panel()                # inside a host that runs Qt: a window, raised where there is one
    candela panel graded.otio   # by itself

What is beside `widgets` knows no Qt. Nothing here imports Qt before a window is wanted, and none of it works
on pictures or scores: those come over the bridge.
"""

from __future__ import annotations

from typing import Any

__all__ = ["NukePanel", "open_panel"]


def open_panel(host: str = "") -> Any:
    """The panel's window, made or raised. host: who asks, as `Nuke 15.1v1`, for logs and results.

    Raises RuntimeError where neither PySide6 nor PySide2 is to be had: it says what to install.
    """
    from candela_bridge.panel.widgets.opening import open_window

    return open_window(host)


def __getattr__(name: str) -> Any:
    if name == "NukePanel":
        from candela_bridge.panel.widgets.nuke_dock import NukePanel

        return NukePanel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
