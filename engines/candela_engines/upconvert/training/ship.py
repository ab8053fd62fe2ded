"""Last stage: the weights of a network into the package, as halves, and their entry in its manifest.

python -m candela_engines.upconvert.training.ship agcm OUT/agcm.npz --made-by "COMMAND"
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from candela_engines.upconvert.learnt import weights_file
from candela_engines.upconvert.network import load_network
from candela_engines.weights.listing import FOLDER, ship

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Put them there once they have been seen to open."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", choices=("agcm", "hdcfm"))
    parser.add_argument("weights", type=Path)
    parser.add_argument("--made-by", required=True, help="the command that trained it")
    parser.add_argument("--to", type=Path, default=FOLDER, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    with np.load(asked.weights, allow_pickle=False) as data:
        arrays = {key: data[key] for key in data.files}
    load_network(asked.name, arrays, threads=1)
    card = f"docs/model_cards/{asked.name}.md"
    print(ship(arrays, weights_file(asked.name), made_by=asked.made_by, card=card, folder=asked.to))


if __name__ == "__main__":
    main()
