"""Does a score of a shot put grades in the right order? On sources held out, beside simple rivals.

    python -m bench.scorer_order SET [--bags 4] [--operators] [--ladders]

SET is what the stages of `candela_engines.scorer.training` made. One score at a time: the ladder is unknown
to the scorer and the master unseen. Flips are pairs of one ladder put in the wrong order (ties count half),
rank correlation is per source against the mix of ColorVideoVDP and ΔE_ITP; no rating by people is behind
either. Intervals are of 95 %, by bootstrap over groups of sources. --ladders and --operators also leave each
of them out of training, which takes twenty and eight times as long.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.intervals import DRAWS, Interval, Values, rank_correlation, spread
from candela_engines.scorer.training.dataset import FOLDS, Dataset, load_dataset
from candela_engines.scorer.training.forgetting import not_knowing
from candela_engines.scorer.training.ranked import RankedSettings, held_out_ranked, kept_scores
from candela_engines.scorer.training.store import Store

__all__ = ["by_source", "flips", "left_out", "macro", "main", "summary"]

MUST = {  # gap 1, gap 2
    **dict.fromkeys(("exp+", "exp-", "con+", "x265", "x264", "av1", "blur"), (0.03, 0.01)),
    **dict.fromkeys(("wb_warm", "wb_cool", "hue", "noise", "sat+", "con-"), (0.03, 0.01)),
    **dict.fromkeys(("lift", "crush"), (0.05, 0.01)),
    "hl_clip": (0.06, 0.01),
    "sat-": (0.06, 0.03),
    "band": (0.15, 0.03),
}
MACRO_MUST = (0.045, 0.015)


def flips(score: Values, pairs: Values) -> Values:
    """1 for a pair in the wrong order, .5 for a tie, 0 else; pairs: (K, 2) rows better and worse."""
    gap = score[pairs[:, 0]] - score[pairs[:, 1]]
    return np.where(gap < 0, 1.0, np.where(gap == 0, 0.5, 0.0))


def _by_group(data: Dataset, rows: Values, values: Values) -> dict[str, list[float]]:
    out: dict[str, list[float]] = {}
    for row, value in zip(rows, values, strict=True):
        out.setdefault(str(data.group[row]), []).append(float(value))
    return out


def macro(data: Dataset, wrong: Values, pairs: Values, ladders: Sequence[str]) -> Interval:
    """Mean over ladders of what is wrong with their pairs (`flips`); the interval by drawing groups."""
    names, groups = data.ladder[pairs[:, 1]], data.group[pairs[:, 1]]
    unique = np.unique(groups)
    sums = np.array([[wrong[(groups == g) & (names == name)].sum() for name in ladders] for g in unique])
    counts = np.array([[((groups == g) & (names == name)).sum() for name in ladders] for g in unique])
    random = np.random.default_rng(0)

    def rate(take: Values) -> float:
        total = counts[take].sum(0)
        return float(np.mean(sums[take].sum(0)[total > 0] / total[total > 0]))

    drawn = [rate(random.integers(0, len(unique), len(unique))) for _ in range(DRAWS)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Interval(rate(np.arange(len(unique))), float(low), float(high))


def by_source(data: Dataset, score: Values, rows: Values) -> dict[str, list[float]]:
    """Rank correlations to the mix over the variants of the base, one a source and reference, by group."""
    found: dict[str, list[float]] = {}
    base = rows & data.asked & (data.parent == "base") & np.isfinite(score)
    for source in np.unique(data.source[base]):
        for reference in np.unique(data.reference[base & (data.source == source)]):
            here = base & (data.source == source) & (data.reference == reference)
            if here.sum() > 5:
                value = rank_correlation(score[here], data.mix[here])
                found.setdefault(str(data.group[here][0]), []).append(value)
    return found


def correlations(data: Dataset, score: Values, rows: Values) -> Interval:
    """Per source and reference over the variants of the base, then the mean over sources."""
    return spread(by_source(data, score, rows), np.nanmean)


def summary(data: Dataset, score: Values, rows: Values) -> dict[str, Any]:
    """All figures of a score over the rows of a mask: flips by ladder, rank correlation, levels."""
    out: dict[str, Any] = {"ladders": {}}
    ladders = sorted({str(name) for name in data.ladder[rows & (data.kind == "fault")]} - {"gamut"})
    for gap in (1, 2):
        pairs = data.order(gap)
        pairs = pairs[rows[pairs].all(axis=1) & np.isfinite(score[pairs]).all(axis=1)]
        for ladder in [*ladders, "gamut"]:
            mine = pairs[data.ladder[pairs[:, 1]] == ladder]
            if len(mine):
                rates = spread(_by_group(data, mine[:, 1], flips(score, mine)))
                out["ladders"].setdefault(ladder, {})[gap] = {**asdict(rates), "pairs": len(mine)}
        out[f"macro_{gap}"] = asdict(macro(data, flips(score, pairs), pairs, ladders))
    out["srocc"] = asdict(correlations(data, score, rows))
    for what, kind in (("masters", "master"), ("styles", "style")):
        mine = np.flatnonzero(rows & (data.kind == kind) & np.isfinite(score))
        if len(mine):
            out[what] = asdict(spread(_by_group(data, mine, score[mine])))
            out[f"{what}_p10"] = float(np.percentile(score[mine], 10))
    return out


def _row(name: str, found: dict[str, Any]) -> list[str]:
    def cell(key: str) -> str:
        return str(Interval(**found[key])) if key in found else ""

    p10 = f"{found['styles_p10']:.2f}" if "styles_p10" in found else ""
    levels = [f"{found[k]['value']:.2f}" if k in found else "" for k in ("masters", "styles")]
    return [name, cell("srocc"), cell("macro_1"), cell("macro_2"), *levels, p10]


def _told(found: dict[str, dict[str, Any]], console: Console) -> None:
    table = Table(title="One score at a time, sources held out", title_justify="left")
    heads = ("scorer", "SROCC to the mix", "flips, gap 1", "flips, gap 2", "master", "styles", "styles p10")
    for number, name in enumerate(heads):
        table.add_column(name, justify="right" if number else "left")
    for name, row in found.items():
        levels = name.startswith("boosting")
        shown = row if levels else {k: v for k, v in row.items() if k in ("srocc", "macro_1", "macro_2")}
        table.add_row(*_row(name, shown))
    console.print(table)
    detail = Table(title="boosting with orders, by ladder", title_justify="left")
    for name in ("ladder", "gap 1", "must", "gap 2", "must", "pairs"):
        detail.add_column(name, justify="left" if name == "ladder" else "right")
    for ladder, gaps in found["boosting with orders"]["ladders"].items():
        must = MUST.get(ladder)
        cells = []
        for gap in (1, 2):
            one = gaps.get(gap)
            rate = Interval(one["value"], one["low"], one["high"]) if one else None
            missed = rate and must and rate.value > must[gap - 1]
            cells += [
                f"[red]{rate}[/red]" if missed else str(rate or ""),
                f"{must[gap - 1]:g}" if must else "",
            ]
        detail.add_row(ladder, *cells, str(gaps[1]["pairs"]))
    console.print(detail)


def measure(
    out: Path, data: Dataset, settings: RankedSettings, told: Callable[[str], None]
) -> dict[str, dict[str, Any]]:
    """Both boostings on every reference and on ACES 2.0 alone, and what needs no training on the latter.

    The same trees as many times bagged, taught orders and values, or values alone.
    """
    everything = np.ones(len(data), bool)
    told("boosting with orders")
    made = kept_scores(out, data, settings, told=told)
    told("boosting on values alone")
    plainly = held_out_ranked(data, replace(settings, built=0, told=0), told=told)
    random = np.random.default_rng(0)
    rivals = {
        "random": random.standard_normal(len(data)),
        "mean luminance": data.luminance,
        "PU-PSNR to the placed SDR": data.sdr_pu_psnr,
        "ΔE_ITP to the placed SDR": -data.sdr_delta_e,
        "ColorVideoVDP with the master in hand": data.jod,
        "ΔE_ITP with the master in hand": -data.delta_e,
    }
    plain = (data.operator == "aces2") & ~data.trimmed
    found = {
        "boosting with orders": summary(data, made, everything),
        "boosting with orders, ACES 2.0 references": summary(data, made, plain),
        "boosting on values alone": summary(data, plainly, everything),
        "boosting on values alone, ACES 2.0 references": summary(data, plainly, plain),
    }
    found |= {name: summary(data, score, plain) for name, score in rivals.items()}
    return found


def left_out(
    data: Dataset,
    settings: RankedSettings,
    what: str,
    folds: int,
    told: Callable[[str], None],
    keep: Path | None = None,
) -> dict[str, dict[str, Any]]:
    """Each ladder ("ladder") or SDR operator ("operator") left out of training, and measured alone.

    With a ladder go its faults of a region and the combinations that it is part of. `srocc` is of its rungs
    alone, `srocc_all` of all rows by the model that never saw it. Under "every ladder" stands each row of a
    ladder by the model without it, and what is of none by their mean. keep: a folder for the scores of rows
    beside an operator, by the models without it.
    """
    column = data.ladder if what == "ladder" else data.operator
    kept = (data.kind == "fault") if what == "ladder" else ~data.trimmed
    found = {}
    measured = data.fold < folds
    every, count = np.zeros(len(data)), 0
    own = np.full(len(data), np.nan)
    for name in sorted({str(v) for v in column[kept]}):
        alone = column == name
        told(f"{what} {name}")
        if what == "operator":
            # An operator that is held out is none that anybody knows: neither taught nor among the tables.
            seen = not_knowing(data, name)
            score = held_out_ranked(seen, settings, train=~alone, test=alone, folds=range(folds))
            found[name] = summary(data, score, alone)
            if keep is not None:
                np.savez(keep / f"operator-{name}.npz", score=score)
            continue
        part = [any(p.split("/")[1] == name for p in parts) for parts in data.components]
        teach = ~alone & ~(np.array(part, bool) & (data.kind == "combined"))
        score = held_out_ranked(data, settings, train=teach, folds=range(folds))
        found[name] = summary(data, score, measured & (alone | (data.ladder == "master")))
        found[name]["srocc_all"] = asdict(correlations(data, score, measured))
        every, count = every + score, count + 1
        own[alone] = score[alone]
    if what == "ladder" and count:
        stitched = np.where(np.isfinite(own), own, every / count)
        found["every ladder"] = summary(data, stitched, measured)
    return found


def _without_nan(found: Any) -> Any:
    """null where a figure has nothing to be of: a ladder of four rungs has no rank correlation."""
    if isinstance(found, dict):
        return {key: _without_nan(value) for key, value in found.items()}
    return None if isinstance(found, float) and np.isnan(found) else found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--bags", type=int, default=RankedSettings.bags)
    parser.add_argument("--trees", type=int, default=RankedSettings.trees)
    parser.add_argument(
        "--estimate",
        action="store_true",
        help="also sources that ColorVideoVDP has not seen, for orders alone",
    )
    parser.add_argument("--ladders", action="store_true", help="also leave every ladder out")
    parser.add_argument("--operators", action="store_true", help="also leave every SDR operator out")
    parser.add_argument("--only", action="store_true", help="of --ladders or --operators, and nothing else")
    parser.add_argument("--folds", type=int, default=FOLDS, help="of five, for what is left out")
    parser.add_argument("--keep", type=Path, help="folder for the scores with operators left out")
    parser.add_argument("--json", type=Path, default=Path("bench/results/scorer_order.json"))
    asked = parser.parse_args(arguments)
    if asked.keep is not None:
        asked.keep.mkdir(parents=True, exist_ok=True)
    progress = Console(stderr=True)
    console = Console(width=None if Console().is_terminal else 150)
    data = load_dataset(Store(asked.set), estimate=asked.estimate)
    settings = RankedSettings(bags=asked.bags, trees=asked.trees)

    def told(line: str) -> None:
        progress.print(line, highlight=False)

    result: dict[str, Any] = {}
    if not asked.only:
        result = {
            **environment(),
            "settings": asdict(settings),
            "sources": len(set(data.source)),
            "groups": len(set(data.group)),
            "sources_with_jod": len(set(data.source[data.asked])),
            "rows": len(data),
            "scorers": measure(asked.set, data, settings, told),
        }
        console.print(
            f"{result['sources']} sources in {result['groups']} groups, {len(data)} rows", highlight=False
        )
        _told(result["scorers"], console)
    for what, wanted in (("ladder", asked.ladders), ("operator", asked.operators)):
        if not wanted:
            continue
        one = RankedSettings(bags=1, trees=asked.trees)
        result[f"{what}_left_out"] = out = left_out(data, one, what, asked.folds, told, asked.keep)
        for name, row in out.items():
            parts = "  ".join(
                f"{k} {row[k]['value']:.3f}" for k in ("srocc", "macro_1", "macro_2", "masters") if k in row
            )
            console.print(f"without {what} {name}: {parts}", highlight=False)
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    if asked.only and asked.json.is_file():
        result = {**json.loads(asked.json.read_text()), **result}
    asked.json.write_text(json.dumps(_without_nan(result), indent=1) + "\n")
    console.print(f"figures in {asked.json}")


if __name__ == "__main__":
    main()
