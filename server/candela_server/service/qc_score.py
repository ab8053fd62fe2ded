"""Scores of the shots of a QC pass, where a grade model is installed; else that there is none, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from candela_engines.errors import CandelaError
from candela_engines.qc.findings import Box
from candela_engines.qc.result import Abstention, Evidence, ScoreReason, ShotScore
from candela_engines.qc.shots import Span
from candela_engines.scorer.engine import NO_MODEL, installed_engine
from candela_engines.scorer.shots import POOLING
from candela_engines.scorer.verdict import ShotVerdict, pool
from candela_server.service.metrics_sides import SaidSide
from candela_server.service.qc_request import QcSaid
from candela_server.service.results import Work, WorkProgress
from candela_server.service.score import judged, keys_of
from candela_server.service.score_sides import open_grade

__all__ = ["models_used", "scores_of"]

_KEY_FRAMES = 3


def models_used() -> dict[str, str]:
    """SHA-256 of the grade model by its name; empty without one."""
    engine = installed_engine()
    return {} if engine is None else {f"{engine.name} {engine.version}": engine.sha256}


def scores_of(
    name: str,
    said: QcSaid,
    spans: Sequence[Span],
    numbers: Sequence[int],
    progress: WorkProgress,
    *,
    wanted: bool,
) -> dict[str, ShotScore]:
    """By the names of the shots. numbers: frames that can be read. wanted: False abstains without a look."""
    engine = installed_engine() if wanted else None
    if engine is None:
        why = NO_MODEL.removeprefix("no score: ") if wanted else "not asked for"
        return {span.name: _none(why) for span in spans}
    out: dict[str, ShotScore] = {}
    side = SaidSide("--colour", said.colour, said.range, said.matrix, said.ocio)
    try:
        with open_grade(Path(name), side, None, side) as grade:
            for done, span in enumerate(spans):
                progress(Work("check", done, len(spans), "shots", Path(name).name))
                there = [n for n in numbers if span.first <= n <= span.last]
                if not there:
                    out[span.name] = _none("none of its frames can be read")
                    continue
                verdicts = [judged(grade.frame(n), engine) for n in keys_of(grade, there, _KEY_FRAMES)]
                out[span.name] = _score(pool(span.first, span.last, verdicts))
    except CandelaError as error:
        return {span.name: out.get(span.name) or _none(str(error)) for span in spans}
    return out


def _none(why: str) -> ShotScore:
    return ShotScore(None, None, None, POOLING, None, (), (), (), (Abstention("score", why),))


def _score(verdict: ShotVerdict) -> ShotScore:
    reasons, silent = [], []
    for reason, frames in verdict.reasons:
        if reason.reason_class == "abstained":
            silent.append(Abstention(reason.kind, reason.text))
            continue
        box = reason.box
        where = None
        if box is not None:
            where = Box(box.left, box.top, box.left + box.width, box.top + box.height)
        evidence = tuple(Evidence(m.name, float(m.value), m.unit) for m in reason.evidence)
        reasons.append(
            ScoreReason(
                reason.kind,
                reason.reason_class,
                float(reason.severity),
                float(reason.confidence),
                reason.text,
                where,
                tuple(frames),
                evidence,
            )
        )
    if verdict.no_score is not None:
        silent.append(Abstention("score", verdict.no_score.removeprefix("no score: ")))
    bounds = verdict.interval
    return ShotScore(
        score=verdict.score,
        low=None if bounds is None else bounds.low,
        high=None if bounds is None else bounds.high,
        pooling=POOLING,
        worst_frame=verdict.worst,
        key_frames=tuple(frame.number for frame in verdict.frames),
        key_scores=tuple(frame.score for frame in verdict.frames),
        reasons=tuple(reasons),
        abstentions=tuple(silent),
    )
