"""One connection to a sidecar: deadlines, retries, and the calls."""

from __future__ import annotations

import copy
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import grpc

from candela_engines.errors import CandelaError, InputError
from candela_server import service
from candela_server.client.checking import QcCalls
from candela_server.client.clips import ClipCalls
from candela_server.client.judging import JudgeCalls
from candela_server.client.upconverting import UpconvertCalls
from candela_server.jobs.errors import QueueFullError, StoppingError, UnreachableError
from candela_server.proto.candela.v1 import sidecar_pb2 as pb
from candela_server.proto.candela.v1.sidecar_pb2_grpc import SidecarStub
from candela_server.rpc.address import parse_address
from candela_server.rpc.convert import back
from candela_server.rpc.convert import requests as to
from candela_server.rpc.convert.values import to_config
from candela_server.rpc.errors import error_of
from candela_server.service.embed import Measured
from candela_server.service.results import Progress, no_progress
from candela_server.sidecar.asks import File

__all__ = ["Sidecar"]

T = TypeVar("T")
_MOST_MESSAGE = 64 << 20
_WAIT_SECONDS = 0.2
_LAST = ("result", "listed", "done")


class Sidecar(ClipCalls, JudgeCalls, QcCalls, UpconvertCalls):
    """address: `unix:/PATH` or `HOST:PORT`. token, ca: where it asks for them; ca is the file of the
    certificate that signed the sidecar's. seconds: deadline of a call, None for none. retries: how often a
    call is made again that could not begin, with the pauses that the sidecar asks for.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        ca: Path | None = None,
        seconds: float | None = None,
        retries: int = 5,
    ) -> None:
        where = parse_address(address)
        options = [
            ("grpc.max_receive_message_length", _MOST_MESSAGE),
            ("grpc.keepalive_time_ms", 20_000),
            ("grpc.use_local_subchannel_pool", 1),
        ]
        if ca is not None:
            credentials = grpc.ssl_channel_credentials(ca.read_bytes())
            self._channel = grpc.secure_channel(where.target, credentials, options)
        elif where.loopback:
            self._channel = grpc.insecure_channel(where.target, options)
        else:
            raise InputError(f"{address}: is not this machine; give the certificate that it is known by (ca)")
        self._stub = SidecarStub(self._channel)
        self._seconds, self._retries = seconds, retries
        self._client = secrets.token_hex(8)
        self._token = token
        self._request: str | None = None

    def as_call(self, request_id: str, seconds: float | None = None) -> Sidecar:
        """The same connection, whose calls have that id, by which `cancel` of another thread stops them, and
        that deadline."""
        other = copy.copy(self)
        other._request, other._seconds = request_id, seconds
        return other

    def __enter__(self) -> Sidecar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection; calls that go on are cancelled."""
        self._channel.close()

    def embed(
        self,
        request: service.EmbedRequest,
        progress: Progress = no_progress,
        measured: Measured = lambda result: None,
    ) -> service.EmbedResult:
        """As `service.embed`, on the sidecar's machine: paths have to lie in its roots."""
        if request.out is None and not request.dry_run:
            raise InputError("embed needs -o OUT (or --dry-run to see the figures only)")
        message = to.to_embed(request, _file(request.sdr), _maybe(request.hdr), _maybe(request.out))
        for event in self.events(self._stub.Embed, message, progress):
            if event.WhichOneof("event") == "measured":
                measured(back.embed_result(event.measured, request))
            elif event.WhichOneof("event") == "result":
                return back.embed_result(event.result, request)
        raise _ended()

    def reconstruct(
        self, request: service.ReconstructRequest, progress: Progress = no_progress
    ) -> service.ReconstructResult:
        """As `service.reconstruct`."""
        message = to.to_reconstruct(request, _file(request.file), _file(request.out))
        for event in self.events(self._stub.Reconstruct, message, progress):
            if event.WhichOneof("event") == "result":
                return back.reconstruct_result(event.result, request)
        raise _ended()

    def verify(
        self, request: service.VerifyRequest, progress: Progress = no_progress
    ) -> service.VerifyResult:
        """As `service.verify`."""
        message = to.to_verify(request, _file(request.file), _maybe(request.hdr))
        for event in self.events(self._stub.Verify, message, progress):
            if event.WhichOneof("event") == "result":
                return back.verify_result(event.result, request)
        raise _ended()

    def strip(self, request: service.StripRequest, progress: Progress = no_progress) -> service.StripResult:
        """As `service.strip`."""
        for event in self.events(
            self._stub.Strip, to.to_strip(_file(request.file), _file(request.out)), progress
        ):
            if event.WhichOneof("event") == "result":
                return back.strip_result(event.result, request)
        raise _ended()

    def inspect(
        self, request: service.InspectRequest, progress: Progress = no_progress
    ) -> service.InspectResult:
        """As `service.inspect`."""
        return back.inspect_result(self.call(self._stub.Inspect, to.to_inspect(_file(request.file))), request)

    def engines(self) -> list[Any]:
        """The engines, as messages of the contract."""
        return list(self.call(self._stub.ListEngines, pb.ListEnginesRequest()).engines)

    def status(self) -> pb.GetStatusResponse:
        """What the sidecar is at."""
        return self.call(self._stub.GetStatus, pb.GetStatusRequest())

    def cancel(self, request_id: str) -> bool:
        """Stop a call by its id; whether there was one."""
        return self.call(self._stub.Cancel, pb.CancelRequest(request_id=request_id)).found

    @property
    def stub(self) -> SidecarStub:
        """The contract itself, for what is not here; `metadata` goes with every call."""
        return self._stub

    @property
    def metadata(self) -> Sequence[tuple[str, str | bytes]]:
        """Client, $OCIO, the call's id and token."""
        more = [] if self._token is None else [("authorization", f"Bearer {self._token}")]
        if self._request is not None:
            more.append(("candela-request-id", self._request))
        config = to_config(os.environ.get("OCIO")).encode()
        return [("candela-client", self._client), ("candela-ocio-bin", config), *more]

    def call(self, method: Callable[..., T], message: object) -> T:
        """A call with one answer. Raises CandelaError."""
        return self.again(lambda left: method(message, timeout=left, metadata=self.metadata))

    def events(
        self, method: Callable[..., Any], message: object, progress: Progress = no_progress
    ) -> Iterator[Any]:
        """A call with many answers: each of them. Raises CandelaError."""

        def start(left: float | None) -> tuple[Any, Any]:
            stream = method(message, timeout=left, metadata=self.metadata)
            return stream, next(stream)  # the first event is the proof that it was taken

        stream, event = self.again(start)
        try:
            while True:
                which = event.WhichOneof("event")
                if which == "progress":
                    progress(event.progress.stage, event.progress.fraction)
                if which in _LAST:
                    # The last one: a stream that is let go before its status is a call that was cancelled.
                    for _ in stream:
                        pass
                yield event
                event = next(stream)
        except StopIteration:
            return
        except grpc.RpcError as error:
            raise error_of(error) from None
        finally:
            stream.cancel()

    def again(self, attempt: Callable[[float | None], T]) -> T:
        """What `attempt` gives, made again where a call could not begin. It is given what is left in
        seconds."""
        end = None if self._seconds is None else time.monotonic() + self._seconds
        for tried in range(self._retries + 1):
            try:
                return attempt(None if end is None else max(end - time.monotonic(), 0.001))
            except StopIteration:
                raise _ended() from None
            except grpc.RpcError as error:
                found = error_of(error)
                pause = _pause(found, tried)
                if tried == self._retries or pause is None or (end and time.monotonic() + pause > end):
                    raise found from None
                threading.Event().wait(pause)
        raise AssertionError("unreachable")


def _pause(error: CandelaError, tried: int) -> float | None:
    """Seconds until a call is worth making again; None for one that is not."""
    if isinstance(error, QueueFullError):
        return min(error.retry_seconds, 10.0)
    return _WAIT_SECONDS * 2**tried if isinstance(error, UnreachableError | StoppingError) else None


def _file(path: Path) -> File:
    return File(str(path.absolute()))


def _maybe(path: Path | None) -> File | None:
    return None if path is None else _file(path)


def _ended() -> CandelaError:
    return UnreachableError("the sidecar ended the call without a result; look into its log")
