"""candela demo: the main job on the bundled pictures, in one table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from candela_server.cli.options import EffortName, JsonFlag, QuietFlag, settings
from candela_server.cli.output import show
from candela_server.cli.progress import ProgressBar

if TYPE_CHECKING:
    from candela_server.service.demo import DemoResult

__all__ = ["demo"]


def demo(
    context: typer.Context,
    out: Annotated[
        Path,
        typer.Option("-o", "--out", metavar="DIR", readable=False, help="Folder to write to."),
    ] = Path("demo_out"),
    effort: Annotated[
        EffortName, typer.Option(help="How long each fit looks for a better picture.")
    ] = EffortName.fast,
    bytes_: Annotated[int, typer.Option("--bytes", metavar="N", help="What each file may grow by.")] = 8192,
    seconds: Annotated[
        float | None, typer.Option(metavar="S", help="End each fit after so many seconds.")
    ] = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Run the whole job on the bundled pictures.

    Embeds, inspects, reconstructs, verifies and strips each of them, and prints one table. The files stay in
    DIR, to be looked at.
    """
    from candela_server.service.demo import DemoRequest
    from candela_server.service.demo import demo as run_demo

    said = settings(context, json, quiet)
    with ProgressBar(quiet=said.quiet) as bar:
        result = run_demo(
            DemoRequest(out, effort=effort.value, bytes=bytes_, seconds=seconds), bar, bar.subject
        )
    if said.json or said.quiet:
        show(said, (), result.to_json())
    else:
        _print(result)
    if not result.passed:
        raise typer.Exit(1)


def _print(result: DemoResult) -> None:
    from rich.console import Console
    from rich.table import Table

    from candela_server.cli.text import db

    # A log has no width of its own: wide enough that no figure is cut.
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False, emoji=False)
    table = Table()
    for name in ("sample", "size"):
        table.add_column(name, no_wrap=True)
    for name in (
        "payload\nbytes",
        "file grew by\nbytes",
        "PU-PSNR\ndB",
        "ΔE_ITP\nmean",
        "ΔE_ITP\np99",
        "worst tile\ndB",
        "embed\ns",
        "reconstruct\ns",
        "strip gives\nthe SDR back",
    ):
        table.add_column(name, justify="right")
    for row in result.rows:
        f = row.fidelity
        table.add_row(
            row.sample,
            f"{row.width}x{row.height}",
            f"{row.payload_bytes:,}",
            f"{row.growth_bytes:,}",
            db(f.pu_psnr).removesuffix(" dB"),
            f"{f.delta_e_mean:.2f}",
            f"{f.delta_e_p99:.2f}",
            db(f.worst_pu_psnr).removesuffix(" dB"),
            f"{row.embed_seconds:.1f}",
            f"{row.reconstruct_seconds:.1f}",
            "byte for byte" if row.strip_exact else "NO",
        )
    console.print(table)
    print(f"Files are in {result.out}:")
    print("  NAME.png            the SDR grade, carrying its HDR")
    print("  NAME.hdr.exr        the HDR made from it, linear BT.2020, 1.0 = 1 nit")
    print("  NAME.hdr.avif       the same in PQ, for a browser on an HDR display")
    print("  NAME.stripped.png   the SDR grade as it was before")
    for row in result.rows:
        if not row.verified:
            print(f"{row.sample}: what was measured anew is not what the payload claims")
        if not row.same_picture:
            print(f"{row.sample}: the payload does not know its picture again")
