"""What clips of an FCPXML show: assets with their files, rates, and the speed at which they are played."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import InputError
from candela_engines.media.fcpxml_times import seconds_of
from candela_engines.media.fcpxml_tree import Element
from candela_engines.media.timecode import exact_rate
from candela_engines.media.timeline_layers import Piece, Source
from candela_engines.media.timeline_urls import frames_named, media_path

__all__ = ["Played", "Resources", "pieces_of", "played", "rate_of"]

_ZERO = Fraction(0)
_NAMED = re.compile(r"FFVideoFormat\w*?[0-9]([pi])([0-9]{2,4})")
_RATES = {"2398": "23.976", "2997": "29.97", "5994": "59.94"}
_MOST_SPEED = 10_000
_NEAR = Fraction(1, 100)  # of a frame: what is closer to a whole one was rounded by whoever wrote it
_CLOSE = Fraction(26, 25)  # rates nearer to each other are made one by playing faster or slower


class Resources:
    """What a file has under `resources`, by id."""

    def __init__(self, root: Element, name: str) -> None:
        self._name = name
        found = root.first("resources")
        self._all = {one.get("id"): one for one in (found.children if found is not None else ())}

    def get(self, element: Element, kind: str, by: str = "ref") -> Element | None:
        """The resource of a kind that an element refers to; None where it names another kind or none."""
        found = self._all.get(element.get(by))
        return found if found is not None and found.tag == kind else None

    def rate(self, element: Element) -> Fraction | None:
        """Frames a second of the format that an element names; None where it says none."""
        found = self.get(element, "format", "format")
        return None if found is None else rate_of(found, self._name)


def rate_of(format_: Element, where: str) -> Fraction | None:
    """Frames a second of a format: by the length of its frame, else by the name of a usual one."""
    length = seconds_of(format_, "frameDuration", where)
    if length is not None and length > 0:
        return exact_rate(1 / length)
    named = _NAMED.match(format_.get("name"))
    if named is None:
        return None
    rate = exact_rate(_RATES.get(named[2], named[2]))
    return rate / 2 if named[1] == "i" and rate >= 50 else rate


@dataclass(frozen=True, slots=True)
class Played:
    """A stretch of a clip at one speed. begin, end: of the clip's local time, in seconds. value: the time of
    the medium at `begin`. trouble: why its frames are not to be known, in words."""

    begin: Fraction
    end: Fraction
    value: Fraction
    speed: Fraction
    trouble: str = ""


def played(clip: Element, begin: Fraction, end: Fraction, where: str) -> list[Played]:
    """How a clip's local time from `begin` to `end` runs through what it shows: one stretch for each speed.

    Raises InputError for a damaged map of times.
    """
    time_map = clip.first("timeMap")
    points = [] if time_map is None else _points(time_map, where)
    if len(points) < 2:
        return [Played(begin, end, begin, Fraction(1))]
    parts: list[Played] = []
    smooth = False
    for number, (this, after) in enumerate(itertools.pairwise(points)):
        low = begin if number == 0 else max(begin, this[0])
        high = end if number == len(points) - 2 else min(end, after[0])
        if low >= high:
            continue
        speed = (after[1] - this[1]) / (after[0] - this[0])
        if abs(speed) > _MOST_SPEED:
            raise InputError(f"{where}: a speed of {float(speed):g}; it is damaged")
        part = Played(low, high, this[1] + (low - this[0]) * speed, speed)
        if parts and parts[-1].speed == speed and not parts[-1].end < low:
            parts[-1] = replace(parts[-1], end=high)
            continue
        smooth = smooth or (bool(parts) and this[2])
        parts.append(part)
    if smooth:
        why = "its speed changes smoothly on the way: render it, or export it to have it judged"
        return [Played(begin, end, begin, Fraction(1), why)]
    return parts


def _points(time_map: Element, where: str) -> list[tuple[Fraction, Fraction, bool]]:
    """(local time, time of what is shown, whether the speed changes smoothly there), in order."""
    found = []
    for point in time_map.all("timept"):
        time, value = seconds_of(point, "time", where), seconds_of(point, "value", where)
        if time is None or value is None:
            raise InputError(f"{where}, line {point.line}: a timept without time or value; it is damaged")
        found.append((time, value, point.get("interp", "smooth2") != "linear"))
    found.sort(key=lambda one: one[0])
    if any(a[0] == b[0] for a, b in itertools.pairwise(found)):
        raise InputError(f"{where}, line {time_map.line}: two speeds at one time; it is damaged")
    return found


def pieces_of(
    clip: Element, asset: Element, parts: list[Played], begin: Fraction, event: str, where: str,
    rate: Fraction, resources: Resources, folder: Path,
) -> Iterator[Piece]:  # fmt: skip
    """What a clip shows of an asset, in frames of the timeline from 0. rate: of the timeline."""
    own = resources.rate(asset)
    notes = [] if own is not None else ["its media's frames a second are not said; taken for the timeline's"]
    media_rate = own or rate
    trouble = _conformed(clip, media_rate, rate)
    first = seconds_of(asset, "start", where) or _ZERO
    length = seconds_of(asset, "duration", where)
    if media_rate != rate:
        notes.append(f"media of {float(media_rate):.6g} in a timeline of {float(rate):.6g} frames a second")
    count = None if length is None else math.ceil(length * media_rate - _NEAR)
    path, files = _file(asset, folder)
    numbered = None
    if path is not None and count is not None and count > 1:
        path, numbered = frames_named(path, count)
    elif path is not None and count == 1:
        path, numbered = path, 0
    for part in parts:
        speed = _ZERO if length == 0 else part.speed  # a still has no length of its own
        start = (part.value - first) * media_rate if length else _ZERO
        near = round(start)
        if abs(start - near) < _NEAR:
            start = Fraction(near)
        if speed < 0:
            start -= 1  # the time says where its last frame ends
        said = [*notes]
        if length is not None and length > 0 and speed <= 0:
            said.append("plays backwards" if speed < 0 else "a freeze frame")
        source = Source(
            name=clip.get("name") or asset.get("name") or (path.stem if path is not None else ""),
            event=event,
            start=start + (numbered or 0),
            step=speed * media_rate / rate,
            speed=speed,
            media=path,
            counting="numbers" if numbered else "first",
            available=None if not count else ((numbered or 0), (numbered or 0) + count - 1),
            reel=_reel(clip),
            files=files,
            notes=tuple(said if path is not None else [*said, "names no media that is a file"]),
            trouble=part.trouble or trouble,
        )
        yield Piece((part.begin - begin) * rate, (part.end - begin) * rate, source)


def _conformed(clip: Element, media_rate: Fraction, rate: Fraction) -> str:
    """Whether a clip is played faster or slower to fit the timeline's rate, by how much is not said."""
    conform = clip.first("conform-rate")
    if conform is None or conform.get("scaleEnabled", "1") == "0" or media_rate == rate:
        return ""
    low, high = sorted((media_rate, rate))
    if high / low > _CLOSE:
        return ""
    return (
        f"its {float(media_rate):.6g} frames a second are played as {float(rate):.6g} (conform-rate), and the"
        " file does not say frame by frame how: export the timeline as OTIO or EDL"
    )


def _file(asset: Element, folder: Path) -> tuple[Path | None, tuple[str, ...]]:
    """The original of an asset's files, else any; and names to look for it by."""
    reps = asset.all("media-rep")
    reps.sort(key=lambda rep: rep.get("kind", "original-media") != "original-media")
    url = next((one.get("src") for one in (*reps, asset) if one.get("src")), "")
    path = media_path(url, folder) if url else None
    names = [url.replace("\\", "/").rsplit("/", 1)[-1] if url else "", asset.get("name")]
    if path is not None:
        names[0] = path.name
    return path, tuple(dict.fromkeys(name for name in names if name))


def _reel(clip: Element) -> str | None:
    metadata = clip.first("metadata")
    for one in metadata.all("md") if metadata is not None else ():
        if one.get("key") == "com.apple.proapps.studio.reel" and one.get("value"):
            return one.get("value")
    return None
