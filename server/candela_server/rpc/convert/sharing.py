"""Memory, uploads and the status, to and from messages."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from candela_engines import __version__
from candela_server.frames.segments import Region
from candela_server.jobs.job import Job
from candela_server.proto.candela.v1 import sidecar_pb2 as pb
from candela_server.rpc.convert.values import to_report
from candela_server.sidecar.calls import Calls
from candela_server.sidecar.sharing import Sharing

__all__ = ["Health", "parts_of", "region_of", "to_status"]


@dataclass
class Health:
    """serving: False from the moment that the sidecar stops. began: `time.monotonic()`."""

    serving: bool
    began: float


def region_of(m: pb.RegisterSharedMemoryRequest, sharing: Sharing) -> Region:
    """Register what a message names."""
    which = m.WhichOneof("memory")
    sealed = (m.sealed_file.process_id, m.sealed_file.descriptor) if which == "sealed_file" else None
    return sharing.register(m.posix_name if which == "posix_name" else None, sealed, m.size_bytes)


async def parts_of(messages: AsyncIterable[pb.UploadRequest]) -> AsyncIterator[str | bytes]:
    """Suffix and bytes of an upload."""
    async for message in messages:
        yield message.suffix if message.WhichOneof("part") == "suffix" else message.data


def to_status(calls: Calls, health: Health) -> pb.GetStatusResponse:
    """What the sidecar is at."""
    scheduler, desk, staff = calls.scheduler, calls.desk, calls.staff
    return pb.GetStatusResponse(
        version=__version__,
        process_id=os.getpid(),
        up_seconds=time.monotonic() - health.began,
        serving=health.serving,
        jobs=[_job(job) for job in scheduler.jobs],
        queue_limit=scheduler.limits.waiting,
        memory_used_bytes=scheduler.memory_used,
        memory_limit_bytes=scheduler.limits.memory,
        regions=len(desk.regions),
        uploads=len(desk.uploads),
        roots=[str(folder) for folder in desk.roots.folders],
        shared_memory=desk.regions.enabled,
        workers=staff.there,
        workers_wanted=staff.wanted,
        trouble=staff.trouble,
    )


def _job(job: Job) -> pb.Job:
    return pb.Job(
        call=job.call,
        request_id=job.id,
        running=job.running,
        seconds=time.monotonic() - job.began,
        progress=to_report(job.report),
    )
