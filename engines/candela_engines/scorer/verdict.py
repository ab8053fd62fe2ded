"""The verdict on a frame and on a shot: a score where a model is installed, and reasons always."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from candela_engines.metrics import Rectangle
from candela_engines.scorer.engine import NO_MODEL, Grade, GradeEngine
from candela_engines.scorer.evidence import Evidence
from candela_engines.scorer.misread import Suspicion
from candela_engines.scorer.reasons import Reason, find_reasons
from candela_engines.scorer.shots import POOLING

__all__ = [
    "MEANING",
    "NEEDS_REFERENCE",
    "FrameVerdict",
    "ScoreInterval",
    "ShotVerdict",
    "judge",
    "no_score",
    "pool",
]

NEEDS_REFERENCE = "no score: the grade model needs the SDR reference"

MEANING = (
    "a score of fidelity and violation, -6 to 10, the SDR reference at 0: nobody rated these pictures, and "
    "it is no preference"
)


@dataclass(frozen=True, slots=True)
class ScoreInterval:
    """Between which scores nine of ten held-out grades of the score lay."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class FrameVerdict:
    """One frame. score: None with the reason in `no_score`. area: the active picture. notes: sentences.

    interval: where nine of ten held-out grades of that score lay, None where the model does not say.
    """

    number: int
    score: float | None
    no_score: str | None
    reasons: tuple[Reason, ...]
    area: Rectangle
    size: tuple[int, int]
    notes: tuple[str, ...]
    interval: ScoreInterval | None = None

    def to_json(self) -> dict[str, Any]:
        """Bare numbers."""
        area = self.area
        return {
            "frame": self.number,
            "score": None if self.score is None else round(self.score, 3),
            "score_interval": _rounded(self.interval),
            "no_score": self.no_score,
            "active_area_px": {
                "left": area.left,
                "top": area.top,
                "width": area.width,
                "height": area.height,
            },
            "reasons": [reason.to_json() for reason in self.reasons],
        }


@dataclass(frozen=True, eq=False)
class ShotVerdict:
    """A shot from `first` to `last`, judged by its key frames (`POOLING`). worst: frame of the least score.

    reasons: of the shot, each with the frames that show it.
    """

    first: int
    last: int
    frames: tuple[FrameVerdict, ...]
    score: float | None
    no_score: str | None
    worst: int | None
    reasons: tuple[tuple[Reason, tuple[int, ...]], ...]
    interval: ScoreInterval | None = None

    def to_json(self) -> dict[str, Any]:
        """Bare numbers; the trend over the key frames under `frames`."""
        told = []
        for reason, frames in self.reasons:
            told.append({**reason.to_json(), "frames": list(frames)})
        return {
            "first": self.first,
            "last": self.last,
            "score": None if self.score is None else round(self.score, 3),
            "score_interval": _rounded(self.interval),
            "no_score": self.no_score,
            "worst_frame": self.worst,
            "pooling": POOLING,
            "reasons": told,
            "frames": [frame.to_json() for frame in self.frames],
        }


def judge(
    evidence: Evidence,
    engine: GradeEngine | None,
    *,
    number: int = 0,
    suspicions: Sequence[Suspicion] = (),
    notes: Sequence[str] = (),
) -> FrameVerdict:
    """Reasons, and a score unless there is none to give: no model, no reference, a wrong tag, one level."""
    height, width = evidence.nits.shape[:2]
    area, said = evidence.area, list(notes)
    if area.width < width or area.height < height:
        said.append(
            f"the active picture is {area.width}x{area.height} at x={area.left}, y={area.top}; bars "
            "are left out"
        )
    score, why = None, no_score(evidence, suspicions) or NO_MODEL
    grade = None
    if engine is not None and not evidence.is_constant:
        grade = engine.grade(evidence.description, with_reference=evidence.relation is not None)
    if why is NO_MODEL and engine is not None:
        score, why = (None, NEEDS_REFERENCE) if grade is None else (grade.score, _too_far(grade))
    interval = None
    if score is not None and grade is not None and grade.low is not None and grade.high is not None:
        interval = ScoreInterval(grade.low, grade.high)
    chances = grade.faults if grade is not None and grade.decides else {}
    reasons = find_reasons(evidence, suspicions, chances)
    return FrameVerdict(number, score, why or None, reasons, area, (width, height), tuple(said), interval)


def no_score(evidence: Evidence, suspicions: Sequence[Suspicion] = ()) -> str:
    """Why no model is to score a picture: one level, a wrong tag, too small; empty where one may."""
    area = evidence.area
    if evidence.is_constant:
        return "no score: the picture is of one level"
    if suspicions:
        return "no score: the colour tag looks wrong"
    if min(area.width, area.height) < 64:
        return f"no score: {area.width}x{area.height} pixels are too few"
    if evidence.relation is not None and evidence.relation.curve is None:
        return "no score: the SDR reference is of one level"
    return ""


def _too_far(grade: Grade) -> str:
    """Why a model that was asked gives no score; empty where it gives one."""
    if grade.score is not None:
        return ""
    shown = ", ".join(grade.outside[:3])
    return f"no score: {len(grade.outside)} descriptors lie beyond what the model was taught on ({shown}, …)"


def _rounded(interval: ScoreInterval | None) -> list[float] | None:
    return None if interval is None else [round(side, 2) for side in (interval.low, interval.high)]


def pool(first: int, last: int, frames: Sequence[FrameVerdict]) -> ShotVerdict:
    """A shot of its key frames, at least one. See POOLING."""
    scored = [frame for frame in frames if frame.score is not None]
    score = statistics.fmean(f.score for f in scored if f.score is not None) if scored else None
    worst = min(scored, key=lambda f: (f.score, f.number)).number if scored else None
    spans = [(f.interval.low, f.interval.high) for f in scored if f.interval is not None]
    interval = None
    if spans:
        # Key frames of a shot err together: the mean of the bounds, and not less for being several.
        interval = ScoreInterval(*(statistics.fmean(side) for side in zip(*spans, strict=True)))
    grouped: dict[tuple[str, str], list[tuple[Reason, int]]] = {}
    for frame in frames:
        for reason in frame.reasons:
            grouped.setdefault((reason.kind, reason.reason_class), []).append((reason, frame.number))
    told = []
    for (_, reason_class), some in grouped.items():
        ranked = sorted(some, key=lambda one: (one[0].severity, -one[1]))
        # A violation counts where it is worst; of a deviation the median frame is typical.
        reason = ranked[-1][0] if reason_class == "violation" else ranked[len(ranked) // 2][0]
        told.append((replace(reason), tuple(number for _, number in some)))
    order = {"violation": 0, "deviation": 1, "abstained": 2}
    told.sort(key=lambda one: (order[one[0].reason_class], one[0].within, -one[0].severity))
    return ShotVerdict(
        first,
        last,
        tuple(frames),
        score,
        None if scored else frames[0].no_score,
        worst,
        tuple(told),
        interval,
    )
