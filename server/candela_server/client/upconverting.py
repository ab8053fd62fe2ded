"""The calls of up-conversion."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

from candela_server import service
from candela_server.jobs.errors import UnreachableError
from candela_server.proto.candela.v1.sidecar_pb2_grpc import SidecarStub
from candela_server.rpc.convert.upconverting import is_result, to_upconvert_request, upconvert_result
from candela_server.rpc.convert.values import report_of
from candela_server.service.results import Progress, WorkProgress, no_progress, no_work

__all__ = ["UpconvertCalls"]


class UpconvertCalls:
    """Each as its namesake in `candela_server.service`, on the sidecar's machine, which has the files."""

    @property
    @abstractmethod
    def stub(self) -> SidecarStub:
        """The contract."""

    @abstractmethod
    def events(self, method: Callable[..., Any], message: object) -> Iterator[Any]:
        """A call with many answers."""

    def upconvert(
        self, request: service.UpconvertRequest, progress: Progress = no_progress
    ) -> service.UpconvertResult:
        """A still."""
        result: service.UpconvertResult = self._made(request, progress, no_work)
        return result

    def upconvert_clip(
        self, request: service.UpconvertClipRequest, progress: WorkProgress = no_work
    ) -> service.UpconvertClipResult:
        """A call that was stopped goes on where it was when it is made again."""
        result: service.UpconvertClipResult = self._made(request, no_progress, progress)
        return result

    def upconvert_cube(
        self, request: service.UpconvertClipRequest, progress: WorkProgress = no_work
    ) -> service.UpconvertCubeResult:
        """A LUT."""
        result: service.UpconvertCubeResult = self._made(request, no_progress, progress)
        return result

    def distil(
        self, request: service.DistilRequest, progress: Progress = no_progress
    ) -> service.DistilResult:
        """Into a still."""
        result: service.DistilResult = self._made(request, progress, no_work)
        return result

    def distil_shots(
        self, request: service.DistilRequest, progress: WorkProgress = no_work
    ) -> service.DistilShotsResult:
        """Into a clip; as `upconvert_clip` where it was stopped."""
        result: service.DistilShotsResult = self._made(request, no_progress, progress)
        return result

    def upconvert_timeline(
        self, request: service.UpconvertClipRequest, progress: WorkProgress = no_work
    ) -> service.UpconvertTimelineResult:
        """What a timeline shows. The files of its media are named as the sidecar's machine names them."""
        result: service.UpconvertTimelineResult = self._made(request, no_progress, progress)
        return result

    def distil_timeline(
        self, request: service.DistilRequest, progress: WorkProgress = no_work
    ) -> service.DistilTimelineResult:
        """The same for copies of its media."""
        result: service.DistilTimelineResult = self._made(request, no_progress, progress)
        return result

    def _made(
        self,
        request: service.UpconvertRequest | service.DistilRequest,
        progress: Progress,
        work: WorkProgress,
    ) -> Any:
        for event in self.events(self.stub.Upconvert, to_upconvert_request(request)):
            which = event.WhichOneof("event")
            if which == "progress":
                report = report_of(event.progress)
                if report.work is not None:
                    work(report.work)
                else:
                    progress(report.stage, report.fraction)
            elif which is not None and is_result(which):
                return upconvert_result(which, getattr(event, which), request)
        raise UnreachableError("the sidecar ended the call without a result; look into its log")
