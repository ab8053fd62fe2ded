"""PyTorch's Adam on the same samples, start and schedule as ours: the rival of `kernel_fit`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from candela_engines.itm.learn import Samples
from candela_engines.itm.network import Layers

__all__ = ["Rival", "fastest"]

WARM = 30


@dataclass(frozen=True)
class Rival:
    """A way of running it. implementation: foreach or fused."""

    batch: int
    rate: float
    threads: int
    implementation: str

    def fit(self, samples: Samples, start: Layers, steps: int) -> tuple[Layers, float]:
        """The layers after so many steps, and the seconds that the steps took."""
        import torch

        torch.set_num_threads(self.threads)
        x, y, w = (torch.from_numpy(a) for a in (samples.features, samples.target, samples.weight))
        w = w * w / torch.mean(w * w)
        parameters = [torch.tensor(p, requires_grad=True) for p in start.parameters]
        depth = len(start.weights)
        how: dict[str, Any] = {self.implementation: True}
        adam = torch.optim.Adam(parameters, lr=self.rate, betas=(0.9, 0.99), **how)
        at = 0
        began = time.perf_counter()
        for done in range(steps):
            if at + self.batch > len(x):
                at = 0
            part = slice(at, at + self.batch)
            at += self.batch
            fall = 0.5 + 0.5 * np.cos(np.pi * done / steps)
            adam.param_groups[0]["lr"] = self.rate * min(1.0, (done + 1) / WARM) * max(fall, 0.003)
            h = x[part]
            for i in range(depth):
                h = torch.addmm(parameters[depth + i], h, parameters[i])
                if i + 1 < depth:
                    h = torch.relu(h)
            loss = torch.mean(torch.square(h - y[part]) * w[part])
            adam.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()
        seconds = time.perf_counter() - began
        found = [p.detach().numpy().copy() for p in parameters]
        return Layers(found[:depth], found[depth:]), seconds


def fastest(samples: Samples, start: Layers, batch: int, cores: int) -> Rival:
    """The implementation and number of threads that take the least time a step, of three looks at each."""
    ways = [Rival(batch, 1e-2, threads, how) for threads in {1, cores} for how in ("foreach", "fused")]
    took = {way: float("inf") for way in ways}
    for _ in range(3):
        for way in ways:
            took[way] = min(took[way], way.fit(samples, start, 100)[1])
    return min(ways, key=lambda way: took[way])
