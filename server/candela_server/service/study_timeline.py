"""A rater's trials as a timeline for a host: two clips a trial, named by it, with a second of black
between.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from candela_engines.media.open_clip import open_clip
from candela_engines.media.timeline_otio import otio_module
from candela_server.service.clip_kind import kind_of_name
from candela_server.service.versions import Version

__all__ = ["timeline_of"]

_RATE, _STILL_SECONDS = 24.0, 6.0
_PATTERN = re.compile(r"^(?P<prefix>.*?)(?P<pad>#+|%0?(?P<digits>\d*)d)(?P<suffix>\.[^.]+)$")


def timeline_of(name: str, trials: Sequence[tuple[str, str, Version, Version]]) -> bytes:
    """An .otio file: `001 first`, `001 second`, a gap, … Names of conditions are not in it.

    Raises what the readers of clips raise.
    """
    otio = otio_module()
    track = otio.schema.Track("study", kind=otio.schema.TrackKind.Video)
    known: dict[Path, Any] = {}
    for number, (_, _, first, second) in enumerate(trials, 1):
        for version, which in ((first, "first"), (second, "second")):
            if version.file not in known:
                known[version.file] = _media(otio, version)
            reference, span = known[version.file]
            track.append(otio.schema.Clip(f"{number:03} {which}", reference.clone(), span))
        length = otio.opentime.TimeRange(duration=otio.opentime.RationalTime(_RATE, _RATE))
        track.append(otio.schema.Gap(source_range=length))
    timeline = otio.schema.Timeline(name)
    timeline.tracks.append(track)
    return str(timeline.to_json_string(indent=2)).encode()


def _media(otio: Any, version: Version) -> tuple[Any, Any]:
    """Its media reference, and the range to play: a still six seconds, a clip whole."""
    time, span = otio.opentime.RationalTime, otio.opentime.TimeRange
    path = version.file.absolute()
    if kind_of_name(version.file) != "clip":
        length = span(time(0, _RATE), time(_STILL_SECONDS * _RATE, _RATE))
        return otio.schema.ExternalReference(path.as_uri(), length), length
    with open_clip(str(version.file), colour=None) as clip:
        info = clip.info
        rate = float(info.rate) if info.rate else _RATE
        frames = info.last - info.first + 1
    found = _PATTERN.match(path.name)
    if found is None:
        length = span(time(0, rate), time(frames, rate))
        return otio.schema.ExternalReference(path.as_uri(), length), length
    length = span(time(info.first, rate), time(frames, rate))
    padding = int(found["digits"] or 0) if found["digits"] is not None else len(found["pad"])
    reference = otio.schema.ImageSequenceReference(
        target_url_base=path.parent.as_uri() + "/", name_prefix=found["prefix"], name_suffix=found["suffix"],
        start_frame=info.first, frame_step=1, rate=rate, frame_zero_padding=padding, available_range=length,
    )  # fmt: skip
    return reference, length
