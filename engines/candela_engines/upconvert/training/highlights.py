"""Third stage: the generator of highlights against a discriminator of patches, resumable at any step.

    python -m candela_engines.upconvert.training.highlights PAIRS OUT [--more CURVES] [--steps 3000]

The bases make light of SDR (engines, or networks that were trained), one by chance for every picture; what is
learnt is what to add to it where SDR is close to clipping or clipped. To begin with there are two losses: the
distance to the master in the mask, of which every picture counts the same, and that of its gradients at four
scales, since a VGG's weights cannot be had. After a share of the steps a discriminator of patches comes in,
least squares, .005 as in HDRTVNet's highlight stage. There the distance counts .01 beside a VGG's features,
which know levels; gradients do not, so that here it counts 1. Adam, halved at 1/2 and 3/4 of either part.
OUT gets `state.pt`, `log.jsonl`, `plain.npz` (best on the sources for validation before the discriminator)
and `highlights.npz` (the running mean at the end).
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
from candela_engines.upconvert.training.data import Pairs, load_pairs, split_of
from candela_engines.upconvert.training.highlights_batches import BrightPairs, Crop, bases_of
from candela_engines.upconvert.training.highlights_networks import (
    Generator,
    PatchDiscriminator,
    gradient_features,
    spread_of,
)

__all__ = ["HighlightSettings", "main", "train_highlights"]

_FEATURES, _ADVERSARIAL = 1.0, 0.005
_HALVINGS = (0.5, 0.75)
_SHOWN = 6  # pairs of every operator for validation
BASES = "placement,agcm,bt2446c,bt2446a"


@dataclass(frozen=True)
class HighlightSettings:
    """plain: share of the steps without the discriminator. rate, judged_rate: before and with it. pairs: of a
    step. crop: pixels of a side that the discriminator sees. width, judge: of the generator and of it.
    """

    bases: str = BASES
    steps: int = 3000
    plain: float = 0.75
    rate: float = 6e-4
    judged_rate: float = 1e-4
    pairs: int = 4
    crop: int = 96
    width: int = 32
    judge: int = 32
    every: int = 100
    seed: int = 0
    hold_out: tuple[str, ...] = ()

    @property
    def turn(self) -> int:
        """The first step with the discriminator."""
        return round(self.plain * self.steps)

    def rate_at(self, step: int) -> float:
        """Of Adam."""
        begin, end, rate = (
            (0, self.turn, self.rate) if step < self.turn else (self.turn, self.steps, self.judged_rate)
        )
        return rate * 0.5 ** sum(step >= begin + share * (end - begin) for share in _HALVINGS)


def train_highlights(
    settings: HighlightSettings, pairs: Sequence[Pairs], out: Path, *, until: int | None = None
) -> dict[str, Any]:
    """Train to the last step, or to step `until`, from where `out` is at; the last line of its log."""
    torch.manual_seed(settings.seed)
    made, judge = Generator(settings.width), PatchDiscriminator(settings.judge)
    mean = AveragedModel(
        made, multi_avg_fn=get_ema_multi_avg_fn(1 - min(1, max(1 / 200, 5 / settings.steps)))
    )
    adams = [torch.optim.Adam(net.parameters(), settings.rate, betas=(0.9, 0.99)) for net in (made, judge)]
    bases, split = bases_of(settings.bases), split_of([one.group for one in pairs])
    learnt, shown = (
        BrightPairs([one for one in pairs if split[one.group] == part], settings.hold_out, bases)
        for part in ("train", "validate")
    )
    step, best = 0, float("inf")
    keeping = Kept(out, settings)
    parts = {"generator": made, "judge": judge, "mean": mean, "adam": adams[0], "judging": adams[1]}
    if (kept := keeping.read()) is not None:
        for key, part in parts.items():
            part.load_state_dict(kept[key])
        step, best = kept["step"], kept["best"]
    last: dict[str, Any] = {}
    began, losses = time.monotonic(), list[dict[str, float]]()
    end = settings.steps if until is None else until
    while step < end:
        random = generator("highlights", settings.seed, step)
        for adam in adams:
            for group in adam.param_groups:
                group["lr"] = settings.rate_at(step)
        crops = learnt.draw(settings.pairs, random)
        # Spectral norm goes on in every pass, so that the discriminator has to be left alone before.
        losses.append(_step(made, judge if step >= settings.turn else None, adams, crops, settings, random))
        mean.update_parameters(made)
        step += 1
        if step % settings.every == 0 or step == end:
            error = validated(mean.module, shown)  # type: ignore[arg-type]
            last = {"step": step, "rate": settings.rate_at(step - 1), "validation": error}
            last |= {key: float(np.mean([one[key] for one in losses if key in one])) for key in losses[-1]}
            last["seconds"] = round(time.monotonic() - began, 1)
            losses.clear()
            if error < best and step <= settings.turn:
                best = error
                _save(mean, out / "plain.npz")
            _save(mean, out / "highlights.npz")
            keeping.write(
                last, step=step, best=best, **{key: part.state_dict() for key, part in parts.items()}
            )
    return last


def _save(mean: AveragedModel, path: Path) -> None:
    arrays: dict[str, Any] = {key: value.numpy() for key, value in mean.module.state_dict().items()}
    np.savez(path, **arrays)


def _result(made: Generator, one: Crop) -> Tensor:
    field = made(one.few[None], one.weights[None])[0]
    return one.first + spread_of(field, one.weights, one.mask)


def _distance(result: Tensor, one: Crop) -> Tensor:
    """Mean over the mask, in PQ code."""
    return (one.mask * (result - one.true).abs()).sum() / (3 * one.mask.sum())


def _step(
    made: Generator, judge: PatchDiscriminator | None, adams: list[torch.optim.Adam], crops: Sequence[Crop],
    settings: HighlightSettings, random: np.random.Generator,
) -> dict[str, float]:  # fmt: skip
    results = [_result(made, one) for one in crops]
    distance = torch.stack([_distance(a, b) for a, b in zip(results, crops, strict=True)]).mean()
    features = torch.stack([_features(a, b) for a, b in zip(results, crops, strict=True)]).mean()
    loss = distance + _FEATURES * features
    said = {"distance": float(distance.detach()), "features": float(features.detach())}
    if judge is not None:
        seen = [_seen(one, settings.crop, random) for one in crops]
        both = [
            (torch.cat([one.true, one.mask]), torch.cat([r, one.mask]))
            for r, one in zip(results, crops, strict=True)
        ]
        true, fake = (
            torch.stack([pair[number][:, a][:, :, b] for pair, (a, b) in zip(both, seen, strict=True)])
            for number in range(2)
        )
        adams[1].zero_grad()
        real, false = judge(true[:, :3], true[:, 3:]), judge(fake[:, :3].detach(), fake[:, 3:].detach())
        judging = 0.5 * ((real - 1).square().mean() + false.square().mean())
        judging.backward()  # type: ignore[no-untyped-call]
        adams[1].step()
        fooled = (judge(fake[:, :3], fake[:, 3:]) - 1).square().mean()
        loss = loss + _ADVERSARIAL * fooled
        said |= {"fooled": float(fooled.detach()), "judging": float(judging.detach())}
    adams[0].zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    adams[0].step()
    return said


def _features(result: Tensor, one: Crop) -> Tensor:
    """Gradients' distance, as a mean over what could differ."""
    both = zip(gradient_features(result[None]), gradient_features(one.true[None]), strict=True)
    share = (one.mask > 0).float().mean().clamp_min(1e-3)
    return torch.stack([(a - b).abs().mean() for a, b in both]).mean() / share


def _seen(one: Crop, crop: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Rows and columns about a sample of the mask, which may repeat where the picture is smaller."""
    places = torch.nonzero(one.mask[0] > 0)
    middle = places[int(random.integers(len(places)))].tolist()
    found = []
    for at, size in zip(middle, one.mask.shape[1:], strict=True):
        begin = int(np.clip(at - random.integers(crop), 0, max(0, size - crop)))
        found.append((begin + torch.arange(crop)) % size)
    return found[0], found[1]


def validated(made: Generator, shown: BrightPairs) -> float:
    """Mean over operators and bases of the distance in the mask, of the same pairs every time."""
    found = []
    with torch.no_grad():
        for operator, some in sorted(shown.groups.items()):
            random = generator("validation", operator)
            chosen = random.choice(len(some), size=min(_SHOWN, len(some)), replace=False)
            for number, at in enumerate(chosen):
                one = shown.whole(*some[int(at)], number % len(shown.bases))
                found.append(float(_distance(_result(made, one), one)))
    return float(np.mean(found))


def main(arguments: Sequence[str] | None = None) -> None:
    """Train or go on training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--more", type=Path, action="append", default=[], help="pairs of the same sources")
    parser.add_argument("--bases", default=BASES, help="engines, or NAME=FILE of trained weights")
    parser.add_argument("--steps", type=int, default=HighlightSettings.steps)
    parser.add_argument("--plain", type=float, default=HighlightSettings.plain, help="share of the steps")
    parser.add_argument("--pairs-a-step", type=int, default=HighlightSettings.pairs, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hold-out", default="", help="operators, joined by commas")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    asked.out.mkdir(parents=True, exist_ok=True)
    settings = HighlightSettings(
        asked.bases, asked.steps, asked.plain, pairs=asked.pairs_a_step, seed=asked.seed,
        hold_out=tuple(word for word in asked.hold_out.split(",") if word),
    )  # fmt: skip
    pairs = [one for folder in (asked.pairs, *asked.more) for one in load_pairs(folder)]
    train_highlights(settings, pairs, asked.out)


if __name__ == "__main__":
    main()
