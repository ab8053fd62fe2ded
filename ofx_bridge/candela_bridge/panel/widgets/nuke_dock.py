"""The panel as Nuke docks it: a widget without arguments, which Nuke makes and destroys as layouts change."""

from __future__ import annotations

from candela_bridge.panel.widgets.panel import Panel

__all__ = ["NukePanel"]


class NukePanel(Panel):
    """See `nukescripts.panels.registerWidgetAsPanel`."""

    def __init__(self) -> None:
        from candela_bridge.nuke.host import version

        super().__init__(host=version())
