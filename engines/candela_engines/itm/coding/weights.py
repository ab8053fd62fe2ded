"""Coding of quantised layers: small integers under adaptive contexts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from candela_engines.errors import PayloadError
from candela_engines.itm.coding.binary import BinaryCoder, Decoder, Encoder
from candela_engines.native import native

__all__ = ["decode_layers", "encode_layers"]

Quantised = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]

# Four inputs' tables: bit length of a magnitude by layer, by recent magnitudes, by output, by what it is.
_A, _B, _C, _D = 0, 256, 512, 768
_TOP_A, _TOP_B, _TOP_C, _TOP_D = 1024, 1152, 1280, 1408
_CONTEXTS, _MIXERS, _INPUTS = 1536, 64, 4
_MAX_BITS = 20


def _integer(coder: BinaryCoder, value: int, kind: int, layer: int, recent: int, column: int) -> int:
    """A signed integer as the length of its magnitude, its two leading bits, the rest and the sign.

    kind: 0 weight, 1 bias, 2 scale. recent, column: bit lengths of magnitudes seen before, in the row and
    the column.
    """
    target = abs(value).bit_length()
    n = 0
    while n < _MAX_BITS and coder.bit(
        (
            _A + (kind * 4 + min(layer, 3)) * 21 + n,
            _B + min(recent, 7) * 21 + n,
            _C + min(column, 7) * 21 + n,
            _D + kind * 64 + min(recent + column, 7) * 8 + min(n, 7),
        ),
        kind * 8 + min(n, 7),
        1 if n < target else 0,
    ):
        n += 1
    if n == 0:
        return 0
    magnitude = abs(value)
    m = 1
    for i in range(n - 2, -1, -1):
        if i == n - 2:
            b = coder.bit(
                (
                    _TOP_A + (kind * 4 + min(layer, 3)) * 8 + min(n, 7),
                    _TOP_B + min(recent, 7) * 8 + min(n, 7),
                    _TOP_C + min(column, 7) * 8 + min(n, 7),
                    _TOP_D + kind * 8 + min(n, 7),
                ),
                24 + kind,
                (magnitude >> i) & 1,
            )
        else:
            b = coder.raw(1, (magnitude >> i) & 1)
        m = m << 1 | b
    return -m if coder.raw(1, 1 if value < 0 else 0) else m


def _code(coder: BinaryCoder, sizes: list[int], source: list[Quantised] | None) -> list[Quantised]:
    out = []
    for layer, (n_in, n_out) in enumerate(pairwise(sizes)):
        given = None if source is None else source[layer]
        scales = np.zeros(n_out, np.int64)
        last = 200
        for j in range(n_out):
            delta = 0 if given is None else int(given[2][j]) - last
            last += _integer(coder, delta, 2, layer, 0, 0)
            if not 0 <= last < 512:
                raise PayloadError(
                    f"scale code {last} of layer {layer} is not in 0..511: the payload is damaged"
                )
            scales[j] = last
        biases = np.zeros(n_out, np.int64)
        recent = 4
        for j in range(n_out):
            biases[j] = _integer(coder, 0 if given is None else int(given[1][j]), 1, layer, recent, 0)
            recent = int(abs(biases[j])).bit_length()
        weights = np.zeros((n_in, n_out), np.int64)
        columns = [3] * n_out
        for i in range(n_in):
            recent = 3
            for j in range(n_out):
                w = _integer(coder, 0 if given is None else int(given[0][i, j]), 0, layer, recent, columns[j])
                weights[i, j] = w
                recent = abs(w).bit_length()
                columns[j] = (columns[j] + recent + 1) >> 1
        out.append((weights, biases, scales))
    return out


def encode_layers(layers: list[Quantised]) -> bytes:
    """The coded stream of (weights (in, out), biases (out), scale codes (out)) a layer."""
    library = native()
    if library is not None:
        given = [tuple(np.ascontiguousarray(part, np.int32) for part in layer) for layer in layers]
        data: bytes = library.encode_layers(given)
        return data
    sizes = [layers[0][0].shape[0]] + [w.shape[1] for w, _, _ in layers]
    coder = Encoder(contexts=_CONTEXTS, mixers=_MIXERS, inputs=_INPUTS)
    _code(coder, sizes, layers)
    return coder.finish()


def decode_layers(data: bytes, sizes: list[int], *, bits: int) -> list[Quantised]:
    """Layers of the sizes given; weights beyond `bits` bits raise PayloadError."""
    library = native()
    if library is not None:
        try:
            decoded = library.decode_layers(data, sizes, bits)
        except library.Damaged as error:
            raise PayloadError(str(error)) from error
        return [(w.astype(np.int64), b.astype(np.int64), s.astype(np.int64)) for w, b, s in decoded]
    count = sum(a * b + 2 * b for a, b in pairwise(sizes))
    coder = Decoder(data, contexts=_CONTEXTS, mixers=_MIXERS, inputs=_INPUTS, limit=count * 24)
    layers = _code(coder, sizes, None)
    limit = 2 ** (bits - 1) - 1
    for i, (w, _, _) in enumerate(layers):
        if np.abs(w).max(initial=0) > limit:
            raise PayloadError(f"layer {i} has weights beyond {bits} bits: the payload is damaged")
    return layers
