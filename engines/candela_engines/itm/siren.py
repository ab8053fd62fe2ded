"""Model `paper`: the published SIREN of 8,963 parameters (MLP-embedded iTM, ACM MM 2024), as a reference.

Two sine branches, one for the SDR colour and one for the place, meet in a third and end in a linear layer
that gives the HDR's PQ code in BT.2020. There is no base and no residual. Every sine layer is
sin(30·(W·x + b)) (Sitzmann et al. 2020). The payload holds W and b as float16.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.state import ColourState
from candela_engines.errors import PayloadError
from candela_engines.itm.payload import Payload
from candela_engines.native import native
from candela_engines.runtime.graph_paper import PAPER_LAYERS
from candela_engines.runtime.siren import run_siren

__all__ = [
    "LAYERS",
    "OMEGA",
    "PARAMETERS",
    "SirenModel",
    "decode_siren",
    "encode_siren",
    "evaluate_siren",
    "places",
    "views",
]

OMEGA = 30.0
# In the order of the stored numbers: W row by row of its inputs, then b.
LAYERS = PAPER_LAYERS
PARAMETERS = sum(i * o + o for _, i, o in LAYERS)
BYTES = 2 * PARAMETERS
_RAW, _DEFLATE = 0, 1

Array = npt.NDArray[np.floating]
F32 = npt.NDArray[np.float32]


def views(vector: Array) -> dict[str, Array]:
    """The layers `<name>.w` (inputs, outputs) and `<name>.b` as views into a vector of all parameters."""
    if vector.shape != (PARAMETERS,):
        raise ValueError(f"a vector of {vector.shape} where ({PARAMETERS},) is needed")
    out: dict[str, Array] = {}
    at = 0
    for name, n_in, n_out in LAYERS:
        out[f"{name}.w"] = vector[at : at + n_in * n_out].reshape(n_in, n_out)
        at += n_in * n_out
        out[f"{name}.b"] = vector[at : at + n_out]
        at += n_out
    return out


def places(height: int, width: int, ys: npt.ArrayLike, xs: npt.ArrayLike) -> F32:
    """u, v of pixels (…, 2): x and y over the picture's last column and row. float32 by definition."""
    u = np.linspace(0, 1, width).astype(np.float32)
    v = np.linspace(0, 1, height).astype(np.float32)
    return np.stack([u[np.asarray(xs)], v[np.asarray(ys)]], axis=-1)


def _folded(vector: Array, dtype: type[np.floating]) -> dict[str, Array]:
    """Layers with the factor 30 in the weights; exact for float16 numbers in float32."""
    layers = views(vector.astype(dtype))
    return {k: v if k.startswith("last") else np.asarray(v * dtype(OMEGA)) for k, v in layers.items()}


def evaluate_siren(colour: Array, place: Array, vector: Array) -> Array:
    """PQ codes (n, 3), unclipped, of colour (n, 3) and place (n, 2), all in float64: the reference."""
    w = _folded(vector, np.float64)

    def layer(x: Array, name: str) -> Array:
        return np.asarray(x.astype(np.float64, copy=False) @ w[f"{name}.w"] + w[f"{name}.b"])

    by_colour = np.sin(layer(np.sin(layer(colour, "colour0")), "colour1"))
    by_place = np.sin(layer(np.sin(layer(place, "place0")), "place1"))
    return layer(np.sin(layer(np.concatenate([by_colour, by_place], axis=1), "fuse")), "last")


@dataclass(frozen=True)
class SirenModel:
    """A decoded SIREN: all its numbers as one float32 vector in the order of LAYERS."""

    vector: F32

    def codes(self, colour: F32, place: F32) -> F32:
        """PQ codes (n, 3), unclipped, on the native kernel where it is built, else on ONNX Runtime."""
        library = native()
        if library is not None:
            found: F32 = library.Siren(self.vector).points(
                np.ascontiguousarray(colour, np.float32), np.ascontiguousarray(place, np.float32)
            )
            return found
        return run_siren(colour, place, self.folded())

    def folded(self) -> dict[str, F32]:
        """The layers `<name>.w` and `<name>.b` with the sines' factor of 30 in them."""
        folded: Mapping[str, Array] = _folded(self.vector, np.float32)
        return {k: v.astype(np.float32, copy=False) for k, v in folded.items()}

    def strips(
        self,
        signal: F32,
        state: ColourState,
        *,
        rows: tuple[int, int] | None = None,
        strip: int | None = None,
        reference: bool = False,
    ) -> Iterator[tuple[int, npt.NDArray[np.floating]]]:
        """HDR light in strips: (top row, nits (h, W, 3)), linear BT.2020.

        signal: the whole SDR picture (H, W, 3), codes over full scale, in whatever state: the network has
        learned it. rows: part of it, default all. reference: numpy in float64, else float32, on the native
        kernel where it is built or in ONNX Runtime.
        """
        height, width = signal.shape[:2]
        top, bottom = rows or (0, height)
        strip = strip or max(1, (1 << 18) // max(width, 1))
        library = None if reference else native()
        if library is not None:
            network = library.Siren(self.vector, height, width)
            for y in range(top, bottom, strip):
                nits = np.empty((min(strip, bottom - y), width, 3), np.float32)
                region = (0, y, width, y + len(nits))
                network.render(signal.astype(np.float32, copy=False), 32, nits, 32, region, "nits")
                yield y, nits
            return
        for y in range(top, bottom, strip):
            colour = signal[y : min(y + strip, bottom)]
            ys, xs = np.mgrid[y : y + len(colour), 0:width]
            place = places(height, width, ys.ravel(), xs.ravel())
            flat = colour.reshape(-1, 3)
            code: Array
            if reference:
                code = evaluate_siren(flat, place, self.vector)
            else:
                code = self.codes(flat.astype(np.float32, copy=False), place)
            yield y, pq.eotf(np.clip(code, 0, 1)).reshape(colour.shape)


def encode_siren(vector: Array) -> tuple[tuple[int, ...], tuple[bytes, ...], SirenModel]:
    """The payload's numbers and streams of a SIREN, and the model as it will be read back."""
    half = np.clip(vector, -65504, 65504).astype("<f2")
    raw = half.tobytes()
    packed = zlib.compress(raw, 9)
    coding, blob = (_DEFLATE, packed) if len(packed) < len(raw) else (_RAW, raw)
    return (coding,), (blob,), SirenModel(half.astype(np.float32))


def inflate(data: bytes, size: int) -> bytes:
    """`size` bytes out of a zlib stream; PayloadError for any other stream, and never more memory."""
    unpack = zlib.decompressobj()
    try:
        out = unpack.decompress(data, size + 1)
    except zlib.error as error:
        raise PayloadError("the payload's weights are no sound zlib stream") from error
    if len(out) != size or not unpack.eof or unpack.unused_data:
        raise PayloadError(f"the payload's weights do not unpack to {size} bytes")
    return out


def decode_siren(payload: Payload) -> SirenModel:
    """The SIREN of a payload; PayloadError where its numbers or sizes are not a SIREN's."""
    if len(payload.numbers) != 1 or payload.numbers[0] not in (_RAW, _DEFLATE):
        raise PayloadError(f"a paper network has one number, 0 or 1, not {payload.numbers!r:.60}")
    if len(payload.blobs) != 1:
        raise PayloadError(f"a paper network has one stream, the payload has {len(payload.blobs)}")
    raw = payload.blobs[0] if payload.numbers[0] == _RAW else inflate(payload.blobs[0], BYTES)
    if len(raw) != BYTES:
        raise PayloadError(f"a paper network has {BYTES} bytes of weights, the payload has {len(raw)}")
    vector = np.frombuffer(raw, "<f2").astype(np.float32)
    if not np.isfinite(vector).all():
        raise PayloadError("the payload's weights are not all finite")
    return SirenModel(vector)
