"""Where the SDR clip is cut, by detection."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.itm.field import over_full_scale
from candela_engines.media.cuts import HasCodes, find_shots
from candela_engines.media.decoded import Samples
from candela_server.service.clips import Side

__all__ = ["detect"]

# Detection looks at a small proxy: of light that has to be encoded first no more rows than these are.
_ROWS = 288


def detect(side: Side, first: int, last: int, tick: Callable[[float], None]) -> list[tuple[int, int]]:
    """First frames of shots but the first one's, each with the frames of its transition, 0 for a hard cut.

    tick: told how much of the frames was looked at, 0 to 1. Raises what decoding raises.
    """
    found = find_shots(
        side.clip.frames(first, last),
        progress=lambda number: tick((number - first + 1) / (last - first + 1)),
        codes_of=None if side.state.ocio_space is None else lambda frame: _encoded(side, frame),
    )
    return [(shot.first, _length(shot.transition)) for shot in found[1:]]


def _length(transition: tuple[int, int] | None) -> int:
    return 0 if transition is None else transition[1] - transition[0] + 1


def _encoded(side: Side, frame: HasCodes) -> tuple[Samples, int]:
    """Display codes of a colour space that may hold light, as OCIO's do."""
    step = max(1, frame.codes.shape[0] // _ROWS)
    part = frame.codes[::step, ::step]
    nits = to_nits_rec2020(over_full_scale(part, frame.bits), side.state, bits=frame.bits)
    codes = np.power(np.clip(np.nan_to_num(nits), 0, None) / side.state.peak_nits, 1 / 2.4, dtype=np.float32)
    return codes, 32
