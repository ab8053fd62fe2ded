"""The score of a shot as results tell it: bounds, reasons with their evidence, and what no number is given
for."""

from __future__ import annotations

from dataclasses import dataclass

from candela_engines.qc.findings import Box

__all__ = ["Abstention", "Evidence", "ScorePart", "ScoreReason", "ShotScore"]


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
