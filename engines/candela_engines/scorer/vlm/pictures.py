"""What a served model is shown: the unified HLG frame, as the 8-bit PNG that such models take.

HLG R'G'B' of BT.2020 at 1000 nit, full range, primaries as they are, no tag: a model's processor reads codes
and knows no colour management. 10 bits become 8, which hides banding from it; the measured reasons do not
share that.
"""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray

from candela_engines.colour.names import NAMED
from candela_engines.media.codecs import imagecodecs_module
from candela_engines.scorer.unify import unify

__all__ = ["LONGEST_SIDE", "data_url", "hlg_codes"]

LONGEST_SIDE = 1024


def hlg_codes(nits: NDArray[np.float32], longest: int = LONGEST_SIDE) -> NDArray[np.uint8]:
    """(h, w, 3) HLG codes of light (H, W, 3), linear BT.2020 nits: means of whole blocks of pixels, so that
    no side is longer than `longest`."""
    step = max(1, -(-max(nits.shape[:2]) // longest))
    height, width = max(1, nits.shape[0] // step), max(1, nits.shape[1] // step)
    blocks = nits[: height * step, : width * step].reshape(height, -1, width, min(step, nits.shape[1]), 3)
    light = np.ascontiguousarray(blocks.mean(axis=(1, 3), dtype=np.float32))
    codes = unify(light, NAMED["linear-rec2020"], above="clip", threads=1).hlg
    return np.asarray(np.rint(np.clip(codes, 0, 1) * np.float32(255)), np.uint8)


def data_url(codes: NDArray[np.uint8]) -> str:
    """A PNG of codes (h, w, 3) as a data URL."""
    png = bytes(imagecodecs_module().png_encode(np.ascontiguousarray(codes), level=6))
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
