"""Scorers held against what people said, on anybody's data: the table, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from candela_engines.errors import InputError
from candela_engines.scorer.eye.choices import Choice
from candela_engines.scorer.eye.evaluation import FIGURES, Ratings, Row
from candela_engines.scorer.eye.evaluation import evaluate as evaluate_scores
from candela_engines.scorer.eye.features import FEATURES
from candela_engines.scorer.eye.house import load_house
from candela_engines.scorer.eye.screening import Rater, screen
from candela_engines.scorer.eye.splits import split_half
from candela_engines.scorer.eye.thurstone import scale_scene
from candela_server.service.calibrate import read_all_choices
from candela_server.service.evaluate_baselines import BASELINES, Baselines, read_scores
from candela_server.service.results import Json, WorkProgress, no_work
from candela_server.service.versions import Version, find_versions, references_named
from candela_server.service.versions_measured import Said, demand_engine, measure_versions

__all__ = ["PUBLISHED", "EvaluateRequest", "EvaluateResult", "evaluate"]

F64 = NDArray[np.float64]
PUBLISHED = (
    "the authors of HDR-VLM report PLCC 0.9033 and SROCC 0.8667 on their own ratings, which are not "
    "public: a figure here stands beside those only where the ratings are the same"
)


@dataclass(frozen=True)
class EvaluateRequest:
    """dataset: folder or table of versions. choices: CSV files, else those beside it named choices*.csv.

    model: a house model, evaluated as well. scores: CSV files with further scorers. zero: a condition at 0
    JOD.
    """

    dataset: Path
    choices: tuple[Path, ...] = ()
    model: Path | None = None
    scores: tuple[Path, ...] = ()
    zero: str | None = None
    said: Said = field(default_factory=Said)
    seed: int = 0


@dataclass(frozen=True, eq=False)
class EvaluateResult:
    """source: what the ratings are. ceiling: split-half reliability of the ratings, None where not known."""

    request: EvaluateRequest
    source: str
    scenes: int
    versions: int
    choices: int
    raters: tuple[Rater, ...]
    rows: tuple[Row, ...]
    ceiling: float | None
    notes: tuple[str, ...]

    def to_json(self) -> Json:
        """Bare numbers; a figure that cannot be told is null, and so are bounds of fewer than three
        scenes.
        """
        rows: list[Json] = []
        for row in self.rows:
            figures: Json = {}
            for key in FIGURES:
                found = row.figures[key]
                figures[key] = None if found is None else {k: _known(v) for k, v in found.to_json().items()}
            rows.append({"scorer": row.name, "versions_scored": row.count, **figures})
        return {
            "command": "evaluate",
            "dataset": str(self.request.dataset),
            "ratings": self.source,
            "scenes": self.scenes,
            "versions": self.versions,
            "choices": self.choices,
            "raters": len(self.raters),
            "raters_left_out": [r.name for r in self.raters if r.why],
            "split_half_ceiling": self.ceiling,
            "scorers": rows,
            "notes": list(self.notes),
        }


def evaluate(request: EvaluateRequest, progress: WorkProgress = no_work) -> EvaluateResult:
    """Measure all versions, and hold every scorer against the ratings.

    Raises InputError for a data set without ratings, choices of unknown versions, and as `measure_versions`.
    """
    engine = demand_engine()
    house = None if request.model is None else load_house(request.model)
    if house is not None and house.stock_sha256 != engine.sha256:
        raise InputError(f"{request.model}: was calibrated on another grade model; calibrate anew")
    known = find_versions([request.dataset])
    raters, choices = _choices(request, known)
    ratings, source, notes = _ratings(known, choices, request)
    further = {name: column for path in request.scores for name, column in read_scores(path).items()}
    baselines = Baselines(request.said)
    chosen = [known[key] for key in ratings.versions]
    measured = measure_versions(chosen, request.said, engine, progress, also=baselines.add)
    stock, by_house = [], []
    for key in ratings.versions:
        features = measured[key].features
        stock.append(math.nan if features is None else float(features[FEATURES.index("stock_score")]))
        if house is not None:
            row = None if features is None else features[[FEATURES.index(n) for n in house.features]][None]
            by_house.append(math.nan if row is None else float(house.head.score(row)[0]))
        if features is None:
            notes.append(f"{key[0]}, {key[1]}: {measured[key].why}")
    dice = np.random.default_rng(request.seed)
    scores: dict[str, F64] = {"candela": np.array(stock)}
    if house is not None:
        scores[f"house model {house.name}"] = np.array(by_house)
        if set(house.card.get("scenes", ())) & {scene for scene, _ in ratings.versions}:
            notes.append("the house model was taught on scenes of this data set: its row is no test of it")
    for name in further:
        scores[name] = np.array([further[name].get(key, math.nan) for key in ratings.versions])
    for name in BASELINES:
        column = np.array([baselines.value(name, key) for key in ratings.versions])
        if np.isfinite(column).any():
            scores[name] = column
    scores["random"] = dice.random(len(ratings.versions))
    rows = evaluate_scores(ratings, scores, seed=request.seed)
    return EvaluateResult(
        request, source, len({s for s, _ in ratings.versions}), len(ratings.versions), len(ratings.choices),
        tuple(raters), tuple(rows), split_half(choices, seed=request.seed), tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _choices(
    request: EvaluateRequest, known: dict[tuple[str, str], Version]
) -> tuple[list[Rater], list[Choice]]:
    """Of the raters who are kept, of versions that are known: SDR references that were judged as well."""
    folder = request.dataset if request.dataset.is_dir() else request.dataset.parent
    paths = request.choices or tuple(sorted(folder.glob("choices*.csv")))
    if not paths:
        return [], []
    raters, kept = screen(read_all_choices(paths))
    known.update(references_named(known, ((c.scene, x) for c in kept for x in (c.a, c.b))))
    unknown = sorted({(c.scene, x) for c in kept for x in (c.a, c.b)} - set(known))
    if unknown:
        shown = "; ".join(f"{scene}, {condition}" for scene, condition in unknown[:8])
        raise InputError(
            f"{len(unknown)} versions of the choices are not in {request.dataset}: {shown}; name scenes and "
            "conditions as in the choices"
        )
    return raters, kept


def _ratings(
    known: Mapping[tuple[str, str], Version], choices: Sequence[Choice], request: EvaluateRequest
) -> tuple[Ratings, str, list[str]]:
    """The JOD that a table gives, else scaled from choices; of what, and notes."""
    given = {key: v.jod for key, v in known.items() if not math.isnan(v.jod)}
    if len(given) >= 3:
        keys = tuple(sorted(given))
        left = len(known) - len(given)
        notes = [f"{left} versions have no jod and are left out"] if left else []
        return Ratings(keys, np.array([given[k] for k in keys]), tuple(choices)), "jod of the table", notes
    if not choices:
        raise InputError(
            f"{request.dataset}: holds no ratings; give a column jod in versions.csv, or choices.csv "
            "beside it"
        )
    values: dict[tuple[str, str], float] = {}
    apart = False
    for scene in sorted({c.scene for c in choices}):
        own = [c for c in choices if c.scene == scene]
        zero = request.zero if any(request.zero in (c.a, c.b) for c in own) else None
        apart |= zero is None
        found = scale_scene(own, zero=zero, resamples=0)
        values |= {(scene, c): float(q) for c, q in zip(found.conditions, found.jod, strict=True)}
    keys = tuple(sorted(values))
    note = (
        "scenes were never compared with one another, so that each has its mean at 0 JOD: figures over "
        "all versions say nothing of levels between scenes"
    )
    ratings = Ratings(keys, np.array([values[k] for k in keys]), tuple(choices))
    return ratings, "choices, scaled to JOD (Thurstone Case V)", [note] if apart else []


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
