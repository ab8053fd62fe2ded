"""How well the heads of the grade model tell the kinds of faults, on sources held out.

    python -m bench.fault_heads SET [--json bench/results/fault_heads.json]

SET is what the stages of `candela_engines.scorer.training` made. Every row, a variant beside one SDR
reference, is judged by heads that saw no source of its group. Average precision of a kind: rungs from the
second on against masters and styles (`ap_legitimate`) and against all rows that do not have the fault by
construction (`ap_all`), beside the measured amount of `scorer.reasons_measure` on the very same rows. Where
the kind is a consequence (`training.kinds.FOLLOWS`) a row is left out. Chance: the share of rows with it.
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
from candela_engines.scorer.reasons_measure import amounts
from candela_engines.scorer.training.dataset import Dataset, load_dataset
from candela_engines.scorer.training.fault_heads import HeadSettings, held_out_heads, targets
from candela_engines.scorer.training.kinds import LADDERS
from candela_engines.scorer.training.store import Store

_SIGNED = ("exposure", "white_balance", "hue", "saturation", "contrast")


def measured(data: Dataset) -> dict[str, np.ndarray]:
    """The amount of every kind on every row, 0 where there is no evidence."""
    area = Rectangle(0, 0, 512, 256)
    rows = [amounts(Description(v, ok, area)) for v, ok in zip(data.values, data.valid, strict=True)]
    out = {}
    for kind in LADDERS:
        values = np.nan_to_num(np.array([row[kind] for row in rows]))
        out[kind] = np.abs(values) if kind in _SIGNED else values
    return out


def figures(data: Dataset, chances: dict[str, np.ndarray], plain: dict[str, np.ndarray]) -> dict[str, Any]:
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
        found[kind] = row
    return found


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
    found = figures(data, chances, measured(data))
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
    document = {**environment(), "sources": len(set(data.source)), "rows": len(data), "kinds": found}
    asked.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
