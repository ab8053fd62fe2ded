"""Starts for the published SIREN: Algorithm 1 of its paper, corrected, and what it has to beat.

    python -m candela_engines.itm.training.siren_meta DATA --out FOLDER [--resume]

`none` is a random network, `joint` plain training on all pairs at once; `reptile` and `fomaml` go on from the
first half of `joint`, whose second half they stand beside at about the same cost. For each task a copy of θ
takes k_s steps on three support pairs and k_q steps on one query pair of the same SDR operator, φ; θ itself
is never touched by that, and the outer step starts at θ (the released code of the paper goes on from φ).
Only sources that the split gives to training are read. Then every start, with uniform samples and with hard
examples, is adapted to held-out sources by the published 200 steps and measured: the paper's Table 4.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.itm.siren import PARAMETERS, encode_siren, places
from candela_engines.itm.siren_fit import PLANS, Adam, adapt, loss_and_gradient, random_siren
from candela_engines.itm.training.stills import OPERATORS, Still, load_stills, sources
from candela_engines.metrics.pu_psnr import pu_psnr

__all__ = ["INITS", "Pixels", "Settings", "State", "adapted", "kept_pixels", "table", "train"]

INITS = ("none", "joint", "reptile", "fomaml")
SAMPLINGS = ("uniform", "ohem")

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Settings:
    """Counts and rates of the training."""

    joint_steps: int = 12000
    joint_rate: float = 1e-3
    joint_pairs: int = 4
    joint_samples: int = 1024  # of each pair, a step
    meta_steps: int = 240
    meta_rate: float = 3e-4
    meta_batch: int = 3  # tasks to a meta-step
    inner_rate: float = 4e-4  # 50 steps of it go as far as the 200 of 1e-4 that a start is for
    support_pairs: int = 3
    support_steps: int = 5
    query_steps: int = 50
    inner_samples: int = 512


@dataclass(frozen=True)
class Pixels:
    """What is kept of a training pair: random pixels, (n, 3), (n, 2) and (n, 3)."""

    name: str
    operator: str
    colour: F32
    place: F32
    target: F32

    def drawn(self, count: int, rng: np.random.Generator) -> tuple[F32, F32, F32]:
        """`count` of them at random, with replacement."""
        at = rng.integers(0, len(self.target), count)
        return self.colour[at], self.place[at], self.target[at]


def kept_pixels(still: Still, count: int, rng: np.random.Generator) -> Pixels:
    """`count` random pixels of a pair, or all."""
    height, width = still.signal.shape[:2]
    at = rng.permutation(height * width)[:count]
    ys, xs = np.divmod(at, width)
    place = places(height, width, ys, xs)
    return Pixels(still.name, still.operator, still.signal[ys, xs], place, still.code[ys, xs])


@dataclass
class State:
    """Everything that a run needs to go on where it stopped."""

    vector: F32
    optimiser: Adam
    rng: np.random.Generator
    steps: int = 0
    seconds: float = 0.0

    @staticmethod
    def new(seed: int, vector: F32 | None = None) -> State:
        """Before the first step, from `vector` or from a random network."""
        rng = np.random.default_rng(seed)
        start = random_siren(np.random.default_rng(seed)) if vector is None else vector.copy()
        return State(start, Adam(PARAMETERS), rng)

    def save(self, path: Path) -> None:
        """Write to a temporary file, then rename."""
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            np.savez(
                file, vector=self.vector, first=self.optimiser.first, second=self.optimiser.second,
                counts=np.array([self.steps, self.optimiser.steps]), seconds=np.array(self.seconds),
                rng=np.array(json.dumps(self.rng.bit_generator.state)),
            )  # fmt: skip
        temporary.replace(path)

    @staticmethod
    def load(path: Path) -> State:
        """What `save` wrote."""
        with np.load(path, allow_pickle=False) as data:
            state = State.new(0, data["vector"])
            state.optimiser.first, state.optimiser.second = data["first"], data["second"]
            state.steps, state.optimiser.steps = (int(v) for v in data["counts"])
            state.seconds = float(data["seconds"])
            state.rng.bit_generator.state = json.loads(str(data["rng"]))
        return state


def adapted(theta: F32, pool: list[Pixels], s: Settings, rng: np.random.Generator) -> tuple[F32, F32]:
    """φ of one task and the query's gradient there. θ stays as it was: what is fitted is a copy."""
    operator = pool[int(rng.integers(len(pool)))].operator
    alike = [p for p in pool if p.operator == operator]
    order = rng.permutation(len(alike))[: s.support_pairs + 1]
    query, support = alike[order[0]], [alike[i] for i in order[1:]]
    phi, optimiser = theta.copy(), Adam(PARAMETERS)
    for _ in range(s.support_steps if support else 0):
        parts = zip(*(p.drawn(s.inner_samples, rng) for p in support), strict=True)
        optimiser.step(phi, loss_and_gradient(phi, *(np.concatenate(p) for p in parts))[1], s.inner_rate)
    optimiser = Adam(PARAMETERS)
    for _ in range(s.query_steps):
        samples = query.drawn(s.inner_samples, rng)
        optimiser.step(phi, loss_and_gradient(phi, *samples)[1], s.inner_rate)
    return phi, loss_and_gradient(phi, *query.drawn(4 * s.inner_samples, rng))[1]


def _cosine(fraction: float) -> float:
    return float(0.5 + 0.5 * np.cos(np.pi * min(fraction, 1.0)))


def _joint_step(state: State, pool: list[Pixels], s: Settings) -> None:
    picks = state.rng.integers(0, len(pool), s.joint_pairs)
    parts = zip(*(pool[i].drawn(s.joint_samples, state.rng) for i in picks), strict=True)
    gradient = loss_and_gradient(state.vector, *(np.concatenate(p) for p in parts))[1]
    state.optimiser.step(state.vector, gradient, s.joint_rate * _cosine(state.steps / s.joint_steps))


def _meta_step(state: State, pool: list[Pixels], s: Settings, method: str) -> None:
    outer = np.zeros(PARAMETERS, np.float32)
    for _ in range(s.meta_batch):
        phi, gradient = adapted(state.vector, pool, s, state.rng)
        outer += (state.vector - phi if method == "reptile" else gradient) / np.float32(s.meta_batch)
    state.optimiser.step(state.vector, outer, s.meta_rate * _cosine(state.steps / s.meta_steps))


def train(
    method: str,
    state: State,
    pool: list[Pixels],
    settings: Settings,
    *,
    until: int,
    seconds: float = float("inf"),
    save: Callable[[State], None] | None = None,
) -> bool:
    """Go on with `joint`, `reptile` or `fomaml` up to step `until`; False where the time ended it before.

    seconds: of wall time for this call. save is called every half minute and at the end.
    """
    began = last = time.monotonic()
    before = state.seconds
    while state.steps < until and time.monotonic() - began < seconds:
        if method == "joint":
            _joint_step(state, pool, settings)
        else:
            _meta_step(state, pool, settings, method)
        state.steps += 1
        state.seconds = before + time.monotonic() - began
        if save is not None and time.monotonic() - last > 30:
            last = time.monotonic()
            save(state)
            print(f"{method}: step {state.steps}, {state.seconds:.0f} s", flush=True)
    if save is not None:
        save(state)
    return state.steps >= until


def table(
    starts: dict[str, F32], stills: list[Still], *, steps: int = 200, seed: int = 1
) -> dict[str, dict[str, list[float]]]:
    """PU-PSNR of every pair for each start and sampling, after `steps` of Adam at 1e-4, as float16."""
    out: dict[str, dict[str, list[float]]] = {}
    for name, start in starts.items():
        for sampling in SAMPLINGS:
            plan = replace(PLANS["normal"], steps=steps, sampling=sampling)
            figures = out.setdefault(name, {}).setdefault(sampling, [])
            for still in stills:
                vector = start.copy()
                for _ in adapt(vector, still.signal, still.code, plan, np.random.default_rng(seed)):
                    pass
                model = encode_siren(vector)[2]
                nits = np.concatenate([part for _, part in model.strips(still.signal, state=None)])
                figures.append(pu_psnr(nits.astype(np.float32), pq.eotf(still.code)))
            print(
                f"{name}/{sampling}: median {np.median(figures):.2f} mean {np.mean(figures):.2f}", flush=True
            )
    return out


def _pool(data: Path, keep: int, width: int) -> list[Pixels]:
    rng = np.random.default_rng(0)
    pool = []
    for path in sources(data, training=True):
        pool += [kept_pixels(still, keep, rng) for still in load_stills(path, width=width)]
    return pool


def _held_out(data: Path, width: int) -> list[Still]:
    """One pair of every held-out source, the operators in turn."""
    out: list[Still] = []
    for path in sources(data, training=False):
        out += load_stills(path, (OPERATORS[len(out) % len(OPERATORS)],), width=width)
    return out


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder with .exr and .hdr stills")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and figures")
    parser.add_argument("--resume", action="store_true", help="go on from its checkpoints")
    parser.add_argument(
        "--only", choices=["joint", "reptile", "fomaml", "table"], help="one part of the work"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--minutes", type=float, default=25.0, help="stop training after that; --resume goes on"
    )
    parser.add_argument("--joint-steps", type=int, default=Settings.joint_steps)
    parser.add_argument("--meta-steps", type=int, default=Settings.meta_steps)
    parser.add_argument("--pixels", type=int, default=24000, help="kept of each pair")
    parser.add_argument("--width", type=int, default=512, help="of the stills at most")
    a = parser.parse_args(arguments)
    a.out.mkdir(parents=True, exist_ok=True)
    settings = Settings(joint_steps=a.joint_steps, meta_steps=a.meta_steps)
    deadline = time.monotonic() + a.minutes * 60
    half = a.out / "half.npz"

    def run(method: str, start: State, until: int, path: Path) -> State:
        state = State.load(path) if a.resume and path.is_file() else start
        if not train(method, state, pool, settings, until=until, seconds=deadline - time.monotonic(),
                     save=lambda s: s.save(path)):  # fmt: skip
            parser.exit(3, f"{method} stopped at step {state.steps} of {until}; --resume goes on\n")
        return state

    if a.only != "table":
        pool = _pool(a.data, a.pixels, a.width)
        print(f"{len(pool)} pairs of {len({p.name for p in pool})} sources", flush=True)
    if a.only in (None, "joint"):
        first = run("joint", State.new(a.seed), a.joint_steps // 2, half)
        run("joint", first, a.joint_steps, a.out / "joint.npz")
    for method in ("reptile", "fomaml"):
        if a.only in (None, method):
            start = State.new(a.seed + 1, State.load(half).vector)
            run(method, start, a.meta_steps, a.out / f"{method}.npz")
    if a.only in (None, "table"):
        starts = {"none": random_siren(np.random.default_rng(a.seed))}
        starts |= {name: State.load(a.out / f"{name}.npz").vector for name in INITS[1:]}
        stills = _held_out(a.data, a.width)
        figures = {"pairs": [f"{s.name}/{s.operator}" for s in stills], "pu_psnr": table(starts, stills)}
        (a.out / "table.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
