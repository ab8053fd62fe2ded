"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from candela_engines.errors import InfrastructureError, InputError

__all__ = ["atomic_path", "write_atomic"]


@contextlib.contextmanager
def atomic_path(destination: Path | str) -> Iterator[Path]:
    """A temporary path beside `destination`, with its extension, that becomes it when the block ends well.

    The temporary file exists (empty) from the start, so a folder that cannot be written to is found before
    the work is done. When the block raises, it is removed and the old destination stays as it was. A symbolic
    link is followed: its target is replaced. Permissions of a file that is replaced are kept.
    Raises InputError for a destination that cannot be a file, InfrastructureError for what the disk refuses
    (full, read-only, no permission), also when the block itself raises OSError.
    """
    destination = Path(destination)
    target = Path(os.path.realpath(destination))
    if target.is_dir():
        raise InputError(f"{destination}: is a folder; give the name of the file to write")
    if not target.parent.is_dir():
        raise InputError(f"{destination}: the folder {destination.parent} does not exist; create it first")
    temporary = target.with_name(f".{target.stem[:100]}.{secrets.token_hex(6)}.part{target.suffix}")
    try:
        # As a plain open would: the mode is what the umask leaves, which mkstemp would narrow to 0600.
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        yield temporary
        _sync(temporary)
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except OSError as error:
        raise InfrastructureError(
            f"{destination}: cannot be written: {error.strerror or error}; nothing was changed"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Bring the content to the disk before the name: else a power cut can leave an empty file."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomic(destination: Path | str, data: bytes | bytearray) -> int:
    """Write `data` whole or not at all; the number of bytes. Errors as `atomic_path`."""
    with atomic_path(destination) as temporary:
        temporary.write_bytes(data)
    return len(data)
