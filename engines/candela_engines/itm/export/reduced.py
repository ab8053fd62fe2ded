"""A guide plane of fewer samples, for where constant memory holds no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from candela_engines.itm.default_model import DefaultModel
from candela_engines.itm.lattice import Lattice

__all__ = ["reduced"]

F32 = npt.NDArray[np.float32]
UNIT = 65536


def reduced(model: DefaultModel, height: int, width: int) -> DefaultModel:
    """The network with its plane on a centred lattice of twice the cell: means over the new cells.

    Samples stay whole multiples of the plane's unit. A network without a plane comes back as it is.
    """
    if model.plane is None:
        return model
    lattice = Lattice("centred", model.lattice.shift + 1)
    full = model.lattice.field(model.plane).rows(0, height, width)
    return replace(model, plane=_means(full, lattice.cell), lattice=lattice)


def _means(values: F32, cell: int) -> F32:
    """Means (⌈H/cell⌉, ⌈W/cell⌉, C) over squares from the corner; at the edges of what there is."""
    rows = np.arange(0, values.shape[0], cell)
    columns = np.arange(0, values.shape[1], cell)
    sums = np.add.reduceat(np.add.reduceat(values.astype(np.float64), rows, 0), columns, 1)
    down = np.diff(np.append(rows, values.shape[0]))
    across = np.diff(np.append(columns, values.shape[1]))
    means = sums / (down[:, None] * across)[..., None]
    return np.asarray(np.rint(means * UNIT) / UNIT, np.float32)
