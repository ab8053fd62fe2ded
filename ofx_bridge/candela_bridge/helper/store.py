"""Results that were had before: a click on a shot that has not changed asks no engine again."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from candela_bridge.helper.job import Answer
from candela_bridge.whole import whole

__all__ = ["Store", "default_folder", "installation", "stamps", "version"]

_MOST_FILES = 5000
_PLACE = re.compile(r"#+|@+|%0?\d*d|\$F\d*|\[[\d,x-]+\]")


@functools.cache
def version() -> str:
    """Of Candela as it is installed here."""
    try:
        return importlib.metadata.version("candela-hdr")
    except importlib.metadata.PackageNotFoundError:
        return "?"


@functools.cache
def installation() -> tuple[str, int]:
    """Version, and when a grade model or what judges was changed last: what results depend on beside files.

    Looked at and not imported: the bridge knows no engines.
    """
    found = importlib.util.find_spec("candela_engines")
    folders = [] if found is None else list(found.submodule_search_locations or ())
    newest = 0
    for part in ("scorer", "weights/scorer", "colour"):
        for folder in folders:
            with contextlib.suppress(OSError):
                newest = max(newest, *(path.stat().st_mtime_ns for path in Path(folder, part).iterdir()))
    return version(), newest


def default_folder(platform: str = sys.platform) -> Path:
    """Where results are kept: the user's cache."""
    local = os.environ.get("LOCALAPPDATA") if platform == "win32" else None
    if local:
        return Path(local) / "Candela" / "cache" / "bridge"
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "candela" / "bridge"


class Store:
    """Documents by what they are of. A damaged one counts as none; a disk that refuses costs time alone."""

    def __init__(self, folder: Path, most: int = _MOST_FILES) -> None:
        self.folder, self._most = folder, most
        self._kept = 0

    def key(self, *about: Any) -> str:
        """A name for whatever a result depends on."""
        text = json.dumps(about, sort_keys=True, default=str).encode()
        return hashlib.sha256(text).hexdigest()[:40]

    def get(self, key: str) -> Answer | None:
        """The document, None where there is none."""
        path = self.path(key)
        try:
            found = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or found.get("key") != key:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # what is used is kept
        return found

    def put(self, key: str, document: Answer) -> Path | None:
        """Keep a document; its file, None where the disk refuses."""
        return self.write(self.path(key), {"key": key, **document})

    def path(self, key: str, kind: str = "json") -> Path:
        """Of a document."""
        return self.folder / f"{key}.{kind}"

    def write(self, path: Path, document: Answer) -> Path | None:
        """A JSON file, whole or not at all; None where the disk refuses."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with whole(path) as fresh, fresh.open("w", encoding="utf-8") as out:
                json.dump(document, out, ensure_ascii=True)
        except OSError:
            return None
        self._kept += 1
        if self._kept % 100 == 1:
            self._prune()
        return path

    def _prune(self) -> None:
        with contextlib.suppress(OSError):
            files = [
                (entry.stat().st_mtime, entry.path) for entry in os.scandir(self.folder) if entry.is_file()
            ]
            for _, path in sorted(files)[: max(0, len(files) - self._most)]:
                Path(path).unlink(missing_ok=True)


def stamps(path: Path, frames: tuple[int, int] | None = None) -> list[tuple[str, int, int, int]]:
    """Name, size, time and identity of every file that a path stands for: of a sequence those in `frames`.

    Empty where there is nothing; then nothing is kept.
    """
    place = _PLACE.search(path.name)
    if place is None or path.exists():
        if path.is_dir():
            return sorted(_stamp(entry) for entry in os.scandir(path) if entry.is_file())
        return [_stamp(path)] if path.exists() else []
    shape = re.compile(
        re.escape(path.name[: place.start()]) + r"(-?\d+)" + re.escape(path.name[place.end() :])
    )
    found = []
    with contextlib.suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            match = shape.fullmatch(entry.name)
            if match and (frames is None or frames[0] <= int(match[1]) <= frames[1]):
                found.append(_stamp(entry))
    return sorted(found)


def _stamp(entry: Path | os.DirEntry[str]) -> tuple[str, int, int, int]:
    found = entry.stat()
    return entry.name, found.st_size, found.st_mtime_ns, found.st_ino
