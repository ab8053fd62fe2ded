"""Clips of the double of Resolve: media, items of a timeline, their nodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from .resolve_double import Project


class Quiet:
    """Whatever goes wrong inside a call comes out as None, as from the vendor's library, and what is not
    there is None, too. lacks_: calls that this version of it does not have."""

    lacks_: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> Any:
        if name in Quiet.lacks_:
            return None
        try:
            found = object.__getattribute__(self, name)
        except AttributeError:
            if name[:1].isupper():
                return None
            raise
        if not name[:1].isupper() or not callable(found):
            return found

        def call(*arguments: Any) -> Any:
            try:
                return found(*arguments)
            except Exception:
                return None

        return call


class MediaPoolItem(Quiet):
    def __init__(self, path: str, **properties: str) -> None:
        self.properties_ = {"File Path": path, "FPS": "24", "Frames": "100", **properties}

    def GetName(self) -> str:
        return Path(self.properties_["File Path"]).name

    def GetClipProperty(self, name: str = "") -> Any:
        return dict(self.properties_) if not name else self.properties_.get(name, "")

    def GetUniqueId(self) -> str:
        return f"media-{self.properties_['File Path']}"


class ColorGroup(Quiet):
    def __init__(self, name: str) -> None:
        self.name_ = name

    def GetName(self) -> str:
        return self.name_


class Graph(Quiet):
    def __init__(self, project: Project, nodes: int = 1) -> None:
        self.project_, self.luts_ = project, [""] * nodes
        self.labels_, self.tools_ = [""] * nodes, [["Primary"] for _ in range(nodes)]

    def GetNodeLabel(self, nodeIndex: int) -> str:
        return self.labels_[nodeIndex - 1]

    def GetToolsInNode(self, nodeIndex: int) -> list[str]:
        return list(self.tools_[nodeIndex - 1])

    def GetNumNodes(self) -> int:
        return len(self.luts_)

    def SetLUT(self, nodeIndex: int, lutPath: str) -> bool:
        if not 1 <= nodeIndex <= len(self.luts_) or lutPath not in self.project_.known_luts_:
            return False
        self.luts_[nodeIndex - 1] = lutPath
        return True

    def GetLUT(self, nodeIndex: int) -> str:
        return self.luts_[nodeIndex - 1]


class TimelineItem(Quiet):
    """start: the timeline's frame. left: frames of the media before the in point."""

    def __init__(
        self, project: Project, name: str, start: int, length: int, left: int, media: Any, speed: int = 1
    ):
        self.name_, self.start_, self.length_, self.left_, self.media_ = name, start, length, left, media
        self.project_ = project
        self.speed_, self.enabled_ = speed, True
        self.graph_ = Graph(project)
        self.version_, self.group_ = "Version 1", None
        self.sizing_ = {"Pan": 0.0, "ZoomX": 1.0}
        self.grade_ = "0 0 0\n1 1 1\n"  # what a LUT of it holds

    def GetCurrentVersion(self) -> dict[str, Any]:
        return {"versionName": self.version_, "versionType": 0}

    def GetColorGroup(self) -> Any:
        return self.group_

    def GetProperty(self, propertyKey: str = "") -> Any:
        return dict(self.sizing_) if not propertyKey else self.sizing_.get(propertyKey)

    def ExportLUT(self, exportType: int, path: str) -> bool:
        """On the Color page alone."""
        resolve = self.project_.resolve_
        if resolve.page_ != "color" or exportType != resolve.EXPORT_LUT_33PTCUBE:
            return False
        Path(path).write_text(f'TITLE "{self.name_}"\n# at some time\nLUT_3D_SIZE 2\n{self.grade_}')
        return True

    def GetName(self) -> str:
        return self.name_

    def GetStart(self, subframePrecision: bool = False) -> int:
        return self.start_

    def GetEnd(self, subframePrecision: bool = False) -> int:
        """One past the last frame."""
        return self.start_ + self.length_

    def GetDuration(self, subframePrecision: bool = False) -> int:
        return self.length_

    def GetLeftOffset(self, subframePrecision: bool = False) -> int:
        return self.left_

    def GetSourceStartFrame(self) -> int:
        return self.left_ + (1 if self.left_ % 2 else 0)  # one off, now and then

    def GetSourceEndFrame(self) -> int:
        return self.GetSourceStartFrame() + self.length_ * self.speed_ - 1

    def GetMediaPoolItem(self) -> Any:
        return self.media_

    def GetClipEnabled(self) -> bool:
        return self.enabled_

    def GetUniqueId(self) -> str:
        return f"item-{self.name_}-{self.start_}"

    def GetNodeGraph(self, layerIndex: int = 1) -> Graph:
        return self.graph_

    def GetNumNodes(self) -> int:
        """As before there were graphs."""
        return self.graph_.GetNumNodes()

    def SetLUT(self, nodeIndex: int, lutPath: str) -> bool:
        return self.graph_.SetLUT(nodeIndex, lutPath)
