"""How the light of a shot is spread, as a chart on the scale of PQ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

from candela_engines.qc.result import Histogram
from candela_server.reports.page_trend import light_scale

__all__ = ["histogram_chart"]

_TALL = 40
_LEVELS = (0.1, 1, 10, 100, 203, 1000, 4000)


def histogram_chart(histogram: Histogram | None) -> str:
    """The figure; nothing of a shot that nothing was measured of."""
    if histogram is None or not histogram.max_rgb_percent:
        return ""
    shares = (histogram.max_rgb_percent, histogram.luminance_percent)
    most = max(max(values, default=0.0) for values in shares)
    steps = len(histogram.max_rgb_percent)
    luminance, words = "", "of all frames"
    if histogram.luminance_percent:
        luminance = f"<path class=luminance d='{_outline(histogram.luminance_percent, most)}Z'/>"
        words = "of all frames (line), luminance of every eighth (filled)"
    return (
        f"<figure class=histogram><div>{_axis()}<svg viewBox='0 0 {steps} {_TALL}' preserveAspectRatio=none "
        f"role=img aria-label='histogram of light'>{luminance}"
        f"<path class=largest d='{_outline(histogram.max_rgb_percent, most)}'/></svg></div>"
        f"<figcaption>histogram of max(R, G, B) {words}, nit; heights are square roots of shares, the "
        f"tallest {most:.2g} %</figcaption></figure>"
    )


def _outline(values: Sequence[float], most: float) -> str:
    """Steps from left to right, from the ground and back to it."""
    heights = [_TALL * (1 - math.sqrt(value / most)) for value in values]
    return f"M0 {_TALL}" + "".join(f"V{h:.1f}H{n + 1}" for n, h in enumerate(heights)) + f"V{_TALL}"


@cache
def _axis() -> str:
    return "".join(f"<i style='left:{100 * light_scale(n):.2f}%'><b>{n:g}</b></i>" for n in _LEVELS)
