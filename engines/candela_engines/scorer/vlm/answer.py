"""What of an answer counts: exactly `<think>…</think><answer>number</answer>`, the number in range.

A model is made to answer so by constrained decoding where the server can (`PATTERN`), and is held to it here
whether or not. Anything else is no score: a number that merely stands somewhere in a text is none.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from candela_engines.scorer.engine import HIGHEST, LOWEST

__all__ = ["PATTERN", "Answer", "parse_answer"]

PATTERN = r"<think>[^<]{1,2500}</think>\s{0,4}<answer>-?[0-9]{1,2}(\.[0-9]{1,2})?</answer>"
"""For the server, a regular expression of the whole answer that its grammar compilers take."""

_SHAPE = re.compile(r"\s*<think>(?P<think>.*?)</think>\s*<answer>(?P<answer>[^<>]*)</answer>\s*", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(\.[0-9]{1,12})?")
_FAR = 2.0
_MOST_THOUGHT = 4000


@dataclass(frozen=True, slots=True)
class Answer:
    """score: −6 to 10, None with the reason in `why`. clamped: whether it lay a little outside. think:
    reasons in the model's own words, cut to 4000 characters, control characters out."""

    score: float | None
    clamped: bool
    think: str
    why: str


def parse_answer(text: str) -> Answer:
    """An answer, or why it is none. Outside −6 to 10 by up to 2 it is brought inside and said so; further
    off it is nonsense."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        return Answer(None, False, _plain(text), "not of the form <think>…</think><answer>number</answer>")
    think, said = _plain(found["think"]), found["answer"].strip()
    if not _NUMBER.fullmatch(said):
        return Answer(None, False, think, f"{said[:40]!r} is no number")
    value = float(said)
    if not math.isfinite(value) or not LOWEST - _FAR <= value <= HIGHEST + _FAR:
        return Answer(None, False, think, f"{said[:40]} is far outside -6 to 10")
    held = min(max(value, LOWEST), HIGHEST)
    return Answer(held, held != value, think, "")


def _plain(text: str) -> str:
    cut = " ".join(text[: 4 * _MOST_THOUGHT].split())
    return "".join(c for c in cut if c.isprintable())[:_MOST_THOUGHT]
