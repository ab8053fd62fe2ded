"""Pictures that are no graded SDR whatever their tags say: camera log, or PQ codes under SDR's name.

What is found in the codes is a hint with its numbers (`log_look`), which a user may overrule. Where a file's
name or a camera's metadata say log as well, less of it is enough; and neither is believed against a picture
that looks like a grade, since names and metadata live on through a grade.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.colour.state import ColourState
from candela_engines.upconvert.log_look import NUMBERS, log_odds, numbers_of

__all__ = ["Flatness", "Hint", "flatness_of", "is_log_name", "together"]

Hint = Literal["", "name", "camera"]
_LEAST: dict[Hint, float] = {"": 0.4, "name": -2.5, "camera": -8.0}
"""Odds that are enough beside what else is known."""
_LEAST_FLAT = -2.5
"""Odds that are enough where a picture is flat by the plain rule: no black, no white, little colour."""
_LOW, _HIGH, _DULL, _NARROW = 0.07, 0.90, 0.25, 0.15
_LOG_NAMES = re.compile(
    r"(^|[^a-z])(logc\d?|log\d?|\w-log\d?|slog\d?|vlog|clog\d?|flog\d?|nlog|dlog|acescc|acescct|log3g\d+|adx\d*|"
    r"intermediate|bmdfilm|protune)([^a-z]|$)"
)
_SHOWN = tuple(NUMBERS.index(name) for name in ("low1", "high99.9", "colour", "spread"))


@dataclass(frozen=True, slots=True)
class Flatness:
    """Codes over full scale, 0..1. floor: 1st percentile of the smallest of R, G, B; ceiling: 99.9th of the
    largest; colour: mean of (largest − smallest)/largest; spread: standard deviation of luma. odds:
    `log_look.log_odds`.
    """

    floor: float
    ceiling: float
    colour: float
    spread: float
    odds: float

    def suspicious(self, hint: Hint = "") -> bool:
        """Whether they are those of log or PQ codes rather than of a grade. hint: what else says log."""
        dull = self.colour <= _DULL and self.spread <= _NARROW
        flat = self.floor >= _LOW and self.ceiling <= _HIGH and dull
        return self.odds >= _LEAST[hint] or (flat and self.odds >= _LEAST_FLAT)

    @property
    def text(self) -> str:
        """The numbers in words."""
        return (
            f"its codes keep within {self.floor:.2f} and {self.ceiling:.2f} of full scale, and colour and "
            "contrast are spread over dark and bright"
        )


def flatness_of(codes: npt.NDArray[np.floating]) -> Flatness | None:
    """How R'G'B' codes over full scale (H, W, 3) look; None where too few pixels are a picture."""
    numbers = numbers_of(codes)
    if numbers is None:
        return None
    floor, ceiling, colour, spread = (float(numbers[at]) for at in _SHOWN)
    return Flatness(floor, ceiling, colour, spread, log_odds(numbers))


def together(frames: Sequence[Flatness]) -> Flatness | None:
    """Of frames of a clip: each is as good a witness as the others. None of none.

    A graded clip with one frame of fog has others with blacks, which count against it.
    """
    if not frames:
        return None
    return Flatness(
        min(one.floor for one in frames), max(one.ceiling for one in frames),
        *(float(np.mean([getattr(one, name) for one in frames])) for name in ("colour", "spread", "odds")),
    )  # fmt: skip


def is_log_name(state: ColourState) -> bool:
    """Whether a state was named through OCIO by a name that log encodings have."""
    return state.ocio_space is not None and _LOG_NAMES.search(state.ocio_space.lower()) is not None
