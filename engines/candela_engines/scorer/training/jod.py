"""Second stage, oracle: the JOD of every variant against its own master, by ColorVideoVDP.

    python -m candela_engines.scorer.training.jod OUT [--follow]

Needs `pip install candela-hdr[train]` (cvvdp, torch). Display: the `standard_hdr_pq` that comes with it, a
30-inch 4K HDR monitor of 1500 nit in 10 lux at two screen heights, with BT.2020 primaries and PQ. A JOD of 10
is no visible difference; one less is seen by 75 % of observers. Fidelity to a master is not quality of a
grade, and ColorVideoVDP hardly sees dimming and gamut: see `label`. What it said before of the very same
pictures is kept (`known`) and not asked again.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from candela_engines.scorer.training.following import follow, parser_of
from candela_engines.scorer.training.known import known_jods, pair_key, pairs_of
from candela_engines.scorer.training.pictures import F32, U16
from candela_engines.scorer.training.store import Store

__all__ = ["DISPLAY", "jods_of", "main", "oracle"]

DISPLAY = "standard_hdr_pq"

Oracle = Callable[[F32, F32], float]


def oracle(threads: int = 1) -> Oracle:
    """JOD of a test against a reference, both (H, W, 3) float32 PQ codes, 0..1, BT.2020."""
    try:
        import pycvvdp
        import torch
    except ImportError as error:
        raise ImportError("ColorVideoVDP is not there: pip install 'candela-hdr[train]'") from error
    warnings.filterwarnings("ignore")
    torch.set_num_threads(threads)
    metric = pycvvdp.cvvdp(display_name=DISPLAY, device=torch.device("cpu"), quiet=True)

    def jod(test: F32, reference: F32) -> float:
        with torch.inference_mode():
            return float(metric.predict(test, reference, dim_order="HWC")[0])

    return jod


def jods_of(store: Store, name: str, jod: Oracle, known: Mapping[int, float]) -> dict[str, Any]:
    """JOD of every variant against its parent, of every placed reference against the master it is of.

    known: what was asked before, by `known.pair_key`; the oracle is asked about the rest.
    """
    found: dict[str, list[float]] = {"variants": [], "references": []}
    for of, _, test, reference in pairs_of(store, name):
        # ColorVideoVDP gives 10 for identical pictures, at the price of all the others.
        if np.array_equal(test, reference):
            found[of].append(10.0)
            continue
        said = known.get(pair_key(test, reference))
        found[of].append(jod(_floats(test), _floats(reference)) if said is None else said)
    return {"display": DISPLAY, **found}


def _floats(codes: U16) -> F32:
    return np.asarray(codes, np.float32) / np.float32(65535)


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask the oracle about what it was not asked yet."""
    parser = parser_of(__doc__)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args(arguments)
    store = Store(asked.out)
    jod = oracle(asked.threads)
    follow(
        store,
        "jod",
        lambda name: store.write_json("jod", name, jods_of(store, name, jod, known_jods())),
        wait=asked.follow,
        part=asked.part,
    )


if __name__ == "__main__":
    main()
