"""A trained network as an engine: any SDR state in, light out, the context of the picture or of a shot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from candela_engines.colour import gamma
from candela_engines.colour.convert import place_sdr_at_reference_white
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.upconvert.engine import F32, Codes, EngineInfo
from candela_engines.upconvert.network import Context, Network, load_network
from candela_engines.weights import load_weights

__all__ = ["LearntEngine", "open_learnt", "rec709_code", "weights_file"]

_BLACK_NITS = 0.01
"""What nobody sees in place of black. A network that lifts blacks by more keeps them, without a step."""


def weights_file(name: str) -> str:
    """Where the package has the weights of a network."""
    return f"upconvert/{name}.npz"


@dataclass(frozen=True, eq=False)
class LearntEngine:
    """An `Engine` that is a network. context: of a shot, by `of_shot`; None is each picture's own."""

    info: EngineInfo
    network: Network
    context: Context | None = None

    @property
    def white_nits(self) -> float:
        """Where SDR white goes: what was learnt from is graded about this."""
        return self.info.white_nits

    @property
    def peak_nits(self) -> float:
        """The peak of the masters that were learnt from."""
        return self.info.peak_nits

    def light(self, codes: Codes, bits: int, state: ColourState) -> F32:
        """As `Engine.light`. Codes of 0 that a network leaves next to black are black: bars stay bars."""
        code = rec709_code(codes, bits, state)
        light = self.network.light(code, self.context or self.network.context(code))
        black = ~code.any(axis=2, keepdims=True) & (light < _BLACK_NITS).all(axis=2, keepdims=True)
        return np.asarray(np.where(black, np.float32(0), light), np.float32)

    def of_shot(self, frames: Iterable[tuple[Codes, int]], state: ColourState) -> LearntEngine:
        """The engine for all of a shot: one context, the mean over these frames (codes and bits) of it.

        A context that followed every frame would move the whole picture with whatever comes into view.
        Frames whose proxies have another size than most, as a letterbox that comes and goes gives, do not
        count. Raises ValueError for no frames.
        """
        found = [self.network.context(rec709_code(codes, bits, state)) for codes, bits in frames]
        if not found:
            raise ValueError("a shot without frames has no context")
        sizes = [context.cells for context in found]
        most = max(set(sizes), key=sizes.count)
        alike = [context for context in found if context.cells == most]
        numbers = np.mean([context.numbers for context in alike], axis=0, dtype=np.float64)
        return replace(self, context=replace(alike[0], numbers=np.asarray(numbers, np.float32)))


def open_learnt(info: EngineInfo) -> LearntEngine:
    """A network with the weights of the package. Raises InfrastructureError where they are not whole."""
    arrays = load_weights(weights_file(info.name))
    weights = {key: np.asarray(values, np.float32) for key, values in arrays.items()}
    return LearntEngine(info, load_network(info.name, weights))


def rec709_code(codes: Codes, bits: int, state: ColourState) -> F32:
    """Codes of any SDR state as what the networks take: (H, W, 3) float32, BT.709 with BT.1886, 0..1.

    codes: integers of `bits` bits, or floats over full scale. What BT.709 cannot hold is clipped. Raises
    ColourStateError for a state that is not SDR.
    """
    signal = np.asarray(codes, np.float32)
    if not np.issubdtype(codes.dtype, np.floating):
        signal = signal / np.float32((1 << bits) - 1)
    if state == NAMED["rec709"]:
        return np.asarray(np.clip(signal, 0, 1), np.float32)
    light = place_sdr_at_reference_white(signal, state, 1.0, bits=bits if bits <= 16 else None)
    return np.asarray(
        gamma.inverse_eotf(np.clip(apply_matrix(light, rgb_to_rgb("bt2020", "bt709")), 0, 1), 2.4), np.float32
    )
