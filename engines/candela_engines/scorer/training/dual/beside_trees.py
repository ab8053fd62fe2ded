"""What the trees say of every row of a fold's training, by trees that saw no source of the row's group.

A network that is to add to the trees has to learn from scores as good as those it will get: of rows that the
trees were taught, theirs are far better. So the rows that are learnt are scored by trees of the other folds
that are learnt, and those held out by trees of all that are; what is held out is in none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines.scorer.training.dataset import FOLDS, Dataset
from candela_engines.scorer.training.ranked import RankedSettings, held_out_ranked

__all__ = ["nested"]


def nested(
    data: Dataset,
    fold: int,
    settings: RankedSettings,
    path: Path,
    told: Callable[[str], None] = lambda _: None,
) -> npt.NDArray[np.float64]:
    """(P,) scores, kept in `path`. Rows that are learnt are scored by one bag: a bag of four is no worse."""
    made_of = repr((settings, fold, len(data), sorted(set(data.source.tolist())), data.mix.sum()))
    if path.is_file():
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["made_of"]) == made_of:
                return np.asarray(kept["score"], np.float64)
    learnt = data.fold != fold
    out = held_out_ranked(data, settings, folds=[fold], told=told)
    others = [other for other in range(FOLDS) if other != fold]
    inner = held_out_ranked(data, replace(settings, bags=1), train=learnt, folds=others, told=told)
    out[learnt] = inner[learnt]
    np.savez(path, score=out, made_of=made_of)
    return out
