"""candela bridge: the helper process that hosts talk to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.options import settings
from candela_server.cli.output import say

__all__ = ["bridge"]


def bridge(
    context: typer.Context,
    dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", readable=False, help="For socket and logs; default the user's own."),
    ] = None,
    root: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            readable=False,
            help="Folder that a sidecar which it starts may open, several times for several; default "
            "$CANDELA_ROOTS, else the home folder and all of the disk that is not the system's.",
        ),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="DIR", readable=False, help="For results; default the user's cache."),
    ] = None,
    idle: Annotated[
        float, typer.Option(metavar="S", help="Seconds without a host after which it ends.")
    ] = 600.0,
    detached: Annotated[bool, typer.Option("--detached", hidden=True)] = False,
) -> None:
    """Serve grading hosts: Nuke, DaVinci Resolve and the panel start this by themselves.

    It speaks to the sidecar of --sidecar or $CANDELA_SIDECAR, else to the user's own, and starts that where
    none runs. It ends by itself.

    candela bridge

    candela --sidecar 127.0.0.1:7410 bridge
    """
    from candela_bridge.helper import run
    from candela_bridge.place import PlaceError
    from candela_engines.errors import InputError

    said = settings(context, False, False)
    if not idle > 0:
        raise InputError(f"--idle {idle:g}: seconds, above 0")
    try:
        done = run(dir, sidecar=said.sidecar, roots=root or (), cache=cache, idle=idle, detached=detached)
    except PlaceError as error:
        raise InputError(str(error)) from error
    say(done)
