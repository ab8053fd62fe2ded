"""Matroska files whose own structure lies: one case, one message; and odd ones that are sound."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from candela_engines.errors import CandelaError, CarrierError
from candela_engines.itm.carriers import _mkv_layout, embed_payload

Refused = Callable[[bytes, type[CandelaError], str, str], None]
Accepted = Callable[[bytes], bytes]
ALL = "read embed strip"
ATTACHMENTS, TRACKS, CLUSTER, VOID, CRC = 0x1941A469, 0x1654AE6B, 0x1F43B675, 0xEC, 0xBF

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
        # Read they are by the native library too, whose limits stand.
        refused(data, CarrierError, "more than 100 Matroska elements, or 1000 with Clusters", "embed strip")


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
