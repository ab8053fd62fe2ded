"""candela upconvert: HDR of SDR that carries none, of a still, a movie or a sequence."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.options import (
    EffortName,
    Frames,
    JsonFlag,
    Media,
    Ocio,
    QuietFlag,
    SdrColour,
    SdrMatrix,
    SdrRange,
    refuse_flags,
    settings,
)
from candela_server.cli.options_written import Codec, Compression, MovieRate, Resume, Start, ViewName

__all__ = ["upconvert"]

_SHOTS = "Shots"
_DISTIL = "Distilling"

Bytes = Annotated[
    int | None,
    typer.Option(
        "--bytes",
        metavar="N",
        help="What a still may grow by, default 8192; of shots, bytes of every payload.",
        rich_help_panel=_DISTIL,
    ),
]
BytesPerSecond = Annotated[
    int | None, typer.Option(metavar="N", help="Of shots: bytes for every second.", rich_help_panel=_DISTIL)
]
Effort = Annotated[
    EffortName, typer.Option(help="How long the fit looks for a better picture.", rich_help_panel=_DISTIL)
]
Seconds = Annotated[
    float | None,
    typer.Option(metavar="S", help="Of stills: end the fit after so long.", rich_help_panel=_DISTIL),
]
Seed = Annotated[int, typer.Option(help="Of the random numbers.", rich_help_panel=_DISTIL)]


class EngineOption(StrEnum):
    """Engines by name."""

    placement = "placement"
    bt2446c = "bt2446c"
    bt2446a = "bt2446a"
    agcm = "agcm"
    hdcfm = "hdcfm"


def upconvert(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="CLIP|STILL|TIMELINE",
            readable=False,
            help="Graded SDR: a still; a movie, a pattern such as shot.####.exr, a folder, "
            "or a timeline.",
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
            "out.####.exr (.exr .dpx .tif .png) or a folder, or a movie (.mov .mp4 .mkv). Of either a LUT "
            "of the engine: .cube, SDR code to PQ.",
        ),
    ],
    engine: Annotated[
        EngineOption,
        typer.Option(
            help="placement: SDR as it is, white on --reference-white; bt2446c, bt2446a: ITU-R BT.2446; "
            "agcm: a network, which reads the picture; hdcfm: another, without weights here, and refused.",
        ),
    ] = EngineOption.placement,
    peak: Annotated[
        float | None,
        typer.Option(
            metavar="NITS", help="Roll light off to this peak (BT.2390); by itself an engine goes to its own."
        ),
    ] = None,
    reference_white: Annotated[
        float | None,
        typer.Option(
            metavar="NITS",
            help="Of placement: where SDR white goes, default 203. The methods of BT.2446 have their own: "
            "332 (C) and 1000 (A).",
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="pq, hlg, linear (1.0 = 1 nit), a colour name such as rec2100-hlg@2000, or any OCIO colour "
            "space; default linear for .exr, else pq.",
        ),
    ] = None,
    bit_depth: Annotated[
        int | None, typer.Option(metavar="BITS", help="Bits of a sample, as for reconstruct.")
    ] = None,
    quality: Annotated[
        int | None, typer.Option(metavar="1..100", help="Of .avif, .jpg, hevc and av1, as for reconstruct.")
    ] = None,
    confidence: Annotated[
        bool,
        typer.Option(
            "--confidence",
            help="A channel candela.confidence in .exr: 1 where the SDR sample determines the light, less "
            "where it is clipped and the engine goes above reference white.",
        ),
    ] = False,
    view: Annotated[
        ViewName, typer.Option(help="What to write: the HDR, or a false-colour picture of the confidence.")
    ] = ViewName.hdr,
    highlights: Annotated[
        bool,
        typer.Option(
            "--highlights",
            help="Make up highlights that the SDR clipped, by a generator, of which this version has no "
            "trained weights, so that it is refused.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Take for a grade what looks like log footage or PQ codes.")
    ] = False,
    distil: Annotated[
        bool,
        typer.Option(
            "--distil",
            help="Write no HDR but the SDR file, with a network that makes the engine's HDR of it, as embed "
            "does; its payload says that it was distilled.",
            rich_help_panel=_DISTIL,
        ),
    ] = False,
    bytes_: Bytes = None,
    bytes_per_second: BytesPerSecond = None,
    effort: Effort = EffortName.normal,
    seconds: Seconds = None,
    seed: Seed = 0,
    sdr_colour: SdrColour = None,
    sdr_range: SdrRange = None,
    sdr_matrix: SdrMatrix = None,
    media: Media = None,
    frames: Frames = None,
    start: Start = None,
    codec: Codec = None,
    compression: Compression = None,
    rate: MovieRate = None,
    resume: Resume = True,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Make HDR of graded SDR that carries none and has no master.

    Nothing of it comes from a master: light is a convention's or a network's, and the file says so. Where
    there is a master, embed and reconstruct give the master's light.

    candela upconvert grade.png -o hdr.exr --engine bt2446c --confidence

    candela upconvert library.mov -o hdr.mp4 --engine bt2446a --peak 600

    candela upconvert 'shot.####.png' -o 'hdr.####.exr' --engine placement --reference-white 203

    candela upconvert cut.otio -o hdr --engine bt2446c

    candela upconvert library.mov --distil -o carrying.mov --engine bt2446c

    candela upconvert library.mov -o look.cube --engine bt2446c
    """
    from candela_server.cli import ranges, upconverting_ways
    from candela_server.service import DistilRequest, UpconvertClipRequest, UpconvertRequest
    from candela_server.service.clip_kind import kind_of_input

    said = settings(context, json, quiet, ocio)
    of_pictures: dict[str, object] = {
        "--encoding": encoding,
        "--peak": peak,
        "--bit-depth": bit_depth,
        "--quality": quality,
        "--confidence": confidence,
        "--view": None if view is ViewName.hdr else view,
        "--start": start,
        "--codec": codec,
        "--compression": compression,
    }
    only_distilled: dict[str, object] = {
        "--bytes": bytes_,
        "--bytes-per-second": bytes_per_second,
        "--effort": None if effort is EffortName.normal else effort,
        "--seconds": seconds,
        "--seed": seed or None,
    }
    if distil:
        refuse_flags(file, of_pictures, "with --distil OUT is SDR as FILE is", "HDR that is written")
        upconverting_ways.distil(
            said,
            DistilRequest(
                file,
                out,
                engine=engine.value,
                reference_white=reference_white,
                sdr_colour=sdr_colour,
                sdr_range=None if sdr_range is None else sdr_range.value,
                sdr_matrix=sdr_matrix,
                ocio=said.ocio,
                force=force,
                bytes=bytes_,
                effort=effort.value,
                seconds=seconds,
                seed=seed,
                bytes_per_second=bytes_per_second,
                frames=None if frames is None else ranges.frame_range(frames, "--frames"),
                rate=None if rate is None else ranges.rate(rate, "--rate"),
                resume=resume,
                highlights=highlights,
                media=tuple(media or ()),
            ),
        )
        return
    refuse_flags(file, only_distilled, "is to become HDR", "--distil")
    wanted = UpconvertRequest(
        file,
        out,
        engine=engine.value,
        reference_white=reference_white,
        sdr_colour=sdr_colour,
        sdr_range=None if sdr_range is None else sdr_range.value,
        encoding=encoding,
        peak=peak,
        bits=bit_depth,
        quality=quality,
        force=force,
        ocio=said.ocio,
        confidence=confidence,
        view=view.value,
        highlights=highlights,
    )
    clip = UpconvertClipRequest(
        **vars(wanted),
        sdr_matrix=sdr_matrix,
        frames=None if frames is None else ranges.frame_range(frames, "--frames"),
        start=start,
        codec=None if codec is None else codec.value,
        compression=compression,
        resume=resume,
        rate=None if rate is None else ranges.rate(rate, "--rate"),
        media=tuple(media or ()),
    )
    if out.suffix.lower() == ".cube":
        refuse_flags(out, {**of_pictures, "--rate": rate}, "is a LUT", "pictures")
        upconverting_ways.cube(said, clip)
        return
    if kind_of_input(file) == "still":
        only_shots: dict[str, object] = {
            "--frames": frames,
            "--start": start,
            "--codec": codec,
            "--compression": compression,
            "--rate": rate,
            "--sdr-matrix": sdr_matrix,
            "--media": media,
        }
        refuse_flags(file, only_shots, "is a still picture", "movies and sequences")
        upconverting_ways.still(said, wanted)
        return
    upconverting_ways.clip(said, clip)
