"""Do heavier pairs of the ladders that flip most lower their flips, and what does it cost?

    python -m bench.scorer_pairs SET [--json bench/results/scorer_pairs.json]

One bag of the grade model's trees, three folds teaching and one judging, in four folds of the five: the first
fold stays unseen, so that a choice made here can still be tested there. What differs is the weight of pairs
whose order is known by construction, ladder by ladder. Each is said less the model with no pair heavier, in
the same draws of groups; 95 % intervals.
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

from bench.dual import less_the_trees
from bench.environment import environment
from bench.intervals import Interval
from bench.scorer_order import summary
from candela_engines.scorer.training.dataset import FOLDS, load_dataset
from candela_engines.scorer.training.ranked import RankedSettings, held_out_ranked
from candela_engines.scorer.training.store import Store

__all__ = ["WEIGHTS", "main"]

_MISSED = ("exp+", "exp-", "con+", "sat+", "wb_warm", "wb_cool", "crush")
WEIGHTS: dict[str, dict[str, float]] = {
    "as it ships": {},
    "contrast+, saturation+, crush x3": dict.fromkeys(("con+", "sat+", "crush"), 3.0),
    "all seven x3": dict.fromkeys(_MISSED, 3.0),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--json", type=Path, default=Path("bench/results/scorer_pairs.json"))
    asked = parser.parse_args(arguments)
    data = load_dataset(Store(asked.set), estimate=True)
    data = data.only(data.fold != 0)
    settings = RankedSettings(bags=1)
    everything = np.ones(len(data), bool)
    found: dict[str, Any] = {}
    plain = None
    for name, heavier in WEIGHTS.items():
        score = held_out_ranked(
            data, settings, folds=range(1, FOLDS), heavier=heavier, told=lambda line: print(line, flush=True)
        )
        found[name] = {"heavier": heavier, **summary(data, score, everything)}
        if plain is None:
            plain = score
        else:
            found[name]["less_the_plain"] = less_the_trees(data, score, plain, everything)
    table = Table("pairs", "SROCC", "flips, gap 1", "flips, gap 2", "the seven", "masters", "styles", "p10")
    for name, row in found.items():
        seven = np.mean([row["ladders"][ladder][1]["value"] for ladder in _MISSED])
        row["seven_1"] = float(seven)
        cells = [str(Interval(**row[key])) for key in ("srocc", "macro_1", "macro_2")]
        levels = [f"{row[k]['value']:.2f}" for k in ("masters", "styles")]
        table.add_row(name, *cells, f"{seven:.3f}", *levels, f"{row['styles_p10']:.2f}")
        if "less_the_plain" in row:
            less = row["less_the_plain"]
            table.add_row("  less", *(str(Interval(**less[key])) for key in ("srocc", "macro_1", "macro_2")))
    Console(width=150).print(table)
    result = {
        **environment(),
        "settings": asdict(settings),
        "sources": len(set(data.source)),
        "groups": len(set(data.group)),
        "rows": len(data),
        "pairs": found,
    }
    asked.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
