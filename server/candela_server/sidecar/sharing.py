"""Regions for as long as a call lasts, and uploads as their parts come in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable

from candela_server.frames.segments import Region, Regions
from candela_server.frames.uploads import Upload, Uploads
from candela_server.jobs.errors import FieldError

__all__ = ["Sharing"]


class Sharing:
    """A region is its caller's: when the call that registered it ends, so does the region. Nothing leaks."""

    def __init__(
        self, regions: Regions, uploads: Uploads, gone: Callable[[str], None] = lambda region: None
    ) -> None:
        """gone: told the id of a region that is taken back."""
        self._regions, self._uploads, self._gone = regions, uploads, gone
        self._ends: dict[str, asyncio.Event] = {}

    async def hold(self, region: Region) -> AsyncIterator[str]:
        """The region's id, and then nothing until it is taken back."""
        end = self._ends[region.id] = asyncio.Event()
        try:
            yield region.id
            await end.wait()
        finally:
            self._ends.pop(region.id, None)
            self._regions.discard(region.id)
            self._gone(region.id)

    def register(self, posix: str | None, sealed: tuple[int, int] | None, size: int) -> Region:
        """A region by its POSIX name, or by process and descriptor. FieldError where neither is said."""
        if posix is not None:
            return self._regions.register_posix(posix, size)
        if sealed is not None:
            return self._regions.register_sealed(*sealed, size)
        raise FieldError("memory: posix_name or sealed_file is needed")

    def unregister(self, id_: str) -> None:
        """Take a region back. FrameMemoryError for an unknown one."""
        self._regions.forget(id_)
        end = self._ends.get(id_)
        if end is not None:
            end.set()

    async def upload(self, parts: AsyncIterable[str | bytes]) -> tuple[str, int]:
        """A file out of its suffix and then its bytes; its id and size. What is not completed is removed."""
        upload: Upload | None = None
        try:
            async for part in parts:
                if isinstance(part, str) == (upload is not None):
                    raise FieldError("part: the suffix comes first and once, and then data")
                if isinstance(part, str):
                    upload = self._uploads.begin(part)
                elif upload is not None:
                    await asyncio.to_thread(self._uploads.add, upload, part)
            if upload is None:
                raise FieldError("part: nothing was sent")
            await asyncio.to_thread(self._uploads.end, upload)
        except BaseException:
            if upload is not None:
                self._uploads.drop(upload)
            raise
        return upload.id, upload.bytes
