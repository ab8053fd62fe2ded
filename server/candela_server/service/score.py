"""Judging an HDR grade: shots, key frames, reasons, and a score where a grade model is installed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState
from candela_engines.errors import InfrastructureError
from candela_engines.media.cuts import CutFinder, proxy_of
from candela_engines.scorer.engine import GradeEngine, installed_engine
from candela_engines.scorer.eye.house import HOUSE_MEANING, house_engine, load_house
from candela_engines.scorer.shots import candidates, key_frames, thumbnail
from candela_engines.scorer.verdict import MEANING, FrameVerdict, ShotVerdict, judge, pool
from candela_server.service.metrics_sides import OpenSide, SaidSide, open_side
from candela_server.service.results import Json, Work, WorkProgress, no_work, state_json
from candela_server.service.score_overlay import write_overlays
from candela_server.service.score_sides import Frame, OpenGrade, open_grade
from candela_server.service.score_vlm import VlmAnswers, VlmAsking, VlmSaid

__all__ = ["GradeModel", "ScoreRequest", "ScoreResult", "engine_for", "model_of", "score"]


@dataclass(frozen=True)
class ScoreRequest:
    """grade: a still, movie, pattern or folder. reference: its SDR version, or None (weaker, and marked so).

    frames: both included. offset: from a frame's number to the reference's. key_frames: at most, of a shot.
    overlay: folder for pictures of the key frames. anyway: judge beside a reference that looks like another.
    model: a house model that scores in place of the stock one. vlm: a served model that does.
    """

    grade: Path
    said: SaidSide
    reference: Path | None
    reference_said: SaidSide
    frames: tuple[int, int] | None = None
    offset: int | None = None
    key_frames: int = 5
    overlay: Path | None = None
    anyway: bool = False
    model: Path | None = None
    vlm: VlmSaid | None = None


@dataclass(frozen=True)
class GradeModel:
    """Which grade model gave a score, as its engine says it: `GradeEngine.to_json`."""

    name: str
    version: str
    sha256: str
    inputs: str
    reference: str

    def to_json(self) -> Json:
        """The same."""
        return asdict(self)


def model_of(engine: GradeEngine | None) -> GradeModel | None:
    """Of the engine that is installed, if any."""
    return None if engine is None else GradeModel(**engine.to_json())


@dataclass(frozen=True, eq=False)
class ScoreResult:
    """shots: in order. engine: the grade model, None where none is installed.

    meaning: of the scores. vlm: what a served model was asked and said, None where none was.
    """

    request: ScoreRequest
    state: ColourState
    reference_state: ColourState | None
    size: tuple[int, int]
    shots: tuple[ShotVerdict, ...]
    engine: GradeModel | None
    overlays: tuple[Path, ...]
    notes: tuple[str, ...]
    meaning: str = MEANING
    vlm: VlmAnswers | None = None

    @property
    def worst_violation(self) -> float:
        """Severity of the worst violation of any shot, 0..1; −1 where there is none."""
        found = [r.severity for shot in self.shots for r, _ in shot.reasons if r.reason_class == "violation"]
        return max(found, default=-1.0)

    def to_json(self) -> Json:
        """Bare numbers, units in the keys or beside them."""
        return {
            "command": "score",
            "grade": str(self.request.grade),
            "grade_state": state_json(self.state),
            "reference": None if self.request.reference is None else str(self.request.reference),
            "reference_state": None if self.reference_state is None else state_json(self.reference_state),
            "width_px": self.size[0],
            "height_px": self.size[1],
            "meaning": self.meaning,
            "engine": None if self.engine is None else self.engine.to_json(),
            "vlm": None if self.vlm is None else self.vlm.to_json(),
            "shots": [shot.to_json() for shot in self.shots],
            "overlays": [str(path) for path in self.overlays],
            "notes": list(self.notes),
        }


def score(
    request: ScoreRequest, progress: WorkProgress = no_work, opened: OpenSide = open_side
) -> ScoreResult:
    """Judge a grade. opened: what opens it and its reference.

    Raises as `open_grade`; InfrastructureError for a damaged grade model.
    """
    engine, meaning = engine_for(request.model, installed_engine())
    asking = None if request.vlm is None else VlmAsking(request.vlm)
    progress(Work("read", 0, 1, "pictures"))
    with open_grade(
        request.grade,
        request.said,
        request.reference,
        request.reference_said,
        frames=request.frames,
        offset=request.offset,
        anyway=request.anyway,
        opened=opened,
    ) as grade:
        shots, notes, overlays = [], list(grade.notes), []
        spans = shot_spans(grade, progress)
        chosen = [keys_of(grade, span, request.key_frames) for span in spans]
        total, done = sum(len(keys) for keys in chosen), 0
        for span, keys in zip(spans, chosen, strict=True):
            verdicts = []
            for number in keys:
                progress(Work("measure", done, total, "key frames"))
                frame = grade.frame(number)
                verdict = judged(frame, engine)
                if asking is not None:
                    verdict = asking.judge(frame, verdict)
                verdicts.append(verdict)
                notes += [n if total == 1 else f"frame {number}: {n}" for n in verdict.notes]
                if request.overlay is not None:
                    several = len(grade.numbers) > 1
                    overlays += write_overlays(
                        request.overlay, request.grade, frame, verdict, several=several
                    )
                done += 1
            shots.append(pool(span[0], span[-1], verdicts))
        progress(Work("measure", total, total, "key frames"))
        if request.reference is None:
            notes.append(
                "there is no SDR reference: only what shows in the grade alone is told, and less surely"
            )
        other = grade.reference
        return ScoreResult(
            request,
            grade.side.state,
            None if other is None else other.state,
            grade.side.size,
            tuple(shots),
            model_of(engine),
            tuple(overlays),
            tuple(dict.fromkeys(notes)),
            meaning if asking is None else asking.meaning,
            None if asking is None else asking.answers(),
        )


def engine_for(model: Path | None, stock: GradeEngine | None) -> tuple[GradeEngine | None, str]:
    """What scores, and what its scores mean: a house model on the stock one, or the stock one alone.

    Raises InputError for a file that is no house model of the installed grade model, InfrastructureError
    where none is installed for it to stand on.
    """
    if model is None:
        return stock, MEANING
    house = load_house(model)
    if stock is None:
        raise InfrastructureError(
            f"{model}: stands on the grade model, and none is installed; reinstall candela-hdr"
        )
    return house_engine(stock, house, model), HOUSE_MEANING


def judged(frame: Frame, engine: GradeEngine | None) -> FrameVerdict:
    """The verdict on a frame that was read."""
    return judge(frame.evidence, engine, number=frame.number, suspicions=frame.suspicions, notes=frame.notes)


def shot_spans(grade: OpenGrade, progress: WorkProgress = no_work) -> list[list[int]]:
    """Numbers of the frames of each shot: of a clip by its cuts, of few frames all in one."""
    numbers, clip = grade.numbers, grade.side.clip
    if clip is None or len(numbers) < 8:
        return [numbers]
    finder, wanted = CutFinder(), set(numbers)
    for done, frame in enumerate(clip.frames(numbers[0], numbers[-1])):
        progress(Work("cut", done, len(numbers)))
        if frame.number in wanted:
            codes = frame.codes
            if codes.dtype.kind == "f" and grade.side.state.transfer == "linear":
                # Light has to be encoded before cuts can be told in it.
                finder.add(frame.number, proxy_of(_encoded(codes), 32))
            else:
                finder.add(frame.number, proxy_of(codes, frame.bits))
    spans = [[n for n in numbers if shot.first <= n <= shot.last] for shot in finder.finish()]
    return [span for span in spans if span] or [numbers]


def _encoded(light: NDArray[np.generic]) -> NDArray[np.float32]:
    values = np.nan_to_num(np.asarray(light, np.float32))
    return np.asarray(np.power(np.clip(values / 1000, 0, 1), np.float32(1 / 2.4)), np.float32)


def keys_of(grade: OpenGrade, span: list[int], most: int) -> list[int]:
    """Key frames of a shot (`scorer.shots`)."""
    if len(span) <= 2:
        return span[:most]
    return key_frames({n: thumbnail(grade.light(n)) for n in candidates(span)}, most)
