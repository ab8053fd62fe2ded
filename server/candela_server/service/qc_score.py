"""Scores of the shots of a QC pass, where a grade model is installed; else that there is none, and why.

    FOLDER/scores/<key>.json    the score of a shot, by the prints of its frames and of its reference's, how
                                both are read, and the model

A shot that has not changed, nor its reference, is not judged again, wherever it has moved to: frames are
counted from its first.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path

from candela_engines import __version__
from candela_engines.errors import CandelaError, InfrastructureError, InputError
from candela_engines.media.atomic import write_atomic
from candela_engines.qc.findings import Box
from candela_engines.qc.folder import make_folder
from candela_engines.qc.measuring import MeasuredClip
from candela_engines.qc.records import from_plain, to_plain
from candela_engines.qc.result import Abstention, Evidence, ScoreReason, ShotScore
from candela_engines.qc.shots import Span
from candela_engines.scorer.engine import NO_MODEL, GradeEngine, installed_engine
from candela_engines.scorer.shots import POOLING
from candela_engines.scorer.verdict import ShotVerdict, pool
from candela_server.service.metrics_sides import SaidSide
from candela_server.service.qc_reference import ShotReference
from candela_server.service.qc_request import QcSaid
from candela_server.service.results import Work, WorkProgress
from candela_server.service.score import judged, keys_of
from candela_server.service.score_sides import OpenGrade, open_grade

__all__ = ["judge_of", "models_used", "scores_of"]

_KEY_FRAMES = 3
_WAY_OUT = "Give the reference of this clip, in the same cut"


def models_used() -> dict[str, str]:
    """SHA-256 of the grade model by its name; empty without one."""
    engine = installed_engine()
    return {} if engine is None else {f"{engine.name} {engine.version}": engine.sha256}


def scores_of(
    name: str,
    said: QcSaid,
    spans: Sequence[Span],
    clip: MeasuredClip,
    folder: Path,
    progress: WorkProgress,
    *,
    wanted: bool,
    referred: Callable[[], ShotReference | None],
) -> dict[str, ShotScore]:
    """By the names of the shots; what was judged is kept in `folder`. wanted: False abstains without a look.
    referred: opens the SDR reference, asked only where something judges.
    Raises InfrastructureError where the disk refuses.
    """
    engine = judge_of(wanted=wanted)
    if engine is None:
        why = NO_MODEL.removeprefix("no score: ") if wanted else "not asked for"
        return {span.name: _none(why) for span in spans}
    reference = referred()
    if reference is not None and reference.failed is not None:
        return {span.name: _none(reference.failed) for span in spans}
    out: dict[str, ShotScore] = {}
    with ExitStack() as stack:
        opened: list[OpenGrade] = []

        def grade() -> OpenGrade:
            """The clip as the scorer reads it, opened for the first shot that is not kept."""
            if not opened:
                side = SaidSide("--colour", said.colour, said.range, said.matrix, said.ocio)
                opened.append(stack.enter_context(_opened(Path(name), side, reference)))
            return opened[0]

        try:
            for done, span in enumerate(spans):
                progress(Work("check", done, len(spans), "shots", Path(name).name))
                out[span.name] = _shot(clip, span, said, engine, grade, folder, reference)
        except InfrastructureError:
            raise
        except CandelaError as error:
            return {span.name: out.get(span.name) or _none(str(error)) for span in spans}
    return out


def judge_of(*, wanted: bool) -> GradeEngine | None:
    """What judges, where scores are wanted and a grade model is installed."""
    return installed_engine() if wanted else None


def _opened(path: Path, side: SaidSide, reference: ShotReference | None) -> AbstractContextManager[OpenGrade]:
    if reference is None:
        return open_grade(path, side, None, side)
    return open_grade(path, side, reference.path, reference.side, offset=reference.offset, way_out=_WAY_OUT)


def _shot(
    clip: MeasuredClip, span: Span, said: QcSaid, engine: GradeEngine, grade: Callable[[], OpenGrade],
    folder: Path, reference: ShotReference | None,
) -> ShotScore:  # fmt: skip
    there = [n for n in clip.numbers if span.first <= n <= span.last and n not in clip.unread]
    if not there:
        return _none("none of its frames can be read")
    path = folder / "scores" / f"{_key(clip, there, span.first, said, engine, reference)}.json"
    kept = _recalled(path)
    if kept is None:
        opened = grade()
        try:
            verdicts = [judged(opened.frame(n), engine) for n in keys_of(opened, there, _KEY_FRAMES)]
        except InputError as error:  # of this shot: other shots may well belong to their reference
            return _none(str(error))
        kept = _moved(_score(pool(span.first, span.last, verdicts)), -span.first)
        make_folder(path.parent)
        write_atomic(path, json.dumps(to_plain(kept)).encode())
    return _moved(kept, span.first)


def _key(
    clip: MeasuredClip, numbers: Sequence[int], first: int, said: QcSaid, engine: GradeEngine,
    reference: ShotReference | None,
) -> str:  # fmt: skip
    """All that a shot's score depends on."""
    settings = {
        "candela": __version__, "model": engine.sha256, "pooling": POOLING, "key_frames": _KEY_FRAMES,
        "state": clip.state.to_dict(), "matrix": said.matrix, "ocio": said.ocio,
        "reference": None if reference is None else reference.settings(),
    }  # fmt: skip
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode())
    for number in numbers:
        digest.update(f" {number - first} ".encode() + (clip.prints.of(number) or b""))
        if reference is not None:
            digest.update(b" beside " + reference.print_of(number))
    return digest.hexdigest()[:32]


def _recalled(path: Path) -> ShotScore | None:
    """A kept score; None where there is none, or damaged."""
    try:
        return from_plain(ShotScore, json.loads(path.read_text()), str(path))
    except (OSError, ValueError, InputError):
        return None


def _moved(score: ShotScore, by: int) -> ShotScore:
    """With its frames counted from elsewhere."""
    reasons = tuple(replace(r, frames=tuple(n + by for n in r.frames)) for r in score.reasons)
    worst = None if score.worst_frame is None else score.worst_frame + by
    keys = tuple(n + by for n in score.key_frames)
    return replace(score, reasons=reasons, worst_frame=worst, key_frames=keys)


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
        # A ratio to a reference without any light is no number, and no JSON.
        measured = [m for m in reason.evidence if math.isfinite(m.value)]
        evidence = tuple(Evidence(m.name, float(m.value), m.unit) for m in measured)
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
