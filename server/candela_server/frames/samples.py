"""Samples in a region as an array, and an array into a region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candela_server.frames.segments import Region, Regions
from candela_server.jobs.errors import FrameMemoryError

__all__ = ["SAMPLE_TYPES", "MemoryFrame", "read_samples", "sample_room"]

SAMPLE_TYPES: dict[str, type[np.generic]] = {
    "uint8": np.uint8,
    "uint16": np.uint16,
    "float16": np.float16,
    "float32": np.float32,
}
_BITS = {"uint8": (8, 8), "uint16": (9, 16), "float16": (16, 16), "float32": (32, 32)}
_MOST_SIDE = 131_072  # of a payload's picture too


@dataclass(frozen=True)
class MemoryFrame:
    """Where a frame lies. type: one of `SAMPLE_TYPES`. stride: bytes from row to row, 0 for none between
    them."""

    region: str
    offset: int
    width: int
    height: int
    channels: int
    type: str
    bits: int
    stride: int = 0

    @property
    def pixels(self) -> int:
        """Width x height."""
        return self.width * self.height


def read_samples(regions: Regions, frame: MemoryFrame) -> npt.NDArray[np.generic]:
    """(H, W, 3) of the frame's own type; read-only. Raises FrameMemoryError for one that cannot lie there."""
    region, dtype, stride, count = _placed(regions, frame)
    array = _array(region.read(frame.offset, count), frame, dtype, stride)[:, :, :3]
    array.setflags(write=False)
    return array


def sample_room(regions: Regions, frame: MemoryFrame) -> tuple[npt.NDArray[np.generic], Callable[[], None]]:
    """(H, W, 3) to render into, and what to call when that is done. A fourth channel stays as it is where the
    region is mapped, and is 0 where it is copied. Raises as `read_samples`."""
    region, dtype, stride, count = _placed(regions, frame)
    view = region.room(frame.offset, count)
    array = _array(view, frame, dtype, stride)[:, :, :3]
    return array, lambda: region.flush(frame.offset, view)


def _placed(regions: Regions, f: MemoryFrame) -> tuple[Region, np.dtype[np.generic], int, int]:
    region = regions.get(f.region)
    kind = SAMPLE_TYPES.get(f.type)
    if kind is None:
        raise FrameMemoryError(f"sample type {f.type!r}: one of {', '.join(SAMPLE_TYPES)} is needed")
    least, most = _BITS[f.type]
    if not least <= f.bits <= most:
        raise FrameMemoryError(f"{f.bits} bits in {f.type}: {least} to {most} are possible")
    if f.channels not in (3, 4):
        raise FrameMemoryError(f"{f.channels} channels: 3 or 4 are possible")
    if not (1 <= f.width <= _MOST_SIDE and 1 <= f.height <= _MOST_SIDE):
        raise FrameMemoryError(f"a frame of {f.width}x{f.height}: 1 to {_MOST_SIDE} a side are possible")
    dtype = np.dtype(kind)
    row = f.width * f.channels * dtype.itemsize
    stride = f.stride or row
    if stride < row:
        raise FrameMemoryError(f"a row stride of {stride} bytes; a row alone has {row}")
    if f.offset % dtype.itemsize or stride % dtype.itemsize:
        raise FrameMemoryError(
            f"offset {f.offset}, stride {stride}: multiples of {dtype.itemsize} are needed"
        )
    return region, dtype, stride, stride * (f.height - 1) + row


def _array(
    view: memoryview, f: MemoryFrame, dtype: np.dtype[np.generic], stride: int
) -> npt.NDArray[np.generic]:
    size = dtype.itemsize
    return np.ndarray((f.height, f.width, f.channels), dtype, view, 0, (stride, f.channels * size, size))
