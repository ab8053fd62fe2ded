"""What the two encoders see of a row: whole pictures at low resolution, and crops of untouched pixels.

    python -m candela_engines.scorer.training.dual.pictures SET CACHE [--part 1/2]

Both the grade and its SDR reference are HLG of 1000 nit, the reference with its white at 203. A folder
CACHE/NAME a source, whole or not there, of arrays that are read from the disk as they are asked for:

context.npy     (n, 256, 256, 3) uint8 of the variants, stretched to a square and averaged in light
context_of.npy  (m, 256, 256, 3) uint8 of the references that were described
crops.npy       (n, 12, 3, 96, 96) float16, HLG codes 0..1 of pixels of the set as they are, never resampled
crops_of.npy    (m, 12, 3, 96, 96) float16, the same places of the references
references.npy  (m,) int64, places of those references in the set

The places are drawn once a source, so that a grade, its reference and all rungs of a ladder show the same.
A variant takes about 40 ms of one core: its light is decoded once for both.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.colour import hlg
from candela_engines.scorer.training.following import add_part, is_of_part
from candela_engines.scorer.training.operators import placed
from candela_engines.scorer.training.pictures import F32, generator, nits_of, shrink_to
from candela_engines.scorer.training.store import Store

__all__ = ["CROP", "CROPS", "SIDE", "cached", "corners", "crops_of", "keep", "main", "to_hlg"]

SIDE = 256
CROP = 96
CROPS = 12
"""Kept of a picture."""

U8 = npt.NDArray[np.uint8]
F16 = npt.NDArray[np.float16]


def to_hlg(nits: F32) -> F32:
    """HLG codes 0..1 of light (…, 3) in nits, held to a display of 1000 nit."""
    return np.clip(hlg.inverse_eotf(np.clip(nits, 0, 1000)), 0, 1).astype(np.float32)


def _square(nits: F32) -> U8:
    height, width = nits.shape[:2]
    small = shrink_to(nits, min(SIDE, height), min(SIDE, width))
    rows, columns = (np.arange(SIDE) * n // SIDE for n in small.shape[:2])
    return np.rint(255 * to_hlg(small)[rows][:, columns]).astype(np.uint8)


def cached(store: Store, name: str, references: Sequence[int]) -> dict[str, np.ndarray]:
    """The arrays of a source. references: places of those that rows stand beside."""
    codes, sdr = store.array(name, "variants"), store.array(name, "references")
    at = corners(codes.shape[1], codes.shape[2], CROPS, generator("dual crops", name))
    out = {
        "context": np.empty((len(codes), SIDE, SIDE, 3), np.uint8),
        "crops": np.empty((len(codes), CROPS, 3, CROP, CROP), np.float16),
        "context_of": np.empty((len(references), SIDE, SIDE, 3), np.uint8),
        "crops_of": np.empty((len(references), CROPS, 3, CROP, CROP), np.float16),
    }
    for place, one in enumerate(codes):
        light = nits_of(one)
        out["context"][place], out["crops"][place] = _square(light), crops_of(light, at)
    for place, which in enumerate(references):
        light = placed(sdr[which])
        out["context_of"][place], out["crops_of"][place] = _square(light), crops_of(light, at)
    return out | {"references": np.array(references, np.int64)}


def keep(cache: Path, name: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Write CACHE/NAME, all at once."""
    temporary = cache / f".{name}.part"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for key, array in arrays.items():
        np.save(temporary / f"{key}.npy", array)
    temporary.replace(cache / name)


def corners(height: int, width: int, count: int, random: np.random.Generator | None) -> npt.NDArray[np.int64]:
    """(count, 2) tops and lefts of crops: a grid in order of rows; some of it with jitter where `random`
    draws.

    A picture smaller than a crop has its crops at the edge; they are filled up by repeating it.
    """
    down = max(1, round((count * height / width) ** 0.5))
    across = -(-count // down)
    y, x = np.divmod(np.arange(down * across), across)
    chosen = np.arange(count) if random is None else random.permutation(down * across)[:count]
    found = np.empty((count, 2), np.int64)
    for axis, (at, cells, extent) in enumerate(((y, down, height), (x, across, width))):
        jitter = 0.0 if random is None else random.uniform(-0.5, 0.5, count)
        centre = (at[chosen] + 0.5 + jitter) / cells * extent
        found[:, axis] = np.clip(np.round(centre - CROP / 2), 0, max(extent - CROP, 0))
    return found


def crops_of(nits: F32, at: npt.NDArray[np.int64]) -> F16:
    """(K, 3, 96, 96): HLG codes 0..1 of the light (H, W, 3) of a picture at those tops and lefts."""
    out = np.empty((len(at), 3, CROP, CROP), np.float16)
    for place, (top, left) in enumerate(at.tolist()):
        code = to_hlg(nits[top : top + CROP, left : left + CROP])
        short = [(0, CROP - n) for n in code.shape[:2]]
        mode = "reflect" if min(code.shape[:2]) > CROP // 2 else "wrap"
        out[place] = np.pad(code, [*short, (0, 0)], mode=mode).transpose(2, 0, 1)
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is not there yet of every source with descriptors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("cache", type=Path)
    add_part(parser)
    asked = parser.parse_args(arguments)
    store = Store(asked.set)
    asked.cache.mkdir(parents=True, exist_ok=True)
    for name in store.names():
        done = (asked.cache / name).is_dir()
        if done or not store.has("vectors", name) or not is_of_part(name, asked.part):
            continue
        places = sorted(set(store.read_arrays("vectors", name)["reference"].tolist()))
        keep(asked.cache, name, cached(store, name, places))
        print(name, flush=True)


if __name__ == "__main__":
    main()
