"""A session with Resolve: its timeline as it is now, scores of its shots, stills with the grade, LUTs."""

from __future__ import annotations

import os
import tempfile
from typing import Any, Callable, Dict, List, Optional, Sequence

from candela_bridge.client import Bridge, Call
from candela_bridge.resolve import markers
from candela_bridge.resolve.colours import output_colour
from candela_bridge.resolve.shots import shots_of
from candela_bridge.resolve.timecode import Clock
from candela_bridge.shot import Shot
from candela_bridge.shot_scores import Scored, score_shots

__all__ = ["ResolveError", "Session"]

Json = Dict[str, Any]


class ResolveError(Exception):
    """Resolve did not do what it was asked for, of which it says nothing itself: what, and what to look
    for."""


class Session:
    """resolve: of `probe.connect`. bridge: to the helper. Calls of Resolve take their time: not for a thread
    that draws a window."""

    def __init__(self, resolve: Any, bridge: Bridge) -> None:
        self.resolve, self.bridge = resolve, bridge

    @property
    def project(self) -> Any:
        """The project that is open. ResolveError where there is none."""
        manager = self.resolve.GetProjectManager() if self.resolve is not None else None
        project = manager.GetCurrentProject() if manager is not None else None
        if project is None:
            raise ResolveError("no project is open in Resolve, or Resolve has ended")
        return project

    @property
    def timeline(self) -> Any:
        """The timeline that is open. ResolveError where there is none."""
        timeline = self.project.GetCurrentTimeline()
        if timeline is None:
            raise ResolveError("no timeline is open in Resolve: open one")
        return timeline

    def shots(self) -> List[Shot]:
        """Of the open timeline."""
        return shots_of(self.timeline)

    def score(
        self,
        shots: Sequence[Shot],
        done: Scored,
        progress: Optional[Callable[[Shot, Json], None]] = None,
        **more: Any,
    ) -> List[Call]:
        """Judge shots by their files, as they lie on disk and without the grade: `score_shots`."""
        return score_shots(self.bridge, shots, done, progress, **more)

    def mark(self, shot: Shot, result: Json) -> List[str]:
        """Write what was found of a shot as markers, in place of those that it has of ours. What failed."""
        timeline = self.timeline
        markers.remove_marks(timeline, [shot.key])
        return markers.write_marks(timeline, markers.marks_of(shot, result))

    def unmark(self) -> int:
        """Take all markers of ours away; how many. ResolveError where some would not go."""
        gone, stuck = markers.remove_marks(self.timeline)
        if stuck:
            raise ResolveError(f"{stuck} markers would not go; is the timeline locked, or somebody else's?")
        return gone

    def still(self, shot: Shot, frame: int, folder: Optional[str] = None) -> Json:
        """A frame of the shot with its grade, as the project puts it out: path and colour, for a `grade`.

        frame: from the timeline's first one. The playhead goes there and comes back. ResolveError where no
        file came, whatever Resolve said, and where the project's colours are not known.
        """
        project, timeline = self.project, self.timeline
        colour = output_colour(project)
        if colour is None:
            raise ResolveError(
                "what the project puts out has no name that is known here; say the colour of its stills by "
                "hand"
            )
        if not shot.first <= frame <= shot.last:
            raise ResolveError(f"frame {frame} is not in {shot.name}")
        drop = str(timeline.GetSetting("timelineDropFrameTimecode") or "0") == "1"
        clock = Clock(timeline.GetSetting("timelineFrameRate"), timeline.GetStartTimecode(), drop)
        before = timeline.GetCurrentTimecode()
        place = tempfile.mkdtemp(
            prefix="candela-resolve-", dir=folder or os.environ.get("CANDELA_TEMP") or None
        )
        path = os.path.join(place, f"{frame:08}.tif")
        try:
            went = timeline.SetCurrentTimecode(clock.timecode(frame))
            said = project.ExportCurrentFrameAsStill(path) if went else False
        finally:
            if before:
                timeline.SetCurrentTimecode(before)
        if not said or not os.path.isfile(path) or not os.path.getsize(path):
            raise ResolveError(
                f"{shot.name}: Resolve exported no still of frame {frame}; it does so on the Edit and Color "
                "pages, with the shot visible"
            )
        return {"path": path, "colour": colour}

    def set_lut(self, shot: Shot, lut: str, node: int = 1) -> None:
        """Put a DCTL or cube of Candela's on a node of the shot. lut: its name inside the master LUT folder.

        No call makes a node or reads a grade, so the node has to be there. ResolveError where Resolve
        refuses.
        """
        self.project.RefreshLUTList()
        graph = shot.item.GetNodeGraph()
        nodes = graph.GetNumNodes() if graph is not None else 0
        if not nodes or not 1 <= node <= nodes:
            has = nodes or "none"
            raise ResolveError(f"{shot.name} has no node {node}; it has {has}. Make one, and try again")
        if not graph.SetLUT(node, lut):
            raise ResolveError(
                f"Resolve does not know the LUT {lut}; it has to lie in its LUT folder, and DCTL is for "
                "Studio alone"
            )
