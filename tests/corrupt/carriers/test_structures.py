"""Files whose own structure lies, with no payload in them: one case, one message."""

from __future__ import annotations

import struct
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from candela_engines.errors import CarrierError

Refused = Callable[[bytes, type[CarrierError], str, str], None]
Accepted = Callable[[bytes], bytes]
ALL = "read embed strip"

BAD: dict[str, tuple[Callable[[Any], bytes], str, str]] = {
    "png ends in a chunk": (lambda b: b.png(b.chunk(b"IDAT", b"data"))[:-14], "chunk I... at byte", ALL),
    "png without IEND": (
        lambda b: b.png(b.chunk(b"IDAT", b"data"), end=b""),
        "needs bytes .* truncated",
        ALL,
    ),
    "png chunk of 4 GB": (
        lambda b: b.png(b.chunk(b"IDAT", b"data", length=0xFFFFFFFF)),
        "chunk IDAT at byte 33 claims 4294967295 bytes",
        ALL,
    ),
    "png chunk of 2 GB": (
        lambda b: b.png(b.chunk(b"IDAT", b"", length=0x7FFFFFFF)),
        "chunk IDAT at byte 33 claims 2147483647 bytes",
        ALL,
    ),
    "png chunk type of zeros": (lambda b: b.png(bytes(12)), r"has the type b'\\x00", ALL),
    "png that does not begin with IHDR": (
        lambda b: b.png()[:8] + b.png()[33:],
        "the first PNG chunk is IEND, not IHDR",
        ALL,
    ),
    "png without pixels": (lambda b: b.png(), "no IDAT before IEND", "embed"),
    "jpeg that is a marker only": (lambda b: b"\xff\xd8\xff", "truncated or damaged", ALL),
    "jpeg segment of length 0": (
        lambda b: b.jpeg(b.segment(0xE1, length=0)),
        "FFE1 at byte 2 claims 0 bytes",
        ALL,
    ),
    "jpeg segment of length 1": (
        lambda b: b.jpeg(b.segment(0xE1, length=1)),
        "FFE1 at byte 2 claims 1 bytes",
        ALL,
    ),
    "jpeg segment beyond the end": (
        lambda b: b.jpeg(b.segment(0xE1, length=65535)),
        "FFE1 at byte 2 claims 65535 bytes",
        ALL,
    ),
    "jpeg that ends before a scan": (lambda b: b"\xff\xd8\xff\xd9", "bytes FF D9 at 2 where a JPEG", ALL),
    "jpeg with a second start": (lambda b: b"\xff\xd8" + b.jpeg(), "bytes FF D8 at 2 where a JPEG", ALL),
    "jpeg with text in the header": (lambda b: b"\xff\xd8\xff\xfe\0\x02text", "bytes 74 65 at 6", ALL),
    "jpeg of fill bytes": (lambda b: b"\xff\xd8" + b"\xff" * 9000, "more than 4096 fill bytes", ALL),
    "jpeg of empty segments": (
        lambda b: b.jpeg(b.segment(0xFE) * 17_000),
        "more than 16384 JPEG segments",
        ALL,
    ),
    "tiff that is a header only": (lambda b: b.tiff()[:8], "first IFD is said to be at byte 10 of 8", ALL),
    "tiff shorter than its header": (lambda b: b.tiff()[:6], "needs bytes 4 to 8", ALL),
    "tiff whose IFD is the header": (lambda b: b.tiff(first=0), "first IFD is said to be at byte 0", ALL),
    "tiff whose IFD is far away": (
        lambda b: b.tiff(first=0xFFFFFFFE),
        "first IFD is said to be at byte 4294967294",
        ALL,
    ),
    "tiff without entries": (lambda b: b.tiff(count=0), "claims 0 entries", ALL),
    "tiff with too many entries": (lambda b: b.tiff(count=65535), "claims 65535 entries", ALL),
    "tiff with another's tag": (
        lambda b: b.tiff((65226, 4, 1, 5)),
        "uses tag 65226 for something else",
        "embed",
    ),
    "bigtiff with 2^64 - 1 entries": (
        lambda b: b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 0xFFFFFFFFFFFFFFFF) + bytes(64),
        "claims 18446744073709551615 entries",
        ALL,
    ),
    "bigtiff whose IFD is beyond everything": (
        lambda b: b"MM\0+\0\x08\0\0" + struct.pack(">Q", 0xFFFFFFFFFFFFFFFF) + bytes(64),
        "first IFD is said to be at byte 18446744073709551615",
        ALL,
    ),
    "exr that is a version only": (lambda b: b.exr()[:8], "needs bytes 8 to 9", ALL),
    "exr name without end": (lambda b: b.exr()[:8] + b"n" * 300, "has no end to its name", ALL),
    "exr attribute of negative length": (
        lambda b: b.exr(b.attribute(b"owner", b"string", b"", length=0xFFFFFFFF)),
        "'owner' at byte .* claims 4294967295 bytes",
        ALL,
    ),
    "exr attribute beyond the end": (
        lambda b: b.exr(b.attribute(b"owner", b"string", b"", length=5000)),
        "'owner' at byte .* claims 5000 bytes",
        ALL,
    ),
    "exr without a window": (
        lambda b: b.exr().replace(b"dataWindow", b"dataWindoW"),
        "an EXR header without a dataWindow",
        ALL,
    ),
    "exr of no rows": (lambda b: b.exr(rows=0), "dataWindow of 1 x 0 pixels", ALL),
    "exr of two thousand million rows": (lambda b: b.exr(rows=0x7FFFFFFF), "call for 2147483647 chunks", ALL),
    "exr of unknown compression": (
        lambda b: b.exr(compression=99),
        'compression 99 is not known; use carrier="sidecar"',
        ALL,
    ),
    "exr of tiles of nothing": (
        lambda b: b.exr(b.attribute(b"tiles", b"tiledesc", bytes(9)), flags=0x200),
        "tile description of 0 x 0, mode 0",
        ALL,
    ),
    "exr of tiles of another mode": (
        lambda b: b.exr(b.attribute(b"tiles", b"tiledesc", b"\x10\0\0\0\x10\0\0\0\x37"), flags=0x200),
        "tile description of 16 x 16, mode 55",
        ALL,
    ),
    "exr of a million parts": (
        lambda b: b.exr(b.attribute(b"chunkCount", b"int", struct.pack("<i", 0x7FFFFFFF)), flags=0x1000),
        "call for 2147483647 chunks",
        ALL,
    ),
    "exr chunk in the header": (lambda b: b.exr(entries=[4, 100]), "points to bytes 4 to 100", "embed"),
    "exr chunk beyond the end": (
        lambda b: b.exr(entries=[150, 0xFFFFFFFFFFFFFFFF]),
        "points to bytes 150 to 18446744073709551615",
        "embed",
    ),
    "exr that was never finished": (
        lambda b: b.exr(entries=[len(b.exr()) - 18, 0]),
        r"never finished \(1 of 2 chunks are missing\)",
        "embed",
    ),
    "exr whose last chunk is cut": (lambda b: b.exr()[:-1], "last EXR chunk ends at byte", "embed"),
    "exr chunk of a part that is not there": (
        lambda b: b.exr(b.attribute(b"chunkCount", b"int", struct.pack("<i", 2)), flags=0x1000).replace(
            b"\x01\0\0\0\x01\0\0\0p", b"\x09\0\0\0\x01\0\0\0p"
        ),
        "last EXR chunk is of part 9, of 1",
        "embed",
    ),
    "dpx that is a header only": (lambda b: b.dpx()[:1000], "needs bytes 1663 to 1664", ALL),
    "dpx whose image is beyond the end": (lambda b: b.dpx(image=99999), "the image at 99999, in a file", ALL),
    "dpx whose image is in the header": (lambda b: b.dpx(image=1024), "the image at 1024, in a file", ALL),
    "dpx whose user data covers the image": (
        lambda b: b.dpx(user=64),
        "user data up to byte 2112 and the image at 2048",
        ALL,
    ),
    "dpx of 4 GB less one": (
        lambda b: b.dpx(at16=0xFFFFFFF0),
        "field at byte 16 is 4294967280, which cannot change by 52",
        "embed",
    ),
    "heif without pictures": (
        lambda b: b.box(b"ftyp", b"mif1\0\0\0\0"),
        "a file of boxes without pictures",
        ALL,
    ),
    "heif that is cut": (
        lambda b: b.heif(b.box(b"mdat", bytes(90)))[:-9],
        "box 'mdat' at byte 44 has an",
        ALL,
    ),
    "heif box of size 2": (lambda b: b.heif(b.box(b"mdat", size=2)), "box 'mdat' at byte 44 has an", ALL),
    "heif box of size 7": (lambda b: b.heif(b.box(b"free", size=7)), "box 'free' at byte 44 has an", ALL),
    "heif box of 64-bit size 15": (
        lambda b: b.heif(b.box(b"mdat", struct.pack(">Q", 15), size=1)),
        "box 'mdat' at byte 44 has an",
        ALL,
    ),
    "heif box of 2^64 - 1 bytes": (
        lambda b: b.heif(b.box(b"mdat", struct.pack(">Q", 0xFFFFFFFFFFFFFFFF), size=1)),
        "box 'mdat' at byte 44 has an",
        ALL,
    ),
    "heif box that ends in its size": (
        lambda b: b.heif(b.box(b"mdat", bytes(3), size=1)),
        "box 'mdat' at byte 44 has an",
        ALL,
    ),
    "mp4 whose mdat is cut": (
        lambda b: b.movie(b.box(b"mdat", bytes(90)))[:-1],
        "box 'mdat' at byte 36 has an impossible size in a file of 133 bytes: truncated",
        ALL,
    ),
    "mp4 whose 64-bit mdat is cut": (
        lambda b: b.movie(b.box(b"mdat", struct.pack(">Q", 1 << 40) + bytes(90), size=1)),
        "box 'mdat' at byte 36 has an impossible size",
        ALL,
    ),
    "mp4 that was never finished": (
        lambda b: b.movie()[:20] + b.box(b"mdat", bytes(90), size=0),
        "a file of boxes without pictures",
        ALL,
    ),
    "jxl container without a codestream": (
        lambda b: b.jxl(b.box(b"Exif", bytes(9))),
        "a JPEG XL container without a codestream",
        ALL,
    ),
    "jxl container that is cut": (lambda b: b.jxl()[:-1], "box 'jxlc' at byte 32 has an impossible", ALL),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(case: str, build: SimpleNamespace, refused: Refused) -> None:
    make, message, action = BAD[case]
    refused(make(build), CarrierError, message, action)


ODD: dict[str, Callable[[Any], bytes]] = {
    "png with a second IEND": lambda b: b.png(b.chunk(b"IDAT")) + b.chunk(b"IDAT") + b.chunk(b"IEND"),
    "png with trailing bytes": lambda b: b.png(b.chunk(b"IDAT")) + b"\0trailing",
    "png for iOS": lambda b: (
        b.png(b.chunk(b"IDAT"))[:8] + b.chunk(b"CgBI", bytes(4)) + b.png(b.chunk(b"IDAT"))[8:]
    ),
    "jpeg with fill bytes": lambda b: b.jpeg(b"\xff" * 9 + b.segment(0xE0, b"JFIF\0" + bytes(9))),
    "jpeg with an empty APP11": lambda b: b.jpeg(b.segment(0xEB), b.segment(0xEB, b"JP\0\0more")),
    "jpeg without an end": lambda b: b.jpeg()[:-3],
    "jpeg with an MPF segment of nothing": lambda b: b.jpeg(b.segment(0xE2, b"MPF\0" + bytes(12))),
    "jpeg with an MPF directory that points far": lambda b: b.jpeg(b.mpf(100, at=60_000)),
    "jpeg with an MPF directory of one short entry": lambda b: b.jpeg(b.mpf(100, count=8)),
    "jpeg with an MPF directory of length 0": lambda b: b.jpeg(b.mpf(0)),
    "jpeg with an MPF directory of a wrong length": lambda b: b.jpeg(b.mpf(0xFFFFFFFF)),
    "jpeg with an MPF directory of a right length": lambda b: b.jpeg(b.mpf(len(b.jpeg(b.mpf(0))))),
    "jpeg with two MPF directories": lambda b: b.jpeg(b.mpf(700), b.mpf(800)),
    "tiff with an IFD chain that loops": lambda b: b.tiff()[:-4] + struct.pack("<I", 10),
    "tiff with trailing bytes": lambda b: b.tiff(tail=b"\0trailing"),
    "tiff whose IFD is last": lambda b: b.tiff(),
    "tiff with a tag above ours": lambda b: b.tiff((65400, 4, 1, 9)),
    "exr with a long attribute": lambda b: b.exr(b.attribute(b"x" * 200, b"y" * 200, bytes(5000))),
    "exr with trailing bytes": lambda b: b.exr() + b"\0trailing",
    "exr with its chunks backwards": lambda b: b.exr(entries=[len(b.exr()) - 9, len(b.exr()) - 18]),
    "dpx with all fields undefined": lambda b: b.dpx(user=0xFFFFFFFF, at16=0xFFFFFFFF, at28=0xFFFFFFFF),
    "dpx with fields of zero": lambda b: b.dpx(at16=0, at808=0),
    "dpx with an element that is undefined": lambda b: b.dpx(at808=0xFFFFFFFF),
    "dpx that claims a smaller file": lambda b: b.dpx(at16=100),
    "heif with an open end": lambda b: b.heif(b.box(b"mdat", bytes(40), size=0)),
    "heif with a 64-bit box": lambda b: b.heif(b.box(b"mdat", struct.pack(">Q", 24) + bytes(8), size=1)),
    "heif with an index that closes it": lambda b: b.heif(b.box(b"mfra", bytes(30))),
    "heif with zeros behind": lambda b: b.heif() + bytes(512),
    "heif with text behind": lambda b: b.heif() + b"some text that is no box at all",
    "heif with three bytes behind": lambda b: b.heif() + b"abc",
    "heif with another's uuid box": lambda b: b.heif(b.box(b"uuid", bytes(16)), b.box(b"uuid", bytes(4))),
    "mov without ftyp": lambda b: b.box(b"wide") + b.box(b"mdat", bytes(9)) + b.box(b"moov", bytes(9)),
    "mov that begins with filler": lambda b: b.box(b"free", bytes(9)) + b.box(b"moov", bytes(9)),
    "mov with a preview first": lambda b: b.box(b"pnot", bytes(12)) + b.box(b"moov", bytes(9)),
    "mov with free and skip at its end": lambda b: (
        b.box(b"moov", bytes(9)) + b.box(b"mdat", bytes(9)) + b.box(b"free", bytes(40)) + b.box(b"skip")
    ),
    "mov with a 64-bit mdat last": lambda b: (
        b.box(b"moov", bytes(9)) + b.box(b"mdat", struct.pack(">Q", 56) + bytes(40), size=1)
    ),
    "mov with an open end": lambda b: b.box(b"moov", bytes(9)) + b.box(b"mdat", bytes(40), size=0),
    "mp4 with a segment index": lambda b: b.movie(
        b.box(b"sidx", bytes(24)),
        b.box(b"moof"),
        b.box(b"mdat", bytes(9)),
        b.box(b"mfra", b"mfro" + bytes(30)),
    ),
    "mp4 with filler behind its index": lambda b: b.movie(b.box(b"mfra", bytes(30)), b.box(b"free")),
    "mp4 with zeros behind": lambda b: b.movie(b.box(b"mdat", bytes(9))) + bytes(8),
    "jxl with an open end": lambda b: b.jxl(b.box(b"jxlc", b"\xff\x0acode", size=0)),
    "jxl that is two bytes": lambda b: b"\xff\x0a",
    "jxl that is wrapped as we would": lambda b: b.jxl(),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_but_sound(case: str, build: SimpleNamespace, accepted: Accepted) -> None:
    accepted(ODD[case](build))


def test_trailing_bytes_stay_behind(build: SimpleNamespace, accepted: Accepted) -> None:
    for make in (build.png(build.chunk(b"IDAT")), build.heif(), build.tiff(), build.jxl()):
        whole = accepted(make + b"\0trailing")
        assert b"\0trailing" in whole
    assert accepted(build.heif() + bytes(512)).endswith(bytes(512))


def test_an_index_stays_last(build: SimpleNamespace, accepted: Accepted) -> None:
    index = build.box(b"mfra", b"tfra" + bytes(30))
    assert accepted(build.heif(index)).endswith(index)


def test_an_open_end_is_closed(build: SimpleNamespace, accepted: Accepted) -> None:
    whole = accepted(build.heif(build.box(b"mdat", bytes(40), size=0)))
    assert whole[44:52] == struct.pack(">I", 48) + b"mdat"
