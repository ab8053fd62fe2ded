"""Measuring all descriptors of a grade, with its SDR reference or alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.metrics import Rectangle
from candela_engines.scorer.descriptors._specs import Measured
from candela_engines.scorer.descriptors.table import DESCRIPTORS, PAIR_MODULES, PICTURE_MODULES
from candela_engines.scorer.frames import GradeFrame, PairedFrame, grade_frame, paired_frame
from candela_engines.scorer.planes import Plane
from candela_engines.scorer.relation import Relation

__all__ = ["Description", "describe", "describe_frames", "names", "vector"]


@dataclass(frozen=True)
class Description:
    """What was measured of one picture or pair.

    values: (N,) float32 in the order of DESCRIPTORS, without NaN. valid: (N,) bool, False where the picture
    holds no evidence and the value is the descriptor's neutral one. area: the active picture, in pixels.
    """

    values: NDArray[np.float32]
    valid: NDArray[np.bool_]
    area: Rectangle

    def __getitem__(self, name: str) -> float:
        """Value by name; NaN where there is no evidence. KeyError for a name that is not in the table."""
        place = _places()[name]
        return float(self.values[place]) if self.valid[place] else math.nan

    def to_dict(self) -> dict[str, float | None]:
        """Values by name in the order of the table; None where there is no evidence."""
        return {
            d.name: float(value) if valid else None
            for d, value, valid in zip(DESCRIPTORS, self.values, self.valid, strict=True)
        }


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Names of the descriptors, in the order of `vector`."""
    return tuple(d.name for d in DESCRIPTORS)


@lru_cache(maxsize=1)
def _places() -> dict[str, int]:
    return {name: place for place, name in enumerate(names())}


def describe(
    grade_nits: NDArray[np.float32],
    sdr_nits_709: NDArray[np.float32] | None = None,
    *,
    sdr_white_nits: float = 100.0,
    threads: int = 2,
) -> Description:
    """All descriptors of a grade.

    grade_nits: (H, W, 3) float32, linear BT.2020 in absolute nits, as a 1000-nit display shows it.
    sdr_nits_709: the SDR reference of the same picture, (H, W, 3) float32, linear BT.709, code 1.0 at
    `sdr_white_nits`; it is placed at 203 nit here. None: everything that needs a reference is marked invalid.
    threads: at most two are of use; the values do not depend on it. NaN counts as black, and light above
    10000 nit as 10000 (`unify` says how much of it there is). Raises InputError for other shapes or dtypes,
    or pictures of different sizes.
    """
    if sdr_nits_709 is None:
        return describe_frames(grade_frame(grade_nits), threads=threads)
    pair = paired_frame(grade_nits, sdr_nits_709, sdr_white_nits=sdr_white_nits, threads=threads)
    return describe_frames(pair, threads=threads)


def describe_frames(
    frame: GradeFrame | PairedFrame, *, relation: Relation | None = None, threads: int = 2
) -> Description:
    """As `describe`, of frames that are made already. relation: of the pair, where it is made as well."""
    with np.errstate(all="ignore"):
        if isinstance(frame, GradeFrame):
            found = _prefixed("grade", _picture(frame))
            return _described(found, frame.area)
        grade, sdr = _both(threads, lambda: _picture(frame.grade), lambda: _picture(frame.sdr))
        found = _prefixed("grade", grade) | _prefixed("sdr", sdr)
        found |= _prefixed("diff", {name: value - sdr[name] for name, value in grade.items()})
        relation = Relation(frame) if relation is None else relation
        relation.prepare()
        first, rest = _both(
            threads, lambda: _pair(relation, PAIR_MODULES[:2]), lambda: _pair(relation, PAIR_MODULES[2:])
        )
        return _described(found | first | rest, frame.grade.area)


def vector(
    grade_nits: NDArray[np.float32],
    sdr_nits_709: NDArray[np.float32] | None,
    *,
    sdr_white_nits: float = 100.0,
    threads: int = 2,
) -> NDArray[np.float32]:
    """`describe(…).values`: (N,) float32 in the order of `names()`, never NaN."""
    return describe(grade_nits, sdr_nits_709, sdr_white_nits=sdr_white_nits, threads=threads).values


def _picture(frame: GradeFrame) -> Measured:
    out: Measured = {}
    with np.errstate(all="ignore"):
        for module in PICTURE_MODULES:
            out |= {f"{module.GROUP}.{name}": value for name, value in module.measure(frame).items()}
    return out


def _pair(relation: Relation, modules: Iterable[Any]) -> Measured:
    out: Measured = {}
    with np.errstate(all="ignore"):
        for module in modules:
            out |= {f"{module.GROUP}.{name}": value for name, value in module.measure(relation).items()}
    return out


def _prefixed(prefix: str, found: Measured) -> Measured:
    return {f"{prefix}.{name}": value for name, value in found.items()}


def _both(
    threads: int, first: Callable[[], Measured], second: Callable[[], Measured]
) -> tuple[Measured, Measured]:
    if threads < 2:
        return first(), second()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(second)
        mine = first()
        return mine, other.result()


def _described(found: Measured, area: Rectangle) -> Description:
    values: Plane = np.array([found.get(d.name, math.nan) for d in DESCRIPTORS], np.float32)
    valid = np.isfinite(values)
    neutral = np.array([d.neutral for d in DESCRIPTORS], np.float32)
    values = np.where(valid, values, neutral).astype(np.float32)
    values.setflags(write=False)
    valid.setflags(write=False)
    return Description(values, valid, area)
