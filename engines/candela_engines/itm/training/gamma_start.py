"""A start for the gamma network: the average of networks fitted to synthetic pictures, and whether it helps.

    python -m candela_engines.itm.training.gamma_start DATA --out FOLDER

As its paper has it: pictures of 1/f² noise whose colours fill the gamut, an SDR grade of each, a network
fitted to each from one random start, the mean of their weights. Nothing of DATA is trained on; its
held-out sources measure the start against the random one, after 1,000 steps.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.colour import bt2446, ictcp, pq
from candela_engines.colour.names import NAMED
from candela_engines.itm.gamma_mlp import encode_gamma
from candela_engines.itm.gamma_mlp_fit import PLANS, Plan, descend, random_gamma, samples_of
from candela_engines.itm.training.stills import OPERATORS, load_stills, sources
from candela_engines.metrics.pu_psnr import pu_psnr

__all__ = ["average", "fitted", "noise_pair"]

F32 = npt.NDArray[np.float32]


def noise_pair(height: int, width: int, rng: np.random.Generator) -> tuple[F32, F32]:
    """SDR codes over full scale and HDR nits of a picture of 1/f² noise in ICtCp, 0..1000 nit."""
    planes = []
    frequency = np.hypot(np.fft.fftfreq(height)[:, None] * height, np.fft.fftfreq(width)[None, :] * width)
    frequency[0, 0] = 1
    for _ in range(3):
        plane = np.fft.ifft2(np.fft.fft2(rng.uniform(size=(height, width))) / frequency**2).real
        plane -= plane.mean()
        planes.append(plane / plane.std())
    intensity = 0.76 / (1 + np.exp(-1.5 * planes[0]))
    colours = np.stack([intensity, 0.06 * planes[1], 0.06 * planes[2]], axis=-1)
    nits = np.clip(ictcp.to_nits(colours), 0.0, 1000.0)
    code = bt2446.rec709_code(nits, method="a" if rng.random() < 0.5 else "c")
    return (np.rint(np.clip(code, 0, 1) * 255) / 255).astype(np.float32), nits.astype(np.float32)


def fitted(signal: F32, nits: F32, start: F32, plan: Plan, rng: np.random.Generator) -> tuple[F32, float]:
    """Weights fitted to a pair, and the PU-PSNR that they reach, stored as float16."""
    state = NAMED["rec709"]
    samples, norms = samples_of(signal, state, nits, rng)
    vector = start.copy()
    descend(vector, samples, plan, rng)
    strips = encode_gamma(vector, norms)[2].strips(signal, state)
    return vector, pu_psnr(np.concatenate([np.asarray(part, np.float32) for _, part in strips]), nits)


def average(pictures: int, side: int, plan: Plan, seed: int) -> F32:
    """The mean of the weights of networks fitted to `pictures` noise pictures, all from one random start."""
    rng = np.random.default_rng(seed)
    start = random_gamma(rng)
    total = np.zeros_like(start)
    for _ in range(pictures):
        vector, figure = fitted(*noise_pair(side, 2 * side, rng), start, plan, rng)
        print(f"noise: {figure:.2f} dB", flush=True)
        total += vector
    return total / np.float32(pictures)


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder with .exr and .hdr stills")
    parser.add_argument("--out", type=Path, required=True, help="folder for weights and figures")
    parser.add_argument("--pictures", type=int, default=16)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--sources", type=int, default=100, help="held-out sources to measure on, at most")
    parser.add_argument("--seed", type=int, default=0)
    a = parser.parse_args(arguments)
    a.out.mkdir(parents=True, exist_ok=True)
    plan = PLANS["normal"]
    starts = {"random": random_gamma(np.random.default_rng(a.seed + 1))}
    starts["noise"] = average(a.pictures, a.side, plan, a.seed)
    np.savez(a.out / "gamma_start.npz", vector=starts["noise"].astype(np.float16))
    figures: dict[str, dict[str, float]] = {}
    held_out = sources(a.data, training=False)
    for i, path in enumerate(held_out[:: max(1, len(held_out) // a.sources)][: a.sources]):
        for still in load_stills(path, (OPERATORS[i % len(OPERATORS)],)):
            row = figures.setdefault(f"{still.name}/{still.operator}", {})
            for name, start in starts.items():
                rng = np.random.default_rng(a.seed)
                row[name] = fitted(still.signal, pq.eotf(still.code), start, plan, rng)[1]
            print(still.name, {k: round(v, 2) for k, v in row.items()}, flush=True)
    (a.out / "gamma_table.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
