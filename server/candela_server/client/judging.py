"""The calls on pictures and clips beside one another."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from candela_server import service
from candela_server.frames.samples import MemoryFrame
from candela_server.jobs.errors import UnreachableError
from candela_server.proto.candela.v1.sidecar_pb2_grpc import SidecarStub
from candela_server.rpc.convert.judging import judge_result, to_judge_request
from candela_server.rpc.convert.values import report_of
from candela_server.service.results import WorkProgress, no_work

__all__ = ["JudgeCalls"]

_NONE: Mapping[Path, MemoryFrame] = MappingProxyType({})


class JudgeCalls:
    """Each as its namesake in `candela_server.service`, on the sidecar's machine.

    places: by a path of the request that stands for it, where a frame in shared memory lies; its colours have
    to be said in the request.
    """

    @property
    @abstractmethod
    def stub(self) -> SidecarStub:
        """The contract."""

    @abstractmethod
    def events(self, method: Callable[..., Any], message: object) -> Iterator[Any]:
        """A call with many answers."""

    def score(
        self,
        request: service.ScoreRequest,
        progress: WorkProgress = no_work,
        places: Mapping[Path, MemoryFrame] = _NONE,
    ) -> service.ScoreResult:
        """Overlays are written on the sidecar's machine, inside its roots."""
        result: service.ScoreResult = self._judged(self.stub.Score, request, progress, places)
        return result

    def compare(
        self,
        request: service.CompareRequest,
        progress: WorkProgress = no_work,
        places: Mapping[Path, MemoryFrame] = _NONE,
    ) -> service.CompareResult:
        """Which of two grades of a shot is better, and why."""
        result: service.CompareResult = self._judged(self.stub.Compare, request, progress, places)
        return result

    def metrics(
        self,
        request: service.MetricsRequest,
        progress: WorkProgress = no_work,
        places: Mapping[Path, MemoryFrame] = _NONE,
    ) -> service.MetricsResult:
        """How far a picture or clip is from its reference, frame by frame."""
        result: service.MetricsResult = self._judged(self.stub.Measure, request, progress, places)
        return result

    def look(
        self,
        request: service.LookRequest,
        progress: WorkProgress = no_work,
        places: Mapping[Path, MemoryFrame] = _NONE,
    ) -> service.LookResult:
        """Frames as pictures, and scopes."""
        result: service.LookResult = self._judged(self.stub.Look, request, progress, places)
        return result

    def _judged(
        self,
        method: Callable[..., Any],
        request: service.ScoreRequest | service.CompareRequest | service.MetricsRequest | service.LookRequest,
        progress: WorkProgress,
        places: Mapping[Path, MemoryFrame],
    ) -> Any:
        for event in self.events(method, to_judge_request(request, places)):
            if event.WhichOneof("event") == "result":
                return judge_result(event.result, request)
            work = report_of(event.progress).work
            if work is not None:
                progress(work)
        raise UnreachableError("the sidecar ended the call without a result; look into its log")
