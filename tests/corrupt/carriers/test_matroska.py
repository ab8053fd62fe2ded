"""Matroska files whose structure or attachment lies, and records that would undo wrongly."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from candela_engines.errors import CandelaError, CarrierError, PayloadError
from candela_engines.itm.carriers import MAX_REEL, _mkv_layout, embed_payload, find_payload, strip_payload

Refused = Callable[[bytes, type[CandelaError], str, str], None]
Accepted = Callable[[bytes], bytes]
ALL = "read embed strip"
ATTACHMENTS, TRACKS, CLUSTER, VOID, CRC = 0x1941A469, 0x1654AE6B, 0x1F43B675, 0xEC, 0xBF
SIDECAR = b"\x89CNDL\r\n\x1a"

BAD: dict[str, tuple[Callable[[Any], bytes], str, str]] = {
    "a header only": (lambda b: b.mkv()[:23], "no Matroska element at byte 23", ALL),
    "no Segment": (lambda b: b.mkv()[:23] + b.element(CLUSTER), "no Segment behind the EBML header", ALL),
    "cut": (lambda b: b.mkv()[:-1], "element 18538067 at byte 23 claims .* are left: truncated", ALL),
    "cut in an identifier": (lambda b: b.mkv()[:25], "no Matroska element at byte 23", ALL),
    "cut in a size": (lambda b: b.mkv()[:30], "no Matroska element at byte 23", ALL),
    "an element of 2^56 bytes": (
        lambda b: b.mkv(b.element(0xEC, size=(1 << 56) - 2)),
        "element EC at byte .* claims 72057594037927934 bytes",
        ALL,
    ),
    "zeros": (lambda b: b.mkv(bytes(20)), "no Matroska element at byte", ALL),
    "a live recording that was cut": (
        lambda b: b.mkv(size=-1)[:-3],
        "element 1F43B675 at byte .* 4 are left: truncated",
        ALL,
    ),
    "no movie": (
        lambda b: (
            b.mkv()
            .replace(b"\x16\x54\xae\x6b\x01", b"\x16\x54\xae\x6c\x01")
            .replace(b"\x1f\x43", b"\x1f\x44")
        ),
        "neither Tracks nor a Cluster",
        ALL,
    ),
    "a Cluster of unknown size": (
        lambda b: b.mkv(b.element(CLUSTER, b"x" * 9, -1)),
        "element at byte .* does not state its size, as in a live recording",
        "embed",
    ),
    "two Attachments": (lambda b: b.mkv(b.element(ATTACHMENTS) * 2), "has 2 Attachments elements", "embed"),
    "a CRC over all": (lambda b: b.mkv(b.element(CRC, bytes(4))), "a CRC over the whole Segment", "embed"),
    "a size that cannot grow": (
        lambda b: b.mkv(b.element(VOID, bytes(16200)), width=2),
        "the 2 bytes of the Matroska Segment's size cannot hold .* more",
        "embed",
    ),
    "a SeekHead without room": (
        lambda b: b.mkv().replace(b"\xec\x01\0\0\0\0\0\0\x33", b"\xed\x01\0\0\0\0\0\0\x33"),
        "SeekHead has no room for one more entry",
        "embed",
    ),
    "a SeekHead in a SeekHead's place": (
        lambda b: b.mkv(b.seek((ATTACHMENTS, 1))),
        "a second Matroska SeekHead names the attachments",
        "embed",
    ),
    "an Attachments element that is cut inside": (
        lambda b: b.mkv(b.element(ATTACHMENTS, b.attached(b"a", b"data")[:-1])),
        "element 61A7 at byte .* claims",
        ALL,
    ),
    "an attached file without end": (
        lambda b: b.mkv(b.element(ATTACHMENTS, b.element(0x61A7, b"", -1))),
        "does not state its size",
        ALL,
    ),
    "an attached file of hundreds of fields": (
        lambda b: b.mkv(b.element(ATTACHMENTS, b.element(0x61A7, b.element(VOID, width=1) * 65))),
        "more than 64 Matroska elements in one",
        ALL,
    ),
    "many Attachments elements": (
        lambda b: b.mkv(b.element(ATTACHMENTS, width=1) * 17),
        "17 Matroska elements 1941A469",
        ALL,
    ),
    "a SeekHead of thousands of entries": (
        lambda b: b.mkv(b.element(0x114D9B74, b.element(VOID, width=1) * 5000)),
        "more than 4096 Matroska elements in one",
        "embed",
    ),
    "a SeekHead of many bytes": (
        lambda b: b.mkv(b.element(0x114D9B74, b.element(VOID, bytes(1 << 16)))),
        "a Matroska SeekHead of 65557 bytes: damaged",
        "embed",
    ),
    "a Seek entry of many fields": (
        lambda b: b.mkv(b.element(0x114D9B74, b.element(0x4DBB, b.element(VOID, width=1) * 17))),
        "more than 16 Matroska elements in one",
        "embed",
    ),
    "thousands of attached files": (
        lambda b: b.mkv(b.element(ATTACHMENTS, b.element(0x61A7, width=1) * 5000)),
        "more than 4096 Matroska elements in one",
        ALL,
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(case: str, build: SimpleNamespace, refused: Refused) -> None:
    make, message, action = BAD[case]
    refused(make(build), CarrierError, message, action)


def test_a_flood_of_elements(
    build: SimpleNamespace, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_mkv_layout, "MOST_PARTS", 100)
    monkeypatch.setattr(_mkv_layout, "MOST_CLUSTERS", 1000)
    for kind, count in ((VOID, 101), (CLUSTER, 1000)):
        data = build.mkv(build.element(kind, width=1) * count)
        refused(data, CarrierError, "more than 100 Matroska elements, or 1000 with Clusters", ALL)


def _room_inside(b: Any) -> bytes:
    """As some muxers leave it: entries that were not needed are Voids among the others."""
    outside = b.seek((TRACKS, 0))
    entry = outside[12 : outside.index(b"\xec\x01")]
    inside = b.element(0x114D9B74, b.element(VOID, bytes(len(outside) - 12 - len(entry) - 9)) + entry)
    assert len(inside) == len(outside)
    return bytes(b.mkv().replace(outside, inside))


ODD: dict[str, Callable[[Any], bytes]] = {
    "plain": lambda b: b.mkv(),
    "of unknown size": lambda b: b.mkv(size=-1),
    "of unknown size, and another behind": lambda b: b.mkv(size=-1) + b.mkv(),
    "another behind": lambda b: b.mkv() + b.mkv(),
    "trailing bytes": lambda b: b.mkv() + b"\0trailing",
    "a Void before the Segment": lambda b: b.mkv()[:23] + b.element(VOID, b"abc") + b.mkv()[23:],
    "fonts": lambda b: b.mkv(b.element(ATTACHMENTS, b.attached(b"f", b"1") + b.attached(b"g", b"2" * 999))),
    "an Attachments element of nothing": lambda b: b.mkv(b.element(ATTACHMENTS, width=1)),
    "an attached file of nothing": lambda b: b.mkv(b.element(ATTACHMENTS, b.element(0x61A7))),
    "a size of three bytes": lambda b: b.mkv(width=3),
    "a SeekHead with its room inside": lambda b: _room_inside(b),
    "a type with a long size": lambda b: b.mkv(doc_width=8),
    "no SeekHead": lambda b: b.mkv().replace(b"\x11\x4d\x9b\x74", b"\x11\x4d\x9b\x75"),
    "two SeekHeads": lambda b: b.mkv(b.seek((CLUSTER, 1))),
    "an unknown element": lambda b: b.mkv(b.element(0x12345678, b"what")),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_but_sound(case: str, build: SimpleNamespace, accepted: Accepted) -> None:
    accepted(ODD[case](build))


@pytest.mark.parametrize("room", range(23, 44))
def test_room_to_the_byte(room: int, build: SimpleNamespace, accepted: Accepted, refused: Refused) -> None:
    """An entry takes 17 bytes and more; a Void that is left takes 0 or at least 2."""
    plain = build.mkv()
    start = plain.index(b"\x11\x4d\x9b\x74")
    data = plain.replace(build.seek((TRACKS, 0)), build.seek((TRACKS, 0), room=room))
    data = data[: start - 8] + struct.pack(">Q", 1 << 56 | len(data) - start) + data[start:]
    whole = accepted(data)
    assert whole[start + 4 : start + 5] != plain[start + 4 : start + 5] or whole != data
    assert whole.count(b"\x53\xab\x84\x19\x41\xa4\x69") == 1


def test_webm_has_no_attachments(build: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "movie.webm"
    path.write_bytes(build.mkv(doc=b"webm"))
    assert embed_payload(path, path, b"CNDR").carrier == "sidecar"


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
