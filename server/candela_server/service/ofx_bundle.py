"""An OpenFX bundle on disk: whether it is whole, for this machine, and answers as hosts will ask it.

The layout is that of the OpenFX specification: `X.ofx.bundle/Contents/ARCHITECTURE/X.ofx`.
"""

from __future__ import annotations

import json
import platform
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import InfrastructureError, InputError
from candela_server.service.results import Json

__all__ = ["EXPORTS", "Bundle", "Plugin", "architecture", "check_bundle", "elf_exports"]

EXPORTS = ("OfxGetNumberOfPlugins", "OfxGetPlugin")
"""What every plug-in binary has to export; OfxSetHost is optional."""

_TIMEOUT_SECONDS = 30
_ELF_MACHINES = {"x86_64": 62, "aarch64": 183}
_MACHINE_NAMES = {62: "x86-64", 183: "ARM 64", 3: "x86 of 32 bits", 40: "ARM of 32 bits"}
_DYNSYM, _SHARED = 11, 3

# Runs in a process of its own: what is wrong with a library may end whoever loads it.
_PROBE = """
import ctypes, json, sys
class Plugin(ctypes.Structure):
    _fields_ = [("api", ctypes.c_char_p), ("api_version", ctypes.c_int), ("id", ctypes.c_char_p),
                ("major", ctypes.c_uint), ("minor", ctypes.c_uint)]
library = ctypes.CDLL(sys.argv[1])
count = library.OfxGetNumberOfPlugins()
library.OfxGetPlugin.restype = ctypes.POINTER(Plugin)
found = []
for at in range(max(0, min(count, 64))):
    plugin = library.OfxGetPlugin(at)
    if plugin:
        one = plugin.contents
        found.append([(one.id or b"").decode("utf-8", "replace"), one.major, one.minor])
print("\\n" + json.dumps([count, found]))
"""


@dataclass(frozen=True)
class Plugin:
    """An effect that a bundle holds."""

    identifier: str
    major: int
    minor: int

    def to_json(self) -> Json:
        """As it stands."""
        return {"id": self.identifier, "version": f"{self.major}.{self.minor}"}


@dataclass(frozen=True)
class Bundle:
    """A bundle that was checked. binary: for this machine. plugins: as the binary says itself."""

    path: Path
    binary: Path
    plugins: tuple[Plugin, ...]


def architecture() -> str:
    """The folder in `Contents` for this machine. InputError where OpenFX names none."""
    machine = platform.machine().lower()
    system = platform.system()
    if system == "Darwin":
        return "MacOS"
    if system == "Windows":
        return "Win64"
    if system == "Linux" and machine in ("x86_64", "amd64"):
        return "Linux-x86-64"
    raise InputError(
        f"there is no OpenFX plug-in for {system} on {machine}; Linux on x86-64, macOS and Windows have one"
    )


def check_bundle(path: Path) -> Bundle:
    """The bundle at `path`, checked as far as it can be without a host.

    Raises InputError for what is no bundle or not for this machine, InfrastructureError for one that does not
    load or does not answer.
    """
    if not path.is_dir():
        raise InputError(f"{path}: is no bundle: there is no such folder")
    if not path.name.endswith(".ofx.bundle"):
        raise InputError(f"{path}: is no bundle: its name does not end in .ofx.bundle")
    binary = path / "Contents" / architecture() / path.name.removesuffix(".bundle")
    if not binary.is_file():
        there = sorted(p.name for p in (path / "Contents").glob("*") if p.is_dir() and p.name != "Resources")
        has = f"it is for {', '.join(there)}" if there else "it holds no binary at all"
        raise InputError(f"{path}: has no {binary.relative_to(path)}, which hosts here look for; {has}")
    if platform.system() == "Linux":
        _check_elf(binary)
    return Bundle(path, binary, _asked(binary))


def _check_elf(binary: Path) -> None:
    data = binary.read_bytes()
    if data[:4] != b"\x7fELF" or len(data) < 64:
        raise InputError(f"{binary}: is no ELF library; build the plug-in again")
    kind, machine = struct.unpack_from("<HH", data, 16)
    wanted = _ELF_MACHINES.get(platform.machine().lower())
    if data[4:6] != b"\x02\x01" or machine != wanted or kind != _SHARED:
        what = _MACHINE_NAMES.get(machine, f"machine {machine}")
        raise InputError(f"{binary}: is a library for {what}, and this machine is {platform.machine()}")
    exported = elf_exports(data)
    if lacking := [name for name in EXPORTS if name not in exported]:
        raise InputError(f"{binary}: does not export {', '.join(lacking)}, so no host would load it")


def elf_exports(data: bytes) -> frozenset[str]:
    """Names that a 64-bit little-endian ELF library exports; empty where its tables are broken."""
    try:
        offset, size, count = struct.unpack_from("<Q", data, 40)[0], *struct.unpack_from("<HH", data, 58)
        heads = [struct.unpack_from("<IIQQQQIIQQ", data, offset + k * size) for k in range(count)]
        names: set[str] = set()
        for head in heads:
            if head[1] != _DYNSYM:
                continue
            text = heads[head[6]]
            strings = data[text[4] : text[4] + text[5]]
            for at in range(head[4], head[4] + head[5], 24):
                name, info, _, section = struct.unpack_from("<IBBH", data, at)
                if section and info >> 4 in (1, 2):  # defined, and global or weak
                    names.add(strings[name : strings.index(b"\0", name)].decode("ascii", "replace"))
        return frozenset(names)
    except (struct.error, IndexError, ValueError):
        return frozenset()


def _asked(binary: Path) -> tuple[Plugin, ...]:
    """What the binary says of its effects, asked in a process of its own."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _PROBE, str(binary.resolve())],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InfrastructureError(
            f"{binary}: was asked for its effects and did not answer within {_TIMEOUT_SECONDS} s"
        ) from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        why = lines[-1] if lines else f"the process that loaded it ended with {done.returncode}"
        raise InfrastructureError(f"{binary}: does not load here: {why}")
    count, found = json.loads(done.stdout.strip().splitlines()[-1])
    if count < 1 or len(found) != min(count, 64):
        raise InfrastructureError(f"{binary}: says that it has {count} effects and shows {len(found)}")
    return tuple(Plugin(*one) for one in found)
