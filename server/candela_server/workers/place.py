"""Where workers meet: a folder whose sockets' paths are short enough for the system, whatever $TMPDIR is."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from multiprocessing import util
from pathlib import Path

from candela_engines.errors import InfrastructureError

__all__ = ["meet"]

_LONGEST = 107  # bytes of a socket's path, on Linux
_ADDED = len("/pymp-12345678/listener-12345678")
_LOCK = threading.Lock()


def meet() -> None:
    """Have multiprocessing keep its sockets where their paths are short enough.

    It takes the temporary folder, which may be deep inside a job's own; the folder is kept for as long as the
    process lives, and removed at its end. Raises InfrastructureError where no folder will do.
    """
    if sys.platform != "linux":
        return
    with _LOCK:
        before = tempfile.tempdir
        tempfile.tempdir = str(_short_folder())
        try:
            util.get_temp_dir()  # it makes one below, once, and remembers it
        finally:
            tempfile.tempdir = before


def _short_folder() -> Path:
    tried = []
    for name in (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR"), "/tmp", "/var/tmp", "/dev/shm"):
        if not name:
            continue
        folder = Path(name)
        if len(os.fsencode(folder)) + _ADDED > _LONGEST:
            tried.append(f"{name} is too long a path")
        elif not os.access(folder, os.W_OK | os.X_OK):
            tried.append(f"{name} cannot be written to")
        else:
            return folder
    raise InfrastructureError(
        f"workers need a folder for their socket, whose path has {_LONGEST - _ADDED} bytes at most: "
        f"{'; '.join(tried)}. Set $TMPDIR to a shorter one"
    )
