"""Last stage: the grade model that ships, fitted on every source, with what held-out sources say of it.

    python -m candela_engines.scorer.training.ship OUT --to FOLDER [--bags 4] [--version 1]

Writes FOLDER/grade.onnx and FOLDER/grade.json (sources, settings, figures for the model card). The interval
and the limit of strange descriptors come from five folds, by models that did not see the source; the model
itself then sees all of them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.media.atomic import write_atomic
from candela_engines.scorer.engine import table_digest
from candela_engines.scorer.training.dataset import FOLDS, Dataset, load_dataset
from candela_engines.scorer.training.fault_heads import HeadSettings, fit_head
from candela_engines.scorer.training.kinds import LADDERS
from candela_engines.scorer.training.ranked import Ranked, RankedSettings, fit_ranked, kept_scores
from candela_engines.scorer.training.store import Store
from candela_engines.scorer.training.trees import Group, grade_model, tree_of_lightgbm

__all__ = ["ValueRange", "interval", "main", "most_outside", "value_range"]

Floats = npt.NDArray[np.float64]

_SHARE = 0.9
_KNOTS = np.arange(-6.0, 10.01, 1.0)
_WIDEN = 0.25


@dataclass(frozen=True)
class ValueRange:
    """Lowest and highest value of each descriptor, (N,) float32, widened by a quarter of the range."""

    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]

    def outside(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        """How many descriptors of each row (P, N) lie outside, (P,)."""
        return np.asarray(((values < self.low) | (values > self.high)).sum(axis=1))


def value_range(data: Dataset) -> ValueRange:
    """What was taught on: a single picture's extreme is in it, so that all rows are inside."""
    low, high = data.values.min(axis=0), data.values.max(axis=0)
    room = _WIDEN * (high - low) + np.float32(1e-6)
    return ValueRange(low - room, high + room)


def most_outside(data: Dataset) -> int:
    """Above so many strange descriptors a row is unlike 99.9 % of the rows of sources that were held out."""
    counts = [
        value_range(data.only(data.fold != fold)).outside(data.values[data.fold == fold])
        for fold in range(FOLDS)
        if 0 < (data.fold == fold).sum() < len(data)
    ]
    return int(np.ceil(np.percentile(np.concatenate(counts), 99.9)))


def interval(predicted: Floats, truth: Floats) -> list[list[float]]:
    """[scores, low, high]: nine of ten held-out rows whose prediction is near a score lie between.

    Quantiles over the rows within 0.75 of each knot, at least 50 of them, else over the nearest 50; both
    bounds are made to rise with the score, and hold it between them.
    """
    low, high = [], []
    for knot in _KNOTS:
        distance = np.abs(predicted - knot)
        near = truth[distance <= max(0.75, float(np.sort(distance)[min(49, len(distance) - 1)]))]
        low.append(float(np.percentile(near, 50 * (1 - _SHARE))))
        high.append(float(np.percentile(near, 50 * (1 + _SHARE))))
    lows = np.minimum(np.maximum.accumulate(low), _KNOTS)
    highs = np.maximum(np.minimum.accumulate(high[::-1])[::-1], _KNOTS)
    return [[round(float(v), 3) for v in side] for side in (_KNOTS, lows, highs)]


def _bags(model: Ranked) -> list[Group]:
    return [(base, _grown(booster)[1]) for base, booster in model.bags]


def _grown(booster: Any) -> Group:
    """A booster's trees; what it starts from is in the first of them."""
    return 0.0, [tree_of_lightgbm(one["tree_structure"]) for one in booster.dump_model()["tree_info"]]


def _shown(told: Callable[[str], None], held: Floats, data: Dataset) -> dict[str, Any]:
    kept = np.isfinite(held)
    error = np.abs(np.clip(held, -6, 10) - data.score)[kept]
    figures = {
        "mean_absolute_error": round(float(error.mean()), 3),
        "masters_mean": round(float(held[kept & (data.kind == "master")].mean()), 3),
        "styles_mean": round(float(held[kept & (data.kind == "style")].mean()), 3),
        "sdr_mean": round(float(held[kept & (data.kind == "sdr")].mean()), 3)
        if (data.kind == "sdr").any()
        else None,
    }
    told(json.dumps(figures))
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, check against the fitted trees, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--bags", type=int, default=RankedSettings.bags)
    parser.add_argument("--trees", type=int, default=RankedSettings.trees)
    parser.add_argument("--version", default="1")
    asked = parser.parse_args(arguments)

    def told(line: str) -> None:
        print(line, flush=True)

    data = load_dataset(Store(asked.out), estimate=True)
    settings, heads = RankedSettings(bags=asked.bags, trees=asked.trees), HeadSettings()
    held = kept_scores(asked.out, data, settings, told=told)
    figures = _shown(told, held, data)
    model = fit_ranked(data, settings)
    kinds = {}
    for number, kind in enumerate(LADDERS):
        kinds[kind] = _grown(fit_head(data, kind, heads, seed=number))
        told(f"head {kind}")
    known = value_range(data)
    bounds = interval(np.clip(held, -6, 10)[data.asked], data.score[data.asked])
    said = {
        "candela.kind": "grade",
        "candela.name": "grade",
        "candela.version": asked.version,
        "candela.descriptors": table_digest(),
        "candela.reference": "needed",
        "candela.interval": json.dumps(bounds),
        "candela.most_outside": str(most_outside(data)),
    }
    made = grade_model(_bags(model), data.values.shape[1], said, faults=kinds, known=(known.low, known.high))
    _check(made, model, data)
    asked.to.mkdir(parents=True, exist_ok=True)
    write_atomic(asked.to / "grade.onnx", made)
    document = {
        "settings": asdict(settings),
        "heads": asdict(heads),
        "rows": len(data),
        "sources": sorted(set(data.source.tolist())),
        "groups": len(set(data.group.tolist())),
        "sources_with_jod": len(set(data.source[data.asked].tolist())),
        "metadata": said,
        "held_out": figures,
        "bytes": len(made),
        "sha256": hashlib.sha256(made).hexdigest(),
    }
    write_atomic(
        asked.to / "grade.json", (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()
    )
    told(f"{asked.to / 'grade.onnx'}: {len(made)} bytes, SHA-256 {document['sha256']}")


def _check(made: bytes, model: Ranked, data: Dataset) -> None:
    """The file says what the fitted trees say, on every row."""
    import onnxruntime

    session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
    (score, outside) = session.run(["score", "outside"], {"descriptors": data.values})
    worst = float(np.abs(score[:, 0] - model.predict(data.values)).max())
    if worst > 1e-4 or outside.any():
        raise RuntimeError(f"the ONNX file is off by {worst} or calls what it was taught on strange")


if __name__ == "__main__":
    main()
