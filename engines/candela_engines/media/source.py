"""The file behind a picture: which format its first bytes say it is, and refusals before any decoding."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from candela_engines.errors import InfrastructureError, MediaError

__all__ = [
    "MAX_PIXELS",
    "STILL_FORMATS",
    "guard_ratio",
    "guard_size",
    "open_source",
    "read_source",
    "sniff",
]

#: One gigapixel: more than any still of a grade, less than what takes a workstation down.
MAX_PIXELS = 1_000_000_000

#: Below this many decoded bytes an allocation is harmless, whatever the file is.
_HARMLESS_BYTES = 1 << 28

STILL_FORMATS = ("png", "jpeg", "tiff", "openexr", "dpx", "hdr", "avif", "heif", "jxl")

_AVIF_BRANDS = (b"avif", b"avis")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


def sniff(head: bytes) -> str | None:
    """The format that the first 64 bytes of a file announce, one of `STILL_FORMATS`, or None."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "tiff"
    if head.startswith(b"\x76\x2f\x31\x01"):
        return "openexr"
    if head.startswith((b"SDPX", b"XPDS")):
        return "dpx"
    if head.startswith((b"#?RADIANCE", b"#?RGBE")):
        return "hdr"
    if head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")):
        return "jxl"
    if head[4:8] == b"ftyp":
        brands = [head[8:12], *(head[i : i + 4] for i in range(16, min(len(head), 64), 4))]
        # mif1 alone says "a HEIF family file": the codec brand beside it decides.
        if any(brand in _AVIF_BRANDS for brand in brands):
            return "avif"
        if any(brand in _HEIF_BRANDS for brand in brands):
            return "heif"
    return None


@contextlib.contextmanager
def open_source(path: Path) -> Iterator[BinaryIO]:
    """`path` opened for reading, every operating-system refusal said as ours.

    Raises MediaError for a path that is not a readable file, InfrastructureError for a missing permission
    or a failing disk.
    """
    try:
        with path.open("rb") as stream:
            yield stream
    except FileNotFoundError:
        raise MediaError(f"{path}: no such file") from None
    except (IsADirectoryError, NotADirectoryError):
        raise MediaError(f"{path}: is a folder, or has one missing on the way; give a picture file") from None
    except OSError as error:
        raise InfrastructureError(f"{path}: cannot be read: {error.strerror or error}") from error


def read_source(path: Path) -> bytes:
    """The whole file, for decoders that work on bytes. Errors as `open_source`."""
    with open_source(path) as stream:
        return stream.read()


def guard_size(path: Path, width: int, height: int) -> None:
    """Raise MediaError for an empty picture or one beyond `MAX_PIXELS`."""
    if width < 1 or height < 1:
        raise MediaError(f"{path}: the header says {width}x{height} pixels; there is nothing to read")
    if width * height > MAX_PIXELS:
        raise MediaError(
            f"{path}: the header says {width}x{height} pixels, above the limit of {MAX_PIXELS:,} pixels; "
            "refused without decoding"
        )


def guard_ratio(path: Path, decoded_bytes: int, file_bytes: int, most: int) -> None:
    """Raise MediaError when a small file claims more than its compression can hold.

    decoded_bytes: what the header says the samples take. most: decoded bytes that one byte of this format
    can stand for. Pictures below 256 MiB pass: allocating that much does no harm.
    """
    if decoded_bytes > _HARMLESS_BYTES and decoded_bytes > file_bytes * most:
        raise MediaError(
            f"{path}: the header promises {decoded_bytes:,} bytes of samples, but the file has only "
            f"{file_bytes:,} bytes; it is damaged or hostile"
        )
