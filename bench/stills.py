"""Stills: our payloads beside the best gain map of the same bytes, on SDR/HDR pairs of real HDR pictures.

    python -m bench.stills DATA [--families aces2,phone] [--sources 4] [--jobs 2]

DATA is a folder with HDR stills: EXR, Radiance .hdr, Ultra HDR .jpg. Only sources that training does not use
are measured, unless --all is given. What was measured is kept, so an interrupted run goes on where it was.
Nothing is taken from the payload's own report: its bytes are rendered and scored here.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.environment import environment
from bench.figures import Figure, figures, leads
from bench.gainmap import BUDGETS, cached_gain_maps
from bench.ours import cached_fit, code_version
from bench.pairs import FAMILIES, SkippedError, chosen_sources, families_of, make_pairs

__all__ = ["Options", "main", "measure", "tables"]

Row = dict[str, Any]
MODELS = ("default", "paper", "gamma")
RIVAL = "gain map"

_COLUMNS = (
    "method",
    "budget",
    "bytes",
    "PU-PSNR dB",
    "ΔE_ITP",
    "lead, equal bytes",
    "lead, same budget",
    "fit s",
)


@dataclass(frozen=True)
class Options:
    """What to measure."""

    budgets: tuple[int, ...] = BUDGETS
    families: tuple[str, ...] = FAMILIES
    models: tuple[str, ...] = MODELS
    effort: str = "normal"
    max_side: int = 1536
    version: str | None = None
    rival: bool = True


def measure(path: Path, family: str, options: Options) -> tuple[list[Row], str | None]:
    """All rows of one pair; or none and why its source was skipped."""
    rows: list[Row] = []
    try:
        for pair in make_pairs(path, [family], max_side=options.max_side):
            height, width = pair.sdr_codes.shape[:2]
            head = {
                "source": pair.source,
                "family": pair.family,
                "width": width,
                "height": height,
                "pair": pair.key,
            }
            if options.rival:
                found = cached_gain_maps(pair, options.budgets)
                rows += [{**head, "model": RIVAL, **rival.to_dict()} for rival in found.values()]
            for model in options.models:
                budgets: Sequence[int | None] = options.budgets if model == "default" else (None,)
                for budget in budgets:
                    ours = cached_fit(
                        pair, model=model, budget=budget, effort=options.effort, version=options.version
                    )
                    rows.append({**head, **ours.to_dict()})
    except SkippedError as reason:
        return [], f"{path.name}: {reason}"
    return rows, None


def _measure_all(
    work: Sequence[tuple[Path, str]], options: Options, jobs: int
) -> Iterator[tuple[tuple[Path, str], list[Row], str | None]]:
    if jobs <= 1:
        for item in work:
            yield item, *measure(*item, options)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = [(item, pool.submit(measure, *item, options)) for item in work]
        for item, job in running:
            yield item, *job.result()


def tables(rows: Sequence[Row], families: Sequence[str]) -> Iterator[Table]:
    """One table a family: every method and budget, median / worst over its pairs."""
    rivals = [row for row in rows if row["model"] == RIVAL]
    for family in families:
        here = [row for row in rows if row["family"] == family]
        if not here:
            continue
        table = Table(title=f"{family}: {len({row['source'] for row in here})} pairs", title_justify="left")
        for name in _COLUMNS:
            table.add_column(name, justify="left" if name == "method" else "right")
        for model in ("default", RIVAL, "paper", "gamma"):
            for budget in sorted({row["budget"] or 0 for row in here if row["model"] == model}):
                own = [r for r in here if r["model"] == model and (r["budget"] or 0) == budget]
                table.add_row(model, str(budget or "fixed"), *_cells(own, rivals if model != RIVAL else []))
            table.add_section()
        yield table


def _cells(own: Sequence[Row], rivals: Sequence[Row]) -> list[str]:
    quality = [row["pu_psnr"] for row in own]
    difference = [row["delta_e_itp"] for row in own]
    equal, same = leads(own, rivals), leads(own, rivals, same_budget=True)
    seconds = [row["fit_seconds"] for row in own if "fit_seconds" in row]
    return [
        f"{median(row['bytes'] for row in own):.0f}",
        f"{median(quality):.2f} / {min(quality):.2f}",
        f"{median(difference):.2f} / {max(difference):.2f}",
        f"{median(equal):+.2f} / {min(equal):+.2f}" if equal else "",
        f"{median(same):+.2f} / {min(same):+.2f}" if same else "",
        f"{median(seconds):.1f}" if seconds else "",
    ]


def _say_figures(console: Console, made: Sequence[Figure]) -> None:
    for figure in made:
        if figure.reached is None:
            console.print(f"[dim]not measured  {figure.name} ({figure.asked})[/dim]")
            continue
        word, colour = ("reached", "green") if figure.reached else ("MISSED", "red")
        console.print(
            f"[{colour}]{word:12}[/{colour}]  {figure.name}: {figure.value:.2f}, asked {figure.asked}"
            f"  [dim]({figure.note})[/dim]",
            highlight=False,
        )


def _listed(text: str, allowed: Sequence[str]) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in allowed]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(allowed)}")
    return names


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--budgets", type=lambda t: tuple(int(n) for n in t.split(",")), default=BUDGETS)
    parser.add_argument("--families", type=lambda t: _listed(t, FAMILIES), default=FAMILIES)
    parser.add_argument("--models", type=lambda t: _listed(t, MODELS), default=MODELS)
    parser.add_argument("--sources", type=int, help="at most so many of each kind of source")
    parser.add_argument("--all", action="store_true", help="also the sources that training may use")
    parser.add_argument("--effort", choices=("fast", "normal", "best"), default="normal")
    parser.add_argument("--max-side", type=int, default=1536)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--json", type=Path, default=Path("bench/results/stills.json"))
    parser.add_argument("--no-rival", action="store_true", help="leave the gain map out")
    parser.add_argument("--code-version", help="name of our code for the cache, instead of a hash of it")
    asked = parser.parse_args(arguments)
    options = Options(
        asked.budgets,
        asked.families,
        asked.models,
        asked.effort,
        asked.max_side,
        asked.code_version or code_version(),
        not asked.no_rival,
    )
    progress = Console(stderr=True)
    # A log is no terminal: there the tables keep their width.
    console = Console(width=None if Console().is_terminal else 120)
    chosen, training = chosen_sources(asked.data, everything=asked.all, limit=asked.sources)
    work = [(path, f) for path in chosen for f in options.families if f in families_of(path)]
    rows: list[Row] = []
    skipped: list[str] = []
    for number, ((path, family), found, reason) in enumerate(_measure_all(work, options, asked.jobs), 1):
        rows += found
        if reason and reason not in skipped:
            skipped.append(reason)
        progress.print(f"{number}/{len(work)} {path.name} {family}", highlight=False)
    made = figures([r for r in rows if r["model"] != RIVAL], [r for r in rows if r["model"] == RIVAL])
    for table in tables(rows, options.families):
        console.print(table)
    scope = "all sources, those of training too (--all)" if asked.all else "only sources not used in training"
    console.print(
        f"{len({row['source'] for row in rows})} sources: {scope}; {len(training)} left to training."
    )
    for reason in skipped:
        console.print(f"skipped: {reason}", highlight=False)
    _say_figures(console, made)
    result = {
        **environment(),
        "options": {**asdict(options), "sources": asked.sources, "all": asked.all},
        "left_to_training": [path.name for path in training],
        "skipped": skipped,
        "figures": [figure.to_dict() for figure in made],
        "rows": rows,
    }
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(result, indent=1, allow_nan=True) + "\n")
    console.print(f"rows in {asked.json}")


if __name__ == "__main__":
    main()
