"""All that the stages made, as arrays; rows are pairs of a variant and an SDR reference.

Labels of two origins are kept apart. `mix` and `score` come from an oracle (`scale`). The order inside a
ladder, and what is worse than what by construction, is in `order`; no oracle was asked for it. A style is as
good as its master by construction and has the mix 10; faults of a style are measured from the style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.descriptors import names as descriptor_names
from candela_engines.scorer.training.beside import columns
from candela_engines.scorer.training.describe import own_digest
from candela_engines.scorer.training.groups import group_of, groups
from candela_engines.scorer.training.labelled import Typical, typical_jods, variant_labels
from candela_engines.scorer.training.pictures import generator
from candela_engines.scorer.training.scale import HIGHEST_ZERO, score_of
from candela_engines.scorer.training.store import Store

__all__ = ["FOLDS", "Dataset", "fold_of", "load_dataset"]

FOLDS = 5

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Dataset:
    """P rows, N descriptors.

    values (P, N) float32, valid (P, N) bool. source, group, file_kind, rendering, parent, kind, ladder,
    operator: (P,) text; variant: (P,) int64 place in the source; reference: (P,) int64 place in the source;
    rung: (P,) int64, 0 for masters; trimmed: (P,) bool; fold: (P,) int64, 0 to 4, by group. parameter (P,)
    float64, NaN where there is none. mix, score, jod, jod_star, delta_e (mean, from the master), pu_psnr,
    sdr_delta_e and sdr_pu_psnr (from the placed SDR reference), luminance (mean, nit), zero (the mix that the
    row's reference has, which scores 0; held to `scale.HIGHEST_ZERO`): (P,) float64. visible: (P,) bool,
    whether the step from the rung before is seen (mean ΔE_ITP .5, p99 1, or .02 JOD). beside: (P, M, K)
    float32, what `training.beside` measured operator by operator; None of a made table.
    """

    values: npt.NDArray[np.float32]
    valid: npt.NDArray[np.bool_]
    source: Texts
    group: Texts
    file_kind: Texts
    rendering: Texts
    parent: Texts
    kind: Texts
    ladder: Texts
    operator: Texts
    name: Texts
    variant: npt.NDArray[np.int64]
    reference: npt.NDArray[np.int64]
    rung: npt.NDArray[np.int64]
    fold: npt.NDArray[np.int64]
    trimmed: npt.NDArray[np.bool_]
    visible: npt.NDArray[np.bool_]
    asked: npt.NDArray[np.bool_]
    parameter: Floats
    mix: Floats
    score: Floats
    jod: Floats
    jod_star: Floats
    delta_e: Floats
    pu_psnr: Floats
    sdr_delta_e: Floats
    sdr_pu_psnr: Floats
    luminance: Floats
    zero: Floats
    components: tuple[tuple[str, ...], ...] = ()
    beside: npt.NDArray[np.float32] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the descriptors, in the order of the columns."""
        return descriptor_names()

    def __len__(self) -> int:
        return len(self.source)

    def only(self, rows: npt.NDArray[np.bool_]) -> Dataset:
        """The rows of a mask (P,)."""
        kept = np.flatnonzero(rows)
        parts: dict[str, Any] = {
            f.name: getattr(self, f.name)[kept]
            for f in fields(self)
            if f.name != "components" and getattr(self, f.name) is not None
        }
        return Dataset(**parts, components=tuple(self.components[i] for i in kept))

    def rungs(self) -> list[npt.NDArray[np.int64]]:
        """Rows of every ladder beside every reference: the master, then the visible rungs, mildest first."""
        masters: dict[tuple[str, int, str], int] = {}
        ladders: dict[tuple[str, int, str, str], list[int]] = {}
        for row in range(len(self)):
            key = (str(self.source[row]), int(self.reference[row]), str(self.parent[row]))
            if self.ladder[row] == "master":
                masters[key] = row
            elif self.kind[row] == "fault" and self.visible[row]:
                ladders.setdefault((*key, str(self.ladder[row])), []).append(row)
        found = []
        for key4, rows in sorted(ladders.items()):
            if key4[:3] in masters:
                ordered = sorted(rows, key=lambda row: int(self.rung[row]))
                found.append(np.array([masters[key4[:3]], *ordered], np.int64))
        return found

    def order(self, gap: int | None = None) -> npt.NDArray[np.int64]:
        """(K, 2): rows better and worse by construction. gap: only rungs so far apart; None: all, and also
        what else is known: masters above all, local faults above the same everywhere, parts above both at
        once.
        """
        pairs = []
        for rows in self.rungs():
            for i in range(len(rows)):
                for j in range(i + 1, len(rows)):
                    if gap is None or j - i == gap:
                        pairs.append((rows[i], rows[j]))
        if gap is None:
            pairs += self._known()
        return np.array(pairs, np.int64).reshape(-1, 2)

    def _known(self) -> list[tuple[int, int]]:
        places = {
            (str(s), int(r), str(n)): i
            for i, (s, r, n) in enumerate(zip(self.source, self.reference, self.name, strict=True))
        }
        pairs = []
        for row in range(len(self)):
            if self.kind[row] not in ("local", "combined", "eotf", "sdr"):
                continue
            beside = (str(self.source[row]), int(self.reference[row]))
            master = places.get((*beside, f"{self.parent[row]}/master"))
            if master is not None:
                pairs.append((master, row))
            for part in self.components[row]:
                other = places.get((*beside, part))
                if other is not None:
                    pairs.append((row, other) if self.kind[row] == "local" else (other, row))
        return pairs


def fold_of(groups: Sequence[str]) -> dict[str, int]:
    """The fold of every group, 0 to 4: as even as can be, drawn by the groups' names alone."""
    mixed = sorted(set(groups), key=lambda group: generator("fold", group).integers(1 << 62))
    return {group: place % FOLDS for place, group in enumerate(mixed)}


def load_dataset(store: Store, *, names: Sequence[str] | None = None, estimate: bool = False) -> Dataset:
    """Everything of the sources that all stages are done with, in the order of their names.

    estimate: take sources, too, that the slow oracle has not seen, with its median over the others for the
    same rung (`asked` is False there): enough to train on, not to measure a correlation with. Raises
    ValueError where there is nothing, or vectors are of another table of descriptors.
    """
    stages = ("labels", "vectors", "beside") if estimate else ("jod", "labels", "vectors", "beside")
    ready = sorted(n for n in (names or store.names()) if all(store.has(stage, n) for stage in stages))
    parts: list[dict[str, Any]] = []
    # Of all groups that are known, so that a fold does not change with how much is ready.
    folds = fold_of([*groups().values(), *(group_of(store.meta(name)["file"]) for name in store.names())])
    typical = typical_jods(store) if estimate else {}
    for name in ready:
        parts.append(_rows(store, name, folds, typical))
    if not parts:
        raise ValueError(f"{store.root}: no source that all of {', '.join(stages)} are done with")
    columns: dict[str, Any] = {
        key: np.concatenate([part[key] for part in parts]) for key in parts[0] if key != "components"
    }
    made = Dataset(**columns, components=tuple(c for part in parts for c in part["components"]))
    return made if np.isfinite(made.mix).all() else made.only(np.isfinite(made.mix))


def _rows(store: Store, name: str, folds: dict[str, int], typical: Typical) -> dict[str, Any]:
    meta, vectors = store.meta(name), store.read_arrays("vectors", name)
    labels = variant_labels(store, name, typical)
    if str(vectors["table"]) != own_digest():
        raise ValueError(f"{name}: its vectors are of another table of descriptors; describe it again")
    place, beside = vectors["variant"].astype(np.int64), vectors["reference"].astype(np.int64)
    raw = _beside(store, name, place, beside)
    more, more_valid = columns(raw)
    notes, references, measured = meta["variants"], meta["references"], labels["measured"]
    group = group_of(meta["file"])
    count = len(place)

    def note(key: str) -> np.ndarray:
        return np.array([str(notes[i][key]) for i in place])

    def measure(key: str) -> np.ndarray:
        return np.asarray(measured[key], np.float64)[place]

    zero = labels["zero"][beside]
    mix = labels["mix"][place]
    return {
        "values": np.hstack([vectors["values"], more]),
        "valid": np.hstack([vectors["valid"], more_valid]),
        "beside": raw,
        "source": np.full(count, name),
        "group": np.full(count, group),
        "file_kind": np.full(count, meta["kind"]),
        "rendering": np.full(count, meta["rendering"]),
        "parent": note("parent"),
        "kind": note("kind"),
        "ladder": note("ladder"),
        "operator": np.array([str(references[i]["operator"]) for i in beside]),
        "name": note("name"),
        "variant": place,
        "reference": beside,
        "rung": np.array([notes[i]["rung"] for i in place], np.int64),
        "fold": np.full(count, folds[group], np.int64),
        "trimmed": np.array([references[i]["trim"] is not None for i in beside]),
        "visible": labels["visible"][place],
        "asked": np.full(count, bool(labels["asked"])),
        "parameter": np.array([_number(notes[i]["parameter"]) for i in place], np.float64),
        "mix": mix,
        "score": np.array([float(score_of(m, z)) for m, z in zip(mix, zero, strict=True)]),
        "jod": labels["jod"][place],
        "jod_star": labels["jod_star"][place],
        "delta_e": measure("mean"),
        "pu_psnr": measure("pu_psnr"),
        "sdr_delta_e": measure("sdr_mean"),
        "sdr_pu_psnr": measure("sdr_pu_psnr"),
        "luminance": measure("luminance"),
        "zero": np.minimum(zero, HIGHEST_ZERO),
        "components": [tuple(notes[i]["components"]) for i in place],
    }


def _beside(
    store: Store, name: str, variant: npt.NDArray[np.int64], reference: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """What was measured of those pairs, (P, M, K). Raises ValueError where one of them was not."""
    found = store.read_arrays("beside", name)
    rows = {pair: row for row, pair in enumerate(zip(found["variant"], found["reference"], strict=True))}
    try:
        places = [rows[pair] for pair in zip(variant, reference, strict=True)]
    except KeyError as pair:
        raise ValueError(
            f"{name}: no operators beside {pair}; measure as many references as are described"
        ) from pair
    return np.asarray(found["raw"][places], np.float32)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
