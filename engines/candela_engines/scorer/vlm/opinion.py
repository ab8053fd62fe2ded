"""A served model's opinion of one frame: the mean of several answers, or none."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from candela_engines.scorer.vlm.answer import Answer, parse_answer
from candela_engines.scorer.vlm.endpoint import Endpoint

__all__ = ["TEMPERATURE", "Opinion", "ask_opinion", "is_hdr_vlm", "pooled_answers"]

TEMPERATURE = 0.6
"""Of several answers, as HDR-VLM samples; a single one is asked at 0, so that it is the same again."""
_LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Opinion:
    """score: mean of the answers that count, None where more than half of those asked for do not (`why`).

    scores: of those that count; low, high: the least and most. asked: how many answers. thoughts: reasons in
    the model's words, one an answer, of what was asked and not of what was measured.
    """

    score: float | None
    scores: tuple[float, ...]
    asked: int
    clamped: int
    thoughts: tuple[str, ...]
    why: str

    def to_json(self) -> dict[str, Any]:
        """Bare numbers."""
        return {
            "score": None if self.score is None else round(self.score, 3),
            "answers": [round(value, 3) for value in self.scores],
            "asked": self.asked,
            "clamped": self.clamped,
            "abstained": self.why or None,
            "thoughts": list(self.thoughts),
        }


def ask_opinion(endpoint: Endpoint, messages: Sequence[dict[str, Any]], samples: int) -> Opinion:
    """Ask `samples` times: once at temperature 0, more often at TEMPERATURE. Errors as of `Endpoint.ask`."""
    texts = endpoint.ask(messages, count=samples, temperature=0.0 if samples == 1 else TEMPERATURE)
    return pooled_answers([parse_answer(text) for text in texts], samples)


def pooled_answers(answers: Sequence[Answer], asked: int) -> Opinion:
    """The mean of those that count, where at least half of those asked for do."""
    scores = tuple(answer.score for answer in answers if answer.score is not None)
    thoughts = tuple(answer.think for answer in answers if answer.score is not None)
    clamped = sum(answer.clamped for answer in answers)
    if len(scores) < max(1.0, _LEAST_SHARE * asked):
        wrong = [answer.why for answer in answers if answer.why]
        first = f" ({wrong[0]})" if wrong else ""
        why = f"{asked - len(scores)} of {asked} answers are none{first}"
        return Opinion(None, scores, asked, clamped, thoughts, why)
    return Opinion(statistics.fmean(scores), scores, asked, clamped, thoughts, "")


def is_hdr_vlm(name: str) -> bool:
    """Whether a served model says by its name that it is HDR-VLM; no other is called so."""
    return "hdr-vlm" in name.lower().replace("_", "-")
