"""Candela's menus."""

from __future__ import annotations

from typing import Any

from candela_bridge.nuke import dock

__all__ = ["add"]

# Text, so that a module is imported when somebody chooses it, and not when Nuke starts.
_NODES = (("Reconstruct", "CandelaReconstruct"), ("Score", "CandelaScore"))
_COMMANDS = (
    ("Score selected Reads", "from candela_bridge.nuke import batch; batch.score_selected()"),
    ("Panel", "from candela_bridge.nuke import dock; dock.open_panel()"),
)


def add(nuke: Any) -> None:
    """Add them. Without a window there are none."""
    nodes, bar = nuke.menu("Nodes"), nuke.menu("Nuke")
    if nodes is not None:
        menu = nodes.addMenu("Candela")
        for label, name in _NODES:
            menu.addCommand(label, f"nuke.createNode({name!r})")
    if bar is not None:
        menu = bar.addMenu("Candela")
        for label, command in _COMMANDS:
            menu.addCommand(label, command)
        dock.register()
