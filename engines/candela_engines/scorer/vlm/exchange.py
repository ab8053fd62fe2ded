"""One HTTP request and its answer, bounded in time and size, with the standard library.

A server may hang, drip a byte a second, redirect, or send without end. A timeout of a socket is for one read
only; so a timer closes the connection when the whole exchange has had its time. Redirects are not followed:
what is sent may be a picture under embargo, and goes where it was told to go.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from candela_engines.errors import InfrastructureError, InputError

__all__ = ["MOST_BYTES", "Exchanged", "TimedOut", "Unreachable", "exchange", "split_endpoint"]

MOST_BYTES = 4 << 20
"""Of an answer; one of 800 tokens has a few kilobytes."""


class Unreachable(InfrastructureError):
    """No answer came: refused, broken off, no HTTP, or not in time."""


class TimedOut(Unreachable):
    """The exchange had its time."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """status: of HTTP. body: as it came. seconds: from the first byte sent to the last one read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


def split_endpoint(url: str) -> SplitResult:
    """A checked address, its path up to `/v1`. Raises InputError for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InputError(f"--endpoint {url[:120]}: is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"--endpoint {url[:120]}: http://HOST:PORT or https://HOST is needed")
    if parts.username or parts.password:
        raise InputError("--endpoint: holds a name or password; give a key in the file $CANDELA_VLM_KEY_FILE")
    if parts.query or parts.fragment or port == 0:
        raise InputError(f"--endpoint {url[:120]}: has more than a host and a path")
    path = parts.path.rstrip("/")
    for tail in ("/chat/completions", "/models"):
        path = path.removesuffix(tail)
    if not path.endswith("/v1"):
        path += "/v1"
    return parts._replace(path=path)


def is_local(parts: SplitResult) -> bool:
    """Whether it is this machine, so that nothing travels in the open."""
    host = (parts.hostname or "").lower()
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def exchange(
    parts: SplitResult,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    *,
    timeout: float,
    most: int = MOST_BYTES,
) -> Exchanged:
    """POST of `body`, else GET, of `path` below the endpoint's, whole within `timeout` seconds.

    Raises TimedOut, or Unreachable for what is no HTTP, breaks off, redirects or is larger than `most` bytes.
    """
    where = f"{parts.scheme}://{parts.netloc}"
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    began = time.monotonic()
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    late = threading.Event()
    # The connection forgets its socket when the server says that it will close.
    held: list[socket.socket] = []

    def cut() -> None:
        late.set()
        for one in held:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(timeout, cut)
    timer.daemon = True
    try:
        timer.start()
        connection.connect()
        held.append(connection.sock)
        connection.request("GET" if body is None else "POST", parts.path + path, body, dict(headers))
        with connection.getresponse() as answer:
            if 300 <= answer.status < 400:
                there = _plain(answer.headers.get("Location", "elsewhere"))[:120]
                raise Unreachable(
                    f"{where} redirects to {there}, where "
                    "pictures are not sent unasked; give that address as --endpoint"
                )
            data = _read(answer, most, late, where)
        if late.is_set():
            raise TimedOut(f"{where} did not answer within {timeout:g} s")
        found = {k.lower(): v for k, v in answer.headers.items()}
        return Exchanged(answer.status, found, data, time.monotonic() - began)
    except (TimeoutError, ssl.SSLError, OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, TimeoutError) or late.is_set():
            raise TimedOut(f"{where} did not answer within {timeout:g} s") from error
        said = _plain(error) or type(error).__name__
        raise Unreachable(f"{where} cannot be asked: {said[:200]}") from error
    finally:
        timer.cancel()
        connection.close()


def _read(answer: http.client.HTTPResponse, most: int, late: threading.Event, where: str) -> bytes:
    parts, size = [], 0
    while piece := answer.read1(1 << 16):
        parts.append(piece)
        size += len(piece)
        if size > most:
            raise Unreachable(f"{where} answers with more than {most >> 20} MiB; that is no opinion")
        if late.is_set():
            break
    # read1 ends quietly where a length was promised and the connection broke off before.
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return b"".join(parts)


def _plain(said: object) -> str:
    """What a stranger said, without what would drive a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(said)).split())
