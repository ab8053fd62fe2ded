"""What the two encoders see of a row: whole pictures at low resolution, and crops of untouched pixels.

    python -m candela_engines.scorer.training.dual.pictures SET CACHE [--part 1/2]

Both the grade and its SDR reference are HLG of 1000 nit, the reference with its white at 203.
`CACHE/NAME.npz`, one a source: `context` (n, 256, 256, 3) uint8 of the variants and `context_of` (m, …)
of the references that were described, stretched to a square and averaged in light. Crops come from the
set itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.colour import hlg
from candela_engines.scorer.training.following import add_part, is_of_part
from candela_engines.scorer.training.operators import placed
from candela_engines.scorer.training.pictures import F32, nits_of, shrink_to
from candela_engines.scorer.training.store import Store

__all__ = ["CROP", "SIDE", "cached", "corners", "crops_of", "main", "to_hlg"]

SIDE = 256
CROP = 96
_GRID = 6
U8 = npt.NDArray[np.uint8]


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
    return {
        "context": np.stack([_square(nits_of(one)) for one in codes]),
        "context_of": np.stack([_square(placed(sdr[place])) for place in references]),
        "references": np.array(references, np.int64),
    }


def corners(height: int, width: int, count: int, random: np.random.Generator | None) -> npt.NDArray[np.int64]:
    """(count, 2) tops and lefts of crops: a grid in order of rows; some of it with jitter where `random`
    draws.

    A picture smaller than a crop has its crops at the edge; they are filled up by repeating it.
    """
    down = max(1, round((_GRID * count * height / width / _GRID) ** 0.5))
    across = -(-count // down)
    y, x = np.divmod(np.arange(down * across), across)
    chosen = np.arange(count) if random is None else random.permutation(down * across)[:count]
    found = np.empty((count, 2), np.int64)
    for axis, (at, cells, extent) in enumerate(((y, down, height), (x, across, width))):
        jitter = 0.0 if random is None else random.uniform(-0.5, 0.5, count)
        centre = (at[chosen] + 0.5 + jitter) / cells * extent
        found[:, axis] = np.clip(np.round(centre - CROP / 2), 0, max(extent - CROP, 0))
    return found


def crops_of(grade: np.ndarray, reference: np.ndarray, at: npt.NDArray[np.int64]) -> F32:
    """(K, 6, 96, 96) float32: HLG of both at the same places, −1..1.

    grade: (H, W, 3) uint16 PQ codes. reference: (H, W, 3) uint8 codes of BT.709.
    """
    out = np.empty((len(at), 6, CROP, CROP), np.float32)
    for place, (top, left) in enumerate(at.tolist()):
        window = slice(top, top + CROP), slice(left, left + CROP)
        for half, light in enumerate((nits_of(grade[window]), placed(reference[window]))):
            code = to_hlg(light)
            short = [(0, CROP - n) for n in code.shape[:2]]
            code = np.pad(
                code, [*short, (0, 0)], mode="reflect" if min(code.shape[:2]) > CROP // 2 else "wrap"
            )
            out[place, 3 * half : 3 * half + 3] = code.transpose(2, 0, 1)
    return out * np.float32(2) - np.float32(1)


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
        path = asked.cache / f"{name}.npz"
        if path.is_file() or not store.has("vectors", name) or not is_of_part(name, asked.part):
            continue
        places = sorted(set(store.read_arrays("vectors", name)["reference"].tolist()))
        temporary = asked.cache / f".{name}.part.npz"
        np.savez(temporary, **cached(store, name, places))
        temporary.replace(path)
        print(name, flush=True)


if __name__ == "__main__":
    main()
