"""Fitting one network to a whole shot, and to parts of it where one does not hold the quality."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.itm import payload as payload_format
from candela_engines.itm.clipped import clipped_light
from candela_engines.itm.fitted import Effort, Progress
from candela_engines.itm.learn import weighted_error
from candela_engines.itm.payload import Fidelity, Payload
from candela_engines.itm.reading import AS_TAGGED, Reading
from candela_engines.itm.shot_choose import LEAST_ROOM, SLACK
from candela_engines.itm.shot_learn import EFFORTS, ShotEffort, learn_shot
from candela_engines.itm.shot_model import decode_shot
from candela_engines.itm.shot_pairs import PairFrame, PairSource, spread_out
from candela_engines.itm.shot_payload import envelope, sealed, shot_numbers
from candela_engines.itm.shot_pool import ShotPool, pick
from candela_engines.itm.shot_quality import ShotReport, measure_shot

__all__ = ["FittedShot", "fit_part", "least_budget"]

F32 = npt.NDArray[np.float32]

TRIES = 4
DRIFT_PIXELS = 8000  # of a frame


@dataclass(frozen=True)
class FittedShot:
    """A fitted payload of the frames first..last, what was measured with it, and how its bytes were spent.

    drift: makes of frames what is left of their target on the mean, by colour and range of light (rows, 12).
    """

    payload: bytes
    first: int
    last: int
    report: ShotReport
    details: dict[str, float | int | str]
    drift: Callable[[Iterable[PairFrame]], tuple[tuple[int, ...], F32]]


def least_budget(
    sdr_state: ColourState,
    hdr_state: ColourState,
    first: int,
    last: int,
    reading: Reading = AS_TAGGED,
    provenance: str = "fitted",
) -> int:
    """The fewest bytes that `fit_part` takes for the frames first..last."""
    return envelope(sdr_state, hdr_state, first, last, reading, provenance) + LEAST_ROOM


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
    reading: Reading = AS_TAGGED,
    provenance: str = "fitted",
    progress: Progress | None = None,
) -> FittedShot:
    """One network for the frames first..last, and every one of them measured.

    budget: bytes of the payload, its frames' checks among them. reading: how `pairs` reads the SDR's codes,
    where that was said. provenance: `fitted` to a master, or `distilled`. progress(stage, fraction): of the
    stages read, choose, fit and measure.
    Deterministic for a seed.
    Raises InputError for a budget that holds no network, and whatever `pairs` raises.
    """
    report: Progress = progress or (lambda stage, fraction: None)
    plan = EFFORTS[effort]
    count = last - first + 1
    least = least_budget(sdr_state, hdr_state, first, last, reading, provenance)
    room = budget - least + LEAST_ROOM
    if room < LEAST_ROOM:
        raise InputError(
            f"{budget} bytes for the {count} frames {first}..{last} leave {max(room, 0)} to the network, "
            f"which needs {LEAST_ROOM}: allow {least} with --bytes"
        )
    looked_at = spread_out(first, last, plan.frames)
    pool, size, peak = _gather(pairs, looked_at, sdr_state, first, last, plan, seed, report)

    def more(numbers: list[int], each: int) -> ShotPool:
        return pick(pairs(first, last, numbers), sdr_state, first, last, each, seed + 1)

    spare = over = 0
    for _ in range(TRIES):
        learned = learn_shot(pool, (size[1], size[0]), room - spare, count, plan, seed, more, report)
        over = learned.size - room
        if over <= 0:
            break
        # Layers came out larger than their sizes let expect: with as many bytes less in view they fit.
        spare += over + SLACK
    else:
        raise InputError(
            f"frames {first}..{last}: {budget} bytes hold no network; allow {budget + over} with --bytes"
        )
    seen = learned.pool
    choice, guide, stored, strength = learned.choice, learned.guide, learned.stored, learned.strength
    draft = Payload(
        model="default",
        width=size[0],
        height=size[1],
        bits=pool.bits,
        picture_hash=bytes(16),
        sdr=sdr_state,
        hdr=hdr_state,
        fidelity=Fidelity(0, 0, 0, 0, 0, 0),
        numbers=shot_numbers(choice, stored, guide, strength, peak),
        blobs=(learned.coded,) if guide is None else (learned.coded, guide.guide.data),
        frames=(first, last),
        reading=reading,
        provenance=provenance,
        clipped=clipped_light(seen.codes, sdr_state, seen.bits, seen.nits, learned.left),
    )
    measured = measure_shot(decode_shot(draft), pairs, first, last, lambda f: report("measure", f))
    data = payload_format.encode(sealed(draft, measured))
    assert len(data) <= budget, "the envelope was reckoned at its longest"
    details: dict[str, float | int | str] = {
        "domain": choice.domain,
        "width": choice.size.width,
        "depth": choice.size.depth,
        "time_keys": choice.time_keys,
        "plane_keys": choice.plane_keys,
        "weights_bytes": len(draft.blobs[0]),
        "plane_bytes": 0 if guide is None else len(guide.guide.data),
        "strength": strength,
        "frames_looked_at": len(set(seen.number.tolist())),
    }
    edges = np.quantile(pool.codes.max(1), [0.25, 0.5, 0.75])

    def drift(frames: Iterable[PairFrame]) -> tuple[tuple[int, ...], F32]:
        some = pick(frames, sdr_state, first, last, DRIFT_PIXELS, seed)
        samples = some.samples(choice.domain, strength, guide, choice.time_keys)
        return _drift(some, weighted_error(samples, stored.layers()), edges)

    return FittedShot(data, first, last, measured, details, drift)


def _gather(
    pairs: PairSource,
    looked_at: tuple[int, ...],
    state: ColourState,
    first: int,
    last: int,
    plan: ShotEffort,
    seed: int,
    report: Callable[[str, float], None],
) -> tuple[ShotPool, tuple[int, int], float]:
    """Pixels of the frames looked at, their width and height, and their brightest light."""
    each = max(plan.pool // len(looked_at), 1500)
    size, peak = (0, 0), 0.0

    def frames() -> Iterator[PairFrame]:
        nonlocal size, peak
        for frame in pairs(first, last, looked_at):
            height, width = frame.codes.shape[:2]
            size = (width, height)
            peak = max(peak, float(np.clip(frame.nits.max(), 0, 10000)))
            yield frame
            report("read", (frame.number - first + 1) / (last - first + 1))

    return pick(frames(), state, first, last, each, seed), size, peak


def _drift(pool: ShotPool, left: F32, edges: npt.NDArray[np.floating]) -> tuple[tuple[int, ...], F32]:
    """Numbers, and the mean error of each (rows) in four ranges of light and three colours (12 columns)."""
    numbers = tuple(sorted(set(pool.number.tolist())))
    band = np.searchsorted(edges, pool.codes.max(1))
    rows = np.zeros((len(numbers), 12), np.float32)
    for i, n in enumerate(numbers):
        for b in range(4):
            here = (pool.number == n) & (band == b)
            if here.any():
                rows[i, 3 * b : 3 * b + 3] = left[here].mean(0)
    return numbers, rows
