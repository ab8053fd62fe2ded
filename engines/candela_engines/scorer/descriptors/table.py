"""The ordered table of all descriptors. Adding one at the end of a module changes every trained model."""

from __future__ import annotations

import math
from dataclasses import dataclass

from candela_engines.scorer.descriptors import (
    banding,
    colour,
    light,
    limits,
    pair_colour,
    pair_detail,
    pair_operator,
    pair_tone,
    skin,
    texture,
)
from candela_engines.scorer.descriptors._specs import Spec

__all__ = ["DESCRIPTORS", "PAIR_MODULES", "PICTURE_MODULES", "Descriptor"]

PICTURE_MODULES = (light, limits, colour, texture, banding, skin)
CONTEXT_MODULES = (light, limits, colour)  # what tells one SDR operator from another
PAIR_MODULES = (pair_tone, pair_colour, pair_detail, pair_operator)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One measured quantity.

    name: unique, `grade.light.peak`. unit: of the value; log10 nit, share (0..1), PU21, ΔE_ITP, degree, log2
    (stops), ln, or 1. source: definition, with the standard or paper where there is one. group: module that
    measures it. needs_reference: whether there is a value only with an SDR reference. neutral: what `vector`
    holds where the picture has no evidence.
    """

    name: str
    unit: str
    source: str
    group: str
    needs_reference: bool
    neutral: float


def _of(spec: Spec, prefix: str, group: str, *, reference: bool, source: str) -> Descriptor:
    neutral = 0.0 if math.isnan(spec.neutral) or prefix == "diff" else spec.neutral
    return Descriptor(f"{prefix}.{group}.{spec.name}", spec.unit, source, group, reference, neutral)


def _table() -> tuple[Descriptor, ...]:
    rows: list[Descriptor] = []
    for module in PICTURE_MODULES:
        for spec in module.SPECS:
            rows.append(_of(spec, "grade", module.GROUP, reference=False, source=spec.source))
    for prefix, said in (("sdr", "of the SDR reference: "), ("diff", "grade less SDR reference: ")):
        for module in PICTURE_MODULES:
            for spec in module.SPECS:
                if spec.compared and (prefix == "diff" or module in CONTEXT_MODULES):
                    rows.append(_of(spec, prefix, module.GROUP, reference=True, source=said + spec.source))
    for pair in PAIR_MODULES:
        prefix, group = pair.GROUP.split(".")
        for spec in pair.SPECS:
            rows.append(_of(spec, prefix, group, reference=True, source=spec.source))
    return tuple(rows)


DESCRIPTORS = _table()
