"""Timelines as files, where a host cannot be scripted: OTIO and EDL, as Resolve exports them itself.

Standard library alone, Python 3.9 and later.
"""

from candela_bridge.timeline.files import TimelineFile, open_timeline

__all__ = ["TimelineFile", "open_timeline"]
