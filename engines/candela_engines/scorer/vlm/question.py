"""What a served model is asked: two pictures, then the words that such a model is trained with."""

from __future__ import annotations

from typing import Any

from candela_engines.scorer.descriptors import Description
from candela_engines.scorer.preference.prompt import prompt

__all__ = ["messages_of", "question_text"]


def question_text(description: Description) -> str:
    """The words: what is shown, what was measured with units, and the form of the answer."""
    measured = {name: value for name, value in description.to_dict().items() if value is not None}
    return prompt(measured, frames=1)


def messages_of(grade_url: str, reference_url: str, text: str) -> list[dict[str, Any]]:
    """The messages of a chat request: the grade, the reference, then the words."""
    content: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": url}} for url in (grade_url, reference_url)
    ]
    return [{"role": "user", "content": [*content, {"type": "text", "text": text}]}]
