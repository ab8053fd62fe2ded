"""Whether a picture tells which operator made it: what an engine that sees SDR alone can know at best.

    python -m bench.upconvert_telling PAIRS [--most 2500] [--json bench/results/upconvert_telling.json]

PAIRS are those of the training of networks. Gradient boosting (LightGBM, the extra `train`) on the levels
that the networks are given, of every operator and without the trims; sources split as in training. A share
of right answers that is far from 1 bounds every engine: where two operators look alike, it cannot undo
both.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from candela_engines.scorer.training.pictures import generator
from candela_engines.upconvert.levels import levels_of
from candela_engines.upconvert.network import SIDES, proxy_of
from candela_engines.upconvert.training.data import load_pairs, split_of

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, count, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--most", type=int, default=2500, help="pictures, of all sources evenly")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--json", type=Path, default=Path("bench/results/upconvert_telling.json"))
    asked = parser.parse_args(arguments)
    import lightgbm

    pairs = load_pairs(asked.pairs)
    split = split_of([one.group for one in pairs])
    there = [
        (one, at)
        for one in pairs
        for at, word in enumerate(one.operators)
        if word != "phone" and "+" not in word
    ]
    chosen = generator("telling").permutation(len(there))[: asked.most]
    levels, operators, held = [], [], []
    for number in chosen:
        one, at = there[int(number)]
        code = one.codes[at].astype(np.float32) / np.float32(255)
        levels.append(levels_of(proxy_of(code, SIDES["agcm"])[0]))
        operators.append(one.operators[at])
        held.append(split[one.group] == "test")
    names = sorted(set(operators))
    x, y, test = np.stack(levels), np.array([names.index(name) for name in operators]), np.array(held)
    settings: dict[str, Any] = {
        "objective": "multiclass", "num_class": len(names), "num_leaves": 15, "learning_rate": 0.1,
        "min_child_samples": 20, "feature_fraction": 0.3, "num_threads": 1, "verbose": -1, "seed": 0,
    }  # fmt: skip
    made = lightgbm.train(settings, lightgbm.Dataset(x[~test], y[~test]), asked.rounds)
    said = np.asarray(made.predict(x[test])).argmax(axis=1)
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (y[test], said), 1)
    right = float(np.trace(counts) / counts.sum())
    table = Table(title=f"{right:.1%} of {counts.sum()} pictures of sources held out told right")
    for name in ("made by", *names):
        table.add_column(name)
    for name, row in zip(names, counts, strict=True):
        table.add_row(name, *map(str, row))
    Console(width=130).print(table)
    document = {
        **environment(), "told_right": round(right, 4), "pictures": int(counts.sum()),
        "learnt_from": int((~test).sum()), "operators": names, "made_by_rows_said_columns": counts.tolist(),
    }  # fmt: skip
    asked.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
