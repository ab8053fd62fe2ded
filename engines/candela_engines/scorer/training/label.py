"""Second stage, measures: distances of every variant from its own master, and what simple rivals would say.

    python -m candela_engines.scorer.training.label OUT [--follow]

From the master: ΔE_ITP (mean, 95th, 99th and 99.9th percentile) and PU-PSNR. From the SDR reference placed at
203 nit (the first, ACES 2.0): mean ΔE_ITP, PU-PSNR, the mean luminance: what scorers without a master can do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from candela_engines.colour import ictcp, pu21
from candela_engines.colour.gamuts import luminance
from candela_engines.scorer.training.distances import between
from candela_engines.scorer.training.following import follow, parser_of
from candela_engines.scorer.training.operators import placed
from candela_engines.scorer.training.pictures import F32, nits_of
from candela_engines.scorer.training.store import Store

__all__ = ["labels_of", "main"]

_HIGHEST_DB = 100.0  # of identical pictures, so that files hold finite numbers
_PEAK = 256.0


class _Seen:
    """A picture with what is measured of it more than once."""

    def __init__(self, nits: F32) -> None:
        self.nits = nits
        self.itp = ictcp.from_nits(nits)
        self.pu = pu21.encode(nits)


def _pu_psnr(test: _Seen, reference: _Seen) -> float:
    error = float(np.mean((test.pu - reference.pu) ** 2, dtype=np.float64))
    return _HIGHEST_DB if error <= 0 else min(_HIGHEST_DB, float(10 * np.log10(_PEAK**2 / error)))


def labels_of(store: Store, name: str) -> dict[str, Any]:
    """A list a measure, in the order of the variants; and how far the references are from their masters."""
    meta = store.meta(name)
    codes, sdr = store.array(name, "variants"), store.array(name, "references")
    notes = meta["variants"]
    masters = {v["parent"]: _Seen(nits_of(codes[i])) for i, v in enumerate(notes) if v["ladder"] == "master"}
    shown = {
        note["family"]: _Seen(placed(sdr[i])) for i, note in reversed(list(enumerate(meta["references"])))
    }
    out: dict[str, Any] = {
        key: [] for key in ("mean", "p95", "p99", "p999", "pu_psnr", "sdr_mean", "sdr_pu_psnr", "luminance")
    }
    for picture, note in zip(codes, notes, strict=True):
        test = _Seen(nits_of(picture))
        distance, _ = between(test.itp, masters[note["parent"]].itp)
        beside = shown["wide" if note["parent"] == "wide" else "base"]
        for key, value in distance.to_dict().items():
            out[key].append(value)
        out["pu_psnr"].append(_pu_psnr(test, masters[note["parent"]]))
        out["sdr_mean"].append(between(test.itp, beside.itp)[0].mean)
        out["sdr_pu_psnr"].append(_pu_psnr(test, beside))
        out["luminance"].append(float(luminance(test.nits).mean(dtype=np.float64)))
    out["references"] = []
    for picture, note in zip(sdr, meta["references"], strict=True):
        distance, _ = between(ictcp.from_nits(placed(picture)), masters[note["family"]].itp)
        out["references"].append(distance.to_dict())
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is not measured yet."""
    asked = parser_of(__doc__).parse_args(arguments)
    store = Store(asked.out)
    follow(
        store,
        "labels",
        lambda name: store.write_json("labels", name, labels_of(store, name)),
        wait=asked.follow,
        part=asked.part,
    )


if __name__ == "__main__":
    main()
