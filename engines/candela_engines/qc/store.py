"""Measurements kept on disk, each frame's by what it was made of: an unchanged frame is never measured again.

    FOLDER/measures/<settings>/<pack>.npz    measurements of up to some hundred frames, never changed

A pack is written whole or not at all (`qc.folder`). A damaged one counts as none.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.media.atomic import atomic_path
from candela_engines.qc.columns import COLUMNS, HISTOGRAM, LEVELS
from candela_engines.qc.folder import make_folder, remove_left_parts
from candela_engines.qc.measure import FrameMeasure

__all__ = ["MeasureStore"]

_Pack = dict[str, NDArray[Any]]
_DAMAGE = (OSError, ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error)


class MeasureStore:
    """The packs of one kind of measurement. settings: all that a frame's numbers depend on besides the
    frame.
    """

    def __init__(self, folder: Path, settings: str) -> None:
        self._folder = folder / "measures" / hashlib.sha256(settings.encode()).hexdigest()[:24]
        make_folder(self._folder)
        for place in (self._folder, *(folder / name for name in ("seen", "shots", "scores", "pictures"))):
            remove_left_parts(place)
        self._places: dict[bytes, tuple[str, int]] = {}
        self._known: set[str] = set()
        self._sound: set[str] = set()
        self._open: tuple[str, _Pack] | None = None
        self.refresh()

    def refresh(self) -> None:
        """See what others have written."""
        for path in sorted(self._folder.glob("*.npz")):
            if path.name in self._known or path.name.startswith("."):  # not finished
                continue
            self._known.add(path.name)
            try:
                with np.load(path) as pack:
                    keys = pack["keys"]
            except _DAMAGE:
                continue
            for row, key in enumerate(keys):
                self._places.setdefault(key.tobytes(), (path.name, row))

    def check(self, keys: Iterable[bytes]) -> None:
        """Read the packs of these keys, so that damaged ones count as none from now on."""
        names = {self._places[key][0] for key in keys if key in self._places} - self._sound
        for name in sorted(names):
            if self._load(name) is not None:
                self._sound.add(name)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def get(self, key: bytes) -> FrameMeasure | None:
        """The measures of a frame; None where they are not there, or damaged."""
        place = self._places.get(key)
        if place is None:
            return None
        name, row = place
        pack = self._load(name)
        if pack is None:
            return None
        isolated = pack["isolated"]
        return FrameMeasure(
            pack["values"][row], pack["levels"][row], pack["luminance"][row], pack["proxy"][row],
            pack["boxes"][row], isolated[isolated[:, 0] == row, 1:], pack["mark"][row].tobytes(),
        )  # fmt: skip

    def put(self, found: Sequence[tuple[bytes, FrameMeasure]]) -> None:
        """Keep some. Raises InfrastructureError where the disk refuses, and then nothing is kept."""
        if not found:
            return
        keys = np.stack([np.frombuffer(key, np.uint8) for key, _ in found])
        isolated = [
            np.concatenate([np.full((len(m.isolated), 1), row, np.int32), m.isolated], axis=1)
            for row, (_, m) in enumerate(found)
        ]
        name = hashlib.sha256(keys.tobytes()).hexdigest()[:32] + ".npz"
        with atomic_path(self._folder / name) as temporary, temporary.open("wb") as stream:
            _save(
                stream,
                keys=keys,
                values=np.stack([m.values for _, m in found]),
                levels=np.stack([m.levels for _, m in found]),
                luminance=np.stack([m.luminance for _, m in found]),
                proxy=np.stack([m.proxy for _, m in found]),
                boxes=np.stack([m.boxes for _, m in found]),
                isolated=np.concatenate(isolated),
                mark=np.stack([np.frombuffer(m.mark, np.uint8) for _, m in found]),
            )
        self._known.add(name)
        self._sound.add(name)
        for row, (key, _) in enumerate(found):
            self._places[key] = (name, row)

    def _load(self, name: str) -> _Pack | None:
        if self._open is not None and self._open[0] == name:
            return self._open[1]
        try:
            with np.load(self._folder / name) as pack:
                loaded = {member: pack[member] for member in pack.files}
        except _DAMAGE:
            loaded = {}
        count = len(loaded.get("keys", ()))
        if (
            not count
            or loaded["values"].shape != (count, len(COLUMNS))
            or loaded["levels"].shape != (count, LEVELS)
            or loaded["luminance"].shape != (count, HISTOGRAM)
        ):
            self._places = {key: place for key, place in self._places.items() if place[0] != name}
            return None
        self._open = name, loaded
        return loaded


def _save(stream: IO[bytes], **arrays: NDArray[Any]) -> None:
    """As `np.savez_compressed`, which has no way to say how hard: the fastest takes half the time and leaves
    half a per cent more. Proxies are grain, and as they are: a fifth more for a sixth of the time.
    """
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
        for name, array in arrays.items():
            pack.compression = zipfile.ZIP_STORED if name == "proxy" else zipfile.ZIP_DEFLATED
            with pack.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
