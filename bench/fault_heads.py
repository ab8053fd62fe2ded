"""How well the heads of the grade model tell the kinds of faults, on sources held out.

    python -m bench.fault_heads SET [--json bench/results/fault_heads.json]

SET is what the stages of `candela_engines.scorer.training` made. Every row, a variant beside one SDR
reference, is judged by heads that saw no source of its group. Average precision of a kind: rungs from the
second on against masters and styles (`ap_legitimate`) and against all rows that do not have the fault by
construction (`ap_all`), beside the measured amount of `scorer.reasons_measure` on the very same rows. Where
the kind is a consequence (`training.kinds.FOLLOWS`) a row is left out. Chance: the share of rows with it.
Reasons: what `scorer.reasons_decide` tells of those rows, by the amount alone and with the head where every
descriptor lies inside what that fold was taught on (`inside`, the share of the rows that do): of rows with
the fault, of masters and styles, and of other faults.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.reasons import average_precision
from candela_engines.metrics import Rectangle
from candela_engines.scorer.descriptors.vector import Description
from candela_engines.scorer.reasons_decide import DECIDED, is_told, weighed
from candela_engines.scorer.reasons_measure import amounts
from candela_engines.scorer.reasons_table import kind_of
from candela_engines.scorer.training.dataset import FOLDS, Dataset, load_dataset
from candela_engines.scorer.training.fault_heads import HeadSettings, held_out_heads, targets
from candela_engines.scorer.training.kinds import LADDERS
from candela_engines.scorer.training.ship import value_range
from candela_engines.scorer.training.store import Store

_SETS = ("fault", "legitimate", "others")
_SIGNED = ("exposure", "white_balance", "hue", "saturation", "contrast")


def measured(data: Dataset) -> dict[str, np.ndarray]:
    """The weighed amount of every kind on every row, 0 where there is no evidence."""
    area = Rectangle(0, 0, 512, 256)
    rows = []
    for values, valid in zip(data.values, data.valid, strict=True):
        described = Description(values, valid, area)
        rows.append({k: weighed(k, v, described) for k, v in amounts(described).items()})
    out = {}
    for kind in LADDERS:
        values = np.nan_to_num(np.array([row[kind] for row in rows]))
        out[kind] = np.abs(values) if kind in _SIGNED else values
    return out


def figures(
    data: Dataset, chances: dict[str, np.ndarray], plain: dict[str, np.ndarray], inside: np.ndarray
) -> dict[str, Any]:
    """By kind, both ways of telling it."""
    legitimate = np.isin(data.kind, ("master", "style"))
    found = {}
    for kind in LADDERS:
        there, told = targets(data, kind, HeadSettings())
        told = told & np.isfinite(chances[kind])
        row: dict[str, Any] = {
            "rows": int((there & told).sum()),
            "chance": round(float(there[told].mean()), 4),
        }
        for name, score in (("head", chances[kind]), ("amount", plain[kind])):
            fair = told & (there | legitimate)
            row[name] = {
                "ap_legitimate": _rounded(average_precision(score[fair], there[fair])),
                "ap_all": _rounded(average_precision(score[told], there[told])),
            }
        row["head"]["told_at_half"] = _rounded(float((chances[kind] > 0.5)[there & told].mean()))
        row["head"]["legitimate_at_half"] = _rounded(float((chances[kind] > 0.5)[told & legitimate].mean()))
        sets = {"fault": there & told, "legitimate": told & legitimate & ~there}
        sets["others"] = told & ~there & ~legitimate
        rules = {"amount": np.full(len(data), np.nan), "decided": np.where(inside, chances[kind], np.nan)}
        for name, chance in rules.items():
            yes = np.array(
                [
                    is_told(kind_of(kind), size, None if math.isnan(c) else c)
                    for size, c in zip(plain[kind], chance, strict=True)
                ]
            )
            row[f"reasons_{name}"] = {
                which: _rounded(float(yes[rows].mean())) for which, rows in sets.items()
            }
        found[kind] = row
    return found


def inside_of(data: Dataset) -> np.ndarray:
    """(P,) whether a row lies inside the range of the rows that its fold was taught on."""
    out = np.zeros(len(data), bool)
    for fold in range(FOLDS):
        mine = data.fold == fold
        if 0 < mine.sum() < len(data):
            out[mine] = value_range(data.only(~mine)).outside(data.values[mine]) == 0
    return out


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--json", type=Path, default=Path("bench/results/fault_heads.json"))
    asked = parser.parse_args(arguments)
    data = load_dataset(Store(asked.set), estimate=True)
    chances = held_out_heads(data, HeadSettings(), told=lambda line: print(line, flush=True))
    inside = inside_of(data)
    found = figures(data, chances, measured(data), inside)
    table = Table(title="Average precision on held-out sources: head (measured amount)", title_justify="left")
    for name in ("kind", "against legitimate", "against all", "chance", "told", "of legitimate"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for kind, row in found.items():
        head, plain = row["head"], row["amount"]
        table.add_row(
            kind,
            *(f"{head[key]} ({plain[key]})" for key in ("ap_legitimate", "ap_all")),
            *(str(v) for v in (row["chance"], head["told_at_half"], head["legitimate_at_half"])),
        )
    Console(width=120).print(table)
    told = Table(
        title="Reasons told: with the head inside its range (by the amount alone)", title_justify="left"
    )
    for name in ("kind", "of the fault", "of masters and styles", "of other faults"):
        told.add_column(name, justify="left" if name == "kind" else "right")
    for kind, row in found.items():
        if kind in DECIDED:
            pairs = [(row["reasons_decided"][w], row["reasons_amount"][w]) for w in _SETS]
            told.add_row(kind, *(f"{a} ({b})" for a, b in pairs))
    Console(width=120).print(told)
    document = {
        **environment(),
        "sources": len(set(data.source)),
        "rows": len(data),
        "inside": round(float(inside.mean()), 4),
        "kinds": found,
    }
    asked.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
