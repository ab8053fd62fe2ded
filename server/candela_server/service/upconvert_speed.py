"""How long an engine takes for a frame, and how long the network that was distilled from it does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.itm.payload import Payload
from candela_engines.itm.shot_model import decode_shot
from candela_server.service.rendering import renderer_of
from candela_server.service.results import Json
from candela_server.service.upconversion import Upconversion

__all__ = ["Speed", "compare_speed"]

_SECONDS, _TIMES = 1.0, 5
_LONG = 5.0  # seconds, beside which what is made the first time is nothing


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds for one frame, decoding and encoding not counted: the least of several, of long ones of one."""

    engine_seconds: float
    distilled_seconds: float
    width: int
    height: int

    @property
    def gain(self) -> float:
        """How many times faster the distilled network is; below 1 where it is slower."""
        return self.engine_seconds / self.distilled_seconds

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "engine_seconds_a_frame": round(self.engine_seconds, 6),
            "distilled_seconds_a_frame": round(self.distilled_seconds, 6),
            "times_faster": round(self.gain, 3),
        }


def compare_speed(
    by: Upconversion, payload: Payload, codes: npt.NDArray[np.generic], bits: int, number: int
) -> Speed:
    """Both on one frame, one after the other, in this process. number: of the frame, in the payload's count.

    codes: (H, W, 3), as both take them. A machine that has other work meanwhile slows either; the figure is
    what it was like here, now.
    """
    height, width = codes.shape[:2]
    renderer = renderer_of(decode_shot(payload), height, width)
    out = np.empty((height, width, 3), np.float32)
    return Speed(
        _least(lambda: by.light(codes, bits)),
        _least(lambda: renderer.render(number, codes, bits, out)),
        width,
        height,
    )


def _least(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()  # tables and threads are made the first time
    first = time.perf_counter() - began
    taken: list[float] = [first] if first > _LONG else []
    while len(taken) < _TIMES and sum(taken) < _SECONDS:
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)
