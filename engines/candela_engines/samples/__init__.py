"""Three pictures of the project's own, each as an HDR master with the SDR grade made beside it.

`interior`, `night_street` and `low_sun` are 1920x1080. The master is linear BT.2020 in an OpenEXR file
with 1.0 = 1 nit, peak 1000; the grade is an 8-bit PNG for a BT.1886 display, tagged with cICP. Both come
from one scene-linear render through ACES 2.0; `bench/samples` makes them again. They are CC0.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

NAMES = ("interior", "night_street", "low_sun")

__all__ = ["NAMES", "SamplePair", "manifest", "sample_paths"]


@dataclass(frozen=True)
class SamplePair:
    """One scene on disk: where its master and its grade lie, and the colour names to read them with."""

    name: str
    hdr: Path
    sdr: Path
    hdr_colour: str = "linear-rec2020"
    sdr_colour: str = "rec709"


def _folder() -> Path:
    # The package is installed as plain files (never zipped), so its resources are real paths.
    return Path(str(files(__name__)))


def sample_paths() -> dict[str, SamplePair]:
    """The bundled pairs by name."""
    root = _folder()
    return {n: SamplePair(n, root / f"{n}.hdr.exr", root / f"{n}.sdr.png") for n in NAMES}


def manifest() -> dict[str, Any]:
    """Hashes, sizes and light levels of the bundled files, as written by the script that made them."""
    data: dict[str, Any] = json.loads((_folder() / "manifest.json").read_text(encoding="utf-8"))
    return data
