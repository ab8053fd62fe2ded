"""Folders that a sidecar which the helper starts may open: where pictures and configs are, and not the
system."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["usual_roots"]

_SYSTEM = frozenset(
    ("bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "lost+found", "proc", "run", "sbin",
    "sys",
     "usr", "var", "System", "Library", "Applications", "private", "cores", "root", "Network")
)  # fmt: skip
_MORE = ("/usr/local", "/Applications", "/run/media", "/var/tmp")  # hosts with their OCIO configs; drives


def usual_roots() -> list[Path]:
    """$CANDELA_ROOTS, else the home folder and every folder at the top of the disk that is not the system's.

    The sidecar runs as its user and listens to that user alone, so roots are no wall between people here;
    they keep a slip from writing into the system.
    """
    said = [Path(one) for one in os.environ.get("CANDELA_ROOTS", "").split(os.pathsep) if one]
    if said:
        return said
    top = [path for path in Path("/").iterdir() if path.name not in _SYSTEM and not path.name.startswith(".")]
    wanted = [Path.home(), Path(tempfile.gettempdir()), *map(Path, _MORE), *sorted(top)]
    found: list[Path] = []
    for path in wanted:
        real = path.resolve()
        if real != Path(real.anchor) and real.is_dir() and not any(real.is_relative_to(one) for one in found):
            found.append(real)
    return found
