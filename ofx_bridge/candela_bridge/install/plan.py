"""What an installation is going to do: files of its own, and lines in files of others."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

__all__ = ["Change", "Done", "InstallError", "Plan", "RightsError", "digest"]


class InstallError(Exception):
    """What is in the way, and what to do. Nothing was changed, or what was is said."""


class RightsError(InstallError):
    """A folder that may not be written into, or a disk that refuses."""


@dataclass(frozen=True)
class Plan:
    """host: `nuke` or `resolve`. folder: of ours alone, with the list of what was installed. files: by their
    paths, with what goes into them; those in `folder` may be replaced, others that are there are kept and
    given back. lines: a file of somebody else's, and what has to stand in it. notes: what is left to be done
    by hand."""

    host: str
    folder: Path
    files: Dict[Path, bytes]
    lines: Optional[Tuple[Path, List[str]]] = None
    notes: Tuple[str, ...] = ()

    @property
    def record(self) -> Path:
        """The list of what was installed."""
        return self.folder / ".candela-install.json"


@dataclass(frozen=True)
class Change:
    """One thing that was done or would be. what: written, replaced, removed, edited, kept, restored, left."""

    what: str
    path: str
    detail: str = ""

    @property
    def text(self) -> str:
        """In a line."""
        return f"{self.what} {self.path}" + (f" ({self.detail})" if self.detail else "")


@dataclass
class Done:
    """done: installed, replaced, unchanged or removed. changes: all of them, folders left out."""

    host: str
    done: str
    dry_run: bool
    folder: str
    changes: List[Change] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)

    def to_json(self) -> Dict[str, Any]:
        """As it stands."""
        return {
            "command": "uninstall" if self.done == "removed" else "install",
            "host": self.host,
            "done": self.done,
            "dry_run": self.dry_run,
            "folder": self.folder,
            "changes": [{"what": c.what, "path": c.path, "detail": c.detail or None} for c in self.changes],
            "notes": list(self.notes),
        }


def digest(data: bytes) -> str:
    """By which a file is known again."""
    return hashlib.sha256(data).hexdigest()
