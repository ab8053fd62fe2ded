"""AVIF and JPEG XL: codes, depth and colour; HEIF: a refusal that says what to do."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from candela_engines.errors import InfrastructureError, MediaError
from candela_engines.media import read_still
from candela_engines.media.tags_bmff import boxes, read_heif_header
from candela_engines.media.tags_jxl import parse_codestream, read_jxl_header

from .pictures import ramp


def _avif(path: Path, codes: Any, bits: int, *code_points: int) -> Path:
    primaries, transfer, matrix = code_points
    tags = {"primaries": primaries, "transfer": transfer, "matrix": matrix}
    data = imagecodecs.avif_encode(codes, 100, speed=9, bitspersample=bits, pixelformat="444", **tags)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("bits", [8, 10, 12])
@pytest.mark.parametrize("channels", [3, 4])
def test_avif_coded_as_rgb_is_exact(tmp_path: Path, bits: int, channels: int) -> None:
    codes = ramp(16, 20, channels, "u1" if bits == 8 else "u2", top=1 << bits)
    still = read_still(_avif(tmp_path / "a.avif", codes, bits, 9, 16, 0))
    assert still.bits == bits
    np.testing.assert_array_equal(still.codes, codes[..., :3])
    assert (still.alpha is not None) == (channels == 4)
    assert still.pixels.max() == codes[..., :3].max() / np.float32((1 << bits) - 1)


@pytest.mark.parametrize(
    ("code_points", "meaning"),
    [
        ((9, 16, 9), ("bt2020", "pq")),
        ((9, 18, 9), ("bt2020", "hlg")),
        ((12, 13, 1), ("p3d65", "srgb")),
        ((1, 1, 1), ("bt709", "bt1886")),
        ((2, 2, 1), None),
        ((11, 13, 1), None),
    ],
)
def test_avif_nclx(tmp_path: Path, code_points: tuple[int, int, int], meaning: Any) -> None:
    still = read_still(_avif(tmp_path / "a.avif", ramp(8, 8, 3, "u2", top=1024), 10, *code_points))
    found = None if still.state is None else (still.state.primaries, still.state.transfer)
    assert found == meaning
    assert "/".join(map(str, code_points)) in still.found


def test_avif_made_by_pillow(tmp_path: Path) -> None:
    picture = Image.fromarray(ramp(16, 16, 3, "u1"))
    picture.save(tmp_path / "a.avif", quality=100)
    still = read_still(tmp_path / "a.avif")
    with Image.open(tmp_path / "a.avif") as opened:
        assert np.abs(np.asarray(opened).astype(int) - still.codes).max() <= 1
    assert read_heif_header(tmp_path / "a.avif").width == 16


def test_avif_claiming_a_huge_size_is_not_decoded(tmp_path: Path) -> None:
    path = _avif(tmp_path / "a.avif", ramp(8, 8, 3, "u1"), 8, 1, 13, 1)
    data = bytearray(path.read_bytes())
    at = data.index(b"ispe") + 8
    data[at : at + 8] = (100_000).to_bytes(4, "big") * 2
    path.write_bytes(data)
    with pytest.raises(MediaError, match="100000x100000"):
        read_still(path)


def test_box_sizes_are_bounded() -> None:
    for data in (b"\0\0\0\x07meta", b"\0\0\0\xffmeta", b"\0\0\0\x01meta" + b"\xff" * 8):
        with pytest.raises(MediaError, match="does not fit"):
            list(boxes(data, 0, len(data)))


def test_heif_says_what_is_missing(tmp_path: Path) -> None:
    if imagecodecs.HEIF.available:
        pytest.skip("this imagecodecs decodes HEIF")
    path = _avif(tmp_path / "a.heic", ramp(8, 8, 3, "u1"), 8, 1, 13, 1)
    data = path.read_bytes()
    path.write_bytes(data[:8] + b"heic" + data[12:16] + b"heicmif1miafMA1A" + data[32:])
    with pytest.raises(MediaError, match=r"no HEIF decoder.*convert"):
        read_still(path)


@pytest.mark.parametrize("container", [True, False])
@pytest.mark.parametrize(("dtype", "bits"), [("u1", 8), ("u2", 10), ("u2", 12), ("u2", 16)])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_jxl_is_exact(tmp_path: Path, dtype: str, bits: int, channels: int, container: bool) -> None:
    codes = ramp(9, 13, channels, dtype, top=1 << bits)
    jxl = imagecodecs.jpegxl_encode(codes, lossless=True, bitspersample=bits, usecontainer=container)
    (tmp_path / "a.jxl").write_bytes(jxl)
    still = read_still(tmp_path / "a.jxl")
    assert still.bits == bits
    expected = np.repeat(codes, 3, axis=2) if channels == 1 else codes[..., :3]
    np.testing.assert_array_equal(still.codes, expected)
    assert (still.alpha is not None) == (channels == 4)


@pytest.mark.parametrize("size", [(1 << 63) - 1, (1 << 63) + 20, (1 << 64) - 1])
def test_a_jxl_box_that_claims_more_than_a_file_can_have(tmp_path: Path, size: int) -> None:
    signature = b"\0\0\0\x0cJXL \r\n\x87\n"
    (tmp_path / "a.jxl").write_bytes(signature + struct.pack(">I4sQ", 1, b"junk", size))
    with pytest.raises(MediaError, match="codestream"):
        read_jxl_header(tmp_path / "a.jxl")


@pytest.mark.parametrize("size", [(1 << 63) - 1, (1 << 63) + 20, (1 << 64) - 1])
def test_a_heif_box_that_claims_more_than_a_file_can_have(tmp_path: Path, size: int) -> None:
    (tmp_path / "a.avif").write_bytes(
        struct.pack(">I4s4sI", 16, b"ftyp", b"avif", 0) + struct.pack(">I4sQ", 1, b"junk", size)
    )
    with pytest.raises(MediaError, match="no meta box"):
        read_heif_header(tmp_path / "a.avif")


@pytest.mark.parametrize("dtype", ["f2", "f4"])
def test_jxl_floats(tmp_path: Path, dtype: str) -> None:
    samples = np.abs(ramp(9, 13, 3, dtype))
    (tmp_path / "a.jxl").write_bytes(imagecodecs.jpegxl_encode(samples, lossless=True))
    still = read_still(tmp_path / "a.jxl")
    np.testing.assert_array_equal(still.codes, samples)


def test_jxl_colour(tmp_path: Path) -> None:
    (tmp_path / "a.jxl").write_bytes(imagecodecs.jpegxl_encode(ramp(8, 8, 3, "u1"), lossless=True))
    still = read_still(tmp_path / "a.jxl")
    assert still.state is not None
    assert still.state.transfer == "srgb"
    # The encoder calls 16-bit input linear; without nits that settles nothing.
    (tmp_path / "b.jxl").write_bytes(imagecodecs.jpegxl_encode(ramp(8, 8, 3, "u2"), lossless=True))
    assert read_still(tmp_path / "b.jxl").state is None


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (1, 300), (256, 256), (300, 7), (1080, 1920), (9, 16384)])
def test_jxl_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    codes = np.zeros((*size, 3), dtype=np.uint8)
    (tmp_path / "a.jxl").write_bytes(imagecodecs.jpegxl_encode(codes, lossless=True, effort=1))
    header = read_jxl_header(tmp_path / "a.jxl")
    assert (header.height, header.width) == size


def _stream(*fields: tuple[int, int]) -> bytes:
    """A codestream head of (value, bits) fields, lowest bit first."""
    value = position = 0
    for number, bits in fields:
        value |= number << position
        position += bits
    return b"\xff\x0a" + value.to_bytes(64, "little")


# 8x8 by the small form; then all_default 0, extra_fields 0, integer samples of 10 bits, modular16, no extra
# channels, not XYB; then the colour encoding: not default, no ICC.
_HEAD = ((1, 1), (0, 5), (1, 3), (0, 1), (0, 1), (0, 1), (1, 2), (0, 1), (0, 2), (0, 1), (0, 1), (0, 1))


def test_jxl_enumerated_hdr() -> None:
    # RGB 0, D65 1, primaries 9 = 2 + 7, no gamma, transfer 16 = 2 + 14 (PQ) or 18 (HLG).
    common = (*_HEAD, (0, 2), (1, 2), (2, 2), (7, 4), (0, 1))
    found = parse_codestream(_stream(*common, (2, 2), (14, 4)))
    assert (found.width, found.height, found.bits) == (8, 8, 10)
    assert found.tags.state is not None
    assert (found.tags.state.primaries, found.tags.state.transfer) == ("bt2020", "pq")
    found = parse_codestream(_stream(*common, (3, 2), (0, 6)))
    assert found.tags.state is not None
    assert found.tags.state.transfer == "hlg"
    gamma = parse_codestream(_stream(*_HEAD, (0, 2), (1, 2), (1, 2), (1, 1), (4545455, 24)))
    assert gamma.tags.state is None
    assert "0.454545" in gamma.tags.found


@pytest.mark.parametrize("associated", [0, 1])
def test_jxl_alpha_that_colours_are_multiplied_by(associated: int) -> None:
    # One extra channel, not of the default kind: alpha, 8 integer bits, no shift, no name, the flag.
    alpha = ((1, 2), (0, 1), (0, 2), (0, 1), (0, 2), (0, 2), (0, 2), (associated, 1))
    found = parse_codestream(_stream(*_HEAD[:8], *alpha, *_HEAD[9:], (0, 2), (1, 2), (2, 2), (7, 4), (0, 1),
                                     (2, 2), (14, 4)))  # fmt: skip
    assert found.associated is bool(associated)
    assert found.tags.state is not None and found.tags.state.transfer == "pq"


def test_jxl_orientation_is_not_applied(tmp_path: Path) -> None:
    codes = ramp(4, 12, 3, "u1")
    jxl = bytearray(imagecodecs.jpegxl_encode(codes, lossless=True, usecontainer=False))
    assert read_jxl_header_of(bytes(jxl), tmp_path).orientation == 1
    head = parse_codestream(_stream((1, 1), (0, 5), (1, 3), (0, 1), (1, 1), (5, 3), (0, 3), *_HEAD[5:]))
    assert head.orientation == 6


def read_jxl_header_of(data: bytes, folder: Path) -> Any:
    (folder / "h.jxl").write_bytes(data)
    return read_jxl_header(folder / "h.jxl")


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _avif(tmp_path / "a.avif", ramp(8, 8, 3, "u1"), 8, 1, 13, 1)

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("candela_engines.media.codecs.importlib.import_module", missing)
    with pytest.raises(InfrastructureError, match="pip install imagecodecs"):
        read_still(path)
