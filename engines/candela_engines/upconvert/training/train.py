"""Second stage: a network on the pairs, resumable at any step and the same whatever was interrupted.

    python -m candela_engines.upconvert.training.train agcm PAIRS OUT [--steps 6000] [--hold-out aces1,bt2390]

Plain L1 between PQ codes; Adam 5e-4 with betas .9 and .99, halved at 20, 40, 60 and 80 % of the steps (the
published schedule of AGCM). Sources are split by `data.split_of`; operators held out are in no pair that is
learnt from. The context comes from the proxy that is used afterwards too. OUT gets `state.pt` to go on from,
`log.jsonl`, and `NAME.npz`, the weights of the step that was best on the sources for validation.
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

from candela_engines.scorer.training.pictures import generator
from candela_engines.upconvert.network import SIDES, proxy_of
from candela_engines.upconvert.training.data import Pairs, load_pairs, split_of
from candela_engines.upconvert.training.networks import Agcm, Hdcfm, network_named

__all__ = ["Settings", "main", "train"]

_HALVINGS = (0.2, 0.4, 0.6, 0.8)
_EVERY = 100
_SHOWN = 96  # pairs of the sources for validation


@dataclass(frozen=True)
class Settings:
    """sources, pairs: of a step, and pairs of each. crop: pixels of a side; AGCM, which knows no neighbours,
    takes as many pixels anywhere. hold_out: operators that nothing is learnt from.
    """

    name: str
    steps: int = 6000
    rate: float = 5e-4
    sources: int = 3
    pairs: int = 4
    crop: int = 56
    seed: int = 0
    hold_out: tuple[str, ...] = ()


def usable(pairs: Pairs, hold_out: Sequence[str]) -> list[int]:
    """Places of the SDRs that none of these operators made."""
    return [at for at, word in enumerate(pairs.operators) if word.partition("+")[0] not in hold_out]


def _planes(pictures: Sequence[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack([np.ascontiguousarray(p.transpose(2, 0, 1)) for p in pictures]))


Looked = tuple[np.ndarray, tuple[int, int, int, int]]


class Proxies(dict[tuple[str, int], Looked]):
    """Proxies of SDRs by source and place, made once: every step looks at some again."""

    def of(self, network: Agcm | Hdcfm, pairs: Pairs, at: int) -> Looked:
        """As `proxy_of`."""
        if (pairs.name, at) not in self:
            side = SIDES["agcm" if isinstance(network, Agcm) else "hdcfm"]
            self[pairs.name, at] = proxy_of(pairs.codes[at].astype(np.float32) / np.float32(255), side)
        return self[pairs.name, at]


def predicted(
    network: Agcm | Hdcfm, codes: np.ndarray, places: tuple[np.ndarray, np.ndarray], looked: Sequence[Looked]
) -> Tensor:
    """PQ codes (n, 3, h, w) at rows and columns of pictures (n, H, W, 3) uint8; places: (h, w) each."""
    rows, columns = places
    x = _planes([one[rows, columns].astype(np.float32) / np.float32(255) for one in codes])
    made = []
    # A letterbox makes proxies of different sizes; most come in one batch.
    for size in sorted({proxy.shape for proxy, _ in looked}):
        here = [at for at, (proxy, _) in enumerate(looked) if proxy.shape == size]
        context = network.context(_planes([looked[at][0] for at in here]))
        if isinstance(network, Agcm):
            made.append((here, network(x[here], context)))
            continue
        cells, local = context["map"], []
        for number, at in enumerate(here):
            top, left, height, width = looked[at][1]
            ys = np.clip((rows - top) * cells.shape[2] // height, 0, cells.shape[2] - 1)
            xs = np.clip((columns - left) * cells.shape[3] // width, 0, cells.shape[3] - 1)
            local.append(cells[number][:, torch.from_numpy(ys), torch.from_numpy(xs)])
        made.append((here, network(x[here], context, torch.stack(local))))
    order = np.argsort([at for here, _ in made for at in here])
    return torch.cat([part for _, part in made])[torch.from_numpy(order)]


def _places(
    network: Agcm | Hdcfm, size: tuple[int, int], crop: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    height, width = size
    if isinstance(network, Agcm):
        return random.integers(height, size=(crop, crop)), random.integers(width, size=(crop, crop))
    top, left = (int(random.integers(max(n - crop, 0) + 1)) for n in size)
    rows, columns = np.arange(top, min(top + crop, height)), np.arange(left, min(left + crop, width))
    found = np.meshgrid(rows, columns, indexing="ij")
    return found[0], found[1]


def loss_of(
    network: Agcm | Hdcfm,
    pairs: Pairs,
    chosen: Sequence[int],
    crop: int,
    random: np.random.Generator,
    proxies: Proxies,
) -> Tensor:
    """Mean L1 of PQ codes over pixels of some pairs of a source."""
    looked = [proxies.of(network, pairs, at) for at in chosen]
    places = _places(network, pairs.codes.shape[1:3], crop, random)
    made = predicted(network, pairs.codes[list(chosen)], places, looked)
    wanted = pairs.masters[pairs.of[list(chosen)]][:, places[0], places[1]].astype(np.float32) / 65535
    # The zero padding of a filter at the edge of a crop is no edge of the picture.
    edge = 0 if isinstance(network, Agcm) else 6
    target = _planes(list(wanted))
    if edge and min(target.shape[2:]) > 2 * edge:
        made, target = (t[..., edge:-edge, edge:-edge] for t in (made, target))
    return (made - target).abs().mean()


def train(
    settings: Settings, pairs: Sequence[Pairs], out: Path, *, until: int | None = None
) -> dict[str, Any]:
    """Train to the last step, or to step `until`, from where `out` is at; the last line of its log."""
    torch.manual_seed(settings.seed)
    network = network_named(settings.name)
    adam = torch.optim.Adam(network.parameters(), settings.rate, betas=(0.9, 0.99))
    split = split_of([one.group for one in pairs])
    learnt = [one for one in pairs if split[one.group] == "train" and usable(one, settings.hold_out)]
    shown = [one for one in pairs if split[one.group] == "validate"]
    proxies = Proxies()
    step, best, state = 0, float("inf"), out / "state.pt"
    if state.is_file():
        kept = torch.load(state, weights_only=True)
        if kept["settings"] != json.dumps(asdict(settings)):
            raise SystemExit(f"{state}: is of other settings; give another folder")
        network.load_state_dict(kept["network"])
        adam.load_state_dict(kept["adam"])
        step, best = kept["step"], kept["best"]
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
        adam.zero_grad()
        total = 0.0
        for at in random.integers(len(learnt), size=settings.sources):
            one = learnt[int(at)]
            chosen = random.choice(usable(one, settings.hold_out), size=settings.pairs)
            loss = loss_of(network, one, chosen.tolist(), settings.crop, random, proxies) / settings.sources
            loss.backward()
            total += float(loss.detach())
        adam.step()
        losses.append(total)
        step += 1
        if step % _EVERY == 0 or step == end:
            found = validated(network, shown, settings, proxies)
            last = {"step": step, "rate": rate, "l1": float(np.mean(losses)), "validation_l1": found,
                    "seconds": round(time.monotonic() - began, 1)}  # fmt: skip
            losses.clear()
            if found < best:
                best = found
                arrays = {key: value.numpy() for key, value in network.state_dict().items()}
                np.savez(out / f"{settings.name}.npz", **arrays)
            _save(state, settings, network, adam, step, best)
            with (out / "log.jsonl").open("a") as log:
                log.write(json.dumps(last) + "\n")
            print(last, flush=True)
    return last


def validated(
    network: Agcm | Hdcfm, shown: Sequence[Pairs], settings: Settings, proxies: Proxies
) -> float:
    """Mean L1 over pairs of the sources for validation, the same ones every time."""
    network.eval()
    random = generator("validation")
    found = []
    with torch.no_grad():
        for number in range(_SHOWN // settings.pairs):
            one = shown[number % len(shown)]
            chosen = random.choice(usable(one, settings.hold_out), size=settings.pairs)
            found.append(float(loss_of(network, one, chosen.tolist(), settings.crop, random, proxies)))
    return float(np.mean(found))


def _save(
    path: Path, settings: Settings, network: Agcm | Hdcfm, adam: torch.optim.Adam, step: int, best: float
) -> None:
    temporary = path.with_suffix(".part")
    kept = {"settings": json.dumps(asdict(settings)), "network": network.state_dict(),
            "adam": adam.state_dict(), "step": step, "best": best}  # fmt: skip
    torch.save(kept, temporary)
    temporary.replace(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train or go on training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", choices=("agcm", "hdcfm"))
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hold-out", default="", help="operators, joined by commas")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    asked.out.mkdir(parents=True, exist_ok=True)
    hold_out = tuple(word for word in asked.hold_out.split(",") if word)
    settings = Settings(asked.name, asked.steps, seed=asked.seed, hold_out=hold_out)
    train(settings, load_pairs(asked.pairs), asked.out)


if __name__ == "__main__":
    main()
