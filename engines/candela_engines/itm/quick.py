"""The choice of a fit that has half a second: few trials, side by side, on a plane of few samples.

Which domain, by a small network with a plane of one channel each; then, with the dequantiser as strong as the
master asks for, a larger network with that plane, with one of three channels, and with none.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from candela_engines.itm.choose import (
    NEAR,
    SIZES,
    Choice,
    Size,
    Trial,
    best_strength,
    decibel,
    reserve,
    try_out,
)
from candela_engines.itm.domain import Domain
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.pair import Pair, Side
from candela_engines.itm.photograph import FEW, map_lattice
from candela_engines.runtime.together import together

__all__ = ["choose_quickly"]

PLANE_SAMPLES = 400_000  # a quarter of what a plane may have: the coder's time goes with them
ROWS = 2  # of a square that are looked at
PIXELS = 40_000  # of a trial
STRENGTH_PIXELS = 20_000


def choose_quickly(
    pair: Pair,
    room: int,
    *,
    steps: int,
    seed: int,
    deadline: float | None = None,
    tick: Callable[[float], None] | None = None,
) -> list[tuple[Choice, Side]]:
    """The best way of spending `room` bytes, and the pair as it sees it. As `choose.choose`."""
    lattice = pair.lattice_of(PLANE_SAMPLES)
    report = tick or (lambda fraction: None)

    def seen(domain: Domain, on: Lattice | None = None) -> Side:
        return Side(pair, domain, on or lattice, ROWS)

    def tried(side: Side, size: Size, channels: int) -> Trial:
        left = room - reserve(size, channels)
        choice = Choice(side.domain, size, channels if left > 0 else 0, max(left, 0) if channels else 0)
        return try_out(side, choice, steps=steps, seed=seed, pixels=PIXELS, threads=1)

    def late() -> bool:
        return deadline is not None and time.monotonic() > deadline

    small = SIZES[0] if room < 1200 else SIZES[1]
    sides: dict[Domain, Side] = {}

    def first(domain: Domain, on: Lattice | None = None) -> Trial:
        sides[domain] = seen(domain, on)
        return tried(sides[domain], small, 1)

    maps: list[Lattice | None] = []

    def search() -> None:
        maps.append(map_lattice(pair, FEW))

    calls: list[Callable[[], Trial | None]] = [partial(first, "gain"), partial(first, "pq"), search]
    best = min((t for t in together(calls) if t is not None), key=lambda t: t.choice.error)
    report(0.4)
    if maps[0] is not None and not late():
        best = min(best, first("ratio", maps[0]), key=lambda t: t.choice.error)
    report(0.5)
    side = sides[best.choice.domain]
    mapped = side.domain == "ratio"  # by a map of one channel, to the very codes
    if not mapped:
        pair.strength = best_strength(side, best, STRENGTH_PIXELS)
    if pair.strength:
        side = Side(pair, side.domain, side.lattice, ROWS)
    if late():
        return [(best.choice, side)]
    large = Size(16, 2) if room < 4096 else Size(32, 2)
    # More than one channel of a plane has use for, on a small picture.
    ways = [(large, 1), (large, 3)] if room > 5000 and not mapped else [(large, 1)]
    bare = next((s for s in (Size(32, 2), Size(20, 1)) if reserve(s, 0) < room), SIZES[0])
    more = together([partial(tried, side, size, channels) for size, channels in [*ways, (bare, 0)]])
    report(1.0)
    best = min(best, *more[:-1], key=lambda t: t.choice.error)
    # A bare network learns slowly: it has to lead clearly.
    lead = decibel(more[-1].choice.error) - decibel(best.choice.error)
    return [(more[-1].choice if lead > NEAR else best.choice, side)]
