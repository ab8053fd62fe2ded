"""Signals that asked a command to stop, for those whose exception got lost.

Python drops what a signal's handler raises inside a destructor or a weak reference's callback, as they run
while modules are being imported: the work would go on as if nobody had asked. Progress looks here as well.
"""

from __future__ import annotations

__all__ = ["SIGNALS"]

SIGNALS: list[int] = []
"""Numbers of the signals that came since the command began."""
