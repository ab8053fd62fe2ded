"""The command that puts the OpenFX plug-in where hosts find it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candela_server.cli.lines import line, notes
from candela_server.cli.options import JsonFlag, QuietFlag, settings
from candela_server.cli.output import show

if TYPE_CHECKING:
    from candela_server.service import InstallOfxResult

__all__ = ["install_ofx"]


def install_ofx(
    context: typer.Context,
    user: Annotated[
        bool, typer.Option("--user", help="For yourself, in your own folder for data; hosts need to be told.")
    ] = False,
    system: Annotated[
        bool,
        typer.Option("--system", help="For everybody, where all hosts look (default); needs the rights."),
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", readable=False, help="Into this folder, as one that a facility shares."),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            readable=False,
            help="The Candela.ofx.bundle; else the one that came with Candela or was built by make plugin.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, and say what would be done.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take it out again, and put back what was there before.")
    ] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Install the OpenFX plug-in for DaVinci Resolve, Nuke, Natron, Fusion and other hosts.

    The bundle is checked first: that it is whole, for this machine, and that it loads and answers. A version
    that was there before is kept.

    candela install-ofx --dry-run

    sudo candela install-ofx

    candela install-ofx --user
    """
    from candela_engines.errors import InputError
    from candela_server import service

    said = settings(context, json, quiet)
    if user + system + (to is not None) > 1:
        raise InputError("--user, --system and --to exclude one another; give one of them")
    scope = "folder" if to is not None else "user" if user else "system"
    result = service.install_ofx(
        service.InstallOfxRequest(scope, to, bundle, dry_run=dry_run, undo=undo)  # type: ignore[arg-type]
    )
    show(said, _lines(result), result.to_json())


def _lines(result: InstallOfxResult) -> Iterator[str]:
    would = "would be " if result.dry_run else ""
    if result.bundle is not None:
        yield line("bundle", str(result.bundle.path))
        for number, plugin in enumerate(result.bundle.plugins):
            yield line("" if number else "effects", f"{plugin.identifier} {plugin.major}.{plugin.minor}")
    yield line("done", f"{would}{result.done}: {result.path}")
    if result.kept is not None:
        yield line("kept", f"what was there before: {result.kept}; --undo puts it back")
    yield from notes(result.notes)
