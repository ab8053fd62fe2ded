"""Frames in shared memory as sides of a comparison: opened where files would be, by a name of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_server.frames.samples import MemoryFrame, read_samples
from candela_server.frames.segments import Regions
from candela_server.service.metrics_sides import MetricsSide, OpenSide, SaidSide, open_side, still_side
from candela_server.sidecar.on_frames import Frame, checked, signal_of

__all__ = ["FrameSide", "opener"]


@dataclass(frozen=True)
class FrameSide:
    """name: what stands in the request in place of a path. state: of its samples."""

    name: Path
    place: MemoryFrame
    state: ColourState


def opener(regions: Regions, frames: Iterable[FrameSide]) -> OpenSide:
    """What opens these frames by their names, and everything else as a file."""
    known = {frame.name: frame for frame in frames}

    def opened(path: Path, said: SaidSide) -> MetricsSide:
        frame = known.get(path)
        if frame is None:
            return open_side(path, said)
        if said.matrix is not None:
            raise InputError(f"{path}: is a frame in shared memory, which holds R'G'B'; leave the matrix out")
        place = frame.place
        samples = checked(Frame(read_samples(regions, place), place.bits, frame.state), str(path))
        return still_side(signal_of(samples), frame.state, samples.signal_bits, said, str(path))

    return opened
