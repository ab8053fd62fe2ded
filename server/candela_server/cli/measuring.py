"""The command that measures one picture against another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from candela_server.cli.options import Frames, JsonFlag, Ocio, QuietFlag, RangeName, settings
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar
from candela_server.cli.remote import use_cases

__all__ = ["metrics"]

_TEST, _REFERENCE = "How TEST is read", "How REFERENCE is read"
_PATH = "A still, a movie, a pattern such as shot.####.exr, or a folder."


def _colour(panel: str) -> Any:
    return typer.Option(
        metavar="NAME",
        help=(
            "What its numbers mean, where its tags do not say it: rec709, rec2100-pq, rec2100-hlg, p3-pq, "
            "linear-rec2020 or any OCIO colour space."
        ),
        rich_help_panel=panel,
    )


def _range(panel: str) -> Any:
    return typer.Option(help="Range of its codes; else as its tags say, or full.", rich_help_panel=panel)


def _matrix(panel: str) -> Any:
    return typer.Option(
        metavar="NAME",
        help="Matrix of its Y'CbCr, of movies: bt709, bt601, bt2020nc, rgb, ycgco.",
        rich_help_panel=panel,
    )


def metrics(
    context: typer.Context,
    test: Annotated[Path, typer.Argument(metavar="TEST", readable=False, help=_PATH)],
    reference: Annotated[
        Path, typer.Argument(metavar="REFERENCE", readable=False, help=f"The same. {_PATH}")
    ],
    colour: Annotated[str | None, _colour(_TEST)] = None,
    range: Annotated[RangeName | None, _range(_TEST)] = None,
    matrix: Annotated[str | None, _matrix(_TEST)] = None,
    reference_colour: Annotated[str | None, _colour(_REFERENCE)] = None,
    reference_range: Annotated[RangeName | None, _range(_REFERENCE)] = None,
    reference_matrix: Annotated[str | None, _matrix(_REFERENCE)] = None,
    sdr_white: Annotated[
        float | None,
        typer.Option(metavar="NITS", help="Where the white of an SDR picture is placed; else 100 nit."),
    ] = None,
    frames: Frames = None,
    offset: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="A frame of TEST is held against the frame of its number and N on top."
        ),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Measure pictures that look like different ones.")
    ] = False,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Measure how far a picture or a clip is from a reference.

    PU-PSNR, PU-SSIM, PU-MS-SSIM, PU-VTAMIQ-S and ΔE_ITP, on light in nits, pixel by pixel. All are of
    fidelity: another grade, however good, is far from its reference.

    candela metrics test.exr master.exr

    candela metrics trim.mov master.mov --colour rec2100-hlg --json
    """
    from candela_engines.errors import InputError
    from candela_server import service
    from candela_server.cli import ranges, text_metrics

    said = settings(context, json, quiet, ocio)
    if sdr_white is not None and not 1 <= sdr_white <= 10000:
        raise InputError(f"--sdr-white {sdr_white:g}: 1 to 10000 nit are possible")
    request = service.MetricsRequest(
        test,
        reference,
        service.SaidSide(
            "--colour", colour, None if range is None else range.value, matrix, said.ocio, sdr_white
        ),
        service.SaidSide(
            "--reference-colour",
            reference_colour,
            None if reference_range is None else reference_range.value,
            reference_matrix,
            said.ocio,
            sdr_white,
        ),
        frames=None if frames is None else ranges.frame_range(frames, "--frames"),
        offset=offset,
        anyway=anyway,
    )
    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        result = doing.metrics(request, bar.work)
    show(said, text_metrics.measured(result), result.to_json())
