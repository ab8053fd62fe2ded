"""A file as a list of pieces: what carriers read from, and what they leave to be written.

A picture may be gigabytes, so nothing here holds one. A `Source` is a sequence of `Copy` ranges
of one file on disk and literal `bytes`; `edited` returns another such sequence, `chunks` streams
it. An edited source reads like a file, so taking an old payload out and putting a new one in
are two edits after one another, and a carrier never has to think about both at once.
"""

from __future__ import annotations

import errno
import os
import stat
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Literal

from candela_engines.errors import CarrierError, InfrastructureError, InputError, MediaError

CHUNK = 1 << 20
_BLOCK = 1 << 12
_AT_ONCE = 1 << 26  # a copy by the system cannot be interrupted
_MACHINE_FAILED = {errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}

ByteOrder = Literal["little", "big"]


@dataclass(frozen=True, slots=True)
class Copy:
    """The bytes `start` up to `end` of the file on disk."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes `start` up to `end` become `data`; `start == end` inserts."""

    start: int
    end: int
    data: bytes = b""


class _File:
    """The open file under all pieces, with a one-block cache for parsers that read a few bytes."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        status = os.fstat(descriptor)
        self.mode = stat.S_IMODE(status.st_mode)
        self.size = status.st_size
        self._stamp = (status.st_size, status.st_mtime_ns)
        self._block = (0, b"")

    def read(self, start: int, count: int) -> bytes:
        at, block = self._block
        if not at <= start <= start + count <= at + len(block):
            if count > _BLOCK:
                return self._read(start, count)
            at, block = start, self._read(start, min(_BLOCK, self.size - start))
            self._block = (at, block)
        return block[start - at : start - at + count]

    def _read(self, start: int, count: int) -> bytes:
        parts = []
        try:
            os.lseek(self.descriptor, start, os.SEEK_SET)
            while count > 0 and (part := os.read(self.descriptor, count)):
                parts.append(part)
                count -= len(part)
        except OSError as error:
            raise InfrastructureError(f"{self.path}: cannot be read: {error.strerror}") from error
        if count:
            raise MediaError(f"{self.path}: became shorter while it was being read; try again")
        return b"".join(parts)

    def copy(self, start: int, end: int, descriptor: int) -> int:
        """Let the system copy a range to another file, which on some disks and servers moves no byte at all.

        Returns how far it came: nothing where it cannot, so that the rest has to be read and written.
        """
        at = start
        if hasattr(os, "copy_file_range"):
            with suppress(OSError):  # whatever is wrong shows again, and with its reason, in writing
                while at < end:
                    done = os.copy_file_range(self.descriptor, descriptor, min(end - at, _AT_ONCE), at)
                    if not done:
                        break
                    at += done
        return at

    def check_unchanged(self) -> None:
        status = os.fstat(self.descriptor)
        if (status.st_size, status.st_mtime_ns) != self._stamp:
            raise MediaError(
                f"{self.path}: was changed by another program while it was being read; try again"
            )


class Source:
    """Bytes to read by position: a file on disk, or such a file with edits. Reads are bounds-checked."""

    def __init__(self, file: _File, pieces: Sequence[Copy | bytes]) -> None:
        self._file = file
        self._pieces = pieces
        self._ends = list(accumulate(_length(piece) for piece in pieces))
        self.known: dict[str, object] = {}
        """What a carrier has found out about these bytes, which never change, and would find out again."""

    @property
    def path(self) -> Path:
        """The file on disk, for messages."""
        return self._file.path

    @property
    def mode(self) -> int:
        """Permission bits of the file on disk."""
        return self._file.mode

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._ends[-1] if self._ends else 0

    def read(self, start: int, count: int) -> bytes:
        """Exactly `count` bytes from `start`, or CarrierError. Callers bound `count` themselves."""
        self._check(start, start + count)
        index = bisect_right(self._ends, start)
        if count and start + count <= self._ends[index]:  # in one piece, as nearly always
            piece = self._pieces[index]
            at = start - self._ends[index] + _length(piece)
            if isinstance(piece, bytes):
                return piece[at : at + count]
            return self._file.read(piece.start + at, count)
        return b"".join(
            piece if isinstance(piece, bytes) else self._file.read(piece.start, _length(piece))
            for piece in self._slice(start, start + count)
        )

    def head(self, count: int) -> bytes:
        """The first `count` bytes, fewer where the file is shorter."""
        return self.read(0, min(count, self.size))

    def uint(self, start: int, width: int, order: ByteOrder) -> int:
        """An unsigned integer of `width` bytes."""
        return int.from_bytes(self.read(start, width), order)

    def edited(self, edits: Iterable[Edit]) -> Source:
        """This source with `edits`, which must not overlap. Positions are those of this source."""
        pieces: list[Copy | bytes] = []
        at = 0
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            self._check(at, edit.start)
            self._check(edit.start, edit.end)
            pieces += self._slice(at, edit.start)
            pieces += [edit.data] if edit.data else []
            at = edit.end
        pieces += self._slice(at, self.size)
        return Source(self._file, pieces)

    def chunks(self, to: int | None = None) -> Iterator[bytes]:
        """All bytes in order, at most `CHUNK` at a time from disk.

        With a file descriptor to write them `to`, only those that the system does not copy there by itself.
        """
        for piece in self._pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            start = piece.start if to is None else self._file.copy(piece.start, piece.end, to)
            for at in range(start, piece.end, CHUNK):
                yield self._file.read(at, min(CHUNK, piece.end - at))
        self._file.check_unchanged()

    def same_as(self, other: Source) -> bool:
        """Whether both hold the same bytes. Ranges that both copy from one place are not read."""
        if self.size != other.size:
            return False
        at = 0
        for end in sorted({*self._ends, *other._ends}):
            while at < end:
                stop = min(end, at + CHUNK)
                (mine,), (theirs,) = list(self._slice(at, end)), list(other._slice(at, end))
                if mine == theirs:
                    stop = end
                elif self.read(at, stop - at) != other.read(at, stop - at):
                    return False
                at = stop
        return True

    def _slice(self, start: int, end: int) -> Iterator[Copy | bytes]:
        index = bisect_right(self._ends, start)
        while start < end:
            piece, piece_end = self._pieces[index], self._ends[index]
            piece_start = piece_end - _length(piece)
            low, high = start - piece_start, min(end, piece_end) - piece_start
            yield piece[low:high] if isinstance(piece, bytes) else Copy(piece.start + low, piece.start + high)
            start, index = min(end, piece_end), index + 1

    def _check(self, start: int, end: int) -> None:
        if not 0 <= start <= end <= self.size:
            raise CarrierError(
                f"{self.path}: needs bytes {start} to {end}, but there are {self.size}: truncated or damaged"
            )


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a regular file for reading. Symbolic links are followed; pipes and devices are refused."""
    # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever before it can be refused.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError as error:
        raise MediaError(f"{path}: there is no such file") from error
    except OSError as error:
        kind = InfrastructureError if error.errno in _MACHINE_FAILED else MediaError
        raise kind(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{str(path)!r} is not a file name: {error}") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise MediaError(f"{path}: is not a regular file; pictures are read from files only")
        file = _File(path, descriptor)
        yield Source(file, [Copy(0, file.size)] if file.size else [])
    finally:
        os.close(descriptor)


def real_path(path: Path) -> Path:
    """The file itself, with symbolic links followed. It need not exist."""
    try:
        return Path(os.path.realpath(path))
    except ValueError as error:
        raise InputError(f"{str(path)!r} is not a file name: {error}") from error


def _length(piece: Copy | bytes) -> int:
    return len(piece) if isinstance(piece, bytes) else piece.end - piece.start
