"""Fitting a payload to an SDR picture and its HDR master."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm import payload as payload_format
from candela_engines.itm.choose import Choice, choose, decibel
from candela_engines.itm.coding.weights import encode_layers
from candela_engines.itm.decode import to_signal
from candela_engines.itm.default_model import CEILING, DefaultModel, default_numbers
from candela_engines.itm.dequantise import STRENGTHS
from candela_engines.itm.guide import Guide
from candela_engines.itm.learn import Samples, fit_layers, weighted_error
from candela_engines.itm.network import Layers, QuantisedLayers, quantise, scale_of_code
from candela_engines.itm.pair import ACTIVE, Pair, Side, spread_code
from candela_engines.itm.payload import Fidelity, Payload
from candela_engines.itm.quality import measure
from candela_engines.itm.starts import start_layers

__all__ = ["MIN_BUDGET", "Effort", "Fitted", "Progress", "fit_pair"]

Effort = Literal["fast", "normal", "best"]
Progress = Callable[[str, float], None]
F32 = npt.NDArray[np.float32]
Codes = npt.NDArray[np.generic]

MIN_BUDGET = 512


@dataclass(frozen=True)
class _Plan:
    """Steps of a trial, of the fit and of the polish with rounded weights."""

    trial: int
    fit: int
    polish: int


_PLANS: dict[Effort, _Plan] = {
    "fast": _Plan(200, 1200, 500),
    "normal": _Plan(800, 6000, 3000),
    "best": _Plan(2000, 30000, 12000),
}


@dataclass(frozen=True)
class Fitted:
    """The payload's bytes, what was measured with them, and how they were spent."""

    payload: bytes
    report: Fidelity
    details: dict[str, float | int | str]


@dataclass(frozen=True)
class _Result:
    """A finished fit of one choice, and its weighted squared error on the pool."""

    choice: Choice
    guide: Guide | None
    spread: int
    layers: QuantisedLayers
    coded: bytes
    error: float

    def model(self, pair: Pair) -> DefaultModel:
        plane = None if self.guide is None else self.guide.plane
        spread = float(scale_of_code(self.spread))
        strength, bits, ceiling = pair.strength, pair.bits, pair.ceiling
        return DefaultModel(
            self.choice.domain, self.layers, plane, pair.shift, spread, strength, bits, ceiling
        )

    def numbers(self, pair: Pair) -> tuple[int, ...]:
        guide = self.guide
        return default_numbers(
            self.choice.domain,
            [self.layers.weights[0].shape[0], *(w.shape[1] for w in self.layers.weights)],
            self.layers.bits,
            0 if guide is None else guide.plane.shape[-1],
            pair.shift,
            1 if guide is None else guide.step,
            self.spread,
            pair.strength,
            pair.ceiling,
        )


def _coded(q: QuantisedLayers) -> bytes:
    return encode_layers(list(zip(q.weights, q.biases, q.scales, strict=True)))


def _mean_square(error: F32) -> float:
    return float(np.mean(np.square(error), dtype=np.float64))


def _resample(pool: Samples, layers: Layers, rng: np.random.Generator) -> Samples:
    """A new active set: four fifths evenly, one fifth in proportion to the error, weights made fair.

    The share is that of the published hard-example step (MLP-embedded iTM, ACM MM 2024); dividing the
    weight by the odds keeps the loss that of the picture.
    """
    n = len(pool.features)
    error = np.sqrt(np.square(weighted_error(pool, layers)).sum(1, dtype=np.float64))
    odds = 0.8 / n + 0.2 * error / max(float(error.sum()), 1e-12)
    odds /= odds.sum()
    picks = rng.choice(n, size=min(ACTIVE, n), p=odds)
    fair = np.sqrt(1 / (n * odds[picks])).astype(np.float32)[:, None]
    return Samples(pool.features[picks], pool.target[picks], pool.weight[picks] * fair)


def _checked(sdr_codes: Codes, hdr_nits: F32, budget: int) -> None:
    if sdr_codes.ndim != 3 or sdr_codes.shape[2] != 3 or 0 in sdr_codes.shape:
        raise InputError(f"the SDR picture has shape {sdr_codes.shape}, not (H, W, 3)")
    if sdr_codes.shape != hdr_nits.shape:
        sdr, hdr = (f"{a.shape[1]}x{a.shape[0]}" for a in (sdr_codes, hdr_nits))
        raise InputError(f"the SDR is {sdr}, the HDR {hdr}: they have to be of one size")
    for name, values in (("SDR", sdr_codes), ("HDR", hdr_nits)):
        if np.issubdtype(values.dtype, np.floating):
            bad = ~np.isfinite(values)
            if bad.any():
                y, x, _ = np.argwhere(bad)[0]
                raise InputError(
                    f"the {name} has {int(bad.sum())} samples that are NaN or infinite, "
                    f"the first at x={x}, y={y}; repair it before embedding"
                )
    if budget < MIN_BUDGET:
        raise InputError(f"a budget of {budget} bytes is under {MIN_BUDGET}, what the smallest network needs")


def _learn(
    pair: Pair,
    side: Side,
    choice: Choice,
    room: int,
    plan: _Plan,
    *,
    seed: int,
    deadline: float | None,
    target_psnr: float | None,
    tick: Callable[[float], None],
) -> _Result:
    """Fit the layers of a choice and bring them and the plane together within the room there is."""

    def until(share: float) -> float | None:
        now = time.monotonic()
        return None if deadline is None else now + share * max(deadline - now, 0)

    guide = side.guide(choice.channels, choice.plane_bytes)
    spread = spread_code(guide)
    pool = side.samples(guide, spread)
    layers = start_layers(choice.domain, choice.size, choice.channels if guide else 0, pool, seed)
    judge = pool.head(20_000)

    def enough(now: Layers) -> bool:
        return target_psnr is not None and decibel(_mean_square(weighted_error(judge, now))) >= target_psnr

    fit_layers(
        pool.head(ACTIVE),
        layers,
        steps=plan.fit,
        bits=0,
        deadline=until(0.6),
        enough=None if target_psnr is None else enough,
        tick=lambda f: tick(f * 0.66),
    )
    # The layers' true size is known now. A plane that was to take all the rest takes it exactly.
    bits = choice.size.bits
    left = room - len(_coded(quantise(layers, bits))) - 12
    if guide is not None and left > choice.plane_bytes > 0.8 * left:
        guide = side.guide(choice.channels, left) or guide
        pool = side.samples(guide, spread)
    stored = fit_layers(
        _resample(pool, layers, np.random.default_rng(seed)),
        layers,
        steps=plan.polish,
        bits=bits,
        quantised_from=0.2,
        rate=4e-3,
        deadline=until(0.9),
        tick=lambda f: tick(0.66 + f * 0.34),
    )
    assert stored is not None  # bits are not 0
    coded = _coded(stored)
    while guide is not None and len(coded) + len(guide.data) > room:
        smaller = side.guide(choice.channels, min(room - len(coded), len(guide.data) - 1))
        if smaller is None:
            raise InputError(
                f"no plane fits beside {len(coded)} bytes of layers in {room}; give more --bytes"
            )
        guide = smaller
        pool = side.samples(guide, spread)
    error = _mean_square(weighted_error(pool.head(100_000), stored.layers()))
    return _Result(choice, guide, spread, stored, coded, error)


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
) -> Fitted:
    """Fit a network to a pair and measure what a viewer will get from it.

    sdr_codes: (H, W, 3) integers of `bits` bits, or floats. hdr_nits: (H, W, 3) float32, linear BT.2020 in
    nits; light below 0 counts as 0, above 10000 as 10000. budget: bytes that the payload may take; fewer are
    used where more would bring next to nothing. seconds: wall time for the fit, measuring not counted.
    target_psnr: dB of PU-PSNR at which fitting ends. model: `default`, or the published `paper` and `gamma`,
    whose size is fixed. progress(stage, fraction) is told of the stages choose, fit and measure.
    Deterministic for a seed when no time limit is given.
    Raises InputError for shapes, values or names that do not fit together.
    """
    _checked(sdr_codes, hdr_nits, budget)
    if model != "default":
        from candela_engines.itm.fit_reference import fit_reference

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
    began = time.monotonic()
    report: Progress = progress or (lambda stage, fraction: None)
    signal = to_signal(sdr_codes, bits)
    floats = np.issubdtype(sdr_codes.dtype, np.floating)
    pair = Pair(signal, sdr_state, np.clip(hdr_nits, 0, 10000), bits=bits, floats=floats, seed=seed)
    digest = picture_hash or hashlib.sha256(np.ascontiguousarray(sdr_codes).tobytes()).digest()
    # Every field at its longest: what is left of the budget is the network's and the plane's.
    draft = Payload(
        "default",
        pair.width,
        pair.height,
        bits,
        digest[:16],
        sdr_state,
        hdr_state,
        Fidelity(99.99, 99.99, 99.99, 99.99, pair.width, pair.height),
        default_numbers("pq", [1, 128, 3], 8, 3, 4, 1 << 17, 511, STRENGTHS, CEILING),
        (b"", b""),
    )
    room = budget - len(payload_format.encode(draft)) - 6

    plan = _PLANS[effort]
    deadline = None if seconds is None else began + seconds
    report("choose", 0.0)
    finalists, side = choose(
        pair,
        room,
        steps=plan.trial,
        thorough=effort != "fast",
        seed=seed,
        deadline=None if seconds is None else began + 0.4 * seconds,
        tick=lambda f: report("choose", f),
    )
    results: list[_Result] = []
    for i, choice in enumerate(finalists):

        def tick(fraction: float, done: int = i) -> None:
            report("fit", (done + fraction) / len(finalists))

        now = time.monotonic()
        share = None if deadline is None else now + max(deadline - now, 0) / (len(finalists) - i)
        results.append(
            _learn(
                pair, side, choice, room, plan, seed=seed, deadline=share, target_psnr=target_psnr, tick=tick
            )
        )
    result = min(results, key=lambda r: r.error)
    fit_seconds = time.monotonic() - began
    report("measure", 0.0)
    strips = result.model(pair).strips(signal, sdr_state)
    fidelity = measure(strips, pair.nits, lambda f: report("measure", f))

    guide = result.guide
    payload = replace(
        draft,
        fidelity=fidelity,
        numbers=result.numbers(pair),
        blobs=(result.coded,) if guide is None else (result.coded, guide.data),
    )
    details: dict[str, float | int | str] = {
        "domain": result.choice.domain,
        "width": result.choice.size.width,
        "depth": result.choice.size.depth,
        "weights_bytes": len(result.coded),
        "plane_bytes": 0 if guide is None else len(guide.data),
        "plane_channels": 0 if guide is None else guide.plane.shape[-1],
        "strength": pair.strength,
        "fit_seconds": fit_seconds,
    }
    return Fitted(payload_format.encode(payload), fidelity, details)
