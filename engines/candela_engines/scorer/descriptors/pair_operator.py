"""Whether a known SDR operator, given the grade, makes the reference that is there; and if not, how far off.

Of all operators of `operator_bank`, four views, since which of them was used nobody says: `best`, the one
under which the grade is nearest to what it should be (`bias`); `near`, the one whose picture is nearest to
the reference; `shape`, the one whose tones fit best whatever exposure and colour; and `all`, the median.

The bias is the root mean square of seven offsets, each in units of what the mildest rung of its fault is:
a quarter stop (three times), a tenth of contrast, 8 mired of red and of blue, a tenth of chroma, 2 degrees.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from candela_engines.scorer.descriptors._specs import Measured, Spec
from candela_engines.scorer.operator_bank import MEASURES, against_reference, installed_bank
from candela_engines.scorer.relation import Relation

__all__ = ["GROUP", "SPECS", "bias", "measure", "summaries"]

GROUP = "pair.operator"

_UNITS = {
    "residual": "code",
    "residual_90": "code",
    "stops_low": "log2",
    "stops_mid": "log2",
    "stops_high": "log2",
    "stops_spread": "log2",
    "contrast": "1",
    "red": "log2",
    "blue": "log2",
    "chroma": "ln",
    "hue": "degree",
    "delta_e": "ΔE_ITP",
    "delta_e_95": "ΔE_ITP",
}
_MILDEST = {
    "stops_low": 0.25,
    "stops_mid": 0.25,
    "stops_high": 0.25,
    "contrast": 0.1,
    "red": 0.05,
    "blue": 0.05,
    "chroma": 0.1,
    "hue": 2.0,
}
_SHAPE = ("stops_low", "stops_mid", "stops_high", "stops_spread")
_OFFSETS = ("stops_mid", "contrast", "red", "blue", "chroma", "hue", "delta_e")
_PLACE = {name: number for number, name in enumerate(MEASURES)}
_FAR = 40.0

SPECS = (
    Spec("bias", "1", "distance of the grade from what fits the reference, under the best operator", _FAR),
    Spec("bias_second", "1", "the same under the second best", _FAR),
    Spec("fitting", "1", "operators under which that distance is less than 1"),
    *(
        Spec(f"best_{name}", _UNITS[name], f"{name} under the operator of the least bias")
        for name in MEASURES
    ),
    *(
        Spec(f"near_{name}", _UNITS[name], f"{name} under the operator of the least residual")
        for name in ("residual", *_OFFSETS)
    ),
    Spec("near_bias", "1", "bias under the operator of the least residual", _FAR),
    *(
        Spec(f"shape_{name}", _UNITS[name], f"{name} under the operator whose tones fit best")
        for name in ("stops_spread", *_OFFSETS)
    ),
    Spec("least_delta_e", "ΔE_ITP", "least of delta_e over the operators"),
    Spec("shape_left", "log2", "what it leaves over: spread, and thirds apart from one another"),
    *(Spec(f"all_{name}", _UNITS[name], f"{name}, median over the operators") for name in _OFFSETS),
    *(Spec(f"soft_{name}", _UNITS[name], f"{name}, mean weighted by exp(−bias²/2)") for name in _OFFSETS),
)


def measure(relation: Relation) -> Measured:
    """Values of SPECS."""
    found = summaries(against_reference(installed_bank(), relation.grade, relation.sdr)[None])[0]
    return {spec.name: float(value) for spec, value in zip(SPECS, found, strict=True)}


def bias(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """(…, M) of raw (…, M, K): see the module; what cannot be measured is left out; without any, _FAR."""
    parts = np.stack([raw[..., _PLACE[name]] / size for name, size in _MILDEST.items()], axis=-1)
    known = np.isfinite(parts)
    total = np.where(known, parts, 0.0) ** 2
    mean = total.sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)
    return np.where(known.any(axis=-1), np.minimum(np.sqrt(mean), _FAR), _FAR)


def summaries(raw: NDArray[np.floating], without: Sequence[int] = ()) -> NDArray[np.float64]:
    """(P, S): SPECS of each of P pairs, NaN without evidence, of what `against_reference` said, (P, M, K).

    without: places of operators that are not to be known.
    """
    kept = np.delete(np.asarray(raw, np.float64), list(without), axis=1)
    distance = bias(kept)
    ranked = np.sort(distance, axis=1)
    out: dict[str, NDArray[np.float64]] = {
        "bias": ranked[:, 0],
        "bias_second": ranked[:, min(1, ranked.shape[1] - 1)],
        "fitting": (distance < 1).sum(axis=1).astype(np.float64),
    }
    rows = np.arange(len(kept))
    residual = kept[..., _PLACE["residual"]]
    low, mid, high, spread = (kept[..., _PLACE[name]] for name in _SHAPE)
    ends = np.nan_to_num(np.abs(low - mid)) + np.nan_to_num(np.abs(high - mid))
    left = np.nan_to_num(spread, nan=4.0) + 0.5 * ends
    chosen = {
        "best": (distance.argmin(axis=1), MEASURES),
        "near": (np.where(np.isfinite(residual), residual, np.inf).argmin(axis=1), ("residual", *_OFFSETS)),
        "shape": (left.argmin(axis=1), ("stops_spread", *_OFFSETS)),
    }
    for view, (place, shown) in chosen.items():
        out |= {f"{view}_{name}": kept[rows, place, _PLACE[name]] for name in shown}
    out["near_bias"] = distance[rows, chosen["near"][0]]
    out["shape_left"] = left.min(axis=1)
    out["least_delta_e"] = kept[..., _PLACE["delta_e"]].min(axis=1)
    least = ranked[:, :1]
    weight = np.exp(-0.5 * np.minimum((distance - least) * (distance + least), 60.0))
    for name in _OFFSETS:
        values = kept[..., _PLACE[name]]
        known = np.isfinite(values)
        with np.errstate(invalid="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            out[f"all_{name}"] = np.nanmedian(values, axis=1)
        share = np.where(known, weight, 0.0)
        total = np.where(known, values, 0.0) * share
        out[f"soft_{name}"] = total.sum(axis=1) / np.where(known.any(axis=1), share.sum(axis=1), np.nan)
    found = np.stack([out[spec.name] for spec in SPECS], axis=1)
    evident = np.isfinite(residual).sum(axis=1, keepdims=True) > 0
    return np.where(evident, found, np.nan)
