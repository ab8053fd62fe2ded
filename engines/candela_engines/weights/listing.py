"""How trained weights come into this package: written, arrays as halves, and listed in its manifest."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import numpy as np

__all__ = ["FOLDER", "ship", "ship_bytes"]

FOLDER = Path(__file__).parent


def ship(arrays: dict[str, np.ndarray], file: str, *, made_by: str, card: str, folder: Path = FOLDER) -> str:
    """Write the arrays as float16 and their manifest entry; returns the SHA-256."""
    halves = {key: np.asarray(a).astype(np.float16) for key, a in arrays.items()}
    written = io.BytesIO()
    np.savez(written, **halves)  # type: ignore[arg-type]
    return ship_bytes(written.getvalue(), file, made_by=made_by, card=card, folder=folder)


def ship_bytes(data: bytes, file: str, *, made_by: str, card: str, folder: Path = FOLDER) -> str:
    """Write a file as it is, an ONNX one say, and its manifest entry; returns the SHA-256."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
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
