"""Where a data set lies: one folder a source, whole or not there, so that a kill at any moment is safe.

OUT/settings.json               what it was made with; other settings are refused
OUT/pictures/NAME/variants.npy  (N, H, W, 3) uint16, PQ codes of full range, BT.2020
OUT/pictures/NAME/references.npy  (K, H, W, 3) uint8, BT.709 gamma-2.4 codes
OUT/pictures/NAME/masks.npy     (M, H, W) uint8, 255 inside
OUT/pictures/NAME/crops.npy     (N, C, 256, 256, 3) uint16, native pixels, where the set has them
OUT/pictures/NAME/meta.json     the source, its variants, references and what was discarded
OUT/STAGE/NAME.json, .npz       what later stages found, one file a source
OUT/unusable/NAME.json          sources that give no picture, with the reason
"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from candela_engines.errors import InputError

__all__ = ["Store"]


@dataclass(frozen=True, slots=True)
class Store:
    """A data set's folder."""

    root: Path

    def claim(self, settings: Mapping[str, Any]) -> None:
        """Note what the set is made with. Raises InputError if it was begun with something else."""
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / "settings.json"
        if path.is_file():
            found = json.loads(path.read_text("utf-8"))
            if found != dict(settings):
                raise InputError(
                    f"{self.root}: begun with {found}, now asked for {dict(settings)}; take another folder"
                )
            return
        _replace(path, json.dumps(dict(settings), indent=1).encode())

    def has(self, stage: str, name: str) -> bool:
        """Whether a stage is done with a source."""
        if stage == "pictures":
            return (self._pictures(name) / "meta.json").is_file() or self._unusable(name).is_file()
        return any((self.root / stage / f"{name}{suffix}").is_file() for suffix in (".json", ".npz"))

    def names(self) -> list[str]:
        """Sources whose pictures are ready, the oldest first."""
        folder = self.root / "pictures"
        ready = [p for p in folder.iterdir() if (p / "meta.json").is_file()] if folder.is_dir() else []
        return [p.name for p in sorted(ready, key=lambda p: ((p / "meta.json").stat().st_mtime_ns, p.name))]

    def write_pictures(self, name: str, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> None:
        """A source's pictures, all at once: a folder of another name that is renamed when it is complete."""
        target = self._pictures(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{name}.{os.getpid()}.part")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        for key, array in arrays.items():
            np.save(temporary / f"{key}.npy", array)
        (temporary / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), "utf-8")
        if target.is_dir():
            shutil.rmtree(target)
        temporary.replace(target)

    def write_unusable(self, name: str, reason: str) -> None:
        """Note that a source gives nothing."""
        _replace(self._unusable(name), json.dumps({"reason": reason}).encode())

    def write_json(self, stage: str, name: str, data: Any) -> None:
        """What a stage found of a source."""
        _replace(self.root / stage / f"{name}.json", json.dumps(data).encode())

    def write_arrays(self, stage: str, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Arrays that a stage made of a source."""
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        _replace(self.root / stage / f"{name}.npz", buffer.getvalue())

    def read_json(self, stage: str, name: str) -> Any:
        """What `write_json` wrote."""
        return json.loads((self.root / stage / f"{name}.json").read_text("utf-8"))

    def read_arrays(self, stage: str, name: str) -> dict[str, np.ndarray]:
        """What `write_arrays` wrote."""
        with np.load(self.root / stage / f"{name}.npz", allow_pickle=False) as found:
            return {key: found[key] for key in found.files}

    def forget(self, stage: str, name: str) -> None:
        """Have a stage after rendering do a source again."""
        for suffix in (".json", ".npz"):
            (self.root / stage / f"{name}{suffix}").unlink(missing_ok=True)

    def meta(self, name: str) -> dict[str, Any]:
        """The source, its variants and references."""
        return dict(json.loads((self._pictures(name) / "meta.json").read_text("utf-8")))

    def array(self, name: str, key: str) -> np.ndarray:
        """One of a source's arrays, mapped from the disk."""
        return np.asarray(np.load(self._pictures(name) / f"{key}.npy", mmap_mode="r"))

    def tidy(self) -> None:
        """Remove what killed processes left half made; not what a running one is making."""
        for path in (self.root / "pictures").glob(".*.part"):
            owner = path.name.split(".")[-2]
            if not owner.isdigit() or not Path(f"/proc/{owner}").exists():
                shutil.rmtree(path, ignore_errors=True)

    def _pictures(self, name: str) -> Path:
        return self.root / "pictures" / name

    def _unusable(self, name: str) -> Path:
        return self.root / "unusable" / f"{name}.json"


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    temporary.write_bytes(data)
    temporary.replace(path)
