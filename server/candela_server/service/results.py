"""What all results have in common: progress, figures and colour states as JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from candela_engines.colour.names import name_of
from candela_engines.colour.state import ColourState
from candela_engines.itm.payload import Fidelity
from candela_engines.itm.quality import TILE

__all__ = [
    "DISTILLED",
    "Json",
    "Progress",
    "Work",
    "WorkProgress",
    "decibels",
    "fidelity_json",
    "flicker_json",
    "no_progress",
    "no_work",
    "state_json",
]

Json = dict[str, object]
Progress = Callable[[str, float], None]

DISTILLED = (
    "there was no HDR master: the payload was distilled from an up-conversion, and the fidelity is to that"
)
"""What is said of a payload whose light is no master's."""


def no_progress(stage: str, fraction: float) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Work:
    """How far long work has come. stage: as for `Progress`. done, total: in units, frames as a rule.

    done counts what an earlier run has finished as well. subject: what is being worked on, `shot 3 of 12`.
    """

    stage: str
    done: float
    total: float
    unit: str = "frames"
    subject: str = ""


WorkProgress = Callable[[Work], None]


def no_work(work: Work) -> None:
    """Progress of long work that nobody watches."""


def decibels(value: float) -> float | None:
    """A PSNR for JSON, which has no infinity: None where there is no difference."""
    return None if math.isinf(value) else round(value, 4)


def fidelity_json(fidelity: Fidelity) -> Json:
    """The figures of a rendering against its master."""
    return {
        "pu_psnr_db": decibels(fidelity.pu_psnr),
        "delta_e_itp_mean": round(fidelity.delta_e_mean, 4),
        "delta_e_itp_p99": round(fidelity.delta_e_p99, 4),
        "worst_tile_pu_psnr_db": decibels(fidelity.worst_pu_psnr),
        "worst_tile_left_px": fidelity.worst_left,
        "worst_tile_top_px": fidelity.worst_top,
        "worst_tile_size_px": TILE,
    }


def flicker_json(flicker: tuple[float, float] | None) -> Json:
    """How much the error changes from frame to frame, ΔE_ITP; None where it was not measured."""
    median, p95 = (None, None) if flicker is None else (round(flicker[0], 4), round(flicker[1], 4))
    return {"flicker_delta_e_itp_median": median, "flicker_delta_e_itp_p95": p95}


def state_json(state: ColourState) -> Json:
    """A colour state in full; `name` is what --sdr-colour and --hdr-colour take, `range` --sdr-range."""
    return {
        "name": name_of(state),
        "primaries": state.primaries,
        "transfer": state.transfer,
        "range": state.range,
        "peak_nits": state.peak_nits,
        "reference_white_nits": state.reference_white_nits,
        "unit_nits": state.unit_nits,
        "ocio_space": state.ocio_space,
        "ocio_config": state.ocio_config,
    }
