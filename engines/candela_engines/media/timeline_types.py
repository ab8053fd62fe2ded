"""What a timeline says: shots with their media, dissolves between them, and how its frames are numbered."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from candela_engines.media.timecode import timecode_of

__all__ = ["Counting", "Timeline", "TimelineShot", "TimelineTransition"]

#: numbers: as the media's frames are numbered. first: from the media's first frame, which is 0 (in movies
#: the same). timecode: from 00:00:00:00, where the timeline does not say at which timecode the media begins.
Counting = Literal["numbers", "first", "timecode"]


@dataclass(frozen=True, slots=True)
class TimelineShot:
    """One stretch of one medium in a timeline.

    name: of the clip. event: its number, for messages. media: file, or pattern of a sequence; None where the
    timeline names none. files: names by which the media can be looked for. reel: of the tape or camera card.
    record_first, record_last: frames of the timeline from its start, both included, cut to cut.
    source_first, source_last: the lowest and highest frame of the media that is shown, in `counting`.
    source_start: where exactly the first frame shown lies; step: media frames for one frame of the timeline,
    which is speed times the ratio of the rates. speed: 1 as shot, 0 a freeze, below 0 backwards.
    handles: frames of the media before and after those shown, None where its length is not known.
    trouble: why the frames that it shows are not to be known, in words; it counts as a shot without media.
    """

    name: str
    event: str
    media: Path | None
    source_first: int
    source_last: int
    record_first: int
    record_last: int
    source_start: Fraction
    step: Fraction = Fraction(1)
    speed: Fraction = Fraction(1)
    counting: Counting = "numbers"
    handles: tuple[int, int] | None = None
    reel: str | None = None
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def count(self) -> int:
        """How long it is, in frames of the timeline."""
        return self.record_last - self.record_first + 1

    def source_at(self, record: int) -> int:
        """The media's frame at a frame of the timeline, also before and after the shot, as dissolves need."""
        position = self.source_start + (record - self.record_first) * self.step
        return math.ceil(position) if self.step < 0 else math.floor(position)

    def source_range(self, first: int, last: int) -> tuple[int, int]:
        """Lowest and highest frame of the media at frames first..last of the timeline."""
        low, high = sorted((self.source_at(first), self.source_at(last)))
        return low, high


@dataclass(frozen=True, slots=True)
class TimelineTransition:
    """A dissolve (or a wipe): the frames of the timeline where two shots are seen at once.

    kind: `dissolve`, `wipe` or the name that the timeline gives. record_first, record_last: both included.
    cut: the first frame that counts as the incoming shot's: in an EDL the dissolve's first, in OTIO where the
    editor put the cut. outgoing, incoming: numbers in `Timeline.shots`, None for black. outgoing_source,
    incoming_source: the media's frames that it needs of each, lowest and highest.
    """

    kind: str
    record_first: int
    record_last: int
    cut: int
    outgoing: int | None
    incoming: int | None
    outgoing_source: tuple[int, int] | None
    incoming_source: tuple[int, int] | None
    notes: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """In frames of the timeline."""
        return self.record_last - self.record_first + 1

    @property
    def centre(self) -> Fraction:
        """Where both shots count alike: a boundary before a frame, or amid one where the length is odd."""
        return self.record_first + Fraction(self.length, 2)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Shots in the order of the timeline; where they leave room there is black.

    rate: frames a second. start: frames from 00:00:00:00 to the timeline's first frame; drop: how its
    timecode is written.
    """

    path: Path
    name: str
    rate: Fraction
    start: int
    drop: bool
    shots: tuple[TimelineShot, ...]
    transitions: tuple[TimelineTransition, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def start_timecode(self) -> str:
        """Of the first frame."""
        return self.timecode(0)

    @property
    def count(self) -> int:
        """Frames from the start to the end of the last shot."""
        return self.shots[-1].record_last + 1 if self.shots else 0

    def timecode(self, record: int) -> str:
        """The label of a frame of the timeline."""
        return timecode_of(self.start + record, self.rate, drop=self.drop)

    def where(self, shot: TimelineShot) -> str:
        """For messages: `event 003 at 01:00:04:00 (sh010)`."""
        name = f" ({shot.name})" if shot.name else ""
        return f"event {shot.event} at {self.timecode(shot.record_first)}{name}"
