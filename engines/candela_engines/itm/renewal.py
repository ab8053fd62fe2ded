"""A second look at the plane: what it should have held, given what the network makes of it.

The plane is coded before there is a network, so it spends bytes on detail that the network gets from the
SDR anyway. Once the network stands, the plane that complements it is the target less the network's own
output. Taken a little further than that (the network follows the plane, and answers less to a plane that
says less), and coded anew to the same size, it gains 0.2 to 1 dB: docs/decisions/0005.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from candela_engines.itm.features import features_at
from candela_engines.itm.field import pixels_at
from candela_engines.itm.guide import Guide, GuideCoder, plane_weight, to_output, to_plane
from candela_engines.itm.learn import predict
from candela_engines.itm.network import Layers, scale_of_code
from candela_engines.itm.pair import Side
from candela_engines.itm.targets import targets_of
from candela_engines.runtime.together import together

__all__ = ["FURTHER", "renewed"]

F32 = npt.NDArray[np.float32]

FURTHER = np.float32(1.3)
PIXELS = 1 << 15  # at a time


def renewed(
    side: Side, guide: Guide, spread: int, layers: Layers, budget: int, pixels: int = 0
) -> Guide | None:
    """The plane that complements `layers` best, in at most `budget` bytes; None where none fits.

    For planes on the centred lattice. Of a plane of less than the picture's density one row of pixels is
    looked at for every row of samples; with `pixels`, that many pixels of the row for every sample.
    """
    pair, cell = side.pair, side.lattice.cell
    channels = guide.plane.shape[-1]
    field = side.lattice.field(guide.plane)
    around = pair.around.with_plane(guide.plane, side.lattice, float(scale_of_code(spread)))
    height, wide = guide.plane.shape[:2]
    each = min(pixels, cell) if pixels else cell
    columns = _looked_at(pair.width, wide, cell, each)
    step = max(1, PIXELS // len(columns))

    def part(first: int) -> tuple[F32, F32]:
        """What rows of the plane lack, and its weight."""
        rows = np.minimum(np.arange(first, min(first + step, height)) * cell + cell // 2, pair.height - 1)
        ys, xs = (a.ravel() for a in np.meshgrid(rows, columns, indexing="ij"))
        codes = pair.pixels(ys, xs)
        target, weight = targets_of(codes, pixels_at(pair.nits, ys, xs), pair.state, side.domain, pair.bits)
        out = predict(features_at(codes, around, ys, xs), layers)
        left = target - out - to_output(field.at(ys, xs))
        shape = (len(rows), wide, each, channels)
        missing, weighs = to_plane(left, weight, channels), plane_weight(weight, channels)
        return missing.reshape(shape).mean(2), weighs.reshape(shape).mean(2)

    parts = together([partial(part, first) for first in range(0, height, step)])
    missing, weighs = (np.concatenate(each) for each in zip(*parts, strict=True))
    plane = guide.plane + FURTHER * missing
    return GuideCoder(np.asarray(plane, np.float32), np.asarray(weighs, np.float32)).code(budget)


def _looked_at(width: int, wide: int, cell: int, each: int) -> npt.NDArray[np.int64]:
    """Columns of pixels, `each` in the middle of every sample's; past the edge the last one repeats."""
    first = np.arange(wide)[:, None] * cell + (cell - each) // 2
    return np.asarray(np.minimum(first + np.arange(each), width - 1).ravel(), np.int64)
