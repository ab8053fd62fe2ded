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
from candela_engines.upconvert.highlights import Highlights, HighlightsEngine
from candela_engines.upconvert.learnt import LearntEngine
from candela_server.service.levels import F32
from candela_server.service.results import Json

__all__ = ["NO_MASTER", "Upconversion", "Upconverted"]

NO_MASTER = "there was no HDR master: this light is the engine's"
Codes = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Upconverted:
    """What results say of an up-conversion. engine: its name; source: where it is from, in words. white,
    peak: nits of SDR white and of the brightest light. levels: of a chart. state: of the SDR. highlights:
    whether the second stage made some up.
    """

    engine: str
    source: str
    white: float
    peak: float
    levels: tuple[Level, ...]
    state: ColourState
    highlights: bool = False

    def to_json(self) -> Json:
        """Bare numbers, units in the keys."""
        return {
            "engine": self.engine,
            "engine_source": self.source,
            "provenance": "upconverted",
            "highlights_made_up": self.highlights,
            "sdr_white_nits": round(self.white, 3),
            "engine_peak_nits": round(self.peak, 3),
            "levels": [
                {
                    "patch": level.patch,
                    "sdr_nits": round(level.sdr_nits, 3),
                    "hdr_nits": round(level.hdr_nits, 3),
                }
                for level in self.levels
            ],
        }


@dataclass(frozen=True, eq=False)
class Upconversion:
    """engine: set up. state: of the SDR that it is given. shots: first and last frame of each, with the
    engine that has the context of that shot; a formula has none. highlights: the second stage, None for none.
    """

    engine: Engine
    state: ColourState
    shots: tuple[tuple[int, int, Engine], ...] = ()
    highlights: Highlights | None = None

    def of(self, number: int) -> Engine:
        """The engine for a frame of a clip."""
        return next((engine for first, last, engine in self.shots if first <= number <= last), self.engine)

    @property
    def peak_nits(self) -> float:
        """The brightest light of codes that are no higher than SDR white."""
        return self._finished_by(self.engine).peak_nits

    def _finished_by(self, engine: Engine) -> Engine:
        return engine if self.highlights is None else HighlightsEngine(engine, self.highlights)

    @property
    def hdr_state(self) -> ColourState:
        """The light that comes out, with its peak where that is one of a mastering display."""
        peak = self.peak_nits
        return NAMED["rec2100-pq"] if peak < 400 else ColourState("bt2020", "pq", "full", peak, 203.0)

    def light(self, codes: Codes, bits: int, number: int | None = None) -> F32:
        """HDR light (H, W, 3), linear BT.2020 in nits. codes: as `Engine.light` takes them. number: of a
        clip's frame.
        """
        engine = self.engine if number is None else self.of(number)
        return self._finished_by(engine).light(codes, bits, self.state)

    def confidence(self, codes: Codes, bits: int, nits: F32, number: int | None = None) -> F32:
        """The share of the luminance that the SDR determines, (H, W) in 0..1, as of a payload.

        Where a sample is clipped, light up to what its placement has, or the engine's white where that is
        lower, is certain: SDR white is at least that bright. What an engine puts on top it has made up, and
        so is all that the second stage adds, clipped or not.
        """
        white = min(self.engine.white_nits, 203.0)
        if self.highlights is None:
            return certain_share(codes, bits, nits, self.state, white)
        engine = self.engine if number is None else self.of(number)
        before = engine.light(codes, bits, self.state)
        certain = certain_share(codes, bits, before, self.state, white)
        return HighlightsEngine(engine, self.highlights).determined(certain, before, nits)

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
            "candela_model": f"none: up-converted without a master by {self.engine.info.name}{self._made_up}",
            "candela_provenance": f"upconverted, {self.engine.info.source}",
            "candela_sdr_colour": state_label(self.state),
        }

    @property
    def _made_up(self) -> str:
        return "" if self.highlights is None else ", with highlights that were made up"

    def facts(self) -> dict[str, Any]:
        """What the light depends on, by names that a user knows."""
        return {
            "--engine": self.engine.info.name,
            "--reference-white": self.engine.white_nits,
            "--highlights": self.highlights is not None,
        }

    def said(self) -> Upconverted:
        """What results say of it."""
        info, engine = self.engine.info, self.engine
        return Upconverted(
            info.name, info.source, engine.white_nits, self.peak_nits, self.levels(), self.state,
            self.highlights is not None,
        )  # fmt: skip
