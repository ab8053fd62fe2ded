"""Where the shots of a list come from: a timeline's file, clips and stills, or Resolve. No Qt."""

from __future__ import annotations

import os
import re
from collections import deque
from pathlib import Path
from typing import Any, Callable, Deque, Dict, List, Optional, Sequence, Tuple

from candela_bridge.client import Bridge, Call, CallError
from candela_bridge.panel.rows import Row
from candela_bridge.shot import Shot
from candela_bridge.timeline import open_timeline

__all__ = ["TIMELINES", "Opening", "partner", "partners"]

Json = Dict[str, Any]
TIMELINES = (".otio", ".otioz", ".otiod", ".edl", ".fcpxml", ".fcpxmld")
_PICTURES = (
    ".exr", ".tif", ".tiff", ".dpx", ".png", ".jpg", ".jpeg", ".avif", ".heic", ".jxl", ".hdr",
    ".mov", ".mp4", ".mkv", ".mxf", ".webm", ".m4v", ".h265", ".hevc", ".y4m",
)  # fmt: skip

_AT_ONCE, _MOST_FILES = 4, 2000
_NUMBER = re.compile(r"#+|@+|%0?\d*d|\$f\d*|\[[\d,x-]+\]")


class Opening:
    """Paths to shots. Timelines list theirs; a clip or a still counts as one, and so does a folder of
    numbered frames; of another folder the clips and stills in it do, each for itself.

    done: gets all shots in the order of the paths, and what could not be opened, where bridge callbacks run.
    listed: of one timeline gets its shots before, while their media are still to be opened.
    """

    def __init__(
        self,
        bridge: Bridge,
        paths: Sequence[str],
        done: Callable[[List[Shot], List[str]], None],
        *,
        media: Sequence[str] = (),
        rate: Optional[str] = None,
        listed: Optional[Callable[[List[Shot]], None]] = None,
    ) -> None:
        self._bridge, self._done, self._media, self._rate = bridge, done, tuple(media), rate
        self._paths = [os.path.abspath(path) for path in paths]
        self._listed = listed if len(self._paths) == 1 else None
        self._found: Dict[Tuple[int, int], List[Shot]] = {}
        self._waiting: Deque[Tuple[Tuple[int, int], str]] = deque()
        self._troubles: List[str] = []
        self._left, self._stopped = len(self._paths), False
        self.timeline: Any = None
        self.calls: List[Call] = []
        for number, path in enumerate(self._paths):
            self._open((number, 0), path)
        if not self._paths:
            done([], [])

    def stop(self) -> None:
        """Open no more of a folder: nobody waits for it. `done` may not come then."""
        self._stopped = True

    def _open(self, number: "Tuple[int, int]", path: str) -> None:
        if os.path.splitext(path)[1].lower() in TIMELINES:
            self.calls.append(
                open_timeline(
                    self._bridge,
                    path,
                    lambda found, error: self._timeline(number, path, found, error),
                    media=self._media,
                    rate=self._rate,
                    listed=None if self._listed is None else self._told,
                )
            )
            return
        # One frame of it, small: what frames there are, and whether it can be read at all.
        given = {"grade": {"path": path, "colour": {"name": "rec709"}}, "views": ["picture"], "width": 16}
        self.calls.append(self._bridge.call("look", given, done=lambda call: self._clip(number, path, call)))

    def _told(self, found: Any) -> None:
        if self._listed is not None:
            self._listed(found.shots)

    def _timeline(
        self, number: "Tuple[int, int]", path: str, found: Any, error: Optional[BaseException]
    ) -> None:
        if found is None:
            text = str(error)
            self._end(number, [], text if text.startswith(path) else f"{path}: {text}")
            return
        self.timeline = found
        self._troubles += [f"{os.path.basename(path)}: {note}" for note in found.notes]
        self._end(number, found.shots)

    def _within(self, number: "Tuple[int, int]", folder: str) -> bool:
        """Open what is in a folder in place of it, a few at a time; False where there is nothing."""
        try:
            files = _pictures(folder)[:_MOST_FILES]
        except OSError:
            return False
        if files:
            self._left += len(files) - 1
            self._waiting.extend(((number[0], place), path) for place, path in enumerate(files, 1))
            for _ in range(_AT_ONCE):
                self._more()
        return bool(files)

    def _more(self) -> None:
        if self._waiting and not self._stopped:
            self._open(*self._waiting.popleft())

    def _clip(self, number: "Tuple[int, int]", path: str, call: Call) -> None:
        if call.cancelled():
            self._end(number, [])
            return
        error = call.exception()
        if isinstance(error, CallError) and os.path.isdir(path):
            if number[1] or not self._within(number, path):
                self._end(number, [], str(error))
            return
        if error is not None:
            if isinstance(error, CallError):  # it is listed with what is wrong with it, as in a timeline
                shot = Shot(None, path, os.path.basename(path), 1, 0, 0, path, None, str(error))
                self._end(number, [shot])
            else:
                self._end(number, [], str(error))
            return
        answer = call.result()
        _take_away(answer)
        first, last = int(answer["first"]), int(answer["last"])
        name = os.path.basename(path.rstrip("/\\"))
        self._end(number, [Shot(None, path, name, 1, first, last, path, (first, last))])

    def _end(self, number: "Tuple[int, int]", shots: List[Shot], trouble: str = "") -> None:
        self._more()
        self._found[number] = list(shots)
        if trouble:
            self._troubles.append(trouble)
        self._left -= 1
        if not self._left:
            every = [shot for n in sorted(self._found) for shot in self._found[n]]
            self._done(every, self._troubles)


def _take_away(answer: Json) -> None:
    try:
        os.unlink(answer["file"])
    except (OSError, KeyError):
        return


def partners(rows: Sequence[Row], place: str) -> "List[Tuple[Row, str]]":
    """Which picture of a place goes with which row: a file goes with all, and so does a folder with one row;
    else of a folder by the names of the files and folders in it, or, where there are as many shots, by the
    order. Rows without one are left out."""
    if not os.path.isdir(place) or (len(rows) == 1 and not _holds(place, rows[0])):
        return [(row, place) for row in rows]
    files = _pictures(place)
    found = [(row, partner(row.shot.path, files)) for row in rows]
    if not any(path for _, path in found) and len(files) == len(rows):
        return list(zip(rows, files))
    return [(row, path) for row, path in found if path]


def _pictures(place: str) -> List[str]:
    """Clips, stills, and folders of numbered frames."""
    return sorted(
        entry.path for entry in os.scandir(place)
        if not entry.name.startswith(".")
        and (entry.is_dir() or os.path.splitext(entry.name)[1].lower() in _PICTURES)
    )  # fmt: skip


def _holds(place: str, row: Row) -> bool:
    """Whether there is something of a row's name in a folder: else the folder is a sequence itself."""
    return bool(partner(row.shot.path, _pictures(place)))


def partner(path: str, files: Sequence[str]) -> str:
    """The file that has a name like that of `path`, empty where there is none or no single one.

    The same stem first; then one that begins as it does, as `a010_sdr` of `a010`; then one with `sdr` where
    the other has `hdr`.
    """
    stem = _stem(path)
    stems = {file: _stem(file) for file in files}
    bare = stem.replace("hdr", "").strip("_-. ")
    ways: "Tuple[Callable[[str], bool], ...]" = (
        lambda other: other == stem,
        lambda other: other.replace("sdr", "").strip("_-. ") == bare,
        lambda other: other.startswith(stem) or stem.startswith(other),
    )
    for like in ways:
        found = [file for file, other in stems.items() if other and like(other)]
        if len(found) == 1:
            return found[0]
    return ""


def _stem(path: str) -> str:
    """A name without its ending and the place of the frame's number."""
    name = Path(path).name.lower()
    stem, ending = os.path.splitext(name)
    return _NUMBER.sub("", stem if ending in _PICTURES else name).strip("._-")
