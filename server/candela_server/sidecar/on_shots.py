"""Frames of shots in memory: a shot's payload serves them all, and whoever asks says which of them it is."""

from __future__ import annotations

import numpy as np

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError, PictureMismatchError
from candela_engines.itm.payload import CHECK_BYTES, Payload, decode
from candela_engines.itm.place import shot_of
from candela_engines.itm.shot_model import decode_shot
from candela_engines.media.hashing import hash_samples
from candela_server.service.rendering import Renderer, renderer_of
from candela_server.sidecar.on_frames import Frame, Samples, Written, checked, store

__all__ = ["KeptShots", "render_shot_frame"]


class KeptShots:
    """The shot that was rendered last, so that a frame after frame of it does not wait for its network."""

    def __init__(self) -> None:
        self._read: tuple[bytes, Payload] | None = None
        self._held: tuple[Payload, Renderer] | None = None

    def payload(self, data: bytes) -> Payload:
        """What the bytes say. PayloadError for bytes that are no sound payload."""
        if self._read is None or self._read[0] != data:
            self._read = data, decode(data)
        return self._read[1]

    def renderer(self, payload: Payload) -> Renderer:
        """For every frame of its shot, whichever copy this is. PayloadError for one that is not sound."""
        shot = shot_of(payload)
        if self._held is None or self._held[0] != shot:
            self._held = shot, renderer_of(decode_shot(payload), payload.height, payload.width)
        return self._held[1]


def render_shot_frame(
    kept: KeptShots, payload: Payload, number: int | None, sdr: Frame, out: Samples, out_bits: int,
    encoding: ColourState, *, force: bool,
) -> Written:  # fmt: skip
    """The HDR of one frame of a shot into `out`, (H, W, 3) of any sample type, in `encoding`.

    number: which it is, in the payload's count; None is the one whose copy the payload is. Raises InputError
    for a number that is needed, or outside the shot; PictureMismatchError unless it is that frame, which
    `force` lets pass, but for its size.
    """
    number = _placed(payload, number)
    sdr = checked(sdr, "frame")
    height, width = sdr.samples.shape[:2]
    if (width, height) != (payload.width, payload.height) or out.shape != sdr.samples.shape:
        raise PictureMismatchError(
            f"the payload is for {payload.width}x{payload.height}, the frame is {width}x{height} and the "
            f"room for its HDR {out.shape[1]}x{out.shape[0]}"
        )
    same = _same(payload, number, sdr)
    if not same and not force:
        raise PictureMismatchError(
            f"the frame's samples are not those that the payload was made for as frame {number}"
            + ("" if same is False else ", as far as this payload can tell: it has the hash of another frame")
            + "; of a movie they are those of its file, which R'G'B' in memory are not. force renders it all "
            "the same, with no promise of fidelity"
        )
    renderer = kept.renderer(payload)
    if encoding == NAMED["linear-rec2020"] and out.dtype.kind == "f":
        renderer.render(number, sdr.samples, sdr.bits, out)
        return Written(not same, 0)
    nits = renderer.render(number, sdr.samples, sdr.bits)
    return Written(not same, store(out, np.asarray(nits, np.float32), encoding, out_bits))


def _placed(payload: Payload, number: int | None) -> int:
    assert payload.frames is not None
    first, last = payload.frames
    if number is None:
        number = payload.place
    if number is None:
        raise InputError(
            f"the payload is that of a shot, frames {first} to {last}: shot_frame has to say which of them "
            "this is"
        )
    if not first <= number <= last:
        raise InputError(f"shot_frame {number}: the payload is for frames {first} to {last}")
    return number


def _same(payload: Payload, number: int, sdr: Frame) -> bool | None:
    """Whether it is that frame; None where the payload does not know."""
    digest = hash_samples(sdr.samples, sdr.signal_bits)  # type: ignore[arg-type]
    if sdr.signal_bits != payload.bits:
        return False
    if number == payload.place:
        return digest[: len(payload.picture_hash)] == payload.picture_hash
    if not payload.checks:
        return None
    at = CHECK_BYTES * (number - (payload.frames or (0, 0))[0])
    return payload.checks[at : at + CHECK_BYTES] == digest[:CHECK_BYTES]
