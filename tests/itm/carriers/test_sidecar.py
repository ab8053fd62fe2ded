"""The file beside the picture, and its peace with a payload in the picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from candela_engines.errors import CarrierError, NoPayloadError, PayloadError
from candela_engines.itm.carriers import (
    embed_payload,
    find_payload,
    read_payload,
    sidecar_path,
    strip_payload,
)

Make = Callable[[str], Path]


def test_unknown_formats_get_one_and_the_report_says_so(make: Make) -> None:
    path = make("bmp")
    report = embed_payload(path, path, b"x" * 100)
    assert report.path == path.with_name("picture.bmp.candela")
    assert report.bytes_added == 112 == report.path.stat().st_size
    assert "no carrier for this format" in report.note
    assert read_payload(path) == read_payload(report.path) == b"x" * 100
    out = path.with_name("copy.bmp")
    assert strip_payload(path, out).carrier == "sidecar"
    assert out.read_bytes() == path.read_bytes()
    assert not sidecar_path(out).exists() and report.path.exists()
    assert strip_payload(path, path).bytes_removed == 112
    assert not report.path.exists()


def test_forced_for_a_known_format(make: Make) -> None:
    path = make("png")
    original = path.read_bytes()
    embed_payload(path, path, b"in the file")
    report = embed_payload(path, path, b"beside", carrier="sidecar")
    assert report.replaced and report.note == ""
    assert path.read_bytes() == original
    assert read_payload(path) == b"beside"
    report = embed_payload(path, path, b"in the file again")
    assert report.replaced
    assert not sidecar_path(path).exists()
    assert read_payload(path) == b"in the file again"


def test_embedding_elsewhere_leaves_the_source_alone(make: Make) -> None:
    path = make("png")
    embed_payload(path, path, b"one", carrier="sidecar")
    out = path.with_name("out.png")
    embed_payload(path, out, b"two")
    assert (read_payload(path), read_payload(out)) == (b"one", b"two")
    embed_payload(path, out, b"three", carrier="sidecar")
    assert out.read_bytes() == path.read_bytes()
    assert read_payload(out) == b"three"


def test_serves_where_the_structure_cannot_be_read(make: Make) -> None:
    path = make("png")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(CarrierError, match="truncated or damaged"):
        embed_payload(path, path, b"x")
    embed_payload(path, path, b"x", carrier="sidecar")
    assert read_payload(path) == b"x"
    strip_payload(path, path)
    with pytest.raises(CarrierError, match="truncated or damaged"):
        read_payload(path)


def test_does_not_hide_a_damaged_payload(make: Make) -> None:
    path = make("png")
    embed_payload(path, path, b"x", carrier="sidecar")
    beside = sidecar_path(path).read_bytes()
    embed_payload(path, path, b"payload")
    path.write_bytes(path.read_bytes().replace(b"payload", b"paYload"))
    sidecar_path(path).write_bytes(beside)
    with pytest.raises(PayloadError, match="CRC differs"):
        read_payload(path)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda data: data[:-1], "CRC differs"),
        (lambda data: data[:8], "claims to carry a payload of 0 bytes"),
        (lambda data: data[:12], "claims to carry a payload of 0 bytes"),
        (lambda data: data[:-5] + b"!" + data[-4:], "CRC differs"),
        (lambda data: data + bytes(300_000), "claims to carry a payload of 300100 bytes"),
    ],
)
def test_damaged_sidecars(spoil: Callable[[bytes], bytes], message: str, make: Make) -> None:
    path = make("bmp")
    beside = embed_payload(path, path, b"x" * 100).path
    beside.write_bytes(spoil(beside.read_bytes()))
    for name in (path, beside):
        with pytest.raises(PayloadError, match=message):
            read_payload(name)


def test_a_file_of_that_name_that_is_none_is_kept(make: Make) -> None:
    path = make("bmp")
    other = sidecar_path(path)
    other.write_bytes(b"somebody's notes")
    with pytest.raises(CarrierError, match="has the name of a sidecar file, but is none"):
        find_payload(path)
    with pytest.raises(NoPayloadError):
        strip_payload(path, path)
    png = make("png")
    sidecar_path(png).write_bytes(b"somebody's notes")
    embed_payload(png, png, b"x")
    assert sidecar_path(png).read_bytes() == other.read_bytes() == b"somebody's notes"


def test_not_for_a_sidecar_itself(make: Make) -> None:
    path = make("bmp")
    beside = embed_payload(path, path, b"x").path
    for call in (lambda: embed_payload(beside, beside, b"y"), lambda: strip_payload(beside, beside)):
        with pytest.raises(CarrierError, match="name the picture that it lies beside"):
            call()


def test_very_long_names(make: Make) -> None:
    path = make("bmp")
    path = path.rename(path.with_name("x" * 248 + ".bmp"))
    assert find_payload(path) is None
