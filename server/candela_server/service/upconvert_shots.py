"""One context a shot for engines that look at whole pictures: so they do not move with what comes in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from candela_engines.media import Still
from candela_engines.upconvert.learnt import LearntEngine
from candela_server.service.clips import Side
from candela_server.service.results import Work, WorkProgress
from candela_server.service.shots_embed_detect import detect
from candela_server.service.upconversion import Upconversion

__all__ = ["for_picture", "with_shots"]

_LOOKED_AT = 8


def for_picture(by: Upconversion, still: Still) -> Upconversion:
    """`by` with the context of a still, where the engine has one."""
    if not isinstance(by.engine, LearntEngine):
        return by
    return replace(by, engine=by.engine.of_shot([(still.pixels, still.bits)], by.state))


def with_shots(by: Upconversion, side: Side, first: int, last: int, progress: WorkProgress) -> Upconversion:
    """`by` with the contexts of the shots of frames first..last, found by detection; formulas as they are.

    Raises what decoding raises.
    """
    engine = by.engine
    if not isinstance(engine, LearntEngine):
        return by
    total = last - first + 1
    cuts = detect(side, first, last, lambda share: progress(Work("cut", share * total, total)))
    edges = [first, *(start for start, _ in cuts), last + 1]
    shots = []
    for number, (begin, after) in enumerate(pairwise(edges)):
        progress(Work("read", number, len(edges) - 1, "shots"))
        shots.append((begin, after - 1, engine.of_shot(_spread(side, begin, after - 1), side.state)))
    return replace(by, shots=tuple(shots))


def _spread(side: Side, first: int, last: int) -> Iterator[tuple[npt.NDArray[np.generic], int]]:
    there = [n for n in range(first, last + 1) if n not in set(side.info.missing)]
    step = max(1, len(there) // _LOOKED_AT)
    for number in there[step // 2 :: step][:_LOOKED_AT]:
        frame = side.clip.frame(number)
        yield frame.codes, frame.bits
