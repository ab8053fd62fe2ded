"""What surrounds every call: its id, its token, its line in the log, its metrics, and its errors as
statuses."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeAlias

import grpc
from grpc import aio

from candela_engines.errors import CandelaError, InfrastructureError
from candela_server.jobs.errors import TokenError
from candela_server.rpc.errors import DETAILS, incident_status, status_of
from candela_server.rpc.logs import said
from candela_server.rpc.metrics import Metrics
from candela_server.sidecar.calls import Caller

__all__ = ["Guard", "caller_of"]

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_request: ContextVar[str] = ContextVar("candela_request", default="")
Context: TypeAlias = aio.ServicerContext[Any, Any]
Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Any]]


def caller_of(context: Context) -> Caller:
    """Who calls, and until when."""
    left = context.time_remaining()
    metadata = dict(context.invocation_metadata() or ())
    client = str(metadata.get("candela-client", ""))
    # Connections to one Unix socket all have one name; those that say who they are share it with none.
    name = f"client {client}" if _ID.fullmatch(client) else f"peer {context.peer()}"
    id_ = _request.get()
    deadline = None if left is None else time.monotonic() + left
    config = metadata.get("candela-ocio-bin")
    ocio = config.decode("utf-8", "replace") if isinstance(config, bytes) else None
    return Caller(name, id_, deadline, lambda end: _when_done(context, end), ocio)


def _when_done(context: Context, end: Callable[[], None]) -> None:
    def done(_: Any) -> None:
        end()

    context.add_done_callback(done)  # type: ignore[arg-type]


class Guard(aio.ServerInterceptor):
    """token: what clients have to have, None where everybody who gets here may call."""

    def __init__(self, metrics: Metrics, token: str | None) -> None:
        self._metrics, self._token = metrics, token
        self._calls, self._ended = 0, time.monotonic()

    @property
    def idle_seconds(self) -> float:
        """Since the last call ended, of whatever kind; 0 while one goes on."""
        return 0.0 if self._calls else time.monotonic() - self._ended

    async def intercept_service(self, continuation: Continuation, details: grpc.HandlerCallDetails) -> Any:
        """Wrap the handler, whatever its kind."""
        handler = await continuation(details)
        if handler is None:
            return None
        call = str(details.method)
        if handler.response_streaming:
            inner = handler.stream_stream if handler.request_streaming else handler.unary_stream
            wrap = (
                grpc.stream_stream_rpc_method_handler
                if handler.request_streaming
                else grpc.unary_stream_rpc_method_handler
            )
            return wrap(self._stream(call, inner), handler.request_deserializer, handler.response_serializer)
        inner = handler.stream_unary if handler.request_streaming else handler.unary_unary
        make = (
            grpc.stream_unary_rpc_method_handler
            if handler.request_streaming
            else grpc.unary_unary_rpc_method_handler
        )
        return make(self._single(call, inner), handler.request_deserializer, handler.response_serializer)

    def _single(self, call: str, inner: Callable[..., Any]) -> Callable[[Any, Context], Awaitable[Any]]:
        async def handle(request: Any, context: Context) -> Any:
            async with _Watched(self, call, context):
                return await inner(request, context)

        return handle

    def _stream(self, call: str, inner: Callable[..., Any]) -> Callable[[Any, Context], AsyncIterator[Any]]:
        async def handle(request: Any, context: Context) -> AsyncIterator[Any]:
            async with _Watched(self, call, context):
                answers = inner(request, context)
                if not hasattr(answers, "__aiter__"):  # health writes by itself
                    await answers
                    return
                try:
                    async for answer in answers:
                        yield answer
                finally:
                    await answers.aclose()

        return handle


class _Watched:
    """One call. Leaving it says how it ended, and turns errors into statuses."""

    def __init__(self, guard: Guard, call: str, context: Context) -> None:
        self._guard, self._call, self._context = guard, call.rpartition("/")[2], context
        self._ours = call.startswith("/candela.")
        self._began = time.monotonic()
        self._id = ""
        # Asked now: of a call that has ended, gRPC's own library crashes.
        self._peer = context.peer()

    async def __aenter__(self) -> None:
        metadata = dict(self._context.invocation_metadata() or ())
        given = str(metadata.get("candela-request-id", ""))
        self._id = given if _ID.fullmatch(given) else secrets.token_hex(16)
        _request.set(self._id)
        self._guard._metrics.open.inc()
        self._guard._calls += 1
        try:
            self._check_token(str(metadata.get("authorization", "")))
            if self._ours:
                await self._context.send_initial_metadata((("candela-request-id", self._id),))
        except BaseException as error:
            await self.__aexit__(type(error), error, None)
            raise

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            await self._end(error)
        finally:
            self._guard._metrics.open.dec()
            self._guard._calls -= 1
            self._guard._ended = time.monotonic()

    def _check_token(self, given: str) -> None:
        token = self._guard._token
        if token is not None and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise TokenError("a token is needed: authorization: Bearer TOKEN, which the operator gives out")

    async def _end(self, error: BaseException | None) -> None:
        if isinstance(error, OSError):
            error = InfrastructureError(f"the sidecar's machine refuses: {error.strerror or error}")
        if isinstance(error, MemoryError):
            error = InfrastructureError("not enough memory for this picture")
        if isinstance(error, CandelaError):
            code, status = status_of(error)
            self._note(code.name, reason=type(error).__name__, message=status.message)
            await self._context.abort(code, status.message, ((DETAILS, status.SerializeToString()),))
        elif isinstance(error, asyncio.CancelledError | GeneratorExit):
            self._note("CANCELLED", message="the client went away, or cancelled")
        elif isinstance(error, aio.AbortError):
            self._note("ABORTED")
        elif isinstance(error, Exception):
            incident, code, status = incident_status()
            said(
                "incident",
                level=logging.ERROR,
                error=error,
                request=self._id,
                call=self._call,
                incident=incident,
            )
            self._note(code.name, incident=incident)
            await self._context.abort(code, status.message, ((DETAILS, status.SerializeToString()),))
        elif error is None:
            self._note("OK")

    def _note(self, status: str, **facts: str) -> None:
        seconds = time.monotonic() - self._began
        self._guard._metrics.calls.labels(self._call, status).inc()
        self._guard._metrics.seconds.labels(self._call).observe(seconds)
        about = {"request": self._id, "call": self._call, "status": status, "seconds": round(seconds, 6)}
        said("call", **about, peer=self._peer, **facts)  # type: ignore[arg-type]
