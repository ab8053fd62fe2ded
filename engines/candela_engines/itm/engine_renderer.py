"""Frames of a payload through ONNX engines, on a GPU or a server, where the native kernel is not to do it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from candela_engines.colour import pq
from candela_engines.errors import InfrastructureError, PayloadError
from candela_engines.itm.default_model import DefaultModel
from candela_engines.itm.engine_feed import DefaultFeed
from candela_engines.itm.features import surroundings
from candela_engines.itm.field import over_full_scale
from candela_engines.itm.shot_model import ShotModel, ShotRenderer
from candela_engines.itm.siren import SirenModel, places
from candela_engines.itm.whole_frame import curve_of
from candela_engines.runtime.engines import Engine, Feed, Runner, default_engine, engine
from candela_engines.runtime.frame import Encoding
from candela_engines.runtime.profiles import MAX_COLUMNS, MAX_ROWS

__all__ = ["EngineRenderer"]

Codes = npt.NDArray[np.generic]


class EngineRenderer:
    """As `ShotRenderer`, by engines: the same arguments, the same results to within 2e-6 of PQ's full scale.

    What engines do not do the native kernel or numpy does: `by_engine` says why. Not for several threads at
    once.
    """

    def __init__(self, model: ShotModel, height: int, width: int, runner: Runner) -> None:
        self._plain = ShotRenderer(model, height, width)
        self._model, self._size, self._runner = model, (height, width), runner

    def by_engine(self, number: int, bits: int = 32) -> tuple[Engine | None, str]:
        """The engine for nits of a frame, and what computes it; None, and why not. bits: as in `render`."""
        model = self._plain.at(number)[0]
        if isinstance(model, SirenModel):
            chosen = engine("candela_paper")
        elif not isinstance(model, DefaultModel):
            return None, "its inputs need double precision: it is rendered without an engine"
        elif curve_of(self._model.payload.sdr, model.bits) is None:
            return None, "the SDR's colours go through OCIO: it is rendered without an engine"
        elif self._size[1] > MAX_COLUMNS:
            return None, f"it is wider than {MAX_COLUMNS} pixels: it is rendered without an engine"
        else:
            chosen = default_engine(_depth(model), "nits")
        return chosen, self._runner.describe(chosen)

    def render(
        self,
        number: int,
        codes: Codes,
        bits: int,
        out: Codes | None = None,
        encoding: Encoding = "nits",
        *,
        out_bits: int = 16,
        threads: int = 0,
    ) -> Codes:
        """One frame of the shot as HDR; arguments as of `ShotRenderer.render`."""
        if codes.shape[:2] != self._size:
            height, width = self._size
            raise PayloadError(
                f"the payload is for {width}x{height}, the picture has {codes.shape[1]}x{codes.shape[0]}"
            )
        if self.by_engine(number)[0] is None:
            return self._plain.render(number, codes, bits, out, encoding, out_bits=out_bits, threads=threads)
        if codes.dtype.kind == "f":
            bits = self._model.payload.bits
        out = np.empty((*self._size, 3), np.float32) if out is None else out
        model = self._plain.at(number)[0]
        if isinstance(model, DefaultModel):
            self._default(model, codes, bits, out, encoding, out_bits)
        elif isinstance(model, SirenModel):
            self._paper(model, codes, bits, out, encoding, out_bits)
        return out

    def _default(
        self, model: DefaultModel, codes: Codes, bits: int, out: Codes, encoding: Encoding, out_bits: int
    ) -> None:
        height, width = self._size
        curve = curve_of(self._model.payload.sdr, model.bits)
        assert curve is not None
        signal = over_full_scale(codes, bits)
        feed = DefaultFeed.of(model, curve, surroundings(codes, bits), height, width)
        chosen = default_engine(feed.depth, encoding)
        rows = min(max(1, self._runner.pixels // width), MAX_ROWS)
        for top in range(0, height, rows):
            bottom = min(top + rows, height)
            self._put(chosen, feed.strip(signal, top, bottom), out[top:bottom], out_bits)

    def _paper(
        self, model: SirenModel, codes: Codes, bits: int, out: Codes, encoding: Encoding, out_bits: int
    ) -> None:
        height, width = self._size
        chosen = engine("candela_paper")
        fixed = {
            name: np.ascontiguousarray(w[None] if w.ndim == 2 else w[None, None])
            for name, w in model.folded().items()
        }
        rows = max(1, self._runner.pixels // width)
        for top in range(0, height, rows):
            colour = over_full_scale(codes[top : top + rows, :, :3], bits)
            ys, xs = np.mgrid[top : top + len(colour), 0:width]
            place = places(height, width, ys.ravel(), xs.ravel())
            feed = {"colour": np.ascontiguousarray(colour.reshape(1, -1, 3)), "place": place[None]} | fixed
            code = np.clip(self._result(chosen, feed, (1, len(place), 3)), 0, 1).reshape(colour.shape)
            light = pq.eotf(code) if encoding == "nits" else code
            out[top : top + rows] = _stored(light, out.dtype, out_bits)

    def _put(self, chosen: Engine, feed: Feed, out: Codes, out_bits: int) -> None:
        out[...] = _stored(self._result(chosen, feed, (*out.shape[:2], 3)), out.dtype, out_bits)

    def _result(self, chosen: Engine, feed: Feed, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        result = self._runner.run(chosen, feed)
        if result.shape != shape or result.dtype != np.float32:
            raise InfrastructureError(
                f"{chosen.name} gave {result.dtype} {list(result.shape)} where float32 {list(shape)} is due; "
                "the engine is not the one that this version knows"
            )
        return result


def _depth(model: DefaultModel) -> int:
    return len(model.layers.layers().weights) - 1


def _stored(
    values: npt.NDArray[np.floating], dtype: np.dtype[np.generic], bits: int
) -> npt.NDArray[np.floating]:
    if dtype.kind == "f":
        return values
    return np.asarray(np.rint(np.clip(values, 0, 1) * ((1 << bits) - 1)))
