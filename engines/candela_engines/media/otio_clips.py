"""What an OpenTimelineIO clip shows: which media, from which frame, how fast."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from candela_engines.errors import InputError
from candela_engines.media.otio_times import range_in, rate_in
from candela_engines.media.sequence_names import FrameName, is_pattern
from candela_engines.media.timeline_layers import Source
from candela_engines.media.timeline_urls import frames_named, media_path

__all__ = ["clip_source"]

_MOST_SPEED = 10_000


def clip_source(
    clip: Any, event: str, where: str, rate: Fraction, folder: Path, *, bundle: bool
) -> Source | None:
    """The source of a clip on a timeline of `rate`; None for a generator. Errors name `where`."""
    reference = clip.media_reference
    kind = type(reference).__name__
    if kind == "GeneratorReference":
        return None
    available = getattr(reference, "available_range", None)
    times = clip.source_range or available
    if times is None:
        raise InputError(f"{where}: neither the clip nor its media says which frames it shows")
    media_rate = rate_in((available or times).start_time, where)
    if kind == "ImageSequenceReference":
        media_rate = rate_in(reference, where)
    speed = _speed(clip, where)
    start, duration = range_in(times, media_rate, where)
    begin, length = (None, None) if available is None else range_in(available, media_rate, where)
    position = start if begin is None else start - begin
    if speed < 0:
        # Backwards from the last of the frames that it covers.
        position += max(0, math.ceil(duration * -speed) - 1)
    source = Source(
        name=str(clip.name or ""),
        event=event,
        start=position,
        step=speed * media_rate / rate,
        speed=speed,
        counting="timecode" if begin is None else "first",
        available=None if length is None else (0, math.ceil(length) - 1),
        reel=_reel(clip, reference),
        files=(str(clip.name),) if clip.name else (),
        notes=_notes(speed, media_rate, rate),
    )
    if kind == "ImageSequenceReference":
        return _of_sequence(source, reference, folder)
    return _of_file(source, reference, folder, bundle=bundle)


def _speed(clip: Any, where: str) -> Fraction:
    speed = Fraction(1)
    for effect in clip.effects:
        kind = type(effect).__name__
        if not getattr(effect, "enabled", True):
            continue
        if kind in ("LinearTimeWarp", "FreezeFrame"):
            scalar = float(effect.time_scalar)
            if not math.isfinite(scalar) or abs(scalar) > _MOST_SPEED:
                raise InputError(f"{where}: a speed of {scalar:g}; it is damaged")
            near = Fraction(scalar).limit_denominator(100_000)
            speed *= near if math.isclose(float(near), scalar, rel_tol=1e-12) else Fraction(scalar)
        elif kind == "TimeEffect" or hasattr(effect, "time_scalar"):
            raise InputError(f"{where}: a {kind}, whose speed is not known; render the clip before exporting")
    return speed


def _notes(speed: Fraction, media_rate: Fraction, rate: Fraction) -> tuple[str, ...]:
    notes = []
    if speed == 0:
        notes.append("a freeze frame")
    elif speed < 0:
        notes.append("plays backwards")
    if media_rate != rate:
        notes.append(f"media of {float(media_rate):.6g} in a timeline of {float(rate):.6g} frames a second")
    return tuple(notes)


def _reel(clip: Any, reference: Any) -> str | None:
    """Where EDL adapters keep it, in the metadata of the clip or of its media."""
    for owner in (clip, reference):
        edl = None if owner is None else owner.metadata.get("cmx_3600")
        reel = edl["reel"] if edl is not None and hasattr(edl, "keys") and "reel" in edl else None
        if isinstance(reel, str) and reel:
            return reel
    return None


def _of_sequence(source: Source, reference: Any, folder: Path) -> Source:
    """Frames as the files are numbered: start_frame, then every frame_step-th."""
    first, every = int(reference.start_frame), max(1, int(reference.frame_step))
    digits = min(max(1, int(reference.frame_zero_padding)), 20)
    name = FrameName(Path(), str(reference.name_prefix), str(reference.name_suffix), digits).text
    base = str(reference.target_url_base or "")
    path = media_path(f"{base.rstrip('/')}/{name}" if base else name, folder)
    available = source.available
    source = replace(source, media=path, files=(name, *source.files))
    if available is None:
        return source
    return replace(
        source,
        start=source.start * every + first,
        step=source.step * every,
        counting="numbers",
        available=(first, first + available[1] * every),
    )


def _of_file(source: Source, reference: Any, folder: Path, *, bundle: bool) -> Source:
    url = str(getattr(reference, "target_url", "") or "")
    if not url:
        note = "names no media" if type(reference).__name__ != "MissingReference" else "its media is missing"
        return replace(source, notes=(*source.notes, note))
    path = media_path(url, folder)
    files = (url.replace("\\", "/").rsplit("/", 1)[-1], *source.files)
    if path is None:
        return replace(
            source, files=files, notes=(*source.notes, f"names media that is no file: {url[:120]}")
        )
    if bundle:
        note = "its media is inside the bundle; unpack it and give the folder"
        return replace(source, files=files, notes=(*source.notes, note))
    count = 1 if source.available is None else source.available[1] + 1
    path, first = frames_named(path, count)
    source = replace(source, media=path, files=files)
    if source.available is None:
        return source
    if first is None:
        return source if is_pattern(path) else replace(source, counting="numbers")
    available = (first, first + source.available[1])
    return replace(source, start=source.start + first, counting="numbers", available=available)
