"""Damaged, hostile and mistaken files: a MediaError with the path and a reason, never anything else."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.errors import CandelaError, InfrastructureError, MediaError
from candela_engines.media import picture_hash, read_still, read_ultrahdr, write_hdr
from candela_engines.media.source import MAX_PIXELS

from ...media.pictures import chunk, png_bytes, ramp, write_oiio

FORMATS = ["a.png", "a.jpg", "a.exr", "a.tif", "a.dpx", "a.hdr", "a.avif", "a.jxl"]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One sound file of each format, 32x24."""
    folder = tmp_path_factory.mktemp("sound")
    nits = np.abs(ramp(24, 32, 3, "f4")) * 100
    for name in ("a.png", "a.jpg", "a.exr", "a.tif", "a.dpx", "a.avif"):
        encoding = NAMED["linear-rec2020" if name == "a.exr" else "rec2100-pq"]
        write_hdr(folder / name, nits, encoding=encoding, max_cll=500.0)
    write_oiio(folder / "a.hdr", nits, "float")
    (folder / "a.jxl").write_bytes(imagecodecs.jpegxl_encode(ramp(24, 32, 3, "u1"), lossless=True))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(path: Path, data: bytes | None = None) -> str:
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(MediaError) as caught:
        read_still(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_no_picture_at_all(tmp_path: Path) -> None:
    assert "empty" in refused(tmp_path / "a.png", b"")
    assert "is text, not a picture" in refused(tmp_path / "a.exr", b"just text, whatever the name says" * 9)
    assert "is a movie" in refused(tmp_path / "a.mp4", b"\0\0\0\x20ftypisom" + bytes(80))
    assert "no such file" in refused(tmp_path / "missing.png")
    assert "folder" in refused(tmp_path)
    assert "folder" in refused(_touched(tmp_path) / "below.png")


def _touched(folder: Path) -> Path:
    (folder / "file").write_bytes(b"x")
    return folder / "file"


def test_no_permission_is_infrastructure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.png").write_bytes(b"x")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InfrastructureError, match=r"a\.png.*Permission denied"):
        read_still(tmp_path / "a.png")


@pytest.mark.parametrize("name", FORMATS)
def test_every_truncation(tmp_path: Path, sound: dict[str, bytes], name: str) -> None:
    data = sound[name]
    cuts = {1, 2, 3, 4, 8, 12, 16, 33, 64, 100, len(data) // 4, len(data) // 2, len(data) * 9 // 10}
    for cut in sorted(cut for cut in cuts if cut < len(data) * 0.95):
        # The gain map stands behind the base, which a cut there leaves whole.
        if name == "a.jpg" and cut > data.index(b"\xff\xd9"):
            continue
        refused(tmp_path / name, data[:cut])


@pytest.mark.parametrize("name", ["a.tif", "a.dpx", "a.exr", "a.png"])
def test_one_byte_short_of_the_picture(tmp_path: Path, sound: dict[str, bytes], name: str) -> None:
    data = sound[name]
    end = data.rindex(b"IEND") - 5 if name == "a.png" else len(data) - 1
    if name == "a.tif":
        # OpenImageIO writes the directory last.
        end = len(data) - 1
    refused(tmp_path / name, data[:end])


def _flip(rng: random.Random, data: bytearray) -> None:
    for _ in range(rng.randrange(1, 4)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _head(rng: random.Random, data: bytearray) -> None:
    for _ in range(rng.randrange(1, 6)):
        data[rng.randrange(min(len(data), 400))] = rng.choice((0, 255, 127, 128, rng.randrange(256)))


def _number(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    data[at : at + 4] = rng.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"))


def _repeat(rng: random.Random, data: bytearray) -> None:
    at, start = rng.randrange(len(data)), rng.randrange(len(data))
    data[at:at] = data[start : start + rng.randrange(64)]


def _cut(rng: random.Random, data: bytearray) -> None:
    del data[rng.randrange(len(data)) :]


@pytest.mark.parametrize("mutate", [_flip, _head, _number, _repeat, _cut])
@pytest.mark.parametrize("name", FORMATS)
def test_mutations_give_a_picture_or_a_reason(
    tmp_path: Path, sound: dict[str, bytes], name: str, mutate: Callable[[random.Random, bytearray], None]
) -> None:
    rng = random.Random(f"{name} {mutate.__name__}")
    path = tmp_path / name
    for _ in range(40):
        data = bytearray(sound[name])
        mutate(rng, data)
        path.write_bytes(data)
        try:
            still = read_still(path)
            assert still.pixels.shape == still.codes.shape
            assert still.pixels.dtype == np.float32
            assert len(picture_hash(still)) == 32
            if name == "a.jpg":
                read_ultrahdr(path)
        except MediaError as error:
            assert str(path) in str(error)


def _exr_window(data: bytes, name: bytes, box: tuple[int, int, int, int]) -> bytes:
    at = data.index(name + b"\0box2i\0") + len(name) + 7 + 4
    return data[:at] + struct.pack("<4i", *box) + data[at + 16 :]


def test_claims_of_huge_sizes(tmp_path: Path, sound: dict[str, bytes]) -> None:
    limit = "limit"
    png = bytearray(sound["a.png"])
    for width, height, words in [
        (2**31 - 1, 2**31 - 1, limit),
        (1_000_000, 1001, limit),
        (30_000, 30_000, "hostile"),
        (0, 10, "nothing to read"),
    ]:
        png[16:24] = struct.pack(">II", width, height)
        png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
        assert words in refused(tmp_path / "a.png", bytes(png))
    jpeg = bytearray(sound["a.jpg"])
    at = next(i for i in range(len(jpeg)) if jpeg[i] == 0xFF and jpeg[i + 1] in (0xC0, 0xC2))
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 65500, 65500)
    assert limit in refused(tmp_path / "a.jpg", bytes(jpeg))
    for window in (b"dataWindow", b"displayWindow"):
        exr = _exr_window(sound["a.exr"], window, (0, 0, 99_999, 99_999))
        assert limit in refused(tmp_path / "a.exr", exr)
    exr = _exr_window(sound["a.exr"], b"dataWindow", (0, 0, 29_999, 29_999))
    refused(tmp_path / "a.exr", exr)
    dpx = bytearray(sound["a.dpx"])
    dpx[772:780] = struct.pack(">II", 30_000, 30_000)
    refused(tmp_path / "a.dpx", bytes(dpx))
    hdr = sound["a.hdr"].replace(b"-Y 24 +X 32", b"-Y 30000 +X 30000")
    refused(tmp_path / "a.hdr", hdr)


def test_a_gigapixel_is_the_limit() -> None:
    assert MAX_PIXELS == 1_000_000_000


def test_png_structure(tmp_path: Path) -> None:
    sound = png_bytes(ramp(4, 4, 3, "u1"), chunk(b"cICP", bytes((9, 16, 0, 1))))
    damaged = bytearray(sound)
    damaged[sound.index(b"cICP") + 4] ^= 1
    assert "checksum of the cICP" in refused(tmp_path / "a.png", bytes(damaged))
    assert "IHDR" in refused(tmp_path / "a.png", sound[:8] + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    bomb = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(1 << 26), 9))
    (tmp_path / "b.png").write_bytes(png_bytes(ramp(4, 4, 3, "u1"), bomb))
    assert "ICC" in read_still(tmp_path / "b.png").found


def test_tags_that_lie_are_not_believed(tmp_path: Path) -> None:
    for body in (b"", b"\x09", b"\x09\x10\x00\x01\x00", bytes(4), b"\xff\xff\xff\xff"):
        (tmp_path / "a.png").write_bytes(png_bytes(ramp(2, 2, 3, "u1"), chunk(b"cICP", body)))
        assert read_still(tmp_path / "a.png").state is None


def test_exr_text_that_is_no_utf8(tmp_path: Path, sound: dict[str, bytes]) -> None:
    path = write_oiio(tmp_path / "a.exr", ramp(4, 4, 3, "f2"), "half", Software="M\u00fcller")
    data = path.read_bytes().replace("M\u00fcller".encode(), b"M\xfcxller")
    path.write_bytes(data)
    assert read_still(path).pixels.shape == (4, 4, 3)
    broken = sound["a.exr"].replace(b"channels\0chlist", b"channels\0chl\xffst")
    refused(tmp_path / "b.exr", broken)


def test_exr_with_subsampled_chroma_says_so(tmp_path: Path, sound: dict[str, bytes]) -> None:
    plain = struct.pack("<2sIIII", b"B", 1, 0, 1, 1)
    assert plain in sound["a.exr"]
    chroma = sound["a.exr"].replace(plain, struct.pack("<2sIIII", b"B", 1, 0, 2, 2))
    assert "save it as RGB" in refused(tmp_path / "a.exr", chroma)


def test_jpeg_segments_that_run_away(tmp_path: Path, sound: dict[str, bytes]) -> None:
    data = sound["a.jpg"]
    assert "truncated" in refused(tmp_path / "a.jpg", data[:2] + b"\xff\xe1\xff\xff" + data[2:300])
    assert "marker" in refused(tmp_path / "a.jpg", data[:2] + b"\xff\xfe\0\x02\x12\x34" + data[2:])
    assert "frame header" in refused(tmp_path / "a.jpg", b"\xff\xd8\xff\xe0\0\x02\xff\xd9")
    refused(tmp_path / "a.jpg", b"\xff\xd8" + b"\xff" * 5000)


def test_a_lost_gain_map_leaves_the_base(tmp_path: Path, sound: dict[str, bytes]) -> None:
    data = sound["a.jpg"]
    base_end = data.index(b"\xff\xd9") + 2
    (tmp_path / "a.jpg").write_bytes(data[: base_end + 40])
    assert read_still(tmp_path / "a.jpg").size == (32, 24)
    with pytest.raises(MediaError, match="gain map"):
        read_ultrahdr(tmp_path / "a.jpg")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(CandelaError):
        write_hdr(tmp_path / "a.png", np.zeros((0, 5, 3), np.float32), encoding=NAMED["rec2100-pq"])
    assert list(tmp_path.iterdir()) == []
