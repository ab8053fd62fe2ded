"""Weights that ship with the package, each checked against the manifest before it is used."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import zipfile
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError

__all__ = ["load_weights", "manifest", "weight_bytes"]


@functools.cache
def manifest() -> dict[str, Any]:
    """The manifest: for each file its SHA-256, size, licence and the command that made it."""
    data: dict[str, Any] = json.loads((files(__name__) / "manifest.json").read_text("utf-8"))
    return data


def weight_bytes(file: str) -> bytes:
    """A file of this package, as the manifest has it.

    Raises InfrastructureError for one that the manifest does not list, that is missing, or whose SHA-256 is
    not the manifest's.
    """
    entry = manifest().get(file)
    if entry is None:
        raise InfrastructureError(f"weights {file!r} are not in the manifest; reinstall candela-hdr")
    try:
        data = files(__name__).joinpath(*file.split("/")).read_bytes()
    except OSError as error:
        raise InfrastructureError(f"weights {file} are missing; reinstall candela-hdr") from error
    found = hashlib.sha256(data).hexdigest()
    if found != entry["sha256"]:
        raise InfrastructureError(
            f"weights {file} have SHA-256 {found[:12]}…, not {entry['sha256'][:12]}…; reinstall candela-hdr"
        )
    return data


@functools.cache
def load_weights(file: str) -> dict[str, npt.NDArray[np.generic]]:
    """The read-only arrays of an .npz file of this package, by name.

    Raises InfrastructureError as `weight_bytes` does, and for a file that is no such archive.
    """
    data = weight_bytes(file)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise InfrastructureError(f"weights {file} cannot be read: {error}") from error
    for array in arrays.values():
        array.setflags(write=False)
    return arrays
