"""Tables that bring the samples of a frame to light: to PQ codes of 14 bits, in which all light is counted.

A PQ code of 14 bits is a step of 0.06 % at 1000 nit and of 0.15 % at 1 nit, finer than any stored signal.
Codes of light below zero are 0, above 10000 nit the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour import hlg, pq
from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.gamuts import rgb_to_rgb
from candela_engines.colour.state import ColourState

__all__ = ["CODES", "NITS", "Light", "light_of"]

CODES = 1 << 14
_KEYS = 1 << 16
_FLOAT_KEYS = 1 << 19
F32 = NDArray[np.float32]

NITS: F32 = np.asarray(pq.eotf(np.arange(CODES) / (CODES - 1)), np.float32)
"""Nits of every code."""


@dataclass(frozen=True, eq=False)
class Light:
    """tables: as the native library takes them (engines/native/include/candela/qc.hpp). direct: whether
    samples go by the tables as they are stored; else frames have to be brought to nits of linear BT.2020
    first. per_channel: whether the largest sample is the brightest. state: of the samples.
    """

    tables: dict[str, Any]
    direct: bool
    per_channel: bool
    state: ColourState

    def nits(self, most: float) -> float:
        """Light of the largest sample that was counted (its signal), exactly; PQ has none above 10000."""
        if not self.per_channel or not self.direct:
            return max(most, 0.0)
        held = min(most, 1.0) if self.state.transfer == "pq" else most
        return max(float(_curve(np.array([held]), self.state)[0]), 0.0)


def light_of(state: ColourState, *, video: bool, kind: str, bits: int) -> Light:
    """The tables for samples of a state.

    video: planes of a movie, whose keys are signals in 52428ths up to 1.25 (PQ needs none). kind, bits: of
    interleaved samples, `u` (codes of `bits` bits, of the state's range) or `f` (halves; float32 is rounded
    to one for its key). States through OCIO and of scene primaries are not direct: their light is.
    """
    return _made(state, video, kind, bits)


@lru_cache(maxsize=8)
def _made(state: ColourState, video: bool, kind: str, bits: int) -> Light:
    direct = state.ocio_space is None and state.primaries in ("bt2020", "p3d65", "bt709")
    tables: dict[str, Any] = {"pq": False, "light": NITS}
    if (direct and state.primaries == "bt2020") or not direct:
        matrix = rgb_to_rgb("bt2020", "p3d65")
        tables |= {"least": _least(matrix).reshape(-1), "p3": matrix.astype(np.float32).reshape(-1)}
    if not direct:
        tables["codes"] = _codes_of(np.asarray(_halves(), np.float64))
        return Light(tables, False, True, state)
    signals = _signals(state, video, kind, bits)
    if state.transfer == "hlg":
        tables |= _hlg(signals, state.peak_nits)
        return Light(tables, True, False, state)
    if video and state.transfer == "pq":
        tables["pq"] = True
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            tables["codes"] = _codes_of(_curve(signals, state))
    return Light(tables, True, True, state)


def _curve(signal: NDArray[np.float64], state: ColourState) -> NDArray[np.float64]:
    """Nits of one channel's signal, in the primaries of the state. PQ has no light below zero."""
    from dataclasses import replace

    own = replace(state, primaries="bt2020", range="full")  # no matrix: channel by channel
    grey = np.repeat(np.asarray(signal, np.float64)[:, None], 3, axis=1)
    if state.transfer == "pq":
        grey = np.maximum(grey, 0.0)
    return np.asarray(to_nits_rec2020(grey, own)[:, 0], np.float64)


def _halves() -> NDArray[np.float16]:
    return np.arange(_KEYS, dtype=np.uint16).view(np.float16)


def _signals(state: ColourState, video: bool, kind: str, bits: int) -> NDArray[np.float64]:
    """The signal that every key stands for."""
    if kind == "f" and not video:
        return np.nan_to_num(_halves().astype(np.float64), nan=0.0, posinf=65504.0, neginf=-65504.0)
    codes = np.arange(_KEYS, dtype=np.float64)
    if video:
        return codes / 52428
    if state.range == "narrow":
        step = 2.0 ** (bits - 8)
        return (codes - 16 * step) / (219 * step)
    return codes / ((1 << bits) - 1)


def _codes_of(nits: NDArray[np.float64]) -> NDArray[np.uint16]:
    light = np.clip(np.nan_to_num(nits, nan=0.0, posinf=1e4, neginf=0.0), 0, 1e4)
    return np.asarray(np.floor(np.asarray(pq.inverse_eotf(light)) * (CODES - 1) + 0.5), np.uint16)


def _hlg(signals: NDArray[np.float64], peak: float) -> dict[str, Any]:
    """Scene light of a key; gain of the OOTF and PQ codes by the upper 20 bits of a float32."""
    with np.errstate(over="ignore"):
        scene = np.asarray(hlg.inverse_oetf(np.clip(signals, 0.0, 2.0)), np.float32)
    # The middle of the values that share a key.
    bits = (np.arange(_FLOAT_KEYS, dtype=np.uint32) << 12) + np.uint32(1 << 11)
    with np.errstate(all="ignore"):
        value = np.nan_to_num(bits.view(np.float32).astype(np.float64), nan=1e30, posinf=1e30)
        gain = peak * np.power(value, hlg.system_gamma(peak) - 1)
    gain[0] = 0.0
    codes = _codes_of(value)
    codes[0] = 0
    return {"scene": scene, "gain": np.minimum(gain, 1e30).astype(np.float32), "from_nits": codes}


def _least(matrix: NDArray[np.float64]) -> NDArray[np.uint16]:
    """(3, 16384): of the largest code of a pixel, the least that its R, its G and its B can be of without a
    look at its colour.

    A component of P3 is d·own + Σ n·others. It is above zero where its own is at least S/d of the largest, S
    the sum of what is below zero among the n.
    """
    out = np.empty((3, CODES), np.uint16)
    for k, row in enumerate(matrix):
        share = float(-np.minimum(row, 0).sum() / row[k])
        out[k] = np.ceil(np.asarray(pq.inverse_eotf(NITS.astype(np.float64) * share)) * (CODES - 1)) + 1
    return out
