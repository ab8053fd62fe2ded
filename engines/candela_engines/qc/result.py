"""The whole of a QC pass, from which every report is made. Its JSON has bare numbers, with units in the
names.

Frame numbers are the clip's own (a movie's from 0); ranges have both ends in them. Percentages are of pixels
of the active picture. Light is max(R, G, B) in cd/m² (nits) where "luminance" is not said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from candela_engines.qc.findings import Box, Finding, Severity
from candela_engines.qc.records import from_plain, schema_of, to_plain

__all__ = [
    "OUT_OF_SCOPE", "SCHEMA", "Abstention", "ClipColour", "ClipResult", "Declared", "Evidence", "Mastering",
    "Measured", "ProfileUsed", "QcResult", "Record", "ScorePart", "ScoreReason", "ShotResult", "ShotScore",
    "Software", "Trend", "json_schema",
]  # fmt: skip

#: Name and version of the JSON; the number goes up when a member changes its meaning or goes away.
SCHEMA = "candela.qc/1"
OUT_OF_SCOPE = (
    "photosensitive epilepsy (flashes and red flashes, ITU-R BT.1702) is not tested",
    "audio, subtitles and the structure of packages (IMF, DCP) are not tested",
)


@dataclass(frozen=True, slots=True)
class Software:
    """What made the numbers. models: SHA-256 of each network by its name. ocio: the config in force, by path
    or name as resolved (never a moving alias), and ocio_identity its hash; None where no OCIO took part.
    """

    candela: str
    measures_version: int
    models: Mapping[str, str] = field(default_factory=dict)
    ocio: str | None = None
    ocio_identity: str | None = None


@dataclass(frozen=True, slots=True)
class ProfileUsed:
    """file: None for one that is shipped. inherits: names from the nearest to the root. sha256: of the
    resolved values. values: every resolved setting by its dotted name, as `rule.light.max_cll.limit_nits`.
    """

    name: str
    title: str
    file: str | None
    inherits: tuple[str, ...]
    sha256: str
    values: Mapping[str, float | str | bool]


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
class Evidence:
    """A number that proves a reason of the score."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class ScoreReason:
    """Why a score is what it is. reason_class: violation, deviation, abstained. severity, confidence:
    0..1.
    """

    kind: str
    reason_class: str
    severity: float
    confidence: float
    sentence: str
    box: Box | None
    frames: tuple[int, ...]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Abstention:
    """What no number is given for, and why."""

    about: str
    why: str


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a score, and its share of the whole, 0..1."""

    name: str
    score: float
    weight: float


@dataclass(frozen=True, slots=True)
class ShotScore:
    """score: in [-6, 10], the SDR reference at 0; None where it abstains. low, high: what it is known to lie
    in. pooling: how frames became one number. key_frames: those that were looked at, scores beside them.
    """

    score: float | None
    low: float | None
    high: float | None
    pooling: str
    worst_frame: int | None
    key_frames: tuple[int, ...]
    key_scores: tuple[float | None, ...]
    reasons: tuple[ScoreReason, ...]
    abstentions: tuple[Abstention, ...]
    parts: tuple[ScorePart, ...] = ()


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
class ShotResult:
    """One shot. opening: start, cut, dissolve, fade, edit (of a timeline). active: the picture without bars.
    measures: in the registry's order, strict and robust. record: its place in the timeline it came by.
    content: SHA-256 of its decoded frames, what its measurement is kept by. frames_unread: frames without a
    picture.
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
    whole clip. failed: why it could not be measured; it has no shots then.
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


@dataclass(frozen=True, slots=True)
class QcResult:
    """All of a pass. inputs: as given. fail_on: the severity from which on it failed. started, finished: ISO
    8601, UTC. out_of_scope: what nobody may take as tested. complete: False for one that lacks shots (a
    chunk).
    """

    software: Software
    profile: ProfileUsed
    inputs: tuple[str, ...]
    fail_on: Severity
    clips: tuple[ClipResult, ...]
    notes: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = OUT_OF_SCOPE
    started: str = ""
    finished: str = ""
    complete: bool = True

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all clips, in their order."""
        return tuple(finding for clip in self.clips for finding in clip.findings)

    def count(self, severity: Severity) -> int:
        """Findings of exactly that severity that are not waived."""
        return sum(finding.severity is severity and finding.counts for finding in self.findings)

    @property
    def passed(self) -> bool:
        """Whether nothing at or above `fail_on` stands without a waiver."""
        return not any(f.counts and f.severity.rank >= self.fail_on.rank for f in self.findings)

    def to_json(self) -> dict[str, Any]:
        """JSON values, `schema` first; numbers that are not finite become null."""
        counts = {severity.value: self.count(severity) for severity in Severity}
        waived = sum(not finding.counts for finding in self.findings)
        summary = {"passed": self.passed, "findings": {**counts, "waived": waived}}
        return {"schema": SCHEMA, "summary": summary, **to_plain(self)}

    def to_text(self) -> str:
        """The JSON document."""
        return json.dumps(self.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, data: Any) -> QcResult:
        """Of what `to_json` made. Raises InputError naming the member that is missing, unknown or of another
        type.
        """
        held = dict(data) if isinstance(data, Mapping) else data
        if isinstance(held, dict):
            from candela_engines.errors import InputError

            schema = held.pop("schema", None)
            held.pop("summary", None)
            if schema != SCHEMA:
                raise InputError(f"QC result: schema {schema!r}; this version reads {SCHEMA!r}")
        return from_plain(cls, held, "QC result")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `QcResult.to_json`."""
    schema = schema_of(QcResult)
    counts = {name: {"type": "integer", "minimum": 0} for name in (*(s.value for s in Severity), "waived")}
    summary = {
        "type": "object",
        "required": ["passed", "findings"],
        "properties": {"passed": {"type": "boolean"}, "findings": {"type": "object", "properties": counts}},
    }
    schema["properties"] = {"schema": {"const": SCHEMA}, "summary": summary, **schema["properties"]}
    schema["required"] = ["schema", "summary", *schema["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA, **schema}
