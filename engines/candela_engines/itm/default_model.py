"""The default network as a model: its numbers in the payload, and HDR light from it in strips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.colour.state import ColourState
from candela_engines.errors import PayloadError
from candela_engines.itm.coding.quantise import UNIT, decode_planes, dequantise
from candela_engines.itm.coding.weights import decode_layers, encode_layers
from candela_engines.itm.dequantise import STRENGTHS, dequantise_rows
from candela_engines.itm.domain import Domain, base_of, nits_of
from candela_engines.itm.features import feature_count, features_of_rows, surroundings
from candela_engines.itm.guide import to_output
from candela_engines.itm.lattice import KINDS, Lattice
from candela_engines.itm.network import MAX_DEPTH, MAX_WIDTH, Layers, QuantisedLayers, evaluate, scale_of_code
from candela_engines.itm.payload import Payload
from candela_engines.itm.whole_frame import curve_of
from candela_engines.native import native
from candela_engines.runtime.frame import Frame, FrameNumbers
from candela_engines.runtime.mlp import run_mlp

__all__ = [
    "DefaultModel",
    "LayersSource",
    "Network",
    "ceiling_of",
    "coded_layers",
    "decode_model",
    "default_numbers",
    "read_default",
]

DOMAINS: tuple[Domain, ...] = ("pq", "gain", "ratio")
MAX_SHIFT = 8
CEILING = 4096
F32 = npt.NDArray[np.float32]
Run = Callable[[npt.NDArray[np.floating], Layers], npt.NDArray[np.floating]]


def _run_fast(features: npt.NDArray[np.floating], layers: Layers) -> npt.NDArray[np.floating]:
    return run_mlp(features.astype(np.float32, copy=False), layers.weights, layers.biases)


class LayersSource(Protocol):
    """What gives a network's layers as numbers."""

    def layers(self, dtype: type[np.floating] = np.float32) -> Layers:
        """The layers in a dtype."""
        ...


@dataclass(frozen=True)
class DefaultModel:
    """A decoded default network: its layers, and the guide plane (h, w, C) on its lattice, or None.

    strength, bits: how much of the SDR's rounding is undone (eighths), and the depth of its codes.
    ceiling: PQ code over 4096 that the master does not exceed.
    """

    domain: Domain
    layers: LayersSource
    plane: F32 | None
    lattice: Lattice
    spread: float
    strength: int
    bits: int
    ceiling: int

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

        signal: the whole SDR picture (H, W, 3), codes over full scale. rows: part of it, default all. The
        result does not depend on the strips. reference: numpy in float64 from the features on, else the
        native kernel or ONNX Runtime in float32.
        """
        height, width = signal.shape[:2]
        top, bottom = rows or (0, height)
        strip = strip or max(1, (1 << 19) // max(width, 1))
        frame = None if reference else self.frame(state, height, width)
        if frame is not None:
            known = frame.surroundings(signal, self.bits)
            for y in range(top, bottom, strip):
                below = min(y + strip, bottom)
                nits = np.empty((below - y, width, 3), np.float32)
                frame.render(signal, self.bits, known, nits, region=(0, y, width, below))
                yield y, nits
            return
        around = surroundings(signal)
        if self.plane is not None:
            around = around.with_plane(self.plane, self.lattice, self.spread)
        layers = self.layers.layers(np.float64 if reference else np.float32)
        run: Run = evaluate if reference else _run_fast
        dtype = np.float64 if reference else np.float32
        for y in range(top, bottom, strip):
            codes = dequantise_rows(signal, y, min(y + strip, bottom), self.strength, self.bits)
            features: npt.NDArray[np.floating] = features_of_rows(codes, around, y).astype(dtype, copy=False)
            output = run(features.reshape(-1, features.shape[-1]), layers).reshape(codes.shape)
            if around.plane is not None:
                output = output + to_output(around.plane.rows(y, y + codes.shape[0], width))
            base = base_of(codes.astype(dtype, copy=False), state, self.domain, self.bits)
            yield y, nits_of(output, base, self.domain, self.ceiling / CEILING)

    def frame(self, state: ColourState, height: int, width: int) -> Frame | None:
        """For pictures of a size in an SDR state, on the native library; None where it cannot do them."""
        curve = curve_of(state, self.bits) if native() is not None else None
        if curve is None:
            return None
        layers = self.layers.layers()
        lattice, ceiling = self.lattice, self.ceiling / CEILING
        numbers = FrameNumbers(
            layers.weights,
            layers.biases,
            self.plane,
            lattice.kind,
            lattice.shift,
            self.spread,
            self.domain,
            self.strength,
            ceiling,
            curve,
        )
        return Frame(numbers, height, width)


def default_numbers(
    domain: Domain,
    sizes: list[int],
    bits: int,
    channels: int,
    lattice: Lattice,
    step: int,
    spread_code: int,
    strength: int,
    ceiling: int,
) -> tuple[int, ...]:
    """The payload's numbers of a default network: domain, width, depth, bits; of the plane its channels, the
    kind of lattice, shift, step and scale code of the spread; the dequantiser's strength and the ceiling."""
    width, depth = (sizes[1], len(sizes) - 2) if len(sizes) > 2 else (0, 0)
    kind = KINDS.index(lattice.kind)
    plane = (channels, kind, lattice.shift, step, spread_code)
    return (DOMAINS.index(domain), width, depth, bits, *plane, strength, ceiling)


@dataclass(frozen=True)
class Network:
    """What a shot's network has beyond a still's: inputs of the first layer behind the features, and channels
    of the coded plane in place of the network's own."""

    extra_inputs: int = 0
    coded_channels: int = 0


def coded_layers(stored: QuantisedLayers) -> bytes:
    """The coded stream of layers."""
    return encode_layers(list(zip(stored.weights, stored.biases, stored.scales, strict=True)))


def ceiling_of(peak: float) -> int:
    """The payload's ceiling for a master whose brightest light is `peak` nits: a PQ code over 4096."""
    return int(np.ceil(float(pq.inverse_eotf(np.float64(peak))) * CEILING - 1e-6))


def decode_model(payload: Payload) -> DefaultModel:
    """The default network of a still's payload; PayloadError where its numbers are out of bounds."""
    if len(payload.numbers) != 11:
        raise PayloadError(f"a default network has 11 numbers, the payload has {len(payload.numbers)}")
    return read_default(payload, payload.numbers)


def read_default(payload: Payload, n: tuple[int, ...], beyond: Network = Network()) -> DefaultModel:
    """The default network that 11 numbers and the payload's streams describe; PayloadError out of bounds."""
    domain, width, depth, bits, channels, kind, shift, step, spread, strength, ceiling = n
    checks = (
        ("domain", domain, 0, len(DOMAINS) - 1),
        ("width", width, 0 if depth == 0 else 1, MAX_WIDTH),
        ("depth", depth, 0, MAX_DEPTH),
        ("bits", bits, 4, 12),
        ("plane channels", channels, 0, 3),
        ("plane lattice", kind, 0, len(KINDS) - 1),
        ("plane shift", shift, 0, MAX_SHIFT),
        ("plane step", step, 1, 1 << 20),
        ("plane spread", spread, 0, 511),
        ("dequantiser strength", strength, 0, STRENGTHS),
        ("ceiling", ceiling, 0, CEILING),
    )
    for name, value, low, high in checks:
        if not low <= value <= high:
            raise PayloadError(f"the payload's {name} is {value}, not in {low}..{high}")
    if len(payload.blobs) != 1 + (channels > 0):
        raise PayloadError(f"a network with {channels} plane channels has not {len(payload.blobs)} streams")
    sizes = [feature_count(channels) + beyond.extra_inputs, *([width] * depth), 3]
    coded = decode_layers(payload.blobs[0], sizes, bits=bits)
    layers = QuantisedLayers(bits, [c[0] for c in coded], [c[1] for c in coded], [c[2] for c in coded])
    plane = None
    lattice = Lattice(KINDS[kind], shift)
    if channels:
        h, w = lattice.shape(payload.height, payload.width)
        bands = decode_planes(payload.blobs[1], h, w, beyond.coded_channels or channels)
        plane = (dequantise(bands, h, w, step) / UNIT).astype(np.float32)
    return DefaultModel(
        DOMAINS[domain], layers, plane, lattice, float(scale_of_code(spread)), strength, payload.bits, ceiling
    )
