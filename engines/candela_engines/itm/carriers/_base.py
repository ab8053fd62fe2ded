"""What every carrier is: a frozen descriptor and three functions."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from candela_engines.errors import CarrierError, PayloadError
from candela_engines.itm.carriers._source import Copy, Edit, Source

MAX_PAYLOAD = 256 * 1024
"""Largest payload of a picture or shot, in bytes."""

CRC_BYTES = 4
_MOST_COPIES = 16


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


HEAD_BYTES = 64


def check_size(payload: bytes) -> None:
    """PayloadError unless a payload may be written."""
    if not 1 <= len(payload) <= MAX_PAYLOAD:
        raise PayloadError(f"a payload has 1 to {MAX_PAYLOAD} bytes; this one has {len(payload)}")


def check_claim(source: Source, size: int) -> None:
    """PayloadError for a payload that says it is of an impossible size, before anything is read."""
    if not 1 <= size <= MAX_PAYLOAD:
        raise PayloadError(
            f"{source.path}: claims to carry a payload of {size} bytes; 1 to {MAX_PAYLOAD} are possible"
        )


def crc(*parts: bytes) -> bytes:
    """CRC-32 (ISO 3309, as in PNG) of all parts together, big-endian."""
    value = 0
    for part in parts:
        value = zlib.crc32(part, value)
    return value.to_bytes(CRC_BYTES, "big")


def check_copies(source: Source, count: int) -> None:
    """CarrierError for more copies than programs make by accident; each would have to be read."""
    if count > _MOST_COPIES:
        raise CarrierError(
            f"{source.path}: carries {count} payloads; up to {_MOST_COPIES} copies of one are looked at"
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
