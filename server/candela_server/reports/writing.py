"""Writing a report: all its files or none, and of an earlier report no more than what is written anew.

Everything is written and brought to the disk first, in a folder inside the report's own; only then do the
files take their names, which needs no more room. So a full disk leaves the earlier report whole. Files that
somebody else put into the folder stay; those of ours that this report does not have go, by the list that each
report keeps.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from candela_engines.errors import InfrastructureError, InputError

__all__ = ["LIST", "write_all"]

LIST = ".candela-report.json"


def write_all(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write `files`, by their names inside `folder` (with `/` for folders), and take away those of the last
    time.

    The folder is made, its parent has to be there. Raises InputError for a place that cannot be a folder,
    InfrastructureError for what the disk refuses; the files of an earlier report are then as they were.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; give the name of a folder for the report")
    if not folder.absolute().parent.is_dir():
        raise InputError(f"{folder}: the folder {folder.absolute().parent} does not exist; create it first")
    fresh = not folder.exists()
    stage = folder / f".{secrets.token_hex(6)}.part"
    done = False
    try:
        folder.mkdir(exist_ok=True)
        old = _list(folder)
        stage.mkdir()
        for name, data in {**files, LIST: _text_of(files)}.items():
            _write(stage / name, data)
        targets = {name: folder / name for name in (*files, LIST)}
        for target in targets.values():
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir():
                raise InputError(f"{target}: is a folder where the report has a file; move it away")
        for name, target in targets.items():
            (stage / name).replace(target)
        for name in old - set(files):
            _remove(folder, name)
        done = True
    except OSError as error:
        raise InfrastructureError(
            f"{folder}: the report cannot be written: {error.strerror or error}; what was there is as it was"
        ) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        if fresh and not done:
            with contextlib.suppress(OSError):
                folder.rmdir()
    return tuple(folder / name for name in files)


def _text_of(files: Mapping[str, bytes]) -> bytes:
    return (json.dumps({"files": sorted(files)}, indent=1) + "\n").encode()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _list(folder: Path) -> set[str]:
    """Names of the files that an earlier report wrote; none where its list is missing, damaged or reaches
    outside.
    """
    try:
        held = json.loads((folder / LIST).read_bytes())
        names = held["files"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return set()
    parts = {name: PurePosixPath(name).parts for name in names}
    return {
        n
        for n, p in parts.items()
        if p and ".." not in p and not n.startswith("/") and "\0" not in n and "\\" not in n
    }


def _remove(folder: Path, name: str) -> None:
    path = folder / name
    with contextlib.suppress(OSError):
        path.unlink()
        if path.parent != folder:
            path.parent.rmdir()
