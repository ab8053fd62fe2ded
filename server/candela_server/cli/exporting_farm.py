"""The command that writes job templates for render farms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.options import JsonFlag, QuietFlag, settings
from candela_server.cli.output import show

__all__ = ["export_openjd"]


def export_openjd(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", readable=False, help="Folder to write to."),
    ],
    options: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- OPTIONS]", help="Options of candela qc that every task is to have."),
    ] = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Write QC as a job for render farms: an Open Job Description template, and an outline for OpenCue.

    The job finds the shots, measures them in chunks on many machines, and reports once. Nothing is submitted.

    candela export-openjd farm

    candela export-openjd farm -- --colour pq --rate 24
    """
    from candela_server.farm import export_farm

    said = settings(context, json, quiet)
    written = export_farm(folder, options or ())
    lines = [
        f"{written.template}: Open Job Description, runs here with",
        (
            f"  openjd run {written.template} --step Report --run-dependencies -p Input=FILE "
            "-p ReportFolder=DIR -p WorkFolder=DIR"
        ),
        f"{written.outline}: OpenCue, submitted with pycuerun; values come from CANDELA_QC_… variables",
    ]
    show(said, lines, written.to_json())
