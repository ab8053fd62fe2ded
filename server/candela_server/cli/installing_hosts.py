"""The commands that put Candela into Nuke and DaVinci Resolve, and take it out."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candela_server.cli.lines import line, notes
from candela_server.cli.options import JsonFlag, QuietFlag, settings
from candela_server.cli.output import show

if TYPE_CHECKING:
    from candela_bridge.install import Done

__all__ = ["install", "uninstall"]

_MOST_SHOWN = 12


class HostName(StrEnum):
    """Hosts that are known."""

    nuke = "nuke"
    resolve = "resolve"


_Host = Annotated[HostName, typer.Argument(help="Which host.")]
_System = Annotated[bool, typer.Option("--system", help="Resolve: for everybody here; needs the rights.")]
_To = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", readable=False, help="Into this folder in place of the host's, as one that is shared."
    ),
]
_Dry = Annotated[bool, typer.Option("--dry-run", help="Change nothing, and say what would be done.")]


def install(
    context: typer.Context,
    host: _Host,
    system: _System = False,
    to: _To = None,
    command: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", help="The candela that the host is to start; default this one. '' for the path's."
        ),
    ] = None,
    dry_run: _Dry = False,
    undo: Annotated[bool, typer.Option("--undo", help="The same as candela uninstall.")] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Put Candela into a host: nodes and menus of Nuke, the entry in Resolve's menu.

    Everything comes out of this installation, no network is needed. Files of others are kept, and
    candela uninstall gives them back. The OpenFX plug-in is candela install-ofx.

    candela install nuke --dry-run

    candela install resolve
    """
    from candela_bridge.install import apply, here, plan_for

    if undo:
        _uninstall(context, host, system, to, dry_run, json, quiet)
        return
    said = settings(context, json, quiet)
    where = None if to is None else to.absolute()

    def work() -> Done:
        plan = plan_for(host.value, here(), _command(command), scope=_scope(system), to=where)
        return apply(plan, dry_run=dry_run)

    done = _guarded(work)
    show(said, _lines(done), done.to_json())


def uninstall(
    context: typer.Context,
    host: _Host,
    system: _System = False,
    to: _To = None,
    dry_run: _Dry = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Take out what candela install put into a host, and give back what was there before.

    candela uninstall nuke --dry-run

    candela uninstall resolve
    """
    _uninstall(context, host, system, to, dry_run, json, quiet)


def _uninstall(
    context: typer.Context,
    host: HostName,
    system: bool,
    to: Path | None,
    dry_run: bool,
    json: bool,
    quiet: bool,
) -> None:
    from candela_bridge.install import here, target_of, undo

    said = settings(context, json, quiet)
    where = None if to is None else to.absolute()

    def work() -> Done:
        folder = target_of(host.value, here(), scope=_scope(system), to=where)
        return undo(host.value, folder, dry_run=dry_run)

    done = _guarded(work)
    show(said, _lines(done), done.to_json())


def _guarded(work: Callable[[], Done]) -> Done:
    from candela_bridge.install import InstallError, RightsError
    from candela_engines.errors import InfrastructureError, InputError

    try:
        return work()
    except RightsError as error:
        raise InfrastructureError(str(error)) from error
    except InstallError as error:
        raise InputError(str(error)) from error


def _scope(system: bool) -> str:
    return "system" if system else "user"


def _command(said: str | None) -> str | None:
    """The command that hosts are to start: of this installation, where it has one."""
    from candela_engines.errors import InputError

    if said == "":
        return None
    if said is not None:
        found = shutil.which(said)
        if found is None:
            raise InputError(f"--command {said}: is no program")
        return str(Path(found).absolute())
    beside = shutil.which("candela", path=str(Path(sys.executable).parent))
    return beside or shutil.which("candela")


def _lines(done: Done) -> Iterator[str]:
    would = "would be " if done.dry_run else ""
    yield line("done", f"{would}{done.done}: {done.folder}")
    own = [c for c in done.changes if Path(c.path).is_relative_to(done.folder) and not c.detail]
    others = [change for change in done.changes if change not in own]
    counted: dict[str, int] = {}
    for change in own:
        counted[change.what] = counted.get(change.what, 0) + 1
    for what, count in counted.items():
        yield line(what, f"{count} files in {done.folder}")
    for change in others[:_MOST_SHOWN]:
        yield line(change.what, change.path + (f": {change.detail}" if change.detail else ""))
    if len(others) > _MOST_SHOWN:
        yield line("", f"and {len(others) - _MOST_SHOWN} more; --json lists all")
    yield from notes(done.notes)
