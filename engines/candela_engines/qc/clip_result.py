"""What a pass tells of one clip: how it was read, what it declares, its shots, and what was measured of
them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from candela_engines.qc.findings import Box, Finding
from candela_engines.qc.shot_score import ShotScore

__all__ = [
    "ClipColour", "ClipReference", "ClipResult", "Declared", "Histogram", "Mastering", "Measured", "Record",
    "ShotResult", "Trend",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClipColour:
    """What the codes were read as, and where each came from: `stream`, `container`, `flag`, `file`,
    `default`.

    matrix: None for R'G'B'. stored_range: of the stream. found: the tags in words.
    """

    primaries: str
    transfer: str
    matrix: str | None
    stored_range: str
    peak_nits: float
    reference_white_nits: float
    sources: Mapping[str, str]
    found: str


@dataclass(frozen=True, slots=True)
class ClipReference:
    """The SDR version of a clip, beside which its shots were judged.

    path: as given, or as it was found in a folder. identity: SHA-256 of what stands for its frames before
    they are decoded. offset_frames: from a frame's number in the clip to that in the reference. colour: as
    which it was read. All but the path are None where nobody looked at it (no grade model, no score asked
    for), or it is of no use: the shots' abstentions say why.
    """

    path: str
    identity: str | None = None
    offset_frames: int | None = None
    colour: ClipColour | None = None


@dataclass(frozen=True, slots=True)
class Mastering:
    """The mastering display as declared (SMPTE ST 2086): CIE x, y of red, green, blue, white; luminances."""

    red_xy: tuple[float, float]
    green_xy: tuple[float, float]
    blue_xy: tuple[float, float]
    white_xy: tuple[float, float]
    min_nits: float
    max_nits: float


@dataclass(frozen=True, slots=True)
class Declared:
    """What the file says of its light. MaxCLL and MaxFALL: None where there is no tag, 0 where the tag says
    0, which means unknown (CTA-861.3).
    """

    mastering: Mastering | None = None
    max_cll_nits: float | None = None
    max_fall_nits: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured number of a shot or clip. name has the unit at its end (`max_cll_nits`); sentence: what
    it is.
    """

    name: str
    value: float
    unit: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Record:
    """Where a shot lies in a timeline: its first and last frame there, counted from 0, and their timecodes.

    timeline: its path as given. source_start: the media's position at `first`, in the clip's own numbers,
    exact, as a fraction; step: media frames for one frame of the timeline, below 0 backwards, 0 a freeze
    (both as in `TimelineShot`). rate, drop_frame: of the timeline. start: frames from 00:00:00:00 to the
    timeline's first.
    """

    timeline: str
    track: str
    event: str
    first: int
    last: int
    timecode_in: str | None
    timecode_out: str | None
    source_start: str
    step: str
    rate: str
    drop_frame: bool
    start: int


@dataclass(frozen=True, slots=True)
class Trend:
    """Numbers of every frame. frames: their numbers. columns: by name with its unit at the end, each as long;
    None where a frame could not be read or has nothing to measure.
    """

    frames: tuple[int, ...]
    columns: Mapping[str, tuple[float | None, ...]]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How light is spread over the active picture of a shot, in 128 steps of eight 10-bit PQ codes (full
    range, SMPTE ST 2084), the first of codes 0 to 7. max_rgb_percent: of max(R, G, B) of all pixels of all
    frames. luminance_percent: of luminance, on a grid of pixels of the sampled frames; empty where none was.
    """

    max_rgb_percent: tuple[float, ...]
    luminance_percent: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ShotResult:
    """One shot. opening: start, cut, dissolve, fade, edit (of a timeline). active: the picture without bars.
    measures: in the registry's order, strict and robust. record: its place in the timeline it came by.
    content: SHA-256 of its decoded frames, what its measurement is kept by. frames_unread: frames without a
    picture. histogram: None of a shot that nothing was measured of.
    """

    name: str
    first: int
    last: int
    opening: str
    timecode_in: str | None
    timecode_out: str | None
    active: Box
    letterboxed: bool
    content: str
    measures: tuple[Measured, ...]
    trend: Trend
    histogram: Histogram | None = None
    score: ShotScore | None = None
    record: Record | None = None
    frames_unread: tuple[int, ...] = ()

    def measure(self, name: str) -> float | None:
        """The measured number of that name; None where there is none."""
        return next((m.value for m in self.measures if m.name == name), None)


@dataclass(frozen=True, slots=True)
class ClipResult:
    """One clip: a movie, sequence or still, or what a timeline uses of one.

    path: as given (a pattern for a sequence). kind: movie, sequence, still. identity: SHA-256 over size,
    times and names of its files: the same file as before. rate: frames a second as a fraction, `24000/1001`;
    None for a still or a sequence that does not say. start_timecode: of frame `first`. measures: of the
    whole clip. failed: why it could not be measured; it has no shots then. reference: None without one.
    """

    path: str
    kind: str
    format: str
    identity: str
    width_px: int
    height_px: int
    bits: int
    rate: str | None
    start_timecode: str | None
    drop_frame: bool
    first: int
    last: int
    missing: tuple[int, ...]
    colour: ClipColour | None
    declared: Declared
    measures: tuple[Measured, ...]
    shots: tuple[ShotResult, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    failed: str | None = None
    reference: ClipReference | None = None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.replace("\\", "/").rstrip("/").rpartition("/")[2] or self.path

    def measure(self, name: str) -> float | None:
        """The measured number of that name; None where there is none."""
        return next((m.value for m in self.measures if m.name == name), None)

    def shot_of(self, frame: int) -> ShotResult | None:
        """The shot that holds a frame."""
        return next((shot for shot in self.shots if shot.first <= frame <= shot.last), None)
