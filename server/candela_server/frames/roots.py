"""Folders that the operator allows, and the paths inside them. Nothing else on the disk is read or
written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from candela_engines.errors import CandelaError, InfrastructureError, InputError, MediaError
from candela_engines.itm.carriers import sidecar_path
from candela_engines.media.sequence_names import is_pattern
from candela_ocio import candela_config_path
from candela_server.jobs.errors import PathRefusedError

__all__ = ["Roots"]

_MOST_LETTERS = 4096
# Where there is O_PATH nothing is opened but the name: to open a device or a pipe can do something.
_NO_FOLLOW = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_PATH"):
    _NO_FOLLOW |= getattr(os, _flag, 0)


class Roots:
    """The allowed folders, resolved once: a symbolic link that is laid in their place later does not count.

    Between the check of a path and its use somebody with write access inside a root could put a link there;
    whoever can do that is trusted with what the sidecar's user can read.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders: list[Path] = []
        for folder in folders:
            try:
                real = folder.resolve(strict=True)
            except OSError as error:
                raise InputError(f"--root {folder}: {error.strerror or error}; give a folder") from error
            if not real.is_dir():
                raise InputError(f"--root {folder}: is no folder")
            if real == Path(real.anchor):
                raise InputError(f"--root {folder}: is the whole disk; give the folders that are needed")
            self.folders.append(real)

    def source(self, text: str) -> Path:
        """A regular file inside the roots, every link on the way followed, ready to be opened.

        Raises PathRefusedError for a path that is relative, leads outside, or to a folder or device;
        MediaError where there is no such file. What lies outside is refused alike, whether it exists or not.
        """
        path = self._one(text)
        self.walk(path, text)
        beside = sidecar_path(path)
        if beside.is_symlink() and self._root_of(Path(os.path.realpath(beside))) is None:
            raise PathRefusedError(
                f"{text}: the {beside.name} beside it is a link that leads out of the roots"
            )
        return path

    def target(self, text: str) -> Path:
        """A name inside the roots that may be written: nothing is there yet, or a regular file.

        Raises PathRefusedError as `source`, MediaError for a folder that does not exist.
        """
        path = self._one(text)
        for at in (path, sidecar_path(path)):  # where the payload goes if the format has no place for it
            real = Path(os.path.realpath(at))
            if self._root_of(real) is None:
                raise self._refused(text)
            if os.path.lexists(real) and not stat.S_ISREG(os.lstat(real).st_mode):
                raise PathRefusedError(f"{text}: is no regular file; give the name of the file to write")
        self.walk(path.parent, text, folder=True)
        return path

    def config(self, text: str) -> str | None:
        """An OCIO config: one built into the library by its name, Candela's own, or a file inside the
        roots."""
        if not text or text.startswith("ocio://"):
            return text or None
        own = os.path.realpath(candela_config_path())
        if "\0" not in text and os.path.realpath(text) == own:
            return own
        return str(self.source(text))

    def environment(self, text: str) -> str:
        """A client's $OCIO. One that may not be read becomes a name that leads nowhere: work that needs a
        config then says so, and work that needs none goes on, as with a $OCIO that is wrong on one's own
        machine."""
        try:
            return self.config(text) or ""
        except CandelaError:
            shown = "".join(letter for letter in text[:200] if letter.isprintable())
            return f"{shown} (which this sidecar may not read)"

    def inside(self, text: str, *, itself: bool = False) -> Path:
        """A path inside the roots, links on the way followed; there need be nothing there. PathRefusedError.

        itself: whether a root may be named, too.
        """
        if not text or len(text) > _MOST_LETTERS or "\0" in text or not text.isprintable():
            raise PathRefusedError(
                "a path that is empty, too long or holds control characters; give a plain one"
            )
        if not self.folders:
            raise PathRefusedError(f"{text}: this sidecar opens no files: it was started without --root")
        path = Path(text)
        if not path.is_absolute():
            raise PathRefusedError(
                f"{text}: is relative, and the sidecar has no folder of yours; give it in full"
            )
        try:
            real = Path(os.path.realpath(path))
        except (OSError, ValueError) as error:
            raise PathRefusedError(f"{text}: cannot be followed ({error})") from error
        if self._root_of(real) is None and not (itself and real in self.folders):
            raise self._refused(text)
        return real

    def holds(self, real: Path) -> bool:
        """Whether a path without links is inside the roots."""
        return self._root_of(real) is not None

    def _one(self, text: str) -> Path:
        path = self.inside(text)
        if is_pattern(path):
            raise InputError(f"{text}: is a name for numbered files; this call takes one picture")
        return path

    def _root_of(self, real: Path) -> Path | None:
        return next((root for root in self.folders if real != root and real.is_relative_to(root)), None)

    def _refused(self, text: str) -> PathRefusedError:
        names = ", ".join(map(str, self.folders))
        return PathRefusedError(f"{text}: is not inside the folders that this sidecar may use ({names})")

    def walk(self, real: Path, text: str, *, folder: bool = False) -> None:
        """Go down from the root without following anything: what is opened is what was resolved."""
        root = next((r for r in self.folders if real.is_relative_to(r)), None)
        if root is None:
            raise self._refused(text)
        try:
            mode = _mode_below(root, real)
        except FileNotFoundError:
            raise MediaError(f"{text}: no such file or folder") from None
        except PermissionError as error:
            raise InfrastructureError(f"{text}: cannot be read: {error.strerror}") from error
        except OSError as error:
            # ELOOP: a link came in between; ENXIO: a socket or a pipe that nobody serves.
            raise PathRefusedError(f"{text}: cannot be opened: {error.strerror or error}") from error
        if not (stat.S_ISDIR(mode) if folder else stat.S_ISREG(mode)):
            raise PathRefusedError(f"{text}: is no {'folder' if folder else 'regular file'}")


def _mode_below(root: Path, real: Path) -> int:
    """Of a path below a root, which is gone down to folder by folder; on Windows, which cannot, by its whole
    name."""
    if os.open not in os.supports_dir_fd:
        return os.lstat(real).st_mode
    handle = os.open(root, _NO_FOLLOW | os.O_DIRECTORY)
    try:
        for part in real.relative_to(root).parts:
            below = os.open(part, _NO_FOLLOW, dir_fd=handle)
            os.close(handle)
            handle = below
        return os.fstat(handle).st_mode
    finally:
        os.close(handle)
