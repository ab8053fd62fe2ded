"""Frame after frame over one call that stays open."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from candela_engines.colour.state import ColourState
from candela_engines.errors import InfrastructureError
from candela_server.client.sidecar import Sidecar
from candela_server.frames.samples import MemoryFrame
from candela_server.proto.candela.v1 import sidecar_pb2 as pb
from candela_server.rpc.convert.frame_stream import to_frame, to_setup
from candela_server.rpc.convert.values import state_of
from candela_server.service import ReconstructRequest

__all__ = ["FrameStream", "RenderedFrame"]


@dataclass(frozen=True)
class RenderedFrame:
    """What lies in the target. forced: the frame is not the payload's. clipped_high: samples that the
    encoding clipped."""

    encoding: ColourState
    forced: bool
    bytes: int
    clipped_high: int
    notes: tuple[str, ...]


class FrameStream:
    """Reconstructs frames in shared memory, one at a time; the call is opened with the first one, and anew
    after an error. From several threads frames are done in turn."""

    def __init__(self, sidecar: Sidecar) -> None:
        self._sidecar, self._lock = sidecar, threading.Lock()
        self._asks: queue.SimpleQueue[pb.ReconstructFramesRequest | None] = queue.SimpleQueue()
        self._answers: Any = None
        self._said: tuple[bytes, str | None, bool] | None = None
        self._encoding: ColourState | None = None
        self._number = 0

    def reconstruct(
        self, sdr: MemoryFrame, out: MemoryFrame, payload: bytes, *, encoding: str | None, force: bool,
        shot_frame: int | None = None,
    ) -> RenderedFrame:  # fmt: skip
        """The HDR of a frame into another. shot_frame: which frame of its shot it is, where it is one's.

        Raises CandelaError as `service.reconstruct` does.
        """
        with self._lock:
            said = payload, encoding, force
            answer = self._sidecar.again(lambda left: self._one(sdr, out, said, left, shot_frame))
            if answer.HasField("encoding"):
                self._encoding = state_of(answer.encoding)
            if answer.frame != self._number or self._encoding is None:
                self._drop()
                raise InfrastructureError(
                    "the sidecar answered another frame than the one that was asked for"
                )
            notes = tuple(answer.notes)
            return RenderedFrame(
                self._encoding, answer.forced, answer.bytes, answer.clipped_high_samples, notes
            )

    def close(self) -> None:
        """End the call."""
        with self._lock:
            self._drop()

    def _one(
        self, sdr: MemoryFrame, out: MemoryFrame, said: tuple[bytes, str | None, bool], left: float | None,
        shot_frame: int | None,
    ) -> pb.ReconstructFramesResponse:  # fmt: skip
        if self._answers is None:
            self._asks = queue.SimpleQueue()
            stub = self._sidecar.stub
            self._answers = stub.ReconstructFrames(_given(self._asks), metadata=tuple(self._sidecar.metadata))
        self._number += 1
        setup = None
        if said != self._said:
            payload, encoding, force = said
            setup = to_setup(ReconstructRequest(Path(), Path(), encoding=encoding, force=force), payload)
        self._said = None  # until it is answered
        self._asks.put(to_frame(self._number, sdr, out, setup, left, shot_frame))
        try:
            answer: pb.ReconstructFramesResponse = next(self._answers)
        except BaseException:
            self._drop()
            raise
        self._said = said
        return answer

    def _drop(self) -> None:
        if self._answers is not None:
            self._answers.cancel()
        self._asks.put(None)
        self._answers = self._said = None


def _given(
    asks: queue.SimpleQueue[pb.ReconstructFramesRequest | None],
) -> Iterator[pb.ReconstructFramesRequest]:
    while (ask := asks.get()) is not None:
        yield ask
