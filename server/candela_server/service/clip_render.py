"""The network stage: frames of SDR to HDR, in the samples that are written where the kernel can make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.itm.domain import REFERENCE_WHITE, base_of
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.payload import Payload
from candela_engines.itm.shot_model import decode_shot
from candela_engines.media.clip import ClipInfo
from candela_engines.media.quantise import integer_codes
from candela_server.service.clip_frames import BoundFrame
from candela_server.service.clip_target import ClipTarget
from candela_server.service.levels import F32, Levels
from candela_server.service.rendering import Renderer, renderer_of
from candela_server.service.shot_binding import check_clip_size
from candela_server.service.shot_carried import BoundShot

__all__ = ["ClipRenderer", "Form", "Place", "Rendered", "Slot", "Slots", "form_of", "placed_sdr"]

Form = Literal["halves", "pq", "nits"]
Buffer = npt.NDArray[np.generic]
Place = Callable[[BoundFrame], F32]
"""What becomes of a frame that no network serves: nits (H, W, 3) float32, linear BT.2020."""


@dataclass(eq=False)
class Slot:
    """Where a frame lies between the network and its file. samples: (H, W, 3), strides as they come."""

    samples: Buffer


class Slots(Protocol):
    """Gives places for frames of a shot, again and again the same ones where they fit."""

    def slot(self, before: Slot | None, payload: Payload | None) -> Slot:
        """before: the one that is free now, None at first."""
        ...


@dataclass(eq=False)
class Rendered:
    """A frame on its way out, in one of three forms: float16 nits and uint16 PQ codes, both of BT.2020 and as
    they are written, or float32 nits, which are still to be encoded.

    payload: None where SDR took the place of HDR. levels, and of a movie clipped: filled when it is encoded;
    clipped: samples below and above what the encoding holds.
    """

    source: BoundFrame
    form: Form
    slot: Slot
    payload: Payload | None
    levels: Levels | None = None
    clipped: tuple[int, int] = (0, 0)

    @property
    def number(self) -> int:
        """In the clip's own count."""
        return self.source.number


def form_of(target: ClipTarget, *, rolls_off: bool, keeps_light: bool) -> Form:
    """What the network is to write. keeps_light: whether light is needed once more, as for confidence."""
    encoding = target.encoding
    wide = encoding.primaries == "bt2020" and encoding.ocio_space is None and encoding.range == "full"
    if rolls_off or keeps_light or not wide:
        return "nits"
    if encoding.transfer == "linear" and encoding.unit_nits == 1 and target.bits == 16:
        return "halves"
    return "pq" if encoding.transfer == "pq" and target.suffix != ".exr" and target.bits > 8 else "nits"


def placed_sdr(codes: Buffer, bits: int, state: ColourState) -> F32:
    """SDR as light with its white on 203 nit (BT.2408): nits (H, W, 3) float32, linear BT.2020."""
    signal = over_full_scale(codes, bits)
    return np.asarray(base_of(signal, state, "gain", bits) * np.float32(REFERENCE_WHITE), np.float32)


class ClipRenderer:
    """Renders frame after frame into slots that it reuses in turn; for one thread.

    turns: how many; a frame's samples hold until so many others were rendered. pq_bits: of codes. place: of
    frames that no network serves.
    """

    def __init__(
        self, info: ClipInfo, form: Form, slots: Slots, *, turns: int, pq_bits: int, place: Place
    ) -> None:
        self._info, self._form, self._slots = info, form, slots
        self._bits, self._place_sdr = pq_bits, place
        self._kept: list[Slot | None] = [None] * turns
        self._turn = 0
        self._shot: BoundShot | None = None
        self._renderer: Renderer | None = None

    def __call__(self, bound: BoundFrame) -> Rendered:
        """The frame's HDR. Raises PictureMismatchError for another size than the payload's, PayloadError."""
        payload = None if bound.shot is None else bound.shot.payload
        slot = self._slots.slot(self._kept[self._turn], payload)
        self._kept[self._turn] = slot
        self._turn = (self._turn + 1) % len(self._kept)
        frame = bound.frame
        if bound.shot is None:
            self._place(bound, slot.samples)
            return Rendered(bound, self._form, slot, None)
        self._of(bound.shot).render(
            bound.place,
            frame.codes,
            frame.bits,
            slot.samples,
            "pq" if self._form == "pq" else "nits",
            out_bits=self._bits,
        )
        return Rendered(bound, self._form, slot, payload)

    def _of(self, shot: BoundShot) -> Renderer:
        if self._renderer is None or shot is not self._shot:
            check_clip_size(self._info, shot)
            model = decode_shot(shot.payload)
            self._renderer, self._shot = renderer_of(model, self._info.height, self._info.width), shot
        return self._renderer

    def _place(self, bound: BoundFrame, out: Buffer) -> None:
        nits = self._place_sdr(bound)
        if self._form == "pq":
            out[...] = integer_codes(nits, NAMED["rec2100-pq"], self._bits).codes
        else:
            out[...] = nits
