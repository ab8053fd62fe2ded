"""The calls of quality control."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from candela_server import service
from candela_server.jobs.errors import UnreachableError
from candela_server.proto.candela.v1.sidecar_pb2_grpc import SidecarStub
from candela_server.rpc.convert.qc import listed_of, measured_of, outcome_of, to_qc_request
from candela_server.rpc.convert.values import report_of
from candela_server.service.results import WorkProgress, no_work
from candela_server.sidecar.asks import QcChunk

__all__ = ["QcCalls"]

Units = list[tuple[str, str, int, int]]


class QcCalls:
    """Each as its namesake in `candela_server.service.qc_calls`, on the sidecar's machine: clips, the report,
    a work folder and profiles have to lie in its roots. Without one measurements are kept in its own cache.
    """

    @property
    @abstractmethod
    def stub(self) -> SidecarStub:
        """The contract."""

    @abstractmethod
    def events(self, method: Callable[..., Any], message: object) -> Iterator[Any]:
        """A call with many answers."""

    def qc(self, request: service.QcRequest, progress: WorkProgress = no_work) -> service.QcOutcome:
        """Its pictures are in the report alone. Made again, a call that was stopped goes on where it was."""
        message, chunks = to_qc_request(request), bytearray()
        for event in self._events(message, progress):
            which = event.WhichOneof("event")
            if which == "chunk":
                chunks += event.chunk.data
            elif which == "result":
                return outcome_of(event.result, bytes(chunks))
        raise _ended()

    def find_shots(self, request: service.QcRequest, progress: WorkProgress = no_work) -> Units:
        """The shots of all clips: clip, name, first and last frame."""
        return self._listed(request, QcChunk("shot"), progress)

    def find_parts(self, request: service.QcRequest, progress: WorkProgress = no_work) -> Units:
        """The parts, which are known without a look at the frames."""
        return self._listed(request, QcChunk("part"), progress)

    def measure_shots(
        self, request: service.QcRequest, wanted: frozenset[int], progress: WorkProgress = no_work
    ) -> service.ShotsMeasured:
        """Into the work folder; numbers from 1."""
        return self._measured(request, QcChunk("shot", _runs(wanted)), progress)

    def measure_parts(
        self, request: service.QcRequest, wanted: frozenset[int], progress: WorkProgress = no_work
    ) -> service.ShotsMeasured:
        """The same of parts."""
        return self._measured(request, QcChunk("part", _runs(wanted)), progress)

    def _listed(self, request: service.QcRequest, chunk: QcChunk, progress: WorkProgress) -> Units:
        for event in self._events(to_qc_request(request, chunk), progress):
            if event.WhichOneof("event") == "listed":
                return listed_of(event.listed)
        raise _ended()

    def _measured(
        self, request: service.QcRequest, chunk: QcChunk, progress: WorkProgress
    ) -> service.ShotsMeasured:
        for event in self._events(to_qc_request(request, chunk), progress):
            if event.WhichOneof("event") == "done":
                return measured_of(event.done, chunk)
        raise _ended()

    def _events(self, message: object, progress: WorkProgress) -> Iterator[Any]:
        for event in self.events(self.stub.Qc, message):
            if event.WhichOneof("event") != "progress":
                yield event
                continue
            work = report_of(event.progress).work
            if work is not None:
                progress(work)


def _runs(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Numbers as ranges."""
    runs = []
    for _, run in groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0]):
        held = [number for _, number in run]
        runs.append((held[0], held[-1]))
    return tuple(runs)


def _ended() -> UnreachableError:
    return UnreachableError("the sidecar ended the call without a result; look into its log")
