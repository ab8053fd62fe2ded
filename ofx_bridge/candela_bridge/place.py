"""Where the helper listens: a Unix socket in a folder of the user's own; else, as on Windows, a port of this
machine alone with a token that only this user can read.

Standard library alone, Python 3.9 and later: a host's Python loads it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import socket
import stat
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional

from candela_bridge.wire import PROTOCOL

__all__ = [
    "Place",
    "PlaceError",
    "default_place",
    "has_unix_sockets",
    "new_token",
    "own_folder",
    "peer",
    "proof",
]

_LONGEST = 100  # bytes of a socket's path: the system's limit is 104 or 108
_TOKEN_BYTES = 32


class PlaceError(Exception):
    """A folder that cannot be had, or that others can write to: which one, and what to do."""


@dataclass(frozen=True)
class Place:
    """folder: the user's own. unix: whether the helper has a socket there, or a port with a token.

    The version of the protocol is in the names: a helper of another one is simply not found.
    """

    folder: Path
    unix: bool

    @property
    def door(self) -> Path:
        """The Unix socket."""
        return self.folder / f"bridge-{PROTOCOL}.sock"

    @property
    def card(self) -> Path:
        """The file with port and token."""
        return self.folder / f"bridge-{PROTOCOL}.json"

    @property
    def lock(self) -> Path:
        """Held by the one helper that serves."""
        return self.folder / f"bridge-{PROTOCOL}.lock"

    @property
    def log(self) -> Path:
        """What helpers say."""
        return self.folder / "bridge.log"

    def read_card(self) -> Optional[Dict[str, object]]:
        """Port and token of the helper; None where there is none, or the file is not whole."""
        try:
            if self.card.stat().st_size > 4096:
                return None
            found = json.loads(self.card.read_text("ascii"))
        except (OSError, ValueError):
            return None
        if not isinstance(found, dict):
            return None
        port, token = found.get("port"), found.get("token")
        good = isinstance(port, int) and 0 < port < 65536 and isinstance(token, str) and len(token) >= 32
        return found if good else None

    def connect(self, seconds: float) -> "tuple[socket.socket, str]":
        """A connection and the token, empty for a Unix socket. OSError where nobody listens.

        PlaceError where a socket is not this user's.
        """
        if self.unix:
            found = os.lstat(self.door)
            if found.st_uid != os.geteuid():
                raise PlaceError(f"{self.door}: belongs to another user; take it away")
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            target: Any = str(self.door)
            token = ""
        else:
            card = self.read_card()
            if card is None:
                raise ConnectionRefusedError("there is no helper")
            link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            target, token = ("127.0.0.1", card["port"]), str(card["token"])
        try:
            link.settimeout(seconds)
            link.connect(target)
        except BaseException:
            link.close()
            raise
        return link, token


def has_unix_sockets() -> bool:
    """Whether sockets of this system can be left to one user."""
    return hasattr(socket, "AF_UNIX") and hasattr(os, "geteuid")


def default_place() -> Place:
    """$CANDELA_BRIDGE_DIR, else the user's folder for sockets. PlaceError for one that is not private."""
    said = os.environ.get("CANDELA_BRIDGE_DIR")
    if said:
        return Place(own_folder(Path(said)), has_unix_sockets())
    if not has_unix_sockets():
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / ".candela")
        return Place(own_folder(Path(base) / "Candela"), False)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    places = [Path(runtime) / "candela"] if runtime and Path(runtime).is_dir() else []
    places += [Path(base) / f"candela-{os.getuid()}" for base in (tempfile.gettempdir(), "/tmp")]
    for folder in places:
        if len(os.fsencode(str(Place(folder, True).door))) <= _LONGEST:
            return Place(own_folder(folder), True)
    raise PlaceError(f"{places[0]}: is too long a path for a socket; set CANDELA_BRIDGE_DIR to a shorter one")


def own_folder(folder: Path) -> Path:
    """The folder, made if need be. PlaceError where it is not this user's alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = os.lstat(folder)
    except OSError as error:
        raise PlaceError(f"{folder}: cannot be made: {error.strerror or error}") from error
    if not stat.S_ISDIR(found.st_mode):
        raise PlaceError(f"{folder}: is a link or a file, and no folder; take it away")
    if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o077):
        raise PlaceError(
            f"{folder}: others can get into it; chmod 700 it, or set CANDELA_BRIDGE_DIR to a folder of your "
            "own"
        )
    return folder


def peer(link: socket.socket) -> "Optional[tuple[int, int]]":
    """Process and user at the other end of a Unix socket; None where the system does not tell."""
    wanted = getattr(socket, "SO_PEERCRED", None)
    if wanted is None or link.family != getattr(socket, "AF_UNIX", None):
        return None
    process, user, _ = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, wanted, struct.calcsize("3i")))
    return process, user


def new_token() -> str:
    """A token, or a number used once."""
    return secrets.token_hex(_TOKEN_BYTES)


def proof(token: str, who: str, nonce: str, other: str) -> str:
    """That `who` (`host` or `helper`) knows the token, for the two numbers used once. Without saying it: a
    port that a dead helper had may be another program's by now."""
    text = f"candela-bridge {PROTOCOL} {who} {nonce} {other}".encode("utf-8", "surrogatepass")
    return hmac.new(token.encode(), text, hashlib.sha256).hexdigest()
