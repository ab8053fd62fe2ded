"""candela panel: shots, scores, pictures and scopes in a window."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.options import settings

__all__ = ["panel"]


def panel(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Clips, stills, folders of either, or one timeline."),
    ] = None,
    sdr: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="The SDR version: a file for all, or a folder that goes by names."),
    ] = None,
    other: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Another grade to compare with, likewise.")
    ] = None,
    colour: Annotated[
        str | None, typer.Option(metavar="NAME", help="What the grades are, where no tags say it.")
    ] = None,
    sdr_colour: Annotated[
        str | None, typer.Option(metavar="NAME", help="What the SDR versions are, likewise.")
    ] = None,
    rate: Annotated[
        str | None, typer.Option(metavar="FPS", help="Of a timeline that does not say it, as 24000/1001.")
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(metavar="HOUSE", help="Score by a house model that candela calibrate made."),
    ] = None,
    resolve: Annotated[
        bool, typer.Option("--resolve", help="The timeline that is open in DaVinci Resolve Studio.")
    ] = False,
) -> None:
    """Look at shots with their scores and reasons, in a window.

    It needs Qt: pip install 'candela-hdr[panel]'.

    candela panel graded.otio --sdr /shots/sdr

    candela panel --resolve
    """
    from candela_bridge.client import Bridge, Launch
    from candela_engines.errors import InfrastructureError, InputError

    said = settings(context, False, False)
    if resolve and files:
        raise InputError("--resolve lists the timeline that is open there: leave the files out")
    try:
        from candela_bridge.panel.rows import Colours
        from candela_bridge.panel.widgets.opening import run
    except (RuntimeError, ImportError) as error:
        raise InfrastructureError(str(error)) from error
    address = [] if said.sidecar is None else ["--sidecar", said.sidecar]
    # The helper of this installation, whatever else is on the path.
    command = (sys.executable, "-m", "candela_server.cli", *address, "bridge")
    with Bridge("panel", launch=Launch(command, dict(os.environ))) as bridge:
        code = run(
            [str(path.absolute()) for path in files or ()],
            bridge=bridge,
            sdr=str(sdr.absolute()) if sdr else "",
            other=str(other.absolute()) if other else "",
            rate=rate,
            colours=Colours(grade=colour or "", sdr=sdr_colour or ""),
            resolve=resolve,
            house=str(model.absolute()) if model else "",
        )
    raise typer.Exit(code)
