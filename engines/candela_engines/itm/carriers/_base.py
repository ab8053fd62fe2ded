"""What every carrier is: a frozen descriptor and three functions."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from candela_engines.errors import CarrierError, PayloadError
from candela_engines.itm.carriers._source import Copy, Edit, Source

MAX_PAYLOAD = 256 * 1024
"""Largest payload of a picture or shot, in bytes."""

MAX_REEL = 64 * 1024 * 1024
"""Largest reel (the payloads of all shots of a clip, `itm/reel.py`), in bytes."""

CRC_BYTES = 4
PAYLOAD_MAGIC, REEL_MAGIC = b"CNDL", b"CNDR"
MOST_COPIES = 16
MOST_REELS = 3
"""Copies of a reel that are looked at: fewer than of a payload, for what they take in memory."""

Holds = Literal["payload", "reel", "either"]


@dataclass(frozen=True, slots=True)
class Held:
    """A payload that a file holds, checked, and the byte ranges it lies in."""

    payload: bytes
    spans: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """Edits that take every payload out. `exact`: they are known to restore the original file."""

    edits: tuple[Edit, ...]
    exact: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Where a payload lives in one family of file formats.

    `overhead` is what a file grows by on top of the payload, `limits` what is refused although it is
    sound (a sidecar takes that). `recognise` takes the first `HEAD_BYTES` bytes of a file. `find`
    returns every payload that is there, raising PayloadError for a damaged one and CarrierError for a
    damaged file. `remove` returns None where there is none, and also removes what is damaged. `insert`
    is given a file without a payload. None of them writes; none needs memory beyond what it edits.
    `holds`: one payload in a picture, a reel in a movie; what is called payload here is either.
    """

    name: str
    formats: tuple[str, ...]
    overhead: str
    least_overhead: int
    limits: str
    recognise: Callable[[bytes], bool]
    find: Callable[[Source], tuple[Held, ...]]
    remove: Callable[[Source], Removal | None]
    insert: Callable[[Source, bytes], tuple[Edit, ...]]
    holds: Holds = "payload"


HEAD_BYTES = 64


def check_size(payload: bytes) -> None:
    """PayloadError unless a payload or reel may be written."""
    reel = payload.startswith(REEL_MAGIC)
    what, most = ("reel", MAX_REEL) if reel else ("payload", MAX_PAYLOAD)
    if not 1 <= len(payload) <= most:
        raise PayloadError(f"a {what} has 1 to {most} bytes; this one has {len(payload)}")


def check_kind(source: Source, holds: Holds, payload: bytes) -> None:
    """PayloadError for a reel in a picture, or one shot's payload in a movie."""
    if holds == "payload" and payload.startswith(REEL_MAGIC):
        raise PayloadError(
            f"{source.path}: is a picture, and carries the payload of one picture or frame; "
            "a reel of shots goes into a movie"
        )
    if holds == "reel" and payload.startswith(PAYLOAD_MAGIC):
        raise PayloadError(
            f"{source.path}: is a movie, and carries a reel of shots; a payload alone goes into a picture"
        )


def check_claim(source: Source, size: int, most: int = MAX_PAYLOAD) -> None:
    """PayloadError for a payload that says it is of an impossible size, before anything is read."""
    if not 1 <= size <= most:
        raise PayloadError(
            f"{source.path}: claims to carry a payload of {size} bytes; 1 to {most} are possible"
        )


def crc(*parts: bytes) -> bytes:
    """CRC-32 (ISO 3309, as in PNG) of all parts together, big-endian."""
    value = 0
    for part in parts:
        value = zlib.crc32(part, value)
    return value.to_bytes(CRC_BYTES, "big")


def check_copies(source: Source, count: int, most: int = MOST_COPIES) -> None:
    """CarrierError for more copies than programs make by accident; each would have to be read."""
    if count > most:
        raise CarrierError(
            f"{source.path}: carries {count} payloads; up to {most} copies of one are looked at"
        )


def check_crc(source: Source, stored: bytes, *parts: bytes) -> None:
    """PayloadError unless `stored` is the CRC of all parts."""
    if crc(*parts) != stored:
        raise PayloadError(
            f"{source.path}: carries a payload that is damaged (its CRC differs); "
            "embed it anew, or get the file from where it came from"
        )


def removal(source: Source, edits: Iterable[Edit], find: Callable[[Source], tuple[Held, ...]]) -> Removal:
    """Edits that cut payloads out. Where a payload is damaged, so may be the length that was cut by."""
    try:
        find(source)
    except (CarrierError, PayloadError):
        note = "the payload was damaged: it was taken out, but the original file could not be confirmed"
        return Removal(tuple(edits), exact=False, note=note)
    return Removal(tuple(edits), exact=True)
