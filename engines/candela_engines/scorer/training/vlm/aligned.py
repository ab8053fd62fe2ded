"""Second stage: the two-step curriculum, a whole source at a time.

The rewards, advantages and schedules are `scorer.alignment`'s. What is not of the form of an answer has no
score; it earns less than any that has one. Every word of an answer has its answer's advantage; the ratio is
clipped a word at a time, and the KL to the frozen reference is Schulman's third estimator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from candela_engines.scorer.alignment import (
    Curriculum,
    Levels,
    Rewards,
    dynamic_levels,
    group_relative,
    kl_weight,
    silent_share,
)
from candela_engines.scorer.alignment.steps import Reward
from candela_engines.scorer.preference.prompt import parse
from candela_engines.scorer.training.vlm.inputs import Example, asked, log_probs, never_said
from candela_engines.scorer.training.vlm.sharded import gathered, on, place

__all__ = ["Drawn", "How", "align", "draw", "objective"]

FORM = 0.5
"""What an answer earns for its form alone."""


@dataclass(frozen=True, slots=True)
class How:
    """samples: K answers a version; temperature of drawing; words: at most; passes over one set of answers.

    versions: how many go through the model at once. sources: an update, for each process. clip: ε.
    """

    samples: int = 16
    temperature: float = 0.6
    words: int = 800
    rate: float = 1e-5
    passes: int = 1
    clip: float = 0.2
    versions: int = 1
    sources: int = 1
    kl: tuple[float, float, float] = (0.02, 0.04, 0.02)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Answers to the questions of some versions: inputs of (B·K) rows, mask (B·K, words) of words that count.

    texts: (B·K); scores (B, K), NaN where an answer is not of the form.
    """

    inputs: dict[str, torch.Tensor]
    mask: torch.Tensor
    texts: list[str]
    scores: np.ndarray


def draw(model: Any, processor: Any, examples: Sequence[Example], how: How) -> Drawn:
    """K answers of each version, drawn by the policy as it is. Words after an answer's end do not count."""
    questions = on(model, asked(processor, examples))
    was = model.training
    model.eval()
    with torch.no_grad():
        whole = model.generate(
            **questions,
            do_sample=True,
            temperature=how.temperature,
            top_p=1.0,
            top_k=0,
            suppress_tokens=never_said(model),
            max_new_tokens=how.words,
            num_return_sequences=how.samples,
            eos_token_id=processor.tokenizer.eos_token_id,
            pad_token_id=processor.tokenizer.pad_token_id,
            synced_gpus=False,
        )
    model.train(was)
    start = questions["input_ids"].shape[1]
    said = whole[:, start:]
    ended = (said == processor.tokenizer.eos_token_id).cumsum(1)
    # The end itself counts, what comes after it does not.
    mask = (ended == 0) | ((ended == 1) & (said == processor.tokenizer.eos_token_id))
    texts = [
        processor.tokenizer.decode(row[counted & (row != processor.tokenizer.eos_token_id)])
        for row, counted in zip(said, mask, strict=True)
    ]
    found = [parse(text) for text in texts]
    scores = np.array([np.nan if score is None else score for score in found]).reshape(-1, how.samples)
    attention = torch.cat([questions["attention_mask"].repeat_interleave(how.samples, 0), mask.long()], 1)
    inputs = {"input_ids": whole, "attention_mask": attention}
    if "mm_token_type_ids" in questions:
        kinds = questions["mm_token_type_ids"].repeat_interleave(how.samples, 0)
        inputs["mm_token_type_ids"] = torch.cat([kinds, torch.zeros_like(said)], 1)
    inputs |= _pictures(questions, len(examples), how.samples)
    return Drawn(inputs, mask, texts, scores)


def _pictures(questions: Mapping[str, torch.Tensor], versions: int, samples: int) -> dict[str, torch.Tensor]:
    """Patches and grids of every row: those of a version, once for each of its answers."""
    grid = questions["image_grid_thw"]
    each = len(grid) // versions
    patches = torch.split(questions["pixel_values"], grid.prod(1).tolist())
    order = [v * each + p for v in range(versions) for _ in range(samples) for p in range(each)]
    return {"pixel_values": torch.cat([patches[i] for i in order]), "image_grid_thw": grid[order]}


def objective(
    now: torch.Tensor,
    before: torch.Tensor,
    reference: torch.Tensor,
    pull: torch.Tensor,
    mask: torch.Tensor,
    *,
    clip: float,
    beta: float,
) -> torch.Tensor:
    """J of rows (B, words): the mean over answers of the mean over their words. pull: (B,)."""
    ratio = torch.exp(now - before)
    gain = torch.minimum(ratio * pull[:, None], ratio.clamp(1 - clip, 1 + clip) * pull[:, None])
    apart = reference - now
    kl = torch.expm1(apart) - apart
    counted = mask.to(now.dtype)
    each = ((gain - beta * kl) * counted).sum(1) / counted.sum(1).clamp(min=1)
    return each.mean()


def align(
    model: Any,
    reference: Any,
    processor: Any,
    examples: Sequence[Example],
    curriculum: Curriculum,
    rewards: Rewards,
    how: How,
    *,
    seed: int = 0,
    begin: int = 0,
    after: Callable[[int, dict[str, float]], None] | None = None,
) -> list[dict[str, float]]:
    """What each update of the curriculum earned, from `begin` on; figures are of this process' sources.

    reference: the frozen policy of the KL. An update takes `how.sources` sources for each process, all
    versions of each, so that ranks are of a whole list; what is drawn depends on the seed, the update and a
    source's place in it, not on how many processes share them. after: called with the update and its figures.
    """
    rank, ranks = place()
    sources = sorted({e.source for e in examples})
    lists = {s: [e for e in examples if e.source == s] for s in sources}
    levels = {s: dynamic_levels([e.label for e in of]) for s, of in lists.items()}
    random = np.random.default_rng(seed)
    learning = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=how.rate)
    reference.eval()
    notes = []
    for update in range(curriculum.updates):
        wanted = ranks * how.sources
        chosen = random.choice(sources, wanted, replace=len(sources) < wanted)
        if update < begin:
            continue
        phase, at = curriculum.at(update)
        start, peak, end = how.kl
        beta = kl_weight(at, phase.updates, start=start, peak=peak, end=end)
        told = []
        with gathered(model):
            for number in range(rank, wanted, ranks):
                of = lists[str(chosen[number])]
                with _dice(model, seed, update, number):
                    drawn = [draw(model, processor, part, how) for part in _parts(of, how.versions)]
                truth = np.array([e.label for e in of])
                told.append(_judged(drawn, truth, levels[str(chosen[number])], rewards.of(phase.kind)))
        parts = [part for one in told for part in one.parts]
        with torch.no_grad():
            before, anchor = (
                [log_probs(m, d.inputs, d.mask.shape[1], how.temperature) for d, _, _ in parts]
                for m in (model, reference)
            )
        for _ in range(how.passes):
            optimiser.zero_grad(set_to_none=True)
            for (d, pull, share), old, held in zip(parts, before, anchor, strict=True):
                now = log_probs(model, d.inputs, d.mask.shape[1], how.temperature)
                force = torch.as_tensor(pull.reshape(-1), dtype=now.dtype, device=now.device)
                gain = objective(now, old, held, force, d.mask, clip=how.clip, beta=beta)
                (-gain * share / how.sources).backward()
            torch.nn.utils.clip_grad_norm_(learning, 1.0)
            optimiser.step()
        notes.append({key: float(np.mean([one.said[key] for one in told])) for key in told[0].said})
        notes[-1]["beta"] = beta
        if after is not None:
            after(update, notes[-1])
    return notes


@dataclass(frozen=True, eq=False)
class _Judged:
    """Of a source. parts: answers, advantages (B, K) and the share of its versions. said: figures."""

    parts: list[tuple[Drawn, np.ndarray, float]]
    said: dict[str, float]


def _judged(drawn: Sequence[Drawn], truth: np.ndarray, levels: Levels, reward: Reward) -> _Judged:
    scores = np.concatenate([d.scores for d in drawn])
    form = np.isfinite(scores)
    earned = reward(scores, truth, levels) + np.where(form, FORM, 0.0)
    pull = group_relative(earned)
    ends = np.cumsum([len(d.scores) for d in drawn])
    parts = [
        (d, pull[end - len(d.scores) : end], len(d.scores) / len(truth))
        for d, end in zip(drawn, ends, strict=True)
    ]
    said = {"reward": earned.mean(), "of form": form.mean(), "silent": silent_share(earned)}
    return _Judged(parts, {key: float(value) for key, value in said.items()})


@contextmanager
def _dice(model: Any, *numbers: int) -> Iterator[None]:
    """Torch's random numbers as those numbers have them, and as they were afterwards."""
    where = next(model.parameters()).device
    with torch.random.fork_rng([where] if where.type == "cuda" else []):
        torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1)[0]))
        yield


def _parts(examples: Sequence[Example], size: int) -> list[Sequence[Example]]:
    return [examples[i : i + size] for i in range(0, len(examples), size)]
