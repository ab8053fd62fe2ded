"""Candela's panel as one of Nuke's: in its Pane menu, in saved layouts, and from Candela's own menu."""

from __future__ import annotations

import sys

from candela_bridge.nuke.host import nuke, version

__all__ = ["ID", "open_panel", "register"]

ID = "candela.panel"
_CLASS = "__import__('candela_bridge.panel', fromlist=['NukePanel']).NukePanel"


def register() -> bool:
    """Have Nuke know the panel, so that layouts which have it find it. Qt is not looked at before somebody
    opens it. False where this Nuke has no panels of scripts."""
    try:
        import nukescripts.panels as panels

        # Nuke keeps the name as text and evaluates it when the panel is made.
        panels.registerWidgetAsPanel(_CLASS, "Candela", ID)
    except Exception as error:  # an old Nuke, or one without windows: everything else has to go on
        print(f"candela: no dockable panel: {type(error).__name__}: {error}", file=sys.stderr)
        return False
    return True


def open_panel() -> None:
    """A window of its own. What is in the way is said in a box."""
    try:
        import importlib

        importlib.import_module("candela_bridge.panel").open_panel(version())
    except (ImportError, RuntimeError) as error:
        nuke().message(f"The panel cannot be opened: {error}")
