"""Where the network's output lives: PQ codes over a fixed base, or log2 gain over the linear SDR.

`pq`: HDR code = PQ(place(SDR)) + o. The base is the SDR's light in BT.2020 with its white on 203 nit
(BT.2408), so that zero output is already a legal picture. Serves graded pairs.
`gain`: HDR = (S + k)·2^o − k, with S and HDR in units of 203 nit and k = 1/1024, the equation of ISO 21496-1
gain maps. Serves pairs whose HDR is a gain of the SDR, about.
`ratio`: the same with k = 2^-20, next to nothing. Serves masters that a gain map without offset made.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq, pu21
from candela_engines.colour.convert import place_sdr_at_reference_white
from candela_engines.colour.state import ColourState

__all__ = [
    "OFFSETS",
    "REFERENCE_WHITE",
    "Domain",
    "base_of",
    "nits_of",
    "target_and_weight",
    "target_of",
    "weight_of",
]

Domain = Literal["pq", "gain", "ratio"]
REFERENCE_WHITE = 203.0
# 1/64, which writers of gain maps use, is 3 nit: too much to leave a night scene to. Measured on phone pairs,
# 1/1024 brings 0.5 to 1.3 dB.
OFFSETS: dict[Domain, float] = {"gain": 1 / 1024, "ratio": 2.0**-20}
"""k of the domains that are gains, in units of REFERENCE_WHITE."""
PU_PEAK = 256.0

Array = npt.NDArray[np.floating]


def base_of(signal: Array, state: ColourState, domain: Domain, bits: int = 32) -> Array:
    """What the output is added to, (…, 3): PQ codes for `pq`, light over 203 nit for the others.

    signal: SDR codes over full scale, (…, 3), float32 or float64; the result has its dtype. bits: their
    depth, which narrow range needs; 32 for floats.
    """
    light = place_sdr_at_reference_white(signal, state, REFERENCE_WHITE, bits=bits if bits <= 16 else None)
    if domain == "pq":
        return pq.inverse_eotf(light)
    return np.asarray(np.maximum(light, 0) / light.dtype.type(REFERENCE_WHITE))


def nits_of(output: Array, base: Array, domain: Domain, ceiling: float = 1.0) -> Array:
    """HDR light in nits (…, 3), linear BT.2020, from the network's output over the base.

    ceiling: the PQ code that the master never exceeds, nor does the result. The floor is 0 nit.
    """
    if domain == "pq":
        return pq.eotf(np.clip(base + output, 0, base.dtype.type(ceiling)))
    gain = np.exp2(np.clip(output, -24, 24))
    offset = base.dtype.type(OFFSETS[domain])
    light = (base + offset) * gain - offset
    highest = float(pq.eotf(np.float64(ceiling)))
    return np.clip(light * base.dtype.type(REFERENCE_WHITE), 0, base.dtype.type(highest))


def target_of(base: Array, nits: Array, domain: Domain) -> Array:
    """The output that gives `nits` exactly, (…, 3)."""
    nits = np.clip(nits, 0, 10000)
    if domain == "pq":
        return pq.inverse_eotf(nits) - base
    light = nits / nits.dtype.type(REFERENCE_WHITE)
    offset = nits.dtype.type(OFFSETS[domain])
    return np.asarray(np.log2((light + offset) / (base + offset)))


def weight_of(nits: Array, domain: Domain) -> Array:
    """What an error of the output weighs in PU21 over 256 where the light is `nits`, (…, 3).

    It is the slope of PU21 against the output: a squared error times the squared weight is, to first order,
    the error that PU-PSNR sees. It is bounded below, so that black is not left free.
    """
    nits = np.clip(nits, 0, 10000)
    if domain == "pq":
        code = pq.inverse_eotf(nits)
        delta = nits.dtype.type(1 / 4096)
        low, high = np.clip(code - delta, 0, 1), np.clip(code + delta, 0, 1)
        slope = (pu21.encode(pq.eotf(high)) - pu21.encode(pq.eotf(low))) / (high - low)
        return np.asarray(np.maximum(slope / PU_PEAK, nits.dtype.type(0.06)))
    at = np.maximum(nits, 0.01)
    slope = (pu21.encode(at * 1.01) - pu21.encode(at * 0.99)) / (0.02 * at)
    weight = slope * (nits + REFERENCE_WHITE * OFFSETS[domain]) * np.log(2) / PU_PEAK
    return np.asarray(np.maximum(weight, 0.004), nits.dtype)


def target_and_weight(base: Array, nits: Array, domain: Domain) -> tuple[Array, Array]:
    """`target_of` and `weight_of` of the same light."""
    return target_of(base, nits, domain), weight_of(nits, domain)
