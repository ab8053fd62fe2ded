"""The command that holds scorers against what people said."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candela_server.cli.calibrating import GradeColour, KeyFrames, ReferenceColour
from candela_server.cli.lines import columns, line, notes, table
from candela_server.cli.options import JsonFlag, Ocio, QuietFlag, refuse_sidecar, settings
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar

if TYPE_CHECKING:
    from candela_engines.scorer.eye.holdout import Estimate
    from candela_server.service.evaluate import EvaluateResult

__all__ = ["evaluate"]


def evaluate(
    context: typer.Context,
    dataset: Annotated[
        Path,
        typer.Argument(
            metavar="DATASET", readable=False, help="A folder with versions.csv, or with a folder a scene."
        ),
    ],
    choices: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="CSV", readable=False, help="What people chose; else choices*.csv beside the versions."
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(metavar="HOUSE", readable=False, help="A house model, held against them as well."),
    ] = None,
    scores: Annotated[
        list[Path] | None,
        typer.Option(metavar="CSV", readable=False, help="Other scorers: scene, condition, a column each."),
    ] = None,
    zero: Annotated[
        str | None, typer.Option(metavar="CONDITION", help="The condition at 0 JOD in every scene, as sdr.")
    ] = None,
    colour: GradeColour = None,
    reference_colour: ReferenceColour = None,
    key_frames: KeyFrames = 5,
    seed: Annotated[int, typer.Option(metavar="N", help="Of intervals.")] = 0,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Hold the scorer, and whatever else scores, against what people said of the same versions.

    PLCC after a logistic fit, SROCC over all and per scene, flip rate, choices predicted: with 95 %
    intervals over scenes, beside simple measures that any scorer has to beat.

    candela evaluate dataset --json

    candela evaluate dataset --choices choices.csv --scores cvvdp.csv --model house.npz
    """
    from candela_engines.errors import InputError
    from candela_server.service import preference_calls as service

    said = settings(context, json, quiet, ocio)
    refuse_sidecar(said, "evaluate")
    if not 1 <= key_frames <= 50:
        raise InputError(f"--key-frames {key_frames}: 1 to 50 are possible")
    request = service.EvaluateRequest(
        dataset, tuple(choices or ()), model, tuple(scores or ()), zero,
        service.Said(colour, reference_colour, said.ocio, key_frames), seed,
    )  # fmt: skip
    with ProgressBar(quiet=said.quiet) as bar:
        result = service.evaluate(request, bar.work)
    show(said, _lines(result, service.PUBLISHED), result.to_json())


_HEAD = ("scorer", "versions", "PLCC 4", "PLCC 5", "SROCC", "SROCC a scene", "flips", "choices")


def _lines(result: EvaluateResult, published: str) -> Iterator[str]:
    yield line("ratings", f"{result.source}: {result.scenes} scenes, {result.versions} versions")
    if result.choices:
        out = sum(bool(r.why) for r in result.raters)
        yield line("choices", f"{result.choices} of {len(result.raters)} raters, {out} of whom were left out")
    for rater in result.raters:
        if rater.why:
            yield line("left out", f"{rater.name}: {rater.why}")
    if result.ceiling is not None:
        yield line(
            "ceiling", f"{result.ceiling:.3f} SROCC a scene between halves of the raters, raised to all"
        )
    rows = [
        (row.name, str(row.count), *(_figure(found) for found in row.figures.values())) for row in result.rows
    ]
    yield from table(_HEAD, rows, left=("scorer",), width=columns())
    yield from notes([*result.notes, published])


def _figure(found: Estimate | None) -> str:
    if found is None:
        return "?"
    span = "" if math.isnan(found.low) else f" [{found.low:.3f}, {found.high:.3f}]"
    return f"{found.value:.3f}{span}"
