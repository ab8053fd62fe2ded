"""The commands: from options to a request, from a result to text or JSON. Engines load when one runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.options import (
    File,
    Frames,
    HdrColour,
    HdrMatrix,
    HdrOffset,
    HdrRange,
    JsonFlag,
    Ocio,
    Out,
    QuietFlag,
    SdrMatrix,
    SdrRange,
    refuse_flags,
    refuse_timeline,
    settings,
)
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar
from candela_server.cli.remote import use_cases

__all__ = ["strip", "verify"]


def strip(
    context: typer.Context, file: File, out: Out, json: JsonFlag = False, quiet: QuietFlag = False
) -> None:
    """Give back the original SDR file, byte for byte; of a sequence every frame's.

    candela strip out.png -o original.png

    candela strip 'out.####.dpx' -o 'original.####.dpx'
    """
    from candela_server import service
    from candela_server.cli import text, text_shots
    from candela_server.service.clip_kind import is_sequence_name

    said = settings(context, json, quiet)
    refuse_timeline(file)
    if is_sequence_name(file):
        with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
            shots = doing.strip_shots(service.StripShotsRequest(file, out), bar.work)
        show(said, text_shots.stripped(shots), shots.to_json())
        return
    with use_cases(said) as doing:
        result = doing.strip(service.StripRequest(file, out))
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
    min_psnr: Annotated[
        float | None,
        typer.Option(metavar="DB", help="Fail below this PU-PSNR, of the picture or of any shot."),
    ] = None,
    max_delta_e: Annotated[
        float | None, typer.Option(metavar="X", help="Fail above this mean ΔE_ITP, likewise.")
    ] = None,
    frames: Frames = None,
    hdr_offset: HdrOffset = None,
    hdr_matrix: HdrMatrix = None,
    sdr_range: SdrRange = None,
    sdr_matrix: SdrMatrix = None,
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

    candela verify out.mov --hdr master.mov --frames 0-99
    """
    from candela_server import service
    from candela_server.cli import ranges, text, text_shots
    from candela_server.service.clip_kind import kind_of_name

    said = settings(context, json, quiet, ocio)
    refuse_timeline(file)
    if kind_of_name(file) == "clip":
        with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
            shots = doing.verify_shots(
                service.VerifyShotsRequest(
                    file,
                    hdr,
                    hdr_colour=hdr_colour,
                    hdr_range=None if hdr_range is None else hdr_range.value,
                    hdr_matrix=hdr_matrix,
                    sdr_range=None if sdr_range is None else sdr_range.value,
                    sdr_matrix=sdr_matrix,
                    min_psnr=min_psnr,
                    max_delta_e=max_delta_e,
                    frames=None if frames is None else ranges.frame_range(frames, "--frames"),
                    hdr_offset=hdr_offset,
                    ocio=said.ocio,
                ),
                bar.work,
            )
        show(said, text_shots.verified(shots), shots.to_json())
        if not shots.passed:
            raise typer.Exit(1)
        return
    only_shots: dict[str, object] = {
        "--frames": frames,
        "--hdr-offset": hdr_offset,
        "--hdr-matrix": hdr_matrix,
        "--sdr-range": sdr_range,
        "--sdr-matrix": sdr_matrix,
    }
    refuse_flags(file, only_shots, "is a still picture", "movies and sequences")
    request = service.VerifyRequest(
        file,
        hdr,
        hdr_colour=hdr_colour,
        hdr_range=None if hdr_range is None else hdr_range.value,
        min_psnr=min_psnr,
        max_delta_e=max_delta_e,
        ocio=said.ocio,
    )
    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        result = doing.verify(request, bar)
    show(said, text.verified(result), result.to_json())
    if not result.passed:
        raise typer.Exit(1)
