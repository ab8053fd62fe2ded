"""Files made in memory are what the OpenEXR library would have written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from candela_engines.errors import MediaError
from candela_engines.media.exr_plain import PlainExr


def written(
    path: Path, pixels: np.ndarray, names: tuple[str, ...], compression: str = "none", more: str = ""
) -> bytes:
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], len(names), "half")
    spec.channelnames = names
    spec["compression"] = compression
    spec["DateTime"] = ""
    spec["maxCLL"] = 1.5
    spec["picture"] = "0123" + more
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec) and out.write_image(pixels) and out.close(), out.geterror()
    return path.read_bytes()


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(3).normal(5, 9, (11, 7, 5)).astype(np.float16)


@pytest.mark.parametrize("more", ["", "4"])  # headers of even and of odd length
@pytest.mark.parametrize("compression", ["none", "zip"])
def test_byte_for_byte(tmp_path: Path, pixels: np.ndarray, compression: str, more: str) -> None:
    names = ("R", "G", "B")
    theirs = written(tmp_path / "theirs.exr", pixels[..., :3], names, more=more)
    template = written(tmp_path / "t.exr", np.zeros_like(pixels[..., :3]), names, compression, more)
    ours = PlainExr(template)
    ours.rgb[...] = pixels[..., :3]
    assert ours.bytes.tobytes() == theirs


def test_every_channel_reads_back(tmp_path: Path, pixels: np.ndarray) -> None:
    names = ("R", "G", "B", "A", "candela.confidence")
    plain = PlainExr(written(tmp_path / "t.exr", np.zeros_like(pixels), names))
    plain.rgb[...] = pixels[..., :3]
    plain.plane("A")[...] = pixels[..., 3]
    plain.plane("candela.confidence")[...] = pixels[..., 4]
    plain.set_float("maxCLL", 812.25)
    plain.set_text("picture", "abcd")
    path = tmp_path / "ours.exr"
    path.write_bytes(plain.bytes)
    back = oiio.ImageInput.open(str(path))
    spec = back.spec()
    got = back.read_image("half")
    order = [spec.channelnames.index(name) for name in names]
    assert np.array_equal(got[..., order], pixels)
    assert spec["maxCLL"] == 812.25 and spec["picture"] == "abcd" and spec["compression"] == "none"


def test_a_view_is_where_the_file_is(tmp_path: Path, pixels: np.ndarray) -> None:
    plain = PlainExr(written(tmp_path / "t.exr", pixels[..., :3], ("R", "G", "B")))
    assert np.shares_memory(plain.rgb, plain.bytes)
    assert not plain.rgb.any()


def test_other_files_are_refused(tmp_path: Path, pixels: np.ndarray) -> None:
    template = written(tmp_path / "t.exr", pixels[..., :3], ("R", "G", "B"))
    for data, why in (
        (b"no EXR", "in one part"),
        (template[:60], "cut off"),
        (template[:5] + b"\x02" + template[6:], "in one part"),
        (template.replace(b"dataWindow\0", b"dataWindoW\0"), "no dataWindow"),
    ):
        with pytest.raises(MediaError, match=why):
            PlainExr(data)
    for call in (
        lambda p: p.set_text("picture", "longer than before"),
        lambda p: p.set_float("picture", 1.0),
        lambda p: p.plane("Z"),
    ):
        with pytest.raises(MediaError):
            call(PlainExr(template))
    spec = oiio.ImageSpec(4, 4, 3, "float")
    out = oiio.ImageOutput.create(str(tmp_path / "f.exr"))
    assert out.open(str(tmp_path / "f.exr"), spec) and out.write_image(np.zeros((4, 4, 3), np.float32))
    out.close()
    with pytest.raises(MediaError, match="not half"):
        PlainExr((tmp_path / "f.exr").read_bytes())
