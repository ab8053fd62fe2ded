"""Sound files whose payload lies: damaged, of impossible size, or with a record that would undo wrongly."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from candela_engines.errors import CandelaError, CarrierError, PayloadError
from candela_engines.itm.carriers import MAX_PAYLOAD, embed_payload, find_payload, strip_payload
from candela_engines.itm.carriers.isobmff import IDENTIFIER

Refused = Callable[[bytes, type[CandelaError], str, str], None]
TOO_LARGE = MAX_PAYLOAD + 1
TWO = struct.pack("<I", 2)  # chunks of the EXR


def _crc(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def _carried(tmp_path: Path, data: bytes, payload: bytes = b"payload") -> bytes:
    path = tmp_path / "sound"
    path.write_bytes(data)
    embed_payload(path, path, payload)
    whole = path.read_bytes()
    path.unlink()
    return whole


def _stripped(tmp_path: Path, data: bytes) -> tuple[bool, str, bytes]:
    path = tmp_path / "hostile"
    path.write_bytes(data)
    report = strip_payload(path, path)
    assert find_payload(path) is None
    left = path.read_bytes()
    path.unlink()
    return report.exact, report.note, left


def test_payloads_of_impossible_size(build: SimpleNamespace, refused: Refused) -> None:
    large = bytes(TOO_LARGE + 4)
    uuid = b"uuid" + IDENTIFIER.bytes
    pixels = build.chunk(b"IDAT")
    for data, size in (
        (build.png(pixels, build.chunk(b"cdLa", bytes(TOO_LARGE))), TOO_LARGE),
        (build.png(pixels, build.chunk(b"cdLa")), 0),
        (build.heif(struct.pack(">I", 4 + len(uuid + large)) + uuid + large), TOO_LARGE),
        (build.heif(struct.pack(">I", 4 + len(uuid)) + uuid), -4),
        (build.jxl(build.box(b"jxlc", b"\xff\x0a"), build.box(b"cndl", large)), TOO_LARGE),
        (build.jxl(build.box(b"jxlc", b"\xff\x0a"), build.box(b"cndl")), -4),
        (build.jpeg(build.segment(0xEB, b"CNDL\0\0" + bytes(4))), 0),
        (build.dpx(image=2060, user=12, at16=0)[:2048] + b"\0\xff\xff\xff\0\0\0\0CNDL" + bytes(64), 0xFFFFFF),
        (build.tiff((65226, 7, 0xFFFFFFFF, 88), tail=b"CNDL" + bytes(50)), 0xFFFFFFFF),
        (
            build.exr(build.attribute(b"candela", b"cndl", struct.pack("<QII", 150, 0xFFFFFFFF, 0))),
            0xFFFFFFFF,
        ),
    ):
        refused(data, PayloadError, f"claims to carry a payload of {size} bytes; 1 to {MAX_PAYLOAD}", "read")


def test_a_wrong_crc_everywhere(build: SimpleNamespace, refused: Refused, tmp_path: Path) -> None:
    sound = (
        build.png(build.chunk(b"IDAT")),
        build.jpeg(),
        build.tiff(),
        build.exr(),
        build.dpx(),
        build.heif(),
    )
    for data in (*sound, build.jxl()):
        whole = _carried(tmp_path, data)
        assert whole.count(b"payload") == 1
        refused(whole.replace(b"payload", b"paYload"), PayloadError, "CRC differs", "read")


def test_a_damaged_payload_can_be_replaced(build: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "file"
    for data in (build.png(build.chunk(b"IDAT")), build.jpeg(), build.exr(), build.heif(), build.jxl()):
        path.write_bytes(_carried(tmp_path, data).replace(b"payload", b"paYload"))
        report = embed_payload(path, path, b"sound again")
        assert report.replaced and report.note
        found = find_payload(path)
        assert found is not None and found.payload == b"sound again"


def test_a_flood_of_copies(build: SimpleNamespace, refused: Refused, tmp_path: Path) -> None:
    """Sixty thousand tags that name one payload would be read sixty thousand times."""
    record = b"CNDL" + bytes(MAX_PAYLOAD) + b"\x02"
    record += _crc(record)
    many = [(65226, 7, len(record), 10 + 6 + 12 * (5 + 60_000))] * 60_000
    refused(build.tiff(*many, tail=record), CarrierError, "carries 60000 payloads; up to 16 copies", "read")
    chunk = build.chunk(b"cdLa", b"payload")
    data = build.png(build.chunk(b"IDAT"), chunk * 17)
    refused(data, CarrierError, "carries 17 payloads", "read")
    exact, _, left = _stripped(tmp_path, data)
    assert not exact and left == build.png(build.chunk(b"IDAT"))


@pytest.mark.parametrize("cut", [1, 5, 60])
def test_files_that_end_in_the_payload(
    cut: int, build: SimpleNamespace, refused: Refused, tmp_path: Path
) -> None:
    payload = bytes(range(200))
    for data in (build.heif(), build.jxl(), build.tiff(tail=b"x"), build.exr()):
        refused(
            _carried(tmp_path, data, payload)[:-cut], CandelaError, "truncated|missing|not at byte", "read"
        )


# TIFF: the record says where the original IFD was, and whether a byte of padding was added.


def _tiff(build: SimpleNamespace, undo: bytes, *, pad: bytes = b"", old: bytes | None = None) -> bytes:
    """As we write it, with a record of the caller's choice and a right CRC."""
    record = b"CNDLpayload" + undo
    record += _crc(record)
    plain = build.tiff() if old is None else old
    at = len(plain) + len(pad)
    start = at + 2 + 6 * 12 + 4
    entries = build.tiff((65226, 7, len(record), start))[10:]
    return plain[:4] + struct.pack("<I", at) + plain[8:] + pad + entries + record


def test_tiff_record_as_we_write_it(build: SimpleNamespace, tmp_path: Path) -> None:
    plain = build.tiff(tail=b"??")
    exact, _, left = _stripped(tmp_path, _tiff(build, struct.pack("<IB", 10, 0), old=plain))
    assert exact and left == plain


@pytest.mark.parametrize(
    ("undo", "pad"),
    [
        (struct.pack("<IB", 12, 0), b""),  # not where the IFD was
        (struct.pack("<IB", 0, 0), b""),
        (struct.pack("<IB", 0xFFFFFFFF, 0), b""),
        (struct.pack("<IB", 10, 1), b""),  # padding that is part of the original
        (struct.pack("<IB", 10, 1), b"\x01\x01"),
        (struct.pack("<IB", 10, 3), b""),
        (struct.pack("<IB", 10, 0xF0), b""),
        (struct.pack("<I", 76 + 10 + 2 * 12)[:4] + b"\0", b""),  # the new IFD itself
    ],
)
def test_tiff_records_that_would_undo_wrongly(
    undo: bytes, pad: bytes, build: SimpleNamespace, tmp_path: Path
) -> None:
    plain = build.tiff(tail=b"??")
    hostile = _tiff(build, undo, pad=pad, old=plain)
    exact, note, left = _stripped(tmp_path, hostile)
    assert not exact and "cannot be restored" in note
    assert len(left) == len(hostile) and left[4:8] == hostile[4:8]
    at = struct.unpack("<I", left[4:8])[0]
    assert left[at : at + 2 + 5 * 12 + 4] == plain[10 : 10 + 66], "the tags of the picture changed"


def test_tiff_tag_that_points_into_the_pixels(build: SimpleNamespace, tmp_path: Path) -> None:
    """Nothing is cut that was not written by us, behind everything."""
    record = b"CNDLpayload" + struct.pack("<IB", 10, 0)
    record += _crc(record)
    plain = build.tiff((65226, 7, len(record), 90), tail=record + b"pixels behind")
    assert plain[88:].startswith(record)
    plain = build.tiff((65226, 7, len(record), 88), tail=record + b"pixels behind")
    exact, _, left = _stripped(tmp_path, plain)
    assert not exact and left.endswith(record + b"pixels behind")


def test_tiff_of_nothing_but_a_payload(build: SimpleNamespace, refused: Refused) -> None:
    record = b"CNDLpayload\x02"
    record += _crc(record)
    entry = struct.pack("<HHHII", 1, 65226, 7, len(record), 26)
    data = b"II*\0\x08\0\0\0" + entry + bytes(4) + record
    refused(data, CarrierError, "holds nothing but a payload", "strip embed")


# EXR: the attribute says where the payload is.


@pytest.mark.parametrize("where", [0, 4, 150, 0xFFFFFFFFFFFFFFFF])
def test_exr_attribute_that_points_elsewhere(
    where: int, build: SimpleNamespace, refused: Refused, tmp_path: Path
) -> None:
    value = struct.pack("<QI", where, 8)
    data = build.exr(build.attribute(b"candela", b"cndl", value + _crc(value + TWO + b"whatever")))
    refused(data, PayloadError, "not at byte|CRC differs", "read")
    exact, note, left = _stripped(tmp_path, data)
    assert not exact and note
    assert left == build.exr()


def test_exr_attribute_that_points_into_the_pixels(build: SimpleNamespace, tmp_path: Path) -> None:
    empty = build.exr(build.attribute(b"candela", b"cndl", bytes(16)))
    for start, length in ((len(empty) - 9, 9), (len(empty) - 1, 1), (len(empty) - 18, 3)):
        value = struct.pack("<QI", start, length)
        value += _crc(value + TWO + empty[start : start + length])
        exact, note, left = _stripped(tmp_path, build.exr(build.attribute(b"candela", b"cndl", value)))
        assert not exact and "not where it was written" in note
        assert left == build.exr(), "pixels were cut"


def test_exr_attribute_of_another_length(build: SimpleNamespace, refused: Refused, tmp_path: Path) -> None:
    data = build.exr(build.attribute(b"candela", b"cndl", bytes(15)))
    refused(data, PayloadError, "has an impossible length", "read")
    assert _stripped(tmp_path, data)[2] == build.exr()


def test_exr_whose_number_of_chunks_changed(build: SimpleNamespace, refused: Refused, tmp_path: Path) -> None:
    """Undoing would move part of the table only."""
    whole = _carried(tmp_path, build.exr(rows=4))
    rows = whole.index(b"dataWindow\0box2i\0") + 17 + 4 + 12
    damaged = whole[:rows] + b"\x01" + whole[rows + 1 :]
    refused(damaged, PayloadError, "CRC differs", "read")
    refused(damaged, CarrierError, "do not begin where their table ends", "strip embed")


def test_exr_attribute_in_two_parts(build: SimpleNamespace, tmp_path: Path) -> None:
    """A program that copies the header of one part to another copies ours too."""
    whole = _carried(tmp_path, build.exr())
    start = whole.index(b"candela\0")
    ours = whole[start : start + 33]
    position = struct.unpack("<Q", ours[17:25])[0] + 33
    value = struct.pack("<QI", position, 7)
    twice = build.attribute(b"candela", b"cndl", value + _crc(value + TWO + b"payload"))
    data = build.exr(twice, twice) + b"payload"
    path = tmp_path / "twice"
    path.write_bytes(data)
    found = find_payload(path)
    assert found is not None and (found.payload, found.copies) == (b"payload", 2)
    path.unlink()
    assert _stripped(tmp_path, data)[2] == build.exr()


# DPX: the flags say what the header was.


def _dpx(build: SimpleNamespace, flags: int, *, first: bytes = b"CANDELA".ljust(32, b"\0")) -> bytes:
    record = first + b"payload1"
    stated = bytes([flags]) + (8).to_bytes(3, "big")
    record += stated + _crc(stated + b"payload1") + b"CNDL"
    user = len(record)
    plain = build.dpx(image=2048 + user, user=user, at16=2048 + user + 64)
    return plain[:2048] + record + plain[2048:]


def test_dpx_record_as_we_write_it(build: SimpleNamespace, tmp_path: Path) -> None:
    exact, _, left = _stripped(tmp_path, _dpx(build, 0))
    assert exact and left == build.dpx()


@pytest.mark.parametrize(
    ("flags", "kind", "message"),
    [
        (3, CarrierError, "flags 03 of another version"),
        (0 | 2 << 2, CarrierError, "does not fit into the user data"),
        (2 | 3 << 2, CarrierError, "cannot be taken out"),
        (64, CarrierError, "industry header was written by another program"),
    ],
)
def test_dpx_records_that_would_undo_wrongly(
    flags: int, kind: type[CandelaError], message: str, build: SimpleNamespace, refused: Refused
) -> None:
    refused(_dpx(build, flags), kind, message, "strip embed")


def test_dpx_record_without_identification(build: SimpleNamespace, refused: Refused) -> None:
    refused(_dpx(build, 0, first=b""), PayloadError, "does not fit into the user data", "read")
    refused(_dpx(build, 2, first=b""), PayloadError, "does not fit into the user data", "read")


def test_dpx_damaged_payload_stays(build: SimpleNamespace, refused: Refused) -> None:
    """Its length is under the same CRC, and cutting at a wrong place would move the image."""
    damaged = _dpx(build, 0).replace(b"payload1", b"paYload1")
    refused(damaged, CarrierError, "CRC differs.*it cannot be taken out", "strip embed")


# Boxes: the mark says what else to undo.


def test_jxl_that_claims_to_have_been_bare(build: SimpleNamespace, tmp_path: Path) -> None:
    ours = build.box(b"cndb", b"payload" + _crc(b"cndbpayload"))
    code = build.box(b"jxlc", b"\xff\x0acode")
    exact, _, left = _stripped(tmp_path, build.jxl(code, ours))
    assert exact and left == b"\xff\x0acode"
    exif = build.box(b"Exif", bytes(9))
    for boxes in ((exif, code, ours), (code, ours, exif), (build.box(b"jxlc", b"no code"), ours)):
        exact, note, left = _stripped(tmp_path, build.jxl(*boxes))
        assert not exact and "cannot be restored" in note
        assert left == build.jxl(*(box for box in boxes if box != ours))


def test_boxes_that_claim_an_open_end(build: SimpleNamespace, tmp_path: Path) -> None:
    ours = build.box(b"cndo", b"payload" + _crc(b"cndopayload"))
    code, exif = build.box(b"jxlc", b"\xff\x0acode"), build.box(b"Exif", bytes(9))
    assert _stripped(tmp_path, build.jxl(code, ours))[2] == build.jxl(
        build.box(b"jxlc", b"\xff\x0acode", size=0)
    )
    exact, _, left = _stripped(tmp_path, build.jxl(code, ours, exif))
    assert not exact and left == build.jxl(code, exif)

    mark = b"uuid" + IDENTIFIER.bytes[:-1] + bytes([IDENTIFIER.bytes[-1] | 1])
    ours = build.box(b"uuid", mark[4:] + b"payload" + _crc(mark + b"payload"))
    data = build.box(b"mdat", bytes(9))
    assert _stripped(tmp_path, build.heif(data, ours))[2] == build.heif(build.box(b"mdat", bytes(9), size=0))
    exact, _, left = _stripped(tmp_path, build.heif(data, ours, data))
    assert not exact and left == build.heif(data, ours.replace(b"uuid", b"free"), data)


def test_jpeg_directory_that_another_program_broke(build: SimpleNamespace, tmp_path: Path) -> None:
    ours = build.segment(0xEB, b"CNDL\0\x08payload" + _crc(b"payload\x08"))
    whole = build.jpeg(ours, build.mpf(0))
    exact, _, left = _stripped(tmp_path, build.jpeg(ours, build.mpf(len(whole))))
    assert exact and left == build.jpeg(build.mpf(len(whole) - len(ours)))
    for directory in (
        build.mpf(len(ours)),
        build.mpf(0),
        build.mpf(len(whole) + 1),
        build.mpf(9, at=900),
        b"",
    ):
        exact, note, left = _stripped(tmp_path, build.jpeg(ours, directory))
        assert not exact and "multi-picture directory was changed" in note
        assert left == build.jpeg(directory)


def test_jpeg_parts_that_do_not_agree(build: SimpleNamespace, refused: Refused) -> None:
    body = b"payload" + _crc(b"payload\0")
    for heads in ((0x00, 0x01), (0x01, 0x12), (0xF0,), (0x07,), (0x00, 0x08)):
        parts = [build.segment(0xEB, b"CNDL\0" + bytes([head]) + body) for head in heads]
        refused(build.jpeg(*parts), CandelaError, "JPEG segments are missing", "read")
    parts = [build.segment(0xEB, b"CNDL\0" + bytes([index << 4 | 7]) + bytes(60_000)) for index in range(8)]
    refused(build.jpeg(*parts), PayloadError, f"claims to carry a payload of {8 * 60_000 - 4} bytes", "read")
