"""Other programs see the same pictures with a payload as without."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import imagecodecs
import numpy as np
import OpenImageIO as oiio
import pytest
from PIL import Image, UnidentifiedImageError

from candela_engines.itm.carriers import embed_payload

PAYLOAD = b"\xff\xd8\xff\xe0\xff\xd9\x00\x01IEND" * 9000  # two JPEG segments
CODECS = ("png", "jpeg8", "avif", "jpegxl", "jpeg2k", "ultrahdr", "bmp", "apng")


def _bytes(array: Any) -> Any:
    if isinstance(array, tuple):  # a palette and its indices
        return tuple(map(_bytes, array))
    return array.shape, np.ascontiguousarray(array).tobytes()


def _by_pillow(path: Path) -> Any:
    try:
        with Image.open(path) as image:
            frames = []
            for index in range(getattr(image, "n_frames", 1)):
                image.seek(index)
                frames.append((image.mode, image.size, image.tobytes()))
            return frames, sorted(image.info.get("exif", b"")), image.info.get("icc_profile")
    except (UnidentifiedImageError, NotImplementedError, UserWarning):  # a warning: Motorola BigTIFF
        return None


def _by_openimageio(path: Path) -> Any:
    file = oiio.ImageInput.open(str(path))
    if file is None:
        assert oiio.geterror()
        return None
    pictures = []
    part = 0
    while file.seek_subimage(part, 0):
        level = 0
        while file.seek_subimage(part, level):
            spec = file.spec()
            if spec.deep:
                deep = file.read_native_deep_image(part, level)
                samples = [deep.samples(pixel) for pixel in range(deep.pixels)]
                values = [
                    deep.deep_value(pixel, channel, sample)
                    for pixel, count in enumerate(samples)
                    for channel in range(deep.channels)
                    for sample in range(count)
                ]
                pictures.append((part, level, samples, values))
            else:
                image = oiio.ImageBuf(str(path), part, level)
                assert image.read(part, level, True, spec.format), image.geterror()
                pictures.append((part, level, *_bytes(image.get_pixels(spec.format))))
            level += 1
        part += 1
    file.geterror()
    return pictures


def _by_imagecodecs(path: Path) -> Any:
    data, read = path.read_bytes(), {}
    for codec in CODECS:
        try:
            read[codec] = _bytes(getattr(imagecodecs, f"{codec}_decode")(data))
        except (RuntimeError, ValueError, TypeError):
            continue
    return read or None


def _by_pyav(path: Path) -> Any:
    try:
        with av.open(str(path)) as container:
            frames = [frame.reformat(format="rgb48le") for frame in container.decode(video=0)]
            return [_bytes(frame.to_ndarray()) for frame in frames] or None
    except av.error.FFmpegError:
        return None


FOR_FFMPEG = ["png_animated", "jpeg_mpo", "tiff_pages", "tiff_motorola", "exr", "exr_tiled", "dpx"]
FOR_FFMPEG += ["dpx_no_slack", "dpx_no_industry", "avif", "mp4_fragments", "mov", "jp2", "jxl_bare"]
FOR_EXIFTOOL = ["png", "png_animated", "jpeg", "jpeg_mpo", "jpeg_ultra_hdr", "tiff_pages", "tiff_big", "exr"]
FOR_EXIFTOOL += ["exr_parts_tiled", "dpx_no_slack", "avif", "mp4", "mov", "jp2", "jxl", "jxl_bare"]
READERS = (_by_pillow, _by_openimageio, _by_imagecodecs, _by_pyav)


def test_libraries_read_the_same_pictures(sample: Path) -> None:
    before = {reader.__name__: reader(sample) for reader in READERS}
    assert any(before.values()), "no reader at hand reads the sample"
    embed_payload(sample, sample, PAYLOAD)
    for reader in READERS:
        assert reader(sample) == before[reader.__name__], reader.__name__


def test_ultra_hdr_stays_ultra_hdr(make: Callable[[str], Path]) -> None:
    path = make("jpeg_ultra_hdr")
    before = imagecodecs.ultrahdr_decode(path.read_bytes())
    embed_payload(path, path, PAYLOAD)
    data = path.read_bytes()
    assert np.array_equal(imagecodecs.ultrahdr_decode(data), before)
    # The directory: first image up to where the second begins, which is a JPEG up to the end.
    mpf = data.index(b"MPF\x00") + 4
    order = {b"II": "little", b"MM": "big"}[data[mpf : mpf + 2]]
    entries = data.index(b"\xb0\x02" if order == "big" else b"\x02\xb0", mpf)
    at = mpf + int.from_bytes(data[entries + 8 : entries + 12], order)  # type: ignore[arg-type]
    sizes = [int.from_bytes(data[at + 16 * k + 4 : at + 16 * k + 8], order) for k in (0, 1)]  # type: ignore[arg-type]
    offset = int.from_bytes(data[at + 24 : at + 28], order)  # type: ignore[arg-type]
    assert sizes[0] == mpf + offset
    assert data[sizes[0] : sizes[0] + 2] == b"\xff\xd8"
    assert sum(sizes) == len(data)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("name", FOR_FFMPEG)
def test_ffmpeg_reads_the_same_frames(name: str, make: Callable[[str], Path]) -> None:
    path = make(name)

    def frames() -> tuple[int, bytes, bytes]:
        call = ["ffmpeg", "-v", "warning", "-nostdin", "-i", path.name, "-f", "framemd5", "-"]
        done = subprocess.run(call, cwd=path.parent, capture_output=True, check=False)
        said = b"\n".join(line for line in done.stderr.splitlines() if b" @ 0x" not in line)
        return done.returncode, done.stdout, said

    before = frames()
    if before[0]:
        pytest.skip(f"this ffmpeg does not read {name}: {before[2][:200]!r}")
    embed_payload(path, path, PAYLOAD)
    assert frames() == before


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_reads_the_same_tags(sample_bytes: Callable[[str], bytes], tmp_path: Path) -> None:
    changed = {
        "SourceFile", "System:FileSize", "ExifTool:Validate", "ExifTool:Warning",
        # Positions of images that lie behind the payload, and the length of the image that holds it.
        "MPImage1:MPImageLength", "MPImage2:MPImageStart", "MPImage3:MPImageStart",
        # The payload itself, by what exiftool calls it.
        "IFD0:Exif_0xfeca",
    }  # fmt: skip

    def tags(folder: Path) -> list[dict[str, Any]]:
        call = ["exiftool", "-json", "-G1", "-a", "-u", "-n", "-x", "File:all", "-validate", *FOR_EXIFTOOL]
        done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)
        return [
            {key: value for key, value in tag.items() if key not in changed and not key.startswith("System:")}
            for tag in json.loads(done.stdout)
        ]

    for folder in ("before", "after"):
        (tmp_path / folder).mkdir()
        for kind in FOR_EXIFTOOL:
            path = tmp_path / folder / kind
            path.write_bytes(sample_bytes(kind))
            if folder == "after":
                embed_payload(path, path, PAYLOAD[:500])
    before, after = tags(tmp_path / "before"), tags(tmp_path / "after")
    assert len(before) == len(FOR_EXIFTOOL)
    for kind, old, new in zip(FOR_EXIFTOOL, before, after, strict=True):
        assert not any("Error" in key for key in new), (kind, new)
        assert {key: value for key, value in new.items() if key in old} == old, kind
        extra = {key for key in new if key not in old}
        assert all("0x" in key or "CNDL" in key or "andela" in key.lower() for key in extra), (kind, extra)
