"""Timelines as files, where a host cannot be scripted: OTIO, EDL and FCPXML, as Resolve exports them itself.

Standard library alone, Python 3.9 and later.
"""

from candela_bridge.timeline.files import TimelineFile, open_timeline
from candela_bridge.timeline.marks import remove_markers, write_markers

__all__ = ["TimelineFile", "open_timeline", "remove_markers", "write_markers"]
