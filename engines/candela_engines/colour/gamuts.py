"""Primaries, whites and the matrices that follow: SMPTE RP 177 for RGB to XYZ, Bradford between whites.

Matrices are computed from the chromaticities, not copied, so that every pair agrees with its inverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from candela_engines.colour._arrays import FloatArray, as_float, quiet
from candela_engines.colour.state import Primaries
from candela_engines.errors import InputError

__all__ = [
    "GAMUTS",
    "LUMA_BT2020",
    "Gamut",
    "apply_matrix",
    "luminance",
    "normalised_primaries",
    "rgb_to_rgb",
    "rgb_to_xyz",
    "xyz_to_rgb",
]

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gamut:
    """CIE 1931 xy chromaticities of red, green, blue and white."""

    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]
    white: tuple[float, float]


D65 = (0.3127, 0.3290)
ACES_WHITE = (0.32168, 0.33767)

GAMUTS: dict[Primaries, Gamut] = {
    "bt709": Gamut((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), D65),  # BT.709-6 item 1.3
    "p3d65": Gamut((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65),  # SMPTE EG 432-1
    "bt2020": Gamut((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65),  # BT.2020-2 table 3
    "ap0": Gamut((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.0770), ACES_WHITE),  # SMPTE ST 2065-1
    "ap1": Gamut((0.713, 0.293), (0.165, 0.830), (0.128, 0.044), ACES_WHITE),  # S-2014-004 (ACEScg)
}

LUMA_BT2020 = (0.2627, 0.6780, 0.0593)
"""Weights of BT.2020-2 table 4 and BT.2100-2 table 5, as printed."""

# Bradford, as in ICC.1:2010 annex E.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def _xyz_of(xy: tuple[float, float]) -> Matrix:
    x, y = xy
    return np.array([x / y, 1.0, (1.0 - x - y) / y])


def _frozen(matrix: Matrix) -> Matrix:
    matrix.setflags(write=False)
    return matrix


def _gamut(primaries: Primaries) -> Gamut:
    try:
        return GAMUTS[primaries]
    except (KeyError, TypeError):
        raise InputError(f"primaries {primaries!r}: one of {', '.join(GAMUTS)} is needed") from None


def normalised_primaries(gamut: Gamut) -> Matrix:
    """Normalised primary matrix (3, 3) float64 of any gamut: XYZ relative to its own white. RP 177 §3.3."""
    columns = np.stack([np.array([x, y, 1 - x - y]) for x, y in (gamut.red, gamut.green, gamut.blue)], axis=1)
    return np.asarray(columns * np.linalg.solve(columns, _xyz_of(gamut.white)), np.float64)


@lru_cache(maxsize=16)
def rgb_to_xyz(primaries: Primaries) -> Matrix:
    """Normalised primary matrix (3, 3) float64: XYZ relative to its own white (Y = 1). RP 177 §3.3."""
    return _frozen(normalised_primaries(_gamut(primaries)))


@lru_cache(maxsize=16)
def xyz_to_rgb(primaries: Primaries) -> Matrix:
    """Inverse of `rgb_to_xyz`, (3, 3) float64."""
    return _frozen(np.asarray(np.linalg.inv(rgb_to_xyz(primaries)), np.float64))


@lru_cache(maxsize=32)
def rgb_to_rgb(source: Primaries, target: Primaries) -> Matrix:
    """Matrix (3, 3) float64 from linear `source` RGB to linear `target` RGB; white maps to white.

    Whites that differ (ACES against D65) are adapted with Bradford. Raises InputError for unknown primaries.
    """
    if source == target:
        _gamut(source)
        return _frozen(np.eye(3))
    white_from, white_to = _gamut(source).white, _gamut(target).white
    adapt = np.eye(3)
    if white_from != white_to:
        gains = (_BRADFORD @ _xyz_of(white_to)) / (_BRADFORD @ _xyz_of(white_from))
        adapt = np.linalg.inv(_BRADFORD) @ np.diag(gains) @ _BRADFORD
    return _frozen(np.asarray(xyz_to_rgb(target) @ adapt @ rgb_to_xyz(source), np.float64))


def apply_matrix(rgb: npt.ArrayLike, matrix: Matrix) -> FloatArray:
    """Multiply every (…, 3) row by a (3, 3) matrix; shape and dtype kept, nothing clipped.

    A NaN or an infinity reaches the other channels of its pixel. Raises InputError for another shape.
    """
    array = as_float(rgb, "apply_matrix")
    if array.ndim == 0 or array.shape[-1] != 3:
        raise InputError(f"apply_matrix: an array of shape {array.shape} where (…, 3) is needed")
    if np.array_equal(matrix, np.eye(3)):
        return array.copy()
    with quiet():
        rows = array.reshape(-1, 3) @ matrix.T.astype(array.dtype)
    return np.asarray(rows.reshape(array.shape))


def luminance(rgb_linear: npt.ArrayLike, primaries: Primaries = "bt2020") -> FloatArray:
    """Y of linear RGB (…, 3), shape (…), in the unit of the input, dtype kept.

    BT.2020 uses the weights as its standard prints them; other gamuts the middle row of `rgb_to_xyz`.
    """
    array = as_float(rgb_linear, "luminance")
    if array.ndim == 0 or array.shape[-1] != 3:
        raise InputError(f"luminance: an array of shape {array.shape} where (…, 3) is needed")
    weights = LUMA_BT2020 if primaries == "bt2020" else rgb_to_xyz(primaries)[1]
    with quiet():
        total = array[..., 0] * weights[0] + array[..., 1] * weights[1] + array[..., 2] * weights[2]
    return np.asarray(total, dtype=array.dtype)
