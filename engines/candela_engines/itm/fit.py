"""Fitting a payload to an SDR picture and its HDR master: domains tried, bytes shared out, figures taken."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm import payload as payload_format
from candela_engines.itm.coding.weights import encode_layers
from candela_engines.itm.decode import to_signal
from candela_engines.itm.default_model import DOMAINS, DefaultModel, default_numbers
from candela_engines.itm.domain import Domain, base_of, target_and_weight
from candela_engines.itm.features import Surroundings, feature_count, features_at, surroundings
from candela_engines.itm.field import plane_field
from candela_engines.itm.guide import Guide, GuideCoder, to_output, to_plane
from candela_engines.itm.learn import Samples, fit_layers, weighted_error
from candela_engines.itm.network import Layers, QuantisedLayers, quantise, scale_of_code
from candela_engines.itm.payload import Fidelity, Payload
from candela_engines.itm.quality import measure

__all__ = ["Effort", "Fitted", "fit_pair"]

Effort = Literal["fast", "normal", "best"]
Progress = Callable[[str, float], None]
F32 = npt.NDArray[np.float32]
Codes = npt.NDArray[np.generic]

PLANE_SAMPLES = 1_600_000  # a plane is halved until it has no more: what a map of a 12-megapixel phone has
POOL = 600_000  # pixels kept for training
ACTIVE = 300_000  # of them in use at a time
TARGET_SHORT = 0.1  # dB that a plane has to bring, or it is left smaller


@dataclass(frozen=True)
class _Budget:
    """Sizes of the parts for a number of bytes."""

    width: int
    depth: int
    bits: int


@dataclass(frozen=True)
class _Plan:
    trial: int
    steps: int
    polish: int


_PLANS: dict[Effort, _Plan] = {
    "fast": _Plan(300, 1500, 500),
    "normal": _Plan(1000, 6000, 3000),
    "best": _Plan(2000, 25000, 10000),
}


def _sizes(budget: int) -> _Budget:
    if budget < 1536:
        return _Budget(16, 2, 6)
    if budget < 3072:
        return _Budget(20, 2, 6)
    if budget < 6144:
        return _Budget(24, 2, 7)
    if budget < 12288:
        return _Budget(32, 2, 7)
    if budget < 24576:
        return _Budget(40, 2, 7)
    return _Budget(48, 2, 8)


@dataclass(frozen=True)
class Fitted:
    """The payload's bytes and what was measured with them."""

    payload: bytes
    report: Fidelity
    details: dict[str, float | int | str]


class _Picture:
    """One pair: codes, states, and what every candidate shares."""

    def __init__(self, signal: F32, state: ColourState, nits: F32, seed: int) -> None:
        self.signal, self.state, self.nits = signal, state, nits
        self.height, self.width = signal.shape[:2]
        self.around = surroundings(signal)
        self.rng = np.random.default_rng(seed)
        count = self.height * self.width
        picks = self.rng.permutation(count)[:POOL] if count > POOL else self.rng.permutation(count)
        self.ys, self.xs = np.divmod(picks, self.width)
        self.shift = 0
        while (self.height >> self.shift) * (self.width >> self.shift) > PLANE_SAMPLES:
            self.shift += 1
        self.pool_signal = signal[self.ys, self.xs]
        self.pool_nits = nits[self.ys, self.xs]


class _Candidate:
    """A domain: targets and weights of the pool, the plane to be coded."""

    def __init__(self, picture: _Picture, domain: Domain) -> None:
        self.picture, self.domain = picture, domain
        base = base_of(picture.pool_signal, picture.state, domain)
        target, weight = target_and_weight(base, picture.pool_nits, domain)
        self.target, self.weight = target.astype(np.float32), weight.astype(np.float32)
        self._coders: dict[int, GuideCoder] = {}

    def _plane(self, channels: int) -> F32:
        """The whole picture's plane, means over 2^shift squares, strip by strip."""
        p = self.picture
        cell = 1 << p.shift
        strips = []
        rows = max(cell, (1 << 19) // p.width // cell * cell)
        for y in range(0, p.height, rows):
            signal, nits = p.signal[y : y + rows], p.nits[y : y + rows]
            base = base_of(signal, p.state, self.domain)
            target, weight = target_and_weight(base, nits, self.domain)
            plane = to_plane(target, weight, channels)
            h, w = plane.shape[:2]
            plane = np.pad(plane, ((0, -h % cell), (0, -w % cell), (0, 0)), mode="edge")
            h, w = plane.shape[:2]
            strips.append(plane.reshape(h // cell, cell, w // cell, cell, channels).mean((1, 3)))
        plane = np.concatenate(strips)
        # The mean costs the coder bytes and the network one bias.
        return np.asarray(plane - plane.mean((0, 1), dtype=np.float64), np.float32)

    def guide(self, channels: int, budget: int, *, tries: int = 3) -> Guide | None:
        """A coded plane of at most `budget` bytes."""
        if channels not in self._coders:
            self._coders[channels] = GuideCoder(self._plane(channels))
        return self._coders[channels].code(budget, tries=tries)

    def samples(self, guide: Guide | None, spread_code: int) -> Samples:
        """The pool as the network sees it."""
        p = self.picture
        around: Surroundings = p.around
        target = self.target
        if guide is not None:
            around = around.with_plane(guide.plane, p.shift, float(scale_of_code(spread_code)))
            target = target - to_output(plane_field(guide.plane, p.shift).at(p.ys, p.xs))
        return Samples(features_at(p.pool_signal, around, p.ys, p.xs), target, self.weight)


def _spread_code(guide: Guide | None) -> int:
    spread = 1e-3 if guide is None else max(float(guide.plane.std()), 1e-3)
    return int(np.clip(np.rint(np.log2(spread) * 16) + 320, 0, 511))


def _start(samples: Samples, size: _Budget, seed: int) -> Layers:
    sizes = [samples.features.shape[1], *([size.width] * size.depth), 3]
    layers = Layers.random(sizes, np.random.default_rng(seed))
    w = np.square(samples.weight)
    layers.biases[-1][:] = (samples.target * w).sum(0) / w.sum(0)
    return layers


def _held_out(samples: Samples) -> tuple[Samples, Samples]:
    """Training part and a tenth (at most 30 000) kept for judging candidates."""
    n = len(samples.features)
    keep = min(30_000, n // 10)
    last = Samples(samples.features[n - keep :], samples.target[n - keep :], samples.weight[n - keep :])
    return (samples.head(n - keep), last) if keep >= 256 else (samples, samples)


@dataclass(frozen=True)
class _Choice:
    candidate: _Candidate
    channels: int
    plane_bytes: int
    error: float


def _reserve(size: _Budget, channels: int) -> int:
    """Bytes that the layers will take, about."""
    n = [feature_count(channels), *([size.width] * size.depth), 3]
    count = sum(a * b for a, b in pairwise(n))
    return int(count * (size.bits - 0.6) / 8 + 2.2 * sum(n[1:]))


def _try(c: _Candidate, channels: int, plane_bytes: int, size: _Budget, steps: int, seed: int) -> _Choice:
    guide = c.guide(channels, plane_bytes, tries=2) if channels else None
    code = _spread_code(guide)
    train, judge = _held_out(c.samples(guide, code))
    layers = fit_layers(train, _start(train, size, seed), steps=steps, bits=size.bits)
    error = float(np.mean(np.square(weighted_error(judge, layers)), dtype=np.float64))
    return _Choice(c, channels if guide else 0, plane_bytes if guide else 0, error)


def _db(error: float) -> float:
    return float(-10 * np.log10(max(error, 1e-12)))


def _choose(picture: _Picture, room: int, size: _Budget, plan: _Plan, effort: Effort, seed: int) -> _Choice:
    """The domain, the plane's channels and its bytes, by short trials on held-out pixels."""
    tried: list[_Choice] = []
    for domain in DOMAINS:
        candidate = _Candidate(picture, domain)
        tried.append(_try(candidate, 1, room - _reserve(size, 1), size, plan.trial, seed))
    best = min(tried, key=lambda t: t.error)
    if effort == "fast":
        return best
    if room > 6000:
        colour = _try(best.candidate, 3, room - _reserve(size, 3), size, plan.trial, seed)
        best = min(best, colour, key=lambda t: t.error)
    # Smaller planes: the smallest that is within a tenth of a decibel of the best.
    for share in (0.0, 0.25, 0.5):
        smaller = _try(
            best.candidate,
            best.channels if share else 0,
            int(best.plane_bytes * share),
            size,
            plan.trial,
            seed,
        )
        if _db(smaller.error) > _db(best.error) - TARGET_SHORT:
            return smaller
    return best


def _resample(pool: Samples, layers: Layers, rng: np.random.Generator) -> Samples:
    """A new active set: four fifths evenly, one fifth in proportion to the error, weights made fair.

    The share is that of the published hard-example step (MLP-embedded iTM, ACM MM 2024); dividing the
    weight by the odds keeps the loss that of the picture.
    """
    n = len(pool.features)
    error = np.sqrt(np.square(weighted_error(pool, layers)).sum(1, dtype=np.float64))
    odds = 0.8 / n + 0.2 * error / max(float(error.sum()), 1e-12)
    picks = rng.choice(n, size=min(ACTIVE, n), p=odds / odds.sum())
    fair = np.sqrt(1 / (n * odds[picks])).astype(np.float32)[:, None]
    return Samples(pool.features[picks], pool.target[picks], pool.weight[picks] * fair)


def _coded(layers: Layers, bits: int) -> tuple[QuantisedLayers, bytes]:
    q = quantise(layers, bits)
    return q, encode_layers(list(zip(q.weights, q.biases, q.scales, strict=True)))


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
    """Fit the default network to a pair.

    sdr_codes: (H, W, 3) integers of `bits` bits, or floats. hdr_nits: (H, W, 3) float32, linear BT.2020 in
    nits, finite. budget: bytes that the payload may take. seconds: wall time for the fit (it ends its
    schedule early, never late by more than a trial); target_psnr: stop when the pool reaches this PU-PSNR.
    Raises InputError for shapes or values that do not fit together.
    """
    if model != "default":
        raise InputError(f"model {model!r} is unknown; known: default")
    if sdr_codes.shape != hdr_nits.shape or sdr_codes.ndim != 3 or sdr_codes.shape[2] != 3:
        raise InputError(f"SDR {sdr_codes.shape} and HDR {hdr_nits.shape} are not of one size (H, W, 3)")
    if budget < 512:
        raise InputError(f"a budget of {budget} bytes is under the 512 that the smallest network needs")
    began = time.monotonic()
    report = progress or (lambda stage, fraction: None)
    signal = to_signal(sdr_codes, bits)
    picture = _Picture(signal, sdr_state, np.clip(hdr_nits, 0, 10000), seed)
    size, plan = _sizes(budget), _PLANS[effort]
    digest = picture_hash or hashlib.sha256(np.ascontiguousarray(sdr_codes).tobytes()).digest()
    draft = Payload(
        "default", picture.width, picture.height, bits, digest[:16], sdr_state, hdr_state,
        Fidelity(99.99, 99.99, 99.99, 99.99, 99999, 99999), default_numbers("pq", [1, 128, 3], 8, 3, 4, 1 << 18, 511),
        (b"", b""),
    )  # fmt: skip
    room = budget - len(payload_format.encode(draft)) - 8

    report("choose", 0.0)
    choice = _choose(picture, room, size, plan, effort, seed)
    candidate = choice.candidate
    deadline = None if seconds is None else began + seconds
    guide = candidate.guide(choice.channels, choice.plane_bytes) if choice.channels else None
    spread = _spread_code(guide)
    pool = candidate.samples(guide, spread)
    layers = _start(pool, size, seed)
    report("fit", 0.0)
    fit_layers(pool.head(ACTIVE), layers, steps=plan.steps, bits=0, deadline=deadline, rate=1e-2,
               tick=lambda f: report("fit", f * 0.66))  # fmt: skip
    # The layers' true size is known now: the plane takes what is left, and both are brought together.
    _, coded = _coded(layers, size.bits)
    if guide is not None and choice.plane_bytes > 0.9 * (room - _reserve(size, choice.channels)):
        guide = candidate.guide(choice.channels, room - len(coded) - 16) or guide
        pool = candidate.samples(guide, spread)
    active = _resample(pool, layers, picture.rng)
    fit_layers(active, layers, steps=plan.polish, bits=size.bits, quantised_from=0.2, rate=4e-3, deadline=deadline,
               tick=lambda f: report("fit", 0.66 + f * 0.34))  # fmt: skip
    quantised, coded = _coded(layers, size.bits)
    while guide is not None and len(coded) + len(guide.data) > room:
        guide = candidate.guide(choice.channels, room - len(coded) - 1) or None
    sizes = [quantised.weights[0].shape[0], *(w.shape[1] for w in quantised.weights)]
    fitted = DefaultModel(
        candidate.domain,
        quantised,
        None if guide is None else guide.plane,
        picture.shift,
        float(scale_of_code(spread)),
    )
    report("measure", 0.0)
    fidelity = measure(fitted.strips(signal, sdr_state), picture.nits, lambda f: report("measure", f))
    numbers = default_numbers(
        candidate.domain, sizes, size.bits, choice.channels if guide else 0, picture.shift,
        guide.step if guide else 1, spread,
    )  # fmt: skip
    blobs = (coded,) if guide is None else (coded, guide.data)
    data = payload_format.encode(replace(draft, fidelity=fidelity, numbers=numbers, blobs=blobs))
    return Fitted(
        data,
        fidelity,
        {
            "domain": candidate.domain,
            "width": size.width,
            "depth": size.depth,
            "weights_bytes": len(coded),
            "plane_bytes": 0 if guide is None else len(guide.data),
            "plane_channels": choice.channels if guide else 0,
            "seconds": time.monotonic() - began,
        },
    )
