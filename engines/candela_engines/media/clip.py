"""A clip: frames with numbers, whether they come from a movie, a sequence of stills or one still.

What everything that works on shots is written against; `open_clip` says which kind a name is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.state import ColourState
from candela_engines.media.decoded import Samples
from candela_engines.media.mastering import DeclaredDisplay

__all__ = ["DIGEST_BYTES", "UNEVEN", "Clip", "ClipFrame", "ClipInfo", "ClipKind"]

DIGEST_BYTES = 16
#: How a note on frames that do not come evenly begins.
UNEVEN = "variable frame rate"

ClipKind = Literal["movie", "sequence"]


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """What is known of a clip before a frame is decoded.

    name: as the user gave it, for messages. files: the movie alone, or the frames' files in order.
    format: in words (`hevc in mov`, `exr sequence`). size in pixels, after the stream's own cropping.
    bits: of a stored sample; 16 or 32 for floats. state: what `ClipFrame.codes` are in, None where neither
    tags nor arguments say; movies are brought to full range R'G'B', so their state has range `full`.
    found: the tags in words. first, last: numbers of the outermost frames; movies count from 0, sequences
    as their files do. missing: numbers between them that have no file. rate: frames a second, None for a
    sequence that does not say. timecode: of the first frame, as SMPTE writes it, or None. audio: whether
    there is any. luminance: (MaxCLL, MaxFALL) of the stream's metadata, nits, 0 where not known, or None.
    cut_after: of a truncated movie the last frame that is there; `last` is then one that is known to be gone.
    display: the mastering display that the stream declares. camera: what a camera wrote beside the picture of
    a log curve, in words, whatever the tags say; empty where it wrote nothing of the kind.
    """

    name: str
    files: tuple[Path, ...]
    kind: ClipKind
    format: str
    width: int
    height: int
    bits: int
    state: ColourState | None
    tagged: bool
    found: str
    first: int
    last: int
    missing: tuple[int, ...] = ()
    rate: Fraction | None = None
    timecode: str | None = None
    audio: bool = False
    luminance: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    cut_after: int | None = None
    display: DeclaredDisplay | None = None
    camera: str = ""

    @property
    def count(self) -> int:
        """How many frames there are."""
        return self.last - self.first + 1 - len(self.missing)


@dataclass(frozen=True, slots=True, eq=False)
class ClipFrame:
    """One decoded frame. codes: (H, W, 3) R'G'B' (or light) in the clip's state: integers of `bits` bits, or
    floats over full scale, with bits 32; may be read-only, and is not changed after it was handed over.
    alpha: (H, W) float32 0..1 or None. hashed: makes the digest of the samples as stored.
    """

    number: int
    codes: Samples
    bits: int
    hashed: Callable[[], bytes]
    alpha: NDArray[np.float32] | None = None

    def digest(self) -> bytes:
        """The first 16 bytes of SHA-256 of the decoded samples as stored (before any conversion)."""
        return self.hashed()[:DIGEST_BYTES]


class Clip(Protocol):
    """Frames in order, or one by its number; a context manager that closes its files.

    frames(first, last): both included, default all; numbers that are missing are left out. Memory does not
    depend on how many there are. frame(number): exactly that one, wherever the stream was before.
    Both raise MediaError naming the clip and the frame that cannot be had, InputError for a number outside.
    Frames given before an error stay valid.
    """

    @property
    def info(self) -> ClipInfo:
        """What is known before decoding."""
        ...

    def frames(self, first: int | None = None, last: int | None = None) -> Iterator[ClipFrame]:
        """Frames first..last in order."""
        ...

    def frame(self, number: int) -> ClipFrame:
        """One frame."""
        ...

    def close(self) -> None:
        """Let go of files and decoders; a second time does nothing."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def digest_of_digests(digests: list[bytes]) -> bytes:
    """What stands for a whole shot: SHA-256 of its frames' digests in order, first 16 bytes."""
    return hashlib.sha256(b"".join(d[:DIGEST_BYTES] for d in digests)).digest()[:DIGEST_BYTES]
