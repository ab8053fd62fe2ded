"""Which of two grades of one shot is better, by how much and why, as far as it can be known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.scorer.compare import Comparison, compare_frames
from candela_engines.scorer.engine import installed_engine
from candela_engines.scorer.maps import difference_map
from candela_engines.scorer.verdict import MEANING, FrameVerdict
from candela_server.service.metrics_sides import OpenSide, SaidSide, likeness, open_side
from candela_server.service.results import Json, Work, WorkProgress, no_work, state_json
from candela_server.service.score import GradeModel, engine_for, judged, keys_of, model_of
from candela_server.service.score_sides import OpenGrade, open_grade

__all__ = ["CompareRequest", "CompareResult", "FramePair", "compare"]

_LIKE = 0.35


@dataclass(frozen=True)
class CompareRequest:
    """first, second: grades of one shot. Others as of `ScoreRequest`; frames: of the first."""

    first: Path
    second: Path
    first_said: SaidSide
    second_said: SaidSide
    reference: Path | None
    reference_said: SaidSide
    frames: tuple[int, int] | None = None
    offset: int | None = None
    key_frames: int = 5
    anyway: bool = False
    model: Path | None = None


@dataclass(frozen=True, eq=False)
class FramePair:
    """One frame of both. delta_e: mean ΔE_ITP between the two: how far apart, not which is better."""

    number: int
    first: FrameVerdict
    second: FrameVerdict
    comparison: Comparison
    delta_e: float


@dataclass(frozen=True, eq=False)
class CompareResult:
    """better: `first`, `second`, `equal` or `undecided`, of all key frames together; why: sentences."""

    request: CompareRequest
    first_state: ColourState
    second_state: ColourState
    frames: tuple[FramePair, ...]
    better: str
    why: tuple[str, ...]
    score_difference: float | None
    engine: GradeModel | None
    notes: tuple[str, ...]
    meaning: str = MEANING

    @property
    def delta_e(self) -> float:
        """Mean ΔE_ITP between the two, over the key frames."""
        return float(np.mean([frame.delta_e for frame in self.frames]))

    def to_json(self) -> Json:
        """Bare numbers; score_difference is first less second."""
        return {
            "command": "compare",
            "first": str(self.request.first),
            "first_state": state_json(self.first_state),
            "second": str(self.request.second),
            "second_state": state_json(self.second_state),
            "reference": None if self.request.reference is None else str(self.request.reference),
            "meaning": self.meaning,
            "engine": None if self.engine is None else self.engine.to_json(),
            "better": self.better,
            "score_difference": self.score_difference,
            "why": list(self.why),
            "delta_e_itp_mean": round(self.delta_e, 3),
            "frames": [
                {
                    "frame": pair.number,
                    "better": pair.comparison.better,
                    "why": list(pair.comparison.why),
                    "delta_e_itp_mean": round(pair.delta_e, 3),
                    "first": pair.first.to_json(),
                    "second": pair.second.to_json(),
                }
                for pair in self.frames
            ],
            "notes": list(self.notes),
        }


def compare(
    request: CompareRequest, progress: WorkProgress = no_work, opened: OpenSide = open_side
) -> CompareResult:
    """Judge both by the key frames of the first. opened: what opens them and the reference.

    Raises as `open_grade`, and InputError for two shots.
    """
    engine, meaning = engine_for(request.model, installed_engine())
    progress(Work("read", 0, 1, "pictures"))
    with (
        open_grade(
            request.first, request.first_said, request.reference, request.reference_said,
            frames=request.frames, offset=request.offset, anyway=request.anyway, opened=opened,
        ) as first,
        open_grade(
            request.second, request.second_said, request.reference, request.reference_said,
            offset=request.offset, anyway=request.anyway, opened=opened,
        ) as second,
    ):  # fmt: skip
        lead = _together(request, first, second)
        keys = keys_of(first, first.numbers, request.key_frames)
        pairs = []
        for done, number in enumerate(keys):
            progress(Work("measure", done, len(keys), "key frames"))
            a, b = first.frame(number), second.frame(number + lead)
            if not request.anyway and likeness(a.nits, b.nits) < _LIKE:
                raise InputError(
                    f"{request.second} looks like another shot than {request.first}; two grades of "
                    "one shot are "
                    "compared. Measure them all the same with --anyway"
                )
            va, vb = judged(a, engine), judged(b, engine)
            delta = float(difference_map(a.nits, b.nits).mean(dtype=np.float64))
            told = compare_frames(va, vb, a.evidence, b.evidence, style_decides=request.model is not None)
            pairs.append(FramePair(number, va, vb, told, delta))
        progress(Work("measure", len(keys), len(keys), "key frames"))
        better, why = _together_verdict(pairs)
        notes = [*first.notes, *second.notes, *(n for p in pairs for n in (*p.first.notes, *p.second.notes))]
        differences = [p.comparison.score_difference for p in pairs]
        known = [d for d in differences if d is not None]
        return CompareResult(
            request,
            first.side.state,
            second.side.state,
            tuple(pairs),
            better,
            why,
            math.fsum(known) / len(known) if len(known) == len(pairs) else None,
            model_of(engine),
            tuple(dict.fromkeys(notes)),
            meaning,
        )


def _together(request: CompareRequest, first: OpenGrade, second: OpenGrade) -> int:
    """What to add to a frame of the first for that of the second."""
    if first.side.size != second.side.size:
        (w, h), (ow, oh) = first.side.size, second.side.size
        raise InputError(f"{request.first} is {w}x{h}, {request.second} is {ow}x{oh}; one size is needed")
    if set(first.numbers) <= set(second.numbers):
        return 0
    if len(first.numbers) != len(second.numbers):
        raise InputError(
            f"{request.first} has {len(first.numbers)} frames, {request.second} "
            f"{len(second.numbers)}, numbered "
            "otherwise: which belong together is not plain; bring both to one numbering"
        )
    return second.numbers[0] - first.numbers[0]


def _together_verdict(pairs: list[FramePair]) -> tuple[str, tuple[str, ...]]:
    """One verdict where no key frame speaks against it, else none."""
    said = {pair.comparison.better for pair in pairs} - {"equal"}
    why = tuple(dict.fromkeys(text for pair in pairs for text in pair.comparison.why))
    if not said:
        return "equal", why
    if len(said) == 1:
        return said.pop(), why
    if {"first", "second"} <= said:
        return "undecided", ("the key frames speak for different grades", *why)
    return "undecided", why
