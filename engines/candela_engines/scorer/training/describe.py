"""Third stage: the descriptors of every variant beside some of its SDR references.

    python -m candela_engines.scorer.training.describe OUT [--follow] [--references 3] [--check]

The first reference, ACES 2.0, is always used; the others are drawn by the source's name, so that over the
sources every operator, trim and phone version is met by every ladder. --check measures one variant of each
source anew and forgets the vectors of those that come out differently, so that they are made again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from candela_engines.scorer.descriptors import names as descriptor_names
from candela_engines.scorer.descriptors import pair_operator
from candela_engines.scorer.descriptors.table import PAIR_MODULES
from candela_engines.scorer.descriptors.vector import _described, _pair, _picture, _prefixed
from candela_engines.scorer.engine import table_digest
from candela_engines.scorer.frames import PairedFrame, grade_frame, sdr_frame
from candela_engines.scorer.relation import Relation
from candela_engines.scorer.training.following import follow, parser_of
from candela_engines.scorer.training.pictures import F32, generator, held, nits_of
from candela_engines.scorer.training.store import Store

__all__ = [
    "OWN",
    "changed",
    "chosen_references",
    "light_709",
    "main",
    "own_digest",
    "references_of",
    "vectors_of",
]

OWN = tuple(name for name in descriptor_names() if not name.startswith(pair_operator.GROUP))
"""What this stage measures: the first of the table; `beside` measures the rest."""
_PAIRS = tuple(module for module in PAIR_MODULES if module is not pair_operator)


def own_digest() -> str:
    """Of the names of OWN."""
    return table_digest(OWN)


def chosen_references(notes: Sequence[dict[str, object]], family: str, source: str, count: int) -> list[int]:
    """Places of at most `count` references of a family: the first of it, then some by the source's name."""
    of = [i for i, note in enumerate(notes) if note["family"] == family]
    own = [i for i in of if notes[i]["operator"] == "own"]
    rest = [i for i in of[1:] if i not in own]
    drawn = generator("references", source, family).permutation(len(rest))
    return [of[0], *own, *(rest[i] for i in drawn)][:count]


def references_of(notes: Sequence[dict[str, object]], source: str, count: int) -> list[tuple[int, str]]:
    """(place, family) of the references that a source's variants stand beside.

    A wide master stands beside two at most: its ladder is one of twenty.
    """
    found = []
    for family in ("base", "wide"):
        if any(note["family"] == family for note in notes):
            most = count if family == "base" else min(count, 2)
            found += [(place, family) for place in chosen_references(notes, family, source, most)]
    return found


def light_709(code: np.ndarray) -> F32:
    """Light of 8-bit BT.709 codes of gamma 2.4, white at 100 nit."""
    light = (np.arange(256) / 255) ** 2.4 * 100
    return np.asarray(light.astype(np.float32)[code])


def vectors_of(
    store: Store, name: str, count: int, *, only: Sequence[int] | None = None
) -> dict[str, np.ndarray]:
    """values (P, N) float32, valid (P, N) bool, variant and reference (P,) int32: one row a pair.

    count: SDR references a variant stands beside. only: places of the variants wanted, all by default.
    """
    meta = store.meta(name)
    codes, sdr = store.array(name, "variants"), store.array(name, "references")
    frames = {}
    for place, family in references_of(meta["references"], name, count):
        frame = sdr_frame(light_709(sdr[place]))
        frames[place] = (family, frame, _picture(frame))
    rows: list[tuple[int, int]] = []
    values, valid = [], []
    for index, note in enumerate(meta["variants"]):
        if only is not None and index not in only:
            continue
        nits = held(nits_of(codes[index]))
        family = "wide" if note["parent"] == "wide" else "base"
        seen: dict[object, tuple[object, dict[str, float]]] = {}
        for place, (of, frame, measured) in frames.items():
            if of != family:
                continue
            # Over the reference's active area: a fault that blackens a border does not move it.
            if frame.area not in seen:
                grade = grade_frame(nits, area=frame.area)
                seen[frame.area] = (grade, _picture(grade))
            grade, own = seen[frame.area]
            relation = Relation(PairedFrame(grade, frame))  # type: ignore[arg-type]
            relation.prepare()
            found = _prefixed("grade", own) | _prefixed("sdr", measured)
            found |= _prefixed("diff", {key: value - measured[key] for key, value in own.items()})
            made = _described(found | _pair(relation, _PAIRS), frame.area)
            rows.append((index, place))
            values.append(made.values[: len(OWN)])
            valid.append(made.valid[: len(OWN)])
    pairs = np.array(rows, np.int32).reshape(-1, 2)
    return {
        "values": np.stack(values),
        "valid": np.stack(valid),
        "variant": pairs[:, 0],
        "reference": pairs[:, 1],
        "table": np.array(own_digest()),
    }


def changed(store: Store, name: str, count: int, tolerance: float = 1e-3) -> bool:
    """Whether a variant, drawn by the source's name, is described differently now.

    tolerance: of the values' own size, or absolute below 1; rounding in another order stays below it.
    """
    before = store.read_arrays("vectors", name)
    if str(before["table"]) != own_digest():
        return True
    place = int(generator("check", name).integers(len(store.meta(name)["variants"])))
    rows = before["variant"] == place
    now = vectors_of(store, name, count, only=[place])
    old = before["values"][rows]
    if old.shape != now["values"].shape or (before["reference"][rows] != now["reference"]).any():
        return True
    return bool((np.abs(old - now["values"]) > tolerance * np.maximum(1, np.abs(old))).any())


def main(arguments: Sequence[str] | None = None) -> None:
    """Describe what is not described yet."""
    parser = parser_of(__doc__)
    parser.add_argument("--references", type=int, default=3, help="SDR references a variant stands beside")
    parser.add_argument("--check", action="store_true", help="first forget vectors that come out otherwise")
    asked = parser.parse_args(arguments)
    store = Store(asked.out)

    def work(name: str) -> None:
        store.write_arrays("vectors", name, vectors_of(store, name, asked.references))

    for name in store.names() if asked.check else ():
        if store.has("vectors", name) and changed(store, name, asked.references):
            print(f"{name}: described differently now", flush=True)
            store.forget("vectors", name)
    follow(store, "vectors", work, wait=asked.follow, part=asked.part)


if __name__ == "__main__":
    main()
