"""What is installed for which host."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, Iterator, Optional, Tuple

from candela_bridge.client.launch import HOSTS_OWN
from candela_bridge.install.places import Machine, nuke_folder, resolve_fusion
from candela_bridge.install.plan import InstallError, Plan

__all__ = ["HOSTS", "plan_for", "target_of"]

HOSTS = ("nuke", "resolve")
_PACKAGE = Path(__file__).resolve().parents[1]
_LEFT_OUT = ("helper", "install", "__pycache__")  # these run in Candela's own Python
_ENTRY, _LUA_ENTRY = "Candela.py", "Candela (timeline files).lua"


def target_of(host: str, machine: Machine, *, scope: str = "user", to: Optional[Path] = None) -> Path:
    """The folder of ours for a host. to: a folder that somebody shares, in place of the host's own."""
    if host == "nuke":
        if scope == "system":
            raise InstallError(
                "Nuke has no folder for everybody but those of its versions; install into a folder that all "
                "can read with --to, and name that in NUKE_PATH"
            )
        return (to or Path(str(nuke_folder(machine)))) / "candela"
    if host == "resolve":
        return (to or Path(str(resolve_fusion(machine, scope)))) / "Candela"
    raise InstallError(f"{host}: is no host that is known; there are {', '.join(HOSTS)}")


def plan_for(
    host: str, machine: Machine, command: Optional[str], *, scope: str = "user", to: Optional[Path] = None
) -> Plan:
    """What it takes to have Candela in a host. command: the `candela` that does the work; None where it is on
    the path of whoever starts the host. Raises InstallError for a host or a place that does not exist.
    """
    folder = target_of(host, machine, scope=scope, to=to)
    return (_nuke if host == "nuke" else _resolve)(folder, machine, command, to)


def _nuke(folder: Path, machine: Machine, command: Optional[str], to: Optional[Path]) -> Plan:
    files: Dict[Path, bytes] = {}
    for path in _sources(_PACKAGE / "nuke" / "folder"):
        files[folder / path.relative_to(_PACKAGE / "nuke" / "folder")] = path.read_bytes()
    package = folder / "python" / "candela_bridge"
    for path in _sources(_PACKAGE):
        inner = path.relative_to(_PACKAGE)
        if "folder" not in inner.parts:
            files[package / inner] = path.read_bytes()
    if command is not None:
        files[package / "candela_command.txt"] = (command + "\n").encode("utf-8", "surrogateescape")
    else:
        files.pop(package / "candela_command.txt", None)
    notes = ["Nuke sees it when it is started anew", *_command_notes(command)]
    if to is not None:
        sign = "set " if machine.platform == "win32" else "export "
        notes.insert(0, f"Nuke looks there where NUKE_PATH names it: {sign}NUKE_PATH={folder}")
        return Plan("nuke", folder, files, None, tuple(notes))
    # Relative, as Nuke takes it from the file's own folder: a home folder may lie elsewhere tomorrow.
    lines = ["import nuke", 'nuke.pluginAddPath("./candela", addToSysPath=False)']
    return Plan("nuke", folder, files, (folder.parent / "init.py", lines), tuple(notes))


def _resolve(folder: Path, machine: Machine, command: Optional[str], to: Optional[Path]) -> Plan:
    entry = (_PACKAGE / "resolve" / "entry.py").read_text("utf-8")
    words = (command,) if command is not None else ()
    told = _filled(_filled(entry, "COMMAND", words), "HOSTS_OWN", HOSTS_OWN)
    lua = (_PACKAGE / "resolve" / "entry.lua").read_text("utf-8")
    lua = _lua_filled(lua, "COMMAND", "nil" if command is None else _lua_text(command))
    lua = _lua_filled(lua, "HOSTS_OWN", "{" + ", ".join(map(_lua_text, HOSTS_OWN)) + "}")
    place = folder.parent / "Scripts" / "Utility"
    notes = [
        "in Resolve it is Workspace > Scripts > Candela, from the next start on; Candela (timeline files) is "
        "for editions that run no Python from there",
        "Resolve Studio: set Preferences > System > General > External scripting using to Local",
        *_command_notes(command),
    ]
    if to is not None:
        notes.insert(0, f"Resolve does not look into {to} by itself; it is for who copies it from there")
    files = {place / _ENTRY: told.encode("utf-8"), place / _LUA_ENTRY: lua.encode("utf-8")}
    return Plan("resolve", folder, files, None, tuple(notes))


def _filled(text: str, name: str, words: Tuple[str, ...]) -> str:
    """A module's text with a constant of it said."""
    before, found, after = text.partition(f"{name}: Tuple[str, ...] = ()")
    if not found:
        raise InstallError(f"this installation is not whole: its entry for Resolve has no {name}")
    return f"{before}{name} = {words!a}{after}"


def _lua_filled(text: str, name: str, value: str) -> str:
    before, found, after = text.partition(f"local {name} = nil\n")
    if not found:
        raise InstallError(f"this installation is not whole: its entry for Resolve has no {name}")
    return f"{before}local {name} = {value}\n{after}"


def _lua_text(text: str) -> str:
    """A string of Lua: every byte that is not plain by its number, which every version of it reads."""
    plain = (chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03}" for b in os.fsencode(text))
    return '"' + "".join(plain) + '"'


def _command_notes(command: Optional[str]) -> Iterator[str]:
    if command is None:
        yield (
            "where the candela command is was not noted: it has to be on the path of whoever starts the "
            "host, or in CANDELA_COMMAND"
        )


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if path.is_file() and not set(_LEFT_OUT) & set(inner) and not path.name.endswith((".pyc", ".part")):
            yield path
