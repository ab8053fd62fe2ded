"""What a large model is asked, and the one form of its answer: training and serving share these words.

    <think>reasons in words</think><answer>score</answer>       −6 to 10, the SDR reference at 0

Nothing is imported but the standard library.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

__all__ = ["ANSWER", "HIGHEST", "LOWEST", "answer", "parse", "prompt", "rationale"]

LOWEST, HIGHEST = -6.0, 10.0

ANSWER = r"<think>[^<]{1,2500}</think>\s*<answer>-?\d{1,2}(\.\d{1,2})?</answer>"
"""The whole of an answer, as a regular expression that servers can constrain decoding to."""

_WHOLE = re.compile(rf"\s*{ANSWER}\s*")
_NUMBER = re.compile(r"<answer>(-?\d{1,2}(?:\.\d{1,2})?)</answer>")

_SHOWN: tuple[tuple[str, str, str], ...] = (
    ("grade.light.peak_rgb", "peak", "log10 nit"),
    ("grade.light.log_average", "average light", "log10 nit"),
    ("pair.tone.stops", "exposure against the reference", "stops"),
    ("pair.tone.clip_lost", "highlights lost", "share"),
    ("pair.tone.crush_lost", "shadows lost", "share"),
    ("diff.colour.chroma", "chroma against the reference", "ΔE_ITP"),
    ("grade.banding.contours", "visible contours", "a line"),
    ("pair.detail.noise_added", "noise added", "PU21"),
)
"""Descriptors that are told: name, words, unit. Those that a picture holds no evidence of are left out."""


def prompt(descriptors: Mapping[str, float], *, frames: int = 1) -> str:
    """The text after the pictures: `frames` of the grade, then as many of the SDR reference, all as HLG.

    descriptors: by the names of `scorer.names()`; only those of a fixed list that are finite are told.
    """
    lines = [
        f"{words}: {descriptors[name]:.3g} {unit}" for name, words, unit in _SHOWN if _told(descriptors, name)
    ]
    measured = "Measured: " + "; ".join(lines) + "." if lines else "Nothing was measured."
    shown = "The first picture is" if frames == 1 else f"The first {frames} pictures are"
    return (
        f"{shown} of an HDR grade, the others of the SDR reference of the same shot, both as HLG of a "
        f"1000-nit display. {measured} How good is the grade beside the reference? 0 is as good as the "
        "reference, 10 the best that can be had, below 0 worse than it, -6 the worst. Reason in "
        "<think></think>, then give one number in <answer></answer>."
    )


def rationale(descriptors: Mapping[str, float], most: int = 3) -> str:
    """A reason by template, of the descriptors told: what supervised answers hold, no language model's."""
    found = [(name, words, unit) for name, words, unit in _SHOWN if _told(descriptors, name)]
    found.sort(key=lambda row: -abs(descriptors[row[0]]))
    said = [f"{words} is {descriptors[name]:.3g} {unit}" for name, words, unit in found[:most]]
    return ("The " + ", the ".join(said) + ".") if said else "Nothing stands out."


def answer(score: float, reason: str) -> str:
    """An answer of the form, the score held to the scale. ValueError for NaN or for `<` in the reason."""
    text = reason.strip()
    if not math.isfinite(score) or not 1 <= len(text) <= 2500 or "<" in text:
        raise ValueError(
            f"an answer of {score} and {len(text)} characters of reason: a number and 1 to 2500, no <"
        )
    held = min(max(score, LOWEST), HIGHEST)
    # + 0.0: no minus before a zero.
    return f"<think>{text}</think><answer>{round(held, 2) + 0.0:.2f}</answer>"


def parse(text: str) -> float | None:
    """The score of an answer, held to the scale; None for anything that is not of the form as a whole."""
    if _WHOLE.fullmatch(text) is None:
        return None
    found = _NUMBER.search(text)
    return None if found is None else min(max(float(found.group(1)), LOWEST), HIGHEST)


def _told(descriptors: Mapping[str, float], name: str) -> bool:
    return math.isfinite(descriptors.get(name, math.nan))
