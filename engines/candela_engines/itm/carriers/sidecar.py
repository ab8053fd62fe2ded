"""The `.candela` file beside a picture or movie, for every format without a carrier. Overhead 12 bytes.

Name: that of the picture with `.candela` behind it: `shot.0012.cin`, `shot.0012.cin.candela`; so two
pictures that differ in extension only have a file each. For a picture reached through a symbolic link
it lies beside the file itself.

Layout: 8 bytes 89 43 4E 44 4C 0D 0A 1A (as in PNG: not text, and a transfer that changes line ends
shows at once), payload, CRC-32 of the payload. The length of the file is that of the payload and 12. A
payload that begins as a reel does may have the size of one.
"""

from __future__ import annotations

from pathlib import Path

from candela_engines.errors import CarrierError
from candela_engines.itm.carriers._base import (
    CRC_BYTES,
    MAX_PAYLOAD,
    MAX_REEL,
    REEL_MAGIC,
    Carrier,
    Held,
    Removal,
    check_claim,
    check_crc,
    crc,
)
from candela_engines.itm.carriers._source import Copy, Edit, Source, real_path

MAGIC = b"\x89CNDL\r\n\x1a"
EXTENSION = ".candela"


def sidecar_path(picture: Path) -> Path:
    """Where the sidecar of a picture is, or would be; named as the picture is, unless that is a link."""
    named = real_path(picture) if picture.is_symlink() else picture
    return named.with_name(named.name + EXTENSION)


def _recognise(head: bytes) -> bool:
    return head.startswith(MAGIC)


def _find(source: Source) -> tuple[Held, ...]:
    span = Copy(len(MAGIC), max(source.size - CRC_BYTES, len(MAGIC)))
    begins = source.read(span.start, min(len(REEL_MAGIC), span.end - span.start))
    check_claim(source, span.end - span.start, MAX_REEL if begins == REEL_MAGIC else MAX_PAYLOAD)
    payload = source.read(span.start, span.end - span.start)
    check_crc(source, source.read(span.end, CRC_BYTES), payload)
    return (Held(payload, (span,)),)


def _remove(source: Source) -> Removal | None:
    raise CarrierError(f"{source.path}: is a sidecar file; name the picture that it lies beside")


def _insert(source: Source, payload: bytes) -> tuple[Edit, ...]:
    """The whole file, whatever `source` was."""
    return (Edit(0, source.size, wrapped(payload)),)


def wrapped(payload: bytes) -> bytes:
    """The bytes of a sidecar file."""
    return MAGIC + payload + crc(payload)


SIDECAR = Carrier(
    name="sidecar",
    formats=("anything else",),
    overhead="12 bytes, in a file of its own",
    least_overhead=12,
    limits="",
    recognise=_recognise,
    find=_find,
    remove=_remove,
    insert=_insert,
    holds="either",
)
