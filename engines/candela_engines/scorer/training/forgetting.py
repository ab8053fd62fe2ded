"""Not knowing an SDR operator: the descriptors of `pair_operator` as if it were not among the known ones.

Training meets each operator both ways, known and unknown. Else a model would learn that some known operator
always fits, and take a picture beside an unknown one for a fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.training.beside import COLUMNS, columns, places_of
from candela_engines.scorer.training.pictures import generator

if TYPE_CHECKING:
    from candela_engines.scorer.training.dataset import Dataset

__all__ = ["forgetting", "not_knowing"]


def not_knowing(data: Dataset, operator: str) -> Dataset:
    """All rows as if `operator` were unknown; a table without `beside` as it is."""
    if data.beside is None:
        return data
    return _replaced(data, np.ones(len(data), bool), places_of(operator))


def forgetting(data: Dataset, share: float, seed: int) -> Dataset:
    """Of that share of pairs of a source and a reference the rows as if the operator were unknown."""
    if data.beside is None or share <= 0:
        return data
    pairs = {
        (str(source), int(reference))
        for source, reference in set(zip(data.source.tolist(), data.reference.tolist(), strict=True))
    }
    drawn = {pair for pair in pairs if generator("forget", seed, *pair).uniform() < share}
    chosen = np.array(
        [pair in drawn for pair in zip(data.source.tolist(), data.reference.tolist(), strict=True)]
    )
    for operator in np.unique(data.operator[chosen]) if chosen.any() else ():
        data = _replaced(data, chosen & (data.operator == operator), places_of(str(operator)))
    return data


def _replaced(data: Dataset, rows: npt.NDArray[np.bool_], without: Sequence[int]) -> Dataset:
    if not without or not rows.any():
        return data
    assert data.beside is not None
    values, valid = data.values.copy(), data.valid.copy()
    part = np.ix_(rows, COLUMNS)
    values[part], valid[part] = columns(data.beside[rows], without)
    return replace(data, values=values, valid=valid)
