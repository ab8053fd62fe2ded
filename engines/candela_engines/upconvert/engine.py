"""What an up-conversion engine is, and the one list of them.

An engine makes absolute light of graded SDR. Nothing it gives was in a master: it is a convention (the ITU's
engines) or a guess that was learnt (the networks), and whoever writes it into a file says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError

__all__ = ["ENGINES", "REFERENCE_WHITE", "Engine", "EngineInfo", "EngineName", "open_engine"]

F32 = npt.NDArray[np.float32]
Codes = npt.NDArray[np.generic]
EngineName = Literal["bt2446a", "bt2446c", "placement", "agcm", "hdcfm"]

REFERENCE_WHITE = 203.0
"""HDR reference white in nits: BT.2408-7 §2.2."""
_LEAST_WHITE, _MOST_WHITE = 48.0, 1000.0


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """name: as `--engine` takes it. source: where the engine is from, in words.

    white_nits: where SDR white (code 1.0) goes, by its standard; peak_nits: the brightest light it gives.
    places_white: whether SDR white can be put elsewhere, as by `--reference-white`. trained: whether it is a
    network, which needs weights. available: whether this installation can run it.
    """

    name: EngineName
    source: str
    white_nits: float
    peak_nits: float
    places_white: bool = False
    trained: bool = False
    available: bool = True


class Engine(Protocol):
    """One engine, set up. `white_nits`, `peak_nits`: as set up, in place of those of `info`."""

    @property
    def info(self) -> EngineInfo:
        """Which one it is."""
        ...

    @property
    def white_nits(self) -> float:
        """Where SDR white goes."""
        ...

    @property
    def peak_nits(self) -> float:
        """The brightest light it gives of codes that are no higher than SDR white."""
        ...

    def light(self, codes: Codes, bits: int, state: ColourState) -> F32:
        """HDR light (H, W, 3) float32, linear BT.2020 in nits, 0 and above.

        codes: (H, W, 3), integers of `bits` bits or floats over full scale, in an SDR `state`. NaN makes its
        pixel NaN. Raises ColourStateError for a state that is not SDR.
        """
        ...


ENGINES: dict[EngineName, EngineInfo] = {
    info.name: info
    for info in (
        EngineInfo("bt2446a", "ITU-R BT.2446-1 method A, SDR to HDR (§4.2)", 999.52, 1000.0),
        EngineInfo("bt2446c", "ITU-R BT.2446-1 method C, backwards (§5)", 332.38, 1000.0),
        EngineInfo(
            "placement", "ITU-R BT.2408 placement of SDR (§5.1.3)", REFERENCE_WHITE, REFERENCE_WHITE,
            places_white=True,
        ),
        EngineInfo(
            "agcm", "adaptive global colour mapping (HDRTVNet), a network", REFERENCE_WHITE, 1000.0,
            trained=True,
        ),
        EngineInfo(
            "hdcfm", "hierarchical dynamic context feature mapping, a network", REFERENCE_WHITE, 1000.0,
            trained=True, available=False,
        ),
    )
}  # fmt: skip
"""Every engine by name. Of one that is not available the architecture is here and the weights are not."""


def open_engine(name: str, *, reference_white: float | None = None) -> Engine:
    """The engine `name`. reference_white: nits that SDR white is to have, None for the engine's own.

    Raises InputError for a name that is none, a network without weights, a white that an engine cannot place
    or that no display has.
    """
    info = next((known for known in ENGINES.values() if known.name == name), None)
    if info is None:
        raise InputError(f"engine {name!r}: one of {', '.join(ENGINES)} is needed")
    if not info.available:
        usable = ", ".join(known.name for known in ENGINES.values() if known.available)
        raise InputError(
            f"engine {name}: is a network, and no trained weights of it come with this version, so there is "
            f"nothing to run; use {usable}"
        )
    if reference_white is not None:
        if not info.places_white:
            placing = ", ".join(known.name for known in ENGINES.values() if known.places_white)
            raise InputError(
                f"reference white of {reference_white:g} nit: {name} puts SDR white on {info.white_nits:.4g} "
                f"nit by its standard; {placing} places it where it is wanted"
            )
        if not _LEAST_WHITE <= reference_white <= _MOST_WHITE:
            raise InputError(
                f"reference white of {reference_white:g} nit: {_LEAST_WHITE:g} to {_MOST_WHITE:g} is possible"
            )
    from candela_engines.upconvert.learnt import open_learnt
    from candela_engines.upconvert.reference import ReferenceEngine

    if info.trained:
        return open_learnt(info)
    return ReferenceEngine(info, reference_white or REFERENCE_WHITE)
