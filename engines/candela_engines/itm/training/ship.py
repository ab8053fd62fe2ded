"""Puts trained weights into the package and lists them in its manifest.

python -m candela_engines.itm.training.ship CHECKPOINT.npz siren_start.npz --made-by TEXT --card FILE
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from candela_engines.weights.listing import ship

__all__ = ["ship"]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=Path, help="an .npz with an array `vector`")
    parser.add_argument("file", help="its name in the package")
    parser.add_argument("--made-by", required=True, help="the command that trained it")
    parser.add_argument("--card", required=True, help="its model card, from the top of the repository")
    a = parser.parse_args()
    with np.load(a.checkpoint, allow_pickle=False) as data:
        print(ship({"vector": data["vector"]}, a.file, made_by=a.made_by, card=a.card))


if __name__ == "__main__":
    main()
