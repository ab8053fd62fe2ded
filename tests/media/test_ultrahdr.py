"""Ultra HDR JPEG: what libultrahdr makes of our files, in which gamut, and that a base is kept."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from candela_engines.colour.convert import from_nits_rec2020
from candela_engines.colour.gamuts import apply_matrix, rgb_to_rgb
from candela_engines.colour.names import NAMED
from candela_engines.errors import InputError, MediaError
from candela_engines.media import is_ultrahdr, read_still, read_ultrahdr, write_hdr, write_sdr_png
from candela_engines.media.icc_build import build_icc
from candela_engines.media.tags_jpeg import parse_jpeg

PQ = NAMED["rec2100-pq"]


def scene(height: int = 48, width: int = 64) -> NDArray[np.float32]:
    """1 to 1500 nit inside BT.709, slowly varying so that JPEG blocks hold it."""
    y, x = np.mgrid[0:height, 0:width]
    level = 2.0 ** (x / (width - 1) * 10.5)
    rgb709 = np.stack([level * (0.75 + 0.2 * np.sin(y / 15 + c)) for c in range(3)], axis=-1)
    return np.asarray(apply_matrix(rgb709, rgb_to_rgb("bt709", "bt2020")), dtype=np.float32)


def tone_mapped(nits: NDArray[np.float32], name: str) -> NDArray[np.uint8]:
    codes = from_nits_rec2020(100 * nits / (nits + 100), NAMED[name])
    return np.rint(np.clip(codes, 0, 1) * 255).astype(np.uint8)


def error(found: NDArray[np.float32], nits: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.abs(found - nits) / (nits + 2.0))


@pytest.mark.parametrize("name", ["srgb", "display-p3", "rec709"])
def test_hdr_comes_back_over_a_png_base(tmp_path: Path, name: str) -> None:
    nits = scene()
    write_sdr_png(tmp_path / "s.png", tone_mapped(nits, name), state=NAMED[name])
    report = write_hdr(tmp_path / "u.jpg", nits, encoding=PQ, sdr=read_still(tmp_path / "s.png"))
    assert report.clipped_low == 0
    assert is_ultrahdr(tmp_path / "u.jpg")
    sdr, found = read_ultrahdr(tmp_path / "u.jpg")
    assert np.median(error(found, nits)) < 0.01
    assert error(found, nits).max() < 0.12
    assert sdr.state is not None
    assert sdr.state.primaries == NAMED[name].primaries
    assert np.abs(sdr.codes.astype(int) - tone_mapped(nits, name)).mean() < 2


@pytest.mark.parametrize("name", ["srgb", "display-p3"])
def test_the_scan_of_a_jpeg_base_is_kept(tmp_path: Path, name: str) -> None:
    nits = scene()
    profile = build_icc(NAMED[name], name)
    exif = Image.Exif()
    exif[0x010F] = "maker"
    picture = Image.fromarray(tone_mapped(nits, name))
    picture.save(tmp_path / "s.jpg", quality=92, icc_profile=profile, exif=exif)
    base = read_still(tmp_path / "s.jpg")
    write_hdr(tmp_path / "u.jpg", nits, encoding=PQ, sdr=base)
    sdr, found = read_ultrahdr(tmp_path / "u.jpg")
    np.testing.assert_array_equal(sdr.codes, base.codes)
    assert np.median(error(found, nits)) < 0.01
    old, new = (tmp_path / "s.jpg").read_bytes(), (tmp_path / "u.jpg").read_bytes()
    # From the quantisation tables to the end marker, byte for byte.
    assert old[old.index(b"\xff\xdb") :] in new
    with Image.open(tmp_path / "u.jpg") as opened:
        assert opened.getexif()[0x010F] == "maker"
        assert opened.info["icc_profile"] == profile
    # On top of its own result: the older gain map goes, the base stays.
    write_hdr(tmp_path / "v.jpg", nits, encoding=PQ, sdr=read_still(tmp_path / "u.jpg"))
    assert (tmp_path / "v.jpg").read_bytes() == new


def test_multi_picture_index_is_true(tmp_path: Path) -> None:
    write_sdr_png(tmp_path / "s.png", tone_mapped(scene(), "srgb"), state=NAMED["srgb"])
    write_hdr(tmp_path / "u.jpg", scene(), encoding=PQ, sdr=read_still(tmp_path / "s.png"))
    data = (tmp_path / "u.jpg").read_bytes()
    primary = parse_jpeg(data, tmp_path)
    gain = parse_jpeg(data, tmp_path, primary.end)
    assert gain.end == len(data)
    at = data.index(b"MPF\0") + 4
    _, first_size, first_offset, _, _, _, second_size, second_offset = struct.unpack_from(
        ">IIIHHIII", data, at + 50
    )
    assert (first_size, first_offset) == (primary.end, 0)
    assert (second_size, at + second_offset) == (len(data) - primary.end, primary.end)
    with Image.open(tmp_path / "u.jpg") as opened:
        assert opened.size == (64, 48)
    if shutil.which("exiftool") is not None:
        command = ["exiftool", "-b", "-MPImage2", str(tmp_path / "u.jpg")]
        assert subprocess.run(command, capture_output=True, check=True).stdout == data[primary.end :]


def test_without_a_base(tmp_path: Path) -> None:
    nits = scene()
    report = write_hdr(tmp_path / "u.jpg", nits, encoding=PQ)
    assert any("derived" in note for note in report.notes)
    _, found = read_ultrahdr(tmp_path / "u.jpg")
    # libultrahdr's own base clips dark and wide colours; brightness comes back.
    assert np.median(error(found, nits)) < 0.03


@pytest.mark.parametrize(("gamut", "primaries"), [(0, "bt709"), (1, "p3d65"), (2, "bt2020")])
def test_the_gamut_of_foreign_files(tmp_path: Path, gamut: int, primaries: str) -> None:
    """libultrahdr's files carry HDR in the input's gamut, named by the gain map's own profile."""
    rgba = np.ones((64, 64, 4), dtype=np.float16)
    rgba[..., :3] = (1.0, 2.0, 0.6)
    jpeg = imagecodecs.ultrahdr_encode(
        rgba, 95, gamut=gamut, transfer=imagecodecs.ULTRAHDR.CT.LINEAR, crange=1, nits=1000.0
    )
    (tmp_path / "u.jpg").write_bytes(jpeg)
    _, found = read_ultrahdr(tmp_path / "u.jpg")
    expected = rgb_to_rgb(primaries, "bt2020") @ (np.array([1.0, 2.0, 0.6]) * 203)  # type: ignore[arg-type]
    np.testing.assert_allclose(found[32, 32], expected, rtol=0.04)


def test_refusals(tmp_path: Path) -> None:
    Image.fromarray(tone_mapped(scene(), "srgb")).save(tmp_path / "plain.jpg")
    assert not is_ultrahdr(tmp_path / "plain.jpg")
    with pytest.raises(MediaError, match="without a gain map"):
        read_ultrahdr(tmp_path / "plain.jpg")
    with pytest.raises(InputError, match="colour state of the SDR base"):
        write_hdr(tmp_path / "u.jpg", scene(), encoding=PQ, sdr=read_still(tmp_path / "plain.jpg"))
    base = read_still(tmp_path / "plain.jpg", colour=NAMED["srgb"])
    with pytest.raises(InputError, match="64x48"):
        write_hdr(tmp_path / "u.jpg", scene(8, 8), encoding=PQ, sdr=base)
    assert not (tmp_path / "u.jpg").exists()
    assert not is_ultrahdr(_png(tmp_path))


def _png(tmp_path: Path) -> Path:
    return write_sdr_png(tmp_path / "a.png", tone_mapped(scene(), "srgb"), state=NAMED["srgb"]).path


def test_light_outside_the_base_gamut_is_counted(tmp_path: Path) -> None:
    nits = scene()
    nits[5:9, 5:9] = (0.0, 300.0, 0.0)
    write_sdr_png(tmp_path / "s.png", tone_mapped(scene(), "srgb"), state=NAMED["srgb"])
    report = write_hdr(tmp_path / "u.jpg", nits, encoding=PQ, sdr=read_still(tmp_path / "s.png"))
    # BT.2020 green has negative red and blue in BT.709: two samples a pixel.
    assert report.clipped_low == 32
