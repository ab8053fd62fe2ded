"""A CMX 3600 EDL as a timeline.

Read here and not through OpenTimelineIO's adapter, which has no line numbers, does not look at FCM, forgets
event numbers, and takes a shot that runs backwards at full speed for one that runs forwards.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from candela_engines.errors import InputError
from candela_engines.media.edl_lines import EdlEvent, EdlSpeed, EdlText, read_lines
from candela_engines.media.timecode import can_drop, frames_of, is_drop, nominal
from candela_engines.media.timeline_layers import Fade, Layer, Piece, Source, over, shots_of, transitions_of
from candela_engines.media.timeline_types import Timeline
from candela_engines.media.timeline_urls import is_there, media_path

__all__ = ["parse_edl"]

_BLACK = ("BL", "BLACK", "BARS")
_NAMES = ("FROM CLIP NAME", "TO CLIP NAME", "CLIP NAME")
_FILES = (
    "SOURCE FILE", "FROM FILE", "TO FILE", "FROM CLIP", "TO CLIP", "FILE PATH", "SOURCE FILE PATH",
    "OTIO REFERENCE FROM", "OTIO REFERENCE TO",
)  # fmt: skip
_REEL = re.compile(r"FINAL CUT PRO REEL:\s*(.+?)\s+REPLACED BY:\s*(.+)", re.IGNORECASE)
_MARKER = re.compile(r"\|C:ResolveColor", re.IGNORECASE)


def parse_edl(text: str, path: Path, rate: Fraction | None) -> Timeline:
    """The timeline of an EDL's text. rate: frames a second; an EDL does not say them.

    Raises InputError naming the line (and the event) of what is malformed or contradicts itself, and where
    the rate is needed and not given.
    """
    edl = read_lines(text, path.name)
    video = [event for event in edl.events if _tracks(event.channels)]
    if not video:
        raise InputError(f"{path.name}: has {len(edl.events)} events, none of them of a picture track")
    if all(any(_MARKER.search(comment) for comment in event.comments) for event in video):
        raise InputError(
            f"{path.name}: is a list of markers, not of cuts; export the timeline as EDL or OTIO"
        )
    return _Reading(path, edl, video, rate).timeline()


def _tracks(channels: str) -> tuple[str, ...]:
    """The picture tracks that an event is on: V, V2 …; none for sound alone."""
    if channels == "B" or channels.endswith("/V") or channels.startswith("V"):
        track = channels if re.fullmatch(r"V[0-9]+", channels) else "V"
        return ("V" if track == "V1" else track,)
    return ()


class _Reading:
    """One EDL while it is turned into a timeline."""

    def __init__(self, path: Path, edl: EdlText, video: list[EdlEvent], rate: Fraction | None) -> None:
        self._path = path
        self._edl = edl
        self._events = video
        self._notes: list[str] = []
        # A pattern is looked for by listing its folder: once, however many events are of it.
        self._there = functools.cache(is_there)
        self._semicolons = any(is_drop(code) for event in video for code in event.timecodes)
        self._rate = self._find_rate(rate)
        self._check_mode()

    def timeline(self) -> Timeline:
        tracks: dict[str, list[tuple[EdlEvent, int, int]]] = {}
        for event in self._events:
            placed = self._placed(event)
            if placed is not None:
                for track in _tracks(event.channels):
                    tracks.setdefault(track, []).append(placed)
        if not tracks:
            raise InputError(f"{self._path.name}: no event of a picture track has any length")
        start = min(record_in for events in tracks.values() for _, record_in, _ in events)
        layer = Layer()
        for track in sorted(tracks, key=lambda name: int(name[1:] or 1)):
            layer = over(self._layer(tracks[track], start), layer)
        if len(tracks) > 1:
            self._notes.append(f"{len(tracks)} picture tracks; the uppermost picture counts")
        shots, notes = shots_of(layer.pieces)
        if not shots:
            raise InputError(f"{self._path.name}: holds black and bars, and no shot")
        return Timeline(
            path=self._path,
            name=self._edl.title or self._path.stem,
            rate=self._rate,
            start=start,
            drop=can_drop(self._rate) and self._drops(self._events[0], self._events[0].record[0]),
            shots=shots,
            transitions=transitions_of(layer.fades, shots),
            notes=(*self._notes, *notes),
        )

    def _find_rate(self, rate: Fraction | None) -> Fraction:
        if rate is not None:
            return rate
        if self._semicolons or any(event.drop for event in self._events):
            fastest = max(int(code[9:]) for event in self._events for code in event.timecodes)
            return Fraction(30000 if fastest < 30 else 60000, 1001)
        raise InputError(
            f"{self._path.name}: an EDL does not say its frames a second; give them with --rate, as --rate 24"
        )

    @property
    def _rate_text(self) -> str:
        return f"{float(self._rate):.6g} frames a second"

    def _check_mode(self) -> None:
        modes = {event.drop for event in self._events}
        name = self._rate_text
        if not can_drop(self._rate) and (self._semicolons or True in modes):
            self._notes.append(f"says drop frame, which does not exist at {name}; read as non-drop")
        elif self._semicolons and False in modes:
            self._notes.append(
                "FCM says non-drop and timecodes are written with semicolons; they are drop frame"
            )
        elif len(modes - {None}) > 1:
            self._notes.append("FCM changes between drop and non-drop frame on the way")

    def _drops(self, event: EdlEvent, code: str) -> bool:
        """Semicolons are believed; where the whole file has none, its FCM line is."""
        return is_drop(code) if self._semicolons else bool(event.drop)

    def _where(self, event: EdlEvent) -> str:
        return f"{self._path.name}, line {event.line}, event {event.number} at {event.record[0]}"

    def _frames(self, event: EdlEvent, code: str) -> int:
        try:
            return frames_of(code, self._rate, drop=self._drops(event, code))
        except InputError as error:
            raise InputError(f"{self._where(event)}: {error}; is --rate right?") from None

    def _placed(self, event: EdlEvent) -> tuple[EdlEvent, int, int] | None:
        """The event with its record frames; None for one that shows nothing."""
        record_in, record_out = (self._frames(event, code) for code in event.record)
        for code in event.source:
            self._frames(event, code)
        if record_out < record_in:
            raise InputError(
                f"{self._where(event)}: the record out {event.record[1]} lies before the record in"
            )
        if event.kind.startswith("K") and event.kind != "KB":
            self._notes.append(f"event {event.number} at {event.record[0]} is a key over others; left out")
            return None
        return (event, record_in, record_out) if record_out > record_in else None

    def _layer(self, events: Iterable[tuple[EdlEvent, int, int]], start: int) -> Layer:
        layer = Layer()
        before: tuple[EdlEvent, int, int] | None = None
        for event, record_in, record_out in sorted(events, key=lambda placed: placed[1]):
            if before is not None and record_in < before[2]:
                raise InputError(
                    f"{self._where(event)}: begins before event {before[0].number} (line {before[0].line}) "
                    f"ends at {before[0].record[1]}"
                )
            begin = Fraction(record_in - start)
            source = self._source(event, record_out - record_in)
            layer.pieces.append(Piece(begin, Fraction(record_out - start), source))
            if event.length:
                if event.length > record_out - record_in:
                    raise InputError(
                        f"{self._where(event)}: a transition of {event.length} frames in an event of "
                        f"{record_out - record_in}"
                    )
                kind = "dissolve" if event.kind == "D" else f"wipe {event.kind[1:]}"
                layer.fades.append(Fade(begin, begin + event.length, begin, kind))
            before = (event, record_in, record_out)
        return layer

    def _source(self, event: EdlEvent, count: int) -> Source | None:
        """What the event shows; None for black and bars."""
        if event.reel.upper() in _BLACK:
            return None
        first, end = (self._frames(event, code) for code in event.source)
        speed, notes = self._speed(event, count, end - first)
        start = Fraction(end - 1 if speed < 0 else first)
        source = Source(
            name="", event=event.number, start=start, step=speed, speed=speed, counting="timecode",
            reel=event.reel if event.reel.upper() != "AX" else None, notes=notes,
        )  # fmt: skip
        return self._named(source, event)

    def _speed(self, event: EdlEvent, count: int, source_count: int) -> tuple[Fraction, tuple[str, ...]]:
        line = _speed_of(event)
        if line is None:
            if any("FREEZE FRAME" in comment.upper() for comment in event.comments):
                return Fraction(0), ("a freeze frame",)
            if source_count != count:
                asked = "its FCM" if can_drop(self._rate) else f"{self._rate_text} (--rate)"
                raise InputError(
                    f"{self._where(event)}: its source runs for {source_count} frames and its record for "
                    f"{count}, and no M2 line says a speed; is {asked} right?"
                )
            return Fraction(1), ()
        speed = self._speed_value(line)
        if speed == 0:
            return speed, ("a freeze frame",)
        if source_count < 1:
            raise InputError(f"{self._where(event)}: a speed and no source frames")
        notes = ["plays backwards"] if speed < 0 else []
        if source_count != count and abs(source_count - count * abs(speed)) > 1 + abs(speed):
            notes.append(
                f"M2 says {line.fps} frames a second, and {source_count} source frames run for {count}; "
                "the speed of M2 is taken"
            )
        return speed, tuple(notes)

    def _speed_value(self, line: EdlSpeed) -> Fraction:
        """M2's frames a second over those of the timeline. 24 and 23.976 both mean full speed at 23.976."""
        sign = -1 if line.fps.startswith("-") else 1
        digits = line.fps.lstrip("+-")
        fps = Fraction(f"0{digits}" if digits.startswith(".") else digits)
        if fps > 100_000:
            raise InputError(
                f"{self._path.name}, line {line.line}: a speed of {line.fps[:20]} frames a second"
            )
        if fps and self._rate.denominator == 1001:
            whole = round(fps * 1001 / 1000)
            if fps.denominator != 1 and abs(fps * 1001 / 1000 - whole) < Fraction(6, 1000):
                fps = Fraction(whole)
        return sign * fps / nominal(self._rate) if self._rate.denominator == 1001 else sign * fps / self._rate

    def _named(self, source: Source, event: EdlEvent) -> Source:
        """With the names and files that its comments give; of a dissolve those of the incoming side."""
        names: dict[bool, str] = {}
        files: dict[bool, list[str]] = {True: [], False: []}
        reel = source.reel
        for comment in event.comments:
            key, _, value = comment.partition(":")
            key, value = " ".join(key.replace("*", " ").upper().split()), value.strip()
            to = "TO" in key.split()
            if value and key in _NAMES:
                names.setdefault(to, value)
            elif value and key in _FILES:
                files[to].append(value)
            replaced = _REEL.search(comment)
            if replaced is not None and replaced[2].strip() == event.reel:
                reel = replaced[1].strip()
        incoming = bool(event.length) and (True in names or bool(files[True]))
        name = names.get(incoming, "").removesuffix(" FF")
        named = files[incoming]
        paths = [p for p in (media_path(file, self._path.parent) for file in named) if p is not None]
        there = next((p for p in paths if self._there(p)), next(iter(_with_folder(named, paths)), None))
        return replace(
            source,
            name=name or (Path(named[0]).stem if named else source.reel or ""),
            media=there,
            files=tuple(dict.fromkeys([*named, *([name] if name else [])])),
            reel=reel,
        )


def _with_folder(named: list[str], paths: list[Path]) -> list[Path]:
    """Those that the EDL names with a folder, so that a message can say where nothing is."""
    return [path for text, path in zip(named, paths, strict=False) if "/" in text or "\\" in text]


def _speed_of(event: EdlEvent) -> EdlSpeed | None:
    """The M2 line about this event, where there are several (both sides of a dissolve have one)."""
    if not event.speeds:
        return None
    # The reel's name may be cut short, and another side may begin at the same timecode.
    return max(event.speeds, key=lambda s: (s.at == event.source[0], s.reel == event.reel, s.line))
