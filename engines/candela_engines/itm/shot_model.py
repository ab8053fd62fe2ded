"""A shot's payload ready for any of its frames, and rendering them one after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.errors import PayloadError
from candela_engines.itm import payload as payload_format
from candela_engines.itm.decode import Model, model_of
from candela_engines.itm.default_model import DefaultModel
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.payload import Payload
from candela_engines.itm.timed_model import TimedModel, timed_model
from candela_engines.runtime.frame import Encoding, Frame

__all__ = ["ShotModel", "ShotRenderer", "decode_shot"]

Codes = npt.NDArray[np.generic]


@dataclass(frozen=True)
class ShotModel:
    """A payload and its network at every frame; of a still or a published network the same at all."""

    payload: Payload
    timed: TimedModel | None
    fixed: Model | None

    @property
    def moves(self) -> bool:
        """Whether two frames can differ in their network."""
        return self.timed is not None and self.timed.moves

    def at(self, number: int) -> Model:
        """The network of a frame; PayloadError for one outside the shot."""
        if self.timed is not None:
            return self.timed.at(number)
        assert self.fixed is not None
        return self.fixed


def decode_shot(data: bytes | Payload) -> ShotModel:
    """A payload, of a shot or of a still, ready for any frame. PayloadError for bytes that are none."""
    payload = data if isinstance(data, Payload) else payload_format.decode(data)
    if payload.model == "default" and payload.frames is not None:
        return ShotModel(payload, timed_model(payload), None)
    return ShotModel(payload, None, model_of(payload))


class ShotRenderer:
    """Renders frames of a shot; keeps what does not change between them.

    height, width: of the frames, which have to be the payload's. Not for several threads at once; the native
    kernel uses all of them inside.
    """

    def __init__(self, model: ShotModel, height: int, width: int) -> None:
        p = model.payload
        if (height, width) != (p.height, p.width):
            raise PayloadError(f"the payload is for {p.width}x{p.height}, the clip has {width}x{height}")
        self._model, self._size = model, (height, width)
        self._kept: tuple[Model, Frame | None] | None = None
        self._number = 0

    def at(self, number: int) -> tuple[Model, Frame | None]:
        """The network of a frame, and the native library's rendering of it, where it can."""
        if self._kept is None or (self._model.moves and self._number != number):
            model = self._model.at(number)
            frame = None
            if isinstance(model, DefaultModel):
                frame = model.frame(self._model.payload.sdr, *self._size)
            self._kept, self._number = (model, frame), number
        return self._kept

    def render(
        self,
        number: int,
        codes: Codes,
        bits: int,
        out: Codes | None = None,
        encoding: Encoding = "nits",
        *,
        out_bits: int = 16,
        threads: int = 0,
    ) -> Codes:
        """One frame of the shot as HDR.

        codes: (H, W, 3), integers of `bits` bits, or floats over full scale, of which the payload knows what
        they were rounded to. out, which is returned:
        (H, W, 3) float32 (by default) or float16 for nits of linear BT.2020, uint16 too for PQ codes of
        `out_bits` bits.
        """
        model, frame = self.at(number)
        if codes.dtype.kind == "f":
            bits = self._model.payload.bits
        out = np.empty((*self._size, 3), np.float32) if out is None else out
        if frame is not None:
            around = frame.surroundings(codes, bits, threads=threads)
            frame.render(codes, bits, around, out, out_bits=out_bits, encoding=encoding, threads=threads)
            return out
        for top, nits in model.strips(over_full_scale(codes, bits), self._model.payload.sdr):
            out[top : top + len(nits)] = _encoded(nits, out.dtype, encoding, out_bits)
        return out


def _encoded(
    nits: npt.NDArray[np.floating], dtype: np.dtype[np.generic], encoding: Encoding, bits: int
) -> npt.NDArray[np.floating]:
    if encoding == "nits":
        return nits
    codes = pq.inverse_eotf(np.clip(nits, 0, 10000))
    if dtype.kind == "f":
        return codes
    return np.asarray(np.rint(np.clip(codes, 0, 1) * ((1 << bits) - 1)))
