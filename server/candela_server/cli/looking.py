"""The commands that only look: at a file, at the installation, at the formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.options import JsonFlag, Media, QuietFlag, refuse_timeline, settings
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar
from candela_server.cli.remote import use_cases

__all__ = ["formats", "inspect", "shots"]


def inspect(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            readable=False,
            help="What carries its HDR: a still, a movie, a pattern such as shot.####.exr, or a folder.",
        ),
    ] = None,
    runtime: Annotated[
        bool, typer.Option("--runtime", help="Show instead what computes on this machine, and why.")
    ] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Show what a file carries.

    How faithful the HDR is, for which picture or shots, in which colours and in how many bytes. Also reads a
    .candela file. The HDR master is not needed.

    candela inspect out.png

    candela inspect --runtime
    """
    from candela_server import service
    from candela_server.cli import text, text_shots
    from candela_server.service.clip_kind import kind_of_name

    said = settings(context, json, quiet)
    if runtime and file is None:
        here = service.runtime()
        show(said, text.runtime(here), here.to_json())
        return
    if runtime or file is None:
        raise typer.BadParameter("a FILE, or --runtime alone, is needed", ctx=context, param_hint="FILE")
    refuse_timeline(file)
    if kind_of_name(file) == "clip" or service.is_reel_file(file):
        with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
            shots = doing.inspect_shots(service.InspectShotsRequest(file), bar)
        show(said, text_shots.inspected(shots), shots.to_json())
        return
    with use_cases(said) as doing:
        result = doing.inspect(service.InspectRequest(file))
    show(said, text.inspected(result), result.to_json())


def formats(context: typer.Context, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """List what can be read, written and carried."""
    from candela_server.cli import text
    from candela_server.service.formats import formats as list_formats

    result = list_formats()
    show(settings(context, json, quiet), text.format_lists(result), result.to_json())


def shots(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            readable=False,
            help="A movie, a pattern such as shot.####.exr, a folder, or a timeline (.edl, .otio, .fcpxml).",
        ),
    ],
    detect: Annotated[
        bool, typer.Option("--detect", help="Look for cuts in the pictures, whatever the clip carries.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.html",
            readable=False,
            help="Write a page with thumbnails, in one file that opens offline.",
        ),
    ] = None,
    confidence: Annotated[
        bool,
        typer.Option("--confidence", help="Show the confidence of the HDR on the page, in false colour."),
    ] = False,
    rate: Annotated[
        str | None, typer.Option(metavar="FPS", help="Frames a second of an EDL, as 25 or 24000/1001.")
    ] = None,
    media: Media = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """List the shots of a clip or a timeline.

    Those of the reel that a clip carries, with bytes and fidelity; with --detect those that its cuts make; of
    a timeline its own, with their media and what is missing of them.

    candela shots out.mov

    candela shots out.mov --html shots.html --confidence

    candela shots rushes.mov --detect

    candela shots cut.edl --rate 24 --media rushes/ --html cut.html
    """
    from candela_server import service
    from candela_server.cli import ranges, text_clips

    said = settings(context, json, quiet)
    fps = None if rate is None else ranges.rate(rate, "--rate")
    folders = tuple(media or ())
    request = service.ShotsRequest(
        file, detect=detect, html=html, confidence=confidence, rate=fps, media=folders
    )
    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        result = doing.shots(request, bar.work)
    show(said, text_clips.shots(result), result.to_json())
