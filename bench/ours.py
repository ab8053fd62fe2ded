"""The one place where the bench touches our engine: fit a pair, keep the payload, score what it renders."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import candela_engines
from bench.pairs import CACHE, Pair
from candela_engines.metrics import delta_e_itp, pu_psnr

__all__ = ["CARRIER_BYTES", "Ours", "cached_fit", "code_version", "fit_and_score"]

_ASIDE = ("itm/carriers/", "itm/training/", "itm/export/")

CARRIER_BYTES = 12  # what a PNG grows by on top of the payload: the frame of its chunk


@dataclass(frozen=True)
class Ours:
    """A payload measured on the full picture. bytes: what the file grows by, the carrier's share included."""

    model: str
    budget: int | None
    effort: str
    bytes: int
    pu_psnr: float
    delta_e_itp: float
    delta_e_itp_p99: float
    fit_seconds: float
    render_seconds: float
    details: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def fit_and_score(pair: Pair, *, model: str, budget: int | None, effort: str) -> Ours:
    """Fit a network to a pair and score what a reader of the payload renders from the SDR codes.

    budget: bytes that the file may grow by, the carrier's included; None for models of a fixed size.
    """
    from candela_engines.itm.decode import decode_payload, render
    from candela_engines.itm.fit import fit_pair

    room = {} if budget is None else {"budget": budget - CARRIER_BYTES}
    reference = pair.hdr_nits
    began = time.perf_counter()
    fitted = fit_pair(pair.sdr_codes, pair.sdr_state, reference, model=model, effort=effort, seed=0, **room)
    fit_seconds = time.perf_counter() - began
    began = time.perf_counter()
    nits = render(decode_payload(fitted.payload), pair.sdr_codes)
    render_seconds = time.perf_counter() - began
    size = len(fitted.payload) + CARRIER_BYTES
    if budget is not None and size > budget:
        raise RuntimeError(f"{pair.source} {pair.family}: {size} bytes where {budget} were allowed")
    difference = delta_e_itp(nits, reference)
    return Ours(
        model=model,
        budget=budget,
        effort=effort,
        bytes=size,
        pu_psnr=pu_psnr(nits, reference),
        delta_e_itp=difference.mean,
        delta_e_itp_p99=difference.p99,
        fit_seconds=round(fit_seconds, 2),
        render_seconds=round(render_seconds, 3),
        details=dict(getattr(fitted, "details", {})),
    )


@lru_cache(maxsize=1)
def code_version() -> str:
    """Hash of the sources and weights that a fit depends on, so that an old row is never taken for a new one.

    Carriers, exports, training code and the split change no payload and are left out.
    """
    root = Path(candela_engines.__file__).parent
    files = [p for part in ("itm", "weights", "colour", "runtime") for p in sorted((root / part).rglob("*"))]
    digest = hashlib.sha256()
    for path in files:
        relative = path.relative_to(root).as_posix()
        aside = relative.startswith(_ASIDE) or relative == "itm/split.py"
        if path.is_file() and path.suffix in (".py", ".safetensors", ".onnx", ".npz", ".bin") and not aside:
            digest.update(relative.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def cached_fit(
    pair: Pair,
    *,
    model: str,
    budget: int | None,
    effort: str,
    version: str | None = None,
    cache: Path | None = CACHE,
) -> Ours:
    """As `fit_and_score`; a row made before by the same code from the same samples is read from the cache.

    version: `code_version()` unless another name for the code is given.
    """
    name = f"{pair.key}.{model}.{budget or 'fixed'}.{effort}.{version or code_version()}.json"
    path = cache and cache / "ours" / name
    if path and path.is_file():
        return Ours(**json.loads(path.read_text()))
    made = fit_and_score(pair, model=model, budget=budget, effort=effort)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps(made.to_dict()))
        temporary.replace(path)
    return made
