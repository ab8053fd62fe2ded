"""Reels of known cuts: camera moves over maps, real clips and drawn shots, joined and spoilt in known ways.

A reel is fourteen shots of one side's sources (`candela_engines.itm.split`: tuning or held out), 192x108, SDR
codes of 8 bits. Joins: hard cuts (half of them), dissolves of 8 to 48 frames, dips to black and to white,
cuts through a black slug. Inside shots, none of them a cut: flashes, strobes, grade pops, camera shake, whip
pans, an object close to the lens, mattes that come or go, grain. Some cuts join two directions of one map
under one grade, and some shots last two frames. Everything follows from the reel's number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bench import camera
from bench.cut_spoil import spoil
from bench.pairs import SkippedError, find_sources
from bench.shot_pairs import clip_nits, is_latlong, map_of, start_of
from candela_engines.colour import bt2446
from candela_engines.itm.split import is_training_source
from candela_ocio import candela_config_path, in_force, render

__all__ = ["SIZE", "Event", "Reel", "Sources", "make_reel", "sources_of"]

SIZE = (192, 108)
SHOTS = 14

Codes = NDArray[np.float32]
Kind = Literal["cut", "dissolve", "fade", "pop"]
_VIEW = ("Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)")


@dataclass(frozen=True)
class Event:
    """A join, or a pop. first: of the new shot for a cut or pop; first..last: the mixed frames otherwise."""

    kind: Kind
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Reel:
    """frames: (T, 108, 192, 3) uint8. events in order. spoilt: what was put into shots, for the report."""

    number: int
    frames: NDArray[np.uint8]
    events: tuple[Event, ...]
    spoilt: dict[str, int]


@dataclass(frozen=True)
class Sources:
    """What one side may use."""

    maps: tuple[Path, ...]
    clips: tuple[Path, ...]


def sources_of(data: Path, *, tuning: bool) -> Sources:
    """The sources of the side that tunes, or of the side that is held out."""
    maps = [
        p for p in find_sources(data / "stills") if is_training_source(p.name) == tuning and is_latlong(p)
    ]
    clips = []
    for path in sorted((data / "clips").iterdir()):
        if is_training_source(path.name) == tuning:
            try:
                next(clip_nits(path, 960))
            except (SkippedError, StopIteration):
                continue
            clips.append(path)
    return Sources(tuple(maps), tuple(clips))


def make_reel(sources: Sources, number: int, count: int = SHOTS) -> Reel:
    """The reel of that number, of `count` shots."""
    rng = np.random.default_rng([number, len(sources.maps)])
    frames: list[Codes] = []
    events: list[Event] = []
    spoilt: dict[str, int] = {}
    previous: Path | None = None
    yaw: list[float] = []  # where the camera looked last, for two shots of one map
    for index in range(count):
        join = _join(rng) if index else "start"
        length = 0 if join in ("start", "cut", "slug") else int(rng.integers(8, 49))
        count = int(
            rng.choice([2, 3, 5, 10, 20, 30, 40, 60], p=[0.08, 0.06, 0.06, 0.15, 0.2, 0.2, 0.15, 0.1])
        )
        path = previous if previous in sources.maps and rng.random() < 0.2 else _pick(sources, rng)
        while path == previous and path in sources.clips:  # two parts of one shot are no cut
            path = _pick(sources, rng)
        if path != previous:
            yaw.clear()
        shot = _shot(path, count + length + (12 if length else 0), rng, yaw)
        previous = path
        pops = spoil(shot, length, rng, spoilt) if len(shot) - length >= 14 else []
        start = _joined(frames, shot, join, length, events, rng)
        events += [Event("pop", start + at, start + at) for at in pops]
    return Reel(
        number, np.round(np.clip(np.stack(frames), 0, 1) * 255).astype(np.uint8), tuple(events), spoilt
    )


def _join(rng: np.random.Generator) -> str:
    return str(rng.choice(["cut", "dissolve", "black", "white", "slug"], p=[0.58, 0.24, 0.08, 0.03, 0.07]))


def _joined(
    frames: list[Codes],
    shot: list[Codes],
    join: str,
    length: int,
    events: list[Event],
    rng: np.random.Generator,
) -> int:
    """Puts the shot behind the frames; returns the number that its frame 0 has, or would have had."""
    end = len(frames)
    length = min(length, end - events[-1].last - 3 if events else end - 2)
    if join == "slug":
        frames += [np.zeros_like(shot[0])] * int(rng.integers(4, 30))
        events += [Event("cut", end, end), Event("cut", len(frames), len(frames))]
    elif join == "dissolve" and length >= 8:
        # Pure pictures at both ends: the first and last mixed frames are a step away from them.
        for i in range(length):
            share = np.float32((i + 1) / (length + 1))
            frames[end - length + i] = frames[end - length + i] * (1 - share) + shot[i] * share
        events.append(Event("dissolve", end - length, end - 1))
        frames += shot[length:]
        return end - length
    elif join in ("black", "white") and length >= 8:
        colour = np.float32(join == "white")
        half = length // 2
        for i in range(half):
            share = np.float32((i + 1) / half)
            frames[end - half + i] = frames[end - half + i] * (1 - share) + colour * share
        for i in range(half):
            share = np.float32((i + 1) / (half + 1))
            shot[i] = colour * (1 - share) + shot[i] * share
        events.append(Event("fade", end - half, end + half - 1))
    elif join != "start":
        events.append(Event("cut", end, end))
    start = len(frames)
    frames += shot
    return start


def _pick(sources: Sources, rng: np.random.Generator) -> Path | None:
    drawn = rng.random()
    if drawn < 0.12:
        return None
    if drawn < 0.27 and sources.clips:
        return sources.clips[int(rng.integers(len(sources.clips)))]
    return sources.maps[int(rng.integers(len(sources.maps)))]


def _shot(path: Path | None, count: int, rng: np.random.Generator, yaw: list[float]) -> list[Codes]:
    if path is None:
        return _drawn(count, rng)
    same = False
    if path.suffix.lower() not in (".hdr", ".exr"):
        clip = _clip(path)
        begin = int(rng.integers(max(1, len(clip) - count + 1)))
        swing = [*clip, *clip[-2:0:-1]]
        shot = [swing[(begin + i) % len(swing)] for i in range(count)]
    else:
        same = bool(yaw)
        shot = _moved(path, count, rng, yaw)
    grain = float(rng.choice([0, 0, 0.01, 0.03]))
    contrast, warmth = (1.0, np.float32(1)) if same else (rng.uniform(0.8, 1.3), rng.uniform(0.92, 1.08, 3))
    return [
        (frame ** np.float32(contrast) * warmth + grain * rng.standard_normal(frame.shape)).astype(np.float32)
        for frame in shot
    ]


def _moved(path: Path, count: int, rng: np.random.Generator, yaw: list[float]) -> list[Codes]:
    """yaw: none, or where the last shot of this map ended; this one begins 40 degrees from there or more."""
    scene = _map(path)
    while True:
        pose = start_of(scene, path.name, int(rng.integers(1000)))
        if not yaw or abs((pose.yaw - yaw[0] + 180) % 360 - 180) > 40:
            break
    pose = replace(pose, fov=float(rng.uniform(35, 85)))
    move = str(
        rng.choice([*camera.MOVES, "handheld", "shake"] if count >= 12 else ["hold", "pan", "handheld"])
    )
    if move == "shake":
        poses = camera.handheld(
            count, pose, degrees=float(rng.uniform(1.5, 4)), seed=int(rng.integers(1 << 30))
        )
        jolts = rng.normal(0, 1.2, (count, 2))
        poses = tuple(
            replace(p, yaw=p.yaw + float(a), pitch=p.pitch + float(b))
            for p, (a, b) in zip(poses, jolts, strict=True)
        )
    elif move == "pan":
        poses = camera.pan(count, pose, degrees=float(rng.choice([-1, 1]) * rng.uniform(0.2, 2.5)) * count)
    elif move == "whip":
        poses = camera.whip(count, pose, degrees=float(rng.uniform(60, 150)), frames=int(rng.integers(5, 14)))
    elif move == "tilt":
        poses = camera.tilt(
            count, pose, degrees=float(rng.choice([-1, 1]) * min(25, rng.uniform(0.1, 1) * count))
        )
    else:
        poses = camera.path_of(move, count, pose)
    yaw[:] = [poses[-1].yaw]
    plain = rng.random() < 0.6
    shot = []
    for i, light in enumerate(camera.views(scene, poses, SIZE)):
        before = poses[max(0, i - 1)]
        if abs(poses[i].yaw - before.yaw) > 3:
            # A shutter of half a frame smears what is that fast.
            between = [
                replace(before, yaw=before.yaw + (poses[i].yaw - before.yaw) * (0.5 + k / 10))
                for k in range(5)
            ]
            light = np.mean([light, *camera.views(scene, between, SIZE)], axis=0, dtype=np.float32)
        shot.append(_plain(light) if plain else _aces(light))
        if move == "hold":
            return shot * count
    return shot


def _plain(light: Codes) -> Codes:
    return np.asarray((1 - np.exp(-light * 1.2)) ** np.float32(1 / 2.2), np.float32)


def _aces(light: Codes) -> Codes:
    config = in_force(str(candela_config_path()))
    return render(config, light, source="Linear Rec.709 (sRGB)", display=_VIEW[0], view=_VIEW[1])


def _drawn(count: int, rng: np.random.Generator) -> list[Codes]:
    """Coloured discs that move over a ramp, as animation does."""
    v, u = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32) / SIZE[1]
    a, b = rng.uniform(0, 1, (2, 3))
    ground = (a + (b - a) * (u * rng.uniform(0, 0.6) + v * rng.uniform(0, 0.6))[..., None]).astype(np.float32)
    discs = [
        (
            rng.uniform(0, 1.8),
            rng.uniform(0, 1),
            rng.uniform(0.05, 0.3),
            rng.normal(0, 0.02, 2),
            rng.uniform(0, 1, 3),
        )
        for _ in range(int(rng.integers(2, 9)))
    ]
    shot = []
    for i in range(count):
        frame = ground.copy()
        for x, y, radius, (dx, dy), colour in discs:
            frame[np.hypot(u - x - dx * i, v - y - dy * i) < radius] = colour
        shot.append(frame)
    return shot


@lru_cache(maxsize=64)
def _map(path: Path) -> Codes:
    return map_of(path)


@lru_cache(maxsize=16)
def _clip(path: Path) -> list[Codes]:
    """A clip in SDR codes, cut to 16:9 in the middle, by whole blocks."""
    found = []
    for nits in clip_nits(path, 960):
        height, width = nits.shape[:2]
        step = max(1, min(width // SIZE[0], height // SIZE[1]))
        rows, columns = SIZE[1] * step, SIZE[0] * step
        if height < rows or width < columns:
            rows, columns, step = SIZE[1], SIZE[0], 1
        y, x = (height - rows) // 2, (width - columns) // 2
        part = nits[y : y + rows, x : x + columns].reshape(SIZE[1], step, SIZE[0], step, 3).mean(axis=(1, 3))
        code = bt2446.rec709_code(np.clip(part, 0, 1000).astype(np.float64), method="a")
        found.append(np.clip(np.asarray(code, np.float32), 0, 1))
    return found
