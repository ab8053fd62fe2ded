"""What TensorRT compiled, kept on disk: one folder an engine, GPU, driver and set of versions.

An entry is made in a folder of its own and gets its name when it is whole, with the digests of its files:
what a crash left half-done, or a disk spoiled, is never loaded.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from candela_engines.errors import InfrastructureError
from candela_engines.user_cache import user_cache

__all__ = ["EngineCache", "cache_folder"]

VARIABLE = "CANDELA_ENGINE_CACHE"
_LIST = "entry.json"
_FORMAT = 1


def cache_folder() -> Path:
    """$CANDELA_ENGINE_CACHE, or `candela/engines` in the user's cache folder."""
    return user_cache(VARIABLE, "engines")


class EngineCache:
    """Compiled engines below a folder, which is made when the first one is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def key(self, sha256: str, provider: str, facts: Mapping[str, str]) -> str:
        """The name of an entry: of a model's hash, a provider, and all that the result depends on."""
        what = {"format": _FORMAT, "model": sha256, "provider": provider, **facts}
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:40]

    def find(self, key: str) -> Path | None:
        """The folder of a whole entry; a broken one is thrown away, and None."""
        entry = self.folder / key
        if not entry.is_dir():
            return None
        try:
            listed = json.loads((entry / _LIST).read_text("utf-8"))
            sound = listed == _digests(entry)
        except (OSError, ValueError):
            sound = False
        if sound:
            return entry
        self.discard(key)
        return None

    def discard(self, key: str) -> None:
        """Throw an entry away; nothing happens where there is none."""
        shutil.rmtree(self.folder / key, ignore_errors=True)

    def begin(self, key: str) -> Path:
        """A new folder to compile into. InfrastructureError where the disk refuses."""
        part = self.folder / f".{key[:12]}.{secrets.token_hex(6)}.part"
        try:
            part.mkdir(mode=0o700, parents=True)  # it holds code that the GPU library runs
        except OSError as error:
            raise self._refused(error) from error
        return part

    def keep(self, key: str, part: Path) -> Path:
        """Make a folder of `begin` the entry. Another process that was faster keeps its own.

        Raises InfrastructureError where the disk refuses; what is left of the folder is for `drop`.
        """
        entry = self.folder / key
        try:
            (part / _LIST).write_text(json.dumps(_digests(part)), "utf-8")
            if not entry.is_dir():
                part.rename(entry)
        except OSError as error:
            if not entry.is_dir():
                raise self._refused(error) from error
        return entry

    def drop(self, part: Path) -> None:
        """Remove a folder of `begin`, if it is still there."""
        shutil.rmtree(part, ignore_errors=True)

    def _refused(self, error: OSError) -> InfrastructureError:
        return InfrastructureError(
            f"{self.folder}: compiled engines cannot be kept: {error.strerror or error}; ${VARIABLE} names "
            "another folder"
        )


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of an entry by name."""
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name != _LIST:
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            found[file.relative_to(folder).as_posix()] = digest
    return found
