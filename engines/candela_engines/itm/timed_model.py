"""The default network of a shot: decoded once, and an ordinary default network at every frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from candela_engines.errors import PayloadError
from candela_engines.itm.default_model import DefaultModel, Network, decode_model, read_default
from candela_engines.itm.keys import (
    MAX_PLANE_KEYS,
    MAX_TIME_KEYS,
    hats,
    place_in_shot,
    plane_at,
    spectrum_to_keys,
)
from candela_engines.itm.network import Layers
from candela_engines.itm.payload import Payload

__all__ = ["PlainLayers", "TimedModel", "decode_default", "timed_model"]

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PlainLayers:
    """Layers as numbers: of a shot at one frame."""

    exact: Layers

    def layers(self, dtype: type[np.floating] = np.float32) -> Layers:
        """The layers in a dtype."""
        weights = [w.astype(dtype) for w in self.exact.weights]
        return Layers(weights, [b.astype(dtype) for b in self.exact.biases])


@dataclass(frozen=True)
class TimedModel:
    """A default network in time. still: all of it but the rows of time and the plane; rows (keys − 1, width):
    what the keys after the first add to the first layer's bias; planes (h, w, keys) or None.
    """

    still: DefaultModel
    first: int
    last: int
    rows: npt.NDArray[np.float64]
    planes: F32 | None

    @property
    def moves(self) -> bool:
        """Whether two frames can differ in their network."""
        return len(self.rows) > 0 or (self.planes is not None and self.planes.shape[-1] > 1)

    def at(self, number: int) -> DefaultModel:
        """The network of a frame; PayloadError for a frame outside the shot."""
        if not self.first <= number <= self.last:
            raise PayloadError(f"frame {number} is outside the payload's {self.first}..{self.last}")
        place = place_in_shot(number, self.first, self.last)
        model = self.still
        if self.planes is not None:
            model = replace(model, plane=plane_at(self.planes, place))
        if not len(self.rows):
            return model
        exact = model.layers.layers(np.float64)
        added = (hats(place, len(self.rows) + 1)[1:, None] * self.rows).sum(0)
        biases = [np.asarray(exact.biases[0] + added), *exact.biases[1:]]
        return replace(model, layers=PlainLayers(Layers(exact.weights, biases)))


def timed_model(payload: Payload) -> TimedModel:
    """The default network of a shot's payload: 13 numbers, the last two the keys of time and of the plane.

    Keys of time: 0, or 2 to 64; the first layer has a row more for every key after the first, behind those
    of its features. Keys of the plane: 1 to 4; they are coded as the channels of one plane, by their
    frequencies in time (`keys.key_spectrum`), and the plane has one channel at any frame.
    """
    if payload.frames is None:
        raise PayloadError("the payload is of a still: it has no frames")
    n = payload.numbers
    if len(n) != 13:
        raise PayloadError(f"a shot's default network has 13 numbers, the payload has {len(n)}")
    time_keys, plane_keys = n[11:]
    if not (time_keys == 0 or 2 <= time_keys <= MAX_TIME_KEYS):
        raise PayloadError(f"the payload's keys of time are {time_keys}, not 0 or in 2..{MAX_TIME_KEYS}")
    channels = n[4]
    if not (1 if channels else 0) <= plane_keys <= (MAX_PLANE_KEYS if channels else 0) or channels > 1:
        raise PayloadError(f"the payload's plane has {channels} channels and {plane_keys} keys")
    extra = max(time_keys - 1, 0)
    network = read_default(payload, n[:11], Network(extra_inputs=extra, coded_channels=plane_keys))
    exact = network.layers.layers(np.float64)
    rows = np.asarray(exact.weights[0][len(exact.weights[0]) - extra :], np.float64)
    still = exact
    if extra:
        still = Layers([exact.weights[0][:-extra], *exact.weights[1:]], exact.biases)
    planes = None if network.plane is None else spectrum_to_keys(network.plane)
    model = replace(network, layers=PlainLayers(still), plane=None)
    first, last = payload.frames
    return TimedModel(model, first, last, rows, planes)


def decode_default(payload: Payload) -> DefaultModel:
    """The default network of a still, or of a shot at the place that its payload names."""
    if payload.frames is None:
        return decode_model(payload)
    if payload.place is None:
        first, last = payload.frames
        raise PayloadError(f"the payload is of a shot, frames {first} to {last}, and not of one picture")
    return timed_model(payload).at(payload.place)
