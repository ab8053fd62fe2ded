"""The command that makes a study: pairs to show, and a page to choose with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.calibrating import GradeColour
from candela_server.cli.lines import line, notes
from candela_server.cli.options import JsonFlag, Ocio, QuietFlag, refuse_sidecar, settings
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar

__all__ = ["study"]


def study(
    context: typer.Context,
    media: Annotated[
        list[Path],
        typer.Argument(
            metavar="VERSIONS…", readable=False, help="A folder with versions.csv, or with a folder a scene."
        ),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="DIR", readable=False, help="Folder of the study.")
    ],
    choices: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="CSV", readable=False, help="Earlier choices: the most telling pairs come next."
        ),
    ] = None,
    pairs: Annotated[
        int | None,
        typer.Option(metavar="N", help="Pairs of a scene; else all, or with earlier choices one a version."),
    ] = None,
    raters: Annotated[int, typer.Option(metavar="N", help="Lists of trials to make, 1 to 200.")] = 12,
    catches: Annotated[int, typer.Option(metavar="N", help="Trials a rater with a plain answer.")] = 3,
    host: Annotated[
        bool,
        typer.Option(
            "--host", help="A timeline a rater to play on a reference display; the page only votes."
        ),
    ] = False,
    width: Annotated[int, typer.Option(metavar="PX", help="Of the page's pictures.")] = 1280,
    frame: Annotated[
        int | None, typer.Option(metavar="N", help="Of clips: the frame shown; else the middle.")
    ] = None,
    question: Annotated[str, typer.Option(metavar="TEXT", help="What raters are asked.")] = "",
    colour: GradeColour = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of every draw: the same gives the same study.")] = 0,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Make a study of preference: a balanced list of pairs for every rater, and a page that collects choices.

    The page shows SDR renditions, by keyboard, in hidden order, flipped in place, with catch trials, and
    saves the CSV that calibrate and evaluate read. A browser cannot show HDR as a reference display does:
    with --host the pictures are played there.

    candela study versions -o study --raters 10

    candela study versions -o next --choices choices.csv
    """
    from candela_server.service import preference_calls as service

    said = settings(context, json, quiet, ocio)
    refuse_sidecar(said, "study")
    request = service.StudyRequest(
        tuple(media), out, tuple(choices or ()), pairs, raters, catches, host, width,
        question or service.QUESTION, frame, service.Said(colour, None, said.ocio), seed,
    )  # fmt: skip
    with ProgressBar(quiet=said.quiet) as bar:
        result = service.study(request, bar.work)
    lines = [
        line(
            "study",
            f"{result.study_id}: {result.scenes} scenes, {result.versions} versions, {result.pairs} pairs",
        ),
        line("design", "most telling pairs after earlier choices" if result.adaptive else "balanced"),
        line("raters", f"{raters}, each {result.trials_each} trials"),
        *(line("written", str(path)) for path in result.files),
    ]
    shown = "the page shows SDR renditions: highlights and blacks are judged on a reference display (--host)"
    show(said, [*lines, *notes([*result.notes, *([] if host else [shown])])], result.to_json())
