"""The composition root: everything that the sidecar is made of is put together here, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import grpc
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from grpc_reflection.v1alpha import reflection

from candela_engines.errors import InputError
from candela_server.frames.roots import Roots
from candela_server.frames.segments import Regions
from candela_server.frames.uploads import Uploads
from candela_server.jobs.scheduler import Scheduler
from candela_server.proto.candela.v1 import sidecar_pb2
from candela_server.proto.candela.v1.sidecar_pb2_grpc import add_SidecarServicer_to_server
from candela_server.rpc.address import claim
from candela_server.rpc.convert.sharing import Health
from candela_server.rpc.guard import Guard
from candela_server.rpc.logs import said
from candela_server.rpc.metrics import Metrics
from candela_server.rpc.servicer import Servicer
from candela_server.rpc.settings import Settings, check_settings, read_token
from candela_server.sidecar.calls import Calls
from candela_server.sidecar.desk import Desk
from candela_server.sidecar.sharing import Sharing
from candela_server.workers.pool import Pool

__all__ = ["SERVICE", "serve"]

SERVICE = "candela.v1.Sidecar"
_SERVING = health_pb2.HealthCheckResponse.SERVING
Ready = Callable[[str], None]


def serve(settings: Settings, ready: Ready = lambda address: None) -> None:
    """Serve until SIGTERM or SIGINT, then stop gracefully. ready: told the address when clients may come.

    Raises InputError for settings that are unsafe, or an address that is served already.
    """
    check_settings(settings)
    with claim(settings.address):
        asyncio.run(_serve(settings, ready))


async def _serve(settings: Settings, ready: Ready) -> None:
    scheduler = Scheduler(settings.limits)
    regions = Regions(enabled=settings.shared_memory, most=settings.limits.memory)
    roots = Roots(settings.roots)
    token = None if settings.token_file is None else read_token(settings.token_file)
    metrics = Metrics(scheduler)
    if settings.metrics_port is not None:
        port = metrics.serve(settings.metrics_port)
        said("metrics", address=f"127.0.0.1:{port}")
    with contextlib.ExitStack() as stack:
        uploads = stack.enter_context(contextlib.closing(Uploads(most=settings.most_upload)))
        limits, scratch = settings.limits, uploads.scratch
        pool = Pool(
            limits.workers, regions, memory=limits.memory, scratch=scratch, backend=settings.backend,
            trouble=lambda text: said("trouble", level=logging.ERROR, workers=text),
        )  # fmt: skip
        stack.callback(pool.close)
        calls = Calls(Desk(roots, regions, uploads, settings.most_pixels), scheduler, pool)
        health = Health(True, time.monotonic())
        checks = health_aio.HealthServicer()
        guard = Guard(metrics, token)
        server = _server(settings, guard)
        add_SidecarServicer_to_server(Servicer(calls, Sharing(regions, uploads, pool.forget), health), server)
        health_pb2_grpc.add_HealthServicer_to_server(checks, server)
        names = (sidecar_pb2.DESCRIPTOR.services_by_name["Sidecar"].full_name, *_KNOWN)
        reflection.enable_server_reflection(names, server)
        address = _listen(server, settings)
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(
                ValueError, RuntimeError
            ):  # not the main thread: whoever runs us has his own
                loop.add_signal_handler(number, stopping.set)
        await server.start()
        for name in ("", SERVICE):
            await checks.set(name, _SERVING)
        said("serving", address=address, process=os.getpid(), roots=[str(r) for r in roots.folders])
        ready(address)
        await _until(stopping, settings.idle, lambda: 0.0 if scheduler.jobs else guard.idle_seconds)
        health.serving = False
        await checks.enter_graceful_shutdown()
        said("stopping", jobs=len(scheduler.jobs), drain_seconds=settings.drain)
        done = await scheduler.drain(settings.drain)
        await server.stop(1.0)
        said("stopped", all_done=done)


async def _until(stopping: asyncio.Event, idle: float | None, seconds: Callable[[], float]) -> None:
    """Until it is told to stop, or nobody has called for `idle` seconds."""
    while not stopping.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), None if idle is None else min(5.0, idle / 4))
        if idle is not None and seconds() > idle:
            said("idle", seconds=round(idle, 3))
            return


_KNOWN = ("grpc.health.v1.Health", reflection.SERVICE_NAME)


def _server(settings: Settings, guard: Guard) -> aio.Server:
    options = (
        ("grpc.max_receive_message_length", settings.most_message),
        ("grpc.max_send_message_length", settings.most_message),
        ("grpc.so_reuseport", 0),  # else a second sidecar would share the port, and nobody be told
        ("grpc.keepalive_time_ms", 30_000),  # finds clients that vanished without a word
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
    )
    return aio.server(interceptors=(guard,), options=options)


def _listen(server: aio.Server, settings: Settings) -> str:
    address = settings.address
    before = os.umask(0o177)
    try:
        if settings.tls_cert is not None and settings.tls_key is not None:
            pair = (_read(settings.tls_key, "--tls-key"), _read(settings.tls_cert, "--tls-cert"))
            port = server.add_secure_port(address.target, grpc.ssl_server_credentials([pair]))
        else:
            port = server.add_insecure_port(address.target)
    except RuntimeError as error:
        raise InputError(
            f"--listen {address.target}: cannot be had; a sidecar or another program serves there already"
        ) from error
    finally:
        os.umask(before)
    return address.target if address.socket is not None else f"{address.host}:{port}"


def _read(path: Path, flag: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{flag} {path}: cannot be read: {error.strerror or error}") from error
