"""From payload and SDR picture to HDR light, whatever the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from candela_engines.colour.state import ColourState
from candela_engines.errors import PayloadError
from candela_engines.itm import gamma_mlp, siren, timed_model
from candela_engines.itm import payload as payload_format
from candela_engines.itm.field import over_full_scale as to_signal
from candela_engines.itm.payload import Payload

__all__ = ["Decoded", "Model", "decode_payload", "model_of", "render", "to_signal"]

F32 = npt.NDArray[np.float32]
Codes = npt.NDArray[np.generic]


class Model(Protocol):
    """A decoded network of any architecture."""

    def strips(
        self,
        signal: F32,
        state: ColourState,
        *,
        rows: tuple[int, int] | None = None,
        strip: int | None = None,
        reference: bool = False,
    ) -> Iterator[tuple[int, npt.NDArray[np.floating]]]:
        """HDR light in strips of rows: (top row, nits (h, W, 3)), linear BT.2020."""
        ...


# One row an architecture: fixed by name, never a graph from the file.
DECODERS: dict[str, Callable[[Payload], Model]] = {
    "default": timed_model.decode_default,
    "paper": siren.decode_siren,
    "gamma": gamma_mlp.decode_gamma,
}


@dataclass(frozen=True)
class Decoded:
    """A payload and its model, ready to render."""

    payload: Payload
    model: Model


def decode_payload(data: bytes) -> Decoded:
    """Payload bytes to a model that `render` takes. PayloadError for bytes that are no sound payload."""
    payload = payload_format.decode(data)
    return Decoded(payload, model_of(payload))


def model_of(payload: Payload) -> Model:
    """The network of a payload; PayloadError where its numbers or streams are not sound."""
    decoder = DECODERS.get(payload.model)
    if decoder is None:
        raise PayloadError(f"model {payload.model!r} is not known to this version; update Candela to read it")
    return decoder(payload)


def render(decoded: Decoded, codes: Codes, rows: tuple[int, int] | None = None) -> F32:
    """HDR nits (H, W, 3) float32, linear BT.2020, from the SDR's codes (H, W, 3).

    rows: (first, one past last) to render only these. Raises PayloadError where the picture has another
    size; whether it is the same picture is the caller's check (`picture_hash`).
    """
    p = decoded.payload
    if codes.shape[:2] != (p.height, p.width):
        raise PayloadError(
            f"the payload is for {p.width}x{p.height}, the picture has {codes.shape[1]}x{codes.shape[0]}"
        )
    top, bottom = rows or (0, p.height)
    out = np.empty((bottom - top, p.width, 3), np.float32)
    for y, nits in decoded.model.strips(to_signal(codes, p.bits), p.sdr, rows=rows):
        out[y - top : y - top + len(nits)] = nits
    return out
