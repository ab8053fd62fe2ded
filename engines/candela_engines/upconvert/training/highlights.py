"""Third stage: the generator of highlights against a discriminator of patches, resumable at any step.

    python -m candela_engines.upconvert.training.highlights PAIRS OUT [--base agcm=FILE.npz] [--steps 4000]

The base makes light of SDR (placement, or a network that was trained); what is learnt is what to add to it
where SDR is close to clipping or clipped. Losses after HDRTVNet's highlight stage: .01·L1 + 1·features +
.005·adversarial (least squares here), Adam 1e-4 halved at 1/8, 1/4, 1/2 and 3/4 of the steps; the features
are gradients at four scales, since a VGG's weights cannot be had. OUT gets `state.pt`, `log.jsonl` and
`highlights.npz`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.scorer.training.keeping import Kept
from candela_engines.scorer.training.pictures import generator
from candela_engines.upconvert.engine import ENGINES, Engine, open_engine
from candela_engines.upconvert.highlights import mask_of
from candela_engines.upconvert.learnt import LearntEngine
from candela_engines.upconvert.network import load_network
from candela_engines.upconvert.training.batches import planes, usable
from candela_engines.upconvert.training.data import Pairs, load_pairs, split_of
from candela_engines.upconvert.training.highlights_networks import (
    Generator,
    PatchDiscriminator,
    gradient_features,
)

__all__ = ["HighlightSettings", "main", "train_highlights"]

_L1, _FEATURES, _ADVERSARIAL = 0.01, 1.0, 0.005
_HALVINGS = (0.125, 0.25, 0.5, 0.75)
_EVERY = 100
_TRIES = 20


@dataclass(frozen=True)
class HighlightSettings:
    """pairs: of a step. crop: pixels of a side. width, judge: of the generator and the discriminator."""

    base: str = "placement"
    steps: int = 4000
    rate: float = 1e-4
    pairs: int = 4
    crop: int = 128
    width: int = 32
    judge: int = 64
    seed: int = 0
    hold_out: tuple[str, ...] = ()


def train_highlights(
    settings: HighlightSettings, pairs: Sequence[Pairs], out: Path, *, until: int | None = None
) -> dict[str, Any]:
    """Train to the last step, or to step `until`, from where `out` is at; the last line of its log."""
    torch.manual_seed(settings.seed)
    made, judge = Generator(settings.width), PatchDiscriminator(settings.judge)
    adams = [torch.optim.Adam(net.parameters(), settings.rate, betas=(0.9, 0.99)) for net in (made, judge)]
    base = base_of(settings.base)
    split = split_of([one.group for one in pairs])
    learnt = [one for one in pairs if split[one.group] == "train" and usable(one, settings.hold_out)]
    step = 0
    keeping = Kept(out, settings)
    if (kept := keeping.read()) is not None:
        for part, key in ((made, "generator"), (judge, "judge"), (adams[0], "adam"), (adams[1], "judging")):
            part.load_state_dict(kept[key])
        step = kept["step"]
    last: dict[str, Any] = {}
    end = settings.steps if until is None else until
    while step < end:
        random = generator("highlights", settings.seed, step)
        rate = settings.rate * 0.5 ** sum(step >= share * settings.steps for share in _HALVINGS)
        for adam in adams:
            for group in adam.param_groups:
                group["lr"] = rate
        first, mask, wanted = _batch(learnt, settings, base, random)
        last = {"step": step + 1, "rate": rate, **_step(made, judge, adams, first, mask, wanted)}
        step += 1
        if step % _EVERY == 0 or step == end:
            arrays: dict[str, Any] = {key: value.numpy() for key, value in made.state_dict().items()}
            np.savez(out / "highlights.npz", **arrays)
            keeping.write(
                last, step=step, generator=made.state_dict(), judge=judge.state_dict(),
                adam=adams[0].state_dict(), judging=adams[1].state_dict(),
            )  # fmt: skip
    return last


def _step(
    made: Generator, judge: PatchDiscriminator, adams: list[torch.optim.Adam], first: Tensor, mask: Tensor,
    wanted: Tensor,
) -> dict[str, float]:  # fmt: skip
    # Off the mask the two are one, so that what is judged is the highlights among their surroundings.
    true = first + (wanted - first) * (mask > 0)
    result = first + made(first, mask)
    adams[1].zero_grad()
    real, fake = judge(true, mask), judge(result.detach(), mask)
    judging = 0.5 * ((real - 1).square().mean() + fake.square().mean())
    judging.backward()  # type: ignore[no-untyped-call]
    adams[1].step()
    adams[0].zero_grad()
    l1 = (result - true).abs().mean()
    both = zip(gradient_features(result), gradient_features(true), strict=True)
    features = torch.stack([(a - b).abs().mean() for a, b in both]).mean()
    fooled = (judge(result, mask) - 1).square().mean()
    (_L1 * l1 + _FEATURES * features + _ADVERSARIAL * fooled).backward()  # type: ignore[no-untyped-call]
    adams[0].step()
    return {"l1": float(l1.detach()), "features": float(features.detach()), "fooled": float(fooled.detach()),
            "judging": float(judging.detach())}  # fmt: skip


def _batch(
    learnt: Sequence[Pairs], settings: HighlightSettings, base: Callable[[np.ndarray], np.ndarray],
    random: np.random.Generator,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """First stage, mask and master, of crops with something to add where such are found."""
    first, masks, wanted = [], [], []
    for _ in range(settings.pairs):
        for _ in range(_TRIES):
            one = learnt[int(random.integers(len(learnt)))]
            at = int(random.choice(usable(one, settings.hold_out)))
            size = one.codes.shape[1:3]
            top, left = (int(random.integers(max(n - settings.crop, 0) + 1)) for n in size)
            rows, columns = (np.arange(start, start + settings.crop) for start in (top, left))
            place = np.ix_(rows % one.codes.shape[1], columns % one.codes.shape[2])
            codes = one.codes[at][place]
            mask = mask_of(codes.astype(np.float32) / np.float32(255))
            if mask.any():
                break
        first.append(base(codes))
        masks.append(mask[..., None])
        wanted.append(one.masters[one.of[at]][place].astype(np.float32) / np.float32(65535))
    return planes(first), planes(masks), planes(wanted)


def base_of(text: str) -> Callable[[np.ndarray], np.ndarray]:
    """PQ codes of the first stage, of SDR codes (h, w, 3) uint8: of an engine, or of NAME=FILE of weights."""
    name, _, file = text.partition("=")
    engine: Engine
    if file:
        info = next(info for info in ENGINES.values() if info.name == name)
        with np.load(file, allow_pickle=False) as data:
            network = load_network(name, {key: data[key] for key in data.files}, threads=1)
        engine = LearntEngine(info, network)
    else:
        engine = open_engine(name)

    def codes_of(sdr: np.ndarray) -> np.ndarray:
        return np.asarray(pq.inverse_eotf(engine.light(sdr, 8, NAMED["rec709"])), np.float32)

    return codes_of


def main(arguments: Sequence[str] | None = None) -> None:
    """Train or go on training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--base", default="placement", help="an engine, or NAME=FILE of trained weights")
    parser.add_argument("--steps", type=int, default=HighlightSettings.steps)
    parser.add_argument("--crop", type=int, default=HighlightSettings.crop)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hold-out", default="", help="operators, joined by commas")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    asked.out.mkdir(parents=True, exist_ok=True)
    settings = HighlightSettings(
        asked.base, asked.steps, crop=asked.crop, seed=asked.seed,
        hold_out=tuple(word for word in asked.hold_out.split(",") if word),
    )  # fmt: skip
    train_highlights(settings, load_pairs(asked.pairs), asked.out)


if __name__ == "__main__":
    main()
