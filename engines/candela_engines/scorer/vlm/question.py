"""What a served model is asked: a grade and its SDR reference as HLG frames, and what was measured of
both.
"""

from __future__ import annotations

import math
from typing import Any

from candela_engines.scorer.descriptors import Description

__all__ = ["messages_of", "question_text"]

# What HDR-VLM's stage one names: peak, average, highlights, shadows, chroma, contrast; in words and units.
_TOLD: tuple[tuple[str, str, str], ...] = (
    ("grade.light.peak_rgb", "peak", "nit"),
    ("grade.light.fall", "frame average of the brightest channel", "nit"),
    ("grade.light.log_average", "log average", "nit"),
    ("grade.light.p5", "5th percentile", "nit"),
    ("grade.light.p50", "median", "nit"),
    ("grade.light.p95", "95th percentile", "nit"),
    ("grade.light.over_203", "above reference white, 203 nit", "share"),
    ("grade.light.over_500", "above 500 nit", "share"),
    ("grade.limits.at_peak", "at the peak", "share"),
    ("grade.light.shadow_spread", "spread of the shadows", "PU21"),
    ("grade.light.mid_contrast", "contrast of the mid tones", "PU21"),
    ("grade.colour.chroma", "mean chroma", "ΔE_ITP"),
    ("grade.colour.out_709", "outside BT.709", "share"),
    ("pair.tone.stops", "brighter than the reference with its white at 203 nit", "stops"),
    ("pair.tone.clip_lost", "clipped where the reference has detail", "share"),
    ("pair.tone.crush_lost", "crushed where the reference has detail", "share"),
    ("pair.colour.chroma_ratio", "chroma against the reference", "factor"),
    ("pair.detail.noise_added", "noise that the reference has not", "PU21"),
)

_TASK = (
    "You judge HDR grading. The first picture is an HDR grade, the second the SDR version of the same shot, "
    "the reference. Both are HLG codes of BT.2020 for a display of 1000 nit, the reference with its white at "
    "203 nit. Score the grade against the reference from -6 (much worse) by 0 (as good) to 10 (much better): "
    "highlights, shadows, tone, colour, artefacts. Measured of them:\n{told}\n"
    "Give your reasons and the score exactly in this form and nothing else: "
    "<think>reasons</think><answer>score</answer>"
)


def question_text(description: Description) -> str:
    """The words: task, what was measured with units, and the form of the answer."""
    lines = []
    for name, words, unit in _TOLD:
        value = description[name]
        if math.isnan(value):
            continue
        if unit == "nit":
            value = 10**value
        elif unit == "factor":
            value = math.exp(value)
        shown = f"{100 * value:.2g} %" if unit == "share" else f"{value:.3g} {unit}"
        lines.append(f"- {words}: {shown}")
    return _TASK.format(told="\n".join(lines))


def messages_of(grade_url: str, reference_url: str, text: str) -> list[dict[str, Any]]:
    """The messages of a chat request: two pictures, then the words."""
    content: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": url}} for url in (grade_url, reference_url)
    ]
    return [{"role": "user", "content": [*content, {"type": "text", "text": text}]}]
