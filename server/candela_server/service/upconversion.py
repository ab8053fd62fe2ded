"""SDR without a payload on its way to light: the engine, and what files and results say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from candela_engines import __version__
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.itm.confidence import certain_share
from candela_engines.media import state_label
from candela_engines.upconvert.chart import Level, chart_levels
from candela_engines.upconvert.engine import Engine
from candela_engines.upconvert.learnt import LearntEngine
from candela_server.service.levels import F32
from candela_server.service.results import Json

__all__ = ["NO_MASTER", "Upconversion"]

NO_MASTER = "there was no HDR master: this light is the engine's"
Codes = npt.NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class Upconversion:
    """engine: set up. state: of the SDR that it is given. shots: first and last frame of each, with the
    engine that has the context of that shot; a formula has none.
    """

    engine: Engine
    state: ColourState
    shots: tuple[tuple[int, int, Engine], ...] = ()

    def of(self, number: int) -> Engine:
        """The engine for a frame of a clip."""
        return next((engine for first, last, engine in self.shots if first <= number <= last), self.engine)

    @property
    def hdr_state(self) -> ColourState:
        """The light that comes out, with its peak where that is one of a mastering display."""
        peak = self.engine.peak_nits
        return NAMED["rec2100-pq"] if peak < 400 else ColourState("bt2020", "pq", "full", peak, 203.0)

    def light(self, codes: Codes, bits: int, number: int | None = None) -> F32:
        """HDR light (H, W, 3), linear BT.2020 in nits. codes: as `Engine.light` takes them. number: of a
        clip's frame.
        """
        engine = self.engine if number is None else self.of(number)
        return engine.light(codes, bits, self.state)

    def confidence(self, codes: Codes, bits: int, nits: F32) -> F32:
        """The share of the luminance that the SDR determines, (H, W) in 0..1, as of a payload.

        Where a sample is clipped, light up to what its placement has, or the engine's white where that is
        lower, is certain: SDR white is at least that bright. What an engine puts on top it has made up.
        """
        return certain_share(codes, bits, nits, self.state, min(self.engine.white_nits, 203.0))

    def levels(self) -> tuple[Level, ...]:
        """Known levels through the engine; none of a network without a context: it would be the chart's."""
        engine = self.shots[0][2] if self.shots else self.engine
        if isinstance(engine, LearntEngine) and engine.context is None:
            return ()
        return chart_levels(engine)

    def text(self) -> dict[str, str]:
        """What files say of their light."""
        return {
            "candela_version": __version__,
            "candela_model": f"none: up-converted without a master by {self.engine.info.name}",
            "candela_provenance": f"upconverted, {self.engine.info.source}",
            "candela_sdr_colour": state_label(self.state),
        }

    def facts(self) -> dict[str, Any]:
        """What the light depends on, by names that a user knows."""
        return {"--engine": self.engine.info.name, "--reference-white": self.engine.white_nits}

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        info = self.engine.info
        return {
            "engine": info.name,
            "engine_source": info.source,
            "provenance": "upconverted",
            "sdr_white_nits": round(self.engine.white_nits, 3),
            "engine_peak_nits": round(self.engine.peak_nits, 3),
            "levels": [
                {
                    "patch": level.patch,
                    "sdr_nits": round(level.sdr_nits, 3),
                    "hdr_nits": round(level.hdr_nits, 3),
                }
                for level in self.levels()
            ],
        }
