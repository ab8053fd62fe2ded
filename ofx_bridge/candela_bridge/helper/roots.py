"""Folders that a sidecar which the helper starts may open: where pictures and configs are, and not the
system."""

from __future__ import annotations

import os
import string
import sys
import tempfile
from pathlib import Path

__all__ = ["top_folders", "usual_roots"]

_SYSTEM = frozenset(
    ("bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "lost+found", "proc", "run", "sbin",
    "sys",
     "usr", "var", "System", "Library", "Applications", "private", "cores", "root", "Network")
)  # fmt: skip
_MORE = ("/usr/local", "/Applications", "/run/media", "/var/tmp")  # hosts with their OCIO configs; drives
_WINDOWS = frozenset(
    ("windows", "program files", "program files (x86)", "programdata", "system volume information",
     "recovery", "$recycle.bin", "perflogs", "msocache", "config.msi", "documents and settings",
     "$winreagent")
)  # fmt: skip


def usual_roots(platform: str = sys.platform) -> list[Path]:
    """$CANDELA_ROOTS, else the home folder and every folder at the top of the disk that is not the system's;
    on Windows of every drive.

    The sidecar runs as its user and listens to that user alone, so roots are no wall between people here;
    they keep a slip from writing into the system.
    """
    said = [Path(one) for one in os.environ.get("CANDELA_ROOTS", "").split(os.pathsep) if one]
    if said:
        return said
    windows = platform == "win32"
    tops = [Path(f"{letter}:\\") for letter in string.ascii_uppercase] if windows else [Path("/")]
    top = [path for one in tops for path in top_folders(one, windows=windows)]
    more = () if windows else tuple(map(Path, _MORE))
    found: list[Path] = []
    for path in (Path.home(), Path(tempfile.gettempdir()), *more, *sorted(top)):
        real = path.resolve()
        if real != Path(real.anchor) and real.is_dir() and not any(real.is_relative_to(one) for one in found):
            found.append(real)
    return found


def top_folders(top: Path, *, windows: bool) -> list[Path]:
    """What lies at the top of a disk and is not the system's; nothing of a drive that is not there."""
    try:
        inside = list(top.iterdir())
    except OSError:
        return []
    if windows:
        return [path for path in inside if path.name.lower() not in _WINDOWS]
    return [path for path in inside if path.name not in _SYSTEM and not path.name.startswith(".")]
