"""What a host and the helper say to one another: JSON objects in frames of bounded length.

A frame is four bytes, the length of the rest (big-endian), and that many bytes of UTF-8 JSON. The first
frames are a handshake with the version of this protocol; then the host sends

    {"id": 7, "call": "score", "with": {…}, "seconds": 600}    {"cancel": 7}    {"ping": 12}

and the helper, for each id any number of the first and one of the others,

    {"id": 7, "progress": {…}}    {"id": 7, "result": {…}}    {"id": 7, "error": {…}}    {"pong": 12}

Standard library alone, Python 3.9 and later: a host's Python loads it.
"""

from __future__ import annotations

import json
import struct
from typing import Any, Dict, List, NoReturn

__all__ = [
    "MOST_BYTES",
    "MOST_CALLS",
    "MOST_LONG",
    "PROTOCOL",
    "QUICK",
    "Decoder",
    "Message",
    "WireError",
    "encode",
]

PROTOCOL = 1
MOST_BYTES = 1 << 18
"""Of a frame. To read that much JSON takes Python three milliseconds: so long a window stands still."""
MOST_CALLS, MOST_LONG = 64, 48
"""That one host has going on at the helper, and of them such as take long; further ones wait with it."""
QUICK = frozenset({"ping", "status", "engines", "resolve", "recall", "inspect", "setup", "look"})
"""Calls that somebody waits for with the mouse in his hand: they pass those that take long."""

Message = Dict[str, Any]
_LENGTH = struct.Struct(">I")


class WireError(Exception):
    """Bytes that are no frame, or a message that does not fit into one: what is wrong with it."""


def encode(message: Message) -> bytes:
    """A message as a frame. Raises WireError for what JSON cannot hold, NaN too, and what is too long."""
    try:
        # ASCII: file names that are no UTF-8 pass as lone surrogates, which \u escapes can hold.
        text = json.dumps(message, separators=(",", ":"), allow_nan=False).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise WireError(f"a message cannot be written as JSON: {error}") from error
    if len(text) > MOST_BYTES:
        raise WireError(f"a message of {len(text)} bytes is too long; {MOST_BYTES} are possible")
    return _LENGTH.pack(len(text)) + text


class Decoder:
    """Bytes as they come, cut into messages. After a WireError the connection is of no use any more."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> List[Message]:
        """The messages that are whole now. Raises WireError for one that is too long or no JSON object."""
        self._held += data
        found: List[Message] = []
        while len(self._held) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._held)
            if not 2 <= length <= MOST_BYTES:
                raise WireError(f"a frame of {length} bytes was announced; 2 to {MOST_BYTES} are possible")
            end = _LENGTH.size + length
            if len(self._held) < end:
                break
            found.append(_parse(bytes(self._held[_LENGTH.size : end])))
            del self._held[:end]
        return found


def _parse(text: bytes) -> Message:
    try:
        message = json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise WireError(f"a frame is no JSON: {str(error)[:120]}") from None
    if not isinstance(message, dict):
        raise WireError(f"a message is an object, and not {type(message).__name__}")
    return message


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
