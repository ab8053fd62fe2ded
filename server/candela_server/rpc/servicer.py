"""The service: from a message, a call, to a message."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, TypeAlias

from grpc import aio

from candela_server.proto.candela.v1 import clips_pb2 as clips
from candela_server.proto.candela.v1 import results_pb2 as results
from candela_server.proto.candela.v1 import scores_pb2 as scores
from candela_server.proto.candela.v1 import sidecar_pb2 as pb
from candela_server.proto.candela.v1 import upconvert_pb2 as upconvert
from candela_server.proto.candela.v1.sidecar_pb2_grpc import SidecarServicer
from candela_server.rpc.convert import requests as ask
from candela_server.rpc.convert import results as to
from candela_server.rpc.convert.clip_requests import clip_ask
from candela_server.rpc.convert.clip_results import to_clip_response
from candela_server.rpc.convert.frame_stream import frame_asks, to_frame_response
from candela_server.rpc.convert.judging import judge_ask, to_judge_response
from candela_server.rpc.convert.mapped import to_message
from candela_server.rpc.convert.qc import qc_ask, to_qc_responses
from candela_server.rpc.convert.sharing import Health, parts_of, region_of, to_status
from candela_server.rpc.convert.upconverting import to_upconvert_response, upconvert_ask
from candela_server.rpc.guard import caller_of
from candela_server.sidecar.calls import Calls
from candela_server.sidecar.sharing import Sharing

__all__ = ["Servicer"]


Context: TypeAlias = aio.ServicerContext[Any, Any]


class Servicer(SidecarServicer):
    """candela.v1.Sidecar; what surrounds every call is in `rpc.guard`."""

    def __init__(self, calls: Calls, sharing: Sharing, health: Health) -> None:
        self._calls, self._sharing, self._health = calls, sharing, health

    async def Embed(self, request: pb.EmbedRequest, context: Context) -> AsyncIterator[pb.EmbedResponse]:
        """See the contract, as for all of them."""
        async for event in self._calls.stream(ask.embed_ask(request), caller_of(context)):
            yield to.to_embed_response(event)

    async def Reconstruct(
        self, request: pb.ReconstructRequest, context: Context
    ) -> AsyncIterator[pb.ReconstructResponse]:
        """."""
        async for event in self._calls.stream(ask.reconstruct_ask(request), caller_of(context)):
            yield to.to_reconstruct_response(event)

    async def ReconstructFrames(
        self, request_iterator: AsyncIterable[pb.ReconstructFramesRequest], context: Context
    ) -> AsyncIterator[pb.ReconstructFramesResponse]:
        """."""
        setup = None
        asks = frame_asks(request_iterator)
        async for frame, made in self._calls.frames(asks, caller_of(context)):
            yield to_frame_response(frame.number, made, first=frame.setup is not setup)
            setup = frame.setup

    async def Score(
        self, request: scores.ScoreRequest, context: Context
    ) -> AsyncIterator[scores.ScoreResponse]:
        """."""
        async for event in self._calls.stream(judge_ask(request), caller_of(context)):
            yield to_judge_response(event, scores.ScoreResponse)

    async def Compare(
        self, request: scores.CompareRequest, context: Context
    ) -> AsyncIterator[scores.CompareResponse]:
        """."""
        async for event in self._calls.stream(judge_ask(request), caller_of(context)):
            yield to_judge_response(event, scores.CompareResponse)

    async def Measure(
        self, request: scores.MeasureRequest, context: Context
    ) -> AsyncIterator[scores.MeasureResponse]:
        """."""
        async for event in self._calls.stream(judge_ask(request), caller_of(context)):
            yield to_judge_response(event, scores.MeasureResponse)

    async def Look(self, request: scores.LookRequest, context: Context) -> AsyncIterator[scores.LookResponse]:
        """."""
        async for event in self._calls.stream(judge_ask(request), caller_of(context)):
            yield to_judge_response(event, scores.LookResponse)

    async def Qc(self, request: scores.QcRequest, context: Context) -> AsyncIterator[scores.QcResponse]:
        """."""
        async for event in self._calls.stream(qc_ask(request), caller_of(context)):
            for response in to_qc_responses(event):
                yield response

    async def Upconvert(
        self, request: upconvert.UpconvertRequest, context: Context
    ) -> AsyncIterator[upconvert.UpconvertResponse]:
        """."""
        async for event in self._calls.stream(upconvert_ask(request), caller_of(context)):
            yield to_upconvert_response(event)

    async def Verify(self, request: pb.VerifyRequest, context: Context) -> AsyncIterator[pb.VerifyResponse]:
        """."""
        async for event in self._calls.stream(ask.verify_ask(request), caller_of(context)):
            yield to.to_verify_response(event)

    async def Strip(self, request: pb.StripRequest, context: Context) -> AsyncIterator[pb.StripResponse]:
        """."""
        async for event in self._calls.stream(ask.strip_ask(request), caller_of(context)):
            yield to.to_strip_response(event)

    async def Inspect(self, request: pb.InspectRequest, context: Context) -> results.InspectResult:
        """."""
        return to.to_inspect_result(await self._calls.single(ask.inspect_ask(request), caller_of(context)))

    async def EmbedShots(
        self, request: clips.EmbedShotsRequest, context: Context
    ) -> AsyncIterator[clips.EmbedShotsResponse]:
        """."""
        async for event in self._calls.stream(clip_ask(request), caller_of(context)):
            yield to_clip_response(event, clips.EmbedShotsResponse)

    async def ReconstructClip(
        self, request: clips.ReconstructClipRequest, context: Context
    ) -> AsyncIterator[clips.ReconstructClipResponse]:
        """."""
        async for event in self._calls.stream(clip_ask(request), caller_of(context)):
            yield to_clip_response(event, clips.ReconstructClipResponse)

    async def VerifyShots(
        self, request: clips.VerifyShotsRequest, context: Context
    ) -> AsyncIterator[clips.VerifyShotsResponse]:
        """."""
        async for event in self._calls.stream(clip_ask(request), caller_of(context)):
            yield to_clip_response(event, clips.VerifyShotsResponse)

    async def StripShots(
        self, request: clips.StripShotsRequest, context: Context
    ) -> AsyncIterator[clips.StripShotsResponse]:
        """."""
        async for event in self._calls.stream(clip_ask(request), caller_of(context)):
            yield to_clip_response(event, clips.StripShotsResponse)

    async def InspectShots(
        self, request: clips.InspectShotsRequest, context: Context
    ) -> clips.InspectShotsResult:
        """."""
        found = await self._calls.single(clip_ask(request), caller_of(context))
        return to_message(found, clips.InspectShotsResult)

    async def ListShots(
        self, request: clips.ListShotsRequest, context: Context
    ) -> AsyncIterator[clips.ListShotsResponse]:
        """."""
        async for event in self._calls.stream(clip_ask(request), caller_of(context)):
            yield to_clip_response(event, clips.ListShotsResponse)

    async def Upload(
        self, request_iterator: AsyncIterable[pb.UploadRequest], context: Context
    ) -> pb.UploadResponse:
        """."""
        id_, count = await self._sharing.upload(parts_of(request_iterator))
        return pb.UploadResponse(upload=id_, bytes=count)

    async def RegisterSharedMemory(
        self, request: pb.RegisterSharedMemoryRequest, context: Context
    ) -> AsyncIterator[pb.RegisterSharedMemoryResponse]:
        """."""
        async for region in self._sharing.hold(region_of(request, self._sharing)):
            yield pb.RegisterSharedMemoryResponse(region=region)

    async def UnregisterSharedMemory(
        self, request: pb.UnregisterSharedMemoryRequest, context: Context
    ) -> pb.UnregisterSharedMemoryResponse:
        """."""
        self._sharing.unregister(request.region)
        return pb.UnregisterSharedMemoryResponse()

    async def ListEngines(self, request: pb.ListEnginesRequest, context: Context) -> pb.ListEnginesResponse:
        """."""
        return to.to_engines(await self._calls.engines(caller_of(context)))

    async def Cancel(self, request: pb.CancelRequest, context: Context) -> pb.CancelResponse:
        """."""
        return pb.CancelResponse(found=self._calls.cancel(request.request_id))

    async def GetStatus(self, request: pb.GetStatusRequest, context: Context) -> pb.GetStatusResponse:
        """."""
        return to_status(self._calls, self._health)
