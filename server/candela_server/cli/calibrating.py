"""The command that makes a house model of a studio's own choices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.options import JsonFlag, Ocio, QuietFlag, refuse_sidecar, settings
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar

__all__ = ["GradeColour", "KeyFrames", "Media", "ReferenceColour", "calibrate"]

Media = Annotated[
    list[Path],
    typer.Option(
        metavar="DIR",
        readable=False,
        help="The versions: a folder with versions.csv, or with a folder a scene; several may be given.",
    ),
]
GradeColour = Annotated[
    str | None,
    typer.Option(
        "--colour", metavar="NAME", help="How versions are read whose tags do not say it: rec2100-pq …"
    ),
]
ReferenceColour = Annotated[
    str | None, typer.Option(metavar="NAME", help="The same of their SDR references: rec709 …")
]
KeyFrames = Annotated[int, typer.Option(metavar="N", help="Key frames of a version at most, 1 to 50.")]


def calibrate(
    context: typer.Context,
    choices: Annotated[
        list[Path],
        typer.Argument(
            metavar="CHOICES…", readable=False, help="CSV of the panel, of a study, or as of pwcmp."
        ),
    ],
    media: Media,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="HOUSE", readable=False, help="The house model, .npz.")
    ],
    name: Annotated[
        str, typer.Option(metavar="NAME", help="Of the house, in every score; else the file's.")
    ] = "",
    zero: Annotated[
        str | None,
        typer.Option(metavar="CONDITION", help="The condition at 0 JOD, as sdr; else the mean is."),
    ] = None,
    colour: GradeColour = None,
    reference_colour: ReferenceColour = None,
    key_frames: KeyFrames = 5,
    seed: Annotated[int, typer.Option(metavar="N", help="Of intervals and of what is held out.")] = 0,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Make a house model of pairwise choices: the scorer with a studio's own eye.

    Raters are screened, choices scaled to JOD (Thurstone, with intervals), the scorer's head is taught, and
    tried on scenes that it was not taught on. It is written only where it predicts their choices surely
    better than the stock scorer; otherwise exit code 1, the reason, and how many more choices would do.

    candela calibrate choices.csv --media versions -o house.npz

    candela score grade.exr --reference sdr.png --model house.npz
    """
    from candela_engines.errors import InputError
    from candela_server.cli import text_calibrate
    from candela_server.service import preference_calls as service

    said = settings(context, json, quiet, ocio)
    refuse_sidecar(said, "calibrate")
    if not 1 <= key_frames <= 50:
        raise InputError(f"--key-frames {key_frames}: 1 to 50 are possible")
    request = service.CalibrateRequest(
        tuple(choices), tuple(media), out, name, zero,
        service.Said(colour, reference_colour, said.ocio, key_frames), seed,
    )  # fmt: skip
    with ProgressBar(quiet=said.quiet) as bar:
        result = service.calibrate(request, bar.work)
    show(said, text_calibrate.calibrated(result), result.to_json())
    if result.model is None:
        raise typer.Exit(1)
