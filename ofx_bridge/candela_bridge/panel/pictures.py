"""Pictures and scopes of frames, as the helper's call `look` leaves them in a file. No Qt."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from typing import Any, BinaryIO, Dict, Optional, Tuple

__all__ = ["Found", "Key", "Look", "Picture", "Scopes", "read"]

Json = Dict[str, Any]


@dataclass(frozen=True)
class Look:
    """What is looked at. side, reference: pictures as calls take them, as JSON text so that they can be
    compared; reference is empty for none. view: as the call `look` names it. width: of pictures, about."""

    side: str
    view: str
    width: int
    reference: str = ""

    @staticmethod
    def of(side: Json, view: str, width: int, reference: Optional[Json] = None) -> "Look":
        """From the pictures themselves."""
        other = "" if reference is None else json.dumps(reference, sort_keys=True)
        return Look(json.dumps(side, sort_keys=True), view, width, other)


Key = Tuple[Look, int]


@dataclass(frozen=True, eq=False)
class Picture:
    """pixels: rows of R, G, B, 8 bits each, from the upper left. full: width and height of the frame itself.
    first, last: frames that its file has. rate: frames a second, None where it does not say."""

    width: int
    height: int
    pixels: bytes
    legend: "Tuple[Tuple[str, str], ...]"
    full: "Tuple[int, int]"
    first: int
    last: int
    rate: Optional[float]
    notes: "Tuple[str, ...]"
    colour: str = ""


@dataclass(frozen=True, eq=False)
class Scopes:
    """waveform, cie: opacities of 8 bits, rows from the top, of these widths and heights. The rest is as the
    call `look` has it: nits, and shares of pixels."""

    waveform: bytes
    waveform_size: "Tuple[int, int]"
    cie: bytes
    cie_size: "Tuple[int, int]"
    max_nits: float
    mean_nits: float
    outside_p3: float
    outside_709: float


@dataclass(frozen=True, eq=False)
class Found:
    """What one call brought, by frame."""

    pictures: Dict[int, Picture]
    scopes: Optional[Scopes]
    scopes_frame: int


def read(answer: Json) -> Found:
    """The samples out of the helper's file, which is taken away. On a thread that may wait."""
    path = answer["file"]
    try:
        with open(path, "rb") as stream:
            return _found(answer, stream)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)


def _found(answer: Json, stream: BinaryIO) -> Found:
    path = answer["file"]

    def part(place: Json) -> bytes:
        # Into its own bytes at once: to copy them out of one another would keep Python's lock.
        stream.seek(place["offset"])
        found = stream.read(place["bytes"])
        if len(found) != place["bytes"]:
            raise ValueError(f"{path}: is shorter than the helper says")
        return found

    rate = answer.get("rate")
    state = answer["state"]
    colour = str(state.get("name") or state.get("ocio_space") or "")
    pictures = {}
    for said in answer["pictures"]:
        if said["bytes"] != said["width_px"] * said["height_px"] * 3:
            raise ValueError(f"{path}: a picture of another size than the helper says")
        pictures[int(said["frame"])] = Picture(
            said["width_px"], said["height_px"], part(said),
            tuple((str(words), str(of)) for words, of in said["legend"]),
            (answer["width_px"], answer["height_px"]), answer["first"], answer["last"],
            None if rate is None else _number(rate), tuple(answer["notes"]), colour,
        )  # fmt: skip
    said = answer.get("scopes")
    if said is None:
        return Found(pictures, None, 0)
    wave, cie = part(said["waveform"]), part(said["cie"])
    scopes = Scopes(
        wave, (said["waveform_width"], said["waveform_height"]), cie, (said["cie_width"], said["cie_height"]),
        said["max_nits"], said["mean_nits"], said["outside_p3"], said["outside_709"],
    )  # fmt: skip
    return Found(pictures, scopes, said["frame"])


def _number(rate: str) -> float:
    over, _, under = rate.partition("/")
    return float(over) / float(under or 1)
