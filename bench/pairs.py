"""SDR/HDR pairs of real HDR stills: the pictures that every figure of the bench is measured on.

The HDR of every pair is what a Rec.2100-PQ master of 16 bits holds: codes, decoded to linear BT.2020 nits.

Scene-referred sources (EXR, Radiance .hdr) have no exposure of their own. Ours: the median luminance of the
pixels above zero becomes 0.14 scene-linear, a little under a grey card. They are read as linear BT.709 unless
an EXR says otherwise. Families:

aces2     SDR: ACES 2.0, 100 nit, Rec.709, BT.1886, 8 bits. HDR: ACES 2.0, 1000 nit, Rec.2020.
bt2446a   the same HDR, clipped at 1000 nit; SDR of it by BT.2446-1 method A, hard-clipped to BT.709, 8 bits.
bt2446c   likewise by method C.
window    aces2 with a local grade on the SDR: a soft elliptic power window, more contrast and less gain.
phone     Ultra HDR photographs: the true SDR base and the HDR of its gain map, both shrunk in linear light.
crop      1024x768 out of the middle of the same photographs at native size: untouched SDR samples.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
from numpy.typing import NDArray

from candela_engines.colour import bt2446, pq, srgb
from candela_engines.colour.gamuts import GAMUTS, apply_matrix, luminance, rgb_to_rgb
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState, Primaries
from candela_engines.errors import CandelaError
from candela_engines.itm.split import is_training_source
from candela_engines.media.ultrahdr import read_ultrahdr
from candela_ocio import candela_config_path, in_force, render

__all__ = [
    "CACHE",
    "FAMILIES",
    "Pair",
    "SkippedError",
    "chosen_sources",
    "exposed",
    "families_of",
    "find_sources",
    "graded",
    "make_pairs",
    "read_scene",
]

SCENE_FAMILIES = ("aces2", "bt2446a", "bt2446c", "window")
PHONE_FAMILIES = ("phone", "crop")
FAMILIES = SCENE_FAMILIES + PHONE_FAMILIES
CACHE = Path(__file__).parent / ".cache"
CROP = (768, 1024)
MEDIAN_EXPOSURE = 0.14
PEAK_NITS = 1000.0

_VERSION = 1  # goes up when a pair would come out differently
_BRIGHTEST = 6e4  # of a half float, and of what a sun in a lat-long map may say
_HDR_VIEW = ("Rec.2100-PQ - Display", "ACES 2.0 - HDR 1000 nits (Rec.2020)")
_SDR_VIEW = ("Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)")


class SkippedError(Exception):
    """A source that gives no pair, with the reason."""


@dataclass(frozen=True)
class Pair:
    """An SDR picture and the HDR master that belongs to it.

    sdr_codes: (H, W, 3) uint8 in sdr_state. hdr_pq: (H, W, 3) uint16, full-range Rec.2100-PQ codes.
    """

    source: str
    family: str
    sdr_codes: NDArray[np.uint8]
    sdr_state: ColourState
    hdr_pq: NDArray[np.uint16]

    @property
    def hdr_nits(self) -> NDArray[np.float32]:
        """The master as (H, W, 3) float32, linear BT.2020, absolute nits."""
        return pq.eotf_codes(self.hdr_pq)

    @cached_property
    def key(self) -> str:
        """Hash of everything a measurement depends on: both pictures and the state."""
        state = json.dumps(self.sdr_state.to_dict(), sort_keys=True)
        digest = hashlib.sha256(f"{self.sdr_codes.shape}{state}".encode())
        digest.update(np.ascontiguousarray(self.sdr_codes))
        digest.update(np.ascontiguousarray(self.hdr_pq))
        return digest.hexdigest()[:24]


def find_sources(folder: Path | str) -> list[Path]:
    """All files of a folder that may hold an HDR still, in the order of their names."""
    return sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in (".exr", ".hdr", ".jpg", ".jpeg"))


def families_of(path: Path) -> tuple[str, ...]:
    """The families that a source can give, by the kind of file."""
    return PHONE_FAMILIES if path.suffix.lower() in (".jpg", ".jpeg") else SCENE_FAMILIES


def chosen_sources(
    folder: Path | str, *, everything: bool = False, limit: int | None = None
) -> tuple[list[Path], list[Path]]:
    """The sources to measure on, and those left to training: all are measured with `everything`.

    limit: at most so many scene-referred sources and so many photographs.
    """
    sources = find_sources(folder)
    training = [] if everything else [path for path in sources if is_training_source(path.name)]
    kept = [path for path in sources if path not in training]
    if limit is not None:
        kinds = [[p for p in kept if families_of(p) == kind] for kind in (SCENE_FAMILIES, PHONE_FAMILIES)]
        kept = sorted(path for kind in kinds for path in kind[:limit])
    return kept, training


def make_pairs(
    path: Path, families: Sequence[str] = FAMILIES, *, max_side: int = 1536, cache: Path | None = CACHE
) -> Iterator[Pair]:
    """The pairs of one source, in the order of FAMILIES; those that it cannot give are left out.

    max_side: scene-referred sources and `phone` are shrunk by whole factors to at most that many pixels a
    side. cache: a folder for what was made before, or None. Raises SkippedError with the reason.
    """
    wanted = [name for name in FAMILIES if name in families and name in families_of(path)]
    if not wanted:
        return
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise SkippedError(f"cannot be read: {error.strerror}") from error
    made: dict[str, Pair] = {}
    for family in wanted:
        size = "" if family == "crop" else f"-{max_side}"
        stored = cache and cache / "pairs" / f"{path.stem}.{family}.{digest}{size}.v{_VERSION}.npz"
        if stored and stored.is_file():
            yield _load(stored, path.name, family)
            continue
        if not made:
            made = {pair.family: pair for pair in _make(path, max_side)}
        if stored:
            _store(stored, made[family])
        yield made[family]


def _make(path: Path, max_side: int) -> Iterator[Pair]:
    if families_of(path) == PHONE_FAMILIES:
        yield from _phone(path, max_side)
    else:
        yield from _rendered(path, max_side)


def _rendered(path: Path, max_side: int) -> Iterator[Pair]:
    state = NAMED["rec709"]
    for family, codes, hdr_pq in graded(exposed(read_scene(path), max_side)):
        yield Pair(path.name, family, codes, state, hdr_pq)


def graded(
    scene: NDArray[np.float32], families: Sequence[str] = SCENE_FAMILIES
) -> Iterator[tuple[str, NDArray[np.uint8], NDArray[np.uint16]]]:
    """Family, SDR codes (`rec709`, 8 bits) and PQ codes (16 bits) of exposed scene-linear BT.709 light."""
    config = in_force(str(candela_config_path()))
    source = "Linear Rec.709 (sRGB)"
    hdr_pq = _quantise(render(config, scene, source=source, display=_HDR_VIEW[0], view=_HDR_VIEW[1]), 16)
    sdr = render(config, scene, source=source, display=_SDR_VIEW[0], view=_SDR_VIEW[1])
    limit = int(np.round(pq.inverse_eotf(np.float64(PEAK_NITS)) * 65535))
    clipped = np.minimum(hdr_pq, limit).astype(np.uint16)
    nits = np.minimum(pq.eotf_codes(clipped).astype(np.float64), PEAK_NITS)
    makers: dict[str, tuple[Callable[[], NDArray], NDArray[np.uint16]]] = {
        "aces2": (lambda: sdr, hdr_pq),
        "bt2446a": (lambda: bt2446.rec709_code(nits, method="a"), clipped),
        "bt2446c": (lambda: bt2446.rec709_code(nits, method="c"), clipped),
        "window": (lambda: _power_window(sdr), hdr_pq),
    }
    for family, (make, master) in makers.items():
        if family in families:
            yield family, _quantise(make(), 8), master


def _power_window(code: NDArray[np.float32]) -> NDArray[np.float32]:
    """A soft ellipse right of the middle: gamma up to 1.35, gain down to 0.75."""
    height, width = code.shape[:2]
    v, u = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = np.hypot((u / width - 0.62) * 1.6, v / height - 0.45)
    mask = (1 / (1 + np.exp(18 * (distance - 0.28))))[..., None]
    return np.asarray(np.clip(code, 0, 1) ** (1 + 0.35 * mask) * (1 - 0.25 * mask), np.float32)


def _phone(path: Path, max_side: int) -> Iterator[Pair]:
    try:
        still, nits = read_ultrahdr(path)
    except CandelaError as error:
        raise SkippedError(str(error).removeprefix(f"{path}: ")) from error
    # Without a profile the base of an Ultra HDR file is sRGB by its format.
    state = still.state or NAMED["srgb"]
    codes = np.asarray(still.codes)
    if codes.dtype != np.uint8 or state.transfer != "srgb":
        raise SkippedError(f"an SDR base of {codes.dtype} in {state.transfer}: 8-bit sRGB is expected")
    light = _shrink(srgb.eotf(codes.astype(np.float32) / 255), max_side)
    shrunk = _quantise(srgb.inverse_eotf(light), 8)
    yield Pair(path.name, "phone", shrunk, state, _quantise(pq.inverse_eotf(_shrink(nits, max_side)), 16))
    top, left = (max(0, (full - part) // 2) for full, part in zip(codes.shape[:2], CROP, strict=True))
    window = np.s_[top : top + CROP[0], left : left + CROP[1]]
    yield Pair(path.name, "crop", codes[window].copy(), state, _quantise(pq.inverse_eotf(nits[window]), 16))


def read_scene(path: Path) -> NDArray[np.float32]:
    """Linear BT.709 light of an EXR or Radiance file, on a relative scale."""
    oiio.geterror()
    source = oiio.ImageInput.open(str(path))
    if source is None:
        # Luminance/chroma EXR files end here: their chroma is subsampled, there is no RGB in them.
        raise SkippedError("; ".join((oiio.geterror() or "cannot be opened").split("\n")))
    try:
        spec = source.spec()
        names = [str(name) for name in spec.channelnames]
        if not {"R", "G", "B"} <= set(names):
            raise SkippedError(f"no RGB: its channels are {', '.join(names)}")
        primaries = _primaries(spec.getattribute("chromaticities"))
        pixels = source.read_image(oiio.FLOAT)
        if pixels is None:
            raise SkippedError(f"damaged: {source.geterror()}")
    finally:
        source.close()
    rgb = np.asarray(pixels, np.float32)[..., [names.index(name) for name in "RGB"]]
    light = np.clip(np.nan_to_num(rgb, nan=0.0, posinf=_BRIGHTEST), 0, _BRIGHTEST)
    # As a camera's own gamut would be cut by a Rec.709 picture file.
    return np.maximum(apply_matrix(light, rgb_to_rgb(primaries, "bt709")), 0)


def _primaries(chromaticities: Sequence[float] | None) -> Primaries:
    if chromaticities is None:
        return "bt709"
    for name, gamut in GAMUTS.items():
        known = (*gamut.red, *gamut.green, *gamut.blue, *gamut.white)
        if np.allclose(chromaticities, known, atol=2e-3):
            return name
    raise SkippedError(f"chromaticities {[round(v, 4) for v in chromaticities]} are of no gamut that we know")


def exposed(scene: NDArray[np.float32], max_side: int) -> NDArray[np.float32]:
    """The scene with the median luminance of its pixels above zero at 0.14, shrunk to `max_side`."""
    scene = _shrink(scene, max_side)
    light = luminance(scene, "bt709")
    if not (light > 0).any():
        raise SkippedError("black all over")
    return np.asarray(scene * np.float32(MEDIAN_EXPOSURE / np.median(light[light > 0])))


def _shrink(light: NDArray[np.float32], max_side: int) -> NDArray[np.float32]:
    """Means of whole blocks, in linear light; up to a block's width is cut at the right and below."""
    step = -(-max(light.shape[:2]) // max_side)
    if step <= 1:
        return light
    height, width = (max(1, size // step) for size in light.shape[:2])
    total = np.zeros((height, width, light.shape[2]), np.float64)
    rows, columns = (min(step, size) for size in light.shape[:2])
    for y in range(rows):
        for x in range(columns):
            total += light[y : height * step : step, x : width * step : step]
    return (total / (rows * columns)).astype(np.float32)


def _quantise(code: NDArray[np.floating], bits: int) -> NDArray:
    top = (1 << bits) - 1
    return np.round(np.clip(np.asarray(code, np.float64), 0, 1) * top).astype(f"u{bits // 8}")


def _store(path: Path, pair: Pair) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = io.BytesIO()
    state = json.dumps(pair.sdr_state.to_dict())
    np.savez(data, sdr=pair.sdr_codes, hdr=pair.hdr_pq, state=np.array(state))
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_bytes(data.getvalue())
    temporary.replace(path)


def _load(path: Path, source: str, family: str) -> Pair:
    with np.load(path) as data:
        state = ColourState.from_dict(json.loads(str(data["state"])))
        return Pair(source, family, data["sdr"], state, data["hdr"])
