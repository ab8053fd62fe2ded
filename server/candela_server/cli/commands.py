"""The commands: from options to a request, from a result to text or JSON. Engines load when one runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.options import (
    File,
    HdrColour,
    HdrRange,
    JsonFlag,
    Ocio,
    Out,
    QuietFlag,
    settings,
)
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar

__all__ = ["strip", "verify"]


def strip(
    context: typer.Context, file: File, out: Out, json: JsonFlag = False, quiet: QuietFlag = False
) -> None:
    """Give back the original SDR file, byte for byte.

    candela strip out.png -o original.png
    """
    from candela_server import service
    from candela_server.cli import text

    said = settings(context, json, quiet)
    result = service.strip(service.StripRequest(file, out))
    show(said, text.stripped(result), result.to_json())


def verify(
    context: typer.Context,
    file: File,
    hdr: Annotated[
        Path | None,
        typer.Option(metavar="HDR", readable=False, help="The HDR master. An Ultra HDR JPEG can do without."),
    ] = None,
    hdr_colour: HdrColour = None,
    hdr_range: HdrRange = None,
    min_psnr: Annotated[float | None, typer.Option(metavar="DB", help="Fail below this PU-PSNR.")] = None,
    max_delta_e: Annotated[
        float | None, typer.Option(metavar="X", help="Fail above this mean ΔE_ITP.")
    ] = None,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Hold a file against its HDR master.

    Measures how close the reconstruction comes, and compares that with what the file claims of itself.

    Exit codes: 0 pass; 1 a limit is missed, or the claim is off by more than 0.1 dB; 2 there is nothing to
    verify, as with a picture that was altered since, or a master that is missing or of another size; 3 the
    machine failed.

    candela verify out.png --hdr master.exr --min-psnr 50
    """
    from candela_server import service
    from candela_server.cli import text

    said = settings(context, json, quiet, ocio)
    request = service.VerifyRequest(
        file,
        hdr,
        hdr_colour=hdr_colour,
        hdr_range=None if hdr_range is None else hdr_range.value,
        min_psnr=min_psnr,
        max_delta_e=max_delta_e,
        ocio=said.ocio,
    )
    with ProgressBar(quiet=said.quiet) as bar:
        result = service.verify(request, bar)
    show(said, text.verified(result), result.to_json())
    if not result.passed:
        raise typer.Exit(1)
