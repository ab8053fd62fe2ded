"""Three-step training of the dual encoder on four of five folds, resumable at any step.

    python -m candela_engines.scorer.training.dual.train SET CACHE RUN [--fold 0] [--arm both]

Steps: 1. the context encoder learns to tell descriptors of a picture; 2. it is frozen, and the pixel
encoder and the heads learn; 3. everything learns, at a tenth of the rate. Batches are mixed: half are
single rows (regression of the simulated score), half are pairs whose order is known by construction
(ranking, and regression). Arms are ablations: `both`, `pixels` (no descriptors go in), `frozen` (no third
step), `one-shot` (everything from the first step on), `single` and `pair` (batches of one kind). RUN gets
`state.pt`, `log.jsonl` and `said.npz`: `row` (K,) of the data set and `score` (K,), of the fold that was
held out.
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

from candela_engines.scorer.training.dataset import Dataset, load_dataset
from candela_engines.scorer.training.dual.losses import rank, regression, severity
from candela_engines.scorer.training.dual.material import Material
from candela_engines.scorer.training.dual.network import Dual
from candela_engines.scorer.training.keeping import Kept
from candela_engines.scorer.training.pictures import generator
from candela_engines.scorer.training.store import Store

__all__ = ["ARMS", "Settings", "main", "train"]

ARMS = ("both", "pixels", "frozen", "one-shot", "single", "pair")
_EVERY = 250
_SEVERITY = 0.5


@dataclass(frozen=True)
class Settings:
    """steps: of the three steps. rows: of a batch. crops: of a row, in training."""

    arm: str = "both"
    fold: int = 0
    steps: tuple[int, int, int] = (600, 2400, 600)
    rows: int = 16
    crops: int = 8
    rate: float = 5e-4
    seed: int = 0

    def stage(self, step: int) -> int:
        """0, 1 or 2: which of the three steps a step belongs to; of the arm `one-shot` always 2."""
        if self.arm == "one-shot":
            return 2
        if step < self.steps[0]:
            return 0
        return 1 if step < sum(self.steps[:2]) or self.arm == "frozen" else 2


def _telling(network: Dual, material: Material, settings: Settings, random: np.random.Generator) -> Tensor:
    """Step 1: squared error of standardised descriptors of the grade, of the reference, of their
    difference."""
    rows = random.choice(material.learnt, settings.rows)
    grade, reference = (network.context(part) for part in material.squares(rows))
    total = torch.zeros(())
    for seen, (wanted, valid) in zip(
        (grade, reference, grade - reference), material.measured(rows), strict=True
    ):
        total = total + ((network.tell(seen) - wanted).square() * valid).sum() / valid.sum().clamp_min(1)
    return total / 3


def _judging(
    network: Dual, material: Material, settings: Settings, random: np.random.Generator, stage: int
) -> Tensor:
    pair = {"single": False, "pair": True}.get(settings.arm, bool(random.integers(2)))
    if pair:
        chosen = material.pairs[random.choice(len(material.pairs), settings.rows // 2)]
        rows = chosen.T.reshape(-1)
    else:
        rows = random.choice(material.learnt, settings.rows)
    squares = material.squares(rows)
    if stage == 1:
        with torch.no_grad():
            grade, reference = (network.context(part) for part in squares)
    else:
        grade, reference = (network.context(part) for part in squares)
    descriptors = material.descriptors(rows, none=settings.arm == "pixels")
    said, kinds = network(grade, reference, material.crops(rows, settings.crops, random), descriptors)
    wanted, counted, severities, told = material.wanted(rows)
    total = regression(said, wanted, counted) + _SEVERITY * severity(kinds, severities, told)
    if pair:
        half = len(rows) // 2
        total = total + rank(said[:half], said[half:], (wanted[:half] - wanted[half:]).clamp_min(0.1))
    return total


def said_of(network: Dual, material: Material, settings: Settings, rows: Sequence[int]) -> np.ndarray:
    """(K,) scores of rows, by a grid of crops without jitter."""
    network.eval()
    found = []
    with torch.inference_mode():
        for at in range(0, len(rows), settings.rows):
            some = np.asarray(rows[at : at + settings.rows])
            grade, reference = (network.context(part) for part in material.squares(some))
            crops = material.crops(some, 2 * settings.crops, None)
            descriptors = material.descriptors(some, none=settings.arm == "pixels")
            found.append(network(grade, reference, crops, descriptors)[0].numpy())
    return np.concatenate(found)


def train(
    settings: Settings,
    data: Dataset,
    material: Material,
    out: Path,
    *,
    until: int | None = None,
    judged: Sequence[int] | None = None,
) -> dict[str, Any]:
    """To the last step, or to step `until`, from where `out` is at; the last line of its log.

    judged: rows of the fold that was held out which are scored at the end; all of them where None.
    """
    torch.manual_seed(settings.seed)
    width = 0 if settings.arm == "pixels" else data.values.shape[1]
    network = Dual(width, material.telling)
    adam = torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=0.01)
    step = 0
    keeping = Kept(out, settings)
    if (kept := keeping.read()) is not None:
        network.load_state_dict(kept["network"])
        adam.load_state_dict(kept["adam"])
        step = kept["step"]
    last: dict[str, Any] = {}
    began, losses = time.monotonic(), list[float]()
    whole = sum(settings.steps[:2]) if settings.arm == "frozen" else sum(settings.steps)
    end = whole if until is None else until
    while step < end:
        random = generator("dual step", settings.seed, settings.fold, step)
        torch.manual_seed(int(random.integers(1 << 62)))
        network.train()
        stage = settings.stage(step)
        slow = 0.1 if stage == 2 and settings.arm != "one-shot" else 1.0
        for group in adam.param_groups:
            group["lr"] = settings.rate * slow * 0.05 ** (step / whole)
        adam.zero_grad(set_to_none=True)
        if stage == 0:
            loss = _telling(network, material, settings, random)
        else:
            loss = _judging(network, material, settings, random, stage)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        losses.append(float(loss.detach()))
        step += 1
        if step % _EVERY == 0 or step == end:
            last = {"step": step, "stage": stage, "loss": float(np.mean(losses)),
                    "seconds": round(time.monotonic() - began, 1)}  # fmt: skip
            losses.clear()
            keeping.write(last, network=network.state_dict(), adam=adam.state_dict(), step=step)
    if end == whole:
        rows = material.held_out if judged is None else np.asarray(judged)
        np.savez(out / "said.npz", row=rows, score=said_of(network, material, settings, rows.tolist()))
    return last


def of_one_reference(data: Dataset, rows: np.ndarray) -> np.ndarray:
    """Of rows those beside the first reference of their source."""
    first: dict[str, int] = {}
    for row in rows.tolist():
        name = str(data.source[row])
        first[name] = min(first.get(name, int(data.reference[row])), int(data.reference[row]))
    return np.array([row for row in rows.tolist() if data.reference[row] == first[str(data.source[row])]])


def main(arguments: Sequence[str] | None = None) -> None:
    """Train or go on training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--arm", choices=ARMS, default="both")
    parser.add_argument("--steps", default="600,2400,600", help="of the three steps")
    parser.add_argument(
        "--one-reference", action="store_true", help="judge the held-out sources beside one reference each"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    asked.run.mkdir(parents=True, exist_ok=True)
    first, second, third = (int(word) for word in asked.steps.split(","))
    settings = Settings(asked.arm, asked.fold, (first, second, third), seed=asked.seed)
    store = Store(asked.set)
    data = load_dataset(store, estimate=True)
    material = Material(store, asked.cache, data, settings.fold)
    judged = of_one_reference(data, material.held_out) if asked.one_reference else None
    train(settings, data, material, asked.run, judged=judged)


if __name__ == "__main__":
    main()
