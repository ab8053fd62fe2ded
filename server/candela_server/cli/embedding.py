"""candela embed: of a still, or of the shots of a movie, a sequence or a timeline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candela_server.cli.options import (
    EffortName,
    Frames,
    HdrColour,
    HdrMatrix,
    HdrOffset,
    HdrRange,
    JsonFlag,
    Media,
    ModelName,
    Ocio,
    QuietFlag,
    SdrColour,
    SdrMatrix,
    SdrRange,
    refuse_flags,
    settings,
)
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar

if TYPE_CHECKING:
    from candela_server.cli.options import Settings
    from candela_server.service import EmbedRequest, EmbedResult, EmbedShotsRequest, EmbedShotsResult

__all__ = ["embed"]

_SHOTS = "Shots"


def embed(
    context: typer.Context,
    sdr: Annotated[
        Path,
        typer.Argument(
            metavar="SDR", readable=False, help="The SDR grade: still, movie, sequence, timeline."
        ),
    ],
    hdr: Annotated[
        Path | None,
        typer.Option(
            metavar="HDR",
            readable=False,
            help="Its HDR master, of the same size and frames. An Ultra HDR JPEG can do without: it has "
            "one of its own.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT",
            readable=False,
            help="What to write: the SDR file with its HDR in it; for a sequence a pattern such as "
            "out.####.exr or a folder, for a timeline a folder.",
        ),
    ] = None,
    model: Annotated[
        ModelName,
        typer.Option(help="Of stills, the network: default, or a published one for comparison."),
    ] = ModelName.default,
    bytes_: Annotated[
        int | None,
        typer.Option(
            "--bytes",
            metavar="N",
            help="Of stills, what the file may grow by, everything counted; default 8192. Of shots, bytes "
            "of every one's payload; default as --bytes-per-second says.",
        ),
    ] = None,
    effort: Annotated[
        EffortName,
        typer.Option(help="How long the fit looks for a better picture; of a still, about 0.5, 2 or 10 s."),
    ] = EffortName.normal,
    sdr_colour: SdrColour = None,
    sdr_range: SdrRange = None,
    hdr_colour: HdrColour = None,
    hdr_range: HdrRange = None,
    seconds: Annotated[
        float | None, typer.Option(metavar="S", help="Of stills: end the fit after so many seconds.")
    ] = None,
    target_psnr: Annotated[
        float | None, typer.Option(metavar="DB", help="Of stills: end the fit at this PU-PSNR.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random numbers: same seed, same result.")] = 0,
    sidecar: Annotated[
        bool, typer.Option("--sidecar", help="Put the payload into OUT.candela, beside OUT.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Fit and report; write nothing.")] = False,
    bytes_per_second: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Of shots: bytes for every second; default 8192, and 4096 for a shot at least.",
            rich_help_panel=_SHOTS,
        ),
    ] = None,
    frames: Frames = None,
    hdr_offset: HdrOffset = None,
    timeline: Annotated[
        Path | None,
        typer.Option(
            metavar="EDL|OTIO",
            readable=False,
            help="Of shots: cut the movie as this timeline does; detected cuts are held against it.",
            rich_help_panel=_SHOTS,
        ),
    ] = None,
    cuts: Annotated[
        str | None,
        typer.Option(
            metavar="48,97",
            help="Of shots: frames at which one begins; else detected.",
            rich_help_panel=_SHOTS,
        ),
    ] = None,
    no_cuts: Annotated[
        bool, typer.Option("--no-cuts", help="Of shots: all of it is one.", rich_help_panel=_SHOTS)
    ] = False,
    floor: Annotated[
        float | None,
        typer.Option(
            metavar="DB",
            help="Of shots: split one whose worst frame has a PU-PSNR below this; default none.",
            rich_help_panel=_SHOTS,
        ),
    ] = None,
    media: Media = None,
    hdr_media: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", readable=False, help="The same of the timeline HDR.", rich_help_panel=_SHOTS
        ),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(
            metavar="FPS",
            help="Of shots: frames a second, as 25 or 24000/1001. An EDL needs it; else default as SDR says.",
            rich_help_panel=_SHOTS,
        ),
    ] = None,
    sdr_matrix: SdrMatrix = None,
    hdr_matrix: HdrMatrix = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume/--no-resume",
            help="Of shots: go on with those that an earlier run has finished, kept in OUT.candela-job.",
            rich_help_panel=_SHOTS,
        ),
    ] = True,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Put the HDR of a picture, or of shots, into the SDR file.

    Fits a small network that makes the HDR master out of the SDR grade, reports how close it comes, and
    writes it into a copy of the SDR file. The pixels are untouched and every other program opens the file
    as before. A movie, a sequence or a timeline gets one network for every shot; what is finished is kept, so
    that an interrupted job goes on where it was.

    candela embed grade.png --hdr master.exr -o out.png

    candela embed grade.tif --sdr-colour rec709 --hdr master.tif --hdr-colour rec2100-pq -o out.tif

    candela embed grade.mov --hdr master.mov -o out.mov

    candela embed 'grade.####.dpx' --hdr 'master.####.exr' --frames 1001-1100 -o 'out.####.dpx'
    """
    from candela_server.service.clip_kind import kind_of_input

    said = settings(context, json, quiet, ocio)
    still_only: dict[str, object] = {
        "--model": None if model is ModelName.default else model,
        "--seconds": seconds,
        "--target-psnr": target_psnr,
    }
    shots_only: dict[str, object] = {
        "--bytes-per-second": bytes_per_second,
        "--frames": frames,
        "--hdr-offset": hdr_offset,
        "--timeline": timeline,
        "--cuts": cuts,
        "--no-cuts": no_cuts,
        "--floor": floor,
        "--rate": rate,
        "--media": media or None,
        "--hdr-media": hdr_media or None,
        "--sdr-matrix": sdr_matrix,
        "--hdr-matrix": hdr_matrix,
    }
    if kind_of_input(sdr) == "still":
        refuse_flags(sdr, shots_only, "is a still picture", "movies, sequences and timelines")
        from candela_server.service import EmbedRequest

        _still(
            said,
            EmbedRequest(
                sdr=sdr,
                out=out,
                hdr=hdr,
                sdr_colour=sdr_colour,
                hdr_colour=hdr_colour,
                sdr_range=None if sdr_range is None else sdr_range.value,
                hdr_range=None if hdr_range is None else hdr_range.value,
                ocio=said.ocio,
                model=model.value,
                bytes=bytes_,
                effort=effort.value,
                seconds=seconds,
                target_psnr=target_psnr,
                seed=seed,
                sidecar=sidecar,
                dry_run=dry_run,
            ),
        )
        return
    refuse_flags(sdr, still_only, "is no still picture", "stills")
    from candela_server.cli import ranges
    from candela_server.service import EmbedShotsRequest

    _shots(
        said,
        EmbedShotsRequest(
            sdr=sdr,
            out=out,
            hdr=hdr,
            sdr_colour=sdr_colour,
            hdr_colour=hdr_colour,
            sdr_range=None if sdr_range is None else sdr_range.value,
            hdr_range=None if hdr_range is None else hdr_range.value,
            sdr_matrix=sdr_matrix,
            hdr_matrix=hdr_matrix,
            ocio=said.ocio,
            bytes_per_second=bytes_per_second,
            bytes=bytes_,
            effort=effort.value,
            seed=seed,
            floor=floor,
            timeline=timeline,
            cuts=None if cuts is None else ranges.numbers(cuts, "--cuts"),
            no_cuts=no_cuts,
            frames=None if frames is None else ranges.frame_range(frames, "--frames"),
            hdr_offset=hdr_offset,
            rate=None if rate is None else ranges.rate(rate, "--rate"),
            media=tuple(media or ()),
            hdr_media=tuple(hdr_media or ()),
            sidecar=sidecar,
            dry_run=dry_run,
            resume=resume,
        ),
    )


def _still(said: Settings, request: EmbedRequest) -> None:
    from candela_server.cli import text
    from candela_server.cli.remote import use_cases

    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:

        def measured(result: EmbedResult) -> None:
            bar.pause()
            if not said.json:
                show(said, text.embed_measured(result))

        result = doing.embed(request, bar, measured)
    show(said, text.embed_written(result), result.to_json())


def _shots(said: Settings, request: EmbedShotsRequest) -> None:
    from candela_server.cli import text_embed_shots as text
    from candela_server.cli.remote import use_cases

    with use_cases(said) as doing, ProgressBar(quiet=said.quiet) as bar:

        def measured(result: EmbedShotsResult) -> None:
            bar.pause()
            if not said.json:
                show(said, text.measured(result))

        result = doing.embed_shots(request, bar.work, measured)
    show(said, text.written(result), result.to_json())
