"""A still picture as a clip of one frame, for what works on clips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from candela_engines.colour.state import ColourState, Range
from candela_engines.errors import InputError
from candela_engines.media.clip import ClipFrame, ClipInfo
from candela_engines.media.hashing import hash_samples
from candela_engines.media.still import Still, check_narrow, read_still

__all__ = ["StillClip", "open_still_clip"]


def open_still_clip(
    path: Path | str, *, colour: ColourState | None = None, range: Range | None = None
) -> StillClip:
    """The still at `path`, read whole; its frame has the number 0. Raises as `read_still` and
    `check_narrow`.
    """
    still = read_still(path, colour=colour)
    if range is not None and still.state is not None:
        state = replace(still.state, range=range)
        check_narrow(still, state)
        still = replace(still, state=state)
    return StillClip(still)


class StillClip:
    """A `Clip` of one frame."""

    def __init__(self, still: Still) -> None:
        self._still = still
        self._info = ClipInfo(
            name=str(still.path), files=(still.path,), kind="sequence", format=still.format,
            width=still.size[0], height=still.size[1], bits=still.bits, state=still.state,
            tagged=still.tagged, found=still.found, first=0, last=0, notes=still.notes,
        )  # fmt: skip

    @property
    def info(self) -> ClipInfo:
        """What is known of it."""
        return self._info

    def frames(self, first: int | None = None, last: int | None = None) -> Iterator[ClipFrame]:
        """The one frame."""
        for number in (first, last):
            if number not in (None, 0):
                raise InputError(f"{self._info.name}: is a still picture; it has no frame {number}")
        still = self._still
        floats = still.codes.dtype.kind == "f"
        yield ClipFrame(
            number=0,
            codes=still.pixels if floats else still.codes,
            bits=32 if floats else still.bits,
            hashed=lambda: hash_samples(still.codes, still.bits),
            alpha=still.alpha,
        )

    def frame(self, number: int) -> ClipFrame:
        """The frame 0."""
        return next(self.frames(number, number))

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
