"""Searching the best gain map of a pair: the choices that ISO 21496-1 leaves to an encoder, one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.gainmap_codecs import CODECS, Filler
from bench.gainmap_maths import Gains, Picture, Sampler, Sampling, Space, calm, gains_of, range_of
from bench.pairs import Pair
from candela_engines.metrics import delta_e_itp, pu_psnr

__all__ = ["BUDGETS", "Config", "Rival", "best_gain_maps"]

BUDGETS = (2048, 4096, 8192, 16384, 32768)
OFFSETS = (1e-7, 1e-4, 1 / 4096, 1 / 1024, 1 / 256, 1 / 64)
FACTORS = (1, 2, 3, 4, 6, 8)
RECOMMENDED_OFFSET = 1 / 64

# Codecs that are slower for little: tried on the winner alone.
_POLISH = {"jpeg2000": ("jpeg2000", "jpeg2000-12"), "jpegxl": ("jpegxl", "jpegxl-e7", "jpegxl-16")}
_JPEGS = ("jpeg", "jpeg-420", "jpeg-standard", "jpeg-standard-420")


@dataclass(frozen=True)
class Config:
    """All choices of an encoder of gain maps but the quality."""

    channels: int = 3
    offset: float = 1e-7
    factor: int = 1
    codec: str = "jpeg2000"
    space: Space = "bt2020"
    common: bool = True
    gamma: float = 1.0
    calm: float = 0.1
    sampling: Sampling = "centred"

    @property
    def name(self) -> str:
        """In a few words, for tables."""
        parts = [f"{self.codec} 1/{self.factor} {self.channels}ch k={self.offset:.2g}"]
        parts += [self.sampling] * (self.sampling != "centred" and self.factor > 1)
        parts += [f"gamma {self.gamma:g}"] * (self.gamma != 1)
        return " ".join([*parts, *(["base gamut"] * (self.space != "bt2020"))])


@dataclass(frozen=True)
class Rival:
    """The best gain map found for a pair and a number of bytes, measured on the full picture.

    by_codec, recommended_offset: PU-PSNR by table of the best of each codec, and of k = 1/64.
    """

    budget: int
    bytes: int
    pu_psnr: float
    delta_e_itp: float
    name: str
    by_codec: dict[str, float | None]
    recommended_offset: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Found:
    quality: float
    config: Config
    data: bytes


class _Search:
    """Tries configurations of one picture; nothing is computed twice while it is near in time."""

    def __init__(self, pair: Pair) -> None:
        self.picture = Picture(pair)
        self._gains = lru_cache(maxsize=4)(self._make_gains)
        self._range = lru_cache(maxsize=32)(lambda key: range_of(self._gains(key)))
        self._calm = lru_cache(maxsize=4)(lambda key, strength: calm(self._gains(key), strength))
        self._map = lru_cache(maxsize=8)(self._make_map)
        self._sampler = lru_cache(maxsize=8)(lambda f, s: Sampler(self.picture.shape, f, s))
        self._knobs: dict[tuple[str, int], float] = {}
        self._seen: dict[tuple[Config, int, float], _Found] = {}

    def _make_gains(self, key: tuple[int, float, Space]) -> Gains:
        return gains_of(self.picture, channels=key[0], offset=key[1], space=key[2])

    def _make_map(self, config: Config) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Codes 0..1 of the map before the codec, and the range that they span."""
        key = (config.channels, config.offset, config.space)
        gains = self._gains(key)
        low, high = self._range(key)
        if config.common:
            low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
        calmed = np.clip(self._calm(key, config.calm), low, high)
        weight = gains.weight + np.float32(0.01) * gains.weight.mean()
        small = self._sampler(config.factor, config.sampling).down(calmed, weight)
        code = np.clip((small - low) / (high - low), 0, 1) ** np.float32(config.gamma)
        return code, low, high

    def try_out(self, config: Config, budgets: Iterable[int], *, slack: float = 0.02) -> list[_Found]:
        """The best quality of one configuration at every budget."""
        filler = None
        out = []
        for budget in budgets:
            found = self._seen.get((config, budget, slack))
            if found is None:
                filler = filler or self._filler(config)
                near = self._knobs.get((config.codec, budget))
                filled = filler.fill(budget, slack=slack, near=near) if filler else None
                found = _Found(-np.inf, config, b"")
                if filled:
                    self._knobs[config.codec, budget] = filled[0]
                    found = _Found(self.picture.pu_psnr(self.decode(config, filled[1])), config, filled[1])
                self._seen[config, budget, slack] = found
            out.append(found)
        return out

    def _filler(self, config: Config) -> Filler | None:
        codec = CODECS[config.codec]
        if codec.colour_only and config.channels == 1:
            return None
        codes = np.round(self._map(_before_codec(config))[0] * codec.top)
        picture = codes.astype(np.uint8 if codec.bits == 8 else np.uint16)
        return Filler(codec, np.ascontiguousarray(picture if config.channels == 3 else picture[..., 0]))

    def decode(self, config: Config, data: bytes) -> NDArray[np.float32]:
        """HDR nits that a reader of the map shows."""
        code, low, high = self._map(_before_codec(config))
        codec = CODECS[config.codec]
        read = np.asarray(codec.decode(data), np.float32).reshape(code.shape) / np.float32(codec.top)
        log2 = low + np.clip(read, 0, 1) ** np.float32(1 / config.gamma) * (high - low)
        whole = self._sampler(config.factor, config.sampling).up(log2)
        return self.picture.apply(whole, config.offset, config.space)


def _before_codec(config: Config) -> Config:
    return replace(config, codec="")


def _climb(search: _Search, best: dict[int, _Found], axes: Sequence[Sequence[dict[str, Any]]]) -> None:
    """One axis after the other, for every budget from where it stands: the best change, if any, is taken."""
    for axis in axes:
        wanted: dict[Config, list[int]] = {}
        for budget, found in best.items():
            for change in axis:
                wanted.setdefault(replace(found.config, **change), []).append(budget)
        for config, budgets in wanted.items():
            for budget, found in zip(budgets, search.try_out(config, budgets), strict=True):
                if found.quality > best[budget].quality:
                    best[budget] = found


def _axis(**values: Sequence[Any]) -> list[dict[str, Any]]:
    """Every combination of the values as changes to a configuration."""
    changes: list[dict[str, Any]] = [{}]
    for name, choices in values.items():
        changes = [{**change, name: choice} for change in changes for choice in choices]
    return changes


def best_gain_maps(pair: Pair, budgets: Sequence[int] = BUDGETS) -> dict[int, Rival]:
    """The best gain map of a pair for every budget; a minute or a few of one core."""
    search = _Search(pair)
    kinds = _axis(channels=(3, 1), offset=OFFSETS)
    scales = _axis(factor=FACTORS, sampling=("centred",)) + _axis(factor=(2, 4), sampling=("libultrahdr",))
    calms = _axis(calm=(0.0, 0.02, 0.1, 0.5))
    gammas = _axis(gamma=(0.7, 1.0, 1.4))
    best = {b: search.try_out(Config(), [b])[0] for b in budgets}
    details = [calms, _axis(common=(True, False)), _axis(space=("bt2020", "base")), gammas]
    again = [_axis(offset=OFFSETS[:4]), _axis(channels=(3, 1)), _axis(factor=(1, 2, 4))]
    _climb(search, best, [kinds, scales, *details, *again])
    by_codec = {budget: {"jpeg2000": round(found.quality, 3)} for budget, found in best.items()}
    for family, codecs in (("jpegxl", ("jpegxl",)), ("jpeg", _JPEGS)):
        # The other codecs start from what JPEG 2000 found and look for their own scale and smoothness.
        own = {b: search.try_out(replace(found.config, codec=codecs[0]), [b])[0] for b, found in best.items()}
        _climb(search, own, [scales, _axis(codec=codecs), calms])
        for budget, found in own.items():
            by_codec[budget][family] = round(found.quality, 3) if found.data else None
            best[budget] = max(best[budget], found, key=lambda f: f.quality)
    start = Config(offset=RECOMMENDED_OFFSET)
    recommended = {b: search.try_out(start, [b])[0] for b in budgets}
    _climb(search, recommended, [_axis(channels=(3, 1)), _axis(factor=(1, 2, 4)), calms])
    rivals = {}
    for budget, found in best.items():
        names = _POLISH.get(found.config.codec, (found.config.codec,))
        tries = [search.try_out(replace(found.config, codec=n), [budget], slack=0.003)[0] for n in names]
        found = max([found, *tries], key=lambda f: f.quality)
        if not found.data:
            continue
        nits, reference = search.decode(found.config, found.data), pair.hdr_nits
        rivals[budget] = Rival(
            budget=budget,
            bytes=len(found.data),
            pu_psnr=pu_psnr(nits, reference),
            delta_e_itp=delta_e_itp(nits, reference).mean,
            name=found.config.name,
            by_codec=by_codec[budget],
            recommended_offset=round(recommended[budget].quality, 3),
        )
    return rivals
