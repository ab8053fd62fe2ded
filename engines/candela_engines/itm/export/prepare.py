"""From a payload to what can be written of it: which network at which time, where its grids go, what is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from candela_engines.errors import InputError
from candela_engines.itm.decode import Model, model_of
from candela_engines.itm.default_model import CEILING, MAX_SHIFT, DefaultModel
from candela_engines.itm.dequantise import dequantise_rows
from candela_engines.itm.domain import base_of, nits_of
from candela_engines.itm.export.blink import blink_text
from candela_engines.itm.export.dctl import dctl_text
from candela_engines.itm.export.default_code import DefaultNetwork, plane_grids
from candela_engines.itm.export.grids import ROOM, Constants, Cubes, Picture
from candela_engines.itm.export.output import Output
from candela_engines.itm.export.published_code import GammaNetwork, PaperNetwork
from candela_engines.itm.export.reduced import BITS, coarser, plane_error, rounded
from candela_engines.itm.export.surroundings import FAST, Means, reads_a_pixel, sparse_means
from candela_engines.itm.export.written import Network, Programme
from candela_engines.itm.features import CELLS, features_of_rows, surroundings
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.gamma_mlp import GammaModel
from candela_engines.itm.guide import to_output
from candela_engines.itm.lattice import Lattice
from candela_engines.itm.payload import Payload
from candela_engines.itm.siren import SirenModel
from candela_engines.itm.timed_model import timed_model
from candela_engines.itm.whole_frame import curve_of
from candela_engines.runtime.frame import Curve
from candela_engines.runtime.mlp import run_mlp

__all__ = ["Storage", "Subject", "Written", "approximate_strips", "write_blink", "write_dctl"]

F32 = npt.NDArray[np.float32]
Codes = npt.NDArray[np.generic]
Storage = Literal["auto", "constants", "lut"]


@dataclass(frozen=True)
class Subject:
    """What is exported. codes: (H, W, 3) of the picture that the payload belongs to, where means are baked.

    frame: of a shot, in the payload's numbers, at which its network is to stand still; None lets it move.
    """

    payload: Payload
    codes: Codes | None = None
    frame: int | None = None


@dataclass(frozen=True)
class Written:
    """A text and what it stands on.

    picture: of a kernel's second input, or None. storage: where the plane and other grids lie. plane_shift:
    2^shift pixels a side for a sample of the plane, as written and as the payload has it; plane_bits: of one,
    0 for all that it has. baked, strides:
    cells of the means. reads: samples of other pixels that a pixel reads.
    """

    text: str
    network: Network
    picture: Picture | None
    storage: Literal["none", "constants", "lut", "image"]
    constant_bytes: int
    plane_shift: tuple[int, int] | None
    plane_bits: int
    baked: tuple[int, ...]
    strides: tuple[tuple[int, int], ...]
    reads: int
    moves: bool

    @property
    def exact(self) -> bool:
        """Whether only rounding parts it from `candela reconstruct`."""
        kept = self.plane_bits == 0 and (self.plane_shift is None or self.plane_shift[0] == self.plane_shift[1])
        return kept and all(stride == 1 for _, stride in self.strides)


def write_dctl(
    subject: Subject, output: Output, header: tuple[str, ...], *, storage: Storage = "auto", means: Means = "read"
) -> Written:
    """The DCTL of a payload.

    storage: `constants` keeps all grids in constant memory, the plane at fewer samples where it has to;
    `lut` keeps them in LUTs inside the file; `auto` takes constants where the plane fits as it is, else LUTs.
    Raises InputError for an SDR colour that cannot be written out, PayloadError for an unsound payload.
    """
    network, span = _network(subject)
    if not isinstance(network, DefaultNetwork):
        return _dctl(network, span, subject, output, header, None)
    shift = network.model.lattice.shift
    if storage != "lut":
        fitting = _in_constants(network, span, subject, output, header, means)
        if fitting is not None:
            return _finished(fitting, shift)
    if storage in ("auto", "lut"):
        return _finished(_in_cubes(network, span, subject, output, header, means), shift)
    fitting = _in_constants(_reduced(network, subject, means), span, subject, output, header, means)
    if fitting is None:
        raise InputError(f"the network does not fit into {ROOM} bytes of constant memory; leave --storage out")
    return _finished(fitting, shift)


def write_blink(subject: Subject, output: Output, header: tuple[str, ...], *, means: Means = "read") -> Written:
    """The BlinkScript kernel of a payload. Raises as `write_dctl`."""
    network, span = _network(subject)
    if isinstance(network, DefaultNetwork):
        network = _with(network, CELLS if means == "baked" else (), means)
    programme = _programme(network, span, subject, output, header)
    text, picture = blink_text(programme)
    kept: Literal["none", "image"] = "none" if picture is None else "image"
    written = _written(text, programme, network, kept, 0, picture)
    return _finished(written, network.model.lattice.shift if isinstance(network, DefaultNetwork) else 0)


def approximate_strips(
    network: DefaultNetwork, payload: Payload, codes: Codes, plane: F32 | None
) -> Iterator[tuple[int, F32]]:
    """Light (top row, nits (h, W, 3)) as the written network makes it of a picture, in float32.

    plane: at the picture's frame; None takes the model's own.
    """
    model, bits = network.model, payload.bits
    signal = over_full_scale(codes, bits)
    around = sparse_means(surroundings(signal), signal, network.strides)
    own = model.plane if plane is None else plane
    if own is not None:
        around = around.with_plane(own, model.lattice, model.spread)
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


def _network(subject: Subject) -> tuple[Network, tuple[int, int] | None]:
    """The network, and the frames over which it moves."""
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


def _with(network: DefaultNetwork, baked: tuple[int, ...], means: Means) -> DefaultNetwork:
    strides = tuple(s for s in FAST if s[0] not in baked) if means == "fast" else ()
    return replace(network, baked=baked, strides=strides)


def _in_constants(
    network: DefaultNetwork,
    span: tuple[int, int] | None,
    subject: Subject,
    output: Output,
    header: tuple[str, ...],
    means: Means,
) -> Written | None:
    """All in constants, with as many cells baked as there is room for, the largest first; None: no room."""
    best = None
    choices = range(len(CELLS) + 1) if means == "baked" else range(1)
    for count in choices:
        baked = CELLS[len(CELLS) - count :]
        tried = _with(network, baked, means)
        if _least_bytes(tried) > ROOM:
            break
        written = _dctl(tried, span, subject, output, header, Constants)
        if written.constant_bytes > ROOM:
            break
        best = written
    return best


def _in_cubes(
    network: DefaultNetwork,
    span: tuple[int, int] | None,
    subject: Subject,
    output: Output,
    header: tuple[str, ...],
    means: Means,
) -> Written:
    """All in LUTs; cells are baked, the largest first, as long as they need no LUT more than the plane alone."""
    chosen, fewest = _with(network, (), means), 1
    for count in range(len(CELLS) + 1) if means == "baked" else range(1):
        tried = _with(network, CELLS[len(CELLS) - count :], means)
        grids = _programme(tried, span, subject, output, header).grids()
        needed = Cubes(grids).count if grids else 0
        if count == 0:
            fewest = max(needed, 1)
        if needed > fewest:
            break
        chosen = tried
    return _dctl(chosen, span, subject, output, header, Cubes if chosen.plane is not None or chosen.baked else None)


def _least_bytes(network: DefaultNetwork) -> int:
    """What the plane alone takes with as many samples a word as there can be."""
    return 0 if network.plane is None else 4 * network.plane.size // (32 // network.levels[1])


def _reduced(network: DefaultNetwork, subject: Subject, means: Means) -> DefaultNetwork:
    """The network with the plane, of those that fit into constants, that is nearest to its own: fewer samples
    against fewer bits. The means of the largest cells get their room, where they are baked: few samples, and
    many to read."""
    height, width = subject.payload.height, subject.payload.width
    plane, lattice = network.plane, network.model.lattice
    assert plane is not None
    weights = sum(w.size + len(b) for w, b in _layers(network)) + (0 if network.times is None else network.times.size)
    largest = CELLS[-1]
    beside = 4 * (-(-height // largest) + 1) * (-(-width // largest) + 1) if means == "baked" else 0
    best, least = network, np.inf
    for bits in BITS:
        for shift in range(lattice.shift, MAX_SHIFT + 4):
            coarse = plane if shift == lattice.shift else coarser(plane, lattice, height, width, shift)
            levels, unit = rounded(coarse, bits)
            tried = _with_plane(network, levels, lattice if shift == lattice.shift else Lattice("centred", shift))
            tried = replace(tried, levels=(unit, bits))
            if 4 * weights + beside + Constants(plane_grids(tried)).bytes <= ROOM:
                error = plane_error(plane, lattice, levels, tried.model.lattice, height, width)
                if error < least:
                    best, least = tried, error
                break
    return best


def _layers(network: DefaultNetwork) -> Iterator[tuple[F32, F32]]:
    layers = network.model.layers.layers()
    return zip(layers.weights, layers.biases, strict=True)


def _with_plane(network: DefaultNetwork, plane: F32, lattice: Lattice) -> DefaultNetwork:
    if network.planes is None:
        return replace(network, model=replace(network.model, plane=plane, lattice=lattice))
    return replace(network, model=replace(network.model, lattice=lattice), planes=plane)


def _dctl(
    network: Network,
    span: tuple[int, int] | None,
    subject: Subject,
    output: Output,
    header: tuple[str, ...],
    kind: type[Constants] | type[Cubes] | None,
) -> Written:
    programme = _programme(network, span, subject, output, header)
    grids = programme.grids()
    store = Constants(grids) if kind is not Cubes else Cubes(grids)
    text, used = dctl_text(programme, store)
    kept: Literal["none", "constants", "lut"] = "none"
    if grids:
        kept = "lut" if kind is Cubes else "constants"
    return _written(text, programme, network, kept, used, None)


def _programme(
    network: Network, span: tuple[int, int] | None, subject: Subject, output: Output, header: tuple[str, ...]
) -> Programme:
    payload, largest = subject.payload, None
    if isinstance(network, DefaultNetwork) and network.baked:
        if subject.codes is None:
            raise InputError("means of the picture can be baked only where the picture is at hand")
        largest = over_full_scale(subject.codes, payload.bits).max(-1, keepdims=True)
    return Programme(network, output, payload.width, payload.height, header, span, largest)


def _written(
    text: str,
    programme: Programme,
    network: Network,
    kept: Literal["none", "constants", "lut", "image"],
    used: int,
    picture: Picture | None,
) -> Written:
    moves = programme.span is not None
    if not isinstance(network, DefaultNetwork):
        return Written(text, network, picture, kept, used, None, 0, (), (), 0, moves)
    shift = None if network.plane is None else (network.model.lattice.shift, network.model.lattice.shift)
    reads = reads_a_pixel(network.strides, network.baked, network.model.strength)
    bits = 0 if network.levels == DefaultNetwork.levels else network.levels[1]
    return Written(
        text, network, picture, kept, used, shift, bits, network.baked, network.strides, reads, moves
    )  # fmt: skip


def _finished(written: Written, shift: int) -> Written:
    """With the payload's own shift of the plane beside the one that was written."""
    return written if written.plane_shift is None else replace(written, plane_shift=(written.plane_shift[0], shift))
