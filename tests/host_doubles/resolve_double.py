"""A double of DaVinci Resolve's scripting objects, for what Candela uses of them.

As documented and reported, where that is inconvenient too: what fails returns False or None and raises
nothing, arguments of the wrong kind too; thumbnails are None off the Color page; one marker fits on a frame;
marker frames count from the timeline's start, and come back as floats; settings are text;
GetSourceStartFrame may be one off, GetLeftOffset is exact; LUTs are those of the master LUT folder, after
RefreshLUTList; a still that could not be written says True once in a while; the playhead arrives after
SetCurrentTimecode said so; what is seen is of the highest track; and a call that a version lacks is None when
it is looked up. `test_resolve_double.py` holds names and arguments against a public description. It was never
held against Resolve itself.
"""

from __future__ import annotations

import base64
import types
from pathlib import Path
from typing import Any

from .resolve_clips import ColorGroup, Graph, MediaPoolItem, Quiet, TimelineItem

__all__ = [
    "ColorGroup", "Graph", "MediaPoolItem", "Project", "ProjectManager", "ResolveDouble", "Timeline",
    "TimelineItem",
]  # fmt: skip

MARKER_COLOURS = (
    "Blue", "Cyan", "Green", "Yellow", "Red", "Pink", "Purple", "Fuchsia", "Rose", "Lavender", "Sky", "Mint",
    "Lemon", "Sand", "Cocoa", "Cream",
)  # fmt: skip


class Timeline(Quiet):
    def __init__(
        self, project: Project, name: str, start: int = 86400, timecode: str = "01:00:00:00"
    ) -> None:
        self.project_, self.name_, self.start_, self.timecode_ = project, name, start, timecode
        self.tracks_: list[list[TimelineItem]] = [[]]
        self.off_: set[int] = set()
        self.markers_: dict[float, dict[str, Any]] = {}
        self.settings_ = {"timelineFrameRate": "24", "timelineDropFrameTimecode": "0"}
        self.at_ = self.next_ = timecode
        self.lag_ = self.left_ = 0  # how often the old place is told, before the playhead is there

    def GetName(self) -> str:
        return self.name_

    def GetUniqueId(self) -> str:
        return f"timeline-{self.name_}"

    def GetStartFrame(self) -> int:
        return self.start_

    def GetEndFrame(self) -> int:
        return max(item.GetEnd() for track in self.tracks_ for item in track)

    def GetStartTimecode(self) -> str:
        return self.timecode_

    def GetTrackCount(self, trackType: str) -> int:
        return len(self.tracks_) if trackType == "video" else 0

    def GetIsTrackEnabled(self, trackType: str, trackIndex: int) -> bool:
        return trackIndex not in self.off_

    def GetItemListInTrack(self, trackType: str, index: int) -> list[TimelineItem]:
        if index < 1:
            return None  # type: ignore[return-value]
        return list(self.tracks_[index - 1])

    def GetSetting(self, settingName: str = "") -> Any:
        return dict(self.settings_) if not settingName else self.settings_.get(settingName, "")

    def AddMarker(
        self, frameId: float, color: str, name: str, note: str, duration: float, customData: str = ""
    ) -> bool:
        if color not in MARKER_COLOURS or float(frameId) in self.markers_ or duration < 1 or frameId < 0:
            return False
        if frameId >= self.GetEndFrame() - self.start_:
            return False
        self.markers_[float(frameId)] = {
            "color": color, "duration": float(duration), "note": note, "name": name, "customData": customData,
        }  # fmt: skip
        return True

    def GetMarkers(self) -> dict[float, dict[str, Any]]:
        return {frame: dict(marker) for frame, marker in sorted(self.markers_.items())}

    def DeleteMarkerAtFrame(self, frameNum: float) -> bool:
        return self.markers_.pop(float(frameNum), None) is not None

    def DeleteMarkerByCustomData(self, customData: str) -> bool:
        """The first one that has it."""
        for frame, marker in self.GetMarkers().items():
            if marker["customData"] == customData:
                del self.markers_[frame]
                return True
        return False

    def GetCurrentTimecode(self) -> str:
        if self.left_:
            self.left_ -= 1
        else:
            self.at_ = self.next_
        return self.at_

    def SetCurrentTimecode(self, timecode: str) -> bool:
        self.next_, self.left_ = timecode, self.lag_
        self.at_ = self.at_ if self.lag_ else timecode
        return True

    def GetCurrentVideoItem(self) -> TimelineItem | None:
        """Of the highest track that is switched on."""
        hours, minutes, seconds, frames = (int(part) for part in self.at_.replace(";", ":").split(":"))
        at = ((hours * 60 + minutes) * 60 + seconds) * round(
            float(self.settings_["timelineFrameRate"])
        ) + frames
        for number, track in reversed(list(enumerate(self.tracks_, 1))):
            for item in track:
                if number not in self.off_ and item.enabled_ and item.start_ <= at < item.GetEnd():
                    return item
        return None

    def GetCurrentClipThumbnailImage(self) -> Any:
        if self.project_.resolve_.page_ != "color":
            return None
        text = base64.b64encode(self.at_.encode()[-6:]).decode()  # whatever is at the playhead
        return {"width": 2.0, "height": 1.0, "format": "RGB 8 bit", "data": text}


class Project(Quiet):
    def __init__(self, resolve: ResolveDouble, luts: Path | None = None) -> None:
        self.resolve_, self.luts_, self.known_luts_ = resolve, luts, set[str]()
        self.settings_ = {"colorScienceMode": "davinciYRGB", "colorSpaceTimeline": "Rec.709 Gamma 2.4"}
        self.timeline_: Timeline | None = None
        self.stills_: dict[str, bytes] = {}
        self.lies_ = False

    def GetName(self) -> str:
        return "show"

    def GetUniqueId(self) -> str:
        return "project-show"

    def GetCurrentTimeline(self) -> Timeline | None:
        return self.timeline_

    def GetSetting(self, settingName: str = "") -> Any:
        return dict(self.settings_) if not settingName else self.settings_.get(settingName, "")

    def RefreshLUTList(self) -> bool:
        if self.luts_ is not None:
            self.known_luts_ = {
                str(path.relative_to(self.luts_)) for path in self.luts_.rglob("*") if path.is_file()
            }
        return True

    def ExportCurrentFrameAsStill(self, filePath: str) -> bool:
        assert self.timeline_ is not None
        if self.lies_:
            return True
        if not Path(filePath).parent.is_dir() or self.timeline_.at_ not in self.stills_:
            return False
        Path(filePath).write_bytes(self.stills_[self.timeline_.at_])
        return True


class ProjectManager(Quiet):
    def __init__(self, resolve: ResolveDouble) -> None:
        self.resolve_ = resolve

    def GetCurrentProject(self) -> Project | None:
        return self.resolve_.project_


class ResolveDouble(Quiet):
    """`sys.modules["DaVinciResolveScript"] = resolve.module()` lets scripts find it."""

    EXPORT_LUT_17PTCUBE, EXPORT_LUT_33PTCUBE, EXPORT_LUT_65PTCUBE = 0, 1, 2

    def __init__(self, luts: Path | None = None) -> None:
        self.page_ = "edit"
        self.project_: Project | None = Project(self, luts)

    def GetProjectManager(self) -> ProjectManager:
        return ProjectManager(self)

    def GetProductName(self) -> str:
        return "DaVinci Resolve Studio"

    def GetVersionString(self) -> str:
        return "20.1.0"

    def GetCurrentPage(self) -> str:
        return self.page_

    def OpenPage(self, pageName: str) -> bool:
        self.page_ = pageName
        return True

    def module(self) -> types.ModuleType:
        made = types.ModuleType("DaVinciResolveScript")
        made.scriptapp = lambda name: self if name == "Resolve" else None  # type: ignore[attr-defined]
        return made
