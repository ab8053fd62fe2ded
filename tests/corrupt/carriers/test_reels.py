"""Sound movies whose reel lies: damaged, of impossible size, or with a record that would undo wrongly."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from candela_engines.errors import CandelaError, CarrierError, PayloadError
from candela_engines.itm.carriers import MAX_REEL, embed_payload, find_payload, strip_payload
from candela_engines.itm.carriers.isobmff import IDENTIFIER

Refused = Callable[[bytes, type[CandelaError], str, str], None]
ATTACHMENTS, TRACKS = 0x1941A469, 0x1654AE6B
SIDECAR = b"\x89CNDL\r\n\x1a"


def test_a_reel_may_be_larger_and_is_bounded(build: SimpleNamespace, refused: Refused) -> None:
    mark = b"uuid" + IDENTIFIER.bytes
    large = bytes(MAX_REEL + 5)
    data = build.movie(struct.pack(">I", 4 + len(mark + large)) + mark + large)
    refused(data, PayloadError, f"payload of {MAX_REEL + 1} bytes; 1 to {MAX_REEL}", "read")
    ours = build.box(b"uuid", mark[4:] + b"payload" + _crc(mark + b"payload"))
    refused(build.movie(ours * 4), CarrierError, "carries 4 payloads; up to 3 copies", "read")
    spoiled = build.movie(ours).replace(b"payload", b"paYload")
    refused(spoiled, PayloadError, "CRC differs", "read")


def _ours(build: SimpleNamespace, data: bytes) -> bytes:
    return bytes(
        build.mkv(build.element(ATTACHMENTS, build.attached(b"candela.reel", data, b"application/x-candela")))
    )


def _crc(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def test_attachments_that_lie(build: SimpleNamespace, refused: Refused, tmp_path: Path) -> None:
    good = SIDECAR + b"payload" + _crc(b"payload")
    path = tmp_path / "good"
    for name, kind in ((b"candela.reel", b"text/plain"), (b"x", b"application/x-candela")):
        file = build.attached(name, good, kind)
        path.write_bytes(build.mkv(build.element(ATTACHMENTS, file)))
        found = find_payload(path)
        assert found is not None and found.payload == b"payload"
    path.unlink()
    for data, message in (
        (b"", "claims to carry a payload of -12 bytes"),
        (SIDECAR + bytes(4), "claims to carry a payload of 0 bytes"),
        (b"text of another kind altogether", "does not begin as one"),
        (good[:-1] + b"!", "CRC differs"),
        (SIDECAR + b"paYload" + _crc(b"payload"), "CRC differs"),
    ):
        refused(_ours(build, data), PayloadError, message, "read")
        path.write_bytes(_ours(build, data))
        report = embed_payload(path, path, b"sound again")
        assert report.replaced and report.note
        found = find_payload(path)
        assert found is not None and found.payload == b"sound again"
        path.unlink()
    file = build.element(0x61A7, build.element(0x466E, b"candela.reel"))
    refused(build.mkv(build.element(ATTACHMENTS, file)), PayloadError, "payload of -12 bytes", "read")
    file = build.attached(b"candela.reel", good)
    refused(
        build.mkv(build.element(ATTACHMENTS, file * 4)), CarrierError, "carries 4 payloads; up to 3", "read"
    )


def test_a_claim_is_not_read(build: SimpleNamespace, tmp_path: Path) -> None:
    """An attachment of 3 GB of nothing, in a file that has it."""
    path = tmp_path / "large.mkv"
    size = 3 << 30
    name = build.element(0x466E, b"candela.reel")
    data = b"\x46\x5c" + struct.pack(">Q", 1 << 56 | size)
    file = b"\x61\xa7" + struct.pack(">Q", 1 << 56 | len(name + data) + size)
    head = build.element(TRACKS) + build.element(ATTACHMENTS, b"", len(file + name + data) + size)
    inside = head + file + name + data
    whole = build.mkv()[:23] + build.element(0x18538067, b"", len(inside) + size) + inside
    with path.open("wb") as out:
        out.write(whole)
        out.truncate(len(whole) + size)
    tracemalloc.start()
    with pytest.raises(PayloadError, match=f"of {size - 12} bytes; 1 to {MAX_REEL} are possible"):
        find_payload(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def _embedded(path: Path, data: bytes) -> bytes:
    path.write_bytes(data)
    embed_payload(path, path, b"payload")
    return path.read_bytes()


def _with_record(whole: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Another undo record under a right CRC, of the same length."""
    at = whole.rindex(b"CNDLundo")
    record = change(whole[at:-4])
    assert len(record) == len(whole) - 4 - at
    return whole[:at] + record + _crc(record)


def test_records_that_would_undo_wrongly(build: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "movie"
    original = build.mkv()
    whole = _embedded(path, original)
    for change in (
        lambda r: r[:8] + struct.pack(">Q", len(original) - 9) + r[16:],  # into the Cluster
        lambda r: r[:8] + struct.pack(">Q", 1 << 63) + r[16:],
        lambda r: r[:8] + struct.pack(">Q", len(whole) - 30) + r[16:],
        lambda r: r[:16] + struct.pack(">I", 0xFFFFFFFF) + r[20:],
        lambda r: r[:16] + struct.pack(">I", 0) + r[20:],
        lambda r: r[:-1] + bytes([r[-1] ^ 1]),
        lambda r: r[:30] + b"!" + r[31:],
        lambda r: b"CNDLundO" + r[8:],
    ):
        path.write_bytes(_with_record(whole, change))
        found = find_payload(path)
        assert found is not None and found.payload == b"payload"
        report = strip_payload(path, path)
        assert not report.exact and report.note
        assert find_payload(path) is None
        assert len(path.read_bytes()) == len(whole)
        assert path.read_bytes()[len(original) - 16 : len(original)] == original[-16:]
    path.write_bytes(_with_record(whole, lambda r: r))
    assert strip_payload(path, path).exact and path.read_bytes() == original


def test_another_program_wrote_behind(build: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "movie"
    fonts = build.element(ATTACHMENTS, build.attached(b"f", b"a font"))
    for original in (build.mkv(size=-1), build.mkv(fonts, size=-1)):
        tags = build.element(0x1254C367, b"tags")
        path.write_bytes(_embedded(path, original) + tags)
        report = strip_payload(path, path)
        assert not report.exact and "another program wrote the file" in report.note
        left = path.read_bytes()
        assert left.endswith(tags) and find_payload(path) is None
        entries = left[: len(original)].count(b"\x4d\xbb")
        assert entries == (2 if original.count(b"a font") else 1), "a SeekHead entry too many, or too few"
        embed_payload(path, path, b"anew")
        assert strip_payload(path, path).exact and path.read_bytes() == left


def test_a_damaged_payload_is_taken_out_and_doubted(build: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "movie"
    original = build.mkv()
    path.write_bytes(_embedded(path, original).replace(b"payload", b"paYload"))
    report = strip_payload(path, path)
    assert not report.exact and "damaged" in report.note
    assert path.read_bytes() == original
