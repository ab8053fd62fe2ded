"""What comes into a node: a file as it is on disk, or something that Nuke has made of files."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, List, Optional, Set

from candela_bridge.nuke.host import nuke

__all__ = ["Untouched", "carrying_files", "read_above", "untouched"]

# Nodes that change no pixel.
_PASS = frozenset(("Dot", "NoOp", "Output", "PostageStamp", "ModifyMetaData", "Input"))
_MOST_NODES = 10_000
_NUMBER = re.compile(r"%0?\d*d|#+")


@dataclass(frozen=True)
class Untouched:
    """A Read of which every frame gets through as it is. path: a file, or the pattern of a sequence."""

    node: Any
    path: str

    def frames(self, first: int, last: int) -> "Optional[tuple[int, int]]":
        """Numbers of the file's frames for frames of the script; None for a still.

        Nuke says them itself, so that an offset, a start or an expression of the Read counts.
        """
        if not _NUMBER.search(os.path.basename(self.path)) and not _is_movie(self.path):
            return None
        numbers = [self.node.metadata("input/frame", frame) for frame in (first, last)]
        if any(number is None for number in numbers):
            raise ValueError(f"{self.node.name()}: Nuke does not say which frames of the file these are")
        low, high = sorted(int(number) for number in numbers)
        if high - low != last - first:
            raise ValueError(f"{self.node.name()}: is not read frame by frame; render it, and score that")
        if _is_movie(self.path):  # Nuke counts from the Read's first frame on, Candela from 0
            begin = int(self.node["first"].value())
            return low - begin, high - begin
        return low, high


def untouched(node: Any) -> Optional[Untouched]:
    """The Read that comes into `node` without any change, None where something is done to its pixels."""
    at, seen = node.input(0), 0
    while at is not None and seen < _MOST_NODES:
        seen += 1
        if at.Class() == "Read":
            if _is_off(at):
                return None
            return Untouched(at, _slashes(str(at["file"].value())))
        if at.Class() not in _PASS and not _is_off(at):
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
        found.append(_slashes(str(read["file"].value())))
    upstream = node.input(0)
    if upstream is not None:
        at = nuke().frame() if frame is None else frame
        said = upstream.metadata("input/filename", at)
        if said:
            found.append(_slashes(str(said)))
    known: Set[str] = set()
    return [path for path in found if path and not (path in known or known.add(path))]  # type: ignore[func-returns-value]


def _is_off(node: Any) -> bool:
    knob = node.knob("disable")
    return knob is not None and bool(knob.value())


def _is_movie(path: str) -> bool:
    return os.path.splitext(path)[1].lower() in (".mov", ".mp4", ".m4v", ".mkv", ".mxf", ".avi", ".webm")


def _slashes(path: str) -> str:
    return path.replace("\\", "/") if re.match(r"[A-Za-z]:\\", path) else path
