"""The table of errors: every class has a row, and comes back as what it was."""

from __future__ import annotations

import grpc
import pytest
from google.rpc import error_details_pb2

import candela_server.rpc.app  # noqa: F401  so that every class there is, is known
from candela_engines.errors import CandelaError, InputError, NoPayloadError
from candela_server.jobs.errors import FieldError, QueueFullError
from candela_server.rpc.errors import DETAILS, TABLE, error_of, incident_status, status_of


def classes(base: type[CandelaError] = CandelaError) -> list[type[CandelaError]]:
    found = [base]
    for kind in base.__subclasses__():
        found += classes(kind)
    return sorted({k for k in found if k.__module__.startswith("candela")}, key=lambda k: k.__name__)


def made(kind: type[CandelaError]) -> CandelaError:
    return QueueFullError("full", 2.5) if kind is QueueFullError else kind("what failed, and what to do")


class Failed(grpc.RpcError, grpc.Call):  # type: ignore[misc]
    """An error as a client meets it."""

    def __init__(self, error: CandelaError) -> None:
        self._code, self._status = status_of(error)

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._status.message

    def trailing_metadata(self) -> list[tuple[str, bytes]]:
        return [(DETAILS, self._status.SerializeToString())]

    initial_metadata = is_active = time_remaining = cancel = add_callback = lambda self, *a: None  # type: ignore[assignment]


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_every_class_has_a_row(kind: type[CandelaError]) -> None:
    assert kind in TABLE, f"{kind.__name__}: candela_server.rpc.errors.TABLE needs a row for it"
    code, status = status_of(made(kind))
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info) and info.reason == kind.__name__ and info.domain == "candela"
    assert status.code == code.value[0] and code is not grpc.StatusCode.OK


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_clients_get_the_error_that_there_was(kind: type[CandelaError]) -> None:
    error = made(kind)
    back = error_of(Failed(error))
    assert type(back) is kind and str(back) == str(error) and back.exit_code == error.exit_code
    if isinstance(error, QueueFullError):
        assert isinstance(back, QueueFullError) and back.retry_seconds == 2.5


def test_a_class_without_a_row_is_what_it_descends_from() -> None:
    class Newer(NoPayloadError):
        pass

    Newer.__module__ = "elsewhere"
    assert status_of(Newer("x"))[0] is grpc.StatusCode.NOT_FOUND


def test_a_field_is_named() -> None:
    status = status_of(FieldError("sdr.colour.range: is missing"))[1]
    bad = error_details_pb2.BadRequest()
    assert status.details[1].Unpack(bad) and bad.field_violations[0].field == "sdr.colour.range"


def test_what_is_unknown_gets_a_number_and_no_detail() -> None:
    incident, code, status = incident_status()
    assert code is grpc.StatusCode.INTERNAL and incident in status.message and len(incident) == 8


def test_a_long_message_fits_into_metadata() -> None:
    status = status_of(InputError("long " * 10_000))[1]
    assert len(status.SerializeToString()) < 8000
