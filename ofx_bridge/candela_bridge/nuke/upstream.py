"""What comes into a node: a file as it is on disk, or something that Nuke has made of files."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, List, Optional, Set

from candela_bridge.nuke.host import nuke

__all__ = [
    "NotSaid", "Untouched", "begun_late", "carrying_files", "file_of", "is_movie", "is_off", "number_at",
    "read_above", "untouched",
]  # fmt: skip

# Nodes that change no pixel.
_PASS = frozenset(("Dot", "NoOp", "Output", "PostageStamp", "ModifyMetaData", "Input"))
_MOST_NODES = 10_000
_NUMBER = re.compile(r"%0?\d*d|#+")


class NotSaid(ValueError):
    """Nuke does not say which frame of a file is seen."""


@dataclass(frozen=True)
class Untouched:
    """A Read of which every frame gets through as it is. path: a file, or the pattern of a sequence."""

    node: Any
    path: str

    def frames(self, first: int, last: int) -> "Optional[tuple[int, int]]":
        """Numbers of the file's frames for frames of the script; None for a still.

        Nuke says them itself, so that an offset, a start or an expression of the Read counts.
        """
        found = [number_at(self.node, self.node, self.path, frame) for frame in (first, last)]
        low, high = sorted(number for number in found if number is not None) or (None, None)
        if low is None or high is None:
            return None
        if high - low != last - first:
            raise ValueError(f"{self.node.name()}: is not read frame by frame; render it, and score that")
        return low, high


def file_of(read: Any) -> str:
    """The file of a Read as Nuke opens it, of a sequence its pattern: Tcl in its name worked out, the view in
    its place, and the project's folder before it."""
    knob = read["file"]
    ask = getattr(knob, "getEvaluatedValue", knob.value)
    path, view = _slashes(str(ask() or knob.value() or "")), str(nuke().thisView())
    path = path.replace("%V", view).replace("%v", view[:1])
    if path and not os.path.isabs(path) and not re.match(r"[A-Za-z]:/", path):
        project = nuke().root().knob("project_directory")
        folder = "" if project is None else str(getattr(project, "evaluate", project.value)() or "")
        path = f"{_slashes(folder).rstrip('/')}/{path}" if folder else path
    return path


def number_at(node: Any, read: Any, path: str, frame: int) -> Optional[int]:
    """Which frame of a Read's file is seen at `node` at a frame of the script. None for a still.

    As Candela counts: sequences as their names do, movies from 0.

    NotSaid where Nuke does not say it; ValueError where it shows black in place of the file.
    """
    movie = is_movie(path)
    if not movie and not _NUMBER.search(os.path.basename(path)):
        return None
    said = None if movie else _number_in(path, node.metadata("input/filename", frame))
    number = said if said is not None else node.metadata("input/frame", frame)
    if number is None:
        raise NotSaid(f"{read.name()}: Nuke does not say which frame of the file is frame {frame}")
    number = int(number)
    sides = (("before", number < int(read["first"].value())), ("after", number > int(read["last"].value())))
    for name, outside in sides:
        knob = read.knob(name)
        if outside and knob is not None and str(knob.value()) == "black":
            raise ValueError(f"{read.name()}: Nuke shows black at frame {frame}, {name} those of its file")
    # Nuke counts from the file's own first frame on, though the Read begins later.
    return number - int(read["first"].value()) + begun_late(read) if movie else number


def begun_late(read: Any) -> int:
    """How many frames of its file a Read leaves out before its first."""
    own = read.knob("origfirst")
    return 0 if own is None else int(read["first"].value()) - int(own.value())


def untouched(node: Any) -> Optional[Untouched]:
    """The Read that comes into `node` without any change, None where something is done to its pixels.

    ValueError for one that is disabled: what comes out of that is no picture of its file.
    """
    at, seen = node.input(0), 0
    while at is not None and seen < _MOST_NODES:
        seen += 1
        if at.Class() == "Read":
            if is_off(at):
                raise ValueError(f"{at.name()}: is disabled; switch it on to have its file judged")
            return Untouched(at, file_of(at))
        if at.Class() not in _PASS and not is_off(at):
            return None
        at = at.input(0)
    return None


def read_above(node: Any) -> Any:
    """The nearest Read above by first inputs, whatever happens to its pixels on the way; None for none."""
    at, seen = node.input(0), 0
    while at is not None and seen < _MOST_NODES:
        if at.Class() == "Read":
            return at
        at, seen = at.input(0), seen + 1
    return None


def carrying_files(node: Any, frame: Optional[int] = None) -> List[str]:
    """Files that the SDR picture above may have come from, the likeliest first: the Read's own name, which
    for a sequence is its pattern, then the file that the picture's metadata name."""
    found: List[str] = []
    read = read_above(node)
    if read is not None:
        found.append(file_of(read))
    upstream = node.input(0)
    if upstream is not None:
        at = nuke().frame() if frame is None else frame
        said = upstream.metadata("input/filename", at)
        if said:
            found.append(_slashes(str(said)))
    known: Set[str] = set()
    return [path for path in found if path and not (path in known or known.add(path))]  # type: ignore[func-returns-value]


def is_off(node: Any) -> bool:
    """Whether a node is disabled."""
    knob = node.knob("disable")
    return knob is not None and bool(knob.value())


def _number_in(pattern: str, name: Any) -> Optional[int]:
    """The number that a file's name has where the pattern has one; None where it is not of that pattern."""
    head, tail = os.path.basename(pattern), os.path.basename(_slashes(str(name or "")))
    places = list(_NUMBER.finditer(head))
    if not places:
        return None
    place = places[-1]
    known = re.fullmatch(re.escape(head[: place.start()]) + r"(-?\d+)" + re.escape(head[place.end() :]), tail)
    return None if known is None else int(known[1])


def is_movie(path: str) -> bool:
    """Whether a file is a movie by its name."""
    kinds = (".mov", ".mp4", ".m4v", ".mkv", ".mxf", ".avi", ".webm", ".ts", ".m2ts")
    return os.path.splitext(path)[1].lower() in kinds


def _slashes(path: str) -> str:
    return path.replace("\\", "/") if re.match(r"[A-Za-z]:\\", path) else path
