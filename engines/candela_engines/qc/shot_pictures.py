"""The pictures of a shot: of which frame, and keeping them beside the measurements.

    FOLDER/pictures/<key>.cbor    `qc.pictures` of a frame, by what the frame is made of and how it was read

Shots are known only when all frames have been measured, so a frame of each is read once more. It is one that
decoding can start from, where there is one near the middle: then it costs one frame and not the group before
it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.state import ColourState
from candela_engines.errors import CandelaError, InfrastructureError
from candela_engines.media.atomic import write_atomic
from candela_engines.media.clip import Clip, ClipFrame
from candela_engines.media.movie import Movie
from candela_engines.media.thumbnails import F32
from candela_engines.metrics import Rectangle
from candela_engines.qc.findings import Box
from candela_engines.qc.pictures import read_pictures, take_pictures

__all__ = ["PictureStore", "representative"]

_VERSION = 1
_WIDE = 960


class PictureStore:
    """Pictures in a folder, made where they are not there. Any number of processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "pictures"

    def pictures(self, clip: Clip, state: ColourState, key: bytes, number: int, active: Box) -> bytes | None:
        """What `take_pictures` makes of frame `number`; None where it cannot be read.

        state: what the clip's codes are in. key: of the frame, as `frame_keys`. active: of the shot.
        Raises InfrastructureError where the disk refuses.
        """
        name = hashlib.sha256(f"{_VERSION} {state} {active} {number} ".encode() + key).hexdigest()[:32]
        path = self._folder / f"{name}.cbor"
        try:
            kept = path.read_bytes()
        except OSError:
            kept = b""
        if read_pictures(kept) is not None:
            return kept
        try:
            frame = clip.frame(number)
        except InfrastructureError:
            raise
        except CandelaError:
            return None
        nits, area = _light(frame, state, active)
        made = take_pictures(nits, area=area, frame=number)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InfrastructureError(f"{self._folder}: cannot be made: {error.strerror or error}") from error
        write_atomic(path, made)
        return made


def representative(clip: Clip, numbers: list[int]) -> int | None:
    """Which of the frames of a shot is shown: of a movie the first in its middle half that decoding can start
    from, else the one in the middle. None of none.

    numbers: the frames that can be read, in order.
    """
    if not numbers:
        return None
    inner = numbers[len(numbers) // 4 : max(len(numbers) * 3 // 4, len(numbers) // 4 + 1)]
    if isinstance(clip, Movie):
        key = clip.key_after(inner[0] - 1) if inner[0] > clip.info.first else inner[0]
        if key is not None and key in inner:
            return key
    return numbers[len(numbers) // 2]


def _light(frame: ClipFrame, state: ColourState, active: Box) -> tuple[F32, Rectangle]:
    """Light of single pixels of a frame, about _WIDE across, and where the active picture is among them."""
    height, width = frame.codes.shape[:2]
    step = max(1, width // _WIDE)
    codes = np.asarray(frame.codes)[step // 2 :: step, step // 2 :: step, :3]
    signal = codes.astype(np.float32)
    if codes.dtype.kind == "u":
        signal /= np.float32((1 << frame.bits) - 1)
    bits = frame.bits if frame.bits <= 16 else None
    with np.errstate(all="ignore"):
        nits = np.asarray(to_nits_rec2020(signal, state, bits=bits), np.float32)
    tall, wide = nits.shape[:2]
    left, right = (min(max(round(x * wide / width), 0), wide) for x in (active.left_px, active.right_px))
    top, bottom = (min(max(round(y * tall / height), 0), tall) for y in (active.top_px, active.bottom_px))
    if right <= left or bottom <= top:
        left, top, right, bottom = 0, 0, wide, tall
    return nits, Rectangle(left, top, right - left, bottom - top)
