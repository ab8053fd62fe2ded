"""House models of `candela calibrate`: what a file says of itself, read as hosts can. No Qt.

The panel looks whether a file is one, and what it is called. Whether it can score is the sidecar's to say, as
it knows the grade model that is installed.
"""

from __future__ import annotations

import io
import json
import os
import re
import struct
import zipfile
from dataclasses import dataclass
from typing import Any, Dict

__all__ = ["House", "HouseError", "read_house"]

_KIND, _MOST_BYTES = "candela-house-model", 4 << 20
_ENTRY = "card.npy"
_MAGIC = b"\x93NUMPY"


class HouseError(Exception):
    """A file that is no house model, or is not there: which, why, and what to do."""


@dataclass(frozen=True)
class House:
    """path: of the file. name: of the studio or test. about: of how many choices it was made, in words."""

    path: str
    name: str
    about: str


def read_house(path: str) -> House:
    """Open a file and look at its card. On a thread that may wait. Raises HouseError."""
    try:
        if os.path.getsize(path) > _MOST_BYTES:
            raise HouseError(f"{path}: is above {_MOST_BYTES >> 20} MiB; no house model is")
        with open(path, "rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        words = error.strerror or str(error)
        raise HouseError(f"{path}: the house model cannot be read: {words}") from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo(_ENTRY).file_size > _MOST_BYTES:
                raise ValueError("its card is too large")
            card = json.loads(_bytes_of(archive.read(_ENTRY)).decode("utf-8"))
        if card["kind"] != _KIND:
            raise ValueError("is of another kind")
        made: Dict[str, Any] = dict(card.get("card") or {})
        name = " ".join(str(card["name"]).split())[:80]
    except Exception as error:  # readers of zip and JSON have errors of their own, which share no base
        raise HouseError(f"{path}: is no house model; candela calibrate writes one") from error
    return House(path, name or os.path.basename(path), _about(made))


def _bytes_of(array: bytes) -> bytes:
    """The samples of an .npy file of bytes (numpy's format, version 1 to 3)."""
    if array[:6] != _MAGIC:
        raise ValueError("no array")
    wide = array[6] > 1
    (length,) = struct.unpack_from("<I" if wide else "<H", array, 8)
    begin = (12 if wide else 10) + length
    if not re.search(rb"'descr': '\|u1'", array[:begin]):
        raise ValueError("is no text")
    return array[begin:]


def _about(made: Dict[str, Any]) -> str:
    told = []
    for name in ("choices", "raters", "scenes"):
        there = made.get(name)
        number = len(there) if isinstance(there, list) else there
        told += [f"{number} {name}"] if isinstance(number, int) else []
    when = str(made.get("made_at") or "")[:10]
    return ", ".join(told + ([f"made {when}"] if when else []))
