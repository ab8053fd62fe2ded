"""Run by Nuke when it starts with a window, after init.py."""

import nuke

from candela_bridge.nuke import menus

menus.add(nuke)
