"""Where the sidecar listens: a Unix socket in a private folder, this machine alone, or wider with TLS and a
token."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from candela_engines.errors import InfrastructureError, InputError

__all__ = ["Address", "claim", "default_address", "parse_address"]

_PORT = 7410
_NOT_HERE = f"Unix sockets are not there on this system; listen on 127.0.0.1:{_PORT}"
_LONGEST = 100  # bytes of a socket's path: the system's limit is 104 or 108


@dataclass(frozen=True)
class Address:
    """socket: of a Unix socket, or None. host, port: else. loopback: nobody but this machine gets there."""

    socket: Path | None = None
    host: str = ""
    port: int = 0

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it. A name counts as one only if it is `localhost`."""
        if self.socket is not None or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def target(self) -> str:
        """As gRPC takes it."""
        if self.socket is not None:
            return f"unix:{self.socket}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """`unix:/path`, `/path`, `HOST:PORT` or `[V6]:PORT`. InputError for anything else."""
    if text.startswith(("unix:", "/")):
        path = Path(text.removeprefix("unix:").removeprefix("//"))
        if not path.is_absolute() or not path.name or len(os.fsencode(path)) > _LONGEST:
            raise InputError(
                f"address {text}: the path of a socket is absolute, and of {_LONGEST} bytes at most"
            )
        return Address(socket=path)
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise InputError(f"address {text}: unix:/PATH or HOST:PORT is needed, as 127.0.0.1:7410")
    return Address(host=host, port=int(port))


def default_address() -> Address:
    """The user's own socket: in $XDG_RUNTIME_DIR, else in a folder of the system's temporary one. On systems
    without such sockets a port of this machine alone."""
    if not _has_sockets():
        return Address(host="127.0.0.1", port=_PORT)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Address(socket=Path(runtime) / "candela" / "sidecar.sock")
    return Address(socket=Path(tempfile.gettempdir()) / f"candela-{os.getuid()}" / "sidecar.sock")


def _has_sockets() -> bool:
    """Whether there are Unix sockets, and locks that go with them: not on Windows."""
    try:
        import fcntl  # noqa: F401
    except ImportError:
        return False
    return hasattr(socket, "AF_UNIX") and hasattr(os, "getuid")


@contextlib.contextmanager
def claim(address: Address) -> Iterator[None]:
    """Make a socket's address this process's alone, for as long as the block lasts.

    A lock beside the socket says whether somebody serves there, however the last one ended: a socket that
    was left behind is removed, one that is served is an InputError. Folders are made for this user alone,
    and one that others can write to is refused.
    """
    if address.socket is None:
        yield
        return
    if not _has_sockets():
        raise InputError(f"{address.socket}: {_NOT_HERE}")
    import fcntl

    folder = address.socket.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError as error:
        raise InfrastructureError(f"{folder}: cannot be made: {error.strerror or error}") from error
    sticky = found.st_mode & stat.S_ISVTX
    if found.st_uid not in (0, os.geteuid()) or (found.st_mode & 0o022 and not sticky):
        raise InputError(f"{folder}: others can write there; take a folder of your own for the socket")
    lock = os.open(f"{address.socket}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(lock, 20).decode("ascii", "replace").strip() or "unknown"
            raise InputError(
                f"{address.socket}: a sidecar serves there already (process {holder}); use it, stop it, "
                "or give "
                "another address with --listen"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        address.socket.unlink(missing_ok=True)
        yield
        address.socket.unlink(missing_ok=True)
    finally:
        os.close(lock)
