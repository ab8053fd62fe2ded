"""Questions and answers as tensors: what the model sees, and which words it is judged by."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from candela_engines.errors import InputError
from candela_engines.scorer.preference.prompt import answer, prompt, rationale

__all__ = ["IGNORED", "Example", "asked", "log_probs", "never_said", "read_examples", "taught"]

IGNORED = -100
"""Label of a word that no loss counts."""


@dataclass(frozen=True)
class Example:
    """A version of a source. grade, reference: HLG pictures, PIL images or paths; label: points, −6 to 10."""

    source: str
    grade: tuple[Any, ...]
    reference: tuple[Any, ...]
    descriptors: Mapping[str, float]
    label: float
    reason: str = ""

    @property
    def pictures(self) -> list[Any]:
        """The grade's, then the reference's."""
        return [*self.grade, *self.reference]

    @property
    def told(self) -> str:
        """The answer that supervision teaches."""
        return answer(self.label, self.reason or rationale(self.descriptors))


def read_examples(path: Path) -> list[Example]:
    """Lines of JSON: source, grade and reference (paths beside the file), descriptors, label, perhaps reason.

    Raises InputError with the line's number for what is none, and for pictures that are not there.
    """
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            pictures = [tuple(path.parent / str(p) for p in row[key]) for key in ("grade", "reference")]
            label = float(row["label"])
            descriptors = {str(k): float(v) for k, v in row["descriptors"].items()}
            source, reason = str(row["source"]), str(row.get("reason", ""))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{path.name} line {number}: {type(error).__name__} {error}") from error
        if not np.isfinite(label) or not all(pictures) or len(pictures[0]) != len(pictures[1]):
            raise InputError(
                f"{path.name} line {number}: a finite label and as many pictures of both are needed"
            )
        missing = [p.name for side in pictures for p in side if not p.is_file()]
        if missing:
            raise InputError(f"{path.name} line {number}: {missing[0]} is not there")
        found.append(Example(source, pictures[0], pictures[1], descriptors, label, reason))
    if not found:
        raise InputError(f"{path.name}: no examples in it")
    return found


def asked(processor: Any, examples: Sequence[Example]) -> dict[str, torch.Tensor]:
    """Inputs of the questions alone, padded on the left: what answers are drawn after."""
    return _tensors(processor, [_question(processor, e) for e in examples], examples, "left")


def taught(processor: Any, examples: Sequence[Example]) -> dict[str, torch.Tensor]:
    """Inputs and `labels` of questions with their answers: only the answer's words and its end count."""
    questions = [_question(processor, e) for e in examples]
    end = processor.tokenizer.eos_token
    whole = [q + e.told + end for q, e in zip(questions, examples, strict=True)]
    batch = _tensors(processor, whole, examples, "right")
    alone = _tensors(processor, questions, examples, "right")["attention_mask"].sum(1)
    labels = batch["input_ids"].clone()
    places = torch.arange(labels.shape[1])[None, :]
    labels[(places < alone[:, None]) | (batch["attention_mask"] == 0)] = IGNORED
    return batch | {"labels": labels}


def never_said(model: Any) -> list[int]:
    """Words that stand for pictures. An answer that held one would ask for a patch that is not there."""
    names = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")
    return [int(word) for name in names if (word := getattr(model.config, name, None)) is not None]


def log_probs(
    model: Any, batch: Mapping[str, torch.Tensor], words: int, temperature: float = 1.0
) -> torch.Tensor:
    """(B, words) log-probabilities of the last `words` of `input_ids`, of logits divided by `temperature`.

    Words for pictures have no probability, as in drawing.
    """
    inputs = {key: value for key, value in batch.items() if key != "labels"}
    # Only the last words' logits: a vocabulary of 150,000 for every patch of a picture would fill the memory.
    logits = model(**inputs, use_cache=False, logits_to_keep=words + 1).logits[:, :-1].float() / temperature
    logits[..., never_said(model)] = -torch.inf
    chosen = batch["input_ids"][:, -words:]
    return torch.log_softmax(logits, -1).gather(-1, chosen[..., None])[..., 0]


def _question(processor: Any, example: Example) -> str:
    text = prompt(example.descriptors, frames=len(example.grade))
    content = [{"type": "image"} for _ in example.pictures] + [{"type": "text", "text": text}]
    said = processor.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    return str(said)


def _tensors(
    processor: Any, texts: Sequence[str], examples: Sequence[Example], side: str
) -> dict[str, torch.Tensor]:
    pictures = [[_opened(p) for p in e.pictures] for e in examples]
    before, processor.tokenizer.padding_side = processor.tokenizer.padding_side, side
    try:
        made = processor(text=list(texts), images=pictures, return_tensors="pt", padding=True)
    finally:
        processor.tokenizer.padding_side = before
    return dict(made)


def _opened(picture: Any) -> Any:
    if not isinstance(picture, Path):
        return picture
    from PIL import Image

    try:
        with Image.open(picture) as opened:
            return opened.convert("RGB")
    except OSError as error:
        raise InputError(f"{picture.name}: no picture that can be read ({error})") from error
