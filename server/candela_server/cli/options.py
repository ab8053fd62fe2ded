"""Options that commands share, and the settings that come of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "EffortName",
    "File",
    "Frames",
    "HdrColour",
    "HdrMatrix",
    "HdrOffset",
    "HdrRange",
    "JsonFlag",
    "ModelName",
    "Ocio",
    "Out",
    "QuietFlag",
    "RangeName",
    "SdrColour",
    "SdrMatrix",
    "SdrRange",
    "Settings",
    "refuse_flags",
    "refuse_sidecar",
    "settings",
]


class EffortName(StrEnum):
    """How long the fit may look for a better picture."""

    fast = "fast"
    normal = "normal"
    best = "best"


class ModelName(StrEnum):
    """Network architectures by name."""

    default = "default"
    paper = "paper"
    gamma = "gamma"


class RangeName(StrEnum):
    """Whether codes are full range, or narrow as in video (64 to 940 of 10 bit)."""

    full = "full"
    narrow = "narrow"


# readable=False: what is wrong with a path is ours to say, in our words and with our exit codes.
File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        readable=False,
        help="What carries its HDR: a still, a movie, a pattern such as shot.####.exr, or a folder.",
    ),
]
Out = Annotated[
    Path,
    typer.Option(
        "-o",
        "--out",
        metavar="OUT",
        readable=False,
        help="What to write: a file, of a sequence a pattern or a folder; it may be FILE itself.",
    ),
]
HdrColour = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=(
            "What the master's numbers mean, where its tags do not say it: rec2100-pq, rec2100-hlg, "
            "p3-pq, linear-rec2020 (1.0 = 1 nit) or any OCIO colour space."
        ),
    ),
]
HdrRange = Annotated[
    RangeName | None,
    typer.Option(help="Range of the master's codes, as for --sdr-range; else as its tags say, or full."),
]
SdrColour = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=(
            "What SDR's numbers mean, where its tags do not say it: rec709 (BT.1886), srgb, rec2020, "
            "display-p3, p3-gamma26 or any OCIO colour space."
        ),
    ),
]
SdrRange = Annotated[
    RangeName | None,
    typer.Option(
        help=(
            "Range of SDR's codes: narrow is 16 to 235 of 8 bit, 64 to 940 of 10 bit; else as its tags "
            "say, or full."
        )
    ),
]
_SHOTS = "Shots"
Frames = Annotated[
    str | None,
    typer.Option(
        metavar="A-B",
        help="Of shots: only these frames, both included, as 1001-1100.",
        rich_help_panel=_SHOTS,
    ),
]
HdrOffset = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Of shots: a frame's master has its number and N on top; else by the clips' own numbers.",
        rich_help_panel=_SHOTS,
    ),
]
SdrMatrix = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Matrix of SDR's Y'CbCr, where its tags do not say it: bt709, bt601, bt2020nc, rgb, ycgco.",
        rich_help_panel=_SHOTS,
    ),
]
HdrMatrix = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="The same of the master's Y'CbCr; as --sdr-matrix.", rich_help_panel=_SHOTS
    ),
]
Media = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR",
        readable=False,
        help="Folder with the media of a timeline, else beside and below it; several may be given.",
        rich_help_panel=_SHOTS,
    ),
]
Ocio = Annotated[
    str | None,
    typer.Option(
        metavar="CONFIG", help="OCIO config for colour names; default $OCIO, else the one that comes with it."
    ),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document, numbers bare.")]
QuietFlag = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only, and no progress.")]


@dataclass(frozen=True)
class Settings:
    """Global options; each may stand before the command or after it."""

    json: bool = False
    quiet: bool = False
    ocio: str | None = None
    sidecar: str | None = None


def settings(context: typer.Context, json: bool, quiet: bool, ocio: str | None = None) -> Settings:
    """What was said before the command and after it, together."""
    above = context.obj if isinstance(context.obj, Settings) else Settings()
    return Settings(above.json or json, above.quiet or quiet, ocio or above.ocio, above.sidecar)


def refuse_sidecar(said: Settings, what: str) -> None:
    """Raise InputError for a command or option that no sidecar knows."""
    if said.sidecar is not None:
        from candela_engines.errors import InputError

        raise InputError(f"{what} is not done by a sidecar; run it without --sidecar")


def refuse_timeline(file: Path) -> None:
    """Raise InputError for a timeline where something that carries HDR itself is asked for."""
    from candela_server.service.clip_kind import kind_of_name

    if kind_of_name(file) == "timeline":
        from candela_engines.errors import InputError

        raise InputError(
            f"{file}: is a timeline, which carries no HDR itself; give one of its media as embed wrote it. "
            "candela shots lists what the timeline shows"
        )


def refuse_flags(file: Path, given: dict[str, object], what: str, of: str) -> None:
    """Raise InputError for options that are no use with a file. given: by flag; None, False say nothing."""
    flags = [flag for flag, said in given.items() if said is not None and said is not False]
    if flags:
        from candela_engines.errors import InputError

        raise InputError(f"{file}: {what}; {', '.join(flags)}: only for {of}; leave it out")
