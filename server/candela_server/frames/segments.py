"""Regions of shared memory that clients make known, use and take back.

A client may shrink a segment at any time, and whoever then touches a mapped page beyond its end is
killed (SIGBUS). So a POSIX segment is never mapped: it is copied through its descriptor, which at worst
comes up short. An anonymous file that is sealed against shrinking (memfd, F_SEAL_SHRINK) is mapped:
results are written where they belong. Pictures are copied out of it, unless it is sealed against writing
too (F_SEAL_WRITE) and so stays what it is: a kernel that sees a picture change between two looks could
do anything.
"""

from __future__ import annotations

import mmap
import os
import re
import secrets
import stat
from dataclasses import dataclass

from candela_engines.errors import InfrastructureError
from candela_server.jobs.errors import FrameMemoryError, NotSupportedError, TooLargeError

__all__ = ["Region", "Regions", "Shared"]

_NAME = re.compile(r"/?[A-Za-z0-9_.-]{1,200}")
_MOST_REGIONS = 1024
_F_GET_SEALS = 1034
_F_SEAL_SHRINK, _F_SEAL_WRITE = 2, 8


@dataclass(frozen=True)
class Shared:
    """What another process needs to know of a region beside its descriptor. sealed: against shrinking, fixed:
    against writing as well."""

    id: str
    bytes: int
    sealed: bool
    fixed: bool


@dataclass(eq=False)
class Region:
    """One region. A sealed one is mapped when it is first used; the others are copied through `handle`.

    It lives for as long as anybody refers to it, so that work that has begun ends well.
    """

    id: str
    bytes: int
    handle: int
    sealed: bool = False
    fixed: bool = False
    _map: mmap.mmap | None = None

    @property
    def shared(self) -> Shared:
        """For another process."""
        return Shared(self.id, self.bytes, self.sealed, self.fixed)

    @property
    def mapped(self) -> mmap.mmap | None:
        """Its memory; None for one that is copied."""
        if self.sealed and self._map is None:
            try:
                self._map = _mapped(self.handle, self.bytes, fixed=self.fixed)
            except OSError as error:
                raise FrameMemoryError(
                    f"region {self.id}: cannot be mapped: {error.strerror or error}"
                ) from error
        return self._map

    def read(self, start: int, count: int) -> memoryview:
        """`count` bytes from `start` on: the memory itself where it is fixed, else a copy.

        Raises FrameMemoryError outside the region, or where the segment was shrunk.
        """
        self._check(start, count)
        memory = self.mapped
        if memory is not None:
            found = memoryview(memory)[start : start + count]
            # The kernels trust a picture to stay what it is while they look at it.
            return found if self.fixed else memoryview(bytearray(found))
        data = bytearray(count)
        view, done = memoryview(data), 0
        while done < count:
            got = os.preadv(self.handle, [view[done:]], start + done)
            if not got:
                raise self._shrunk(start + done)
            done += got
        return view

    def room(self, start: int, count: int) -> memoryview:
        """Memory to write a result into; `flush` brings it to where it belongs. Raises as `read`."""
        self._check(start, count)
        if self.fixed:
            raise FrameMemoryError(f"region {self.id}: is sealed against writing, and can hold no result")
        memory = self.mapped
        if memory is not None:
            return memoryview(memory)[start : start + count]
        if os.fstat(self.handle).st_size < start + count:
            raise self._shrunk(start)
        return memoryview(bytearray(count))

    def flush(self, start: int, data: memoryview) -> None:
        """Write what `room` gave. A segment that was shrunk since is not grown again: FrameMemoryError."""
        if self.sealed:
            return
        if os.fstat(self.handle).st_size < start + len(data):
            raise self._shrunk(start)
        done = 0
        while done < len(data):
            done += os.pwritev(self.handle, [data[done:]], start + done)

    def _check(self, start: int, count: int) -> None:
        if start < 0 or count < 0 or start + count > self.bytes:
            raise FrameMemoryError(
                f"region {self.id}: bytes {start} to {start + count} are asked for, and it has {self.bytes}"
            )

    def _shrunk(self, at: int) -> FrameMemoryError:
        return FrameMemoryError(
            f"region {self.id}: was shrunk since it was registered, and ends before byte {at}"
        )

    def __del__(self) -> None:
        if self.handle >= 0:
            os.close(self.handle)


class Regions:
    """enabled: the operator's --shared-memory. most: bytes of one region."""

    def __init__(self, *, enabled: bool, most: int) -> None:
        self.enabled, self.most = enabled, most
        self._held: dict[str, Region] = {}

    def __len__(self) -> int:
        return len(self._held)

    def register_posix(self, name: str, size: int) -> Region:
        """A segment of shm_open, by its name. FrameMemoryError for one that cannot be had or is too small."""
        self._check(size)
        if not _NAME.fullmatch(name) or name.strip("/") in (".", ".."):
            raise FrameMemoryError(
                f"shared memory {name[:40]!r}: letters, digits, '_', '.' and '-' are possible"
            )
        try:
            import _posixshmem

            handle = int(_posixshmem.shm_open("/" + name.lstrip("/"), os.O_RDWR))
        except ImportError:
            raise InfrastructureError("this system has no POSIX shared memory; send files instead") from None
        except OSError as error:
            raise FrameMemoryError(f"shared memory {name}: {error.strerror or error}") from error
        return self._add(handle, size, name, sealed=False)

    def register_sealed(self, process: int, descriptor: int, size: int) -> Region:
        """An anonymous file of a process of the same user, by its descriptor there (Linux).

        FrameMemoryError for one that cannot be had, is too small, or is not sealed against shrinking;
        InfrastructureError on other systems.
        """
        self._check(size)
        if not hasattr(os, "memfd_create"):
            raise InfrastructureError("this system has no sealed shared memory; send files instead")
        name = f"descriptor {descriptor} of process {process}"
        try:
            # O_NONBLOCK: it may turn out to be a pipe.
            handle = os.open(f"/proc/{process}/fd/{descriptor}", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise FrameMemoryError(f"{name}: {error.strerror or error}") from error
        return self._add(handle, size, name, sealed=True)

    def get(self, id_: str) -> Region:
        """A registered region; FrameMemoryError for an unknown one."""
        region = self._held.get(id_)
        if region is None:
            self._check(1)
            raise FrameMemoryError(f"region {id_[:40]!r}: is not registered, or no longer")
        return region

    def forget(self, id_: str) -> None:
        """Take a region back; FrameMemoryError for an unknown one."""
        self.get(id_)
        del self._held[id_]

    def discard(self, id_: str) -> None:
        """Take a region back if it is still there."""
        self._held.pop(id_, None)

    def adopt(self, shared: Shared, handle: int) -> None:
        """A region that another process has registered and checked; `handle` is ours from here on."""
        self._held[shared.id] = Region(shared.id, shared.bytes, handle, shared.sealed, shared.fixed)

    def _check(self, size: int) -> None:
        if not self.enabled:
            raise NotSupportedError("shared memory is off in this sidecar; start it with --shared-memory")
        if size < 1:
            raise FrameMemoryError("a region of 0 bytes; say how many it has")
        if size > self.most:
            raise TooLargeError(f"a region of {size:,} bytes; this sidecar takes {self.most:,}")
        if len(self._held) >= _MOST_REGIONS:
            raise FrameMemoryError(f"{_MOST_REGIONS} regions are registered, which is as many as may")

    def _add(self, handle: int, size: int, name: str, *, sealed: bool) -> Region:
        region = Region(secrets.token_hex(16), size, handle)  # closes the handle, come what may
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise FrameMemoryError(f"{name}: is no memory of the sidecar's own user")
        if found.st_size < size:
            raise FrameMemoryError(f"{name}: has {found.st_size} bytes, and {size} were registered")
        if sealed:
            import fcntl

            try:
                seals = fcntl.fcntl(handle, _F_GET_SEALS)
            except OSError:
                raise FrameMemoryError(f"{name}: is no anonymous file (memfd)") from None
            if not seals & _F_SEAL_SHRINK:
                raise FrameMemoryError(f"{name}: is not sealed against shrinking (F_SEAL_SHRINK)")
            region.sealed, region.fixed = True, bool(seals & _F_SEAL_WRITE)
        self._held[region.id] = region
        return region


def _mapped(handle: int, size: int, *, fixed: bool) -> mmap.mmap:
    if not fixed:
        return mmap.mmap(handle, size)
    reading = os.open(f"/proc/self/fd/{handle}", os.O_RDONLY | os.O_CLOEXEC)  # else some systems refuse it
    try:
        return mmap.mmap(reading, size, prot=mmap.PROT_READ)
    finally:
        os.close(reading)
