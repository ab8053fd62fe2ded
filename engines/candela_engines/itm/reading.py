"""How a movie's codes were read when its payload was made, where somebody said so over its tags.

The picture hash is of the samples as stored and cannot tell: read otherwise they are another picture, of
which the network makes another HDR.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from candela_engines.colour.state import Range
from candela_engines.errors import PayloadError
from candela_engines.media.tags_stream import MATRIX_NAMES

__all__ = ["AS_TAGGED", "Reading"]


@dataclass(frozen=True)
class Reading:
    """range, matrix: what was said of them (`tags_stream.MATRIX_NAMES`); None where the tags counted."""

    range: Range | None = None
    matrix: str | None = None

    def to_list(self) -> list[str]:
        """For CBOR: both, empty where nothing was said."""
        return [self.range or "", self.matrix or ""]

    @classmethod
    def of_list(cls, value: object) -> Reading:
        """The reading in a payload. PayloadError for what says nothing, or what is not known."""
        known = (("", *get_args(Range)), ("", *MATRIX_NAMES))
        if (
            not isinstance(value, list)
            or len(value) != len(known)
            or not all(isinstance(one, str) and one in names for one, names in zip(value, known, strict=True))
            or not any(value)
        ):
            raise PayloadError("the payload's reading is none that is known: a range and a matrix")
        return cls(value[0] or None, value[1] or None)

    def __str__(self) -> str:
        """As options say it; `as tagged` where they say nothing."""
        said = (("--sdr-range", self.range), ("--sdr-matrix", self.matrix))
        return " ".join(f"{flag} {value}" for flag, value in said if value is not None) or "as tagged"


AS_TAGGED = Reading()
"""Nothing was said."""
