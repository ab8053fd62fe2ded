"""Fitting one network to a whole shot, and to parts of it where one does not hold the quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm import payload as payload_format
from candela_engines.itm.coding.weights import encode_layers
from candela_engines.itm.default_model import CEILING, default_numbers
from candela_engines.itm.dequantise import STRENGTHS
from candela_engines.itm.domain import Domain
from candela_engines.itm.fitted import Effort, Progress
from candela_engines.itm.keys import place_in_shot
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.learn import fit_layers, weighted_error
from candela_engines.itm.network import QuantisedLayers
from candela_engines.itm.payload import Fidelity, Payload
from candela_engines.itm.resample import resampled
from candela_engines.itm.shot_choose import ShotChoice, choose_shot, shot_start
from candela_engines.itm.shot_clipped import clipped_light
from candela_engines.itm.shot_model import decode_shot
from candela_engines.itm.shot_pairs import PairFrame, PairSource, spread_out
from candela_engines.itm.shot_plane import PlaneSums
from candela_engines.itm.shot_pool import ShotPool, TimedGuide, pick
from candela_engines.itm.shot_quality import ShotReport, measure_shot
from candela_engines.media.clip import digest_of_digests

__all__ = ["MIN_SHOT_BYTES", "FittedPart", "ShotEffort", "fit_part"]

F32 = npt.NDArray[np.float32]

MIN_SHOT_BYTES = 640
CHECKS = 2  # bytes a frame


@dataclass(frozen=True)
class ShotEffort:
    """frames: how many are looked at, with `pool` pixels in all. trial, trial_pixels: steps and pixels of a
    trial. fit, polish: steps. again: frames looked at in addition, about those that came out worst. planes:
    whether they are tried."""

    frames: int
    pool: int
    trial: int
    trial_pixels: int
    fit: int
    polish: int
    again: int
    planes: bool


EFFORTS: dict[Effort, ShotEffort] = {
    "fast": ShotEffort(12, 150_000, 300, 40_000, 1500, 1500, 0, False),
    "normal": ShotEffort(32, 500_000, 800, 120_000, 5000, 3000, 6, True),
    "best": ShotEffort(80, 1_200_000, 1500, 200_000, 16000, 8000, 16, True),
}


@dataclass(frozen=True)
class FittedPart:
    """A fitted payload of the frames first..last, what was measured with it, and how its bytes were spent.

    drift: what is left of the target, by frame and colour, for finding where to split.
    """

    payload: bytes
    first: int
    last: int
    report: ShotReport
    details: dict[str, float | int | str]
    drift: tuple[tuple[int, ...], F32]


def fit_part(
    pairs: PairSource,
    first: int,
    last: int,
    *,
    sdr_state: ColourState,
    hdr_state: ColourState = NAMED["rec2100-pq"],
    budget: int,
    effort: Effort = "normal",
    seed: int = 0,
    progress: Progress | None = None,
) -> FittedPart:
    """One network for the frames first..last, and every one of them measured.

    budget: bytes of the payload, its frames' checks among them. progress(stage, fraction): of the stages
    read, choose, fit and measure. Deterministic for a seed.
    Raises InputError for a budget that holds no network, and whatever `pairs` raises.
    """
    report: Progress = progress or (lambda stage, fraction: None)
    plan = EFFORTS[effort]
    count = last - first + 1
    room = budget - _envelope(sdr_state, hdr_state, count)
    if room < MIN_SHOT_BYTES - 256:
        raise InputError(
            f"{budget} bytes for the {count} frames {first}..{last} leave {max(room, 0)} to the network, "
            f"which needs {MIN_SHOT_BYTES - 256}: allow {budget + MIN_SHOT_BYTES - 256 - room}"
        )
    looked_at = spread_out(first, last, plan.frames)
    pool, sums, size, peak = _gather(pairs, looked_at, sdr_state, first, last, plan, seed, report)
    choice, strength = choose_shot(
        pool,
        sums,
        room,
        count,
        steps=plan.trial,
        pixels=plan.trial_pixels,
        seed=seed,
        quick=not plan.planes,
        tick=lambda f: report("choose", f),
    )
    guide = None
    if choice.plane_keys:
        guide = sums[choice.domain].coder(choice.plane_keys).code(choice.plane_bytes)
    choice = choice if guide is not None else replace(choice, plane_keys=0, plane_bytes=0)
    samples = pool.samples(choice.domain, strength, guide, choice.time_keys)
    layers = shot_start(choice, samples, seed)
    steps = plan.fit + plan.polish
    fit_layers(
        samples, layers, steps=plan.fit, bits=0, tick=lambda f: report("fit", f * plan.fit / steps)
    )
    if plan.again and count > len(looked_at):
        # Frames that came out worst, and their neighbours that nobody has looked at.
        error = weighted_error(samples, layers)
        more = _neighbours(pool, error, looked_at, plan.again)
        each = len(pool) // (2 * len(looked_at))
        extra = pick(pairs(first, last, more), sdr_state, first, last, each, seed + 1)
        pool = pool.joined(extra, seed)
        samples = pool.samples(choice.domain, strength, guide, choice.time_keys)
    active = resampled(samples, layers, len(samples.features), seed)
    stored = fit_layers(
        active,
        layers,
        steps=plan.polish,
        bits=choice.size.bits,
        rate=4e-3,
        quantised_from=0.2,
        tick=lambda f: report("fit", (plan.fit + f * plan.polish) / steps),
    )
    assert stored is not None  # with rounded weights there always is one
    left = weighted_error(samples, layers)
    draft = Payload(
        model="default",
        width=size[0],
        height=size[1],
        bits=pool.bits,
        picture_hash=bytes(16),
        sdr=sdr_state,
        hdr=hdr_state,
        fidelity=Fidelity(0, 0, 0, 0, 0, 0),
        numbers=_numbers(choice, stored, guide, strength, peak),
        blobs=(_coded(stored),) if guide is None else (_coded(stored), guide.guide.data),
        frames=(first, last),
        clipped=clipped_light(pool, left),
    )
    measured = measure_shot(decode_shot(draft), pairs, first, last, lambda f: report("measure", f))
    data = payload_format.encode(_sealed(draft, measured))
    if len(data) > budget:
        raise InputError(
            f"frames {first}..{last}: the payload came to {len(data)} bytes, {budget} are allowed; allow more"
        )
    details: dict[str, float | int | str] = {
        "domain": choice.domain,
        "width": choice.size.width,
        "depth": choice.size.depth,
        "time_keys": choice.time_keys,
        "plane_keys": choice.plane_keys,
        "weights_bytes": len(draft.blobs[0]),
        "plane_bytes": 0 if guide is None else len(guide.guide.data),
        "strength": strength,
        "frames_looked_at": len(set(pool.number.tolist())),
    }
    return FittedPart(data, first, last, measured, details, _drift(pool, left))


def _gather(
    pairs: PairSource,
    looked_at: tuple[int, ...],
    state: ColourState,
    first: int,
    last: int,
    plan: ShotEffort,
    seed: int,
    report: Callable[[str, float], None],
) -> tuple[ShotPool, dict[Domain, PlaneSums], tuple[int, int], float]:
    """Pixels of the frames looked at, the sums of their planes, their size and brightest light."""
    each = max(plan.pool // len(looked_at), 1500)
    sums: dict[Domain, PlaneSums] = {}
    size, peak = (0, 0), 0.0

    def frames() -> Iterator[PairFrame]:
        nonlocal size, peak
        for frame in pairs(first, last, looked_at):
            height, width = frame.codes.shape[:2]
            size = (width, height)
            peak = max(peak, float(np.clip(frame.nits.max(), 0, 10000)))
            if plan.planes:
                domains: tuple[Domain, ...] = ("pq", "gain")
                for domain in domains:
                    one = sums.setdefault(domain, PlaneSums(domain, state, height, width))
                    one.add(frame, place_in_shot(frame.number, first, last))
            yield frame
            report("read", (frame.number - first + 1) / (last - first + 1))

    return pick(frames(), state, first, last, each, seed), sums, size, peak


def _neighbours(pool: ShotPool, error: F32, looked_at: tuple[int, ...], most: int) -> list[int]:
    """Numbers between the frames looked at, beside those that came out worst."""
    square = np.square(error).sum(1)
    mean = {n: float(square[pool.number == n].mean()) for n in looked_at}
    between: list[int] = []
    for n in sorted(mean, key=lambda n: -mean[n]):
        at = looked_at.index(n)
        for other in looked_at[max(at - 1, 0) : at] + looked_at[at + 1 : at + 2]:
            middle = (n + other) // 2
            if middle not in mean and middle not in between:
                between.append(middle)
    return sorted(between[:most])


def _envelope(sdr: ColourState, hdr: ColourState, frames: int) -> int:
    """Bytes of a payload without its streams, every field at its longest."""
    size = 1 << 16
    lattice = Lattice("centred", 8)
    numbers = default_numbers("pq", [1, 128, 3], 8, 1, lattice, 1 << 17, 511, STRENGTHS, CEILING)
    worst = Fidelity(99.99, 99.99, 99.99, 99.99, size, size)
    longest = Payload(
        "default", size, size, 32, bytes(16), sdr, hdr, worst, (*numbers, 64, 4), (b"", b""),
        frames=(1 << 20, (1 << 20) + frames - 1), checks=bytes(CHECKS * frames), clipped=(4096, 4096),
    )  # fmt: skip
    return len(payload_format.encode(longest)) + 6


def _coded(stored: QuantisedLayers) -> bytes:
    return encode_layers(list(zip(stored.weights, stored.biases, stored.scales, strict=True)))


def _numbers(
    choice: ShotChoice, stored: QuantisedLayers, guide: TimedGuide | None, strength: int, peak: float
) -> tuple[int, ...]:
    ceiling = int(np.ceil(float(pq.inverse_eotf(np.float64(peak))) * CEILING - 1e-6))
    numbers = default_numbers(
        choice.domain,
        [stored.weights[0].shape[0], *(w.shape[1] for w in stored.weights)],
        stored.bits,
        0 if guide is None else 1,
        Lattice("centred", 0) if guide is None else guide.lattice,
        1 if guide is None else guide.guide.step,
        0 if guide is None else guide.spread,
        strength,
        ceiling,
    )
    return (*numbers, choice.time_keys, choice.plane_keys)


def _sealed(draft: Payload, measured: ShotReport) -> Payload:
    """The payload with what only the whole shot tells: figures, hash, and every frame's check."""
    first, last = draft.frames or (0, 0)
    digests = measured.digests
    checks = b"".join(digests.get(n, bytes(CHECKS))[:CHECKS] for n in range(first, last + 1))
    whole = digest_of_digests([digests[n] for n in sorted(digests)])
    return replace(draft, fidelity=measured.fidelity, picture_hash=whole, checks=checks)


def _drift(pool: ShotPool, left: F32) -> tuple[tuple[int, ...], F32]:
    """Mean error by frame (rows) in four ranges of light and three colours (12 columns)."""
    numbers = tuple(sorted(set(pool.number.tolist())))
    top = pool.codes.max(1)
    edges = np.quantile(top, [0.25, 0.5, 0.75])
    band = np.searchsorted(edges, top)
    rows = np.zeros((len(numbers), 12), np.float32)
    for i, n in enumerate(numbers):
        for b in range(4):
            here = (pool.number == n) & (band == b)
            if here.any():
                rows[i, 3 * b : 3 * b + 3] = left[here].mean(0)
    return numbers, rows


