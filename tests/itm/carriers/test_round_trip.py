"""Every sample: embed, read, replace, strip; the original comes back byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from candela_engines.errors import CarrierError, NoPayloadError, PayloadError
from candela_engines.itm.carriers import (
    CARRIERS,
    MAX_PAYLOAD,
    carrier_for,
    embed_payload,
    find_payload,
    read_payload,
    sidecar_path,
    strip_payload,
)

# Bytes that mean something to one format or another.
AWKWARD = (
    b"\xff\xd8\xff\xd9\xff\xda" * 40 + b"IEND\xaeB`\x82" + bytes(300) + b"uuidcndlCNDL\x00" + b"\xff" * 300
)
EXACT = {
    "png": 12, "png16": 12, "jpeg": 14, "jpeg_ultra_hdr": 14, "exr": 33, "exr_parts": 33, "exr_deep": 33,
    "avif": 28, "mp4": 28, "heif_open_end": 28, "jxl": 12, "jxl_bare": 52, "dpx_no_slack": 44,
    "dpx_user_data": 12, "dpx_no_industry": 428, "tiff_ifd_last": 21, "tiff_motorola": 31 + 12 * 9,
    "tiff_motorola_big": 53 + 20 * 9, "bmp": 12,
}  # fmt: skip


def test_everything_about_one_file(sample: Path) -> None:
    original = sample.read_bytes()
    out = sample.with_name("out" + sample.suffix)
    assert find_payload(sample) is None

    first = embed_payload(sample, out, AWKWARD)
    assert sample.read_bytes() == original
    assert read_payload(out) == AWKWARD
    assert not first.replaced
    assert first.payload_bytes == len(AWKWARD)
    assert carrier_for(out).name == first.carrier == carrier_for(sample).name

    found = find_payload(out)
    assert found is not None and found.copies == 1
    held = found.path.read_bytes()
    assert b"".join(held[span.start : span.end] for span in found.spans) == AWKWARD

    second = embed_payload(out, out, b"\x00")
    assert second.replaced
    assert read_payload(out) == b"\x00"
    direct = sample.with_name("direct" + sample.suffix)
    embed_payload(sample, direct, b"\x00")
    assert out.read_bytes() == direct.read_bytes(), "a replaced payload left a trace"

    report = strip_payload(out, out)
    assert report.exact, report.note
    assert out.read_bytes() == original
    assert not sidecar_path(out).exists()
    with pytest.raises(NoPayloadError, match="carries no payload"):
        read_payload(out)
    with pytest.raises(NoPayloadError, match="carries no payload"):
        strip_payload(out, out)


def test_largest_payload_and_in_place(sample: Path) -> None:
    original = sample.read_bytes()
    largest = bytes(range(256)) * (MAX_PAYLOAD // 256)
    embed_payload(sample, sample, AWKWARD)
    report = embed_payload(sample, sample, largest)
    grown = sample.stat().st_size - len(original)
    grown += sidecar_path(sample).stat().st_size if report.carrier == "sidecar" else 0
    assert report.bytes_added == grown
    assert read_payload(sample) == largest
    assert strip_payload(sample, sample).bytes_removed == grown
    assert sample.read_bytes() == original


@pytest.mark.parametrize("name", sorted(EXACT))
def test_overhead_is_what_the_documentation_says(name: str, make: Callable[[str], Path]) -> None:
    path = make(name)
    report = embed_payload(path, path, bytes(2048))
    assert report.bytes_added - 2048 == EXACT[name]
    assert report.bytes_added - 2048 >= CARRIERS[report.carrier].least_overhead


def test_dpx_filler_before_the_image_is_used(make: Callable[[str], Path]) -> None:
    for name in ("dpx", "dpx_big_endian"):
        path = make(name)
        size = path.stat().st_size
        report = embed_payload(path, path, bytes(2048))
        assert (report.bytes_added, path.stat().st_size) == (0, size)


def test_jpeg_parts_meet_at_every_boundary(make: Callable[[str], Path]) -> None:
    path = make("jpeg_ultra_hdr")
    original = path.read_bytes()
    for size in (65522, 65523, 65524, 65525, 131049, 131050, 131051):
        payload = bytes([size % 251]) * size
        report = embed_payload(path, path, payload)
        assert report.bytes_added - size == 4 + 10 * -(-(size + 4) // 65527)
        assert read_payload(path) == payload
    strip_payload(path, path)
    assert path.read_bytes() == original


def test_sizes_out_of_bounds_are_refused(make: Callable[[str], Path]) -> None:
    path = make("png")
    original = path.read_bytes()
    for size in (0, MAX_PAYLOAD + 1):
        with pytest.raises(PayloadError, match=f"1 to 262144 bytes; this one has {size}"):
            embed_payload(path, path, bytes(size))
    assert path.read_bytes() == original


def test_the_extension_does_not_matter(make: Callable[[str], Path]) -> None:
    path = make("png").rename(make("jpeg").with_name("really_a_png.jpg"))
    assert embed_payload(path, path, b"x").carrier == "png"


def test_a_carrier_by_name(make: Callable[[str], Path]) -> None:
    path = make("png")
    assert embed_payload(path, path, b"x", carrier="png").carrier == "png"
    with pytest.raises(CarrierError, match="a file for carrier 'png', not for 'exr'"):
        embed_payload(path, path, b"x", carrier="exr")
    with pytest.raises(CarrierError, match="of a format without a carrier, not for 'png'"):
        embed_payload(make("bmp"), path, b"x", carrier="png")
