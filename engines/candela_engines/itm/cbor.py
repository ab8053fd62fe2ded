"""The part of CBOR (RFC 8949) that payloads are written in, read by hand.

Definite lengths, no tags; integers, byte strings, text in UTF-8, lists, maps, false, true, null and floats.
Keys of maps are integers or text, and differ. A general library would follow tags, which make it compile
patterns and build numbers of any size out of a few bytes that nobody vouches for. The native library has
the same reader for hosts (engines/native/src/payload/cbor.cpp): both accept the same bytes.
"""

from __future__ import annotations

import struct
from typing import Any

from candela_engines.errors import PayloadError

__all__ = ["MAX_DEPTH", "read_map"]

MAX_DEPTH = 8
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG = range(7)
_SIMPLE = {20: False, 21: True, 22: None}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}


def read_map(data: bytes) -> dict[Any, Any]:
    """The one map that `data` is, with nothing behind it; PayloadError says why it is not."""
    reader = _Reader(data)
    body = reader.value(1)
    if not isinstance(body, dict) or reader.at != len(data):
        raise PayloadError("the payload is not one CBOR map")
    return body


def _malformed(what: str) -> PayloadError:
    return PayloadError(f"the payload is not well-formed CBOR: {what}")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def _take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self._data):
            raise _malformed("it ends too early")
        taken = self._data[self.at : end]
        self.at = end
        return taken

    def value(self, depth: int) -> Any:
        """The value at `at`, which moves behind it."""
        if depth > MAX_DEPTH:
            raise _malformed("it nests too deep")
        first = self._take(1)[0]
        major, small = first >> 5, first & 31
        if small > 27:
            raise _malformed("an open end, or a length of an unknown kind")
        if major > _TAG:
            return self._simple(small)
        number = small if small < 24 else int.from_bytes(self._take(1 << small - 24), "big")
        if major == _UNSIGNED:
            return number
        if major == _NEGATIVE:
            return -1 - number
        if major == _BYTES:
            return self._take(number)
        if major == _TEXT:
            return self._text(number)
        if major == _TAG:
            raise _malformed("a tag")
        if number > len(self._data) - self.at:
            raise _malformed("it ends too early")
        if major == _LIST:
            return [self.value(depth + 1) for _ in range(number)]
        return self._map(number, depth)

    def _text(self, size: int) -> str:
        try:
            return self._take(size).decode()
        except UnicodeDecodeError as error:
            raise _malformed("text that is not UTF-8") from error

    def _map(self, count: int, depth: int) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for _ in range(count):
            key = self.value(depth + 1)
            if type(key) not in (int, str):
                raise _malformed("a key is neither a number nor text")
            if key in out:
                raise _malformed("a key comes twice")
            out[key] = self.value(depth + 1)
        return out

    def _simple(self, small: int) -> bool | float | None:
        if small in _FLOATS:
            return float(struct.unpack(_FLOATS[small], self._take(1 << small - 24))[0])
        if small not in _SIMPLE:
            raise _malformed("a simple value that payloads do not have")
        return _SIMPLE[small]
