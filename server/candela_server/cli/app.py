"""The application: global options, and the list of commands."""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.main import get_command, get_command_name

from candela_engines import __version__
from candela_server.cli import (
    bridging,
    calibrating,
    checking,
    commands,
    demo,
    embedding,
    evaluating,
    exporting,
    exporting_farm,
    exporting_networks,
    installing,
    installing_hosts,
    looking,
    measuring,
    paneling,
    reconstructing,
    scoring,
    serving,
    studying,
    upconverting,
)
from candela_server.cli.options import JsonFlag, Ocio, QuietFlag, Settings

__all__ = ["app", "program_for"]

app = typer.Typer(
    name="candela",
    help=(
        "An SDR picture that carries its own HDR.\n\n"
        "A colourist embeds: the SDR grade and its HDR master go in, and the same SDR file comes out, a few "
        "kilobytes larger. Whoever gets that one file reconstructs the HDR.\n\n"
        "candela embed grade.png --hdr master.exr -o out.png\n\n"
        "candela reconstruct out.png -o hdr.exr\n\n"
        "Exit codes: 0 pass, 1 findings, 2 bad input, 3 the machine failed, 130 cancelled."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"candela {__version__}")
        raise typer.Exit


@app.callback()
def _global(
    context: typer.Context,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    sidecar: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Have a sidecar do the work: unix:/PATH or HOST:PORT."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = Settings(json, quiet, ocio, sidecar)


for _command in (
    embedding.embed,
    reconstructing.reconstruct,
    upconverting.upconvert,
    looking.inspect,
    looking.shots,
    commands.strip,
    commands.verify,
    measuring.metrics,
    scoring.score,
    scoring.compare,
    calibrating.calibrate,
    studying.study,
    evaluating.evaluate,
    checking.qc,
    checking.waive,
    demo.demo,
    looking.formats,
    exporting_networks.export_dctl,
    exporting_networks.export_blink,
    exporting_networks.export_cube,
    exporting.export_triton,
    exporting_farm.export_openjd,
    installing_hosts.install,
    installing_hosts.uninstall,
    installing.install_ofx,
    serving.serve,
    serving.status,
    bridging.bridge,
    paneling.panel,
):
    app.command()(_command)


def program_for(arguments: Sequence[str]) -> Any:
    """The program, a group of click's, with the commands alone that a line names; the whole of it for a line
    that names none.

    Typer takes a seventh of a second for the options of all commands, and one is wanted. What a line means
    cannot change by that: the word that names its command is among them, or it is no command. Help is of all
    commands where an option comes first, since it may be asked for before any command is.
    """
    first = arguments[0] if arguments else ""
    if first not in _NAMES and not {"-h", "--help"}.isdisjoint(arguments):
        return _program(frozenset())
    return _program(frozenset(arguments) & _NAMES)


@functools.cache
def _program(names: frozenset[str]) -> Any:
    part = copy.copy(app)
    part.registered_commands = [each for each in app.registered_commands if not names or _name(each) in names]
    return get_command(part)


def _name(command: Any) -> str:
    return str(command.name or get_command_name(command.callback.__name__))


_NAMES = frozenset(map(_name, app.registered_commands))
