"""Alpha: light multiplied by it (associated) and light that is not (straight), brought to one meaning.

OpenEXR has associated colours by definition and TIFF and JPEG XL where their tag says so; PNG, AVIF and the
rest have straight ones. A grade and its master that differ in this would be two pictures at every soft edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Coverage", "Covered", "divide", "is_opaque", "match_alpha", "multiply"]

_STRIP_PIXELS = 1 << 20
F32 = npt.NDArray[np.float32]


class Coverage(Protocol):
    """What a picture's colours are to its alpha."""

    @property
    def alpha(self) -> F32 | None:
        """(H, W), or None."""
        ...

    @property
    def associated(self) -> bool:
        """Whether colours are multiplied by it."""
        ...


@dataclass(frozen=True, eq=False)
class Covered:
    """`Coverage` alone, of a frame."""

    alpha: F32 | None
    associated: bool


def match_alpha(nits: F32, master: Coverage, sdr: Coverage) -> list[str]:
    """Bring the master's light to the meaning of the SDR picture's colours, in place; notes of what was done.

    nits: (H, W, 3) float32, linear light of `master`. By the master's own alpha, in light, as OpenEXR defines
    it. An SDR picture without alpha was made of the colours as they are stored, so they stay.
    """
    alpha = master.alpha
    if alpha is None or is_opaque(alpha):
        return []
    if sdr.alpha is None:
        over_black = ", which are those over black" if master.associated else ""
        return [f"its alpha is not used: the SDR picture has none; colours are as stored{over_black}"]
    if master.associated == sdr.associated:
        how = "multiplied by alpha" if sdr.associated else "straight"
        return [f"its alpha is not used: colours are {how} in both pictures"]
    if master.associated:
        divide(nits, alpha)
        return ["light was divided by its alpha, since colours are straight in the SDR picture; "
                "where alpha is 0 it is as stored"]  # fmt: skip
    multiply(nits, alpha)
    return ["light was multiplied by its alpha, as colours are in the SDR picture"]


def is_opaque(alpha: F32) -> bool:
    """Whether alpha is 1 everywhere, so that it makes no difference."""
    return bool((alpha >= 1).all())


def multiply(nits: F32, alpha: F32) -> None:
    """Associate straight light with its alpha, in place. alpha: (H, W), held to 0..1."""
    for strip, coverage in _strips(nits, alpha):
        strip *= coverage


def divide(nits: F32, alpha: F32) -> None:
    """Make associated light straight, in place. Where alpha is 0 light stays: it glows without covering."""
    for strip, coverage in _strips(nits, alpha):
        strip /= np.where(coverage > 0, coverage, np.float32(1))


def _strips(nits: F32, alpha: F32) -> Iterator[tuple[F32, F32]]:
    rows = max(1, _STRIP_PIXELS // nits.shape[1])
    for top in range(0, nits.shape[0], rows):
        coverage = np.clip(np.nan_to_num(alpha[top : top + rows], nan=0.0), 0, 1)
        yield nits[top : top + rows], coverage[..., None]
