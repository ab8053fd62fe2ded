"""Second stage: a network on the pairs, resumable at any step and the same whatever was interrupted.

    python -m candela_engines.upconvert.training.train agcm PAIRS OUT [--more CURVES] [--hold-out aces1]

What is learnt is a departure from the reference renderings (`anchor`). A picture's loss is the logarithm of
its mean squared error in PQ codes, as its PSNR counts it. The operators of a batch are drawn evenly, and
those count for more (group DRO) at which the network is worst beside the best reference rendering that is not
the operator's own inverse. Adam with betas .9 and .99, halved at 20, 40, 60 and 80 % of the steps, as AGCM's
published schedule; what is kept is a running mean of the weights. Sources are split by `data.split_of`;
operators held out are in no pair that is learnt from. OUT gets `state.pt` to go on from, `log.jsonl`, and
`NAME.npz`, the weights of the step that was best on the sources for validation.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from candela_engines.scorer.training.keeping import Kept
from candela_engines.scorer.training.pictures import generator
from candela_engines.upconvert.anchors import ANCHORS
from candela_engines.upconvert.training.anchor import Anchored
from candela_engines.upconvert.training.batches import PARTS, Looks, drawn, predicted, read, usable
from candela_engines.upconvert.training.curves import CURVE
from candela_engines.upconvert.training.data import Pairs, load_pairs, split_of

__all__ = ["Settings", "main", "train"]

_HALVINGS = (0.2, 0.4, 0.6, 0.8)
_FLOOR = 3e-5  # of a mean squared error: about half an 8-bit code
_OWN = {"bt2446a": "bt2446a", "bt2446c": "bt2446c"}
_SHOWN = 24  # pairs of every operator for validation
_MEMORY, _SHARPNESS = 0.98, 2.0


@dataclass(frozen=True)
class Settings:
    """pairs: of a step. crop: pixels of a side. every: steps between validations. hold_out: operators that
    nothing is learnt from. begin: file of AGCM's weights that an HDCFM begins as.
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


def errors_of(network: Anchored, batch: Any, edge: int) -> tuple[Tensor, np.ndarray]:
    """Logarithms of the mean squared error (n,), and by how much they are above the best reference's."""
    made, anchors = predicted(network, batch)
    wanted = batch.wanted
    if edge and min(wanted.shape[2:]) > 2 * edge:
        # The zero padding of a filter at the edge of a crop is no edge of the picture.
        made, wanted, anchors = (t[..., edge:-edge, edge:-edge] for t in (made, wanted, anchors))
    found = torch.log((made - wanted).square().mean((1, 2, 3)) + _FLOOR)
    with torch.no_grad():
        beside = torch.log((anchors - wanted[:, None]).square().mean((2, 3, 4)) + _FLOOR).numpy()
    return found, beside


class Regrets(dict[str, list[float]]):
    """By operator the errors, in logarithms, of the network and of the references, each a running mean."""

    def add(self, operator: str, found: float, beside: np.ndarray) -> None:
        """One picture's."""
        new = [found, *beside.tolist()]
        old = self.get(operator, new)
        self[operator] = [_MEMORY * a + (1 - _MEMORY) * b for a, b in zip(old, new, strict=True)]

    def of(self, operator: str) -> float:
        """By how much the network is above the best reference that is not the operator's own inverse."""
        found, *beside = self[operator]
        rivals = [e for name, e in zip(ANCHORS, beside, strict=True) if _OWN.get(operator) != name]
        return found - min(rivals)

    def published(self) -> list[str]:
        """Operators that are no random curves: those are sorted by the reference that is best, which nobody
        who sees SDR alone could choose, so that by their regret they would get all the weight.
        """
        return [name for name in self if not name.startswith(CURVE)]

    def weights(self, operators: Sequence[str]) -> np.ndarray:
        """Of pictures by their operators, 1 in the mean over the published, and of random curves."""
        strength = {name: np.exp(_SHARPNESS * np.clip(self.of(name), -1, 1)) for name in self.published()}
        mean = float(np.mean(list(strength.values()))) if strength else 1.0
        return np.array([strength.get(name, mean) / mean for name in operators], np.float32)


def train(
    settings: Settings, pairs: Sequence[Pairs], out: Path, *, until: int | None = None
) -> dict[str, Any]:
    """Train to the last step, or to step `until`, from where `out` is at; the last line of its log."""
    torch.manual_seed(settings.seed)
    network, looks = Anchored(settings.name), Looks(settings.name, pairs)
    adam = torch.optim.Adam(network.parameters(), settings.rate, betas=(0.9, 0.99))
    learnt, shown = grouped(looks, settings, "train"), grouped(looks, settings, "validate")
    edge = 0 if settings.name == "agcm" else 6
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
    last: dict[str, Any] = {}
    began, losses = time.monotonic(), list[float]()
    end = settings.steps if until is None else until
    while step < end:
        random = generator("step", settings.seed, step)
        torch.manual_seed(int(random.integers(1 << 62)))
        network.train()
        rate = settings.rate * 0.5 ** sum(step >= share * settings.steps for share in _HALVINGS)
        for group in adam.param_groups:
            group["lr"] = rate
        chosen = drawn(learnt, settings.pairs, random)
        batch = read(looks, settings.name, chosen, settings.crop, random, parts=PARTS)
        found, beside = errors_of(network, batch, edge)
        for operator, error, rivals in zip(batch.operators, found.tolist(), beside, strict=True):
            regrets.add(operator, error, rivals)
        adam.zero_grad()
        (found * torch.from_numpy(regrets.weights(batch.operators))).mean().backward()  # type: ignore[no-untyped-call]
        adam.step()
        mean.update_parameters(network)
        losses.append(float(found.mean().detach()))
        step += 1
        if step % settings.every == 0 or step == end:
            shown_error, worst, where = validated(mean.module, shown, settings, looks)
            last = {
                "step": step, "rate": rate, "log_mse": float(np.mean(losses)), "validation": shown_error,
                "worst_regret": worst, "worst": where, "seconds": round(time.monotonic() - began, 1),
            }  # fmt: skip
            losses.clear()
            if shown_error + max(worst, 0) < best:
                best = shown_error + max(worst, 0)
                np.savez(out / f"{settings.name}.npz", **mean.module.arrays())  # type: ignore[arg-type]
            keeping.write(
                last, network=network.state_dict(), mean=mean.state_dict(), adam=adam.state_dict(),
                step=step, best=best, regrets=dict(regrets),
            )  # fmt: skip
    return last


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
    """Mean over operators of the mean error of the same pairs every time; the worst regret and whose."""
    network.eval()
    regrets, means = Regrets(), []
    for operator, some in sorted(shown.items()):
        random = generator("validation", operator)
        places = random.choice(len(some), size=min(_SHOWN, len(some)), replace=False)
        chosen = [some[int(at)] for at in places]
        batch = read(looks, settings.name, chosen, settings.crop, random)
        with torch.no_grad():
            found, beside = errors_of(network, batch, 0)
        regrets[operator] = [float(found.mean()), *beside.mean(axis=0).tolist()]
        means.append(float(found.mean()))
    worst = max(regrets.published(), key=regrets.of)
    return float(np.mean(means)), regrets.of(worst), worst


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
    parser.add_argument("--begin", default="", metavar="AGCM.npz", help="weights that an HDCFM begins as")
    parser.add_argument("--hold-out", default="", help="operators, joined by commas")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    asked.out.mkdir(parents=True, exist_ok=True)
    hold_out = tuple(word for word in asked.hold_out.split(",") if word)
    settings = Settings(
        asked.name, asked.steps, asked.rate, asked.pairs_a_step, asked.crop, asked.every, asked.seed,
        asked.begin, hold_out,
    )  # fmt: skip
    pairs = [one for folder in (asked.pairs, *asked.more) for one in load_pairs(folder)]
    train(settings, pairs, asked.out)


if __name__ == "__main__":
    main()
