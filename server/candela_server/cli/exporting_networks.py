"""The commands that write networks for hosts without the plug-in."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candela_server.cli.options import JsonFlag, Ocio, QuietFlag, refuse_timeline, settings
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar

if TYPE_CHECKING:
    from candela_server.service.export_code import ExportCodeRequest

__all__ = ["export_blink", "export_cube", "export_dctl"]


class StorageName(StrEnum):
    """Where a DCTL keeps its plane."""

    auto = "auto"
    constants = "constants"
    lut = "lut"


class MeansName(StrEnum):
    """How code comes to the means around a pixel."""

    baked = "baked"
    read = "read"
    fast = "fast"


_File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        readable=False,
        help="What carries its HDR: a still, a movie, a pattern such as shot.####.exr, or a folder.",
    ),
]
_Shot = Annotated[
    int | None,
    typer.Option(metavar="N", help="Of a clip, only this shot, from 1; else a file for each, OUT.shotNN."),
]
_Frame = Annotated[
    int | None,
    typer.Option(metavar="N", help="Of a shot: its network as it stands at this frame, and does not move."),
]
_Encoding = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help=(
            "pq, hlg, linear, davinci-intermediate, acescct, acescg; hlg@2000 names the display, linear@203 "
            "and acescg@100 the light of 1.0 (else 1 nit, and 100 nit of scene encodings), pq@1000 a peak."
        ),
    ),
]
_Peak = Annotated[
    float | None,
    typer.Option(metavar="NITS", help="Roll light off to this peak (BT.2390), where it is above."),
]
_Force = Annotated[bool, typer.Option("--force", help="Export although the picture was altered.")]
_Means = Annotated[
    MeansName | None,
    typer.Option(
        help=(
            "Means of the picture around a pixel: baked into the file (default of stills), read from every "
            "pixel that comes in, or fast: from some of them (default of shots)."
        )
    ),
]


def _out(what: str) -> object:
    return typer.Option("-o", "--out", metavar="OUT", readable=False, help=what)


def export_dctl(
    context: typer.Context,
    file: _File,
    out: Annotated[Path, _out("The .dctl to write.")],
    encoding: _Encoding = "pq",
    peak: _Peak = None,
    shot: _Shot = None,
    frame: _Frame = None,
    storage: Annotated[
        StorageName,
        typer.Option(
            help="Where the plane lies: in constant memory, at fewer samples where it has to, or in LUTs "
            "inside the file; auto takes constants if it fits as it is."
        ),
    ] = StorageName.auto,
    means: _Means = None,
    force: _Force = False,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Write the network of a file as a DCTL, for DaVinci Resolve Studio without the plug-in.

    Put it into Resolve's LUT folder, and use it on the clip as stored, at its own resolution.

    candela export-dctl out.png -o out.dctl --encoding davinci-intermediate

    candela export-dctl grade.mov -o grade.dctl --shot 3
    """
    from candela_server import service

    said = settings(context, json, quiet, ocio)
    request = service.ExportCodeRequest(
        file, out, "dctl", shot=shot, frame=frame, encoding=encoding, peak=peak, storage=storage.value,
        means=None if means is None else means.value, force=force, ocio=said.ocio,
    )  # fmt: skip
    _write(context, request, json, quiet, ocio)


def export_blink(
    context: typer.Context,
    file: _File,
    out: Annotated[Path, _out("The kernel to write: .blink, .rpp or .cpp; its grids go to OUT.blink.exr.")],
    encoding: _Encoding = "pq",
    peak: _Peak = None,
    shot: _Shot = None,
    frame: _Frame = None,
    means: _Means = None,
    force: _Force = False,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Write the network of a file as a BlinkScript kernel, for Nuke without the plug-in.

    Load it in a BlinkScript node, the picture read raw as its first input and the .exr beside the kernel,
    if there is one, as the second.

    candela export-blink out.png -o out.blink --encoding acescg
    """
    from candela_server import service

    said = settings(context, json, quiet, ocio)
    request = service.ExportCodeRequest(
        file, out, "blink", shot=shot, frame=frame, encoding=encoding, peak=peak,
        means=None if means is None else means.value, force=force, ocio=said.ocio,
    )  # fmt: skip
    _write(context, request, json, quiet, ocio)


def _write(
    context: typer.Context, request: ExportCodeRequest, json: bool, quiet: bool, ocio: str | None
) -> None:
    from candela_server import service
    from candela_server.cli import text_exports

    said = settings(context, json, quiet, ocio)
    refuse_timeline(request.file)
    with ProgressBar(quiet=said.quiet) as bar:
        result = service.export_code(request, bar.work)
    show(said, text_exports.code(result), result.to_json())


def export_cube(
    context: typer.Context,
    file: _File,
    out: Annotated[Path, _out("The .cube to write.")],
    size: Annotated[int, typer.Option(metavar="N", help="Nodes a side, 17 to 129.")] = 33,
    encoding: _Encoding = "pq",
    peak: _Peak = None,
    shot: _Shot = None,
    force: _Force = False,
    ocio: Ocio = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Write the best LUT of a reconstruction, for hosts that take nothing else.

    A LUT sees a colour, and neither its place nor its neighbours: what it loses is measured, shown and
    written into the file.

    candela export-cube out.png -o out.cube --size 65
    """
    from candela_server import service
    from candela_server.cli import text_exports

    said = settings(context, json, quiet, ocio)
    refuse_timeline(file)
    request = service.ExportCubeRequest(file, out, size, shot, encoding, peak, force, said.ocio)
    with ProgressBar(quiet=said.quiet) as bar:
        result = service.export_cube(request, bar.work)
    show(said, text_exports.cubes(result), result.to_json())
