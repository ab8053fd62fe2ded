"""What a scorer that does not see the master loses, where, and how much of it nobody could know.

    python -m bench.scorer_ceiling SET [--bags 1] [--json bench/results/scorer_ceiling.json]

Rank correlation to the mix per source, sources held out, of the trees of `training.ranked`:

orders, values  taught as it ships, and without the orders that are known by construction
as it is        every descriptor of the pair
not knowing     the same as if no published SDR operator were known (`descriptors.pair_operator`)
master in hand  the same trees given every descriptor's difference from the true master's as well: what the
                descriptors and the trees can do at all
swap            the rows of one family of faults scored by the truth: what would be gained if a scorer knew
                that family exactly
style floor     no scorer: the mean mix of a variant over all masters that are as legitimate (the base and its
                styles, evenly), with the ColorVideoVDP part known exactly. A scorer that knows everything but
                which of them was meant can say no more, on average
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from bench.environment import environment
from bench.intervals import rank_correlation
from bench.scorer_order import correlations, summary
from candela_engines.colour import ictcp
from candela_engines.scorer.training.beside import COLUMNS
from candela_engines.scorer.training.dataset import Dataset, load_dataset
from candela_engines.scorer.training.distances import between
from candela_engines.scorer.training.faults import ladder_named
from candela_engines.scorer.training.pictures import nits_of
from candela_engines.scorer.training.ranked import RankedSettings, held_out_ranked
from candela_engines.scorer.training.scale import mix_of
from candela_engines.scorer.training.store import Store

__all__ = ["families", "main", "masters_rows", "style_floor", "with_master"]


def families(data: Dataset) -> np.ndarray:
    """(P,) text: the family of a fault, or the kind of a row that is no rung of a ladder."""
    return np.array(
        [
            ladder_named(str(ladder)).family if kind == "fault" else str(kind)
            for kind, ladder in zip(data.kind, data.ladder, strict=True)
        ]
    )


def masters_rows(data: Dataset) -> np.ndarray:
    """(P,) place of the row of each row's own master beside the same reference."""
    rows = {
        (str(data.source[i]), int(data.reference[i]), str(data.parent[i])): int(i)
        for i in np.flatnonzero(data.ladder == "master")
    }
    keys = zip(data.source, data.reference, data.parent, strict=True)
    return np.array([rows[str(s), int(r), str(p)] for s, r, p in keys])


def with_master(data: Dataset) -> Dataset:
    """The table with every descriptor's difference from the true master's beside it."""
    more = data.values - data.values[masters_rows(data)]
    wide = np.hstack([data.values, more])
    return replace(data, values=wide, valid=np.hstack([data.valid, data.valid]), beside=None)


def style_floor(store: Store, data: Dataset, source: str) -> tuple[np.ndarray, np.ndarray]:
    """(V,) mean mix over all legitimate masters and (V,) mix from the base, of a source's base variants."""
    notes = store.meta(source)["variants"]
    codes = store.array(source, "variants")
    masters = [i for i, n in enumerate(notes) if n["kind"] in ("master", "style")]
    lights = [ictcp.from_nits(nits_of(codes[i])) for i in masters]
    rows = np.flatnonzero((data.source == source) & (data.parent == "base"))
    rows = rows[np.unique(data.variant[rows], return_index=True)[1]]
    expected = []
    for row in rows:
        itp = ictcp.from_nits(nits_of(codes[int(data.variant[row])]))
        away = [between(itp, light)[0].mean for light in lights]
        expected.append(float(mix_of([data.jod_star[row]] * len(away), away).mean()))
    return np.array(expected), data.mix[rows]


def _swapped(data: Dataset, score: np.ndarray, family: np.ndarray, name: str) -> np.ndarray:
    """The score with the rows of a family put where the truth has them among its own source's scores."""
    out = score.copy()
    for source in np.unique(data.source):
        for reference in np.unique(data.reference[data.source == source]):
            here = (data.source == source) & (data.reference == reference) & (data.parent == "base")
            if not (here & (family == name)).any():
                continue
            # By ranks: the score that has the rank of the row's mix.
            known = here & np.isfinite(score)
            out[here & (family == name)] = np.interp(
                data.mix[here & (family == name)], np.sort(data.mix[known]), np.sort(score[known])
            )
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--bags", type=int, default=1)
    parser.add_argument("--floor", type=int, default=12, help="sources of the style floor")
    parser.add_argument("--json", type=Path, default=Path("bench/results/scorer_ceiling.json"))
    asked = parser.parse_args(arguments)
    store, console = Store(asked.set), Console(width=120)
    data = load_dataset(store)
    settings = RankedSettings(bags=asked.bags)
    everything = np.ones(len(data), bool)
    unknown = data.values.copy()
    unknown[:, COLUMNS] = 0
    tables = {
        "as it is": data,
        "not knowing operators": replace(data, values=unknown, beside=None),
        "master in hand": with_master(data),
    }
    result: dict[str, Any] = {
        **environment(),
        "sources": len(set(data.source)),
        "groups": len(set(data.group)),
        "scorers": {},
    }
    scores = {}
    for name, table in tables.items():
        for how, chosen in (("orders", settings), ("values", replace(settings, built=0.0))):
            score = held_out_ranked(table, chosen)
            scores[name, how] = score
            found = summary(data, score, everything)
            result["scorers"][f"{name}, {how}"] = found
            parts = "  ".join(f"{k} {found[k]['value']:.3f}" for k in ("srocc", "macro_1", "macro_2"))
            console.print(f"{name}, taught {how}: {parts}", highlight=False)
    family, score = families(data), scores["as it is", "orders"]
    result["swap"] = {}
    for name in sorted(set(family[data.parent == "base"])):
        gained = correlations(data, _swapped(data, score, family, name), everything)
        result["swap"][name] = asdict(gained)
        console.print(f"known exactly: {name:16s} {gained}", highlight=False)
    floors = {}
    for source in sorted(set(data.source[data.asked]))[: asked.floor]:
        expected, mix = style_floor(store, data, source)
        floors[source] = rank_correlation(expected, mix)
    result["style_floor"] = {"mean": float(np.mean(list(floors.values()))), "sources": floors}
    console.print(f"style floor: {result['style_floor']['mean']:.3f} over {len(floors)} sources")
    asked.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
