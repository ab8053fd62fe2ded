"""What a rule found: severity, place in time and picture, measured and limit, and who let it pass."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Box", "Finding", "Severity", "Waiver"]


class Severity(StrEnum):
    """How grave a finding is, in the words of delivery specifications; they compare by rank."""

    FYI = "fyi"
    ISSUE = "issue"
    BLOCKER = "blocker"

    @property
    def rank(self) -> int:
        """0, 1, 2 from FYI to Blocker."""
        return list(Severity).index(self)

    @property
    def word(self) -> str:
        """As people write it: FYI, Issue, Blocker."""
        return {"fyi": "FYI", "issue": "Issue", "blocker": "Blocker"}[self.value]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the stored picture in pixels, from the upper left: left and top in it, right, bottom
    behind.
    """

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int

    def overlaps(self, other: Box) -> bool:
        """Whether both share a pixel."""
        return (
            self.left_px < other.right_px and other.left_px < self.right_px
            and self.top_px < other.bottom_px and other.top_px < self.bottom_px
        )  # fmt: skip

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left_px, other.left_px), min(self.top_px, other.top_px),
            max(self.right_px, other.right_px), max(self.bottom_px, other.bottom_px),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiver:
    """Who let a finding pass, why, and when (ISO 8601, UTC)."""

    author: str
    reason: str
    date: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule is broken.

    code: of the rule, as `light.max_cll`. severity: as the profile has it. group: of the rule (light, levels,
    gamut, metadata, picture, time, network, score, file). clip: the path as in `ClipResult.path`. shot: its
    name, None for what is of the whole clip. first, last: frame numbers, both in it; None for what is of the
    file and no frame. timecode_in, timecode_out: of these two frames, None where the clip has none.
    frames_count: how many of first..last show it. worst_frame: the one that `measured` is from. box: where in
    the stored picture, None for all of it. measured, limit: in `unit`, None where there is no number.
    limit_text: the limit in words where it takes more than one number, as "0.1 % of pixels in 2 frames".
    source: the standard or practice that the rule is from; `candela` for thresholds of our own. sentence:
    for people. key: names the finding by rule, picture and place: what a waiver is matched by.
    """

    code: str
    severity: Severity
    group: str
    clip: str
    shot: str | None
    first: int | None
    last: int | None
    timecode_in: str | None
    timecode_out: str | None
    frames_count: int
    worst_frame: int | None
    box: Box | None
    measured: float | None
    limit: float | None
    unit: str
    limit_text: str
    source: str
    sentence: str
    key: str
    waiver: Waiver | None = None

    @property
    def counts(self) -> bool:
        """Whether it is not waived."""
        return self.waiver is None
