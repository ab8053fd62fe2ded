"""Frame after frame in shared memory: messages to what is asked for, and results to answers."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

from candela_server.frames.samples import MemoryFrame
from candela_server.jobs.errors import FieldError
from candela_server.proto.candela.v1 import sidecar_pb2 as pb
from candela_server.rpc.convert.values import (
    colour_of,
    encoding_of,
    memory_of,
    to_colour,
    to_config,
    to_encoding,
    to_memory,
    to_state,
)
from candela_server.service import ReconstructRequest
from candela_server.sidecar.asks import FrameAsk, FramesAsk
from candela_server.sidecar.tasks import Rendered

__all__ = ["frame_asks", "to_frame", "to_frame_response", "to_setup"]


async def frame_asks(messages: AsyncIterable[pb.ReconstructFramesRequest]) -> AsyncIterator[FrameAsk]:
    """FieldError for a field that is needed and not there."""
    setup: FramesAsk | None = None
    async for m in messages:
        if m.HasField("setup"):
            setup = _setup(m.setup)
        if setup is None:
            raise FieldError("setup: the first message needs it")
        yield FrameAsk(
            m.frame, setup, memory_of(m.sdr, "sdr"), memory_of(m.out, "out"),
            m.seconds if m.HasField("seconds") else None,
            m.shot_frame if m.HasField("shot_frame") else None,
        )  # fmt: skip


def _setup(m: pb.FramesSetup) -> FramesAsk:
    if not m.payload:
        raise FieldError("setup.payload: frames in shared memory need their payload beside them")
    colour = colour_of(m, "setup")
    return FramesAsk(colour, encoding_of(m.encoding, "setup.encoding"), m.payload, m.ocio or None, m.force)


def to_setup(r: ReconstructRequest, payload: bytes) -> pb.FramesSetup:
    """As `frame_asks` takes it. The colour is that of the payload."""
    return pb.FramesSetup(
        colour=to_colour(None, None), encoding=to_encoding(r.encoding), payload=payload,
        ocio=to_config(r.ocio), force=r.force,
    )  # fmt: skip


def to_frame(
    number: int, sdr: MemoryFrame, out: MemoryFrame, setup: pb.FramesSetup | None, seconds: float | None,
    shot_frame: int | None = None,
) -> pb.ReconstructFramesRequest:  # fmt: skip
    """The message of one frame."""
    return pb.ReconstructFramesRequest(
        setup=setup, sdr=to_memory(sdr), out=to_memory(out), frame=number, seconds=seconds,
        shot_frame=shot_frame,
    )  # fmt: skip


def to_frame_response(number: int, made: Rendered, *, first: bool) -> pb.ReconstructFramesResponse:
    """The answer for one frame. first: after a setup."""
    return pb.ReconstructFramesResponse(
        frame=number, forced=made.forced, bytes=made.bytes, clipped_high_samples=made.clipped,
        encoding=to_state(made.encoding) if first else None, notes=made.notes,
    )  # fmt: skip
