"""Small files of every format and kind, written by other programs' writers."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import OpenImageIO as oiio
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from tests.itm.carriers.movies import FONTS, FRAGMENTS, INDEXED, movie

WIDTH, HEIGHT = 67, 41  # odd on purpose
_x, _y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
RGB8 = np.stack([_x * 3 % 256, _y * 6 % 256, (_x * _y) % 256], -1).astype(np.uint8)
RGB16 = RGB8.astype(np.uint16) * 257
RGB_HALF = (RGB8 / np.float32(64)).astype(np.float16)


def _pillow(kind: str, *, mode: str = "RGB", pages: int = 1, **options: Any) -> bytes:
    images = [Image.fromarray(np.roll(RGB8, page, 0)).convert(mode) for page in range(pages)]
    more = {"save_all": True, "append_images": images[1:]} if pages > 1 else {}
    file = io.BytesIO()
    images[0].save(file, kind, **more, **options)
    return file.getvalue()


def _oiio(
    folder: Path, extension: str, pixels: NDArray[Any], *, parts: int = 1, tile: int = 0, **attributes: Any
) -> bytes:
    path = folder / f"picture.{extension}"
    specs = []
    for part in range(parts):
        spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], str(pixels.dtype))
        spec.tile_width = spec.tile_height = tile
        for name, value in attributes.items():
            spec.attribute(name.replace("__", ":"), value)
        if parts > 1:
            spec.attribute("name", f"a part with a rather long name, number {part}")
        specs.append(spec)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), specs if parts > 1 else specs[0]), out.geterror()
    for part in range(parts):
        assert not part or out.open(str(path), specs[part], "AppendSubimage"), out.geterror()
        assert out.write_image(np.roll(pixels, part, 0)), out.geterror()
    out.close()
    return path.read_bytes()


def _exr_levels(folder: Path, *, round_up: int) -> bytes:
    path = folder / "levels.exr"
    out = oiio.ImageOutput.create(str(path))
    width, height, mode = WIDTH, HEIGHT, "Create"
    while True:
        spec = oiio.ImageSpec(width, height, 3, "half")
        spec.tile_width = spec.tile_height = 16
        spec.attribute("textureformat", "Plain Texture")
        spec.attribute("openexr:levelmode", 1)
        spec.attribute("openexr:roundingmode", round_up)
        assert out.open(str(path), spec, mode), out.geterror()
        assert out.write_image(np.ascontiguousarray(RGB_HALF[:height, :width])), out.geterror()
        if width == height == 1:
            break
        width, height = (max(1, (length + round_up) // 2) for length in (width, height))
        mode = "AppendMIPLevel"
    out.close()
    del out  # with levels, only this writes the end of the file
    return path.read_bytes()


def _exr_deep(folder: Path) -> bytes:
    path = folder / "deep.exr"
    spec = oiio.ImageSpec(8, 6, 2, "float")
    spec.channelnames, spec.deep = ("Z", "A"), True
    data = oiio.DeepData()
    data.init(48, 2, ("float", "float"), ("Z", "A"))
    for pixel in range(48):
        data.set_samples(pixel, pixel % 3)
        for sample in range(pixel % 3):
            data.set_deep_value(pixel, 0, sample, float(pixel + sample))
            data.set_deep_value(pixel, 1, sample, 0.5)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec), out.geterror()
    assert out.write_deep_image(data), out.geterror()
    out.close()
    return path.read_bytes()


def _tiff_big_endian(*, big: bool) -> bytes:
    """Two pages of 16-bit grey in Motorola order, which no writer at hand makes as BigTIFF."""
    word, count = (8, 8) if big else (4, 2)
    out = bytearray(b"MM\0+\0\x08\0\0" if big else b"MM\0*")
    out += bytes(word)
    link = len(out) - word
    for page in range(2):
        pixels = np.roll(RGB16[..., 0], page, 0).astype(">u2").tobytes()
        strip = len(out)
        out += pixels + bytes(len(pixels) % 2)
        ifd = len(out)
        out[link : link + word] = ifd.to_bytes(word, "big")
        tags = [(256, WIDTH), (257, HEIGHT), (258, 16), (259, 1), (262, 1), (273, strip)]
        tags += [(277, 1), (278, HEIGHT), (279, len(pixels))]
        out += len(tags).to_bytes(count, "big")
        for tag, value in tags:
            out += struct.pack(">HH", tag, 4) + (1).to_bytes(word, "big")
            out += struct.pack(">I", value).ljust(word, b"\0")
        link = len(out)
        out += bytes(word)
    return bytes(out)


def _tiff_ifd_last() -> bytes:
    return _tiff_big_endian(big=False)[: -(2 + 9 * 12 + 4) - 2 * WIDTH * HEIGHT][:-4] + bytes(4)


def _tiff_odd() -> bytes:
    data = _pillow("TIFF")
    return data + b"!" * (1 + len(data) % 2)


def _tiff_tags() -> bytes:
    """With tags above ours, so that the order of tags matters."""
    tags = ImageFileDirectory_v2()
    tags[65300] = "later"
    return _pillow("TIFF", tiffinfo=tags, dpi=(72, 72))


def _dpx_no_slack(user: bytes = b"", size: int | None = None) -> bytes:
    """A DPX whose image follows the headers at once, as ffmpeg writes it, with user data if given."""
    header = bytearray(2048)
    image = 2048 + len(user)
    pixels = RGB16.astype(">u2").tobytes()
    struct.pack_into(">4sI8sI", header, 0, b"SDPX", image, b"V1.0", image + len(pixels))
    struct.pack_into(">IIII", header, 20, 1, 1664, 384, len(user) if size is None else size)
    struct.pack_into(">I", header, 660, 0xFFFFFFFF)
    struct.pack_into(">HHII", header, 768, 0, 1, WIDTH, HEIGHT)
    struct.pack_into(">BBBBHHI", header, 780 + 20, 50, 2, 2, 16, 0, 0, image)
    return bytes(header) + user + pixels


def _dpx_short() -> bytes:
    """Without an industry header, as ffmpeg writes it."""
    data = bytearray(_dpx_no_slack())
    del data[1664:2048]
    for at, value in ((4, 1664), (16, len(data)), (28, 0), (808, 1664)):
        struct.pack_into(">I", data, at, value)
    return bytes(data)


def _heif_open_end() -> bytes:
    """The AVIF again under HEIF brands, with an open-ended `mdat`."""
    avif = imagecodecs.avif_encode(RGB8, level=100)
    ftyp = struct.unpack(">I", avif[:4])[0]
    meta = struct.unpack(">I", avif[ftyp : ftyp + 4])[0]
    brands = b"mif1" + bytes(4) + b"mif1avifmiaf"
    head = struct.pack(">I4s", ftyp, b"ftyp") + brands.ljust(ftyp - 8, b"\0")
    mdat = avif[ftyp + meta :]
    return head + avif[ftyp : ftyp + meta] + bytes(4) + mdat[4:]


def _ultra_hdr() -> bytes:
    pixels = np.concatenate([RGB_HALF[:40, :64], np.ones((40, 64, 1), np.float16)], -1)
    return bytes(imagecodecs.ultrahdr_encode(pixels))


SAMPLES: dict[str, tuple[str, Callable[[Path], bytes]]] = {
    "png": ("png", lambda folder: _pillow("PNG")),
    "png16": ("png", lambda folder: _oiio(folder, "png", RGB16)),
    "png_palette": ("png", lambda folder: _pillow("PNG", mode="P")),
    "png_animated": ("png", lambda folder: _pillow("PNG", pages=3)),
    "png_trailing": ("png", lambda folder: _pillow("PNG") + b"\0IEND trailing"),
    "jpeg": ("jpg", lambda folder: _pillow("JPEG", exif=Image.Exif(), icc_profile=bytes(70_000))),
    "jpeg_progressive": ("jpg", lambda folder: _pillow("JPEG", progressive=True, comment="one")),
    "jpeg_cmyk": ("jpg", lambda folder: _pillow("JPEG", mode="CMYK")),
    "jpeg_mpo": ("jpg", lambda folder: _pillow("MPO", pages=3)),
    "jpeg_ultra_hdr": ("jpg", lambda folder: _ultra_hdr()),
    "tiff": ("tif", lambda folder: _pillow("TIFF")),
    "tiff_pages": ("tif", lambda folder: _pillow("TIFF", pages=3, compression="tiff_lzw")),
    "tiff_big": ("tif", lambda folder: _pillow("TIFF", pages=2, big_tiff=True)),
    "tiff_tiled": ("tif", lambda folder: _oiio(folder, "tif", RGB16, tile=16)),
    "tiff_parts": ("tif", lambda folder: _oiio(folder, "tif", RGB8, parts=2)),
    "tiff_motorola": ("tif", lambda folder: _tiff_big_endian(big=False)),
    "tiff_motorola_big": ("tif", lambda folder: _tiff_big_endian(big=True)),
    "tiff_ifd_last": ("tif", lambda folder: _tiff_ifd_last()),
    "tiff_odd": ("tif", lambda folder: _tiff_odd()),
    "tiff_tags": ("tif", lambda folder: _tiff_tags()),
    "exr": ("exr", lambda folder: _oiio(folder, "exr", RGB_HALF, compression="zip")),
    "exr_none": ("exr", lambda folder: _oiio(folder, "exr", RGB_HALF, compression="none")),
    "exr_piz": ("exr", lambda folder: _oiio(folder, "exr", RGB_HALF, compression="piz")),
    "exr_dwab": ("exr", lambda folder: _oiio(folder, "exr", RGB_HALF, compression="dwab")),
    "exr_tiled": ("exr", lambda folder: _oiio(folder, "exr", RGB_HALF, tile=16)),
    "exr_levels": ("exr", lambda folder: _exr_levels(folder, round_up=0)),
    "exr_levels_up": ("exr", lambda folder: _exr_levels(folder, round_up=1)),
    "exr_parts": ("exr", lambda folder: _oiio(folder, "exr", RGB_HALF, parts=3)),
    "exr_parts_tiled": ("exr", lambda folder: _oiio(folder, "exr", RGB_HALF, parts=2, tile=32)),
    "exr_deep": ("exr", _exr_deep),
    "exr_long_names": (
        "exr",
        lambda folder: _oiio(folder, "exr", RGB_HALF, an_attribute_of_more_than_thirty_one_letters="x"),
    ),
    "dpx": ("dpx", lambda folder: _oiio(folder, "dpx", RGB16, oiio__BitsPerSample=10)),
    "dpx_big_endian": ("dpx", lambda folder: _oiio(folder, "dpx", RGB16, oiio__Endian="big")),
    "dpx_no_slack": ("dpx", lambda folder: _dpx_no_slack()),
    "dpx_undefined": ("dpx", lambda folder: _dpx_no_slack(size=0xFFFFFFFF)),
    "dpx_no_industry": ("dpx", lambda folder: _dpx_short()),
    "dpx_user_data": ("dpx", lambda folder: _dpx_no_slack(b"SOMEBODY".ljust(32, b"\0") + b"theirs" * 9)),
    "avif": ("avif", lambda folder: imagecodecs.avif_encode(RGB8, level=100)),
    "heif_open_end": ("heif", lambda folder: _heif_open_end()),
    "mp4": ("mp4", lambda folder: movie(folder, "mp4")),
    "mp4_fragments": ("mp4", lambda folder: movie(folder, "mp4", **FRAGMENTS)),
    "mp4_index": ("mp4", lambda folder: movie(folder, "mp4", codec="libx264", **INDEXED)),
    "mp4_fast_start": ("mp4", lambda folder: movie(folder, "mp4", codec="libx264", movflags="faststart")),
    "mov": ("mov", lambda folder: movie(folder, "mov")),
    "mov_sound": ("mov", lambda folder: movie(folder, "mov", codec="libx264")),
    "3gp": ("3gp", lambda folder: movie(folder, "3gp")),
    "mkv": ("mkv", lambda folder: movie(folder, "matroska")),
    "mkv_sound": (
        "mkv",
        lambda folder: movie(folder, "matroska", codec="libx264", cluster_time_limit="100"),
    ),
    "mkv_fonts": ("mkv", lambda folder: movie(folder, "matroska", attach=FONTS)),
    "mkv_cues_first": ("mkv", lambda folder: movie(folder, "matroska", reserve_index_space="400")),
    "mkv_live": ("mkv", lambda folder: movie(folder, "matroska", live="1")),
    "webm": ("webm", lambda folder: movie(folder, "webm", codec="libvpx-vp9")),
    "mxf": ("mxf", lambda folder: movie(folder, "mxf", codec="mpeg2video")),
    "y4m": ("y4m", lambda folder: movie(folder, "yuv4mpegpipe", codec="wrapped_avframe")),
    "jp2": ("jp2", lambda folder: _pillow("JPEG2000")),
    "jxl_bare": ("jxl", lambda folder: imagecodecs.jpegxl_encode(RGB8, usecontainer=False)),
    "jxl": ("jxl", lambda folder: imagecodecs.jpegxl_encode(RGB8, usecontainer=True)),
    "bmp": ("bmp", lambda folder: _pillow("BMP")),
    "hdr": ("hdr", lambda folder: _oiio(folder, "hdr", RGB_HALF.astype(np.float32))),
}


@pytest.fixture(scope="session")
def sample_bytes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    made: dict[str, bytes] = {}

    def get(name: str) -> bytes:
        if name not in made:
            made[name] = bytes(SAMPLES[name][1](tmp_path_factory.mktemp("samples")))
        return made[name]

    return get


@pytest.fixture
def make(tmp_path: Path, sample_bytes: Callable[[str], bytes]) -> Callable[[str], Path]:
    """Writes a named sample into a folder of its own."""

    def write(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        path = folder / f"picture.{SAMPLES[name][0]}"
        path.write_bytes(sample_bytes(name))
        return path

    return write


@pytest.fixture(params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest, make: Callable[[str], Path]) -> Iterator[Path]:
    """Every sample in turn; nothing but named files may be left in its folder."""
    path = make(request.param)
    yield path
    left = {file.name for file in path.parent.iterdir() if file.name.startswith(".candela")}
    assert not left, "a temporary file was left behind"
