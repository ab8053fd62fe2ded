"""A shot of a timeline, whoever says that it is there: Resolve, or a timeline file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional

__all__ = ["OPENING", "Shot", "ShotError"]

Json = Dict[str, Any]
OPENING = "its file is being looked for"
"""The trouble of a shot that was listed before its media were."""


class ShotError(Exception):
    """A shot that cannot be judged by its file: which one, and why."""


@dataclass(frozen=True)
class Shot:
    """item: the host's own, None of a file. key: the same for as long as the shot is, from session to
    session. track: 1 is the lowest. first, last: frames from the timeline's first one. path: of a sequence
    its pattern, or its name with the range in brackets. media: first and last frame of the file, as Candela
    counts: movies from 0, sequences as their names do. trouble: why it cannot be judged by its file, or
    nothing.
    """

    item: Any
    key: str
    name: str
    track: int
    first: int
    last: int
    path: str
    media: "Optional[tuple[int, int]]"
    trouble: str = ""

    @property
    def frames(self) -> int:
        """How many."""
        return self.last - self.first + 1

    def ask(self, reference: Optional[str] = None, colour: Optional[Json] = None) -> Json:
        """What to ask the helper for, to judge it by its file, ungraded as it lies on disk.

        reference: a file of the SDR version, with the same frames. colour: of the file, None for what its
        tags say. ShotError where the file cannot stand for the shot.
        """
        if self.media is None:
            raise ShotError(f"{self.name}: {self.trouble}")
        given: Json = {"grade": {"path": self.path}, "frames": list(self.media)}
        if colour is not None:
            given["grade"]["colour"] = colour
        if reference is not None:
            given["reference"] = {"path": reference}
        return given
