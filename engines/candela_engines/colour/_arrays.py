"""How every formula here treats an array: dtype kept, float64 inside, small blocks, no warnings.

The formulas are computed in float64 whatever comes in. Powers such as 78.84 amplify a float32 rounding to
1e-5 in code, and numpy's float32 power is the slower one for such exponents, so float32 would buy nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError

__all__ = ["FloatArray", "as_float", "elementwise", "quiet", "rowwise"]

FloatArray = npt.NDArray[Any]
"""An array of float32 or float64."""

_BLOCK = 1 << 16  # 512 KB of float64: a block and its temporaries stay in the second-level cache


def quiet() -> np.errstate:
    """Scope in which NaN and infinities go through arithmetic without a warning."""
    return np.errstate(all="ignore")


def as_float(values: npt.ArrayLike, what: str) -> FloatArray:
    """Array of float32 or float64; float16 becomes float32, Python numbers become float64.

    Raises InputError for an integer array: whether 255 means 255 or 1.0 is for `signal_range` to say.
    """
    given_array = isinstance(values, np.ndarray | np.generic)
    array = np.asarray(values)
    if array.dtype.kind in "iub" and not given_array:
        array = array.astype(np.float64)
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    if array.dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise InputError(
            f"{what}: an array of dtype {array.dtype} where float32 or float64 is needed; "
            "bring integer codes to floats with colour.signal_range.decode"
        )
    return array


def elementwise(
    function: Callable[[FloatArray], FloatArray], values: npt.ArrayLike, what: str, *, repeat: int = 1
) -> FloatArray:
    """Apply `function` (float64 to float64, same shape) block by block; shape and dtype are kept."""
    array = as_float(values, what)
    flat = np.ascontiguousarray(array).reshape(-1)
    out = np.empty(flat.shape, array.dtype)
    step = _BLOCK - _BLOCK % repeat
    with quiet():
        for start in range(0, flat.size, step):
            part = flat[start : start + step].astype(np.float64)
            out[start : start + step] = function(part)
    return out.reshape(array.shape)


def rowwise(function: Callable[[FloatArray], FloatArray], rgb: npt.ArrayLike, what: str) -> FloatArray:
    """Apply `function` ((n, 3) float64 to (n, 3)) to an array (…, 3); shape and dtype are kept."""
    array = as_float(rgb, what)
    if array.ndim == 0 or array.shape[-1] != 3:
        raise InputError(f"{what}: an array of shape {array.shape} where (…, 3) is needed")
    return elementwise(lambda part: function(part.reshape(-1, 3)).reshape(-1), array, what, repeat=3)
