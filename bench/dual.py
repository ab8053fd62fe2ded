"""The dual encoder beside the trees, on the sources of one fold that neither has seen.

    python -m bench.dual SET RUN... [--json bench/results/dual.json]

SET is what the stages of `candela_engines.scorer.training` made; a RUN is a folder of
`candela_engines.scorer.training.dual.train`, named by itself, run to its end. The trees are those of
`bench.scorer_order` for the same fold, on the same rows: one score at a time, ladder unknown, master
unseen. Intervals are of 95 %, by bootstrap over groups of sources. Beside the figures stands each run less
the trees, group by group in the same draws: a network is better only where that interval is on its side of
zero.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.intervals import Interval, Values, spread
from bench.scorer_order import by_source, flips, macro, summary
from candela_engines.scorer.training.dataset import Dataset, load_dataset
from candela_engines.scorer.training.ranked import RankedSettings, kept_scores
from candela_engines.scorer.training.store import Store

__all__ = ["beside", "less_the_trees", "main"]


def beside(
    data: Dataset, trees: np.ndarray, runs: dict[str, tuple[np.ndarray, np.ndarray]]
) -> dict[str, Any]:
    """Figures of every run, of its mean with the trees, and of the trees, on the rows that all runs judged.

    trees: (P,) scores, NaN where there is none. runs: rows and their scores by name.
    """
    rows = np.isfinite(trees)
    scores = {"trees": trees, "ΔE_ITP to the placed SDR": -data.sdr_delta_e}
    for name, (places, said) in runs.items():
        scores[name] = np.full(len(data), np.nan)
        scores[name][places] = said
        rows &= np.isfinite(scores[name])
    means = {f"{name}, mean with the trees": (scores[name] + trees) / 2 for name in runs}
    scores |= means
    found = {name: summary(data, score, rows) for name, score in scores.items()}
    for name in (*runs, *means):
        found[name]["less_the_trees"] = less_the_trees(data, scores[name], trees, rows)
    return found


def less_the_trees(data: Dataset, score: Values, trees: Values, rows: Values) -> dict[str, Any]:
    """Rank correlation (more is better) and flips (less is better) of a score, less those of the trees.

    Also flips by ladder, of neighbours.
    """
    one, other = by_source(data, score, rows), by_source(data, trees, rows)
    apart = {group: (np.array(one[group]) - np.array(other[group])).tolist() for group in one}
    out: dict[str, Any] = {"srocc": asdict(spread(apart, np.nanmean)), "ladders": {}}
    ladders = sorted({str(name) for name in data.ladder[rows & (data.kind == "fault")]} - {"gamut"})
    for gap in (1, 2):
        pairs = data.order(gap)
        pairs = pairs[rows[pairs].all(axis=1)]
        wrong = flips(score, pairs) - flips(trees, pairs)
        out[f"macro_{gap}"] = asdict(macro(data, wrong, pairs, ladders))
        for ladder in ladders if gap == 1 else ():
            mine = data.ladder[pairs[:, 1]] == ladder
            if mine.any():
                out["ladders"][ladder] = asdict(macro(data, wrong[mine], pairs[mine], [ladder]))
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--json", type=Path, default=Path("bench/results/dual.json"))
    asked = parser.parse_args(arguments)
    data = load_dataset(Store(asked.set), estimate=True)
    runs = {}
    for run in asked.runs:
        with np.load(run / "said.npz", allow_pickle=False) as kept:
            runs[run.name] = kept["row"], kept["score"]
    trees = kept_scores(asked.set, data, RankedSettings(), told=lambda line: print(line, flush=True))
    found = beside(data, trees, runs)
    table = Table("scorer", "SROCC to the mix", "flips, gap 1", "flips, gap 2", "masters", "styles")
    for name, row in found.items():
        cells = [str(Interval(**row[key])) for key in ("srocc", "macro_1", "macro_2")]
        levels = [f"{row[key]['value']:.2f}" if key in row else "" for key in ("masters", "styles")]
        table.add_row(name, *cells, *(["", ""] if name.startswith("ΔE") else levels))
    Console(width=130).print(table)
    apart = Table("less the trees", "SROCC to the mix", "flips, gap 1", "flips, gap 2")
    for name, row in found.items():
        if "less_the_trees" in row:
            less = row["less_the_trees"]
            apart.add_row(name, *(str(Interval(**less[key])) for key in ("srocc", "macro_1", "macro_2")))
    Console(width=130).print(apart)
    judged = np.unique(np.concatenate([places for places, _ in runs.values()]))
    result = {
        **environment(),
        "settings": asdict(RankedSettings()),
        "sources": len(set(data.source[judged])),
        "groups": len(set(data.group[judged])),
        "rows": len(judged),
        "trained": {
            run.name: {
                **json.loads((run / "log.jsonl").read_text("utf-8").splitlines()[-1]),
                **json.loads((run / "settings.json").read_text("utf-8")),
            }
            for run in asked.runs
        },
        "scorers": found,
    }
    asked.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
