"""Beside the stages: what tells log footage and PQ codes under SDR's name from grades.

    python -m candela_engines.upconvert.training.log_look DATA PAIRS OUT

Real scenes of DATA (`stills`, `clips`; at 256 pixels) go through camera log curves as OpenColorIO's studio
config has them, exposures and sensor noise by chance, to 8 bits; PQ codes are the masters of PAIRS, and
grades the SDR of PAIRS, trims among them. Of every grade there is one more that comes close to log: seen
through fog, faded (black lifted, white lowered, colour drained), without colour, or with little contrast.
Sources are split as in the training of networks; a logistic regression is fitted to those for training, and
the odds that a refusal needs are those that 1 in 100 of their grades and 12 in 100 of the flat ones reach.
OUT gets `numbers.npz`, what was measured of every picture, and `log_look.npz`; rates on sources held out are
printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from candela_engines.colour import gamma
from candela_engines.scorer.training.pictures import F32, generator
from candela_engines.scorer.training.sources import UnusableError, find_sources, load
from candela_engines.upconvert.log_look import numbers_of, terms_of
from candela_engines.upconvert.training.data import load_pairs, split_of

__all__ = ["CURVES", "FLAT", "fitted", "flattened", "grades_of", "kinds_of", "logs_of", "main", "rates"]

CURVES = (
    "S-Log3 S-Gamut3.Cine", "S-Log3 S-Gamut3", "ARRI LogC3 (EI800)", "ARRI LogC4", "V-Log V-Gamut",
    "CanonLog2 CinemaGamut D55", "CanonLog3 CinemaGamut D55", "Log3G10 REDWideGamutRGB",
    "BMDFilm WideGamut Gen5", "DaVinci Intermediate WideGamut", "ACEScct",
)  # fmt: skip
_CONFIG, _LINEAR = "studio-config-v2.1.0_aces-v1.3_ocio-v2.3", "Linear Rec.709 (sRGB)"
FLAT = ("fog", "faded", "grey", "contrast")
_SIDE, _EACH, _STOPS, _NOISY = 256, 10, 2.0, 0.6
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_PULL = 10.0  # of weights towards 0
_COUNTS = {"log": 2.0, "pq": 0.5, "sdr": 2.0, "fog": 0.3, "faded": 0.3, "grey": 0.5, "contrast": 0.4}
_ACCUSED = {"sdr": 0.01, "flat": 0.12}
Row = tuple[str, str, F32]
"""Group, kind and numbers of a picture."""


def _eight(code: np.ndarray) -> F32:
    return np.asarray(np.rint(np.clip(code, 0, 1) * 255) / np.float32(255), np.float32)


def flattened(code: F32, way: str, random: np.random.Generator) -> F32:
    """A grade (H, W, 3), BT.709 with BT.1886, 0..1, in one of the ways that bring it close to log."""
    grey = (code @ _LUMA)[..., None]
    if way == "fog":
        clear, haze = random.uniform(0.25, 0.7), random.uniform(0.3, 0.8)
        tint = np.array([1, 1, 1 + random.uniform(-0.05, 0.1)])
        light = np.asarray(gamma.eotf(code, 2.4)) * clear + haze * (1 - clear) * tint
        made = np.clip(light, 0, 1) ** (1 / 2.4)
    elif way == "faded":
        black, white = random.uniform(0.05, 0.13), random.uniform(0.75, 0.98)
        made = black + (white - black) * (grey + (code - grey) * random.uniform(0.4, 1))
    elif way == "contrast":
        made = np.median(code) + (code - np.median(code)) * random.uniform(0.4, 0.8)
    else:
        made = np.broadcast_to(grey, code.shape)
    return _eight(made)


def logs_of(scene: F32, name: str) -> Iterator[tuple[str, F32]]:
    """A scene (H, W, 3), linear BT.709, 18 % grey at .18, by every camera: names, and codes over full scale.

    Noise of photons and of reading out, exposure up to two stops to either side.
    """
    import PyOpenColorIO as ocio

    config = ocio.Config.CreateFromBuiltinConfig(_CONFIG)
    random = generator("log", name)
    for curve in CURVES:
        seen = scene * np.float32(2 ** random.uniform(-_STOPS, _STOPS))
        if random.random() < _NOISY:
            shot = 10 ** random.uniform(-4.5, -2.7)
            spread = np.sqrt(shot * np.maximum(seen, 0) + 2.5 * shot**2)
            seen = seen + random.normal(0, 1, seen.shape) * spread
        code = np.ascontiguousarray(seen, np.float32)
        processor = config.getProcessor(_LINEAR, curve).getDefaultCPUProcessor()
        processor.apply(ocio.PackedImageDesc(code, code.shape[1], code.shape[0], 3))
        yield curve, _eight(code)


def scenes_of(data: Path) -> Iterator[tuple[str, str, F32]]:
    """Name, group and scene of every source; what is display light has its reference white at .9."""
    for source in find_sources(data):
        try:
            picture = load(source, side=_SIDE)
        except UnusableError:
            continue
        if picture.scene is not None:
            yield source.name, source.group, picture.scene
        elif picture.nits is not None:
            yield source.name, source.group, picture.nits * np.float32(0.9 / 203)


def grades_of(pairs: Path) -> Iterator[Row]:
    """Numbers of grades, of flat ones and of PQ codes."""
    for one in load_pairs(pairs):
        random = generator("grades", one.name)
        for at in random.permutation(len(one.codes))[:_EACH]:
            code = one.codes[at].astype(np.float32) / np.float32(255)
            way = FLAT[int(random.integers(len(FLAT)))]
            yield from _rows(one.group, f"sdr:{one.operators[int(at)].partition('+')[0]}", code)
            yield from _rows(one.group, way, flattened(code, way, random))
        for master in one.masters[:2]:
            yield from _rows(one.group, "pq", _eight(master.astype(np.float32) / np.float32(65535)))


def _rows(group: str, kind: str, code: F32) -> Iterator[Row]:
    found = numbers_of(code)
    if found is not None:
        yield group, kind, found


def kinds_of(kinds: Sequence[str]) -> np.ndarray:
    """Kinds without the curve and the operator."""
    return np.array([kind.partition(":")[0] for kind in kinds])


def fitted(numbers: F32, kinds: np.ndarray) -> dict[str, np.ndarray]:
    """`mean`, `scale`, `weights` and `least`, as `log_look.log_odds` takes them."""
    mean, scale = numbers.mean(axis=0), numbers.std(axis=0) + np.float32(1e-6)
    terms = terms_of(numbers, mean, scale).astype(np.float64)
    wanted = np.isin(kinds, ("log", "pq")).astype(np.float64)
    counts = np.array([1000 * _COUNTS[kind] / (kinds == kind).sum() for kind in kinds])
    pull = np.full(terms.shape[1], _PULL)
    pull[-1] = 1e-9
    weights = np.zeros(terms.shape[1])
    for _ in range(60):  # Newton
        chance = 1 / (1 + np.exp(-np.clip(terms @ weights, -30, 30)))
        slope = terms.T @ (counts * (chance - wanted)) + pull * weights
        curve = (terms * (counts * np.maximum(chance * (1 - chance), 1e-6))[:, None]).T @ terms + np.diag(
            pull
        )
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-7:
            break
    odds = terms @ weights
    least = max(
        np.quantile(odds[kinds == "sdr"], 1 - _ACCUSED["sdr"]),
        np.quantile(odds[np.isin(kinds, FLAT)], 1 - _ACCUSED["flat"]),
    )
    made = {"mean": mean, "scale": scale, "weights": weights, "least": np.array(least)}
    return {key: np.asarray(values, np.float32) for key, values in made.items()}


def rates(odds: np.ndarray, kinds: Sequence[str]) -> dict[str, tuple[float, int]]:
    """By kind, with and without its curve or operator: the share that is taken for log, and the count."""
    all_kinds, words = kinds_of(kinds), np.array(kinds)
    found = {kind: odds[all_kinds == kind] for kind in sorted(set(all_kinds))}
    found |= {word: odds[words == word] for word in sorted(set(kinds)) if ":" in word}
    return {kind: (float((some >= 0).mean()), len(some)) for kind, some in found.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is not measured yet, fit, print the rates on sources held out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    cache = asked.out / "numbers.npz"
    if not cache.is_file():
        rows = list(grades_of(asked.pairs))
        for name, group, scene in scenes_of(asked.data):
            for curve, code in logs_of(scene, name):
                rows += _rows(group, f"log:{curve}", code)
        np.savez(cache, groups=[r[0] for r in rows], kinds=[r[1] for r in rows], numbers=[r[2] for r in rows])
    with np.load(cache, allow_pickle=False) as held:
        groups, kinds, numbers = (
            [str(w) for w in held["groups"]],
            [str(w) for w in held["kinds"]],
            held["numbers"],
        )
    split = split_of(groups)
    learnt = np.array([split[group] == "train" for group in groups])
    made = fitted(numbers[learnt], kinds_of(kinds)[learnt])
    np.savez(asked.out / "log_look.npz", **made)  # type: ignore[arg-type]
    terms = terms_of(numbers[~learnt], made["mean"], made["scale"])
    shown = rates(
        terms @ made["weights"] - made["least"], [k for k, own in zip(kinds, learnt, strict=True) if not own]
    )
    for kind, (share, count) in shown.items():
        print(f"{kind:32} {share:6.1%} of {count}")


if __name__ == "__main__":
    main()
