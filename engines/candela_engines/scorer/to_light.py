"""Codes to light, plane by plane and in float32 where that is exact enough, else by `candela_engines.colour`.

Integer codes go through a table of the exact formula. Float codes of PQ, HLG and the gammas are computed in
float32: within 5e-5 of the light, which is 1e-5 of an HLG code. States named through OCIO go through OCIO.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import hlg, pq, signal_range
from candela_engines.colour.convert import place_sdr_at_reference_white, to_nits_rec2020
from candela_engines.colour.gamuts import rgb_to_rgb
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.scorer.planes import Plane, Planes, luminance, mix

__all__ = ["light_of"]

_Pixels = NDArray[np.generic]
_ToLight = Callable[[_Pixels], Planes]
_Curve = Callable[[NDArray[Any]], Plane]


def light_of(
    dtype: np.dtype[np.generic], state: ColourState, bits: int | None, sdr_white_nits: float | None
) -> _ToLight:
    """What brings rows of pixels (h, w, 3) to planes of linear BT.2020 nits.

    dtype: of the pixels. sdr_white_nits: where the white of an SDR state is placed; None leaves its own.
    """
    if dtype.kind == "u" and bits is not None and not 1 <= bits <= min(16, dtype.itemsize * 8):
        raise InputError(f"unify: {bits} bits in pixels of {dtype}; 1 to {min(16, dtype.itemsize * 8)} fit")
    if state.ocio_space is not None:
        return lambda rows: _split(_by_colour(_full_scale(rows, bits), state, bits, sdr_white_nits))
    if state.transfer == "hlg" and state.primaries != "bt2020":
        return lambda rows: _split(_by_colour(_full_scale(rows, bits), state, bits, sdr_white_nits))
    white = state.peak_nits if sdr_white_nits is None else sdr_white_nits
    curve = _table(state, bits or 8, white) if dtype.kind == "u" else _function(state, bits, white)
    matrix = None if state.primaries == "bt2020" else rgb_to_rgb(state.primaries, "bt2020")

    def convert(rows: _Pixels) -> Planes:
        red, green, blue = (curve(np.ascontiguousarray(rows[..., c])) for c in range(3))
        planes: Planes = (red, green, blue)
        if state.transfer == "hlg":
            return _ootf(planes, state.peak_nits)
        if matrix is None:
            return planes
        first, second, third = (mix(planes, row) for row in matrix)
        return first, second, third

    return convert


def _full_scale(rows: _Pixels, bits: int | None) -> NDArray[np.float32]:
    if rows.dtype.kind == "u":
        return rows.astype(np.float32) * np.float32(1 / ((1 << (bits or 8)) - 1))
    return rows.astype(np.float32)


def _by_colour(
    values: NDArray[np.float32], state: ColourState, bits: int | None, white: float | None
) -> NDArray[np.float32]:
    if white is not None:
        light = place_sdr_at_reference_white(values, state, white, bits=bits)
    else:
        light = to_nits_rec2020(values, state, bits=bits)
    return light.astype(np.float32)


def _split(pixels: NDArray[np.float32]) -> Planes:
    red, green, blue = (np.ascontiguousarray(pixels[..., c]) for c in range(3))
    return red, green, blue


def _exact(state: ColourState, bits: int | None, white: float) -> Callable[[NDArray[np.float64]], Plane]:
    """Curve of one channel by the exact formulas: light of its own primaries; of HLG, scene light."""
    if state.transfer == "hlg":

        def scene(codes: NDArray[np.float64]) -> Plane:
            return hlg.inverse_oetf(_signal(codes, state, bits)).astype(np.float32)

        return scene
    placed = replace(state, primaries="bt2020", peak_nits=white)

    def light(codes: NDArray[np.float64]) -> Plane:
        pixels = np.repeat(codes[:, None], 3, axis=1)
        return to_nits_rec2020(pixels, placed, bits=bits)[:, 0].astype(np.float32)

    return light


def _signal(codes: NDArray[np.float64], state: ColourState, bits: int | None) -> NDArray[np.float64]:
    if state.range == "full":
        return codes
    if bits is None:
        raise InputError("unify: narrow-range codes need their bit depth; say bits=8, 10, 12 or 16")
    return signal_range.full_scale_to_signal(codes, bits=bits, signal_range="narrow")


def _table(state: ColourState, bits: int, white: float) -> _Curve:
    codes = np.arange(1 << bits, dtype=np.float64) / ((1 << bits) - 1)
    table = _exact(state, bits, white)(codes)

    def look_up(plane: NDArray[np.unsignedinteger]) -> Plane:
        # A code beyond its bits is as bright as the brightest.
        return np.asarray(np.take(table, plane, mode="clip"), np.float32)

    return look_up


def _function(state: ColourState, bits: int | None, white: float) -> _Curve:
    """Curve of float codes in float32 where there is one here, else the exact formula."""
    exact = _exact(state, bits, white)
    if state.transfer == "linear":
        unit = np.float32(state.unit_nits)
        if state.range == "full":
            return lambda plane: plane.astype(np.float32) * unit
    fast = {"pq": _pq, "hlg": _inverse_oetf, "bt1886": _power(2.4, white), "gamma24": _power(2.4, white)}
    fast |= {"gamma22": _power(2.2, white), "gamma26": _power(2.6, white)}
    curve = fast.get(state.transfer)
    if curve is None or state.range != "full":
        return lambda plane: exact(plane.astype(np.float64).reshape(-1)).reshape(plane.shape)
    return lambda plane: curve(plane.astype(np.float32))


def _pq(code: Plane) -> Plane:
    """ST 2084 §5, in float32."""
    root = np.maximum(code, np.float32(0))
    np.power(root, np.float32(1 / pq.M2), out=root)
    below = np.float32(pq.C2) - np.float32(pq.C3) * root
    root -= np.float32(pq.C1)
    np.maximum(root, np.float32(0), out=root)
    root /= np.maximum(below, np.float32(0))
    np.power(root, np.float32(1 / pq.M1), out=root)
    root *= np.float32(pq.PEAK_NITS)
    return root


def _inverse_oetf(code: Plane) -> Plane:
    """BT.2100-2 table 5, odd below zero."""
    v = np.abs(code)
    high = np.exp((v - np.float32(hlg.C)) * np.float32(1 / hlg.A))
    high += np.float32(hlg.B)
    high *= np.float32(1 / 12)
    low = v <= np.float32(0.5)
    np.copyto(high, v * v * np.float32(1 / 3), where=low)
    return np.asarray(np.copysign(high, code), np.float32)


def _power(exponent: float, white: float) -> _Curve:
    def curve(code: Plane) -> Plane:
        light = np.power(np.abs(code), np.float32(exponent))
        light *= np.float32(white)
        return np.copysign(light, code)

    return curve


def _ootf(scene: Planes, peak_nits: float) -> Planes:
    """F = L_W·Y^(γ − 1)·E with the system gamma of the peak: BT.2100-2 table 5."""
    y = np.abs(luminance(scene))
    np.maximum(y, np.float32(1e-30), out=y)
    np.power(y, np.float32(hlg.system_gamma(peak_nits) - 1), out=y)
    y *= np.float32(peak_nits)
    return scene[0] * y, scene[1] * y, scene[2] * y
