"""Options of HDR that is written, of pictures and of shots."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

__all__ = ["Codec", "CodecName", "Compression", "MovieRate", "Resume", "Start", "ViewName"]

_SHOTS = "Shots"


class CodecName(StrEnum):
    """What a movie is encoded with."""

    hevc = "hevc"
    av1 = "av1"
    prores4444 = "prores4444"


class ViewName(StrEnum):
    """What the picture shows."""

    hdr = "hdr"
    confidence = "confidence"


Start = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Number of the first file; default as the clip counts.", rich_help_panel=_SHOTS
    ),
]
Codec = Annotated[
    CodecName | None,
    typer.Option(
        help="Of a movie: hevc or av1 in .mp4 and .mkv, prores4444 or hevc in .mov; default the first.",
        rich_help_panel=_SHOTS,
    ),
]
Compression = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Of .exr in shots: none (default, the fastest), rle, zips, zip, piz, dwaa, dwab.",
        rich_help_panel=_SHOTS,
    ),
]
MovieRate = Annotated[
    str | None,
    typer.Option(
        metavar="FPS",
        help="Frames a second of a movie, where the clip does not say, as 25 or 24000/1001.",
        rich_help_panel=_SHOTS,
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume/--no-resume",
        help="Go on with what an earlier run has finished, which is noted in OUT.candela-job.",
        rich_help_panel=_SHOTS,
    ),
]
