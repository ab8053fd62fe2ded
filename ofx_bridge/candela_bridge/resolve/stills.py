"""Pictures out of Resolve: stills with the grade applied, and thumbnails."""

from __future__ import annotations

import base64
import binascii
import os
import shutil
import struct
import tempfile
import time
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from candela_bridge.resolve.asking import ask
from candela_bridge.resolve.errors import ResolveError
from candela_bridge.resolve.shots import key_of
from candela_bridge.resolve.timecode import Clock
from candela_bridge.shot import Shot

__all__ = ["Exported", "Thumbnail", "clock_of", "export_frames", "key_frames", "thumbnail"]

_DEEPEST_BITS = 8  # of a format in which PQ and HLG fall into bands
_MOST_SIDE = 8192
_ARRIVE_SECONDS = 2.0


class Thumbnail(NamedTuple):
    """data: RGB, 8 bits, row by row from the top."""

    width: int
    height: int
    data: bytes


class Exported:
    """Stills in a folder of their own. numbers: frames of the timeline; path: the file, or their pattern."""

    def __init__(self, folder: str, numbers: Sequence[int]) -> None:
        self.folder, self.numbers = folder, list(numbers)
        self.path = os.path.join(folder, f"frame.{numbers[0]:08}.tif")
        if len(numbers) > 1:
            self.path = os.path.join(folder, "frame.########.tif")

    def remove(self) -> None:
        """They are not needed any more."""
        shutil.rmtree(self.folder, ignore_errors=True)


def clock_of(timeline: Any) -> Clock:
    """Of a timeline. ResolveError where it does not say how it counts."""
    drop = str(timeline.GetSetting("timelineDropFrameTimecode") or "0") == "1"
    try:
        return Clock(timeline.GetSetting("timelineFrameRate"), timeline.GetStartTimecode(), drop)
    except ValueError as error:
        raise ResolveError(f"Resolve does not say how its timeline counts frames: {error}") from error


def export_frames(
    project: Any, timeline: Any, shot: Shot, numbers: Sequence[int], folder: Optional[str] = None
) -> Exported:
    """Frames of a shot with its grade, as TIFF files. numbers: from the timeline's first frame.

    The playhead goes there and comes back. Raises ResolveError where no file came, whatever Resolve said, and
    where it has 8 bits alone; nothing is left behind then.
    """
    outside = [number for number in numbers if not shot.first <= number <= shot.last]
    if outside or not numbers:
        raise ResolveError(f"frame {outside[0] if outside else 'none'} is not in {shot.name}")
    clock, before = clock_of(timeline), timeline.GetCurrentTimecode()
    place = tempfile.mkdtemp(prefix="candela-resolve-", dir=folder or os.environ.get("CANDELA_TEMP") or None)
    made = Exported(place, numbers)
    try:
        for number in numbers:
            path = os.path.join(place, f"frame.{number:08}.tif")
            went = _go(timeline, clock, number)
            if went:
                _visible(timeline, shot)
            said = ask(project, "ExportCurrentFrameAsStill", path) if went else False
            if not said or not os.path.isfile(path) or not os.path.getsize(path):
                raise ResolveError(
                    f"{shot.name}: Resolve exported no still of frame {number}; it does so on the Edit and "
                    "Color pages, with the shot visible"
                )
            bits = tiff_bits(path)
            if bits is not None and bits <= _DEEPEST_BITS:
                raise ResolveError(
                    f"{shot.name}: Resolve exported a still of {bits} bits, in which HDR falls into bands; "
                    "render the shot, and have the file judged"
                )
    except BaseException:
        made.remove()
        raise
    finally:
        if before:
            timeline.SetCurrentTimecode(before)
    return made


def key_frames(shot: Shot, most: int) -> List[int]:
    """Up to `most` frames of a shot, evenly, not at its cuts, where dissolves may be."""
    most = max(1, min(most, shot.frames))
    return sorted({shot.first + (2 * n + 1) * shot.frames // (2 * most) for n in range(most)})


def thumbnail(resolve: Any, timeline: Any, shot: Shot) -> Optional[Thumbnail]:
    """What Resolve shows of the middle of a shot on its Color page; None on others, where it has none, and
    where another clip is above it.

    The page stays as it is; the playhead goes there and comes back.
    """
    if resolve.GetCurrentPage() != "color":
        return None
    before = timeline.GetCurrentTimecode()
    if not before:
        return None
    try:
        if not _go(timeline, clock_of(timeline), (shot.first + shot.last) // 2) or _above(timeline, shot):
            return None
        return _thumbnail(timeline.GetCurrentClipThumbnailImage())
    finally:
        timeline.SetCurrentTimecode(before)


def _go(timeline: Any, clock: Clock, number: int) -> bool:
    """Move the playhead, and wait until it is there: Resolve says True before, and would give out the picture
    at which it still is."""
    if not timeline.SetCurrentTimecode(clock.timecode(number)):
        return False
    end = time.monotonic() + _ARRIVE_SECONDS
    while True:
        try:
            if clock.offset(str(timeline.GetCurrentTimecode())) == number:
                return True
        except ValueError:  # it says none yet
            pass
        if time.monotonic() >= end:
            return False
        time.sleep(0.01)


def _above(timeline: Any, shot: Shot) -> Any:
    """Another item than the shot that is seen at the playhead, as of a higher track; None for none."""
    top = ask(timeline, "GetCurrentVideoItem")  # of the highest track
    return None if top is None or key_of(top, shot.track) == shot.key else top


def _visible(timeline: Any, shot: Shot) -> None:
    """ResolveError where another file covers the shot at the playhead: its picture would be judged. Titles
    and adjustments have none."""
    top = _above(timeline, shot)
    media = None if top is None else top.GetMediaPoolItem()
    if media is not None and media.GetClipProperty("File Path"):
        raise ResolveError(
            f"{shot.name} is covered by {top.GetName()} on a higher track; switch that off, and try again"
        )


def _thumbnail(said: Any) -> Optional[Thumbnail]:
    """As the scripting gives it: None, or a table whose numbers may come as floats."""
    if not isinstance(said, dict):
        return None
    try:
        width, height = int(said["width"]), int(said["height"])
        data = base64.b64decode(said["data"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None
    good = 0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE and len(data) == 3 * width * height
    return Thumbnail(width, height, data) if good and "RGB" in str(said.get("format", "RGB")) else None


def tiff_bits(path: str) -> Optional[int]:
    """Bits a sample that a TIFF file says (TIFF 6.0, tag 258); None for what is none, or says nothing."""
    with open(path, "rb") as stream:
        head = stream.read(8)
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        if order is None or len(head) < 8 or struct.unpack(order + "H", head[2:4])[0] != 42:
            return None
        stream.seek(struct.unpack(order + "I", head[4:])[0])
        try:
            (count,) = struct.unpack(order + "H", stream.read(2))
            for _ in range(min(count, 1000)):
                tag, kind, number = struct.unpack(order + "HHI", stream.read(8))
                value = stream.read(4)
                if tag != 258 or kind != 3:
                    continue
                if number > 2:
                    stream.seek(struct.unpack(order + "I", value)[0])
                    value = stream.read(2)
                return int(struct.unpack(order + "H", value[:2])[0])
        except struct.error:
            return None
    return None


def graded(exported: Exported, colour: Dict[str, Any], reference: Optional[Dict[str, Any]]) -> Dict[str, Any]:
    """What to ask the helper for."""
    given: Dict[str, Any] = {"grade": {"path": exported.path, "colour": colour}}
    if len(exported.numbers) > 1:
        given["frames"] = [exported.numbers[0], exported.numbers[-1]]
    if reference is not None:
        given["reference"] = reference
    return given
