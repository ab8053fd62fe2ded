"""One table from errors to gRPC statuses, with google.rpc details. What is unknown is INTERNAL, with a
number."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from candela_engines import errors as engines
from candela_engines.errors import CandelaError, InfrastructureError
from candela_engines.scorer.vlm.exchange import TimedOut, Unreachable
from candela_server.jobs import errors as jobs
from candela_server.jobs.errors import FieldError, QueueFullError
from candela_server.service.shots_embed import Cancelled

__all__ = ["DETAILS", "DOMAIN", "TABLE", "error_of", "incident_status", "status_of"]

DOMAIN = "candela"
DETAILS = "grpc-status-details-bin"
_MOST_TEXT = 2000  # a status travels in metadata, which has 8 KB

TABLE: dict[type[CandelaError], grpc.StatusCode] = {
    engines.CandelaError: grpc.StatusCode.UNKNOWN,
    engines.InputError: grpc.StatusCode.INVALID_ARGUMENT,
    engines.ColourStateError: grpc.StatusCode.INVALID_ARGUMENT,
    engines.MediaError: grpc.StatusCode.INVALID_ARGUMENT,
    engines.CarrierError: grpc.StatusCode.FAILED_PRECONDITION,
    engines.NoPayloadError: grpc.StatusCode.NOT_FOUND,
    engines.PayloadError: grpc.StatusCode.DATA_LOSS,
    engines.PictureMismatchError: grpc.StatusCode.FAILED_PRECONDITION,
    engines.InfrastructureError: grpc.StatusCode.FAILED_PRECONDITION,
    Unreachable: grpc.StatusCode.UNAVAILABLE,
    TimedOut: grpc.StatusCode.DEADLINE_EXCEEDED,
    Cancelled: grpc.StatusCode.CANCELLED,
    jobs.CancelledError: grpc.StatusCode.CANCELLED,
    jobs.DeadlineError: grpc.StatusCode.DEADLINE_EXCEEDED,
    jobs.FieldError: grpc.StatusCode.INVALID_ARGUMENT,
    jobs.FrameMemoryError: grpc.StatusCode.INVALID_ARGUMENT,
    jobs.MemoryLimitError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    jobs.NotSupportedError: grpc.StatusCode.UNIMPLEMENTED,
    jobs.PathRefusedError: grpc.StatusCode.PERMISSION_DENIED,
    jobs.QueueFullError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    jobs.StoppingError: grpc.StatusCode.UNAVAILABLE,
    jobs.TokenError: grpc.StatusCode.UNAUTHENTICATED,
    jobs.TooLargeError: grpc.StatusCode.INVALID_ARGUMENT,
    jobs.UnreachableError: grpc.StatusCode.UNAVAILABLE,
    jobs.WorkerDiedError: grpc.StatusCode.INTERNAL,
}
"""A row for every error that there is; a test walks the classes."""

_CLASSES = {kind.__name__: kind for kind in TABLE}


def status_of(error: CandelaError) -> tuple[grpc.StatusCode, status_pb2.Status]:
    """The code and the status with its details: ErrorInfo, and BadRequest or RetryInfo where they say
    more."""
    kind = next(kind for kind in type(error).__mro__ if kind in TABLE)
    info = error_details_pb2.ErrorInfo(reason=kind.__name__, domain=DOMAIN)
    details = [_packed(info)]
    if isinstance(error, FieldError):
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=str(error)[:500]
        )
        details.append(_packed(error_details_pb2.BadRequest(field_violations=[violation])))
    if isinstance(error, QueueFullError):
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(round(error.retry_seconds * 1000))
        details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    code = TABLE[kind]
    return code, status_pb2.Status(code=code.value[0], message=_text(str(error)), details=details)


def incident_status() -> tuple[str, grpc.StatusCode, status_pb2.Status]:
    """For a fault of ours: a number, under which the log has the rest, and its status."""
    incident = secrets.token_hex(4)
    info = error_details_pb2.ErrorInfo(reason="InternalError", domain=DOMAIN, metadata={"incident": incident})
    message = f"internal error, incident {incident}; the sidecar's log says more under this number"
    status = status_pb2.Status(code=code_pb2.INTERNAL, message=message, details=[_packed(info)])
    return incident, grpc.StatusCode.INTERNAL, status


def error_of(error: grpc.RpcError) -> CandelaError:
    """The error that the sidecar had, by its class's name; else what gRPC says of the way to it."""
    code = error.code() if isinstance(error, grpc.Call) else grpc.StatusCode.UNKNOWN
    text = str(error.details() if isinstance(error, grpc.Call) else error)
    status = _status_in(error)
    reason, retry = "", 1.0
    for detail in status.details if status is not None else ():
        info, again = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            reason = info.reason if info.domain == DOMAIN else ""
        elif detail.Unpack(again):
            retry = again.retry_delay.ToMilliseconds() / 1000
    kind = _CLASSES.get(reason)
    if kind is QueueFullError:
        return QueueFullError(text, retry)
    if kind is not None:
        return kind(text)
    if code is grpc.StatusCode.CANCELLED:
        return jobs.CancelledError(f"the call was cancelled ({text})")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return jobs.DeadlineError("the sidecar did not answer by the deadline; give it more time")
    if code is grpc.StatusCode.UNAVAILABLE:
        return jobs.UnreachableError(f"the sidecar cannot be reached ({text}); start it with candela serve")
    if code is grpc.StatusCode.UNIMPLEMENTED:  # of gRPC itself: what the sidecar refuses has its own words
        return jobs.NotSupportedError("the sidecar does not know this call: it is older than this client")
    return InfrastructureError(f"the sidecar failed: {text}")


def _status_in(error: grpc.RpcError) -> status_pb2.Status | None:
    trailing = error.trailing_metadata() if isinstance(error, grpc.Call) else None
    pairs: Iterable[tuple[str, str | bytes]] = trailing or ()
    for key, value in pairs:
        if key == DETAILS and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except Exception:  # protobuf's own class; a damaged status is no reason to lose the error
                return None
    return None


def _packed(message: object) -> any_pb2.Any:
    found = any_pb2.Any()
    found.Pack(message)  # type: ignore[arg-type]
    return found


def _text(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"
