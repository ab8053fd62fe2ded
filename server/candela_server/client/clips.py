"""The calls on movies, sequences and timelines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

from candela_engines.errors import InputError
from candela_server import service
from candela_server.jobs.errors import UnreachableError
from candela_server.proto.candela.v1.sidecar_pb2_grpc import SidecarStub
from candela_server.rpc.convert.clip_requests import to_clip_request
from candela_server.rpc.convert.clip_results import clip_result
from candela_server.rpc.convert.values import report_of
from candela_server.service.results import Progress, WorkProgress, no_progress, no_work

__all__ = ["ClipCalls"]

Measured = Callable[[service.EmbedShotsResult], None]


class ClipCalls:
    """Each as its namesake in `candela_server.service`, on the sidecar's machine."""

    @property
    @abstractmethod
    def stub(self) -> SidecarStub:
        """The contract."""

    @abstractmethod
    def call(self, method: Callable[..., Any], message: object) -> Any:
        """A call with one answer."""

    @abstractmethod
    def events(self, method: Callable[..., Any], message: object) -> Iterator[Any]:
        """A call with many answers."""

    def embed_shots(
        self,
        request: service.EmbedShotsRequest,
        progress: WorkProgress = no_work,
        measured: Measured = lambda result: None,
    ) -> service.EmbedShotsResult:
        """A call that was stopped goes on where it was when it is made again."""
        if request.out is None and not request.dry_run:
            raise InputError("embed needs -o OUT (or --dry-run to see the figures only)")
        result: service.EmbedShotsResult = self._work(self.stub.EmbedShots, request, progress, measured)
        return result

    def reconstruct_clip(
        self, request: service.ReconstructClipRequest, progress: WorkProgress = no_work
    ) -> service.ClipResult:
        """The same holds for this."""
        result: service.ClipResult = self._work(self.stub.ReconstructClip, request, progress)
        return result

    def verify_shots(
        self, request: service.VerifyShotsRequest, progress: WorkProgress = no_work
    ) -> service.VerifyShotsResult:
        """."""
        result: service.VerifyShotsResult = self._work(self.stub.VerifyShots, request, progress)
        return result

    def strip_shots(
        self, request: service.StripShotsRequest, progress: WorkProgress = no_work
    ) -> service.StripShotsResult:
        """."""
        result: service.StripShotsResult = self._work(self.stub.StripShots, request, progress)
        return result

    def inspect_shots(
        self, request: service.InspectShotsRequest, progress: Progress = no_progress
    ) -> service.InspectShotsResult:
        """Without progress."""
        message = self.call(self.stub.InspectShots, to_clip_request(request))
        result: service.InspectShotsResult = clip_result(message, request)
        return result

    def shots(self, request: service.ShotsRequest, progress: WorkProgress = no_work) -> service.ShotsResult:
        """."""
        result: service.ShotsResult = self._work(self.stub.ListShots, request, progress)
        return result

    def _work(
        self,
        method: Callable[..., Any],
        request: Any,
        progress: WorkProgress,
        measured: Measured = lambda result: None,
    ) -> Any:
        for event in self.events(method, to_clip_request(request)):
            which = event.WhichOneof("event")
            if which == "progress":
                work = report_of(event.progress).work
                if work is not None:
                    progress(work)
            elif which == "measured":
                measured(clip_result(event.measured, request))
            elif which == "result":
                return clip_result(event.result, request)
        raise UnreachableError("the sidecar ended the call without a result; look into its log")
