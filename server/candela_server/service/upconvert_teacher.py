"""What an engine makes of an SDR clip, as the clip that shots are fitted to in place of a master."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from candela_engines.colour.names import NAMED
from candela_engines.media.clip import Clip, ClipFrame, ClipInfo
from candela_server.service.clips import SaidClip
from candela_server.service.upconversion import Upconversion

__all__ = ["SaidTeacher", "TeacherClip"]


class TeacherClip:
    """A `Clip` of light: every frame of `graded` by the engine, linear BT.2020 in nits, made as it is asked
    for. Closing it closes the SDR clip.
    """

    def __init__(self, graded: Clip, by: Upconversion) -> None:
        self._graded, self._by = graded, by
        state = NAMED["linear-rec2020"]
        self._info = replace(graded.info, state=state, bits=32, tagged=True, notes=(), audio=False)

    @property
    def info(self) -> ClipInfo:
        """As the SDR clip's, but for what its samples mean."""
        return self._info

    def frames(self, first: int | None = None, last: int | None = None) -> Iterator[ClipFrame]:
        """Frames first..last in order."""
        return map(self._made, self._graded.frames(first, last))

    def frame(self, number: int) -> ClipFrame:
        """One frame."""
        return self._made(self._graded.frame(number))

    def close(self) -> None:
        """Close the SDR clip."""
        self._graded.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _made(self, frame: ClipFrame) -> ClipFrame:
        made_up = b"" if self._by.highlights is None else b" with highlights"
        name = self._by.engine.info.name.encode() + made_up

        def hashed() -> bytes:
            # Which light it is follows from the SDR samples and the engine: nothing has to be made for it.
            return hashlib.sha256(name + frame.digest()).digest()

        # Alpha is the SDR's own, on both sides alike.
        light = self._by.light(frame.codes, frame.bits, frame.number)
        return ClipFrame(frame.number, light, 32, hashed, frame.alpha)


@dataclass(frozen=True)
class SaidTeacher(SaidClip):
    """Opens the SDR clip as `graded` says it is, and gives its light by the engine."""

    graded: SaidClip | None = None
    by: Upconversion | None = None

    def open(self, name: Path | str) -> Clip:
        """The teacher of the SDR clip `name`. Raises what opening that raises."""
        assert self.graded is not None and self.by is not None
        return TeacherClip(self.graded.open(name), self.by)
