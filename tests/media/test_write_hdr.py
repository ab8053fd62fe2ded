"""Writing HDR stills: what comes back, what independent readers say of the tags, and what is refused."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenImageIO as oiio
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.colour.state import ColourState
from candela_engines.errors import InputError
from candela_engines.media import WRITABLE, read_still, write_hdr, write_sdr_png

from .pictures import ramp

PQ, HLG, LINEAR = NAMED["rec2100-pq"], NAMED["rec2100-hlg"], NAMED["linear-rec2020"]


def scene(height: int = 24, width: int = 40) -> NDArray[np.float32]:
    """A ramp of 0.05 to 900 nit with differing channels, inside P3."""
    y, x = np.mgrid[0:height, 0:width]
    level = 0.05 * 2.0 ** (x / (width - 1) * 14)
    return np.stack([level * (0.7 + 0.2 * np.sin(y / 5 + c)) for c in range(3)], axis=-1).astype(np.float32)


def relative_error(path: Path, nits: NDArray[np.float32]) -> NDArray[np.float64]:
    still = read_still(path)
    assert still.state is not None
    back = to_nits_rec2020(still.pixels.astype(np.float64), still.state, bits=still.bits)
    return np.asarray(np.abs(back - nits) / (nits + 0.1))


# Half a code of the encoding at its steepest, and for AVIF one code more in each of Y', Cb and Cr.
@pytest.mark.parametrize(
    ("name", "encoding", "bits", "worst"),
    [
        ("a.exr", LINEAR, None, 0.0006),
        ("a.exr", LINEAR, 32, 1e-6),
        ("a.exr", ColourState("p3d65", "linear", unit_nits=100.0), 32, 1e-5),
        ("a.exr", PQ, None, 0.004),
        ("a.png", PQ, None, 0.0003),
        ("a.png", HLG, None, 0.0005),
        ("a.png", NAMED["p3-pq"], None, 0.0003),
        ("a.tif", PQ, None, 0.0003),
        ("a.tif", HLG, None, 0.0005),
        ("a.tif", ColourState("bt2020", "pq", "narrow"), None, 0.0004),
        ("a.dpx", PQ, None, 0.012),
        ("a.dpx", PQ, 12, 0.003),
        ("a.dpx", HLG, 16, 0.0005),
        ("a.avif", PQ, None, 0.04),
        ("a.avif", PQ, 12, 0.01),
        ("a.avif", HLG, 12, 0.02),
    ],
)
def test_light_comes_back(
    tmp_path: Path, name: str, encoding: ColourState, bits: int | None, worst: float
) -> None:
    nits = scene()
    report = write_hdr(tmp_path / name, nits, encoding=encoding, bits=bits)
    assert report.bytes == (tmp_path / name).stat().st_size
    assert (report.clipped_low, report.clipped_high, report.nonfinite) == (0, 0, 0)
    still = read_still(tmp_path / name)
    assert still.tagged
    assert still.state is not None
    assert (still.state.primaries, still.state.transfer) == (encoding.primaries, encoding.transfer)
    assert still.state.range == encoding.range
    assert still.bits == report.bits == (bits or WRITABLE[Path(name).suffix][0])
    assert relative_error(tmp_path / name, nits).max() < worst


@pytest.mark.parametrize("name", ["a.exr", "a.png", "a.tif", "a.dpx", "a.avif", "a.jpg"])
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        encoding = LINEAR if name == "a.exr" else PQ
        write_hdr(tmp_path / folder / name, scene(), encoding=encoding, max_cll=900.0, max_fall=100.0)
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    nits = scene()
    nits[0, 0] = (12_000.0, 20_000.0, 100.0)
    nits[1, 1] = (-5.0, 1.0, 1.0)
    nits[2, 2] = (np.nan, np.inf, 1.0)
    report = write_hdr(tmp_path / "a.png", nits, encoding=PQ)
    assert (report.clipped_low, report.clipped_high, report.nonfinite) == (1, 3, 2)
    codes = read_still(tmp_path / "a.png").codes
    assert codes[0, 0, 0] == codes[0, 0, 1] == codes[2, 2, 1] == 65535
    assert codes[1, 1, 0] == codes[2, 2, 0] == 0
    report = write_hdr(tmp_path / "a.dpx", scene(), encoding=NAMED["rec709"])
    assert report.clipped_high > 0


def test_float_keeps_everything(tmp_path: Path) -> None:
    nits = scene()
    nits[0, 0], nits[1, 1], nits[2, 2] = (-3.0, 0.5, 9.0), (np.nan, np.inf, -np.inf), (90_000.0, 1.0, 1.0)
    report = write_hdr(tmp_path / "a.exr", nits, encoding=LINEAR)
    assert report.bits == 32
    assert report.nonfinite == 3
    assert any("32-bit float" in note for note in report.notes)
    np.testing.assert_array_equal(read_still(tmp_path / "a.exr").pixels, nits)


@pytest.mark.parametrize("name", ["a.exr", "a.png", "a.tif", "a.avif"])
def test_alpha_goes_along(tmp_path: Path, name: str) -> None:
    alpha = np.linspace(0, 1, 24 * 40, dtype=np.float32).reshape(24, 40)
    encoding = LINEAR if name == "a.exr" else PQ
    write_hdr(tmp_path / name, scene(), encoding=encoding, alpha=alpha)
    still = read_still(tmp_path / name)
    assert still.alpha is not None
    np.testing.assert_allclose(still.alpha, alpha, atol=1e-3)
    assert relative_error(tmp_path / name, scene()).max() < 0.04
    report = write_hdr(tmp_path / "a.dpx", scene(), encoding=PQ, alpha=alpha)
    assert any("alpha" in note for note in report.notes)


def test_light_levels_come_back(tmp_path: Path) -> None:
    for name, encoding in [("a.png", PQ), ("a.avif", PQ), ("a.exr", LINEAR)]:
        levels = {"max_cll": 901.0, "max_fall": 120.0, "mastering_peak": 1000.0}
        write_hdr(tmp_path / name, scene(), encoding=encoding, **levels)
        metadata = read_still(tmp_path / name).metadata
        assert metadata["max_cll_nits"] == 901.0, name
        assert metadata["max_fall_nits"] == 120.0
        assert metadata["mastering_peak_nits"] == 1000.0
    state = read_still(tmp_path / "a.avif").state
    assert state is not None
    assert state.peak_nits == 1000.0


def test_exr_attributes_by_openimageio(tmp_path: Path) -> None:
    write_hdr(tmp_path / "a.exr", scene(), encoding=LINEAR, max_cll=900.0, extra_metadata={"shot": "A 12"})
    source = oiio.ImageInput.open(str(tmp_path / "a.exr"))
    spec = source.spec()
    np.testing.assert_allclose(
        spec.getattribute("chromaticities"), (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)
    )
    assert spec.getattribute("whiteLuminance") == 1.0
    assert spec.getattribute("maxCLL") == 900.0
    assert spec.getattribute("shot") == "A 12"
    assert spec.getattribute("colorSpace") == "linear-rec2020"
    assert not spec.getattribute("DateTime")
    source.close()
    write_hdr(tmp_path / "b.exr", scene(), encoding=PQ)
    source = oiio.ImageInput.open(str(tmp_path / "b.exr"))
    assert source.spec().getattribute("colorInteropID") == "pq_rec2020_display"
    source.close()


def test_dpx_header_by_hand(tmp_path: Path) -> None:
    write_hdr(tmp_path / "a.dpx", scene(), encoding=ColourState("bt709", "bt1886", "narrow"))
    data = (tmp_path / "a.dpx").read_bytes()
    assert data[:4] == b"SDPX"
    assert struct.unpack_from(">I", data, 4)[0] == 2048
    assert struct.unpack_from(">I", data, 16)[0] == len(data) == 2048 + 24 * 40 * 4
    assert struct.unpack_from(">HHII", data, 768) == (0, 1, 40, 24)
    assert struct.unpack_from(">I", data, 784)[0] == 64
    assert struct.unpack_from(">I", data, 792)[0] == 940
    assert tuple(data[800:804]) == (50, 6, 6, 10)
    assert struct.unpack_from(">HHI", data, 804) == (1, 0, 2048)
    # Without our own line in the project field the standard's codes still settle the state.
    (tmp_path / "b.dpx").write_bytes(data[:260] + bytes(200) + data[460:])
    state = read_still(tmp_path / "b.dpx").state
    assert state is not None
    assert (state.primaries, state.transfer, state.range) == ("bt709", "bt1886", "narrow")


def test_pq_black_and_white_codes(tmp_path: Path) -> None:
    # Anchors of ST 2084 in 10 bits, full range: 100, 203, 1000, 4000 nit (BT.2408 and EBU tables).
    nits = np.array([[[v] * 3 for v in (0.0, 100.0, 203.0, 1000.0, 4000.0, 10000.0)]], dtype=np.float32)
    write_hdr(tmp_path / "a.dpx", nits, encoding=PQ)
    assert read_still(tmp_path / "a.dpx").codes[0, :, 1].tolist() == [0, 520, 594, 769, 923, 1023]


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.avif", "a.jpg"])
def test_pillow_opens_it(tmp_path: Path, name: str) -> None:
    write_hdr(tmp_path / name, scene(), encoding=PQ)
    if name == "a.tif":
        # Pillow has no 16-bit RGB TIFF.
        write_hdr(tmp_path / name, scene(), encoding=PQ, bits=8)
    with Image.open(tmp_path / name) as picture:
        assert picture.size == (40, 24)
        picture.load()


def _frame(path: Path) -> Any:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


@pytest.mark.parametrize(("encoding", "transfer"), [(PQ, 16), (HLG, 18)])
@pytest.mark.parametrize("name", ["a.png", "a.avif"])
def test_ffmpeg_reads_the_code_points(
    tmp_path: Path, name: str, encoding: ColourState, transfer: int
) -> None:
    write_hdr(tmp_path / name, scene(), encoding=encoding, max_cll=900.0, mastering_peak=1000.0)
    frame = _frame(tmp_path / name)
    assert (int(frame.color_trc), int(frame.color_primaries)) == (transfer, 9)
    if name == "a.avif":
        assert int(frame.colorspace) == 9
    assert int(frame.color_range) == 2


def test_ffmpeg_reads_the_same_samples(tmp_path: Path) -> None:
    write_hdr(tmp_path / "a.dpx", scene(), encoding=PQ)
    write_hdr(tmp_path / "a.png", scene(), encoding=PQ)
    for name in ("a.dpx", "a.png"):
        codes = read_still(tmp_path / name).codes
        planes = _frame(tmp_path / name).to_ndarray()
        np.testing.assert_array_equal(planes.reshape(codes.shape), codes)


def test_tiff_profile_by_littlecms(tmp_path: Path) -> None:
    for name in ("rec2100-pq", "display-p3", "srgb"):
        write_hdr(tmp_path / "a.tif", scene(), encoding=NAMED[name], bits=8)
        with Image.open(tmp_path / "a.tif") as picture:
            profile = ImageCms.getOpenProfile(io.BytesIO(picture.info["icc_profile"]))
            assert json.loads(picture.tag_v2[270])["colour_name"] == name
        assert ImageCms.getProfileDescription(profile).strip() == name
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "RGB", "RGB")
        patch = Image.new("RGB", (1, 1), (200, 120, 60))
        seen = np.asarray(ImageCms.applyTransform(patch, transform))[0, 0].astype(int)
        if name == "srgb":
            assert np.abs(seen - (200, 120, 60)).max() <= 1
        if name == "display-p3":
            # colour-science 0.4.7, Display P3 to sRGB: 212.97, 115.02, 42.38.
            assert np.abs(seen - (213, 115, 42)).max() <= 1


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_reads_the_tags(tmp_path: Path) -> None:
    for name in ("a.png", "a.avif"):
        write_hdr(tmp_path / name, scene(), encoding=PQ, max_cll=900.0, max_fall=99.0, mastering_peak=1000.0)
        command = ["exiftool", "-j", "-n", str(tmp_path / name)]
        found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)[0]
        assert found["ColorPrimaries"] == 9
        assert found["TransferCharacteristics"] == 16
        assert "Warning" not in found
        assert (found["ImageWidth"], found["ImageHeight"]) == (40, 24)


def test_png_chunks_stand_before_the_pixels(tmp_path: Path) -> None:
    write_hdr(tmp_path / "a.png", scene(), encoding=PQ, max_cll=900.0, mastering_peak=4000.0,
              extra_metadata={"Shot": "träume"})  # fmt: skip
    data = (tmp_path / "a.png").read_bytes()
    kinds = []
    at = 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        kinds.append(kind)
        if kind == b"mDCV":
            numbers = struct.unpack_from(">8H2I", data, at + 8)
            assert numbers == (35400, 14600, 8500, 39850, 6550, 2300, 15635, 16450, 40_000_000, 0)
        at += 12 + length
    assert kinds[0] == b"IHDR"
    assert kinds[-1] == b"IEND"
    assert max(kinds.index(k) for k in (b"cICP", b"mDCV", b"cLLI", b"iTXt")) < kinds.index(b"IDAT")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.info["Shot"] == "träume"


def test_refusals(tmp_path: Path) -> None:
    nits = scene()
    with pytest.raises(InputError, match=r"\.webp.*\.exr, \.png"):
        write_hdr(tmp_path / "a.webp", nits, encoding=PQ)
    with pytest.raises(InputError, match="10 or 12 or 16"):
        write_hdr(tmp_path / "a.dpx", nits, encoding=PQ, bits=8)
    with pytest.raises(InputError, match=r"float format.*\.exr"):
        write_hdr(tmp_path / "a.png", nits, encoding=LINEAR)
    with pytest.raises(InputError, match="narrow range"):
        write_hdr(tmp_path / "a.exr", nits, encoding=ColourState("bt2020", "pq", "narrow"))
    with pytest.raises(InputError, match="no tag for ap0"):
        write_hdr(tmp_path / "a.png", nits, encoding=ColourState("ap0", "srgb"))
    with pytest.raises(InputError, match="max_cll"):
        write_hdr(tmp_path / "a.png", nits, encoding=PQ, max_cll=float("nan"))
    with pytest.raises(InputError, match="alpha"):
        write_hdr(tmp_path / "a.png", nits, encoding=PQ, alpha=np.ones((2, 2), dtype=np.float32))
    with pytest.raises(InputError, match=r"\(H, W, 3\)"):
        write_hdr(tmp_path / "a.png", nits[..., 0], encoding=PQ)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.exr", "a.png", "a.tif", "a.dpx", "a.avif", "a.jpg"])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1)])
def test_tiny_pictures(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    nits = np.full((*size, 3), 100.0, dtype=np.float32)
    if name == "a.jpg" and min(size) < 8:
        # libultrahdr makes a base from 8x8 pixels up; with a base of one's own any size works.
        base = write_sdr_png(tmp_path / "s.png", np.full((*size, 3), 128, np.uint8), state=NAMED["srgb"])
        write_hdr(tmp_path / name, nits, encoding=PQ, sdr=read_still(base.path))
    else:
        write_hdr(tmp_path / name, nits, encoding=LINEAR if name == "a.exr" else PQ)
    assert read_still(tmp_path / name).size == (size[1], size[0])


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("channels", [3, 4])
def test_sdr_png_holds_the_codes(tmp_path: Path, dtype: str, channels: int) -> None:
    codes = ramp(5, 6, channels, dtype)
    report = write_sdr_png(tmp_path / "a.png", codes, state=NAMED["rec709"])
    still = read_still(tmp_path / "a.png")
    np.testing.assert_array_equal(still.codes, codes[:, :, :3])
    assert still.state == NAMED["rec709"]
    assert report.bits == still.bits
    with pytest.raises(InputError, match="8 or 16 bits"):
        write_sdr_png(tmp_path / "b.png", codes.astype(np.float32), state=NAMED["srgb"])  # type: ignore[arg-type]
