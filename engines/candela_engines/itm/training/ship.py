"""Puts trained weights into the package and lists them in its manifest.

python -m candela_engines.itm.training.ship CHECKPOINT.npz siren_start.npz --made-by TEXT --card FILE
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np

__all__ = ["ship"]

FOLDER = Path(__file__).parents[2] / "weights"


def ship(arrays: dict[str, np.ndarray], file: str, *, made_by: str, card: str, folder: Path = FOLDER) -> str:
    """Write the arrays as float16 and their manifest entry; returns the SHA-256."""
    path = folder / file
    np.savez(path, **{key: np.asarray(a).astype(np.float16) for key, a in arrays.items()})
    data = path.read_bytes()
    manifest = folder / "manifest.json"
    listed = json.loads(manifest.read_text("utf-8")) if manifest.is_file() else {}
    listed[file] = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "made_by": made_by,
        "licence": "Apache-2.0",
        "model_card": card,
    }
    manifest.write_text(json.dumps(dict(sorted(listed.items())), indent=2) + "\n", "utf-8")
    return str(listed[file]["sha256"])


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
