"""Files for an installation: read, written whole or not at all, and the list of what was installed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

from candela_bridge.install.plan import InstallError, RightsError
from candela_bridge.whole import whole

__all__ = ["guarded", "made_folders", "read", "read_record", "writable", "write"]

_MOST_RECORD = 4 << 20


def read(path: Path) -> Optional[bytes]:
    """What is in a file, through links; None where there is none. InstallError for what is no file."""
    if not os.path.lexists(path):
        return None
    if not path.is_file():
        raise InstallError(f"{path}: is a folder, or a link that leads nowhere; move it away, and try again")
    return path.read_bytes()


def write(path: Path, data: bytes, like: Optional[Path] = None) -> None:
    """Whole or not at all. Through a link into what it leads to, as a link may be somebody's way to keep his
    settings. like: a file whose mode it gets; None for that of the file that is there, or the usual one."""
    target = Path(os.path.realpath(path))
    with whole(target) as fresh:
        with fresh.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        model = like or target
        if model.exists():
            shutil.copymode(model, fresh)
            with contextlib.suppress(OSError, AttributeError):  # an administrator's command: still his file
                os.chown(fresh, model.stat().st_uid, model.stat().st_gid)
        else:
            mask = os.umask(0)
            os.umask(mask)
            fresh.chmod(0o666 & ~mask)


def made_folders(folder: Path) -> List[str]:
    """Make a folder with those above it; which had to be made, the outermost first."""
    missing: List[Path] = []
    at = folder
    while not at.exists():
        missing.append(at)
        at = at.parent
    folder.mkdir(parents=True, exist_ok=True)
    return [str(one) for one in reversed(missing)]


def read_record(path: Path) -> Optional[Dict[str, Any]]:
    """The list of what was installed; None where nothing was. InstallError for one that is damaged."""
    data = read(path)
    if data is None:
        return None
    try:
        found = json.loads(data[:_MOST_RECORD])
        if found["version"] == 1 and isinstance(found["files"], dict) and isinstance(found["kept"], dict):
            whole: Dict[str, Any] = found
            return whole
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise InstallError(f"{path}: is damaged, or of a newer Candela; take {path.parent} away by hand")


def writable(path: Path) -> bool:
    """Whether something can be written at a path, by what there is of it."""
    at = Path(os.path.realpath(path))
    while not at.exists():
        at = at.parent
    if at.is_file():
        return os.access(at, os.W_OK) and os.access(at.parent, os.W_OK)
    return os.access(at, os.W_OK | os.X_OK)


@contextlib.contextmanager
def guarded(what: Path) -> Iterator[None]:
    """Errors of the disk in words."""
    try:
        yield
    except PermissionError as error:
        raise RightsError(
            f"{error.filename or what}: no permission to write there. Take the write protection away, "
            "install into a folder of your own with --to, or run it as an administrator"
        ) from error
    except OSError as error:
        raise RightsError(
            f"{error.filename or what}: cannot be written: {error.strerror or error}"
        ) from error
