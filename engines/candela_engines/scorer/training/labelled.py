"""Labels of one source's variants, from what the oracle and the measures said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from candela_engines.scorer.training.scale import BEST, falling, mix_of
from candela_engines.scorer.training.store import Store

__all__ = ["Typical", "typical_jods", "variant_labels"]

Typical = dict[tuple[str, str, int], float]
"""JOD by kind, ladder and rung; by "reference", operator and 1 for a trimmed one."""

_SEEN_JOD = 0.02


def _key(note: Mapping[str, Any]) -> tuple[str, str, int]:
    return str(note["kind"]), str(note["ladder"]), int(note["rung"])


def _reference_key(note: Mapping[str, Any]) -> tuple[str, str, int]:
    return "reference", str(note["operator"]), int(note["trim"] is not None)


def typical_jods(store: Store) -> Typical:
    """Medians over the sources that the oracle has seen."""
    found: dict[tuple[str, str, int], list[float]] = {}
    for name in store.names():
        if store.has("jod", name):
            meta, jods = store.meta(name), store.read_json("jod", name)
            for note, jod in zip(meta["variants"], jods["variants"], strict=True):
                found.setdefault(_key(note), []).append(jod)
            for note, jod in zip(meta["references"], jods["references"], strict=True):
                found.setdefault(_reference_key(note), []).append(jod)
    return {key: float(np.median(values)) for key, values in found.items()}


def variant_labels(store: Store, name: str, typical: Typical | None = None) -> dict[str, Any]:
    """Per variant: jod, jod_star, mix, visible, `measured` by `label`; `zero`: mix of each reference.

    typical: stands for the oracle where it has not seen the source, `asked` is False then, jod NaN, and the
    mix is NaN for what no other source has either.
    """
    meta = store.meta(name)
    notes, measured = meta["variants"], store.read_json("labels", name)
    asked = store.has("jod", name)
    if asked:
        oracle = store.read_json("jod", name)
        jod = np.array(oracle["variants"], np.float64)
        star, beside = np.minimum(jod, BEST), np.array(oracle["references"], np.float64)
    else:
        known = typical or {}
        jod = np.full(len(notes), np.nan)
        star = np.array([known.get(_key(note), np.nan) for note in notes], np.float64)
        shown = [known.get(_reference_key(note), np.nan) for note in meta["references"]]
        beside = np.array(shown, np.float64)
    visible = np.ones(len(notes), bool)
    ladders: dict[tuple[str, str], list[int]] = {}
    for place, note in enumerate(notes):
        if note["kind"] == "fault":
            ladders.setdefault((note["parent"], note["ladder"]), []).append(place)
    for places in ladders.values():
        places.sort(key=lambda place: int(notes[place]["rung"]))
        if np.isfinite(star[places]).all():
            star[places] = falling(star[places])
        before = BEST
        for place in places:
            step = notes[place]["step"]
            # A comparison with NaN is false: an oracle that was not asked sees no step.
            visible[place] = step["mean"] >= 0.5 or step["p99"] >= 1.0 or before - jod[place] > _SEEN_JOD
            before = min(before, float(jod[place])) if asked else before
    mix = mix_of(star, measured["mean"])
    for place, note in enumerate(notes):
        if note["ladder"] == "master":
            mix[place] = BEST
    zero = mix_of(beside, [reference["mean"] for reference in measured["references"]])
    return {
        "jod": jod,
        "jod_star": star,
        "mix": mix,
        "visible": visible,
        "zero": zero,
        "asked": asked,
        "measured": measured,
    }
