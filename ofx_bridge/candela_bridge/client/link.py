"""One connection to a helper: the handshake, frames out, frames in. It never waits."""

from __future__ import annotations

import contextlib
import hmac
import os
import signal
import socket
import time
from typing import List, Optional

from candela_bridge.client.errors import BridgeError, HelperDiedError
from candela_bridge.place import new_token, peer, proof
from candela_bridge.wire import PROTOCOL, Decoder, Message, WireError, encode

__all__ = ["Link"]

_READ_BYTES = 1 << 16


class Link:
    """host: what the helper is told of who calls. token: empty for a Unix socket. process: of the helper,
    None while it is not known: the system says it, or the helper itself, once it has shown that it is
    one."""

    def __init__(self, connection: socket.socket, token: str, host: str) -> None:
        connection.setblocking(False)
        self.socket = connection
        self.began = self.heard = time.monotonic()
        self.welcome: Optional[Message] = None
        self._token, self._nonce = token, new_token()
        self._decoder, self._out = Decoder(), bytearray()
        found = peer(connection)
        self.process: Optional[int] = None if found is None else found[0]
        self.send({"hello": PROTOCOL, "host": host[:200], "process": os.getpid(), "nonce": self._nonce})

    @property
    def wants_to_write(self) -> bool:
        """Whether frames wait."""
        return bool(self._out)

    def send(self, message: Message) -> None:
        """Put a message into the queue. Raises WireError for one that cannot be sent."""
        self._out += encode(message)

    def write(self) -> None:
        """Send what can be sent. HelperDiedError where nobody is there."""
        try:
            while self._out:
                del self._out[: self.socket.send(self._out[:_READ_BYTES])]
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            raise self._died() from error

    def read(self) -> List[Message]:
        """Messages that have come, after the handshake. Raises HelperDiedError at the end of the connection,
        BridgeError for what is no message, or a helper that is none."""
        try:
            data = self.socket.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return []
        except OSError as error:
            raise self._died() from error
        if not data:
            raise self._died()
        self.heard = time.monotonic()
        try:
            messages = self._decoder.feed(data)
        except WireError as error:
            raise BridgeError(f"what answers as the helper does not speak its language: {error}") from error
        if self.welcome is None and messages:
            self._greeted(messages.pop(0))
        return messages

    def close(self) -> None:
        """End the connection; the helper cancels what it was at."""
        with contextlib.suppress(OSError):
            self.socket.close()

    def end_helper(self) -> bool:
        """End the process at the other end, if it is known which: it is there and says nothing."""
        if self.process is None or self.process <= 1 or self.process == os.getpid():
            return False
        try:
            os.kill(self.process, getattr(signal, "SIGKILL", signal.SIGTERM))
        except OSError:
            return False
        return True

    def _greeted(self, message: Message) -> None:
        if message.get("welcome") != PROTOCOL:
            raise BridgeError(
                f"the helper speaks version {message.get('welcome')!r} of the protocol, and this is version "
                f"{PROTOCOL}; install the same Candela for both"
            )
        if self._token:
            other = str(message.get("nonce", ""))
            given = str(message.get("proof", "")).encode("utf-8", "replace")
            wanted = proof(self._token, "helper", self._nonce, other).encode()
            if not hmac.compare_digest(given, wanted):
                raise BridgeError("another program has the helper's port")
            self.send({"proof": proof(self._token, "host", self._nonce, other)})
        self.welcome = message
        said = message.get("process")
        if self.process is None and isinstance(said, int) and not isinstance(said, bool):
            self.process = said

    @staticmethod
    def _died() -> HelperDiedError:
        return HelperDiedError("the Candela helper ended; call again and it is started anew")
