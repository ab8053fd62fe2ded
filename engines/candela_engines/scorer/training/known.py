"""What ColorVideoVDP said before, kept with the project: it takes half a minute a source, rendering seconds.

    python -m candela_engines.scorer.training.known OUT      adds what the set OUT knows

`jods.npz` beside this module holds no picture: `pair` (K,) uint64 sorted, the first eight bytes of the
SHA-256 of both pictures' codes, and `jod` (K,) float32. A picture that comes out otherwise, by another
encoder say, is another pair and is asked anew.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from candela_engines.media.atomic import write_atomic
from candela_engines.scorer.training.operators import placed
from candela_engines.scorer.training.pictures import U16, codes_of
from candela_engines.scorer.training.store import Store

__all__ = ["KNOWN", "known_jods", "main", "pair_key", "pairs_of"]

KNOWN = Path(__file__).with_name("jods.npz")


def pair_key(test: U16, reference: U16) -> int:
    """Of two pictures (H, W, 3) uint16, PQ codes: who is asked about, and against whom."""
    digest = hashlib.sha256(str(test.shape).encode())
    for codes in (test, reference):
        digest.update(np.ascontiguousarray(codes).astype("<u2").tobytes())
    return int.from_bytes(digest.digest()[:8], "big")


@functools.cache
def known_jods() -> dict[int, float]:
    """JOD by `pair_key`; nothing where nothing is kept."""
    if not KNOWN.is_file():
        return {}
    with np.load(KNOWN, allow_pickle=False) as kept:
        return dict(zip(kept["pair"].tolist(), kept["jod"].tolist(), strict=True))


def pairs_of(store: Store, name: str) -> Iterator[tuple[str, int, U16, U16]]:
    """All that the oracle is asked of a source: "variants" or "references", the place, test, reference."""
    meta = store.meta(name)
    codes: U16 = store.array(name, "variants")
    masters = {v["parent"]: i for i, v in enumerate(meta["variants"]) if v["ladder"] == "master"}
    for index, variant in enumerate(meta["variants"]):
        yield "variants", index, codes[index], codes[masters[variant["parent"]]]
    for index, note in enumerate(meta["references"]):
        picture = codes_of(placed(store.array(name, "references")[index]))
        yield "references", index, picture, codes[masters[note["family"]]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Merge the set's JODs into what is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    store = Store(parser.parse_args(arguments).out)
    known = dict(known_jods())
    before = len(known)
    for name in store.names():
        if store.has("jod", name):
            said = store.read_json("jod", name)
            known |= {pair_key(a, b): said[of][place] for of, place, a, b in pairs_of(store, name)}
    pairs = sorted(known)
    buffer = io.BytesIO()
    jods = np.array([round(known[p], 4) for p in pairs], np.float32)
    np.savez_compressed(buffer, pair=np.array(pairs, np.uint64), jod=jods)
    write_atomic(KNOWN, buffer.getvalue())
    print(f"{len(known) - before} added, {len(known)} kept in {KNOWN.name}, {len(buffer.getvalue())} bytes")


if __name__ == "__main__":
    main()
