"""The shots of a timeline: where they are, what file they show, and which frames of it."""

from __future__ import annotations

import os
import re
from typing import Any, List, Optional

from candela_bridge.resolve.asking import ask, whole
from candela_bridge.shot import Shot

__all__ = ["items_of", "key_of", "shots_of"]

_RANGE = re.compile(r"\[(\d+)-(\d+)\]")


def shots_of(timeline: Any) -> List[Shot]:
    """Of all video tracks, in the order of the timeline. What is switched off, track or item, is not seen and
    left out, as are items that Resolve tells nothing of."""
    begin = whole(timeline.GetStartFrame()) or 0
    rate = _number(timeline.GetSetting("timelineFrameRate"))
    found: List[Shot] = []
    for track in range(1, (whole(timeline.GetTrackCount("video")) or 0) + 1):
        if ask(timeline, "GetIsTrackEnabled", "video", track) is False:  # None where it cannot be told
            continue
        for item in items_of(timeline, track):
            shot = None if ask(item, "GetClipEnabled") is False else _shot(item, track, begin, rate)
            if shot is not None:
                found.append(shot)
    return sorted(found, key=lambda shot: (shot.first, shot.track))


def items_of(timeline: Any, track: int) -> List[Any]:
    """Of one of its video tracks, from 1."""
    return list(timeline.GetItemListInTrack("video", track) or [])


def key_of(item: Any, track: int) -> str:
    """By which an item is known again."""
    name = str(item.GetName() or f"track {track}")
    return str(ask(item, "GetUniqueId") or f"{track}:{whole(item.GetStart())}:{name}")


def _shot(item: Any, track: int, begin: int, rate: Optional[float]) -> Optional[Shot]:
    start, end = whole(item.GetStart()), whole(item.GetEnd())
    if start is None or end is None or end <= start:
        return None
    name = str(item.GetName() or f"track {track}")
    key = key_of(item, track)
    media = item.GetMediaPoolItem()
    path = str(media.GetClipProperty("File Path") or "") if media is not None else ""
    frames, trouble = None, ""
    if not path:
        trouble = "it has no file: a title, a generator or a compound clip"
    else:
        frames, trouble = _media_frames(item, media, path, end - start, rate)
    return Shot(item, key, name, track, start - begin, end - begin - 1, path, frames, trouble)


def _media_frames(
    item: Any, media: Any, path: str, length: int, rate: Optional[float]
) -> "tuple[Optional[tuple[int, int]], str]":
    """By the left offset, which is exact; the source's start frame can be one off and serves as a check."""
    left = whole(item.GetLeftOffset())
    if left is None:
        return None, "Resolve does not say which frames of its file it shows"
    own = _number(media.GetClipProperty("FPS"))
    if own is not None and rate is not None and abs(own - rate) > 0.001:
        return (
            None,
            f"its file has {own:g} frames a second and the timeline {rate:g}: export it to have it judged",
        )
    source, last = whole(ask(item, "GetSourceStartFrame")), whole(ask(item, "GetSourceEndFrame"))
    numbered = _RANGE.search(os.path.basename(path))
    begin = int(numbered[1]) if numbered else 0  # of a sequence, whose frames may be told by their numbers
    if source is not None and min(abs(source - left), abs(source - left - begin)) > 1:
        return None, f"Resolve says two places where it begins in its file, {left} and {source}"
    if source is not None and last is not None and abs((last - source + 1) - length) > 1:
        return None, "its speed is changed: export it to have it judged"
    return (left + begin, left + begin + length - 1), ""


def _number(value: Any) -> Optional[float]:
    match = re.match(r"\s*(\d+(?:\.\d+)?)", str(value))
    return float(match[1]) if match else None
