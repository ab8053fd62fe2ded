"""What the scorer measures of the versions of a data set: features of a head, and stock scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.scorer.engine import GradeEngine, installed_engine
from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.features import features_of, mean_features
from candela_engines.scorer.verdict import no_score
from candela_server.service.metrics_sides import SaidSide
from candela_server.service.results import Work, WorkProgress
from candela_server.service.score import keys_of
from candela_server.service.score_sides import Frame, OpenGrade, open_grade
from candela_server.service.versions import Version, references_named

__all__ = ["Measured", "Said", "chosen_versions", "demand_engine", "measure_versions"]

F64 = NDArray[np.float64]
_MOST_SHOWN = 8


@dataclass(frozen=True)
class Said:
    """What was said of how all versions and references are read, where a table does not say it of one."""

    colour: str | None = None
    reference_colour: str | None = None
    ocio: str | None = None
    key_frames: int = 5


@dataclass(frozen=True, eq=False)
class Measured:
    """Of one version. features: (D,), means over key frames; None with the reason in `why`."""

    version: Version
    features: F64 | None
    why: str
    notes: tuple[str, ...]


def demand_engine() -> GradeEngine:
    """The grade model that is installed. Raises InfrastructureError where there is none."""
    engine = installed_engine()
    if engine is None:
        raise InfrastructureError(
            "no grade model is installed, and a house model stands on it; reinstall candela-hdr"
        )
    return engine


def chosen_versions(
    choices: Sequence[Choice], known: Mapping[tuple[str, str], Version]
) -> dict[tuple[str, str], Version]:
    """A version for each that was chosen between: of the tables, else the file that a choice names.

    Raises InputError naming those whose picture is not known.
    """
    references = {v.scene: v for v in known.values() if v.reference is not None}
    named = references_named(known, ((c.scene, x) for c in choices for x in (c.a, c.b)))
    found: dict[tuple[str, str], Version] = {}
    unknown: list[str] = []
    for choice in choices:
        if choice.is_catch:
            continue
        for condition, file in ((choice.a, choice.file_a), (choice.b, choice.file_b)):
            key = choice.scene, condition
            beside = references.get(choice.scene)
            if key in found:
                continue
            if key in known or key in named:
                found[key] = known[key] if key in known else named[key]
            elif file and Path(file).exists():
                found[key] = Version(
                    *key, Path(file), None if beside is None else beside.reference,
                    None, None if beside is None else beside.reference_colour,
                )  # fmt: skip
            elif (said := f"{condition} of scene {choice.scene}") not in unknown:
                unknown.append(said)
    if unknown:
        more = f" and {len(unknown) - _MOST_SHOWN} more" if len(unknown) > _MOST_SHOWN else ""
        raise InputError(
            f"the pictures of {', '.join(unknown[:_MOST_SHOWN])}{more} are not known; give the folder or the "
            "table with them as --media (scene and condition as in the choices)"
        )
    return found


def measure_versions(
    versions: Iterable[Version],
    said: Said,
    engine: GradeEngine,
    progress: WorkProgress,
    *,
    also: Callable[[Version, OpenGrade, Frame], None] | None = None,
) -> dict[tuple[str, str], Measured]:
    """Open each beside its reference and describe its key frames. also: is given every one of these frames.

    Raises InputError for a version without a reference, which the grade model needs, and what `open_grade`
    raises, with the version in front.
    """
    versions = list(versions)
    lacking = [v for v in versions if v.reference is None]
    if lacking:
        v = lacking[0]
        raise InputError(
            f"{v.file} ({v.scene}, {v.condition}) has no SDR reference, which the scorer needs; put it "
            "beside the versions as sdr.*, or name it in versions.csv as reference"
        )
    found = {}
    for done, version in enumerate(versions):
        progress(Work("measure", done, len(versions), "versions", version.scene))
        found[version.key] = _measured(version, said, engine, also)
    progress(Work("measure", len(versions), len(versions), "versions"))
    return found


def _measured(
    version: Version,
    said: Said,
    engine: GradeEngine,
    also: Callable[[Version, OpenGrade, Frame], None] | None,
) -> Measured:
    if version.is_reference:
        return Measured(version, None, "is the SDR reference itself: the grade model scores grades", ())
    grade_said = SaidSide("--colour", version.colour or said.colour, ocio=said.ocio)
    other = SaidSide("--reference-colour", version.reference_colour or said.reference_colour, ocio=said.ocio)
    with open_grade(version.file, grade_said, version.reference, other) as grade:
        rows, notes = [], list(grade.notes)
        for number in keys_of(grade, grade.numbers, said.key_frames):
            frame = grade.frame(number)
            notes += frame.notes
            if also is not None:
                also(version, grade, frame)
            why = no_score(frame.evidence, frame.suspicions)
            graded = engine.grade(frame.evidence.description, with_reference=True)
            if not why and (graded is None or graded.score is None):
                why = "no score: too many descriptors lie beyond what the model was taught on"
            if why or graded is None or graded.score is None:
                return Measured(version, None, why, tuple(dict.fromkeys(notes)))
            rows.append(features_of(frame.evidence.description, graded.score))
    return Measured(version, mean_features(rows), "", tuple(dict.fromkeys(notes)))
