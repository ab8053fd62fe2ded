"""What is counted of a frame, in numpy: the twin of engines/native/src/qc, number by number.

All arithmetic is single precision in one order of operations, one rounding each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from candela_engines.media.movie_rgb import Plane, VideoModel, planes_to_rgb
from candela_engines.metrics import Rectangle

if TYPE_CHECKING:
    from candela_engines.qc.count import LevelLimits

__all__ = ["picture_numbers", "video_numbers"]

_F = np.float32
_TILES = (9, 16)
_CODES = 1 << 14
_CHANNEL_ROWS = 8
Tables = Mapping[str, Any]
Codes = NDArray[np.uint16]


def video_numbers(
    planes: Sequence[Plane], model: VideoModel, tables: Tables, limits: LevelLimits, area: Rectangle,
    codes: Codes, before: Codes | None,
) -> dict[str, Any]:  # fmt: skip
    """The fields of `Counts` of three planes."""
    inside = _slices(area)
    signal = _signals(planes, model)[inside]
    ceiling, steps = (_F(1), _F(_CODES - 1)) if tables["pq"] else (_F(1.25), _F(52428))
    keys = (np.clip(signal, _F(0), ceiling) * steps + _F(0.5)).astype(np.uint16)
    off = (signal.min(axis=2) < _F(limits.below)) | (signal.max(axis=2) > _F(limits.above))
    out = _light_numbers(keys, signal.max(axis=2), tables, area, codes, before)
    out |= {"rgb_off": int(np.count_nonzero(off)), "rgb_tiles": _tiles(off), "nonfinite": 0}
    out |= _levels("luma", [planes[0][inside]], limits)
    chroma = [plane.astype(np.int32) for plane in planes[1:]] if model.ycc else []
    found = [(p < limits.chroma_low) | (p > limits.chroma_high) for p in chroma]
    out["chroma_off"] = sum(int(np.count_nonzero(f)) for f in found)
    reserved = [(p <= limits.reserved_low) | (p >= limits.reserved_high) for p in chroma]
    out["chroma_reserved"] = sum(int(np.count_nonzero(r)) for r in reserved)
    return out


def picture_numbers(
    picture: NDArray[Any], tables: Tables, limits: LevelLimits, area: Rectangle, codes: Codes,
    before: Codes | None,
) -> dict[str, Any]:  # fmt: skip
    """The fields of `Counts` of (H, W, 3) samples."""
    part = picture[_slices(area)]
    bad = 0
    if part.dtype.kind == "f":
        good = np.isfinite(part)
        bad = int(good.size - np.count_nonzero(good))
        with np.errstate(over="ignore"):
            keys = part.astype(np.float16).view(np.uint16)
        most = np.where(good, part, _F(-1e30)).max(axis=2).astype(np.float32)
    else:
        keys = part.astype(np.uint16)
        most = part.max(axis=2).astype(np.float32)
    out = _light_numbers(keys, most, tables, area, codes, before)
    out |= {"rgb_off": 0, "rgb_tiles": np.zeros(_TILES, np.int32), "nonfinite": bad}
    out |= {"chroma_off": 0, "chroma_reserved": 0}
    return out | _levels("luma", [] if part.dtype.kind == "f" else [part], limits)


def _signals(planes: Sequence[Plane], model: VideoModel) -> NDArray[np.float32]:
    """R'G'B' (H, W, 3). Luma is multiplied by the reciprocal of its scale; converting a movie divides."""
    inverse = _F(1) / _F(model.scale)
    if not model.ycc:
        return np.stack([(plane.astype(_F) - _F(model.offset)) * inverse for plane in planes], axis=2)
    grey = (planes[0].astype(_F) - _F(model.offset)) * inverse
    # What chroma adds: the signal of no luma.
    none = np.full(planes[0].shape, int(model.offset), planes[0].dtype)
    return np.asarray(grey[..., None] + planes_to_rgb([none, *planes[1:]], model))


def _slices(area: Rectangle) -> tuple[slice, slice]:
    return slice(area.top, area.top + area.height), slice(area.left, area.left + area.width)


def _levels(name: str, parts: list[NDArray[Any]], limits: LevelLimits) -> dict[str, int]:
    out = dict.fromkeys((f"{name}_low", f"{name}_high", f"{name}_off", f"{name}_reserved"), 0)
    for part in parts:
        out[f"{name}_low"] += int(np.count_nonzero(part < limits.low)) if limits.low > 0 else 0
        out[f"{name}_high"] += int(np.count_nonzero(part > min(limits.high, 65535)))
        wide = part.astype(np.int32)
        out[f"{name}_off"] += int(np.count_nonzero((wide < limits.least) | (wide > limits.most)))
        reserved = (wide <= limits.reserved_low) | (wide >= limits.reserved_high)
        out[f"{name}_reserved"] += int(np.count_nonzero(reserved))
    return out


def _float_key(values: NDArray[np.float32]) -> NDArray[np.uint32]:
    return np.ascontiguousarray(np.maximum(values, _F(0))).view(np.uint32) >> np.uint32(12)


def _light_numbers(
    keys: NDArray[np.uint16], most: NDArray[np.float32], tables: Tables, area: Rectangle, codes: Codes,
    before: Codes | None,
) -> dict[str, Any]:  # fmt: skip
    if tables.get("scene") is not None:
        scene = tables["scene"][keys]
        luma = (_F(0.2627) * scene[..., 0] + _F(0.6780) * scene[..., 1]) + _F(0.0593) * scene[..., 2]
        light = tables["gain"][_float_key(luma)][..., None] * scene
        most = light.max(axis=2)
        rgb = tables["from_nits"][_float_key(light)]
    else:
        rgb = keys if tables["pq"] else tables["codes"][keys]
    top, some = rgb.max(axis=2), rgb[::_CHANNEL_ROWS] >> 2
    out: dict[str, Any] = {
        "pixels": int(top.size),
        "top": np.bincount(top.reshape(-1), minlength=_CODES).astype(np.uint32),
        "channels": (
            np.stack([np.bincount(some[..., k].reshape(-1), minlength=_CODES >> 2) for k in range(3)])
        ).astype(np.uint32),
    }
    best = top.max()
    among = np.where(top == best, most, _F(-np.inf)).reshape(-1)
    place = int(np.argmax(among))
    out |= {"most": float(among[place]), "most_x": area.left + place % area.width}
    out["most_y"] = area.top + place // area.width
    out |= _outside(rgb, top, tables, area)
    inside = _slices(area)
    out |= {"difference": 0, "changed": 0}
    if before is not None:
        change = np.abs(top.astype(np.int32) - before[inside])
        out |= {"difference": int(change.sum(dtype=np.int64)), "changed": int(np.count_nonzero(change))}
    codes[inside] = top
    return out


def _outside(rgb: Codes, top: Codes, tables: Tables, area: Rectangle) -> dict[str, Any]:
    nothing = {"outside": 0, "worst": 0.0, "worst_x": -1, "worst_y": -1}
    if tables.get("least") is None:
        return nothing | {"outside_tiles": np.zeros(_TILES, np.int32)}
    leasts = tables["least"].reshape(3, -1)
    looked = np.logical_or.reduce([rgb[..., k] < leasts[k][top] for k in range(3)])
    light, m = tables["light"], tables["p3"]
    r, g, b = (light[rgb[..., k][looked]] for k in range(3))
    parts = [(m[3 * k] * r + m[3 * k + 1] * g) + m[3 * k + 2] * b for k in range(3)]
    least = np.minimum(np.minimum(parts[0], parts[1]), parts[2])
    whole = light[top[looked]]
    out = least < -np.maximum(_F(0.01), _F(0.002) * whole)
    found = np.zeros(top.shape, np.bool_)
    found[looked] = out
    tiles = _tiles(found)
    told = nothing | {"outside": int(np.count_nonzero(out)), "outside_tiles": tiles}
    # How far is told of what can be seen.
    seen = out & (whole >= 1)
    if not seen.any():
        return told
    share = least[seen] / whole[seen]
    far = np.zeros(top.shape, np.bool_)
    far[looked] = seen
    place = int(np.flatnonzero(far.reshape(-1))[int(np.argmin(share))])
    return told | {
        "worst": float(share.min()),
        "worst_x": area.left + place % area.width,
        "worst_y": area.top + place // area.width,
    }


def _tiles(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    height, width = mask.shape
    rows = np.arange(height) * _TILES[0] // height
    columns = np.arange(width) * _TILES[1] // width
    out = np.zeros(_TILES, np.int32)
    y, x = np.nonzero(mask)
    np.add.at(out, (rows[y], columns[x]), 1)
    return out
