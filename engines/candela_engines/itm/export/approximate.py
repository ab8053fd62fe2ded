"""What a written network makes of a picture, where it is not quite the payload's own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from candela_engines.itm.default_model import CEILING
from candela_engines.itm.dequantise import dequantise_rows
from candela_engines.itm.domain import base_of, nits_of
from candela_engines.itm.export.default_code import DefaultNetwork
from candela_engines.itm.export.surroundings import sparse_means
from candela_engines.itm.features import features_of_rows, surroundings
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.guide import to_output
from candela_engines.itm.payload import Payload
from candela_engines.runtime.mlp import run_mlp

__all__ = ["approximate_strips"]

F32 = npt.NDArray[np.float32]
Codes = npt.NDArray[np.generic]


def approximate_strips(network: DefaultNetwork, payload: Payload, codes: Codes) -> Iterator[tuple[int, F32]]:
    """Light (top row, nits (h, W, 3)) as the written network makes it of a picture, in float32.

    network: as it stands at the picture's frame, with the plane that was written.
    """
    model, bits = network.model, payload.bits
    signal = over_full_scale(codes, bits)
    around = sparse_means(surroundings(signal), signal, network.strides)
    if model.plane is not None:
        around = around.with_plane(model.plane, model.lattice, model.spread)
    layers = model.layers.layers()
    height, width = signal.shape[:2]
    rows = max(1, (1 << 18) // width)
    for y in range(0, height, rows):
        part = dequantise_rows(signal, y, min(y + rows, height), model.strength, bits)
        features = features_of_rows(part, around, y)
        flat = features.reshape(-1, features.shape[-1])
        out = np.asarray(run_mlp(flat, layers.weights, layers.biases)).reshape(part.shape)
        if around.plane is not None:
            out = out + to_output(around.plane.rows(y, y + len(part), width))
        base = base_of(part, payload.sdr, model.domain, bits)
        yield y, np.asarray(nits_of(out, base, model.domain, model.ceiling / CEILING), np.float32)
