"""The double of Resolve's scripting objects against a public description of them, and its own bad habits."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from . import resolve_double
from .public_stubs import files_of
from .resolve_double import MediaPoolItem, Project, ResolveDouble, Timeline, TimelineItem

# Calls that the description is older than, or has a slip in; and of items what graphs have by now.
OWN = {"GetMediaPoolItem", "GetUniqueId", "GetNumNodes", "SetLUT"}
CLASSES = {
    "resolve.py": "ResolveDouble", "project_manager.py": "ProjectManager", "project.py": "Project",
    "timeline.py": "Timeline", "timeline_item.py": "TimelineItem", "media_pool_item.py": "MediaPoolItem",
    "graph.py": "Graph", "color_group.py": "ColorGroup",
}  # fmt: skip


def called(paths: list[Path]) -> dict[str, dict[str, int]]:
    """By file of the description: what it calls of the vendor's objects, with how many arguments at most."""
    found: dict[str, dict[str, int]] = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr[:1].isupper()
            ):
                calls = found.setdefault(path.name, {})
                calls[node.func.attr] = max(calls.get(node.func.attr, 0), len(node.args))
    return found


@pytest.mark.parametrize("file", sorted(CLASSES))
def test_calls_are_there_and_take_as_much(file: str) -> None:
    public = called(files_of("pybmd", ".py"))[file]
    ours = vars(getattr(resolve_double, CLASSES[file]))
    names = [name for name in ours if name[:1].isupper() and not name.isupper()]
    assert names
    for name in names:
        if name in OWN and name not in public:
            continue
        assert name in public, f"Resolve has no {name}"
        most = len(inspect.signature(ours[name]).parameters) - 1
        assert most >= public[name], f"{name}: the description gives {public[name]} arguments"


def test_constants_are_there() -> None:
    (export,) = [path for path in files_of("pybmd", ".py") if path.name == "export_type.py"]
    names = [name for name in vars(ResolveDouble) if name.isupper()]
    assert names and all(f"_resolve.{name}" in export.read_text("utf-8") for name in names)


def test_bad_habits(tmp_path: Path) -> None:
    (tmp_path / "Candela").mkdir()
    (tmp_path / "Candela" / "a.cube").touch()
    resolve = ResolveDouble(tmp_path)
    project = resolve.GetProjectManager().GetCurrentProject()
    assert isinstance(project, Project)
    timeline = Timeline(project, "cut")
    item = TimelineItem(project, "a", 86400, 48, 7, MediaPoolItem("/s/a.mov"))
    timeline.tracks_ = [[item]]
    assert timeline.GetItemListInTrack("video", 0) is None and timeline.GetItemListInTrack("video", 9) is None
    assert timeline.AddMarker("nonsense", "Red", "a", "", 1, "") is None, "nothing is raised"
    assert timeline.AddMarker(5, "Vermilion", "a", "", 1, "") is False
    assert timeline.AddMarker(5, "Red", "a", "", 1, "x") and not timeline.AddMarker(5, "Red", "b", "", 1, "y")
    assert list(timeline.GetMarkers()) == [5.0]
    assert item.GetSourceStartFrame() == 8 and item.GetLeftOffset() == 7
    assert timeline.GetCurrentClipThumbnailImage() is None
    graph = item.GetNodeGraph()
    assert graph.SetLUT(1, "Candela/a.cube") is False and project.RefreshLUTList()
    assert graph.SetLUT(1, "Candela/a.cube") and not graph.SetLUT(0, "Candela/a.cube")
    assert not graph.SetLUT(1, str(tmp_path / "Candela" / "a.cube"))
