"""Three-step training of the dual encoder on four of five folds, resumable at any step.

    python -m candela_engines.scorer.training.dual.train SET CACHE RUN [--fold 0] [--arm both] [--start RUN]

Steps: 1. the context encoder learns to tell descriptors of a picture; 2. it is frozen, and the pixel
encoder and the heads learn; 3. everything learns, at a tenth of the rate. Batches are mixed: half are
single rows (regression of the simulated score), half are pairs whose order is known by construction
(ranking, and regression). Arms are ablations:

both          all of it
frozen        no third step
context       no third step and no pixels: descriptors and context
descriptors   neither encoder: the heads on the descriptors
pixels        no descriptors go in
one-shot      everything from the first step on
single, pair  batches of one kind
beside-trees  as `frozen`, and what the heads say is added to the score of trees that have not seen the row
              (`beside_trees`), which goes in beside the descriptors

--start takes the steps that two arms of the same fold, seed and steps have in common from another RUN;
`beside-trees` also takes the pixel encoder of a finished `frozen`, and teaches it on. RUN gets
`settings.json`, `state.pt`, `log.jsonl` and `said.npz`: `row` (K,) of the data set and `score` (K,), of the
fold that was held out.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from candela_engines.scorer.training.dataset import Dataset, load_dataset
from candela_engines.scorer.training.dual.beside_trees import nested
from candela_engines.scorer.training.dual.hearing import Hearing
from candela_engines.scorer.training.dual.losses import rank, regression, severity
from candela_engines.scorer.training.dual.material import Material
from candela_engines.scorer.training.dual.network import Dual
from candela_engines.scorer.training.dual.pictures import CROPS
from candela_engines.scorer.training.keeping import Kept
from candela_engines.scorer.training.pictures import generator
from candela_engines.scorer.training.ranked import RankedSettings
from candela_engines.scorer.training.store import Store

__all__ = ["ARMS", "Settings", "main", "train"]

ARMS = (
    "both", "frozen", "context", "descriptors", "pixels", "one-shot", "single", "pair", "beside-trees",
)  # fmt: skip
_NO_THIRD = ("frozen", "context", "descriptors", "beside-trees")
_NO_PIXELS = ("context", "descriptors")
_EVERY = 250
_SEVERITY = 0.5


@dataclass(frozen=True)
class Settings:
    """steps: of the three steps. rows: of a batch. crops: of a row, in training. legitimate: share that
    masters and styles have of single rows; they are one in 25, and what is scored in earnest is mostly
    without a planted fault. 0: as many as there are.
    """

    arm: str = "both"
    fold: int = 0
    steps: tuple[int, int, int] = (600, 2400, 600)
    rows: int = 16
    crops: int = 8
    rate: float = 5e-4
    legitimate: float = 0.35
    seed: int = 0

    def stage(self, step: int) -> int:
        """0, 1 or 2: which of the three steps a step belongs to; of the arm `one-shot` always 2."""
        if self.arm == "one-shot":
            return 2
        if step < self.steps[0]:
            return 0
        return 1 if step < sum(self.steps[:2]) or self.arm in _NO_THIRD else 2

    @property
    def first(self) -> int:
        """The step that is begun with: without a context encoder there is nothing to learn before."""
        return self.steps[0] if self.arm == "descriptors" else 0

    @property
    def end(self) -> int:
        """Steps in all."""
        return sum(self.steps[:2]) if self.arm in _NO_THIRD else sum(self.steps)

    def network(self, material: Material) -> Dual:
        """An untaught one for this arm."""
        width = 0 if self.arm == "pixels" else material.width + (self.arm == "beside-trees")
        made = Dual(
            width,
            material.telling,
            context=self.arm != "descriptors",
            pixels=self.arm not in _NO_PIXELS,
        )
        if self.arm == "beside-trees":
            # It begins at what the trees say.
            torch.nn.init.zeros_(made.score.weight)
            torch.nn.init.zeros_(made.score.bias)
        return made


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
    network: Dual,
    hearing: Hearing,
    material: Material,
    settings: Settings,
    random: np.random.Generator,
    stage: int,
) -> Tensor:
    pair = {"single": False, "pair": True}.get(settings.arm, bool(random.integers(2)))
    if pair:
        chosen = material.pairs[random.choice(len(material.pairs), settings.rows // 2)]
        rows = chosen.T.reshape(-1)
    else:
        rows = material.drawn(settings.rows, settings.legitimate, random)
    said, kinds = hearing(network, rows, settings.crops, random, frozen=stage == 1)
    wanted, counted, severities, told = material.wanted(rows)
    total = regression(said, wanted, counted) + _SEVERITY * severity(kinds, severities, told)
    if pair:
        half = len(rows) // 2
        total = total + rank(said[:half], said[half:], (wanted[:half] - wanted[half:]).clamp_min(0.1))
    return total


def said_of(network: Dual, hearing: Hearing, settings: Settings, rows: Sequence[int]) -> np.ndarray:
    """(K,) scores of rows, by all crops that are kept, none turned over."""
    network.eval()
    found = []
    with torch.inference_mode():
        for at in range(0, len(rows), settings.rows):
            some = np.asarray(rows[at : at + settings.rows])
            found.append(hearing(network, some, CROPS, None, frozen=True)[0].numpy())
    return np.concatenate(found)


def _begun(settings: Settings, network: Dual, adam: torch.optim.Optimizer, start: Path) -> int:
    """Take from another run what this arm has in common with it; the step to go on from.

    SystemExit where the runs have nothing in common.
    """
    other = torch.load(start / "state.pt", weights_only=True)
    said = json.loads(other["settings"])
    mine = json.loads(json.dumps(asdict(settings)))
    arm, theirs = mine.pop("arm"), said.pop("arm")
    if said != mine or arm in ("one-shot", "descriptors") or theirs not in ("frozen", "context"):
        raise SystemExit(f"{start}: a run of `frozen` or `context` of the same settings is needed")
    if arm == "both" and theirs == "frozen" and other["step"] == sum(settings.steps[:2]):
        network.load_state_dict(other["network"])
        adam.load_state_dict(other["adam"])
        return int(other["step"])
    if other["step"] < settings.steps[0]:
        raise SystemExit(f"{start}: has not done its first {settings.steps[0]} steps")
    parts = ["context", "tell"]
    if arm == "beside-trees" and theirs == "frozen" and other["step"] == sum(settings.steps[:2]):
        parts.append("pixels")
    shared = {k: v for k, v in other["network"].items() if k.split(".")[0] in parts}
    network.load_state_dict(shared, strict=False)
    return settings.steps[0]


def train(
    settings: Settings,
    material: Material,
    out: Path,
    *,
    until: int | None = None,
    judged: Sequence[int] | None = None,
    start: Path | None = None,
) -> dict[str, Any]:
    """To the last step, or to step `until`, from where `out` is at; the last line of its log.

    judged: rows of the fold that was held out which are scored at the end; all of them where None. start:
    another run whose first steps are taken where `out` is empty.
    """
    torch.manual_seed(settings.seed)
    network = settings.network(material)
    adam = torch.optim.AdamW(network.parameters(), settings.rate, weight_decay=0.01)
    hearing = Hearing(material, settings.arm)
    step = settings.first
    keeping = Kept(out, settings)
    if (kept := keeping.read()) is not None:
        network.load_state_dict(kept["network"])
        adam.load_state_dict(kept["adam"])
        step = kept["step"]
    elif start is not None:
        step = _begun(settings, network, adam, start)
    last: dict[str, Any] = {}
    began, losses = time.process_time(), list[float]()
    whole, end = sum(settings.steps), settings.end if until is None else until
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
            loss = _judging(network, hearing, material, settings, random, stage)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        losses.append(float(loss.detach()))
        step += 1
        if step % _EVERY == 0 or step in (end, *np.cumsum(settings.steps).tolist()):
            last = {"step": step, "stage": stage, "loss": float(np.mean(losses)),
                    "cpu_seconds": round(time.process_time() - began, 1)}  # fmt: skip
            losses.clear()
            keeping.write(last, network=network.state_dict(), adam=adam.state_dict(), step=step)
    if end == settings.end:
        rows = material.held_out if judged is None else np.asarray(judged)
        # What was heard before the third step moved the encoder is of no use after it.
        hearing = Hearing(material, settings.arm)
        said = said_of(network, hearing, settings, rows.tolist())
        np.savez(out / "said.npz", row=rows, score=said)
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
    said = "share of masters and styles among single rows"
    parser.add_argument("--legitimate", type=float, default=Settings.legitimate, help=said)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rows", type=int, default=Settings.rows, help="of a batch")
    parser.add_argument("--crops", type=int, default=Settings.crops, help="of a row, in training")
    parser.add_argument("--start", type=Path, help="another run, for the steps that both have in common")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    asked.run.mkdir(parents=True, exist_ok=True)
    first, second, third = (int(word) for word in asked.steps.split(","))
    steps = (first, second, third)
    settings = Settings(
        asked.arm, asked.fold, steps, rows=asked.rows, crops=asked.crops, legitimate=asked.legitimate,
        seed=asked.seed,
    )  # fmt: skip
    (asked.run / "settings.json").write_text(json.dumps(asdict(settings)), "utf-8")
    data = load_dataset(Store(asked.set), estimate=True)
    trees = None
    if settings.arm == "beside-trees":
        path = asked.cache / f"trees{settings.fold}.npz"
        trees = nested(data, settings.fold, RankedSettings(), path, lambda line: print(line, flush=True))
    material = Material(asked.cache, data, settings.fold, trees)
    judged = of_one_reference(data, material.held_out) if asked.one_reference else None
    train(settings, material, asked.run, judged=judged, start=asked.start)


if __name__ == "__main__":
    main()
