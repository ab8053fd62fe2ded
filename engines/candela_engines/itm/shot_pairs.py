"""Frames of an SDR shot beside those of its HDR master, as a fit takes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["PairFrame", "PairSource", "spread_out"]


@dataclass(frozen=True, slots=True, eq=False)
class PairFrame:
    """One frame. codes: (H, W, 3), integers of `bits` bits, or floats over full scale; then `bits` is what
    the samples were rounded to before they became floats (a movie's), 32 where they never were.

    nits: (H, W, 3) float32, linear BT.2020, finite; light outside 0..10000 counts as the nearer end.
    digest: the first 16 bytes of the hash of the SDR samples (`media.clip.ClipFrame.digest`).
    """

    number: int
    codes: npt.NDArray[np.generic]
    bits: int
    nits: npt.NDArray[np.float32]
    digest: bytes


class PairSource(Protocol):
    """Gives the frames first..last in order: all that there are, or those of them that are wanted.

    Is called several times, and for parts of the shot. A frame is let go before the next one is asked for.
    """

    def __call__(self, first: int, last: int, wanted: Collection[int] | None = None) -> Iterator[PairFrame]:
        """Frames first..last that are wanted."""
        ...


def spread_out(first: int, last: int, most: int) -> tuple[int, ...]:
    """At most `most` numbers, evenly from first to last, both of them among these."""
    count = last - first + 1
    if count <= most:
        return tuple(range(first, last + 1))
    return tuple(first + round(i * (count - 1) / (most - 1)) for i in range(most))
