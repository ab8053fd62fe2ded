"""Whether a shot is another one than when it was scored: its file, its place in it, its grade.

No call of Resolve reads a grade. What comes near: the name of its version, labels, tools and LUTs of its
nodes, its sizing, and the grade baked as a LUT, which Resolve exports on the Color page alone. Windows,
keyframes and what else depends on place or time are not in a LUT, so that a change there is not seen.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from typing import Any, Dict, List

from candela_bridge.resolve.asking import ask
from candela_bridge.shot import Shot

__all__ = ["Fingerprint", "fingerprint", "what_changed"]

Fingerprint = Dict[str, Any]
_RANGE = re.compile(r"\[(\d+)-(\d+)\]")
_MOST_NODES = 200
_WORDS = (
    ("file", "its file is another"),
    ("frames", "other frames of its file"),
    ("version", "another version of its grade"),
    ("group", "another colour group"),
    ("nodes", "its nodes"),
    ("sizing", "its sizing"),
    ("table", "its grade"),
)


def fingerprint(resolve: Any, shot: Shot, *, graded: bool = True) -> Fingerprint:
    """Of a shot as it is now, of plain values. What Resolve does not tell is None. graded: with its grade,
    which takes Resolve a while: not for a thread that draws a window."""
    item = shot.item
    frames = None if shot.media is None else list(shot.media)
    found: Fingerprint = {"file": _stamps(shot.path), "frames": frames}
    if not graded:
        return found
    group = ask(item, "GetColorGroup")
    return {
        **found,
        "version": _plain(ask(item, "GetCurrentVersion")),
        "group": None if group is None else _plain(ask(group, "GetName")),
        "nodes": _nodes(ask(item, "GetNodeGraph")),
        "sizing": _plain(ask(item, "GetProperty")),
        "table": _table(resolve, item),
    }


def what_changed(before: "Fingerprint | None", now: Fingerprint) -> str:
    """What is another than before, in words; nothing where all is the same as far as can be told. What could
    not be told then or now counts as changed: to score once more is no harm, a score of another grade is."""
    if before is None:
        return "not scored yet"
    for name, words in _WORDS:
        if name in now and before.get(name) != now.get(name):
            lost = before.get(name) is None or now.get(name) is None
            if name == "table" and lost:
                return "its grade cannot be told from the one that was scored; open the Color page for that"
            return f"changed: {words}"
    if "table" in now and now["table"] is None:
        return "its grade cannot be told from the one that was scored; open the Color page for that"
    return ""


def _nodes(graph: Any) -> Any:
    count = ask(graph, "GetNumNodes") if graph is not None else None
    if not isinstance(count, int) or not 0 <= count <= _MOST_NODES:
        return None
    names = ("GetNodeLabel", "GetLUT", "GetToolsInNode")
    return [[_plain(ask(graph, name, number)) for name in names] for number in range(1, count + 1)]


def _table(resolve: Any, item: Any) -> Any:
    """The digest of the grade as a LUT; None where Resolve exports none."""
    kind = getattr(resolve, "EXPORT_LUT_33PTCUBE", None)
    if kind is None:
        return None
    with tempfile.TemporaryDirectory(prefix="candela-grade-") as folder:
        path = os.path.join(folder, "grade.cube")
        if not ask(item, "ExportLUT", kind, path):
            return None
        with contextlib.suppress(OSError), open(path, "rb") as stream:
            numbers = [line for line in stream if line.strip() and not line.startswith((b"#", b"TITLE"))]
            return hashlib.sha256(b"".join(numbers)).hexdigest() if numbers else None
    return None


def _stamps(path: str) -> "List[List[int]] | None":
    """Size and time of a file; of a sequence those of its first and last one. None where nothing is there."""
    match = _RANGE.search(path)
    names = [path]
    if match is not None:
        width = len(match[1])
        ends = (match[1], match[2].zfill(width))
        names = [path[: match.start()] + end + path[match.end() :] for end in ends]
    found = []
    for name in names:
        try:
            stat = os.stat(name)
        except OSError:
            return None
        found.append([stat.st_size, stat.st_mtime_ns])
    return found


def _plain(value: Any) -> Any:
    """A value as a file can hold it, the same for the same."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    try:
        return json.loads(json.dumps(value, sort_keys=True, default=str))
    except (TypeError, ValueError):
        return str(value)
