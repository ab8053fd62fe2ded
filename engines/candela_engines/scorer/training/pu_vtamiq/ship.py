"""The file of a trained PU-VTAMIQ-S that ships.

    python -m candela_engines.scorer.training.pu_vtamiq.ship SET RUN --made-by "COMMAND" [--version 1]

RUN is a folder of `pu_vtamiq.train`. Writes `metrics/pu_vtamiq_s.onnx` of `candela_engines.weights` and its
manifest entry. The file's metadata name its version, arm, step and seed. It is checked against the network
on pairs of a source that nothing was learnt from.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from candela_engines.scorer.pu_vtamiq.engine import FILE, opened_pu_vtamiq
from candela_engines.scorer.pu_vtamiq.graph import build
from candela_engines.scorer.training.pu_vtamiq.network import Network
from candela_engines.scorer.training.pu_vtamiq.pairs import drawn_display, hdr_pairs, light_of, split_of
from candela_engines.scorer.training.pu_vtamiq.train import said_of
from candela_engines.scorer.training.store import Store
from candela_engines.weights.listing import FOLDER, ship_bytes

__all__ = ["main"]

_CHECKED = 12
_CARD = "docs/model_cards/pu_vtamiq_s.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write, and check against the network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--made-by", required=True, help="the commands that trained it")
    parser.add_argument("--version", default="1")
    parser.add_argument("--to", type=Path, default=FOLDER, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    with np.load(asked.run / "pu_vtamiq_s.npz", allow_pickle=False) as kept:
        weights = {key: np.asarray(kept[key], np.float32) for key in kept.files}
    settings = json.loads(torch.load(asked.run / "state.pt", weights_only=True)["settings"])
    log = [json.loads(line) for line in (asked.run / "log.jsonl").read_text("utf-8").splitlines()]
    said = {
        "candela.kind": "pu_vtamiq",
        "candela.name": "pu_vtamiq_s",
        "candela.version": asked.version,
        "candela.arm": settings["arm"],
        "candela.step": str(min(log, key=lambda line: float(line["validation_mae"]))["step"]),
        "candela.seed": str(settings["seed"]),
    }
    made = build(weights, said)
    _check(made, weights, Store(asked.set))
    print(ship_bytes(made, FILE, made_by=asked.made_by, card=_CARD, folder=asked.to), f"{len(made)} bytes")


def _check(made: bytes, weights: dict[str, np.ndarray], store: Store) -> None:
    network = Network()
    network.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
    pairs = hdr_pairs(store)
    split = split_of([one.group for one in pairs])
    one = next(one for one in pairs if split[one.group] == "test")
    numbers = np.linspace(0, len(one) - 1, _CHECKED).astype(int).tolist()
    wanted, run, display = (
        said_of(network, one, numbers, "hdr"),
        opened_pu_vtamiq(made),
        drawn_display("hdr", None),
    )
    for number, loss in zip(numbers, wanted, strict=True):
        pair = one.tests[one.rows[number]], one.masters[one.of[number]]
        found = 10.0 - run(*(light_of(codes, display) for codes in pair)).jod
        if abs(found - loss) > 1e-3:
            raise RuntimeError(f"{one.name}, pair {number}: the file says {found}, the network {loss}")


if __name__ == "__main__":
    main()
