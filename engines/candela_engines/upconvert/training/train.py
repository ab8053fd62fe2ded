"""Second stage: a network on the pairs, resumable at any step and the same whatever was interrupted.

    python -m candela_engines.upconvert.training.train agcm PAIRS OUT [--more CURVES] [--hold-out aces1]

What is learnt is a departure from the reference renderings (`anchor`). A picture's loss is the logarithm of
its mean squared error in PQ codes, as its PSNR counts it. The operators of a batch are drawn evenly, and
those count for more (group DRO) at which the network is worst beside the best reference rendering that is not
the operator's own inverse; with a guard, pictures count for more that are worse than by method C. Adam with
betas .9 and .99, halved at 20, 40, 60 and 80 % of the steps, as AGCM's published schedule, or, of what begins
as a trained AGCM, along a cosine to 0; what is kept is a running mean of the weights. Sources are split by
`data.split_of`; operators held out are in no pair that is learnt from. OUT gets `state.pt`
to go on from, `log.jsonl`, and `NAME.npz`, the weights of the step that was best on the sources for
validation.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from candela_engines.scorer.training.keeping import Kept
from candela_engines.scorer.training.pictures import generator
from candela_engines.upconvert.anchors import ANCHORS
from candela_engines.upconvert.training.anchor import Anchored
from candela_engines.upconvert.training.batches import PARTS, Looks, drawn, read, usable
from candela_engines.upconvert.training.data import Pairs, load_pairs, split_of
from candela_engines.upconvert.training.regrets import GUARDED, Regrets, below, errors_of

__all__ = ["Settings", "main", "train"]

_HALVINGS = (0.2, 0.4, 0.6, 0.8)
_SLOWLY = 60  # steps
_TRAINED = 0.1  # of the rate, for what has been trained
_CROPS = 6  # of a picture for validation
_SHOWN = 24  # pairs of every operator for validation


@dataclass(frozen=True)
class Settings:
    """pairs: of a step. crop: pixels of a side. every: steps between validations. hold_out: operators that
    nothing is learnt from. begin: file of AGCM's weights to begin as. crops: of a pair. first: steps in which
    an HDCFM keeps them and the rest of it learns. guard: weight of the logarithm that a picture is worse by
    than by method C.
    """

    name: str
    steps: int = 6000
    rate: float = 1e-3
    pairs: int = 16
    crop: int = 18
    every: int = 400
    seed: int = 0
    begin: str = ""
    hold_out: tuple[str, ...] = ()
    crops: int = 1
    first: int = 0
    guard: float = 0.0

    def rate_at(self, step: int) -> float:
        """Halved at 20, 40, 60 and 80 %; of what begins trained a cosine's half, after a slow beginning."""
        if self.begin:
            falling = 0.5 * (1 + math.cos(math.pi * step / self.steps))
            return self.rate * min(1, (step + 1) / _SLOWLY) * falling
        return self.rate * 0.5 ** sum(step >= share * self.steps for share in _HALVINGS)


def train(
    settings: Settings, pairs: Sequence[Pairs], out: Path, *, until: int | None = None
) -> dict[str, Any]:
    """Train to the last step, or to step `until`, from where `out` is at; the last line of its log."""
    torch.manual_seed(settings.seed)
    network, looks = Anchored(settings.name), Looks(settings.name, pairs)
    new, trained = network.own() if settings.begin else (list(network.parameters()), [])
    adam = torch.optim.Adam([{"params": new}, {"params": trained}], settings.rate, betas=(0.9, 0.99))
    learnt, shown = grouped(looks, settings, "train"), grouped(looks, settings, "validate")
    some = drawn(learnt, 300, generator("standard", settings.seed))
    network.standardise([looks.of(*one).levels for one in some])
    if settings.begin:
        with np.load(settings.begin, allow_pickle=False) as data:
            network.begin_as(data)
    decay = 1 - min(1, max(1 / 500, 5 / settings.steps))  # over some 500 steps, or a fifth of the training
    mean = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay))
    step, best, regrets = 0, float("inf"), Regrets()
    keeping = Kept(out, settings)
    if (kept := keeping.read()) is not None:
        network.load_state_dict(kept["network"])
        mean.load_state_dict(kept["mean"])
        adam.load_state_dict(kept["adam"])
        step, best = kept["step"], kept["best"]
        regrets.update(kept["regrets"])

    def keep(line: dict[str, Any]) -> dict[str, Any]:
        """Validate, and keep all that there is at this step, with a line about it."""
        nonlocal best
        best, (error, worst, where) = kept_if_better(mean.module, shown, settings, looks, out, best)
        line |= {"validation": error, "worst_regret": worst, "worst": where}
        keeping.write(
            line, network=network.state_dict(), mean=mean.state_dict(), adam=adam.state_dict(), step=step,
            best=best, regrets=dict(regrets),
        )  # fmt: skip
        return line

    if settings.begin and step == 0:
        keep({"step": 0})
    last: dict[str, Any] = {}
    began, losses = time.monotonic(), list[float]()
    end = settings.steps if until is None else until
    while step < end:
        random = generator("step", settings.seed, step)
        torch.manual_seed(int(random.integers(1 << 62)))
        network.train()
        rate = settings.rate_at(step)
        for group, share in zip(adam.param_groups, (1, _TRAINED), strict=True):
            group["lr"] = rate * share
        for parameter in trained:
            parameter.requires_grad_(step >= settings.first)
        chosen = drawn(learnt, settings.pairs, random)
        batch = read(looks, settings.name, chosen, settings.crop, random, parts=PARTS, crops=settings.crops)
        found, beside = errors_of(network, batch)
        for operator, error, rivals in zip(batch.operators, found.tolist(), beside, strict=True):
            regrets.add(operator, error, rivals)
        adam.zero_grad()
        loss = (found * torch.from_numpy(regrets.weights(batch.operators))).mean()
        if settings.guard:
            loss = loss + settings.guard * below(found, beside, batch.operators)
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
        mean.update_parameters(network)
        losses.append(float(found.mean().detach()))
        step += 1
        if step % settings.every == 0 or step == end:
            seconds = round(time.monotonic() - began, 1)
            last = {"step": step, "rate": rate, "log_mse": float(np.mean(losses)), "seconds": seconds}
            last = keep(last)
            losses.clear()
    return last


def kept_if_better(
    network: Anchored, shown: dict[str, list[tuple[int, int]]], settings: Settings, looks: Looks, out: Path,
    best: float,
) -> tuple[float, tuple[float, float, str]]:  # fmt: skip
    """Write the weights if they are better than the best so far; the best, and what `validated` gives."""
    found = validated(network, shown, settings, looks)
    if (here := found[0] + max(found[1], 0)) < best:
        np.savez(out / f"{settings.name}.npz", **network.arrays())  # type: ignore[arg-type]
        return here, found
    return best, found


def grouped(looks: Looks, settings: Settings, part: str) -> dict[str, list[tuple[int, int]]]:
    """Sources and places of a part of the split, by operator."""
    split = split_of([one.group for one in looks.pairs])
    found: dict[str, list[tuple[int, int]]] = {}
    for source, one in enumerate(looks.pairs):
        if split[one.group] == part:
            for at in usable(one, settings.hold_out):
                found.setdefault(looks.family(source, at), []).append((source, at))
    return found


def validated(
    network: Anchored, shown: dict[str, list[tuple[int, int]]], settings: Settings, looks: Looks
) -> tuple[float, float, str]:
    """Mean over operators of the mean error of the same pairs every time; the worst regret and whose.

    With a guard that is beside method C, which is what is guarded.
    """
    network.eval()
    regrets = Regrets((GUARDED,) if settings.guard else ANCHORS)
    for operator, some in sorted(shown.items()):
        random = generator("validation", operator)
        places = random.choice(len(some), size=min(_SHOWN, len(some)), replace=False)
        crops = 1 if settings.name == "agcm" else _CROPS
        chosen = [some[int(at)] for at in places]
        batch = read(looks, settings.name, chosen, settings.crop, random, crops=crops)
        with torch.no_grad():
            found, beside = errors_of(network, batch)
        regrets[operator] = [float(found.mean()), *beside.mean(axis=0).tolist()]
    worst = max(regrets.published(), key=regrets.of)
    return float(np.mean([found for found, *_ in regrets.values()])), regrets.of(worst), worst


def main(arguments: Sequence[str] | None = None) -> None:
    """Train or go on training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", choices=("agcm", "hdcfm"))
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--more", type=Path, action="append", default=[], help="pairs of the same sources")
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--pairs-a-step", type=int, default=Settings.pairs, metavar="N")
    parser.add_argument("--crop", type=int, default=Settings.crop)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=Settings.rate)
    parser.add_argument("--every", type=int, default=Settings.every, help="steps between validations")
    parser.add_argument("--begin", default="", metavar="AGCM.npz", help="weights to begin as")
    parser.add_argument("--first", type=int, default=0, help="steps in which it keeps them")
    parser.add_argument("--crops", type=int, default=1, help="crops of a pair")
    parser.add_argument("--guard", type=float, default=0, help="weight of falling below method C")
    parser.add_argument("--hold-out", default="", help="operators, joined by commas")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    asked.out.mkdir(parents=True, exist_ok=True)
    hold_out = tuple(word for word in asked.hold_out.split(",") if word)
    settings = Settings(
        asked.name, asked.steps, asked.rate, asked.pairs_a_step, asked.crop, asked.every, asked.seed,
        asked.begin, hold_out, asked.crops, asked.first, asked.guard,
    )  # fmt: skip
    pairs = [one for folder in (asked.pairs, *asked.more) for one in load_pairs(folder)]
    train(settings, pairs, asked.out)


if __name__ == "__main__":
    main()
