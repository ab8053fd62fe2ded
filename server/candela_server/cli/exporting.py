"""The command that writes engines for another server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.options import JsonFlag, QuietFlag, settings
from candela_server.cli.output import show

__all__ = ["export_triton"]


def export_triton(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", readable=False, help="Folder to write; its engines are replaced.")
    ],
    tensorrt: Annotated[
        bool, typer.Option("--tensorrt", help="Have the server compile the engines with TensorRT.")
    ] = False,
    tensorrt_cache: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder on the server, of its own, for what TensorRT compiled."),
    ] = None,
    instances: Annotated[
        int, typer.Option(metavar="N", help="Copies of an engine on every GPU, or on the CPU.")
    ] = 1,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Write the engines as a model repository for Triton Inference Server.

    For facilities where one machine is not enough. Every engine takes the weights of a picture as inputs, so
    the repository stays as it is whatever is embedded.

    candela export-triton models

    candela export-triton models --tensorrt --tensorrt-cache /var/cache/triton
    """
    from candela_server import service
    from candela_server.cli import text

    said = settings(context, json, quiet)
    request = service.ExportTritonRequest(folder, tensorrt, tensorrt_cache, instances)
    result = service.export_triton(request)
    show(said, text.exported(result), result.to_json())
