"""From a payload to a text: where its grids go, what is baked, and what the file then needs of a host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from candela_engines.errors import InputError
from candela_engines.itm.export.blink import blink_text
from candela_engines.itm.export.dctl import dctl_text
from candela_engines.itm.export.default_code import DefaultNetwork
from candela_engines.itm.export.grids import ROOM, Constants, Cubes, Picture
from candela_engines.itm.export.moment import Subject, network_of
from candela_engines.itm.export.output import Output
from candela_engines.itm.export.reduced import reduced
from candela_engines.itm.export.surroundings import FAST, Means, reads_a_pixel
from candela_engines.itm.export.written import Network, Programme
from candela_engines.itm.features import CELLS
from candela_engines.itm.field import over_full_scale

__all__ = ["Storage", "Written", "write_blink", "write_dctl"]

Storage = Literal["auto", "constants", "lut"]
Kept = Literal["none", "constants", "lut", "image"]


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
    storage: Kept
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
        kept = self.plane_bits == 0 and (
            self.plane_shift is None or self.plane_shift[0] == self.plane_shift[1]
        )
        return kept and all(stride == 1 for _, stride in self.strides)


def write_dctl(
    subject: Subject,
    output: Output,
    header: Sequence[str],
    *,
    storage: Storage = "auto",
    means: Means = "read",
) -> Written:
    """The DCTL of a payload.

    storage: `constants` keeps all grids in constant memory, the plane at fewer samples where it has to;
    `lut` keeps them in LUTs inside the file; `auto` takes constants where the plane fits as it is, else LUTs.
    Raises InputError for an SDR colour that cannot be written out, PayloadError for an unsound payload.
    """
    job = _Job.of(subject, output, header, means)
    if not isinstance(job.network, DefaultNetwork):
        return job.dctl(job.network, cubes=False)
    if storage != "lut" and (fitting := job.in_constants(job.network)) is not None:
        return fitting
    if storage != "constants":
        return job.in_cubes(job.network)
    fitting = job.in_constants(job.reduced(job.network))
    if fitting is None:
        raise InputError(
            f"the network does not fit into {ROOM} bytes of constant memory; leave --storage out"
        )
    return fitting


def write_blink(subject: Subject, output: Output, header: Sequence[str], *, means: Means = "read") -> Written:
    """The BlinkScript kernel of a payload. Raises as `write_dctl`."""
    job = _Job.of(subject, output, header, means)
    network = job.network
    if isinstance(network, DefaultNetwork):
        network = job.with_means(network, CELLS if means == "baked" else ())
    programme = job.programme(network)
    text, picture = blink_text(programme)
    return job.written(text, network, "none" if picture is None else "image", 0, picture)


@dataclass(frozen=True)
class _Job:
    """What is the same for all ways of writing a network down. span: frames over which it moves."""

    subject: Subject
    network: Network
    span: tuple[int, int] | None
    output: Output
    header: tuple[str, ...]
    means: Means

    @staticmethod
    def of(subject: Subject, output: Output, header: Sequence[str], means: Means) -> _Job:
        network, span = network_of(subject)
        return _Job(subject, network, span, output, tuple(header), means)

    def with_means(self, network: DefaultNetwork, baked: tuple[int, ...]) -> DefaultNetwork:
        """The network with these cells baked, and the others read as asked."""
        strides = tuple(s for s in FAST if s[0] not in baked) if self.means == "fast" else ()
        return replace(network, baked=baked, strides=strides)

    def choices(self, network: DefaultNetwork) -> list[DefaultNetwork]:
        """With no cell baked, the largest, the two largest, …"""
        most = len(CELLS) if self.means == "baked" else 0
        return [self.with_means(network, CELLS[len(CELLS) - count :]) for count in range(most + 1)]

    def in_constants(self, network: DefaultNetwork) -> Written | None:
        """All in constants, with as many cells baked as there is room for; None where there is none."""
        best = None
        for tried in self.choices(network):
            least = 0 if network.plane is None else 4 * network.plane.size // (32 // network.levels[1])
            written = None if least > ROOM else self.dctl(tried, cubes=False)
            if written is None or written.constant_bytes > ROOM:
                break
            best = written
        return best

    def in_cubes(self, network: DefaultNetwork) -> Written:
        """All in LUTs; cells are baked as long as they need no LUT more than the plane alone."""
        counts = []
        chosen = None
        for tried in self.choices(network):
            grids = self.programme(tried).grids()
            counts.append(Cubes(grids).count if grids else 0)
            if chosen is not None and counts[-1] > max(counts[0], 1):
                break
            chosen = tried
        assert chosen is not None
        return self.dctl(chosen, cubes=counts[-1] > 0 or bool(chosen.baked) or chosen.plane is not None)

    def reduced(self, network: DefaultNetwork) -> DefaultNetwork:
        """With a plane that fits. The means of the largest cells get their room, where they are baked: few
        samples, and many to read."""
        p, largest = self.subject.payload, CELLS[-1]
        layers = network.model.layers.layers()
        numbers = sum(w.size + len(b) for w, b in zip(layers.weights, layers.biases, strict=True))
        numbers += 0 if network.times is None else network.times.size
        if self.means == "baked":
            numbers += (-(-p.height // largest) + 1) * (-(-p.width // largest) + 1)
        return reduced(network, p.height, p.width, 4 * numbers)

    def dctl(self, network: Network, *, cubes: bool) -> Written:
        """The file, whatever it takes."""
        programme = self.programme(network)
        grids = programme.grids()
        store = Cubes(grids) if cubes else Constants(grids)
        text, used = dctl_text(programme, store)
        kept: Kept = "none" if not grids else "lut" if cubes else "constants"
        return self.written(text, network, kept, used, None)

    def programme(self, network: Network) -> Programme:
        """What the languages write."""
        payload, codes, largest = self.subject.payload, self.subject.codes, None
        if isinstance(network, DefaultNetwork) and network.baked:
            if codes is None:
                raise InputError("means of the picture can be baked only where the picture is at hand")
            largest = np.asarray(over_full_scale(codes, payload.bits).max(-1, keepdims=True), np.float32)
        return Programme(network, self.output, payload.width, payload.height, self.header, self.span, largest)

    def written(self, text: str, network: Network, kept: Kept, used: int, picture: Picture | None) -> Written:
        """A text with what it stands on."""
        moves = self.span is not None
        if not isinstance(network, DefaultNetwork):
            return Written(text, network, picture, kept, used, None, 0, (), (), 0, moves)
        assert isinstance(self.network, DefaultNetwork)
        shifts = (network.model.lattice.shift, self.network.model.lattice.shift)
        bits = 0 if network.levels == DefaultNetwork.levels else network.levels[1]
        return Written(
            text=text,
            network=network,
            picture=picture,
            storage=kept,
            constant_bytes=used,
            plane_shift=None if network.plane is None else shifts,
            plane_bits=bits,
            baked=network.baked,
            strides=network.strides,
            reads=reads_a_pixel(network.strides, network.baked, network.model.strength),
            moves=moves,
        )
