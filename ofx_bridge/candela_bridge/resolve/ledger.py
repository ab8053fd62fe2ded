"""What was scored of which timeline, and how it was then: kept for the user between sessions."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, Dict, Optional

from candela_bridge.whole import whole

__all__ = ["Ledger", "usual_folder"]

_MOST_BYTES = 32 << 20
_LOCK = threading.Lock()


class Ledger:
    """One timeline's. folder: of all of them. project, timeline: by which Resolve knows them. A damaged one
    counts as empty; a disk that refuses costs time alone."""

    def __init__(self, folder: Path, project: str, timeline: str) -> None:
        name = hashlib.sha256(json.dumps([project, timeline]).encode()).hexdigest()[:32]
        self._path = folder / f"{name}.json"
        self._rows = self._read()

    def get(self, key: str) -> Optional[Dict[str, Any]]:
        """Of a shot's key: `fingerprint` and whatever else was kept; None where it was not scored."""
        found = self._rows.get(key)
        return found if isinstance(found, dict) else None

    def put(self, key: str, row: Dict[str, Any]) -> None:
        """Keep a shot's, and write all. From any thread; what others have written meanwhile stays."""
        with _LOCK:
            self._rows = {**self._read(), key: row}
            self._write()

    def _read(self) -> Dict[str, Any]:
        try:
            if self._path.stat().st_size > _MOST_BYTES:
                return {}
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        rows = found.get("shots") if isinstance(found, dict) and found.get("version") == 1 else None
        return rows if isinstance(rows, dict) else {}

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with whole(self._path) as fresh, fresh.open("w", encoding="utf-8") as out:
                json.dump({"version": 1, "shots": self._rows}, out)


def usual_folder() -> Path:
    """Of the user's own."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "Candela" / "resolve"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Candela" / "resolve"
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "candela" / "resolve"
