"""Where a command's work is done: here, or at the sidecar of --sidecar."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from candela_server.cli.lines import line

if TYPE_CHECKING:
    from candela_server.cli.options import Settings
    from candela_server.client import Sidecar
    from candela_server.proto.candela.v1.sidecar_pb2 import GetStatusResponse

__all__ = ["connect", "qc_cases", "status_document", "status_lines", "use_cases"]


@contextlib.contextmanager
def use_cases(said: Settings) -> Iterator[Any]:
    """What has the use cases: `candela_server.service`, or a sidecar."""
    if said.sidecar is None:
        from candela_server import service

        yield service
        return
    with connect(said.sidecar) as sidecar:
        yield sidecar


@contextlib.contextmanager
def qc_cases(said: Settings) -> Iterator[Any]:
    """What has those of quality control: `candela_server.service.qc_calls`, or a sidecar."""
    if said.sidecar is None:
        from candela_server.service import qc_calls

        yield qc_calls
        return
    with connect(said.sidecar) as sidecar:
        yield sidecar


def connect(address: str, *, retries: int = 5) -> Sidecar:
    """A sidecar; $CANDELA_TOKEN_FILE and $CANDELA_CA are files with its token and certificate."""
    from candela_server.client import Sidecar
    from candela_server.rpc.settings import read_token

    token, ca = os.environ.get("CANDELA_TOKEN_FILE"), os.environ.get("CANDELA_CA")
    return Sidecar(
        address,
        token=read_token(Path(token)) if token else None,
        ca=Path(ca) if ca else None,
        retries=retries,
    )


def status_lines(found: GetStatusResponse) -> Iterator[str]:
    """In words."""
    gib = 1 << 30
    state = "serving" if found.serving else "stopping"
    yield line(
        "sidecar", f"{state}, version {found.version}, process {found.process_id}, {found.up_seconds:.0f} s"
    )
    running = sum(job.running for job in found.jobs)
    yield line("jobs", f"{running} running, {len(found.jobs) - running} of {found.queue_limit} waiting")
    yield line("memory", f"{found.memory_used_bytes / gib:.1f} of {found.memory_limit_bytes / gib:.1f} GiB")
    yield line("roots", ", ".join(found.roots) or "none: it opens no files")
    if found.trouble:
        yield line("workers", f"{found.workers} of {found.workers_wanted}: {found.trouble}")
    for job in found.jobs:
        yield line(
            job.call.lower(), f"{job.progress.stage}, {job.progress.fraction:.0%}, {job.seconds:.1f} s"
        )


def status_document(found: GetStatusResponse) -> dict[str, object]:
    """For programs."""
    return {
        "command": "status",
        "version": found.version,
        "process_id": found.process_id,
        "up_seconds": round(found.up_seconds, 3),
        "serving": found.serving,
        "queue_limit": found.queue_limit,
        "memory_used_bytes": found.memory_used_bytes,
        "memory_limit_bytes": found.memory_limit_bytes,
        "regions": found.regions,
        "uploads": found.uploads,
        "roots": list(found.roots),
        "shared_memory": found.shared_memory,
        "workers": found.workers,
        "workers_wanted": found.workers_wanted,
        "trouble": found.trouble or None,
        "jobs": [
            {"call": j.call, "running": j.running, "seconds": round(j.seconds, 3), "stage": j.progress.stage,
             "fraction": round(j.progress.fraction, 4)}
            for j in found.jobs
        ],
    }  # fmt: skip
