"""The real pictures that training starts from: stills, views of maps, phone photographs, clip frames.

A scene-referred source gives linear BT.709 light, exposed so that the median luminance of its pixels above
zero is 0.14 scene-linear; a display-referred one (gain-map photograph, HDR clip) gives BT.2020 light in nits.
Everything cut from one file has the group of that file (`groups`), and so lies on one side of every split.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from candela_engines.colour import srgb
from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.gamuts import apply_matrix, luminance, rgb_to_rgb
from candela_engines.colour.names import NAMED
from candela_engines.scorer.training.groups import group_of
from candela_engines.scorer.training.pictures import F32, fit_size, generator, shrink_to
from candela_engines.scorer.training.views import view_of

__all__ = ["Picture", "Source", "UnusableError", "find_sources", "load"]

Kind = Literal["still", "view", "phone", "clip"]

MEDIAN_EXPOSURE = 0.14
_BRIGHTEST = 6e4  # of a half float, and of what a sun in a lat-long map may say
_VIEW_SIZE = (288, 512)
_CROP = (512, 1024)
_TAGS = {16: "rec2100-pq", 18: "rec2100-hlg"}  # H.273 transfer characteristics
_CLIP_FRAMES = 2


class UnusableError(Exception):
    """A source that gives no picture, with the reason."""


@dataclass(frozen=True, slots=True)
class Source:
    """One picture to derive from. name: unique, usable as a file name. frame: of a clip, counted from 0."""

    name: str
    path: Path
    kind: Kind
    group: str
    frame: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """What a source holds: `scene` (exposed linear BT.709) or `nits` (BT.2020); own_sdr: BT.709 light."""

    source: Source
    scene: F32 | None = None
    nits: F32 | None = None
    own_sdr: F32 | None = None


def find_sources(data: Path) -> list[Source]:
    """Every source of a folder with `stills` and `clips` in it, wholes first, each part in a mixed order.

    The order is by a hash of the name, so that whatever part is ready when somebody stops is a fair sample.
    """
    wholes: list[Source] = []
    views: list[Source] = []
    for path in sorted((data / "stills").iterdir()):
        suffix = path.suffix.lower()
        if suffix in (".jpg", ".jpeg"):
            wholes.append(Source(path.stem, path, "phone", group_of(path.name)))
        elif suffix in (".exr", ".hdr"):
            wholes.append(Source(path.stem, path, "still", group_of(path.name)))
            views.append(Source(f"{path.stem}@view", path, "view", group_of(path.name)))
    clips = data / "clips"
    for path in sorted(clips.iterdir()) if clips.is_dir() else ():
        if path.suffix.lower() in (".mp4", ".mov", ".h265", ".hevc", ".mkv"):
            wholes += [
                Source(f"{path.stem}@{frame}", path, "clip", group_of(path.name), frame)
                for frame in range(_CLIP_FRAMES)
            ]
    return [*_mixed(wholes), *_mixed(views)]


def _mixed(sources: list[Source]) -> list[Source]:
    return sorted(sources, key=lambda source: generator("order", source.name).integers(1 << 62))


def load(source: Source, *, side: int, native: bool = False) -> Picture:
    """The picture of a source, its longer side at most `side`, in linear light.

    native: pixels as the file has them, larger pictures cut to their middle 1024x512 instead of shrunk.
    Raises UnusableError with the reason.
    """
    if source.kind == "phone":
        return _phone(source, side, native)
    if source.kind == "clip":
        return Picture(source, nits=_sized(_clip_frame(source), side, native))
    scene = _read_scene(source.path)
    exposed = scene * np.float32(_exposure(scene))
    if source.kind == "view":
        if scene.shape[1] != 2 * scene.shape[0]:
            raise UnusableError("not a lat-long map")
        return Picture(source, scene=view_of(exposed, generator("view", source.name), _VIEW_SIZE))
    return Picture(source, scene=_sized(exposed, side, native))


def _sized(light: F32, side: int, native: bool) -> F32:
    height, width = light.shape[:2]
    if native:
        rows, columns = (min(size, part) // 8 * 8 for size, part in zip((height, width), _CROP, strict=True))
        top, left = (height - rows) // 2, (width - columns) // 2
        return np.ascontiguousarray(light[top : top + rows, left : left + columns])
    return shrink_to(light, *fit_size(height, width, side))


def _exposure(scene: F32) -> float:
    light = luminance(scene, "bt709")
    if not (light > 0).any():
        raise UnusableError("black all over")
    return float(MEDIAN_EXPOSURE / np.median(light[light > 0]))


def _read_scene(path: Path) -> F32:
    """Linear BT.709 light on a relative scale, negative light cut, as a Rec.709 file would have it."""
    import OpenImageIO as oiio

    oiio.geterror()
    source = oiio.ImageInput.open(str(path))
    if source is None:
        raise UnusableError("; ".join((oiio.geterror() or "cannot be opened").split("\n")))
    try:
        names = [str(name) for name in source.spec().channelnames]
        if not {"R", "G", "B"} <= set(names):
            # Luminance/chroma EXR files: their chroma is subsampled, there is no RGB in them.
            raise UnusableError(f"no RGB: its channels are {', '.join(names)}")
        pixels = source.read_image(oiio.FLOAT)
        if pixels is None:
            raise UnusableError(f"damaged: {source.geterror()}")
    finally:
        source.close()
    rgb = np.asarray(pixels, np.float32)[..., [names.index(name) for name in "RGB"]]
    return np.clip(np.nan_to_num(rgb, nan=0.0, posinf=_BRIGHTEST), 0, _BRIGHTEST).astype(np.float32)


def _phone(source: Source, side: int, native: bool) -> Picture:
    from candela_engines.errors import CandelaError
    from candela_engines.media.ultrahdr import read_ultrahdr

    try:
        still, nits = read_ultrahdr(source.path)
    except CandelaError as error:
        raise UnusableError(str(error)) from error
    state = still.state or NAMED["srgb"]
    codes = np.asarray(still.codes)
    if codes.dtype != np.uint8 or state.transfer != "srgb":
        raise UnusableError(f"an SDR base of {codes.dtype} in {state.transfer}: 8-bit sRGB is expected")
    light = srgb.eotf(np.arange(256, dtype=np.float32) / 255)[codes]
    base = apply_matrix(_sized(light, side, native), rgb_to_rgb(state.primaries, "bt709"))
    hdr = np.maximum(_sized(nits, side, native), 0)
    return Picture(source, nits=hdr, own_sdr=np.clip(base, 0, 1).astype(np.float32))


def _clip_frame(source: Source) -> F32:
    import av

    try:
        with av.open(str(source.path)) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            if context.color_trc not in _TAGS or context.color_primaries != 9:
                raise UnusableError("neither PQ nor HLG")
            state = NAMED[_TAGS[context.color_trc]]
            frames = list(_spread(container.decode(stream)))
    except (av.FFmpegError, OSError, IndexError) as error:
        raise UnusableError(f"cannot be decoded: {error}") from error
    if source.frame >= len(frames):
        raise UnusableError(f"has no frame for place {source.frame}")
    planes = [_samples(plane) for plane in frames[source.frame].reformat(format="yuv444p10le").planes]
    luma, cb, cr = (planes[0] - 64) / 876, (planes[1] - 512) / 896, (planes[2] - 512) / 896
    red, blue = luma + 1.4746 * cr, luma + 1.8814 * cb
    green = (luma - 0.2627 * red - 0.0593 * blue) / 0.6780
    codes = np.clip(np.stack([red, green, blue], axis=-1), 0, 1)
    return np.maximum(np.asarray(to_nits_rec2020(codes, state), np.float32), 0)


def _spread(frames: Iterator[Any]) -> Iterator[Any]:
    """The first frame and the last, of what is decoded of the first 60; one alone if there is one."""
    last = None
    for number, frame in enumerate(frames):
        if number == 0:
            yield frame
        elif number >= 60:
            break
        else:
            last = frame
    if last is not None:
        yield last


def _samples(plane: Any) -> F32:
    rows = np.frombuffer(plane, "<u2").reshape(plane.height, -1)
    return rows[:, : plane.width].astype(np.float32)
