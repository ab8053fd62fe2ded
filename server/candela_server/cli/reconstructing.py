"""candela reconstruct: of a still, or of a movie or a sequence."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candela_server.cli.options import JsonFlag, Ocio, QuietFlag, RangeName, refuse_timeline, settings
from candela_server.cli.options_written import Codec, Compression, MovieRate, Resume, Start, ViewName
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar

if TYPE_CHECKING:
    from candela_server.cli.options import Settings
    from candela_server.service import ReconstructClipRequest, ReconstructRequest

__all__ = ["reconstruct"]

_SHOTS = "Shots"


class MissingName(StrEnum):
    """What is done about frames that no shot covers."""

    fail = "fail"
    sdr = "sdr"


def reconstruct(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            readable=False,
            help="What carries its HDR: a still; a movie, a pattern such as shot.####.exr, or a folder.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT",
            readable=False,
            help="What to write: .exr .png .tif .dpx .avif, .jpg = Ultra HDR. Of shots: numbered files, as "
            "out.####.exr (.exr .dpx .tif .png) or a folder, or a movie (.mov .mp4 .mkv).",
        ),
    ],
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="pq, hlg, linear (1.0 = 1 nit), a colour name such as rec2100-hlg@2000 or p3-pq@1000 "
            "(light is rolled off to the peak that a PQ name has), or any OCIO colour space; default linear "
            "for .exr, else pq.",
        ),
    ] = None,
    peak: Annotated[
        float | None,
        typer.Option(
            metavar="NITS",
            help="Roll light off to this peak (BT.2390), where it is above; a darker picture stays as it is.",
        ),
    ] = None,
    bit_depth: Annotated[
        int | None,
        typer.Option(
            metavar="BITS",
            help="Bits of a sample: .exr 16 or 32, .png and .tif 16 or 8, .dpx 10, 12 or 16, .avif 10, 12 or "
            "8; default the first of them.",
        ),
    ] = None,
    quality: Annotated[
        int | None,
        typer.Option(
            metavar="1..100",
            help="Of .avif (default 100, near lossless), .jpg (95), hevc (80) and av1 (75), where 100 is "
            "lossless; no other has one.",
        ),
    ] = None,
    confidence: Annotated[
        bool,
        typer.Option(
            "--confidence",
            help="A channel candela.confidence in .exr: 1 where the SDR sample determines the light, less "
            "where the network made it up.",
        ),
    ] = False,
    view: Annotated[
        ViewName,
        typer.Option(help="What to write: the HDR, or a false-colour picture of the confidence."),
    ] = ViewName.hdr,
    force: Annotated[
        bool,
        typer.Option("--force", help="Render although the picture was altered; its size has to be the same."),
    ] = False,
    frames: Annotated[
        str | None,
        typer.Option(
            metavar="A-B",
            help="Of shots: only these frames, both included, as 1001-1100.",
            rich_help_panel=_SHOTS,
        ),
    ] = None,
    start: Start = None,
    codec: Codec = None,
    compression: Compression = None,
    missing: Annotated[
        MissingName,
        typer.Option(
            help="Frames that no shot covers: an error, or SDR in their place, white on 203 nit.",
            rich_help_panel=_SHOTS,
        ),
    ] = MissingName.fail,
    rate: MovieRate = None,
    sdr_range: Annotated[
        RangeName | None,
        typer.Option(help="As for embed, of payloads that do not say it themselves.", rich_help_panel=_SHOTS),
    ] = None,
    sdr_matrix: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="As for embed, of payloads that do not say it themselves.",
            rich_help_panel=_SHOTS,
        ),
    ] = None,
    resume: Resume = True,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Make the HDR out of an SDR picture, movie or sequence that carries it.

    candela reconstruct out.png -o hdr.exr

    candela reconstruct out.png -o hdr.png --encoding hlg --peak 1000

    candela reconstruct grade.mov -o 'hdr.####.exr' --frames 1001-1100 --confidence

    candela reconstruct grade.mov -o hdr.mp4 --encoding hlg
    """
    from candela_server.cli import ranges
    from candela_server.service import ReconstructClipRequest, ReconstructRequest
    from candela_server.service.clip_kind import kind_of_input

    said = settings(context, json, quiet, ocio)
    refuse_timeline(file)
    kind = kind_of_input(file)
    if kind == "still":
        _refuse_for_stills(
            file,
            {
                "--frames": frames,
                "--start": start,
                "--codec": codec,
                "--compression": compression,
                "--missing": None if missing is MissingName.fail else missing,
                "--rate": rate,
                "--sdr-range": sdr_range,
                "--sdr-matrix": sdr_matrix,
            },
        )
        _still(
            said,
            ReconstructRequest(
                file, out, encoding=encoding, peak=peak, bits=bit_depth, quality=quality, force=force,
                ocio=said.ocio, confidence=confidence, view=view.value,
            ),
        )  # fmt: skip
        return
    _clip(
        said,
        ReconstructClipRequest(
            file,
            out,
            frames=None if frames is None else ranges.frame_range(frames, "--frames"),
            start=start,
            encoding=encoding,
            peak=peak,
            bits=bit_depth,
            quality=quality,
            codec=None if codec is None else codec.value,
            compression=compression,
            missing=missing.value,
            force=force,
            confidence=confidence,
            view=view.value,
            resume=resume,
            rate=None if rate is None else ranges.rate(rate, "--rate"),
            range=None if sdr_range is None else sdr_range.value,
            matrix=sdr_matrix,
            ocio=said.ocio,
        ),
    )


def _refuse_for_stills(file: Path, given: dict[str, object]) -> None:
    from candela_engines.errors import InputError

    flags = [flag for flag, value in given.items() if value is not None]
    if flags:
        raise InputError(
            f"{file}: is a still picture; {', '.join(flags)}: only for movies and sequences "
            "(shot.####.exr, or a folder); leave it out"
        )


def _still(said: Settings, request: ReconstructRequest) -> None:
    from candela_server.cli import text
    from candela_server.cli.remote import use_cases

    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        result = doing.reconstruct(request, bar)
    show(said, text.reconstructed(result), result.to_json())


def _clip(said: Settings, request: ReconstructClipRequest) -> None:
    from candela_server.cli import text_clips
    from candela_server.cli.remote import use_cases

    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:
        result = doing.reconstruct_clip(request, bar.work)
    show(said, text_clips.reconstructed(result), result.to_json())
