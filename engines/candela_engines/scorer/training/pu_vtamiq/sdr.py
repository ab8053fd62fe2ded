"""Before training: pairs of SDR pictures that a ColorVideoVDP for an SDR display was asked about.

    python -m candela_engines.scorer.training.pu_vtamiq.sdr OUT [--follow] [--part 1/2] [--pairs 30]

OUT is a set that `scorer.training.render` made. Faults of the plain master, of every kind in turn, and
the master itself go through one SDR operator to 8 bits: the source domain of the domain adaptation,
faults that are alike on both sides. `vtamiq_sdr/NAME.npz`: `tests` (n, H, W, 3) uint8, `references` (n,)
places in `masters` (m, H, W, 3) uint8, `jod` (n,), `places` (n,) of the variants, `operators` (m,). Needs
`pip install candela-hdr[train]`. Display: 100 nit, contrast 1000, BT.1886, in 10 lux at two heights of a
30-inch 4K screen, as the HDR one is.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.training.following import follow, parser_of
from candela_engines.scorer.training.groups import split_by
from candela_engines.scorer.training.operators import eight_bits, sdr_code
from candela_engines.scorer.training.pictures import generator, nits_of
from candela_engines.scorer.training.store import Store

__all__ = ["STAGE", "main", "pairs_of", "sdr_oracle"]

STAGE = "vtamiq_sdr"
_OPERATORS = ("bt2446a", "bt2446c", "bt2390", "reinhard", "hard_clip")
_PAIRS = 30
U8 = npt.NDArray[np.uint8]
Oracle = Callable[[U8, U8], float]


def sdr_oracle(threads: int = 1) -> Oracle:
    """JOD of a test against a reference, both (H, W, 3) uint8 codes of BT.709 with BT.1886."""
    try:
        import pycvvdp
        import torch
        from pycvvdp.display_model import vvdp_display_photo_eotf
    except ImportError as error:
        raise ImportError("ColorVideoVDP is not there: pip install 'candela-hdr[train]'") from error
    warnings.filterwarnings("ignore")
    torch.set_num_threads(threads)
    screen = vvdp_display_photo_eotf(100, contrast=1000, source_colorspace="sRGB", EOTF="2.4", E_ambient=10)
    metric = pycvvdp.cvvdp(
        display_name="standard_hdr_pq", display_photometry=screen, device=torch.device("cpu"), quiet=True
    )

    def jod(test: U8, reference: U8) -> float:
        with torch.inference_mode():
            return float(metric.predict(test, reference, dim_order="HWC")[0])

    return jod


def chosen(notes: Sequence[dict[str, Any]], name: str, count: int = _PAIRS) -> list[int]:
    """Places of up to `count` faults of the plain master, of every ladder as evenly as there are rungs."""
    random = generator("vtamiq_sdr", name)
    ladders: dict[str, list[int]] = {}
    for at, note in enumerate(notes):
        if note["parent"] == "base" and note["kind"] in ("fault", "local", "combined"):
            ladders.setdefault(note["ladder"] if note["kind"] == "fault" else note["kind"], []).append(at)
    queues = [list(random.permutation(places)) for _, places in sorted(ladders.items())]
    found: list[int] = []
    while len(found) < count and any(queues):
        found += [int(queue.pop()) for queue in queues if queue]
    return sorted(found[:count])


def pairs_of(store: Store, name: str, jod: Oracle, count: int = _PAIRS) -> dict[str, np.ndarray]:
    """The arrays of a source. Pairs that come out alike in 8 bits are of JOD 10 without being asked about."""
    meta = store.meta(name)
    codes = store.array(name, "variants")
    notes = meta["variants"]
    master = next(at for at, v in enumerate(notes) if v["ladder"] == "master" and v["parent"] == "base")
    masters = np.stack([eight_bits(sdr_code(one, nits_of(codes[master]), None)) for one in _OPERATORS])
    places = chosen(notes, name, count)
    random = generator("vtamiq_sdr_operators", name)
    of = random.integers(len(_OPERATORS), size=len(places))
    tests = [
        eight_bits(sdr_code(_OPERATORS[int(way)], nits_of(codes[place]), None))
        for way, place in zip(of, places, strict=True)
    ]
    said = [
        10.0 if np.array_equal(test, masters[way]) else jod(test, masters[way])
        for test, way in zip(tests, of, strict=True)
    ]
    return {
        "tests": np.stack(tests),
        "masters": masters,
        "references": of.astype(np.int64),
        "jod": np.array(said, np.float32),
        "places": np.array(places, np.int64),
        "operators": np.array(_OPERATORS),
    }


def _learnt(store: Store) -> set[str]:
    """Sources that the training learns from; pairs of others are never read."""
    ready = [name for name in store.names() if store.has("jod", name) and store.has("labels", name)]
    groups = {name: str(store.meta(name)["group"]) for name in ready}
    split = split_by("pu_vtamiq", list(groups.values()))
    return {name for name, group in groups.items() if split[group] == "train"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the pairs of every source to learn from that has none yet."""
    parser = parser_of(__doc__)
    parser.add_argument("--pairs", type=int, default=_PAIRS, help="of a source, for the slow oracle")
    asked = parser.parse_args(arguments)
    store, jod = Store(asked.out), sdr_oracle()
    learnt = _learnt(store)
    follow(
        store,
        STAGE,
        lambda name: store.write_arrays(STAGE, name, pairs_of(store, name, jod, asked.pairs)),
        wait=asked.follow,
        part=asked.part,
        wanted=lambda name: name in learnt,
    )


if __name__ == "__main__":
    main()
