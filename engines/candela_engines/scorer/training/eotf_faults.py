"""A grade decoded with the wrong EOTF: no ladder, only worse than the master, each in its own way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from candela_engines.colour import gamma, hlg, pq
from candela_engines.scorer.training.pictures import F32, PEAK_NITS, held

__all__ = ["EOTF_FAULTS"]


def pq_as_hlg(nits: F32) -> F32:
    """PQ codes shown as HLG on a 1000-nit display."""
    return held(hlg.eotf(pq.inverse_eotf(nits)))


def hlg_as_pq(nits: F32) -> F32:
    """HLG codes shown as PQ: up to 10000 nit."""
    return held(pq.eotf(np.clip(hlg.inverse_eotf(nits), 0, 1)), 10000.0)


def gamma_24_as_22(nits: F32) -> F32:
    """Codes of gamma 2.4 decoded with 2.2: lifted shadows and mid-tones."""
    code = gamma.inverse_eotf(nits / np.float32(PEAK_NITS), 2.4)
    return held(gamma.eotf(code, 2.2) * np.float32(PEAK_NITS))


def no_ootf(nits: F32) -> F32:
    """HLG scene light shown as it is, without the OOTF of system gamma 1.2."""
    return held(hlg.inverse_ootf(nits) * np.float32(PEAK_NITS))


def pq_as_sdr(nits: F32) -> F32:
    """PQ codes shown as BT.1886 with white at 203 nit: the flat grey picture of a missing tag."""
    return held(gamma.eotf(pq.inverse_eotf(nits), 2.4) * np.float32(203.0))


EOTF_FAULTS: dict[str, Callable[[F32], F32]] = {
    "pq_as_hlg": pq_as_hlg,
    "hlg_as_pq": hlg_as_pq,
    "gamma_24_as_22": gamma_24_as_22,
    "no_ootf": no_ootf,
    "pq_as_sdr": pq_as_sdr,
}
"""By name. SDR codes shown as PQ is made where the SDR reference is at hand."""
