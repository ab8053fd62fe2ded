"""The reel: the payloads of all shots of one clip, as one file carries them.

Layout: the four bytes "CNDR", a CBOR map {0: version, 1: [payload, …]} in its shortest form, and the CRC-32
of all before it, big-endian. docs/payload.md is the specification.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cbor2

from candela_engines.errors import PayloadError
from candela_engines.itm.carriers import MAX_REEL
from candela_engines.itm.payload import MAX_PAYLOAD, Payload, decode

__all__ = ["MAGIC", "MAX_REEL", "MAX_SHOTS", "VERSION", "Reel", "decode_reel", "encode_reel", "is_reel"]

MAGIC = b"CNDR"
VERSION = 1
MAX_SHOTS = 20_000
_CRC_BYTES = 4
_UNSIGNED, _BYTES, _LIST, _MAP = 0, 2, 4, 5
_KINDS = {_UNSIGNED: "a number", _BYTES: "a byte string", _LIST: "a list", _MAP: "a map"}


@dataclass(frozen=True)
class Reel:
    """Shots in the order of their frames, none overlapping another, all of one picture size and bit depth.

    shots: their payloads, each with `frames` and without `place`. data: the bytes of each.
    """

    shots: tuple[Payload, ...]
    data: tuple[bytes, ...]

    def index(self, frame: int) -> int | None:
        """Which shot a frame is in; None between shots and outside of them."""
        at = bisect_right(self.shots, frame, key=_first) - 1
        return at if at >= 0 and frame <= _last(self.shots[at]) else None

    def of(self, frame: int) -> Payload | None:
        """The payload of the shot that a frame is in; None between shots and outside of them."""
        at = self.index(frame)
        return None if at is None else self.shots[at]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.shots[0].width, self.shots[0].height

    @property
    def bits(self) -> int:
        """Bits of an SDR code."""
        return self.shots[0].bits

    @property
    def frames(self) -> tuple[int, int]:
        """The first frame of the first shot and the last of the last."""
        return _first(self.shots[0]), _last(self.shots[-1])


def is_reel(data: bytes) -> bool:
    """Whether bytes begin as a reel."""
    return data[: len(MAGIC)] == MAGIC


def encode_reel(payloads: Sequence[bytes]) -> bytes:
    """A reel of payloads, which may come in any order. PayloadError where `decode_reel` would raise it."""
    _check_size(sum(len(data) for data in payloads))
    decoded = [_payload(number, data) for number, data in enumerate(payloads)]
    order = sorted(range(len(decoded)), key=lambda at: _first(decoded[at]))
    data = tuple(bytes(payloads[at]) for at in order)
    _check(tuple(decoded[at] for at in order))
    body = MAGIC + cbor2.dumps({0: VERSION, 1: list(data)}, canonical=True)
    _check_size(len(body) + _CRC_BYTES)
    return body + zlib.crc32(body).to_bytes(_CRC_BYTES, "big")


def decode_reel(data: bytes) -> Reel:
    """The reel in bytes; PayloadError says what is wrong with them, and with which shot.

    Checked in this order: size, magic, CRC, CBOR form, version, number of shots, every payload (as
    `payload.decode` does), and that they go together.
    """
    _check_size(len(data))
    if len(data) < len(MAGIC) + _CRC_BYTES or not is_reel(data):
        raise PayloadError("these bytes are no Candela reel: they do not begin with CNDR")
    if zlib.crc32(memoryview(data)[:-_CRC_BYTES]) != int.from_bytes(data[-_CRC_BYTES:], "big"):
        raise PayloadError("the reel's CRC does not match: it was damaged or cut after it was written")
    pieces = tuple(_pieces(data, len(data) - _CRC_BYTES))
    shots = tuple(_payload(number, piece) for number, piece in enumerate(pieces))
    _check(shots)
    return Reel(shots, pieces)


def _pieces(data: bytes, end: int) -> Iterator[bytes]:
    """The byte strings of the one form that is written.

    Read by hand, and not by a CBOR library, which would build whatever 64 MiB of CBOR can describe.
    """
    entries, at = _head(data, len(MAGIC), end, _MAP)
    key, at = _head(data, at, end, _UNSIGNED)
    version, at = _head(data, at, end, _UNSIGNED)
    if key == 0 and version > VERSION:
        raise PayloadError(f"reel version {version} is newer than {VERSION}; update Candela to read it")
    if (entries, key, version) != (2, 0, VERSION):
        raise PayloadError(f"the reel is not a map of version {VERSION} and shots")
    key, at = _head(data, at, end, _UNSIGNED)
    if key != 1:
        raise PayloadError(f"the reel is not a map of version {VERSION} and shots")
    count, at = _head(data, at, end, _LIST)
    if count > MAX_SHOTS:
        raise PayloadError(f"a reel of {count} shots is above the limit of {MAX_SHOTS}")
    for number in range(count):
        size, at = _head(data, at, end, _BYTES)
        if size > MAX_PAYLOAD or at + size > end:
            raise PayloadError(
                f"shot {number} of the reel claims {size} bytes; {min(MAX_PAYLOAD, end - at)} are possible"
            )
        yield data[at : at + size]
        at += size
    if at != end:
        raise PayloadError(f"the reel has {end - at} bytes behind its last shot")


def _head(data: bytes, at: int, end: int, kind: int) -> tuple[int, int]:
    """The number of a CBOR head of one kind in its shortest form (RFC 8949 4.2.1), and where it ends."""
    first = data[at] if at < end else 0xFF
    value, width = first & 31, 0
    if 24 <= value <= 27:
        width = 1 << (value - 24)
        value = int.from_bytes(data[at + 1 : at + 1 + width], "big")
    shortest = width == 0 or value >= (24 if width == 1 else 1 << 4 * width)
    if first >> 5 != kind or first & 31 > 27 or at + 1 + width > end or not shortest:
        raise PayloadError(f"the reel is not well-formed: {_KINDS[kind]} was to come at byte {at}")
    return value, at + 1 + width


def _payload(number: int, data: bytes) -> Payload:
    try:
        payload = decode(data)
    except PayloadError as error:
        raise PayloadError(f"shot {number} of the reel: {error}") from error
    if payload.frames is None:
        raise PayloadError(f"shot {number} of the reel does not say of which frames it is")
    if payload.place is not None:
        raise PayloadError(
            f"shot {number} of the reel is a copy for frame {payload.place} alone, out of that frame's file"
        )
    return payload


def _check(shots: tuple[Payload, ...]) -> None:
    """Number, order and likeness of shots."""
    if not 1 <= len(shots) <= MAX_SHOTS:
        raise PayloadError(f"a reel has 1 to {MAX_SHOTS} shots; this one has {len(shots)}")
    for number, (before, shot) in enumerate(pairwise(shots), start=1):
        if _first(shot) <= _last(before):
            raise PayloadError(
                f"shot {number} of the reel begins at frame {_first(shot)}, the shot before it ends at "
                f"{_last(before)}: shots go forward and do not overlap"
            )
        for what in ("width", "height", "bits", "reading"):
            mine, first = getattr(shot, what), getattr(shots[0], what)
            if mine != first:
                raise PayloadError(
                    f"shot {number} of the reel (frames {_first(shot)}..{_last(shot)}) has {what} {mine}, "
                    f"the first one {first}: all shots of a clip have the same"
                )


def _check_size(size: int) -> None:
    if size > MAX_REEL:
        raise PayloadError(f"a reel of {size} bytes is above the limit of {MAX_REEL}; give shots fewer bytes")


def _first(shot: Payload) -> int:
    return shot.frames[0] if shot.frames else 0


def _last(shot: Payload) -> int:
    return shot.frames[1] if shot.frames else 0
