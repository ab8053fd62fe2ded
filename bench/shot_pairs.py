"""SDR/HDR shots: camera moves over lat-long maps, and the HDR clips there are.

Families and grades are those of `bench.pairs` (aces2, bt2446a, bt2446c, window); exposure is set once a shot,
by the whole map, so that it does not follow the camera. Every map has one move of `bench.camera`, by a hash
of its name. Real clips give `bt2446a` and `bt2446c`: their HDR clipped at 1000 nit, and SDR made of it.
Sources that training may use (`candela_engines.itm.split`) are left out unless they are asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import camera
from bench.pairs import (
    PEAK_NITS,
    SCENE_FAMILIES,
    SkippedError,
    _quantise,
    _shrink,
    exposed,
    families_of,
    find_sources,
    graded,
    read_scene,
)
from candela_engines.colour import bt2446, pq
from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.gamuts import luminance
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.itm.split import is_training_source

__all__ = [
    "CLIP_FAMILIES",
    "Frame",
    "ShotPair",
    "clip_nits",
    "is_latlong",
    "map_of",
    "move_of",
    "shots",
    "start_of",
]

CLIP_FAMILIES = ("bt2446a", "bt2446c")
Frame = tuple[NDArray[np.uint8], NDArray[np.float32]]

_MAP_SIDE = 2048
_TAGS = {16: "rec2100-pq", 18: "rec2100-hlg"}  # H.273 transfer characteristics


@dataclass(frozen=True)
class ShotPair:
    """A shot with its HDR master. name: `source/move` or the clip's file. rate: frames a second.

    frames(): pairs of SDR codes, (H, W, 3) uint8 in sdr_state, and the master, (H, W, 3) float32 linear
    BT.2020 nits. It starts anew with every call, holds one frame at a time and gives the same every time.
    """

    name: str
    source: str
    family: str
    size: tuple[int, int]
    count: int
    rate: float
    make: Callable[[], Iterator[Frame]]
    sdr_state: ColourState = NAMED["rec709"]

    def frames(self) -> Iterator[Frame]:
        """The frames in order."""
        return self.make()


def shots(
    data: Path | str,
    *,
    size: tuple[int, int] = (512, 288),
    count: int = 48,
    families: Sequence[str] = SCENE_FAMILIES,
    moves: Sequence[str] | None = None,
    everything: bool = False,
    limit: int | None = None,
    clips: bool = True,
    clip_width: int = 960,
) -> Iterator[ShotPair]:
    """The shots of a folder with `stills` and `clips` in it (or of a folder with stills alone), maps first.

    moves: those of `camera.MOVES` to be made of every map; by default one, by a hash of the map's name.
    everything: also what training may use. limit: at most so many maps, and so many clips. clip_width: clips
    are shrunk in linear light, by a whole factor, until they are no wider and no higher.
    """
    folder = Path(data)
    stills = folder / "stills" if (folder / "stills").is_dir() else folder
    maps = [path for path in find_sources(stills) if _wanted(path, everything) and is_latlong(path)]
    for path in maps[:limit]:
        for move in moves or (move_of(path.name),):
            for family in families:
                make = _moved(path, move, family, size, count)
                yield ShotPair(f"{path.stem}/{move}", path.name, family, size, count, 24.0, make)
    if clips and (folder / "clips").is_dir():
        found = [path for path in sorted((folder / "clips").iterdir()) if _wanted(path, everything)]
        yield from _clips(found, [f for f in families if f in CLIP_FAMILIES], limit, clip_width)


def is_latlong(path: Path) -> bool:
    """Whether a source is a map of the whole sphere: scene-referred and twice as wide as high."""
    if families_of(path) != SCENE_FAMILIES:
        return False
    try:
        height, width = read_scene(path).shape[:2]
    except SkippedError:
        return False
    return width == 2 * height and width >= 512


def map_of(path: Path) -> NDArray[np.float32]:
    """A map in linear BT.709 light, exposed; (H, W, 3) float32."""
    return exposed(read_scene(path), _MAP_SIDE)


def move_of(name: str) -> str:
    """The move that a source has when none is asked for: any but a locked camera."""
    moves = tuple(move for move in camera.MOVES if move != "hold")
    return moves[_number(name, "move") % len(moves)]


def start_of(scene: NDArray[np.float32], name: str, turn: int = 0) -> camera.Pose:
    """Where the camera begins: the most contrasty of a few directions that the name draws.

    turn: another direction of the same map.
    """
    rng = np.random.default_rng(_number(name, f"start{turn}"))
    poses = [camera.Pose(float(yaw), float(rng.uniform(-12, 12))) for yaw in rng.uniform(-180, 180, 5)]
    seen = [luminance(next(camera.views(scene, [pose], (64, 36))), "bt709") for pose in poses]
    return poses[int(np.argmax([np.log2(light + 1e-3).std() for light in seen]))]


def _moved(
    path: Path, move: str, family: str, size: tuple[int, int], count: int
) -> Callable[[], Iterator[Frame]]:
    def make() -> Iterator[Frame]:
        scene = map_of(path)
        poses = camera.path_of(move, count, start_of(scene, path.name))
        for light in camera.views(scene, poses, size):
            for _, codes, hdr_pq in graded(light, (family,)):
                yield codes, pq.eotf_codes(hdr_pq)

    return make


def _clips(
    paths: Sequence[Path], families: Sequence[str], limit: int | None, width: int
) -> Iterator[ShotPair]:
    given = 0
    for path in paths:
        if given == limit:
            return
        try:
            size, count, rate = _measured(path, width)
        except SkippedError:
            continue
        given += 1
        for family in families:
            yield ShotPair(path.stem, path.name, family, size, count, rate, _decoded(path, family, width))


def _decoded(path: Path, family: str, width: int) -> Callable[[], Iterator[Frame]]:
    def make() -> Iterator[Frame]:
        for nits in clip_nits(path, width):
            master = np.clip(nits, 0, PEAK_NITS)
            # As a PQ master of 16 bits holds it, like every other master of the bench.
            master = pq.eotf_codes(_quantise(pq.inverse_eotf(master), 16))
            method = "a" if family == "bt2446a" else "c"
            held = np.minimum(master.astype(np.float64), PEAK_NITS)
            yield _quantise(bt2446.rec709_code(held, method=method), 8), master

    return make


def clip_nits(path: Path, width: int = 960) -> Iterator[NDArray[np.float32]]:
    """The frames of a PQ or HLG movie as (H, W, 3) float32 linear BT.2020 nits, shrunk to `width` a side.

    Raises SkippedError for anything but a movie tagged with PQ or HLG and BT.2020.
    """
    with _opened(path) as (container, stream, state):
        for frame in container.decode(stream):
            # swscale brings the chroma up; the matrix is ours, in float and unclipped.
            planes = [_samples(plane) for plane in frame.reformat(format="yuv444p10le").planes]
            luma, cb, cr = (planes[0] - 64) / 876, (planes[1] - 512) / 896, (planes[2] - 512) / 896
            red, blue = luma + 1.4746 * cr, luma + 1.8814 * cb
            green = (luma - 0.2627 * red - 0.0593 * blue) / 0.6780
            codes = np.stack([red, green, blue], axis=-1)
            yield _shrink(np.asarray(to_nits_rec2020(np.clip(codes, 0, 1), state), np.float32), width)


def _samples(plane: Any) -> NDArray[np.float32]:
    rows = np.frombuffer(plane, "<u2").reshape(plane.height, -1)
    return rows[:, : plane.width].astype(np.float32)


class _opened:
    """An opened movie that is sure to be closed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> tuple[Any, Any, ColourState]:
        import av

        try:
            self._container = av.open(str(self._path))
        except (av.FFmpegError, OSError) as error:
            raise SkippedError(f"cannot be opened: {error}") from error
        streams = self._container.streams.video
        if not streams:
            self._container.close()
            raise SkippedError("no picture in it")
        context = streams[0].codec_context
        if context.color_trc not in _TAGS or context.color_primaries != 9:
            self._container.close()
            raise SkippedError("neither PQ nor HLG")
        return self._container, streams[0], NAMED[_TAGS[context.color_trc]]

    def __exit__(self, *_: object) -> None:
        self._container.close()


def _measured(path: Path, width: int) -> tuple[tuple[int, int], int, float]:
    with _opened(path) as (container, stream, _):
        count = sum(1 for _ in container.decode(stream))
        context = stream.codec_context
        step = max(1, -(-max(context.width, context.height) // width))
        return (context.width // step, context.height // step), count, float(stream.average_rate or 24)


def _wanted(path: Path, everything: bool) -> bool:
    return path.is_file() and (everything or not is_training_source(path.name))


def _number(name: str, what: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{what}:{name}".encode()).digest()[:4], "big")
