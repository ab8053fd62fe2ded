"""Writing a file whole or not at all.

Bytes go to a new file in the folder of the destination, reach the disk, and take the
destination's name in one step. Until then the destination is untouched, so it may be the file
that is being read. Whatever fails, the new file goes.

Decided:

- A destination that is a symbolic link stays one: the file that it points to is replaced.
- A new destination gets the permission bits of the picture it was made from, less the umask, as
  `cp` does; an existing one keeps its own, and its owner where we may set it. Access lists and
  extended attributes are not carried over, and a hard link parts from its other names.
- An existing file without write permission is refused, though renaming over it would work: the
  bits say that its owner wants it kept.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path
from types import TracebackType

from candela_engines.errors import InfrastructureError, InputError
from candela_engines.itm.carriers._source import Source, real_path

_WRONG_NAME = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EISDIR}


class Staged:
    """A complete file waiting for `commit`. Leaving the `with` block without it discards the file."""

    def __init__(self, temporary: Path, target: Path, named: Path) -> None:
        self._temporary = temporary
        self._target = target
        self._named = named

    def __enter__(self) -> Staged:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._temporary.unlink()

    def commit(self) -> None:
        """Give the file its name."""
        try:
            self._temporary.replace(self._target)
        except OSError as error:
            raise _failure(self._named, error) from error
        _sync_folder(self._target.parent)


def stage(view: Source, destination: Path, *, mode: int) -> Staged:
    """Write all of `view` beside `destination`. `mode`: permission bits of a destination not there yet."""
    target = real_path(destination)
    temporary = target.parent / f".candela-{secrets.token_hex(8)}.tmp"
    try:
        existing = _existing(target, destination)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        # The kernel applies the umask; asking for its value would have to set it first.
        descriptor = os.open(temporary, flags, mode & 0o777 if existing is None else 0o600)
    except OSError as error:
        raise _failure(destination, error) from error
    try:
        try:
            for chunk in view.chunks(to=descriptor):
                _write_all(descriptor, chunk)
            if existing is not None and hasattr(os, "fchmod"):
                with contextlib.suppress(PermissionError):
                    os.fchown(descriptor, existing.st_uid, existing.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(existing.st_mode))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException as error:  # an interrupt must not leave half a file either
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise _failure(destination, error) from error
        raise
    return Staged(temporary, target, destination)


def remove(path: Path) -> None:
    """Delete a file of ours. One that is gone already is fine."""
    target = real_path(path)
    try:
        target.unlink(missing_ok=True)
    except OSError as error:
        raise InfrastructureError(f"cannot remove {path}: {error.strerror}") from error


def _existing(target: Path, named: Path) -> os.stat_result | None:
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"cannot write {named}: there is something of that name that is not a file")
    if not os.access(target, os.W_OK):
        raise InfrastructureError(f"cannot write {named}: it is write-protected")
    return status


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _failure(named: Path, error: OSError) -> InputError | InfrastructureError:
    if error.errno in _WRONG_NAME:
        return InputError(f"cannot write {named}: {error.strerror}; is the folder there?")
    return InfrastructureError(f"cannot write {named}: {error.strerror}")


def _sync_folder(folder: Path) -> None:
    # The new name itself has to survive a power cut. Not every file system lets a folder be synced.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
