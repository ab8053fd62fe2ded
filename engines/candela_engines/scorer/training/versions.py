"""Thirteen versions a source for a simulated study of preference: a master, rungs of ladders and blends.

    python -m candela_engines.scorer.training.versions SET OUT [--sources 60] [--follow]

SET is what `render` made (its first stage is enough). Of each source beside one of its SDR references: the
master, three rungs of each of three ladders, the master blended with the placed SDR, two rungs of two ladders
blended, and a rung blended with the placed SDR. Blends are even mixtures of PQ codes and lie on no ladder, so
that no scorer can know their place from how the ladders were made.

The truth of a version is the simulated scale of `scale`: ColorVideoVDP and ΔE_ITP against the master, the
master at 10, the SDR reference at 0. It stands for what a population of viewers would say on average. Nobody
said it.

OUT/versions/NAME.npz holds: values (13, N) float32 descriptors of the pair, truth (13,) float64, kind (13,)
text, jod, delta_e (13,) float64, zero, group, reference, table, specimen (N,) float32 (`specimen`). What was
described by other descriptors, or otherwise, is made again; `load_study` refuses it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.colour import ictcp
from candela_engines.scorer.descriptors.table import PAIR_MODULES
from candela_engines.scorer.descriptors.vector import _described, _pair, _picture, _prefixed
from candela_engines.scorer.engine import table_digest
from candela_engines.scorer.frames import PairedFrame, grade_frame, sdr_frame
from candela_engines.scorer.relation import Relation
from candela_engines.scorer.training.describe import chosen_references, light_709
from candela_engines.scorer.training.distances import between
from candela_engines.scorer.training.following import add_part, is_of_part
from candela_engines.scorer.training.groups import group_of
from candela_engines.scorer.training.jod import Oracle, oracle
from candela_engines.scorer.training.known import known_jods, pair_key
from candela_engines.scorer.training.operators import placed
from candela_engines.scorer.training.pictures import U16, codes_of, generator, held, nits_of
from candela_engines.scorer.training.scale import BEST, falling, mix_of, score_of
from candela_engines.scorer.training.specimen import measured_otherwise, specimen_values
from candela_engines.scorer.training.store import Store

__all__ = ["COUNT", "Study", "described_beside", "load_study", "main", "picked", "versions_of"]

COUNT = 13
_LADDERS, _RUNGS = 3, 3
_AGAIN = "python -m candela_engines.scorer.training.versions SET OUT"


@dataclass(frozen=True)
class Study:
    """S sources of V versions each, N descriptors.

    values (S, V, N) float32; truth (S, V) float64, −6 to 10; kind (S, V) text, the ladder, `master` or
    `blend`; source, group (S,) text.
    """

    values: npt.NDArray[np.float32]
    truth: npt.NDArray[np.float64]
    kind: npt.NDArray[np.str_]
    source: npt.NDArray[np.str_]
    group: npt.NDArray[np.str_]


def load_study(out: Path) -> Study:
    """All of OUT in the order of names.

    Raises ValueError, with what to do, where there is nothing, and where versions were described by another
    table of descriptors or by descriptors that are measured otherwise by now.
    """
    store = Store(out)
    names = sorted(path.stem for path in (out / "versions").glob("*.npz"))
    found = [store.read_arrays("versions", name) for name in names]
    stale = {n: why for n, f in zip(names, found, strict=True) if (why := _stale(f))}
    if not found:
        raise ValueError(f"{out}: no versions in it; {_AGAIN} makes them")
    if stale:
        first = next(iter(stale))
        raise ValueError(
            f"{out}: {len(stale)} of {len(names)} sources are not of the descriptors of this Candela "
            f"({first}: {stale[first]}); {_AGAIN} into this folder makes these again"
        )
    return Study(
        *(np.stack([f[key] for f in found]) for key in ("values", "truth", "kind")),
        np.array(names),
        np.array([str(f["group"]) for f in found]),
    )


def _stale(found: Mapping[str, np.ndarray]) -> str:
    """Why the descriptors of a source are not those of the code; empty where they are."""
    if str(found["table"]) != table_digest():
        return f"table {found['table']}, here {table_digest()}"
    if "specimen" not in found:
        return "made before the specimen was kept, by which a change is seen"
    other = measured_otherwise(found["specimen"])
    more = f" and {len(other) - 3} more" if len(other) > 3 else ""
    return f"{', '.join(other[:3])}{more} were measured otherwise" if other else ""


def picked(notes: Sequence[Mapping[str, Any]], source: str) -> list[int]:
    """Places of the master and of the rungs of ladders that have enough, drawn by the source's name.

    Raises ValueError where fewer than three ladders of the base have three rungs.
    """
    ladders: dict[str, list[int]] = {}
    for place, note in enumerate(notes):
        if note["parent"] == "base" and note["kind"] == "fault":
            ladders.setdefault(str(note["ladder"]), []).append(place)
    random = generator("versions", source)
    enough = [name for name in sorted(ladders) if len(ladders[name]) >= _RUNGS]
    if len(enough) < _LADDERS:
        raise ValueError(f"{source}: only {len(enough)} ladders of {_RUNGS} rungs")
    master = next(i for i, n in enumerate(notes) if n["parent"] == "base" and n["ladder"] == "master")
    places = [master]
    for name in random.choice(enough, _LADDERS, replace=False):
        places += sorted(int(i) for i in random.choice(ladders[str(name)], _RUNGS, replace=False))
    return places


def _blend(first: U16, second: U16) -> U16:
    return np.asarray(np.round((first.astype(np.float64) + second) / 2), np.uint16)


def versions_of(store: Store, name: str, jod: Oracle) -> dict[str, np.ndarray]:
    """What the module says OUT holds, of one source. Raises ValueError where it has too few rungs."""
    meta = store.meta(name)
    notes, codes = meta["variants"], store.array(name, "variants")
    places = picked(notes, name)
    random = generator("blends", name)
    reference = int(random.choice(chosen_references(meta["references"], "base", name, 3)))
    sdr = store.array(name, "references")[reference]
    shown = codes_of(placed(sdr))
    pictures = [codes[i] for i in places]
    kinds = ["master"] + [str(notes[i]["ladder"]) for i in places[1:]]
    first, second = 1 + int(random.integers(_RUNGS)), 1 + _RUNGS + int(random.integers(_RUNGS))
    third = 1 + 2 * _RUNGS + int(random.integers(_RUNGS))
    pictures += [_blend(pictures[0], shown), _blend(pictures[first], pictures[second])]
    pictures += [_blend(pictures[third], shown)]
    kinds += ["blend"] * 3
    known = known_jods()

    def asked(test: U16) -> float:
        if np.array_equal(test, pictures[0]):
            return BEST
        said = known.get(pair_key(test, pictures[0]))
        return jod(_floats(test), _floats(pictures[0])) if said is None else said

    master = ictcp.from_nits(nits_of(pictures[0]))
    far = [between(ictcp.from_nits(nits_of(p)), master)[0].mean for p in (*pictures, shown)]
    said = np.array([asked(picture) for picture in (*pictures, shown)])
    star = np.minimum(said, BEST)
    for begin in range(1, 1 + _LADDERS * _RUNGS, _RUNGS):
        star[begin : begin + _RUNGS] = falling(star[begin : begin + _RUNGS])
    mix = mix_of(star, far)
    mix[0] = BEST
    return {
        "values": described_beside(pictures, light_709(sdr)),
        "truth": score_of(mix[:-1], float(mix[-1])),
        "kind": np.array(kinds),
        "jod": said[:-1],
        "delta_e": np.array(far[:-1]),
        "zero": np.array(mix[-1]),
        "group": np.array(group_of(meta["file"])),
        "reference": np.array(f"{meta['references'][reference]['operator']}"),
        "table": np.array(table_digest()),
        "specimen": specimen_values(),
    }


def described_beside(pictures: Sequence[U16], sdr: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(N, D) descriptors, the reference measured once; its active area is the grades' as well.

    pictures: grades (H, W, 3), uint16 codes of the set. sdr: the reference (H, W, 3), light of BT.709.
    """
    frame = sdr_frame(sdr)
    measured = _picture(frame)
    found = []
    for picture in pictures:
        grade = grade_frame(held(nits_of(picture)), area=frame.area)
        own = _picture(grade)
        relation = Relation(PairedFrame(grade, frame))
        relation.prepare()
        values = _prefixed("grade", own) | _prefixed("sdr", measured)
        values |= _prefixed("diff", {key: value - measured[key] for key, value in own.items()})
        found.append(_described(values | _pair(relation, PAIR_MODULES), frame.area).values)
    return np.stack(found)


def _floats(codes: U16) -> npt.NDArray[np.float32]:
    return np.asarray(codes, np.float32) / np.float32(65535)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is not there yet; sources of one place after those of other places."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sources", type=int, default=60, help="how many to have at most")
    add_part(parser)
    asked = parser.parse_args(arguments)
    store, out = Store(asked.set), Store(asked.out)
    order = sorted(store.names(), key=lambda name: int(generator("study", name).integers(1 << 62)))
    seen: dict[str, int] = {}
    rank: dict[str, int] = {}
    for name in order:
        group = group_of(store.meta(name)["file"])
        rank[name] = seen[group] = seen.get(group, -1) + 1
    chosen = sorted(order, key=lambda name: rank[name])[: asked.sources]
    jod = oracle()
    for name in chosen:
        if not is_of_part(name, asked.part):
            continue
        if out.has("versions", name):
            why = _stale(out.read_arrays("versions", name))
            if not why:
                continue
            print(f"{name}: made again ({why})", flush=True)
        try:
            out.write_arrays("versions", name, versions_of(store, name, jod))
        except ValueError as error:
            print(error, flush=True)
            continue
        print(f"{name}: {COUNT} versions", flush=True)


if __name__ == "__main__":
    main()
