"""Training of PU-VTAMIQ-S, resumable at any step and the same whatever was interrupted.

    python -m candela_engines.scorer.training.pu_vtamiq.train OUT RUN [--arm hdr+sdr+coral] [--steps 4000]

OUT is a set with pictures, labels and JODs (`scorer.training`) and, for arms with SDR, `pu_vtamiq.sdr`.
Sources are split by group before anything is learnt. An arm names the labelled domains (`sdr`,
`simulated`, `hdr`), joined by +, and adds: `coral` or `coral_code` between the first domain's features
and those of HDR pictures, whose labels it does not need; `fixed`, no sampling of displays; `mirrored`,
half of the pairs left for right. A step takes as many pairs of every domain, and of the others a quarter
where HDR is labelled. Loss: mean absolute error of the JOD, order within a source, and what the patches
carry to add up to it; AdamW with weight decay .01, the rate falling to a hundredth. --start begins with
the weights that another run kept, the rate and the optimiser anew. RUN gets `state.pt`, `log.jsonl` and
`pu_vtamiq_s.npz`, the weights that were best on HDR pairs of the sources for validation.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from candela_engines.scorer.training.keeping import Kept
from candela_engines.scorer.training.pictures import generator
from candela_engines.scorer.training.pu_vtamiq.losses import coral_code, coral_paper, rank
from candela_engines.scorer.training.pu_vtamiq.network import Network
from candela_engines.scorer.training.pu_vtamiq.pairs import (
    DOMAINS,
    Batch,
    Pairs,
    batch_of,
    drawn_display,
    hdr_pairs,
    sdr_pairs,
    split_of,
)
from candela_engines.scorer.training.store import Store

__all__ = ["Settings", "main", "said_of", "train"]

_EVERY = 200
_SHOWN = 96
_WARM = 100
_CARRIED = 0.2
_EXTRAS = ("coral", "coral_code", "fixed", "mirrored")


@dataclass(frozen=True)
class Settings:
    """arm: see the module. pairs: of a domain in a step, of `sources` sources. patches: of each size. start:
    SHA-256 of the weights that it began with, or nothing.
    """

    arm: str = "hdr+sdr+coral"
    steps: int = 4000
    rate: float = 5e-4
    pairs: int = 12
    sources: int = 3
    patches: tuple[int, int, int] = (28, 15, 6)
    weight: float = 0.025
    seed: int = 0
    start: str = ""

    @property
    def domains(self) -> list[str]:
        """Those with labels, in order. SystemExit for a word that is none."""
        words = self.arm.split("+")
        if unknown := [word for word in words if word not in (*DOMAINS, *_EXTRAS)]:
            raise SystemExit(f"--arm {self.arm}: {unknown[0]} is none of {', '.join((*DOMAINS, *_EXTRAS))}")
        return [word for word in words if word in DOMAINS]


def _tensors(batch: Batch) -> list[Tensor]:
    return [torch.from_numpy(part) for part in (batch.test, batch.reference, batch.cell, batch.size)]


def _batch(pairs: Sequence[Pairs], domain: str, settings: Settings, random: np.random.Generator) -> Batch:
    display = drawn_display(domain, None if "fixed" in settings.arm.split("+") else random)
    beside = domain != "hdr" and "hdr" in settings.domains
    each = max(1, settings.pairs // settings.sources // (4 if beside else 1))
    chosen = []
    for at in random.choice(len(pairs), size=settings.sources, replace=len(pairs) < settings.sources):
        one = pairs[int(at)]
        chosen += [(one, int(n)) for n in random.choice(len(one), size=each, replace=len(one) < each)]
    mirrored = (random.random(len(chosen)) < 0.5).tolist() if "mirrored" in settings.arm.split("+") else None
    return batch_of(chosen, display, settings.patches, random, mirrored)


def step_loss(
    network: Network, material: Mapping[str, Sequence[Pairs]], settings: Settings, random: np.random.Generator
) -> Tensor:
    """Of one step. material: pairs to learn from by domain."""
    total, features = torch.zeros(()), dict[str, Tensor]()
    for domain in settings.domains:
        batch = _batch(material[domain], domain, settings, random)
        said, carried, whole = network(*_tensors(batch))
        wanted = torch.from_numpy(batch.loss)
        total = total + (said - wanted).abs().mean() + rank(said, wanted, torch.from_numpy(batch.source))
        total = total + _CARRIED * (carried.mean(1) - wanted).abs().mean()
        features[domain] = whole
    for word, coral in (("coral", coral_paper), ("coral_code", coral_code)):
        if word in settings.arm.split("+"):
            if "hdr" not in features:
                features["hdr"] = network(*_tensors(_batch(material["hdr"], "hdr", settings, random)))[2]
            others = [domain for domain in settings.domains if domain != "hdr"] or ["hdr"]
            total = total + settings.weight * coral(features[others[0]], features["hdr"])
    return total


def said_of(network: Network, pairs: Pairs, numbers: Sequence[int], domain: str, size: int = 8) -> np.ndarray:
    """(n,) losses that the network says, on the display of the labels, all patches."""
    network.eval()
    display, found = drawn_display(domain, None), []
    with torch.inference_mode():
        for at in range(0, len(numbers), size):
            batch = batch_of([(pairs, n) for n in numbers[at : at + size]], display)
            found.append(network(*_tensors(batch))[0].numpy())
    return np.maximum(np.concatenate(found), 0.0)


def _validated(network: Network, shown: Sequence[Pairs]) -> float:
    """Mean absolute error over HDR pairs of the sources for validation, the same ones every time."""
    random, wrong = generator("pu_vtamiq validation"), []
    each = max(1, _SHOWN // len(shown))
    for one in shown:
        numbers = random.choice(len(one), size=min(each, len(one)), replace=False).tolist()
        wrong.append(np.abs(said_of(network, one, numbers, "hdr") - one.loss[numbers]))
    return float(np.mean(np.concatenate(wrong)))


def train(
    settings: Settings,
    material: Mapping[str, Sequence[Pairs]],
    out: Path,
    *,
    until: int | None = None,
    start: Mapping[str, np.ndarray] | None = None,
) -> dict[str, Any]:
    """To the last step, or to step `until`, from where `out` is at; the last line of its log. start: weights
    to begin with.
    """
    torch.manual_seed(settings.seed)
    network = Network()
    if start is not None:
        halves = {key: torch.from_numpy(np.asarray(value, np.float32)) for key, value in start.items()}
        network.load_state_dict(halves)
    adam = torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=0.01)
    split = split_of([one.group for one in material["hdr"]])
    learnt = {
        domain: [p for p in pairs if split.get(p.group) == "train"] for domain, pairs in material.items()
    }
    shown = [one for one in material["hdr"] if split[one.group] == "validate"]
    step, best = 0, float("inf")
    keeping = Kept(out, settings)
    if (kept := keeping.read()) is not None:
        network.load_state_dict(kept["network"])
        adam.load_state_dict(kept["adam"])
        step, best = kept["step"], kept["best"]
    last: dict[str, Any] = {}
    began, losses = time.monotonic(), list[float]()
    end = settings.steps if until is None else until
    while step < end:
        random = generator("pu_vtamiq step", settings.seed, step)
        torch.manual_seed(int(random.integers(1 << 62)))
        network.train()
        rate = settings.rate * min(1.0, (step + 1) / _WARM) * 0.01 ** (step / settings.steps)
        for group in adam.param_groups:
            group["lr"] = rate
        adam.zero_grad()
        loss = step_loss(network, learnt, settings, random)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        losses.append(float(loss.detach()))
        step += 1
        if step % _EVERY == 0 or step == end:
            found = _validated(network, shown)
            last = {"step": step, "rate": rate, "loss": float(np.mean(losses)), "validation_mae": found,
                    "seconds": round(time.monotonic() - began, 1)}  # fmt: skip
            losses.clear()
            if found < best:
                best = found
                arrays = {
                    key: value.numpy().astype(np.float16) for key, value in network.state_dict().items()
                }
                np.savez(out / "pu_vtamiq_s.npz", **arrays)
            keeping.write(last, network=network.state_dict(), adam=adam.state_dict(), step=step, best=best)
    return last


def main(arguments: Sequence[str] | None = None) -> None:
    """Train or go on training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--arm", default=Settings.arm)
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--until", type=int, metavar="STEP", help="stop there, as if it were interrupted")
    parser.add_argument("--rate", type=float, default=Settings.rate)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, metavar="RUN", help="begin with the weights that it kept")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    asked.run.mkdir(parents=True, exist_ok=True)
    start, digest = None, ""
    if asked.start is not None:
        data = (asked.start / "pu_vtamiq_s.npz").read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            start = dict(kept)
    settings = Settings(asked.arm, asked.steps, asked.rate, seed=asked.seed, start=digest)
    store = Store(asked.out)
    material: dict[str, Sequence[Pairs]] = {"hdr": hdr_pairs(store)}
    if set(settings.domains) & {"sdr", "simulated"}:
        material["sdr"] = material["simulated"] = sdr_pairs(store)
    train(settings, material, asked.run, until=asked.until, start=start)


if __name__ == "__main__":
    main()
