"""Pictures that are no graded SDR whatever their tags say: camera log, or PQ codes under SDR's name.

Both are flat: no black, no white, little colour. So are fog and a white wall, and a log picture with a lamp
in it reaches white; what is found here is a hint with its numbers, which a user may overrule. Measured on 76
real scenes: of five log curves 41 to 89 % of the pictures are recognised (the least: DaVinci Intermediate,
whose black is near zero), of PQ codes 46 %, and of six SDR renderings of the same scenes 0 to 2.6 % wrongly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour.state import ColourState

__all__ = ["Flatness", "flatness_of", "is_log_name"]

_POINTS = 1 << 16
_LEAST = 64  # pixels: fewer say nothing
_FLOOR, _CEILING, _COLOUR, _SPREAD = 0.07, 0.90, 0.25, 0.15
_LOG_NAMES = re.compile(
    r"(^|[^a-z])(logc\d?|log\d?|\w-log\d?|slog\d?|vlog|clog\d?|flog\d?|nlog|dlog|acescc|acescct|log3g\d+|adx\d*|"
    r"intermediate|bmdfilm|protune)([^a-z]|$)"
)


@dataclass(frozen=True, slots=True)
class Flatness:
    """Codes over full scale, 0..1. floor: 1st percentile of the smallest of R, G, B; ceiling: 99.9th of the
    largest; spread: standard deviation of luma; colour: mean of (largest − smallest)/largest.
    """

    floor: float
    ceiling: float
    spread: float
    colour: float

    @property
    def suspicious(self) -> bool:
        """Whether they are those of log or PQ codes rather than of a grade."""
        dull = self.spread <= _SPREAD and self.colour <= _COLOUR
        return self.floor >= _FLOOR and self.ceiling <= _CEILING and dull

    @property
    def text(self) -> str:
        """The numbers in words."""
        return (
            f"its codes keep within {self.floor:.2f} and {self.ceiling:.2f} of full scale and hardly have "
            "colour"
        )


def flatness_of(codes: npt.NDArray[np.floating]) -> Flatness | None:
    """How flat R'G'B' codes over full scale are, (H, W, 3) float; None where too few pixels are a picture.

    Rows and columns that are black throughout, as of a letterbox, do not count; NaN does not either.
    """
    height, width = codes.shape[:2]
    step = max(1, int(np.sqrt(height * width / _POINTS)))
    part = np.nan_to_num(np.asarray(codes[::step, ::step], np.float32), nan=0.0, posinf=1.0, neginf=0.0)
    lit = part.max(axis=2) > 0.02
    part = part[lit.any(axis=1)][:, lit.any(axis=0)].reshape(-1, 3)
    if len(part) < _LEAST:
        return None
    low, high = part.min(axis=1), part.max(axis=1)
    luma = part @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    colour = float(((high - low) / np.maximum(high, 1e-3)).mean())
    return Flatness(
        float(np.percentile(low, 1)), float(np.percentile(high, 99.9)), float(luma.std()), colour
    )


def is_log_name(state: ColourState) -> bool:
    """Whether a state was named through OCIO by a name that log encodings have."""
    return state.ocio_space is not None and _LOG_NAMES.search(state.ocio_space.lower()) is not None
