"""PU-VTAMIQ-S beside plain full-reference metrics, against what ColorVideoVDP says, on sources held out.

    python -m bench.pu_vtamiq SET RUN... [--single] [--bare] [--logs] [--ladders N] [--out FILE]

SET is what the stages of `candela_engines.scorer.training` made; a RUN is a folder of
`candela_engines.scorer.training.pu_vtamiq.train`, named by itself: the arms of the domain-adaptation
ablation are runs. Every HDR pair of the sources for test counts. Rank correlation is per source; PLCC
over all pairs after a logistic of four parameters; flips are neighbours of one ladder in the wrong order,
ties half. Intervals are of 95 %, by bootstrap over groups. Two metrics meet the same sources, so that what
one beats another by is told from differences source by source, drawn by groups as well. Nobody rated
anything: it is agreement with ColorVideoVDP, which is not in the race but the judge.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.intervals import Interval, rank_correlation, spread
from candela_engines.metrics import delta_e_itp, pu_ms_ssim, pu_psnr, pu_ssim
from candela_engines.scorer.eye.correlation import logistic_fit
from candela_engines.scorer.pu_vtamiq import PuVtamiq, load_pu_vtamiq
from candela_engines.scorer.training.pictures import F32, nits_of
from candela_engines.scorer.training.pu_vtamiq.pairs import Pairs, hdr_pairs, split_of
from candela_engines.scorer.training.store import Store

__all__ = ["differences", "kept_step", "main", "neighbours", "summary", "thinned"]

_MOST_DB = 120.0  # of pictures without a difference, whose PSNR is infinite

Metric = Callable[[F32, F32], float]
"""Test and reference in nits to a loss: higher is worse."""

PLAIN: dict[str, Metric] = {
    "PU-PSNR": lambda test, reference: -min(pu_psnr(test, reference), _MOST_DB),
    "PU-SSIM": lambda test, reference: -pu_ssim(test, reference),
    "PU-MS-SSIM": lambda test, reference: -pu_ms_ssim(test, reference),
    "mean ΔE_ITP": lambda test, reference: delta_e_itp(test, reference).mean,
}


def neighbours(pairs: Pairs) -> list[tuple[int, int]]:
    """Numbers of pictures next to one another on a ladder, the better first."""
    ladders: dict[str, list[int]] = {}
    for number, (ladder, rung) in enumerate(zip(pairs.ladders, pairs.rungs, strict=True)):
        if rung > 0:
            ladders.setdefault(ladder, []).append(number)
    found = []
    for numbers in ladders.values():
        ordered = sorted(numbers, key=lambda n: int(pairs.rungs[n]))
        found += [(a, b) for a, b in itertools.pairwise(ordered) if pairs.rungs[a] < pairs.rungs[b]]
    return found


def thinned(pairs: Pairs, every: int) -> Pairs:
    """Every so many'th ladder of a source, by name, with all its rungs."""
    kept = set(sorted(set(pairs.ladders))[::every])
    here = np.array([ladder in kept for ladder in pairs.ladders])
    ladders = tuple(ladder for ladder in pairs.ladders if ladder in kept)
    numbers = {key: getattr(pairs, key)[here] for key in ("rows", "of", "loss", "rungs")}
    return replace(pairs, ladders=ladders, **numbers)


def summary(pairs: Sequence[Pairs], said: Sequence[np.ndarray]) -> dict[str, Any]:
    """Of losses said of every pair of every source."""
    ranks: dict[str, list[float]] = {}
    wrong: dict[str, list[float]] = {}
    by_source: dict[str, float] = {}
    for one, values in zip(pairs, said, strict=True):
        by_source[one.name] = rank_correlation(values, one.loss)
        ranks.setdefault(one.group, []).append(by_source[one.name])
        for better, worse in neighbours(one):
            gap = values[worse] - values[better]
            wrong.setdefault(one.group, []).append(1.0 if gap < 0 else 0.5 if gap == 0 else 0.0)
    every, wanted = np.concatenate(said), np.concatenate([one.loss for one in pairs])
    fitted = logistic_fit(every, wanted.astype(np.float64))
    return {
        "srocc": vars_of(spread(ranks)),
        "flips": vars_of(spread(wrong)),
        "plcc": round(float(np.corrcoef(fitted, wanted)[0, 1]), 4),
        "rmse": round(float(np.sqrt(np.mean((fitted - wanted) ** 2))), 4),
        "rows": len(wanted),
        "by_source": {name: round(value, 5) for name, value in by_source.items()},
    }


def differences(metrics: dict[str, Any], group_of: dict[str, str]) -> dict[str, dict[str, list[float]]]:
    """What the SROCC of a metric is above another's, on the same sources: value, low, high. By the name of
    either; of every pair of metrics once, the better first.
    """
    found: dict[str, dict[str, list[float]]] = {}
    order = sorted(metrics, key=lambda name: -float(metrics[name]["srocc"][0]))
    for one, other in itertools.combinations(order, 2):
        apart: dict[str, list[float]] = {}
        for source, value in metrics[one]["by_source"].items():
            apart.setdefault(group_of[source], []).append(value - metrics[other]["by_source"][source])
        found.setdefault(one, {})[other] = vars_of(spread(apart))
    return found


def vars_of(interval: Interval) -> list[float]:
    """Value, low, high."""
    return [round(float(v), 4) for v in (interval.value, interval.low, interval.high)]


def kept_step(log: str) -> dict[str, Any]:
    """What a training's log (JSON lines) says of the step whose weights it kept: the first of the least
    error on the sources for validation; `stopped_at` is the last step.
    """
    lines = [json.loads(line) for line in log.splitlines()]
    kept: dict[str, Any] = min(lines, key=lambda line: float(line["validation_mae"]))
    return {**kept, "stopped_at": lines[-1]["step"]}


def of_network(network: PuVtamiq) -> Metric:
    """The network as a metric among others."""
    return lambda test, reference: 10.0 - network(test, reference).jod


def measure(pairs: Sequence[Pairs], metrics: dict[str, Metric]) -> dict[str, Any]:
    """Every metric on the same pairs, with the seconds of a pair."""
    found: dict[str, Any] = {}
    said: dict[str, list[np.ndarray]] = {name: [] for name in metrics}
    spent = dict.fromkeys(metrics, 0.0)
    for one in pairs:
        masters = {int(at): nits_of(one.masters[at]) for at in set(one.of)}
        values: dict[str, list[float]] = {name: [] for name in metrics}
        for row, of in zip(one.rows, one.of, strict=True):
            test = nits_of(one.tests[row])
            for name, metric in metrics.items():
                began = time.perf_counter()
                values[name].append(metric(test, masters[int(of)]))
                spent[name] += time.perf_counter() - began
        for name, each in values.items():
            said[name].append(np.array(each))
    total = sum(len(one) for one in pairs)
    for name in metrics:
        found[name] = {**summary(pairs, said[name]), "seconds": round(spent[name] / total, 4)}
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("runs", type=Path, nargs="*")
    parser.add_argument("--limit", type=int, help="at most so many sources for test")
    parser.add_argument("--single", action="store_true", help="one source of every group")
    parser.add_argument("--ladders", type=int, default=1, help="every so many'th ladder of a source alone")
    parser.add_argument("--plain", nargs="+", choices=PLAIN, default=list(PLAIN), help="else all plain ones")
    parser.add_argument(
        "--bare", action="store_true", help="the runs alone, beside what --out holds of the same pairs"
    )
    parser.add_argument("--logs", action="store_true", help="measure nothing: what the runs' logs say, anew")
    parser.add_argument("--out", type=Path, default=Path("bench/results/pu_vtamiq.json"))
    asked = parser.parse_args(arguments)
    trained = {run.name: kept_step((run / "log.jsonl").read_text("utf-8")) for run in asked.runs}
    if asked.logs:
        result = json.loads(asked.out.read_text("utf-8"))
        if strange := set(trained) - set(result["metrics"]):
            raise SystemExit(f"{asked.out}: holds no figures of {min(strange)}; measure it first")
        result["trained"] |= trained
        asked.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
        return
    pairs = hdr_pairs(Store(asked.set))
    split = split_of([one.group for one in pairs])
    tested = sorted((one for one in pairs if split[one.group] == "test"), key=lambda one: one.name)
    if asked.single:
        tested = list({one.group: one for one in reversed(tested)}.values())[::-1]
    tested = [thinned(one, asked.ladders) for one in tested[: asked.limit]]
    metrics = {} if asked.bare else {name: PLAIN[name] for name in asked.plain}
    for run in asked.runs:
        with np.load(run / "pu_vtamiq_s.npz", allow_pickle=False) as kept:
            metrics[run.name] = of_network(load_pu_vtamiq(dict(kept), threads=1))
    kept = json.loads(asked.out.read_text("utf-8")) if asked.bare else {"metrics": {}, "trained": {}}
    if any(row["rows"] != sum(len(one) for one in tested) for row in kept["metrics"].values()):
        raise SystemExit(f"{asked.out}: is of other pairs; measure all of them again")
    found = kept["metrics"] | measure(tested, metrics)
    table = Table("metric", "SROCC, per source", "flips, next rung", "PLCC", "RMSE", "s")
    for name, row in found.items():
        cells = ["{:.3f} [{:.3f}, {:.3f}]".format(*row[key]) for key in ("srocc", "flips")]
        table.add_row(name, *cells, *(f"{row[key]:.3f}" for key in ("plcc", "rmse", "seconds")))
    apart = differences(found, {one.name: one.group for one in tested})
    paired = Table("metric", "above", "SROCC by, paired")
    for name, others in apart.items():
        for other, row in others.items():
            paired.add_row(name, other, "{:+.3f} [{:+.3f}, {:+.3f}]".format(*row))
    for shown in (table, paired):
        Console(width=120).print(shown)
    groups = len({one.group for one in tested})
    result = {
        **environment(),
        "sources": len(tested),
        "groups": groups,
        "every_ladder": asked.ladders,
        "trained": kept["trained"] | trained,
        "metrics": found,
        "differences": apart,
    }
    asked.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
