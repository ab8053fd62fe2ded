"""A shot as few networks: one, and more only where one does not hold the quality all through.

A grade that jumps inside a shot (a pop, a keyframe that holds) is two grades, and no key in time follows a
jump. What a network leaves then differs before and after it: there the shot is split, and each part has its
own network, out of the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.itm.fitted import Effort, Progress
from candela_engines.itm.payload import CHECK_BYTES
from candela_engines.itm.reading import AS_TAGGED, Reading
from candela_engines.itm.shot_fit import FittedShot, fit_part
from candela_engines.itm.shot_pairs import PairSource, spread_out

__all__ = ["fit_shot"]

F32 = npt.NDArray[np.float32]

UNEVEN = 2.5  # dB that the worst frame may lie under the median before a split is tried
GAIN = 1.5  # dB that a split has to bring to the worst frame: at the seam the error may jump
MOST_PARTS = 8
SHORTEST = 2  # frames of a part
NEAR = 4  # frames about a change of level in which the jump is looked for
LEAST_PART = 640  # bytes that a part gets at least, and two for every frame
COARSE = 64  # frames looked at for where to split


def fit_shot(
    pairs: PairSource,
    first: int,
    last: int,
    *,
    sdr_state: ColourState,
    hdr_state: ColourState = NAMED["rec2100-pq"],
    budget: int,
    effort: Effort = "normal",
    floor: float | None = None,
    seed: int = 0,
    reading: Reading = AS_TAGGED,
    provenance: str = "fitted",
    progress: Progress | None = None,
    begun: Callable[[int, int], None] = lambda frames, further: None,
) -> list[FittedShot]:
    """Networks for the frames first..last: consecutive, none left out, `budget` bytes in all.

    floor: dB of PU-PSNR that every frame should reach; a shot with one below it is split, as is one whose
    worst frame lies far under its median, where that helps. reading, provenance, progress: as `fit_part`;
    a split begins the latter anew.
    begun: told, of every network that is begun, its frames and those of one that will follow in any case.
    Deterministic for a seed. Raises InputError for a budget that holds no network, and what `pairs` raises.
    """

    def fit(a: int, b: int, bytes_: int, further: int = 0) -> FittedShot:
        begun(b - a + 1, further)
        return fit_part(
            pairs,
            a,
            b,
            sdr_state=sdr_state,
            hdr_state=hdr_state,
            budget=bytes_,
            effort=effort,
            seed=seed,
            reading=reading,
            provenance=provenance,
            progress=progress,
        )

    done: list[FittedShot] = []
    waiting = [(fit(first, last, budget), budget)]
    while waiting:
        part, bytes_ = waiting.pop()
        halves = None
        if len(done) + len(waiting) + 2 <= MOST_PARTS and _uneven(part, floor):
            halves = _halves(part, pairs, bytes_)
        if halves is not None:
            (x, at, for_a), (_, y, for_b) = halves
            a, b = fit(x, at, for_a, y - at), fit(at + 1, y, for_b)
            if min(a.report.worst, b.report.worst) > part.report.worst + GAIN:
                waiting += [(b, for_b), (a, for_a)]
                continue
        done.append(part)
    return done


def _uneven(part: FittedShot, floor: float | None) -> bool:
    report = part.report
    return report.median - report.worst > UNEVEN or (floor is not None and report.worst < floor)


def _halves(part: FittedShot, pairs: PairSource, budget: int) -> list[tuple[int, int, int]] | None:
    """(first, last, bytes) of the two parts of a shot; None where it has not the frames or the bytes."""
    frames = part.last - part.first + 1
    at = _jump(part, pairs) if frames >= 2 * SHORTEST else None
    if at is None:
        return None
    least = LEAST_PART + CHECK_BYTES * max(at - part.first, part.last - at + 1)
    if budget < 2 * least:
        return None
    share = round(budget * (at - part.first) / frames)
    share = min(max(share, least), budget - least)
    return [(part.first, at - 1, share), (at, part.last, budget - share)]


def _jump(part: FittedShot, pairs: PairSource) -> int | None:
    """The frame that the second part begins with; None where what is left is the same all through."""
    looked_at = spread_out(part.first, part.last, COARSE)
    numbers, rows = part.drift(pairs(part.first, part.last, looked_at))
    at = _two_levels(rows)
    if at is None:
        return None
    before, after = numbers[at - 1], numbers[at]
    if after - before > 1:
        # Between the two nobody has looked yet.
        numbers, rows = part.drift(pairs(max(before - NEAR, part.first), min(after + NEAR, part.last)))
        at = _two_levels(rows) or 1
    at = _steepest(rows, at)
    return min(max(numbers[at], part.first + SHORTEST), part.last - SHORTEST + 1)


def _steepest(rows: F32, at: int) -> int:
    """The row near `at` that differs most from the one before: content moves levels, a jump is one step."""
    steps = np.square(np.diff(rows.astype(np.float64), axis=0)).sum(1)
    low, high = max(at - NEAR, 1), min(at + NEAR, len(rows) - 1)
    return low + int(np.argmax(steps[low - 1 : high]))


def _two_levels(rows: F32) -> int | None:
    """The row that begins the second of two levels that rows (n, k) are nearest to; None for fewer than 2."""
    n = len(rows)
    if n < 2:
        return None
    sums = np.cumsum(rows.astype(np.float64), 0)
    total = sums[-1]
    counts = np.arange(1, n)[:, None]
    # The squares that two means explain: the more, the better.
    explained = (sums[:-1] ** 2 / counts + (total - sums[:-1]) ** 2 / (n - counts)).sum(1)
    return int(np.argmax(explained)) + 1
