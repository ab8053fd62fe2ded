"""Files that clients send and get, in a private folder: each used once, and gone soon if nobody does.

The folder is locked for as long as its sidecar lives. One that nobody holds was left by a sidecar that was
killed, and goes when the next one starts.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from candela_engines.errors import CandelaError, InfrastructureError, InputError
from candela_server.jobs.errors import TooLargeError
from candela_server.service.shots_job_lock import LOCK, FolderLock

__all__ = ["Upload", "Uploads"]

_PREFIX = "candela-sidecar-"
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


@dataclass
class Upload:
    """A file on its way in. at: when it was last added to."""

    id: str
    path: Path
    stream: BinaryIO
    bytes: int
    at: float


class Uploads:
    """most: bytes of all files together. keep: seconds that one lies unused before it is removed."""

    def __init__(self, *, most: int, keep: float = 600.0) -> None:
        self.most, self.keep = most, keep
        _remove_left()
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = FolderLock(self._folder)
        self._lock.take()
        self._held: dict[str, Upload] = {}

    def __len__(self) -> int:
        return len(self._held)

    @property
    def scratch(self) -> Path:
        """The private folder, for what else is gone when the sidecar is."""
        return self._folder

    @staticmethod
    def check_suffix(suffix: str) -> None:
        """InputError for a suffix that is none."""
        if not _SUFFIX.fullmatch(suffix):
            raise InputError(f"suffix {suffix[:20]!r}: a point and up to eight letters are needed, as .png")

    def begin(self, suffix: str) -> Upload:
        """An empty file; InputError for a suffix that is none."""
        self.check_suffix(suffix)
        self.sweep()
        id_ = secrets.token_hex(16)
        path = self._folder / f"{id_}{suffix}"
        upload = Upload(id_, path, path.open("xb"), 0, time.monotonic())
        self._held[id_] = upload
        return upload

    def add(self, upload: Upload, data: bytes) -> None:
        """The next bytes. TooLargeError beyond the limit of all, InfrastructureError for a full disk."""
        if sum(u.bytes for u in self._held.values()) + len(data) > self.most:
            raise TooLargeError(
                f"an upload of more than is left of {self.most:,} bytes for all (the operator's --max-upload)"
            )
        try:
            upload.stream.write(data)
        except OSError as error:
            raise InfrastructureError(
                f"the sidecar's disk refuses an upload: {error.strerror or error}; free space, then "
                "send it again"
            ) from error
        upload.bytes += len(data)
        upload.at = time.monotonic()

    def end(self, upload: Upload) -> None:
        """It is complete. InfrastructureError for a full disk."""
        try:
            upload.stream.close()
        except OSError as error:
            raise InfrastructureError(
                f"the sidecar's disk refuses an upload: {error.strerror or error}; free space, then "
                "send it again"
            ) from error

    def take(self, id_: str) -> Path:
        """The file of an upload, which is the caller's to remove with its folder. InputError for an unknown
        one."""
        upload = self._held.pop(id_, None)
        if upload is None or not upload.stream.closed:
            if upload is not None:
                self._held[id_] = upload
            raise InputError(
                f"upload {id_[:40]!r}: is unknown, not complete, or was used before; send it again"
            )
        return upload.path

    def drop(self, upload: Upload) -> None:
        """Forget one that will not be completed."""
        self._held.pop(upload.id, None)
        with contextlib.suppress(OSError):
            upload.stream.close()
        upload.path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what has lain for too long."""
        old = time.monotonic() - self.keep
        for upload in [u for u in self._held.values() if u.at < old]:
            self.drop(upload)

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder for what one call writes, and for the uploads that it took."""
        path = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """Remove everything."""
        for upload in list(self._held.values()):
            self.drop(upload)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()


def _remove_left() -> None:
    """Remove the folders of sidecars of this user that are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, CandelaError):
            if folder.is_symlink() or not _is_own(folder) or not (folder / LOCK).is_file():
                continue
            lock = FolderLock(folder)
            lock.take()
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()


def _is_own(folder: Path) -> bool:
    """Whether it is this user's, where the system tells."""
    return not hasattr(os, "geteuid") or folder.stat().st_uid == os.geteuid()
