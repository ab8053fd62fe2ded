"""Is one grade model better than another? The same held-out rows, paired, group by group.

    python -m bench.scorer_versions SET NEW OLD [--chosen 1 3] [--json bench/results/scorer_versions.json]

NEW and OLD are folders with `ranked.npz` as `candela_engines.scorer.training.ranked` keeps it, each made by
its own version of the code from the same SET: scores of sources that were held out; and, where both have
them, `operator-NAME.npz` as `bench.scorer_order --keep` does, by models that knew nothing of an SDR operator.
Figures are of NEW less OLD, 95 % intervals by drawing groups of sources. --chosen: folds on which the
settings of NEW were chosen; it is told again on the others alone. Scores are held to -6 to 10, as shown.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.intervals import DRAWS, Interval, Values
from bench.scorer_order import by_source, flips, macro
from candela_engines.scorer.engine import HIGHEST, LOWEST
from candela_engines.scorer.training.dataset import FOLDS, Dataset, load_dataset
from candela_engines.scorer.training.ranked import HEAVIER
from candela_engines.scorer.training.store import Store

__all__ = ["less", "main"]

Of = Callable[[Values, Values], float]
"""A figure of scores (P,) and of how often each row was drawn (P,)."""


def _average(values: Values, often: Values) -> float:
    """NaN where none was drawn."""
    return float(np.average(values, weights=often)) if often.any() else float("nan")


def _mean(kind: str) -> Callable[[Dataset], Of]:
    def made(data: Dataset) -> Of:
        mine = data.kind == kind
        return lambda score, often: _average(score[mine], often[mine])

    return made


def _p10(data: Dataset) -> Of:
    def of(score: Values, often: Values) -> float:
        drawn = np.repeat(score[styles], often[styles])
        return float(np.percentile(drawn, 10)) if len(drawn) else float("nan")

    styles = data.kind == "style"
    return of


def _off(data: Dataset) -> Of:
    asked = data.asked
    return lambda score, often: _average(np.abs(score - data.score)[asked], often[asked])


_LEVELS = {
    "masters": _mean("master"),
    "styles": _mean("style"),
    "styles_p10": _p10,
    "sdr": _mean("sdr"),
    "error": _off,
}


def less(data: Dataset, new: Values, old: Values) -> dict[str, Any]:
    """Of rows that both scored: by figure the values of either and their difference with its interval."""
    rows = np.isfinite(new) & np.isfinite(old)
    data, new, old = data.only(rows), *(np.clip(s[rows], LOWEST, HIGHEST) for s in (new, old))
    groups, place = np.unique(data.group, return_inverse=True)
    everything = np.ones(len(data), bool)
    out: dict[str, Any] = {"rows": len(data), "groups": len(groups)}

    def told(name: str, value: tuple[float, float], apart: Interval) -> None:
        out[name] = {"new": value[0], "old": value[1], "less": asdict(apart)}

    ranks = [by_source(data, score, everything) for score in (new, old)]
    if ranks[0]:
        names = sorted(ranks[0])
        sums = [np.array([np.nansum(one[name]) for name in names]) for one in ranks]
        count = np.array([np.isfinite(ranks[0][name]).sum() for name in names])
        told("srocc", *_drawn(lambda at, which: float(sums[which][at].sum() / count[at].sum()), len(names)))
    ladders = sorted({str(name) for name in data.ladder[data.kind == "fault"]} - {"gamut"})
    for gap in (1, 2):
        pairs = data.order(gap)
        wrong = [flips(score, pairs) for score in (new, old)]
        for name, some in (("macro", ladders), ("seven", [one for one in HEAVIER if one in ladders])):
            if not some:
                continue
            values = [macro(data, one, pairs, some).value for one in wrong]
            told(f"{name}_{gap}", (values[0], values[1]), macro(data, wrong[0] - wrong[1], pairs, some))
    for name, made in _LEVELS.items():
        figure = made(data)

        def of(at: Values, which: int, figure: Of = figure) -> float:
            often = np.bincount(at, minlength=len(groups))[place]
            return figure((new, old)[which], often)

        if np.isfinite(of(np.arange(len(groups)), 0)):
            told(name, *_drawn(of, len(groups)))
    return out


def _drawn(of: Callable[[Values, int], float], groups: int) -> tuple[tuple[float, float], Interval]:
    random = np.random.default_rng(0)
    whole = np.arange(groups)
    value = of(whole, 0), of(whole, 1)
    draws = [random.integers(0, groups, groups) for _ in range(DRAWS)]
    low, high = np.nanpercentile([of(at, 0) - of(at, 1) for at in draws], (2.5, 97.5))
    return value, Interval(value[0] - value[1], float(low), float(high))


def _score(path: Path, data: Dataset) -> Values:
    with np.load(path, allow_pickle=False) as kept:
        score = np.asarray(kept["score"], np.float64)
    if len(score) != len(data):
        raise SystemExit(f"{path}: {len(score)} scores, the set has {len(data)} rows")
    return score


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("old", type=Path)
    parser.add_argument("--chosen", type=int, nargs="*", default=[], help="folds that NEW was chosen on")
    parser.add_argument("--json", type=Path, default=Path("bench/results/scorer_versions.json"))
    asked = parser.parse_args(arguments)
    data = load_dataset(Store(asked.set), estimate=True)
    new, old = (_score(folder / "ranked.npz", data) for folder in (asked.new, asked.old))
    found = {"all": less(data, new, old)}
    if asked.chosen:
        unseen = [fold for fold in range(FOLDS) if fold not in asked.chosen]
        apart = np.where(np.isin(data.fold, unseen), new, np.nan)
        found["folds " + ", ".join(map(str, unseen))] = less(data, apart, old)
    for path in sorted(asked.new.glob("operator-*.npz")):
        if (asked.old / path.name).is_file():
            found[f"without {path.stem.partition('-')[2]}"] = less(
                data, _score(path, data), _score(asked.old / path.name, data)
            )
    for name, row in found.items():
        table = Table(
            "figure", "new", "old", "less", title=f"{name}: {row['rows']} rows, {row['groups']} groups"
        )
        for key, one in row.items():
            if isinstance(one, dict):
                table.add_row(key, f"{one['new']:.4f}", f"{one['old']:.4f}", str(Interval(**one["less"])))
        Console(width=100).print(table)
    result = {**environment(), "chosen_on_folds": asked.chosen, "found": found}
    asked.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
