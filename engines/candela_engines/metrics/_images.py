"""What the metrics share: checks of two pictures and strips of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError

__all__ = ["Image", "check_pair", "check_picture", "strips"]

Image = npt.NDArray[Any]
"""float32 or float64, (H, W, 3)."""

_STRIP_PIXELS = 1 << 18


def check_picture(picture: Image, what: str) -> None:
    """Raise InputError unless `picture` is float (H, W, 3) with at least one pixel."""
    if not isinstance(picture, np.ndarray) or picture.dtype not in (np.dtype("f4"), np.dtype("f8")):
        kind = getattr(picture, "dtype", type(picture).__name__)
        raise InputError(f"{what}: {kind} where float32 or float64 is needed")
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
        raise InputError(f"{what}: an array of shape {picture.shape} where (H, W, 3) is needed")


def check_pair(test: Image, reference: Image, what: str) -> None:
    """Raise InputError unless both are float (H, W, 3) pictures of one size."""
    check_picture(test, f"{what}, test")
    check_picture(reference, f"{what}, reference")
    if test.shape != reference.shape:
        raise InputError(
            f"{what}: test is {test.shape[1]}x{test.shape[0]}, reference "
            f"{reference.shape[1]}x{reference.shape[0]}; pictures of one size are needed"
        )


def strips(height: int, width: int) -> Iterator[slice]:
    """Row slices of a quarter of a million pixels: 16k-wide pictures need no more memory."""
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))
