"""Fitting the published networks, `paper` and `gamma`, to a pair: payload and measured fidelity."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm import payload as payload_format
from candela_engines.itm.decode import Model, to_signal
from candela_engines.itm.fitted import Effort, Fitted, Progress
from candela_engines.itm.gamma_mlp import PARAMETERS as GAMMA_PARAMETERS
from candela_engines.itm.gamma_mlp_fit import fit_gamma
from candela_engines.itm.payload import Payload
from candela_engines.itm.quality import measure
from candela_engines.itm.siren import PARAMETERS as SIREN_PARAMETERS
from candela_engines.itm.siren_fit import fit_paper

__all__ = ["REFERENCES", "fit_reference"]

F32 = npt.NDArray[np.float32]
Codes = npt.NDArray[np.generic]
Fit = Callable[..., tuple[tuple[int, ...], tuple[bytes, ...], Any]]

REFERENCES: dict[str, tuple[Fit, int]] = {
    "paper": (fit_paper, SIREN_PARAMETERS),
    "gamma": (fit_gamma, GAMMA_PARAMETERS),
}
"""By name: what fits the network, and its number of parameters."""


def fit_reference(
    model: str,
    sdr_codes: Codes,
    sdr_state: ColourState,
    hdr_nits: F32,
    *,
    bits: int = 8,
    hdr_state: ColourState = NAMED["rec2100-pq"],
    picture_hash: bytes | None = None,
    effort: Effort = "normal",
    seconds: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Fitted:
    """Fit a published network to a pair and measure what a viewer will get from it.

    Arguments as those of `fit.fit_pair`, which has checked them. The size is fixed by the model, so there is
    no budget. Deterministic for a seed when no time limit is given. Raises InputError for an unknown model.
    """
    if model not in REFERENCES:
        raise InputError(f"model {model!r} is unknown; known: default, {', '.join(REFERENCES)}")
    fit, parameters = REFERENCES[model]
    began = time.monotonic()
    report: Progress = progress or (lambda stage, fraction: None)
    signal = to_signal(sdr_codes, bits)
    nits = np.clip(hdr_nits, 0, 10000).astype(np.float32, copy=False)
    report("fit", 0.0)
    numbers, blobs, fitted = fit(
        signal, sdr_state, nits, effort=effort, seed=seed, seconds=seconds, progress=progress
    )
    decoded: Model = fitted
    taken = time.monotonic() - began
    report("measure", 0.0)
    fidelity = measure(decoded.strips(signal, sdr_state), nits, lambda f: report("measure", f))
    digest = picture_hash or hashlib.sha256(np.ascontiguousarray(sdr_codes).tobytes()).digest()
    height, width = signal.shape[:2]
    payload = Payload(model, width, height, bits, digest[:16], sdr_state, hdr_state, fidelity, numbers, blobs)
    details: dict[str, float | int | str] = {
        "parameters": parameters,
        "weights_bytes": sum(len(blob) for blob in blobs),
        "plane_bytes": 0,
        "fit_seconds": taken,
    }
    return Fitted(payload_format.encode(payload), fidelity, details)
