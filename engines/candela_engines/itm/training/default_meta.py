"""Meta-training of the default network's starts: one set of layers for every size and domain.

    python -m candela_engines.itm.training.default_meta DATA --out FOLDER [--minutes 12] [--ship]

DATA holds HDR stills (.exr, .hdr) and Ultra HDR photographs (.jpg); only sources on the training side of
the split are read. Each still gives pairs by three operators, each photograph its own pair; every pair is
seen with planes of several sizes and without one. A start is fitted jointly to all of them, then drawn
towards what single pairs want by Reptile (Nichol et al. 2018). Joint and Reptile starts are judged, beside a
random one, by short fits on training sources kept aside (a quarter); the better ships, if it beats the
random one. numpy only.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.errors import CandelaError
from candela_engines.itm.choose import SIZES, Size
from candela_engines.itm.features import CELLS
from candela_engines.itm.learn import Samples, fit_layers, weighted_error
from candela_engines.itm.network import Layers
from candela_engines.itm.pair import Pair, Side, spread_code
from candela_engines.itm.split import is_training_source, source_group
from candela_engines.itm.starts import FILE, FULL, start_key
from candela_engines.itm.training.ship import ship
from candela_engines.itm.training.stills import load_stills, shrink, sources
from candela_engines.media import read_ultrahdr

DOMAINS = ("pq", "gain")
PIXELS = 6000  # of each pair and plane
PLANES = (
    (0, 0),
    (1, 700),
    (1, 2500),
    (3, 5000),
)  # channels and bytes: pairs here are an eighth of a 4K frame
SHORT = 300  # steps of the fits that judge a start


def pairs(data: Path, width: int) -> Iterator[tuple[str, Pair]]:
    """Every training pair by source name: stills by three operators, photographs as they are."""
    for path in sources(data, training=True):
        for still in load_stills(path, width=width):
            nits = pq.eotf(still.code)
            yield path.name, Pair(still.signal, NAMED["rec709"], nits, bits=8, floats=False, seed=0)
    for path in sorted(p for p in data.iterdir() if p.suffix == ".jpg" and is_training_source(p.name)):
        try:
            sdr, nits = read_ultrahdr(path)
        except CandelaError:
            continue
        from candela_engines.colour import srgb

        light = shrink(srgb.eotf(sdr.pixels), width)
        signal = (np.rint(srgb.inverse_eotf(light) * 255) / 255).astype(np.float32)
        yield path.name, Pair(signal, NAMED["srgb"], shrink(nits, width), bits=8, floats=False, seed=0)


def full_layout(samples: Samples, channels: int) -> Samples:
    """Samples with every feature in its place, those of absent planes zero."""
    n, plain = len(samples.features), 4 + len(CELLS)
    out = np.zeros((n, FULL), np.float32)
    out[:, :plain] = samples.features[:, :plain]
    if channels:
        out[:, plain : plain + channels] = samples.features[:, plain : plain + channels]
        out[:, -1] = samples.features[:, -1]
    # A common scale for pairs: an error weighs as PU-PSNR has it, but no picture drowns the others.
    weight = samples.weight / np.sqrt(np.mean(np.square(samples.weight)))
    return Samples(out, samples.target, weight.astype(np.float32))


def tasks_of(data: Path, width: int) -> dict[str, list[tuple[str, Samples]]]:
    """For each domain the samples of every pair and plane, with the name of their source."""
    out: dict[str, list[tuple[str, Samples]]] = {d: [] for d in DOMAINS}
    for name, pair in pairs(data, width):
        for domain in DOMAINS:
            side = Side(pair, domain)  # type: ignore[arg-type]
            for channels, size in PLANES:
                guide = side.guide(channels, size, draft=True)
                if channels and guide is None:
                    continue
                samples = side.samples(guide, spread_code(guide), PIXELS)
                out[domain].append((name, full_layout(samples, channels)))
        print(f"  {name}: {len(out['pq'])} tasks", flush=True)
    return out


def mixed(tasks: list[Samples], rng: np.random.Generator) -> Samples:
    """All tasks in one random order."""
    order = rng.permutation(sum(len(t.features) for t in tasks))
    return Samples(
        *(np.concatenate([getattr(t, k) for t in tasks])[order] for k in ("features", "target", "weight"))
    )


def fresh(size: Size, seed: int) -> Layers:
    """Random layers of the full layout."""
    return Layers.random([FULL, *([size.width] * size.depth), 3], np.random.default_rng(seed))


def reptile(start: Layers, tasks: list[Samples], until: float, rng: np.random.Generator) -> Layers:
    """Move `start` towards what short fits of single tasks come to."""
    layers, rate, last = start.copy(), 0.3, time.monotonic()
    begin = last
    while last < until:
        task = tasks[rng.integers(len(tasks))]
        moved = layers.copy()
        fit_layers(task, moved, steps=60, bits=0, rate=3e-3, batch=256)
        share = rate * (1 - (last - begin) / max(until - begin, 1e-9))
        for p, q in zip(layers.parameters, moved.parameters, strict=True):
            p += np.float32(share) * (q - p)
        last = time.monotonic()
    return layers


def judged(start: Layers, tasks: list[Samples]) -> float:
    """Mean decibels, on half of each task's pixels, of short fits to the other half."""
    out = []
    for task in tasks:
        half = len(task.features) // 2
        layers = start.copy()
        fit_layers(task.head(half), layers, steps=SHORT, bits=0)
        rest = Samples(task.features[half:], task.target[half:], task.weight[half:])
        out.append(-10 * np.log10(np.mean(np.square(weighted_error(rest, layers)), dtype=np.float64)))
    return float(np.mean(out))


def train_starts(
    keys: dict[str, tuple[str, Size]], data: Path, out: Path, seconds: float, width: int, seed: int
) -> None:
    """Train and judge the starts named, `seconds` each, and keep every one as soon as it is done."""
    rng = np.random.default_rng(seed)
    every = tasks_of(data, width)
    groups = sorted({source_group(n) for n, _ in every["pq"]})
    kept = set(rng.permutation(groups)[: max(1, len(groups) // 4)])
    for key, (domain, size) in keys.items():
        train = [s for n, s in every[domain] if source_group(n) not in kept]
        judge = [s for n, s in every[domain] if source_group(n) in kept][::3]
        none = fresh(size, seed)
        joint = none.copy()
        until = time.monotonic() + seconds / 2
        fit_layers(mixed(train, rng), joint, steps=1 << 30, bits=0, batch=1024, deadline=until)
        near = reptile(joint, train, time.monotonic() + seconds / 2, rng)
        starts = {"none": none, "joint": joint, "reptile": near}
        figures = {k: round(judged(v, judge), 3) for k, v in starts.items()}
        print(key, figures, flush=True)
        best = starts[max(("joint", "reptile"), key=lambda k: figures[k])]
        arrays = {f"w{i}": w for i, w in enumerate(best.weights)} | {
            f"b{i}": b for i, b in enumerate(best.biases)
        }
        np.savez(out / f"{key}.npz", **arrays, figures=np.array(json.dumps(figures)))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--minutes", type=float, default=12.0, help="of training, shared by sizes and domains"
    )
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ship", action="store_true", help="put the result into the package")
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    keys = {start_key(d, s.width, s.depth): (d, s) for d in DOMAINS for s in SIZES}  # type: ignore[arg-type]
    missing = {k: v for k, v in keys.items() if not (a.out / f"{k}.npz").is_file()}  # resumed where it ended
    if missing:
        train_starts(missing, a.data, a.out, a.minutes * 60 / len(keys), a.width, a.seed)
    figures: dict[str, dict[str, float]] = {}
    shipped = {}
    for path in sorted(a.out.glob("*-*x*.npz")):
        with np.load(path, allow_pickle=False) as stored:
            figures[path.stem] = json.loads(str(stored["figures"]))
            if max(figures[path.stem].values()) == figures[path.stem]["none"]:
                continue  # a random start did better: it is what a fit takes where none is shipped
            shipped |= {f"{path.stem}/{k}": stored[k] for k in stored.files if k != "figures"}
    (a.out / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    if a.ship:
        command = f"python -m {__spec__.name} DATA --out FOLDER --minutes {a.minutes:g} --ship"
        print(ship(shipped, FILE, made_by=command, card="docs/model_cards/default_start.md"))


if __name__ == "__main__":
    main()
