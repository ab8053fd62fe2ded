"""Resolve as a double, with a timeline; and stills as it writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tests.host_doubles.resolve_double import (
    ResolveDouble,
    Timeline,
    TimelineItem,
)


def cut(*items: tuple[str, int, int, int, Any], **settings: str) -> tuple[ResolveDouble, Timeline]:
    """A timeline from 01:00:00:00 on. items: name, start after its begin, length, left offset, media."""
    resolve = ResolveDouble()
    assert resolve.project_ is not None
    timeline = Timeline(resolve.project_, "cut")
    timeline.settings_.update(settings)
    for name, start, length, left, media in items:
        timeline.tracks_[0].append(TimelineItem(resolve.project_, name, 86400 + start, length, left, media))
    resolve.project_.timeline_ = timeline
    return resolve, timeline


RESULT = {
    "meaning": "faults",
    "shots": [
        {
            "first": 7, "last": 54, "score": 3.25,
            "reasons": [
                {"class": "violation", "kind": "highlights_clipped", "text": "clip at 150 nit", "frames":
                [20, 30]}, {"class": "deviation", "kind": "hue", "text": "redder", "frames": []},
                {"class": "abstained", "kind": "noise", "text": "too small", "frames": []},
            ],
        }
    ],
}  # fmt: skip


def tiff(path: Path, codes: np.ndarray) -> bytes:
    """As Resolve writes stills."""
    import OpenImageIO as oiio

    height, width = codes.shape[:2]
    out = oiio.ImageOutput.create(str(path))
    out.open(str(path), oiio.ImageSpec(width, height, 3, str(codes.dtype).replace("float32", "float")))
    out.write_image(codes)
    out.close()
    return path.read_bytes()
