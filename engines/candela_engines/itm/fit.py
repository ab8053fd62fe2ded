"""Fitting a payload to an SDR picture and its HDR master."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm import payload as payload_format
from candela_engines.itm.choose import choose
from candela_engines.itm.clipped import clipped_light
from candela_engines.itm.default_model import CEILING, DefaultModel, default_numbers
from candela_engines.itm.dequantise import STRENGTHS
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.finalist import JUDGED, Finalist, Plan, learn_choice
from candela_engines.itm.fit_reference import fit_reference
from candela_engines.itm.fitted import Effort, Fitted, Progress
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.pair import POOL, Pair
from candela_engines.itm.payload import Fidelity, Payload
from candela_engines.itm.quality import measure, measure_frame
from candela_engines.itm.quick import choose_quickly
from candela_engines.native import native
from candela_engines.runtime.together import alone, together

__all__ = ["MIN_BUDGET", "fit_pair"]

F32 = npt.NDArray[np.float32]
Codes = npt.NDArray[np.generic]

MIN_BUDGET = 512
QUICK_POOL = 120_000  # pixels that a fast fit looks at
CHOOSING = 0.4  # of the time there is


_PLANS: dict[Effort, Plan] = {
    "fast": Plan(200, 1200, 1, 0, 1800, 0.4, 5e-3, hard=False, pixels=3, fit_rate=2.2e-2),
    "normal": Plan(800, 5000, 2, 1500, 3000),
    "best": Plan(2000, 20000, 3, 6000, 12000),
}


def _largest(name: str, values: Codes) -> float:
    """The largest of floats (H, W, 3), 0 where none is above it; InputError where one is no number."""
    library = native()
    if library is not None and values.dtype == np.float32 and values.flags.c_contiguous:
        most = float(library.largest_of(values))
        if np.isfinite(most):
            return most
    bad = ~np.isfinite(values)
    if bad.any():
        y, x, _ = np.argwhere(bad)[0]
        raise InputError(
            f"the {name} has {int(bad.sum())} samples that are NaN or infinite, "
            f"the first at x={x}, y={y}; repair it before embedding"
        )
    return max(float(values.max()), 0.0)


def _checked(sdr_codes: Codes, hdr_nits: F32, budget: int) -> float:
    """Refuses what does not fit together; the master's brightest light."""
    if sdr_codes.ndim != 3 or sdr_codes.shape[2] != 3 or 0 in sdr_codes.shape:
        raise InputError(f"the SDR picture has shape {sdr_codes.shape}, not (H, W, 3)")
    if sdr_codes.shape != hdr_nits.shape:
        sdr, hdr = (f"{a.shape[1]}x{a.shape[0]}" for a in (sdr_codes, hdr_nits))
        raise InputError(f"the SDR is {sdr}, the HDR {hdr}: they have to be of one size")
    if budget < MIN_BUDGET:
        raise InputError(f"a budget of {budget} bytes is under {MIN_BUDGET}, what the smallest network needs")
    if np.issubdtype(sdr_codes.dtype, np.floating):
        _largest("SDR", sdr_codes)
    return _largest("HDR", hdr_nits)


def _measured(model: DefaultModel, pair: Pair, tick: Callable[[float], None]) -> Fidelity:
    frame = model.frame(pair.state, pair.height, pair.width)
    if frame is not None:
        return measure_frame(frame, pair.codes, pair.bits, pair.nits, tick)
    strips = model.strips(over_full_scale(pair.codes, pair.bits), pair.state)
    return measure(strips, np.clip(pair.nits, 0, 10000), tick)


def fit_pair(
    sdr_codes: Codes,
    sdr_state: ColourState,
    hdr_nits: F32,
    *,
    bits: int = 8,
    hdr_state: ColourState = NAMED["rec2100-pq"],
    picture_hash: bytes | None = None,
    budget: int = 8192,
    effort: Effort = "normal",
    seconds: float | None = None,
    target_psnr: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    model: str = "default",
    provenance: str = "fitted",
) -> Fitted:
    """Fit a network to a pair and measure what a viewer will get from it.

    sdr_codes: (H, W, 3) integers of `bits` bits, or floats. hdr_nits: (H, W, 3) float32, linear BT.2020 in
    nits; light below 0 counts as 0, above 10000 as 10000. budget: bytes that the payload may take; fewer are
    used where more would bring next to nothing. seconds: wall time for the fit, measuring not counted; what
    is begun (a plane of a large picture) is finished. target_psnr: dB of PU-PSNR at which fitting ends.
    provenance: `fitted` to a master, or `distilled`, of the default network alone.
    model: `default`, or the published `paper` and `gamma`, whose size and schedule are fixed.
    progress(stage, fraction) is told of the stages choose, fit and measure.
    Deterministic for a seed when no time limit is given.
    Raises InputError for shapes, values or names that do not fit together.
    """
    began = time.monotonic()
    peak = _checked(sdr_codes, hdr_nits, budget)
    if model != "default":
        if provenance != "fitted":
            raise InputError(f"a {provenance} payload has the default network, not {model}")
        if target_psnr is not None:
            raise InputError(
                f"a target of {target_psnr:g} dB is for the default model: {model} has a fixed schedule"
            )
        return fit_reference(
            model,
            sdr_codes,
            sdr_state,
            hdr_nits,
            bits=bits,
            hdr_state=hdr_state,
            picture_hash=picture_hash,
            effort=effort,
            seconds=seconds,
            seed=seed,
            progress=progress,
        )
    report: Progress = progress or (lambda stage, fraction: None)
    floats = np.issubdtype(sdr_codes.dtype, np.floating)
    quick = effort == "fast"

    def prepared() -> Pair:
        pool = QUICK_POOL if quick else POOL
        return Pair(
            sdr_codes, sdr_state, hdr_nits, bits=bits, floats=floats, seed=seed, peak=peak, pool=pool
        )

    digests = [picture_hash] if picture_hash else []

    def hashed() -> None:
        if not digests:
            digests.append(hashlib.sha256(np.ascontiguousarray(sdr_codes).data).digest())

    pair = together([prepared, hashed])[0]
    assert pair is not None
    # Every field at its longest: what is left of the budget is the network's and the plane's.
    draft = Payload(
        "default",
        pair.width,
        pair.height,
        bits,
        digests[0][:16],
        sdr_state,
        hdr_state,
        Fidelity(99.99, 99.99, 99.99, 99.99, pair.width, pair.height),
        default_numbers("pq", [1, 128, 3], 8, 3, Lattice("shepard", 8), 1 << 17, 511, STRENGTHS, CEILING),
        (b"", b""),
        clipped=(CEILING, CEILING),
        provenance=provenance,
    )
    room = budget - len(payload_format.encode(draft)) - 6

    plan = _PLANS[effort]
    deadline = None if seconds is None else began + seconds
    report("choose", 0.0)
    with alone():
        pick = choose_quickly if quick else partial(choose, rival=effort == "best")
        finalists = pick(
            pair,
            room,
            # Ten trials of a third of a millisecond a step have to fit into the time for choosing.
            steps=plan.trial if seconds is None else int(np.clip(80 * seconds, 60, plan.trial)),
            seed=seed,
            deadline=None if seconds is None else began + CHOOSING * seconds,
            tick=lambda f: report("choose", f),
        )
        cut_short = seconds is not None and time.monotonic() > began + CHOOSING * seconds
        results: list[Finalist] = []
        for i, (choice, side) in enumerate(finalists):

            def tick(fraction: float, done: int = i) -> None:
                report("fit", (done + fraction) / len(finalists))

            now = time.monotonic()
            share = None if deadline is None else now + max(deadline - now, 0) / (len(finalists) - i)
            finalist = learn_choice(
                *(pair, side, choice, room, plan),
                seed=seed,
                deadline=share,
                target_psnr=target_psnr,
                tick=tick,
            )
            results.append(finalist)
    result = min(results, key=lambda r: r.error)
    fit_seconds = time.monotonic() - began
    report("measure", 0.0)
    fidelity = _measured(result.model(pair), pair, lambda f: report("measure", f))

    guide = result.guide
    payload = replace(
        draft,
        fidelity=fidelity,
        numbers=result.numbers(pair),
        blobs=(result.coded,) if guide is None else (result.coded, guide.data),
        clipped=clipped_light(
            pair.pool_codes[:JUDGED], sdr_state, bits, pair.pool_nits[:JUDGED], result.left
        ),
    )
    details: dict[str, float | int | str] = {
        "domain": result.choice.domain,
        "width": result.choice.size.width,
        "depth": result.choice.size.depth,
        "weights_bytes": len(result.coded),
        "plane_bytes": 0 if guide is None else len(guide.data),
        "plane_channels": 0 if guide is None else guide.plane.shape[-1],
        "strength": pair.strength,
        "lattice": result.lattice.kind,
        "cut_short": int(cut_short),
        "fit_seconds": fit_seconds,
    }
    return Fitted(payload_format.encode(payload), fidelity, details)
