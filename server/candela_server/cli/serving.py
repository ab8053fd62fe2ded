"""candela serve and candela status."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from candela_server.cli.options import JsonFlag, QuietFlag, settings
from candela_server.cli.output import say, show

__all__ = ["serve", "status"]

_GIB = 1 << 30
Listen = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="unix:/PATH or HOST:PORT; default the user's own socket."),
]


def serve(
    context: typer.Context,
    listen: Listen = None,
    root: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            readable=False,
            help="Folder that clients may name files in; several times for several.",
        ),
    ] = None,
    shared_memory: Annotated[
        bool, typer.Option("--shared-memory", help="Take frames in shared memory, of this user's processes.")
    ] = False,
    tls_cert: Annotated[Path | None, typer.Option(metavar="PEM", readable=False, help="Certificate.")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="PEM", readable=False, help="Its key.")] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="File with the token that clients need."),
    ] = None,
    workers: Annotated[int | None, typer.Option(metavar="N", help="Jobs at a time; default 4.")] = None,
    queue: Annotated[int | None, typer.Option(metavar="N", help="Jobs that may wait; default 64.")] = None,
    memory: Annotated[
        float | None, typer.Option(metavar="GIB", help="Memory for work; default half of the machine's.")
    ] = None,
    max_pixels: Annotated[int, typer.Option(metavar="N", help="Pixels of one picture.")] = 150_000_000,
    max_upload: Annotated[float, typer.Option(metavar="GIB", help="Files sent, all together.")] = 4.0,
    provider: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="What renders: tensorrt, tensorrt-rtx, cuda, cpu; default the best."
        ),
    ] = None,
    inference_server: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Open Inference server (Triton, KServe) that renders: HOST:PORT."
        ),
    ] = None,
    inference_ca: Annotated[
        Path | None,
        typer.Option(metavar="PEM", readable=False, help="Certificate that the server is known by: TLS."),
    ] = None,
    inference_token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="File with the token that the server needs."),
    ] = None,
    drain: Annotated[
        float, typer.Option(metavar="S", help="Seconds that work has to end in when it is stopped.")
    ] = 30.0,
    idle: Annotated[
        float | None,
        typer.Option(metavar="S", help="Seconds without a call after which it ends; default never."),
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(metavar="PORT", help="Prometheus metrics on 127.0.0.1:PORT.")
    ] = None,
    daemon: Annotated[bool, typer.Option("--daemon", help="Go on in the background once it serves.")] = False,
    log: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="The log of --daemon; else it has none."),
    ] = None,
) -> None:
    """Hold the engines for other programs, over gRPC (candela.v1).

    Files are taken from the roots alone. By default nobody but this user gets there; anything wider needs
    TLS and a token. SIGTERM stops it gracefully.

    candela serve --root /shots --shared-memory

    candela serve --listen 127.0.0.1:7410 --root /shots --metrics-port 9410
    """
    from candela_server.cli.daemon import detach
    from candela_server.jobs.scheduler import Limits
    from candela_server.rpc.address import default_address, parse_address
    from candela_server.rpc.settings import Settings, check_settings, default_memory, read_token
    from candela_server.service.rendering import backend_of

    usual = Limits(memory=default_memory() if memory is None else round(memory * _GIB))
    asked = Settings(
        address=default_address() if listen is None else parse_address(listen),
        roots=tuple(root or ()),
        tls_cert=tls_cert,
        tls_key=tls_key,
        token_file=token_file,
        limits=Limits(
            usual.workers if workers is None else workers,
            usual.fits,
            usual.waiting if queue is None else queue,
            usual.memory,
        ),
        most_upload=round(max_upload * _GIB),
        most_pixels=max_pixels,
        shared_memory=shared_memory,
        drain=drain,
        idle=idle,
        metrics_port=metrics_port,
        backend=backend_of(
            provider,
            inference_server,
            inference_ca,
            (
                None
                if inference_token_file is None
                else read_token(inference_token_file, "--inference-token-file")
            ),
        ),
    )
    check_settings(asked)
    ready = detach(log) if daemon else _tell
    if ready is None:
        return
    from candela_server.rpc.app import serve as run
    from candela_server.rpc.logs import start_log

    start_log()
    run(asked, ready)


def _tell(address: str) -> None:
    say(f"serving on {address}")


def status(
    context: typer.Context, listen: Listen = None, json: JsonFlag = False, quiet: QuietFlag = False
) -> None:
    """Say what the sidecar at an address is at.

    candela status

    candela --sidecar 127.0.0.1:7410 status
    """
    from candela_server.cli.remote import connect, status_document, status_lines
    from candela_server.rpc.address import default_address

    said = settings(context, json, quiet)
    with connect(listen or said.sidecar or default_address().target, retries=0) as sidecar:
        found = sidecar.status()
    show(said, status_lines(found), status_document(found))
