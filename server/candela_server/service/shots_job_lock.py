"""One process at a time on a folder. The lock goes with the process, however that ends."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from candela_engines.errors import InfrastructureError, InputError

__all__ = ["LOCK", "FolderLock"]

LOCK = "lock"


class FolderLock:
    """Held from `take` to `release`. The folder may be removed while it is held."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._handle = folder, -1

    def take(self) -> None:
        """InputError where another process works on it, InfrastructureError where it cannot be used."""
        path = self._folder / LOCK
        while True:
            try:
                self._folder.mkdir(exist_ok=True)
                handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            except OSError as error:
                raise InfrastructureError(
                    f"{self._folder}: cannot be used for finished shots: {error.strerror or error}"
                ) from error
            if not _locked(handle):
                os.close(handle)
                raise InputError(
                    f"{self._folder}: another process works on this output; wait for it, end it, or give -o "
                    "another name"
                )
            # Whoever held it may have removed the folder in between: then this is the lock of nothing.
            with contextlib.suppress(OSError):
                if path.stat().st_ino == os.fstat(handle).st_ino:
                    self._handle = handle
                    return
            os.close(handle)

    def release(self) -> None:
        """A second time does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _locked(handle: int) -> bool:
    """Lock an open file for this process alone, if nobody else has."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks: better to work than not
    return True
