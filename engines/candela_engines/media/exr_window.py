"""Placing an OpenEXR data window on its display window: the display window is the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from candela_engines.media.decoded import Samples

__all__ = ["on_display_window"]


def on_display_window(samples: Samples, spec: Any) -> tuple[Samples, list[str]]:
    """The display window of `samples` (H, W, C) read from a data window; and notes on what was done.

    The display window is what a viewer and a comp tree take for the frame, so SDR and HDR of one frame have
    one size whatever their data windows. Overscan outside it is left out, pixels that the data window does
    not reach are 0 (black and transparent), as OpenEXR's technical introduction has it.
    """
    top, left = spec.y - spec.full_y, spec.x - spec.full_x
    height, width = spec.full_height, spec.full_width
    rows, columns = samples.shape[:2]
    if (top, left, rows, columns) == (0, 0, height, width):
        return samples, []
    picture = np.zeros((height, width, samples.shape[2]), dtype=samples.dtype)
    y0, y1 = max(top, 0), min(top + rows, height)
    x0, x1 = max(left, 0), min(left + columns, width)
    if y1 > y0 and x1 > x0:
        picture[y0:y1, x0:x1] = samples[y0 - top : y1 - top, x0 - left : x1 - left]
    note = (
        f"data window {columns}x{rows} at ({left}, {top}) was placed on the display window {width}x{height}: "
        "overscan is left out, what it does not cover is 0"
    )
    return picture, [note]
