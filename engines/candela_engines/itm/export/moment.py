"""Which network of a payload is written: of a picture, of a shot at one frame, or of a shot as it moves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError
from candela_engines.itm.decode import Model, model_of
from candela_engines.itm.default_model import DefaultModel
from candela_engines.itm.export.default_code import DefaultNetwork
from candela_engines.itm.export.published_code import GammaNetwork, PaperNetwork
from candela_engines.itm.export.written import Network
from candela_engines.itm.gamma_mlp import GammaModel
from candela_engines.itm.keys import place_in_shot, plane_at
from candela_engines.itm.payload import Payload
from candela_engines.itm.siren import SirenModel
from candela_engines.itm.timed_model import timed_model
from candela_engines.itm.whole_frame import curve_of
from candela_engines.runtime.frame import Curve

__all__ = ["Subject", "at_frame", "network_of"]

Codes = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Subject:
    """What is exported. codes: (H, W, 3) of the picture that the payload belongs to, where means are baked.

    frame: of a shot, in the payload's numbers, at which its network is to stand still; None lets it move.
    """

    payload: Payload
    codes: Codes | None = None
    frame: int | None = None


def network_of(subject: Subject) -> tuple[Network, tuple[int, int] | None]:
    """The network, and the frames over which it moves, None for one that stands still.

    Raises InputError for an SDR colour that cannot be written out, PayloadError for an unsound payload.
    """
    payload = subject.payload
    curve = curve_of(payload.sdr, payload.bits)
    if payload.model == "default" and payload.frames is not None and payload.place is None:
        timed = timed_model(payload)
        if subject.frame is None and timed.moves:
            return _moving(subject, _needed(curve, payload))
        first = payload.frames[0] if subject.frame is None else subject.frame
        return DefaultNetwork(timed.at(first), _needed(curve, payload)), None
    model: Model = model_of(payload)
    if isinstance(model, SirenModel):
        return PaperNetwork(model), None
    if isinstance(model, GammaModel):
        return GammaNetwork(model, _needed(curve, payload)), None
    assert isinstance(model, DefaultModel)
    return DefaultNetwork(model, _needed(curve, payload)), None


def at_frame(network: DefaultNetwork, payload: Payload, place: int) -> DefaultNetwork:
    """A written network as it stands at a frame, in the payload's numbers."""
    if payload.frames is None or payload.place is not None:
        return network
    model, plane = timed_model(payload).at(place), network.model.plane
    if network.planes is not None:
        plane = plane_at(network.planes, place_in_shot(place, *payload.frames))
    return replace(network, model=replace(model, plane=plane, lattice=network.model.lattice))


def _moving(subject: Subject, curve: Curve) -> tuple[DefaultNetwork, tuple[int, int]]:
    timed = timed_model(subject.payload)
    model, times = timed.still, None
    if len(timed.rows):
        biases = model.layers.layers(np.float64).biases[0]
        times = biases + np.concatenate([np.zeros((1, len(biases))), timed.rows])
    if timed.planes is not None and timed.planes.shape[-1] == 1:
        model, planes = replace(model, plane=timed.planes), None
    else:
        planes = timed.planes
    return DefaultNetwork(model, curve, times, planes), (timed.first, timed.last)


def _needed(curve: Curve | None, payload: Payload) -> Curve:
    if curve is None:
        what = payload.sdr.ocio_space or payload.sdr.transfer
        raise InputError(
            f"the SDR colour {what} cannot be written out as code; it can be for gammas, BT.1886 and sRGB. "
            "candela reconstruct and candela export-cube serve it"
        )
    return curve
