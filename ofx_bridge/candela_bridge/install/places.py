"""Where hosts look for what is added to them, on Linux, macOS and Windows.

Sources: Foundry's guide "Loading Gizmos, NDK Plug-ins, and Python and Tcl Scripts", and the README of the
scripting folder that comes with DaVinci Resolve.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Mapping, Type

__all__ = ["Machine", "here", "nuke_folder", "resolve_fusion", "resolve_luts"]

_RESOLVE = "Blackmagic Design/DaVinci Resolve"


@dataclass(frozen=True)
class Machine:
    """platform: as `sys.platform` says it. home: of the user. values: of the environment."""

    platform: str
    home: str
    values: Mapping[str, str]

    @property
    def paths(self) -> Type[PurePath]:
        """The kind of paths that this machine has, whichever this code runs on."""
        return PureWindowsPath if self.platform == "win32" else PurePosixPath

    def path(self, *parts: str) -> PurePath:
        """Of parts with `/` in them."""
        return self.paths(*parts)


def here() -> Machine:
    """This one."""
    return Machine(sys.platform, str(Path.home()), dict(os.environ))


def nuke_folder(machine: Machine) -> PurePath:
    """The folder that Nuke reads of every user, `~/.nuke`. On Windows below HOME, where that is set."""
    if machine.platform == "win32":
        home = machine.values.get("HOME") or machine.values.get("USERPROFILE") or machine.home
        return machine.path(home, ".nuke")
    return machine.path(machine.home, ".nuke")


def resolve_fusion(machine: Machine, scope: str) -> PurePath:
    """Resolve's folder `Fusion`, in which its `Scripts` are. scope: `user`, or `system` for everybody."""
    if machine.platform == "darwin":
        root = machine.path("/") if scope == "system" else machine.path(machine.home)
        return root / "Library/Application Support" / _RESOLVE / "Fusion"
    if machine.platform == "win32":
        if scope == "system":
            return machine.path(_programdata(machine), _RESOLVE, "Fusion")
        roaming = machine.values.get("APPDATA") or str(machine.path(machine.home, "AppData/Roaming"))
        return machine.path(roaming, _RESOLVE, "Support/Fusion")
    if scope == "system":
        return machine.path(_linux_root(machine), "Fusion")
    return machine.path(machine.home, ".local/share/DaVinciResolve/Fusion")


def resolve_luts(machine: Machine) -> PurePath:
    """Resolve's master LUT folder, which is everybody's: what `SetLUT` takes lies in it."""
    if machine.platform == "darwin":
        return machine.path("/Library/Application Support", _RESOLVE, "LUT")
    if machine.platform == "win32":
        return machine.path(_programdata(machine), _RESOLVE, "Support/LUT")
    return machine.path(_linux_root(machine), "LUT")


def _programdata(machine: Machine) -> str:
    return machine.values.get("PROGRAMDATA") or r"C:\ProgramData"


def _linux_root(machine: Machine) -> str:
    """Where Resolve is: the place is the installer's choice, and its scripting variable says it."""
    api = machine.values.get("RESOLVE_SCRIPT_API", "")
    if api.endswith("/Developer/Scripting"):
        return api[: -len("/Developer/Scripting")]
    if machine.platform == sys.platform and not Path("/opt/resolve").is_dir():
        return "/home/resolve" if Path("/home/resolve").is_dir() else "/opt/resolve"
    return "/opt/resolve"
