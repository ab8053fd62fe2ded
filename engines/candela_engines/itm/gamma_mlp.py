"""Model `gamma`: the gamma-map network of Gain-MLP (Canham et al., ICCV 2025), as a reference.

With S the SDR picture's light in BT.2020 as a PQ code (its white at 100 nit, 0.508), H the HDR's PQ code and
k = 1/64, a small network gives γ = ln(H + k) / ln(S + k), and the decoder H = (S + k)^γ − k.

The place of the SDR on the PQ scale is what makes γ well-posed: S + k never exceeds 0.524, so the
denominator stays below −0.64. On a scale where SDR white is 1.0 it would cross zero at S = 63/64 and γ
would have a pole there; that reading of "PQ with L_p = 100" is not what the published code computes, and
is not used. H is the absolute PQ code for the same reason, so there is no peak to store.

The network: S and the place x, y ∈ [−1, 1], each as sine and cosine of 12 octaves (120 numbers), two layers
of 16 sines, a linear one of 3, no biases: 2,224 numbers. S and γ are brought to about [−1, 1] by a mean and a
range each, which the payload holds beside the weights.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.convert import place_sdr_at_reference_white
from candela_engines.colour.state import ColourState
from candela_engines.errors import PayloadError
from candela_engines.itm.payload import Payload
from candela_engines.itm.siren import inflate
from candela_engines.itm.whole_frame import curve_of
from candela_engines.native import native
from candela_engines.runtime.frame import Curve
from candela_engines.runtime.siren import run_sine_mlp

__all__ = [
    "BANDS",
    "OFFSET",
    "PARAMETERS",
    "SHAPES",
    "GammaModel",
    "Norms",
    "decode_gamma",
    "encode_gamma",
    "encoded",
    "evaluate_sines",
    "gamma_of",
    "matrices",
    "sdr_code",
    "turns",
]

SDR_WHITE_NITS = 100.0
OFFSET = 1 / 64
BANDS = 12
INPUTS = 5
SHAPES = ((INPUTS * 2 * BANDS, 16), (16, 16), (16, 3))
PARAMETERS = sum(a * b for a, b in SHAPES)
_FLOAT16, _FLOAT32, _DEFLATED = 0, 1, 2
_DTYPES = {_FLOAT16: "<f2", _FLOAT32: "<f4", _DEFLATED: "<f2"}

Array = npt.NDArray[np.floating]
F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


def sdr_code(signal: Array, state: ColourState) -> F64:
    """S, (…, 3) float64: PQ codes in BT.2020 of SDR codes over full scale, with white at 100 nit.

    In float64 whatever comes in: the highest octave turns 1,024 times over the range, and would show the
    rounding of single precision.
    """
    light = place_sdr_at_reference_white(signal.astype(np.float64, copy=False), state, SDR_WHITE_NITS)
    return np.asarray(pq.inverse_eotf(np.clip(light, 0, 10000)), np.float64)


def gamma_of(s: F64, nits: Array) -> F64:
    """The γ that gives `nits` exactly, (…, 3) float64."""
    h = pq.inverse_eotf(np.clip(nits, 0, 10000).astype(np.float64))
    return np.asarray(np.log(h + OFFSET) / np.log(s + OFFSET), np.float64)


@dataclass(frozen=True)
class Norms:
    """Mean and range of S and of γ: what is normalised is 2·(value − mean)/range. float32 numbers."""

    input_mean: float
    input_range: float
    gamma_mean: float
    gamma_range: float

    @staticmethod
    def of(s: Array, gamma: Array) -> Norms:
        """Those of a picture, over all channels."""
        values = []
        for v in (s, gamma):
            values += [np.float32(v.mean()), np.float32(max(float(v.max() - v.min()), 1e-3))]
        return Norms(*(float(v) for v in values))

    def to_list(self) -> list[float]:
        """The four in the order of the payload."""
        return [self.input_mean, self.input_range, self.gamma_mean, self.gamma_range]

    def to_bytes(self) -> bytes:
        """Four float32, little-endian."""
        return np.array(self.to_list(), "<f4").tobytes()

    @staticmethod
    def from_bytes(data: bytes) -> Norms:
        """The reverse; PayloadError for other sizes or values that no picture has."""
        values = np.frombuffer(data, "<f4").astype(np.float64) if len(data) == 16 else np.zeros(0)
        if not (len(values) == 4 and np.isfinite(values).all() and (np.abs(values) < 1e3).all()):
            raise PayloadError("the payload's normalisation is not four sane numbers")
        if min(values[1], values[3]) <= 1e-6:
            raise PayloadError("the payload's normalisation has a range of nothing")
        return Norms(*(float(v) for v in values))


def turns(s: F64, ys: npt.ArrayLike, xs: npt.ArrayLike, height: int, width: int, norms: Norms) -> F64:
    """Inputs of the encoding (n, 5), float64: S normalised, x and y in −1..1."""
    at = [np.linspace(-1, 1, n)[np.asarray(i)] for n, i in ((width, xs), (height, ys))]
    rgb = (s.reshape(-1, 3) - norms.input_mean) * (2 / norms.input_range)
    return np.concatenate([rgb, np.stack([a.ravel() for a in at], axis=1)], axis=1)


def encoded(inputs: F64, dtype: type[np.floating]) -> Array:
    """sin and cos of π·2^band·input, (n, 120) in `dtype`: input by input, octave by octave, sine first.

    Whole turns are taken off in float64, exactly, so that single precision is enough for the rest.
    """
    scaled = inputs[:, :, None] * np.exp2(np.arange(BANDS))
    scaled -= 2 * np.rint(scaled / 2)
    angle = (scaled * np.pi).astype(dtype)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(len(inputs), SHAPES[0][0])


def matrices(vector: Array) -> list[Array]:
    """The three weight matrices (inputs, outputs) as views into a vector of all parameters."""
    out, at = [], 0
    for rows, columns in SHAPES:
        out.append(vector[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
    return out


def evaluate_sines(features: Array, vector: Array) -> Array:
    """Normalised γ (n, 3) of features (n, 120), in float64: the reference."""
    first, second, last = (m.astype(np.float64) for m in matrices(vector))
    return np.asarray(np.sin(np.sin(features.astype(np.float64, copy=False) @ first) @ second) @ last)


@dataclass(frozen=True)
class GammaModel:
    """A decoded gamma network: its weights as one float32 vector, and the normalisation."""

    vector: F32
    norms: Norms

    def gamma(self, inputs: F64, *, reference: bool = False) -> F64:
        """γ (n, 3) of inputs (n, 5) of `turns`."""
        raw: Array
        library = None if reference else native()
        if library is not None:
            network = library.GammaMlp(self.vector, self.norms.to_list())
            found: F64 = network.points(np.ascontiguousarray(inputs, np.float64))
            return found
        if reference:
            raw = evaluate_sines(encoded(inputs, np.float64), self.vector)
        else:
            layers = [np.asarray(m, np.float32) for m in matrices(self.vector)]
            raw = run_sine_mlp(np.asarray(encoded(inputs, np.float32), np.float32), layers)
        return np.asarray(raw.astype(np.float64) * (self.norms.gamma_range / 2) + self.norms.gamma_mean)

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

        signal: the whole SDR picture (H, W, 3), codes over full scale. rows: part of it, default all.
        reference: all in numpy float64. Else the network in float32, on the native kernel where it is built
        or in ONNX Runtime; what leads to its inputs is float64 everywhere.
        """
        height, width = signal.shape[:2]
        top, bottom = rows or (0, height)
        library = None if reference else native()
        if library is not None:
            yield from self._native_strips(library, signal, state, top, bottom, strip)
            return
        strip = strip or max(1, (1 << 15) // max(width, 1))
        for y in range(top, bottom, strip):
            s = sdr_code(signal[y : min(y + strip, bottom)], state)
            ys, xs = np.mgrid[y : y + len(s), 0:width]
            gamma = self.gamma(turns(s, ys, xs, height, width, self.norms), reference=reference)
            # Bounded, since a hostile γ may be anything: (S + k)^γ stays finite in −20..20.
            power = np.clip(gamma.reshape(s.shape), -20, 20)
            code = np.clip(np.power(s + OFFSET, power) - OFFSET, 0, 1)
            nits = pq.eotf(code)
            yield y, nits if reference else nits.astype(np.float32)


    def _native_strips(
        self, library: Any, signal: F32, state: ColourState, top: int, bottom: int, strip: int | None
    ) -> Iterator[tuple[int, F32]]:
        height, width = signal.shape[:2]
        strip = strip or max(1, (1 << 18) // max(width, 1))
        curve = curve_of(state, 32)
        c = curve or Curve("power", 1.0, 1.0, 0.0, np.eye(3))  # of S from numpy, no colour is asked for
        colour = (c.kind, c.exponent, c.scale, c.offset, c.matrix.ravel().tolist())
        network = library.GammaMlp(self.vector, self.norms.to_list(), height, width, *colour)
        for y in range(top, bottom, strip):
            nits = np.empty((min(strip, bottom - y), width, 3), np.float32)
            region = (0, y, width, y + len(nits))
            if curve is not None:
                network.render(signal.astype(np.float32, copy=False), 32, nits, 32, region, "nits")
            else:
                s = np.ascontiguousarray(sdr_code(signal[y : y + len(nits)], state))
                network.render_codes(s, nits, 32, region, "nits")
            yield y, nits


def encode_gamma(
    vector: Array, norms: Norms, *, half: bool = True
) -> tuple[tuple[int, ...], tuple[bytes, ...], GammaModel]:
    """The payload's numbers and streams of a gamma network, and the model as it will be read back."""
    stored = np.clip(vector, -65504, 65504).astype("<f2" if half else "<f4")
    raw = stored.tobytes()
    coding = _FLOAT16 if half else _FLOAT32
    packed = zlib.compress(raw, 9)
    if half and len(packed) < len(raw):
        coding, raw = _DEFLATED, packed
    model = GammaModel(stored.astype(np.float32), norms)
    return (coding,), (raw, norms.to_bytes()), model


def decode_gamma(payload: Payload) -> GammaModel:
    """The gamma network of a payload; PayloadError where its numbers or sizes are not those of one."""
    if len(payload.numbers) != 1 or payload.numbers[0] not in _DTYPES:
        raise PayloadError(f"a gamma network has one number, 0 to 2, not {payload.numbers!r:.60}")
    if len(payload.blobs) != 2:
        raise PayloadError(f"a gamma network has two streams, the payload has {len(payload.blobs)}")
    coding, (raw, norms) = payload.numbers[0], payload.blobs
    size = PARAMETERS * (4 if coding == _FLOAT32 else 2)
    if coding == _DEFLATED:
        raw = inflate(raw, size)
    if len(raw) != size:
        raise PayloadError(f"a gamma network has {size} bytes of weights, the payload has {len(raw)}")
    vector = np.frombuffer(raw, _DTYPES[coding]).astype(np.float32)
    if not np.isfinite(vector).all() or np.abs(vector).max() > 1e6:
        raise PayloadError("the payload's weights are not all finite and sane")
    return GammaModel(vector, Norms.from_bytes(norms))
