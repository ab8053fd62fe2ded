"""Small sound files of each format, made byte by byte, to be spoiled by the tests beside this."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from candela_engines.errors import CandelaError, PayloadError
from candela_engines.itm.carriers import embed_payload, find_payload, strip_payload
from candela_engines.native import native


def chunk(kind: bytes, body: bytes = b"", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return struct.pack(">I", size) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes, end: bytes = chunk(b"IEND")) -> bytes:
    ihdr = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + ihdr + b"".join(chunks) + end


def segment(code: int, body: bytes = b"", length: int | None = None) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(body) + 2 if length is None else length) + body


def jpeg(*segments: bytes) -> bytes:
    return (
        b"\xff\xd8" + b"".join(segments) + segment(0xDB, bytes(65)) + segment(0xDA, bytes(6)) + b"\0\xff\xd9"
    )


def mpf(size: int, *, count: int = 32, at: int = 26) -> bytes:
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIII", 1, 0xB002, 7, count, at, 0)
    return segment(0xE2, b"MPF\0" + tiff + struct.pack(">8I", 0, size, 0, 0, 0, 0, 0, 0))


def tiff(
    *extra: tuple[int, int, int, int], count: int | None = None, first: int = 10, tail: bytes = b""
) -> bytes:
    """One grey pixel at byte 8; the first IFD right after. Extra entries: tag, type, count, value."""
    tags = [(256, 4, 1, 1), (257, 4, 1, 1), (262, 4, 1, 1), (273, 4, 1, 8), (279, 4, 1, 1), *extra]
    ifd = struct.pack("<H", len(tags) if count is None else count)
    ifd += b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\0" + struct.pack("<I", first) + b"\x7f\0" + ifd + tail


def attribute(name: bytes, kind: bytes, value: bytes, length: int | None = None) -> bytes:
    size = len(value) if length is None else length
    return name + b"\0" + kind + b"\0" + struct.pack("<I", size) + value


def exr(
    *extra: bytes, rows: int = 2, compression: int = 0, entries: list[int] | None = None, flags: int = 0
) -> bytes:
    """A picture of one column, one byte a row that stands for its pixels."""
    head = b"\x76\x2f\x31\x01" + struct.pack("<I", 2 | flags)
    head += attribute(b"compression", b"compression", bytes([compression]))
    head += attribute(b"dataWindow", b"box2i", struct.pack("<4i", 0, 0, 0, rows - 1))
    head += b"".join(extra) + b"\0"
    if flags & 0x1000:
        head += b"\0"
    chunks = [struct.pack("<ii", row, 1) + b"p" for row in range(min(rows, 8))]
    first = len(head) + 8 * len(chunks)
    if entries is None:
        entries = [first + 9 * row for row in range(len(chunks))]
    return head + struct.pack(f"<{len(entries)}Q", *entries) + b"".join(chunks)


def dpx(image: int = 2048, user: int = 0, **fields: int) -> bytes:
    header = bytearray(2048)
    struct.pack_into(">4sI8sI", header, 0, b"SDPX", image, b"V1.0", 2048 + 64)
    struct.pack_into(">I", header, 32, user)
    struct.pack_into(">H", header, 770, 1)
    struct.pack_into(">I", header, 808, image)
    for at, value in fields.items():
        struct.pack_into(">I", header, int(at[2:]), value)
    return bytes(header) + bytes(range(64))


def box(kind: bytes, body: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I", 8 + len(body) if size is None else size) + kind + body


def heif(*boxes: bytes) -> bytes:
    return box(b"ftyp", b"mif1\0\0\0\0mif1") + box(b"meta", bytes(16)) + b"".join(boxes)


def movie(*boxes: bytes) -> bytes:
    return box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", bytes(8)) + b"".join(boxes)


def jxl(*boxes: bytes) -> bytes:
    head = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")
    return head + (b"".join(boxes) or box(b"jxlc", b"\xff\x0acode"))


def element(kind: int, body: bytes = b"", size: int | None = None, width: int = 8) -> bytes:
    """With a size in `width` bytes; -1 says that it is not known."""
    value = len(body) if size is None else size
    marked = (1 << 7 * width + 1) - 1 if value < 0 else value | 1 << 7 * width
    identifier = kind.to_bytes((kind.bit_length() + 7) // 8, "big")
    return identifier + marked.to_bytes(width, "big") + body


def seek(*places: tuple[int, int], kind: int = 0x114D9B74, room: int = 60) -> bytes:
    """A SeekHead of identifiers and positions, and a Void of `room` bytes behind it, if any."""
    entries = b"".join(
        element(0x4DBB, element(0x53AB, struct.pack(">I", what)) + element(0x53AC, bytes([at])))
        for what, at in places
    )
    return element(kind, entries) + (element(0xEC, b"#" * (room - 9)) if room else b"")


def attached(name: bytes, data: bytes, kind: bytes = b"font/ttf") -> bytes:
    return element(0x61A7, element(0x466E, name) + element(0x4660, kind) + element(0x465C, data))


def mkv(
    *parts: bytes, size: int | None = None, width: int = 8, doc: bytes = b"matroska", doc_width: int = 1
) -> bytes:
    """A file of a SeekHead, Tracks, other parts and a Cluster."""
    body = b"".join((seek((0x1654AE6B, 0)), element(0x1654AE6B, b"tracks"), *parts))
    body += element(0x1F43B675, b"cluster")
    header = element(0x1A45DFA3, element(0x4282, doc, width=doc_width))
    return header + element(0x18538067, body, size, width)


@pytest.fixture
def build() -> SimpleNamespace:
    """Builders of sound files and their parts."""
    builders: list[Callable[..., bytes]] = [chunk, png, segment, jpeg, mpf, tiff, attribute, exr, dpx]
    builders += [box, heif, movie, jxl, element, seek, attached, mkv]
    return SimpleNamespace(**{builder.__name__: builder for builder in builders})


def _refused_natively(path: Path, error: CandelaError) -> None:
    """The native library refuses the file too, for the same reason."""
    if (library := native()) is None:
        return
    with pytest.raises(library.Trouble) as caught:
        library.find_payload(str(path))
    reason, message = caught.value.args
    assert reason == ("payload" if isinstance(error, PayloadError) else "carrier")
    assert message.startswith(str(path)), "the message does not name the file"


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[bytes, type[CandelaError], str, str], None]:
    """Checks that reading, embedding or stripping fails as it should and writes nothing."""

    def check(data: bytes, kind: type[CandelaError], message: str, action: str) -> None:
        path, out = tmp_path / "spoiled", tmp_path / "out"
        path.write_bytes(data)
        for verb in action.split():
            with pytest.raises(kind, match=message) as caught:
                if verb == "read":
                    find_payload(path)
                elif verb == "embed":
                    embed_payload(path, out, b"payload")
                else:
                    strip_payload(path, out)
            assert str(caught.value).startswith(str(path)), "the message does not name the file"
            assert caught.value.exit_code == 2
            if verb == "read":
                _refused_natively(path, caught.value)
        assert list(tmp_path.iterdir()) == [path], "something was written"
        assert path.read_bytes() == data

    return check


@pytest.fixture
def accepted(tmp_path: Path) -> Callable[[bytes], bytes]:
    """Checks that an odd file takes a payload and gives itself back; returns it with the payload."""

    def check(data: bytes) -> bytes:
        path, out = tmp_path / "odd", tmp_path / "embedded"
        path.write_bytes(data)
        assert embed_payload(path, out, b"payload").carrier != "sidecar"
        found = find_payload(out)
        assert found is not None and found.payload == b"payload"
        if (library := native()) is not None:
            assert library.find_payload(str(out))[2] == b"payload"
        embedded = out.read_bytes()
        assert strip_payload(out, out).exact
        assert out.read_bytes() == data
        out.unlink()
        path.unlink()
        return embedded

    return check
