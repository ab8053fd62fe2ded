"""What PU-VTAMIQ-S is taught on: pairs with JODs in three domains, seen on displays that are drawn anew.

`hdr`: masters and their faults, absolute light. `sdr`: both brought to 8 bits (`sdr`), on a screen of about
100 nit. `simulated`: the same codes and JODs on a screen of about 5000 nit, the synthetic HDR of
arXiv 2405.00670. Displays are drawn once a batch, as published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt

from candela_engines.colour import gamma
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.scorer.pu_vtamiq.display import HDR_DISPLAY, SDR_DISPLAY, Display, planes_of
from candela_engines.scorer.pu_vtamiq.patches import COUNTS, PatchGrid
from candela_engines.scorer.pu_vtamiq.shape import cell_of
from candela_engines.scorer.training.groups import SPLIT, split_by
from candela_engines.scorer.training.labelled import variant_labels
from candela_engines.scorer.training.pictures import F32, nits_of
from candela_engines.scorer.training.pu_vtamiq.sdr import STAGE
from candela_engines.scorer.training.store import Store

__all__ = [
    "DOMAINS",
    "SPLIT",
    "Batch",
    "Pairs",
    "batch_of",
    "drawn_display",
    "hdr_pairs",
    "sdr_pairs",
    "split_of",
]

DOMAINS = ("sdr", "simulated", "hdr")
_WORST = 12.0  # what ColorVideoVDP says of loss beyond this orders little
_KINDS = ("fault", "local", "combined", "master", "style")


@dataclass(frozen=True, eq=False)
class Pairs:
    """Of one source. tests (n, H, W, 3), masters (m, H, W, 3): PQ codes uint16, or BT.709 uint8. of: (n,)
    places in `masters`. loss: (n,) float32, 10 less the JOD, isotonic along a ladder. ladders, rungs:
    (n,).
    """

    name: str
    group: str
    tests: npt.NDArray[np.uint16] | npt.NDArray[np.uint8]
    masters: npt.NDArray[np.uint16] | npt.NDArray[np.uint8]
    rows: npt.NDArray[np.int64]
    of: npt.NDArray[np.int64]
    loss: F32
    ladders: tuple[str, ...]
    rungs: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


def split_of(groups: Sequence[str]) -> dict[str, str]:
    """`train`, `validate` or `test` of every group, by a hash of its name: siblings share a group."""
    return split_by("pu_vtamiq", groups)


def hdr_pairs(store: Store, names: Sequence[str] | None = None) -> list[Pairs]:
    """Of every source that the oracle was asked about."""
    found = []
    for name in store.names() if names is None else names:
        if not (store.has("jod", name) and store.has("labels", name)):
            continue
        meta, labels = store.meta(name), variant_labels(store, name)
        notes = meta["variants"]
        masters = {v["parent"]: at for at, v in enumerate(notes) if v["ladder"] == "master"}
        rows = [at for at, v in enumerate(notes) if v["kind"] in _KINDS and v["parent"] in masters]
        codes = store.array(name, "variants")
        loss = np.clip(10.0 - labels["jod_star"][rows], 0, _WORST).astype(np.float32)
        found.append(
            Pairs(
                name,
                str(meta["group"]),
                codes,
                codes,
                np.array(rows, np.int64),
                np.array([masters[notes[at]["parent"]] for at in rows], np.int64),
                loss,
                tuple(f"{notes[at]['parent']}/{notes[at]['ladder']}" for at in rows),
                np.array([int(notes[at]["rung"]) for at in rows], np.int64),
            )
        )
    return found


def sdr_pairs(store: Store, names: Sequence[str] | None = None) -> list[Pairs]:
    """Of every source that `sdr` made pairs of."""
    found = []
    for name in store.names() if names is None else names:
        if not store.has(STAGE, name):
            continue
        meta, kept = store.meta(name), store.read_arrays(STAGE, name)
        notes = [meta["variants"][int(at)] for at in kept["places"]]
        found.append(
            Pairs(
                name,
                str(meta["group"]),
                kept["tests"],
                kept["masters"],
                np.arange(len(notes)),
                kept["references"],
                np.clip(10.0 - kept["jod"], 0, _WORST).astype(np.float32),
                tuple(f"{v['parent']}/{v['ladder']}" for v in notes),
                np.array([int(v["rung"]) for v in notes], np.int64),
            )
        )
    return found


def drawn_display(domain: str, random: np.random.Generator | None) -> Display:
    """A display for a batch; without `random` the one that a domain's labels are of."""
    if random is None:
        return {"hdr": HDR_DISPLAY, "sdr": SDR_DISPLAY, "simulated": Display(5000.0, 0.1)}[domain]
    ambient = max(float(random.normal(100, 25)), 0.0)
    if domain == "sdr":
        peak = max(float(random.normal(100, 10)), 50.0)
        return Display(peak, peak / 1000, ambient)
    if domain == "simulated":
        peak = max(float(random.normal(5000, 500)), 2500.0)
        return Display(peak, peak / 50000, ambient)
    peak = float(np.exp(random.uniform(np.log(600), np.log(5000))))
    return Display(peak, peak / 200000, float(random.uniform(0, 100)))


@dataclass(frozen=True, eq=False)
class Batch:
    """test, reference: (B, N, 4, 16, 16) float32. cell, size: (B, N) int64. loss: (B,). source: (B,)
    whose."""

    test: F32
    reference: F32
    cell: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]
    loss: F32
    source: npt.NDArray[np.int64]


def light_of(codes: np.ndarray, display: Display) -> F32:
    """Light in BT.2020 asked of a display. codes: uint16 PQ, or uint8 BT.709, whose white is its peak."""
    if codes.dtype == np.uint16:
        return nits_of(codes)
    light = gamma.eotf(np.arange(256, dtype=np.float32) / 255, 2.4) * np.float32(display.peak)
    return np.maximum(apply_matrix(light[codes], rgb_to_rgb("bt709", "bt2020")), 0).astype(np.float32)


def shown_of(codes: np.ndarray, display: Display) -> F32:
    """Light that leaves a display. codes: as `light_of`; PQ by a table, as every channel is on its own."""
    if codes.dtype == np.uint16:
        return np.asarray(np.take(_table(display), codes))
    return display.shows(light_of(codes, display))


@lru_cache(maxsize=4)
def _table(display: Display) -> F32:
    return display.shows(nits_of(np.arange(1 << 16, dtype=np.uint16)))


def batch_of(
    chosen: Sequence[tuple[Pairs, int]],
    display: Display,
    counts: tuple[int, int, int] = COUNTS,
    random: np.random.Generator | None = None,
    mirrored: Sequence[bool] | None = None,
) -> Batch:
    """A batch of pairs, by source and number within it, all seen on one display. mirrored: which of them left
    for right.
    """
    seen: dict[str, list[np.ndarray]] = {"test": [], "reference": []}
    cells, sizes = list[np.ndarray](), list[np.ndarray]()
    shown = partial(shown_of, display=display)
    for at, (pairs, number) in enumerate(chosen):
        test, master = pairs.tests[pairs.rows[number]], pairs.masters[pairs.of[number]]
        if mirrored is not None and mirrored[at]:
            test, master = test[:, ::-1], master[:, ::-1]
        grid = PatchGrid.over(test.shape[0], test.shape[1], counts, random)
        for key, codes in (("test", test), ("reference", master)):
            patches = grid.of(codes, shown)
            seen[key].append(patches.samples)
        cells.append(cell_of(patches.uv).astype(np.int64))
        sizes.append(grid.size)
    names = [pairs.name for pairs, _ in chosen]
    order = {name: at for at, name in enumerate(dict.fromkeys(names))}
    return Batch(
        *(planes_of(np.stack(seen[key])).transpose(0, 1, 4, 2, 3) for key in ("test", "reference")),
        np.stack(cells),
        np.stack(sizes),
        np.array([pairs.loss[number] for pairs, number in chosen], np.float32),
        np.array([order[name] for name in names]),
    )
