"""A studio's own eye: choices and the pictures they were made between become a house model, or a reason why
not.
"""

from __future__ import annotations

import datetime
import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from candela_engines import __version__
from candela_engines.errors import InputError
from candela_engines.scorer.eye.calibrate import Calibration, hopeless
from candela_engines.scorer.eye.calibrate import calibrate as calibrate_choices
from candela_engines.scorer.eye.choices import Choice, read_choices
from candela_engines.scorer.eye.features import FEATURES
from candela_engines.scorer.eye.house import HouseModel, save_house
from candela_engines.scorer.eye.screening import Rater
from candela_engines.scorer.eye.thurstone import Scale, counts_of, demand_connected
from candela_server.service.results import Json, Work, WorkProgress, no_work
from candela_server.service.versions import find_versions
from candela_server.service.versions_measured import (
    Measured,
    Said,
    chosen_versions,
    demand_engine,
    measure_versions,
)

__all__ = ["CalibrateRequest", "CalibrateResult", "calibrate", "read_all_choices", "scale_json"]


@dataclass(frozen=True)
class CalibrateRequest:
    """choices: CSV files. media: folders or tables with the versions. out: the house model to write.

    name: of the house, in every score it gives. zero: a condition at 0 JOD, as the SDR reference. said: how
    pictures are read. seed: of intervals and of what is held out.
    """

    choices: tuple[Path, ...]
    media: tuple[Path, ...]
    out: Path
    name: str = ""
    zero: str | None = None
    said: Said = field(default_factory=Said)
    seed: int = 0


@dataclass(frozen=True, eq=False)
class CalibrateResult:
    """calibration: everything that was found. unscored: versions that were not learnt from, and why.

    model: the house model as it was written; None where it was refused, and nothing was.
    """

    request: CalibrateRequest
    calibration: Calibration
    versions: int
    unscored: tuple[tuple[str, str, str], ...]
    model: HouseModel | None
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """Bare numbers."""
        found = self.calibration
        return {
            "command": "calibrate",
            "choices_files": [str(path) for path in self.request.choices],
            "house_model": None if self.model is None else str(self.request.out),
            "sha256": None if self.model is None else self.model.sha256,
            "refused": None if found.refusal is None else found.refusal.to_json(),
            "raters": [rater_json(rater) for rater in found.raters],
            "choices_learnt_from": found.used,
            "versions": self.versions,
            "versions_without_a_score": [
                {"scene": scene, "condition": condition, "why": why}
                for scene, condition, why in self.unscored
            ],
            "order_p": None if math.isnan(found.order_p) else round(found.order_p, 4),
            "held_out": None if found.held is None else found.held.to_json(),
            "scales_jod": {scene: scale_json(scale) for scene, scale in found.scales.items()},
            "weights": None if self.model is None else weights_json(self.model),
            "notes": list(self.notes),
        }


def calibrate(request: CalibrateRequest, progress: WorkProgress = no_work) -> CalibrateResult:
    """Read, screen, scale, measure, teach, hold out; write the model where the data carry it.

    Where the choices alone are refused, no picture is opened.

    Raises InputError for choices that are none, versions whose pictures are not known or that nothing
    connects, and what the readers raise; InfrastructureError where no grade model is installed.
    """
    if request.out.suffix.lower() != ".npz":
        raise InputError(f"{request.out}: a house model is an .npz file; name it so")
    engine = demand_engine()
    progress(Work("read", 0, 1, "choices"))
    choices = read_all_choices(request.choices)
    _demand_scales(choices, request.zero)
    versions = chosen_versions(choices, find_versions(request.media))
    if hopeless(choices, seed=request.seed):
        measured, features = {}, dict.fromkeys(versions, np.zeros(len(FEATURES)))
    else:
        measured = measure_versions(versions.values(), request.said, engine, progress)
        features = {key: one.features for key, one in measured.items() if one.features is not None}
    progress(Work("fit", 0, 1, "choices"))
    found = calibrate_choices(choices, features, zero=request.zero, seed=request.seed)
    progress(Work("fit", 1, 1, "choices"))
    unscored = tuple((*key, one.why) for key, one in measured.items() if one.features is None)
    model = None
    if found.head is not None:
        name = request.name or request.out.name.removesuffix(".npz")
        card = _card(request, found, measured)
        model = save_house(request.out, HouseModel(name, found.head, FEATURES, engine.sha256, card))
    notes = [note for one in measured.values() for note in one.notes]
    return CalibrateResult(request, found, len(versions), unscored, model, tuple(dict.fromkeys(notes)))


def read_all_choices(paths: Sequence[Path]) -> list[Choice]:
    """Of all files together. Raises InputError where one is given twice: its choices would count double."""
    seen: dict[str, Path] = {}
    found = []
    for path in paths:
        own = read_choices(path)
        digest = _sha256(path)
        if digest in seen:
            raise InputError(f"{path}: has the same content as {seen[digest]}; its choices would count twice")
        seen[digest] = path
        found += own
    return found


def _demand_scales(choices: Sequence[Choice], zero: str | None) -> None:
    """Raise InputError early, before any picture is opened, for what has no scale."""
    judged = [c for c in choices if not c.is_catch]
    if not judged:
        raise InputError("the choices are catch trials alone; there is nothing to learn from")
    if zero is not None and not any(zero in (c.a, c.b) for c in judged):
        raise InputError(f"--zero {zero[:80]}: no choice is of that condition")
    for scene in sorted({c.scene for c in judged}):
        own = [c for c in judged if c.scene == scene]
        conditions = sorted({x for c in own for x in (c.a, c.b)})
        demand_connected(scene, conditions, counts_of(own, conditions))


def _card(request: CalibrateRequest, found: Calibration, measured: dict[tuple[str, str], Measured]) -> Json:
    """What a house model says of itself: no names of raters, which are persons'."""
    assert found.held is not None
    kept = [rater for rater in found.raters if not rater.why]
    return {
        "made_by": f"candela {__version__}",
        "made_at": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "choices_sha256": [_sha256(path) for path in request.choices],
        "choices": found.used,
        "raters": len(kept),
        "raters_left_out": len(found.raters) - len(kept),
        "scenes": sorted(found.scales),
        "versions": len(measured),
        "order_p": round(found.order_p, 4),
        "held_out": found.held.to_json(),
        "recipe": "held",
        "seed": request.seed,
    }


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def rater_json(rater: Rater) -> Json:
    """Bare numbers; null where nothing can be said."""
    return {key: None if isinstance(v, float) and math.isnan(v) else v for key, v in asdict(rater).items()}


def scale_json(scale: Scale) -> list[Json]:
    """A scene's versions, best first, each with its interval; null where there are too few raters."""
    rows: list[Json] = []
    for at in sorted(range(len(scale.conditions)), key=lambda i: -scale.jod[i]):
        low, high = float(scale.low[at]), float(scale.high[at])
        rows.append(
            {
                "condition": scale.conditions[at],
                "jod": round(float(scale.jod[at]), 4),
                "low": None if math.isnan(low) else round(low, 4),
                "high": None if math.isnan(high) else round(high, 4),
                "comparisons": round(float(scale.wins[at].sum() + scale.wins[:, at].sum())),
            }
        )
    return rows


def weights_json(model: HouseModel) -> Json:
    """JOD a unit of each feature: what the house likes, as far as it was learnt."""
    return {name: round(float(w), 4) for name, w in zip(model.features, model.head.weights, strict=True)}
