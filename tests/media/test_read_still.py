"""Reading stills: codes exactly as stored, state from the tags, refusals with a reason."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest
from PIL import Image

from candela_engines.colour.state import ColourState
from candela_engines.errors import ColourStateError, MediaError
from candela_engines.media import picture_hash, read_still, require_state

from .pictures import chunk, icc_profile, png_bytes, ramp, write_oiio

P3_LINEAR = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (9, 1), (5, 6)])
def test_png_codes_are_exact(tmp_path: Path, dtype: str, channels: int, size: tuple[int, int]) -> None:
    samples = ramp(*size, channels, dtype)
    path = tmp_path / "a.png"
    path.write_bytes(png_bytes(samples))
    still = read_still(path)
    top = np.iinfo(dtype).max
    expected = samples[:, :, :3] if channels >= 3 else np.repeat(samples[:, :, :1], 3, axis=2)
    assert still.bits == 8 * samples.itemsize
    np.testing.assert_array_equal(still.codes, expected)
    np.testing.assert_array_equal(still.pixels, (expected / np.float64(top)).astype(np.float32))
    if channels in (2, 4):
        assert still.alpha is not None
        np.testing.assert_array_equal(still.alpha, (samples[:, :, -1] / np.float64(top)).astype(np.float32))
    else:
        assert still.alpha is None
    assert any("grey" in note for note in still.notes) == (channels < 3)
    assert still.size == (size[1], size[0])


def test_transparent_colours_survive(tmp_path: Path) -> None:
    samples = ramp(4, 4, 4, "u1")
    samples[:, :, 3] = 0
    (tmp_path / "a.png").write_bytes(png_bytes(samples))
    np.testing.assert_array_equal(read_still(tmp_path / "a.png").codes, samples[:, :, :3])


def test_palette_and_bilevel(tmp_path: Path) -> None:
    picture = Image.new("P", (3, 2))
    picture.putpalette([10, 20, 30, 200, 100, 50])
    picture.putdata([0, 1, 0, 1, 1, 0])
    picture.save(tmp_path / "p.png")
    assert read_still(tmp_path / "p.png").codes[0].tolist() == [[10, 20, 30], [200, 100, 50], [10, 20, 30]]
    Image.new("1", (3, 1), 1).save(tmp_path / "b.png")
    assert read_still(tmp_path / "b.png").codes.tolist() == [[[255] * 3] * 3]


def test_16k_wide(tmp_path: Path) -> None:
    samples = ramp(2, 16384, 3, "u2")
    (tmp_path / "w.png").write_bytes(png_bytes(samples))
    np.testing.assert_array_equal(read_still(tmp_path / "w.png").codes, samples)


def test_hash_is_the_same_in_every_lossless_format(tmp_path: Path) -> None:
    samples = ramp(6, 5, 3, "u2")
    (tmp_path / "a.png").write_bytes(png_bytes(samples))
    paths = [
        tmp_path / "a.png",
        write_oiio(tmp_path / "a.tif", samples, "uint16"),
        write_oiio(tmp_path / "a.dpx", samples, "uint16"),
    ]
    hashes = {picture_hash(read_still(path)) for path in paths}
    assert len(hashes) == 1
    other = ramp(6, 5, 4, "u2")
    other[:, :, :3] = samples
    (tmp_path / "b.png").write_bytes(png_bytes(other))
    assert picture_hash(read_still(tmp_path / "b.png")) in hashes


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("name", ["a.dpx", "a.tif"])
def test_true_bit_depth(tmp_path: Path, bits: int, name: str) -> None:
    codes = ramp(16, 64, 3, "u2", top=1 << bits)
    codes[0, 0] = (0, 1, (1 << bits) - 1)
    widened = (codes << (16 - bits)) | (codes >> (2 * bits - 16))
    path = write_oiio(tmp_path / name, widened, "uint16", oiio__BitsPerSample=bits)
    still = read_still(path)
    assert still.bits == bits
    np.testing.assert_array_equal(still.codes, codes)
    assert still.pixels[0, 0, 2] == 1.0


@pytest.mark.parametrize("kind", ["half", "float"])
def test_exr_keeps_every_value(tmp_path: Path, kind: str) -> None:
    samples = ramp(5, 7, 4, "f2" if kind == "half" else "f4")
    samples[0, 0] = (-3.5, 60000.0, 0.0, 0.5)
    samples[1, 1] = (np.nan, np.inf, -np.inf, 1.0)
    path = write_oiio(tmp_path / "a.exr", samples, kind)
    still = read_still(path)
    assert still.codes.dtype == samples.dtype
    np.testing.assert_array_equal(still.codes, samples[:, :, :3])
    assert still.alpha is not None
    assert still.alpha[0, 0] == 0.5
    assert still.nonfinite == 3
    assert still.associated
    assert any("NaN" in note for note in still.notes)


@pytest.mark.parametrize(
    ("name", "unassociated", "associated"),
    [("a.tif", 0, True), ("a.tif", 1, False), ("a.png", 1, False), ("a.dpx", 0, False)],
)
def test_whether_colours_are_multiplied_by_alpha(
    tmp_path: Path, name: str, unassociated: int, associated: bool
) -> None:
    samples = ramp(5, 7, 4, "u1")
    path = write_oiio(tmp_path / name, samples, "uint8", oiio__UnassociatedAlpha=unassociated)
    still = read_still(path)
    assert still.alpha is not None and still.associated is associated
    np.testing.assert_array_equal(still.codes, samples[:, :, :3])


def test_without_alpha_nothing_is_associated(tmp_path: Path) -> None:
    assert not read_still(write_oiio(tmp_path / "a.exr", ramp(3, 4, 3, "f4"), "float")).associated


def test_exr_extra_channels_are_named_and_kept_out(tmp_path: Path) -> None:
    names = ("R", "G", "B", "Z", "normal.x")
    path = write_oiio(tmp_path / "a.exr", ramp(3, 4, 5, "f4"), "float", names=names)
    still = read_still(path)
    assert set(still.channels) == set(names)
    assert any("Z" in note and "normal.x" in note for note in still.notes)
    path = write_oiio(tmp_path / "y.exr", ramp(3, 4, 1, "f2"), "half", names=("Y",))
    assert np.ptp(read_still(path).pixels, axis=2).max() == 0
    path = write_oiio(tmp_path / "z.exr", ramp(3, 4, 1, "f2"), "half", names=("Z",))
    with pytest.raises(MediaError, match=r"no part holds R, G, B or Y.*Z"):
        read_still(path)


def test_exr_data_window_is_placed_on_the_display_window(tmp_path: Path) -> None:
    samples = ramp(4, 4, 3, "f4")
    path = write_oiio(tmp_path / "a.exr", samples, "float", window=(-1, 2, 6, 5))
    still = read_still(path)
    expected = np.zeros((5, 6, 3), dtype=np.float32)
    expected[2:5, 0:3] = samples[0:3, 1:4]
    np.testing.assert_array_equal(still.pixels, expected)
    assert any("data window" in note for note in still.notes)


def test_exr_first_rgb_part(tmp_path: Path) -> None:
    depth, colour = ramp(3, 4, 1, "f4"), ramp(3, 4, 3, "f4")
    specs = [oiio.ImageSpec(4, 3, 1, "float"), oiio.ImageSpec(4, 3, 3, "float")]
    specs[0].channelnames = ("Z",)
    out = oiio.ImageOutput.create(str(tmp_path / "m.exr"))
    assert out.open(str(tmp_path / "m.exr"), tuple(specs))
    out.write_image(depth)
    assert out.open(str(tmp_path / "m.exr"), specs[1], "AppendSubimage")
    out.write_image(colour)
    out.close()
    still = read_still(tmp_path / "m.exr")
    np.testing.assert_array_equal(still.codes, colour)
    assert any("part 2" in note for note in still.notes)


def test_exr_state_needs_gamut_and_luminance(tmp_path: Path) -> None:
    samples = ramp(2, 2, 3, "f2")
    path = write_oiio(tmp_path / "a.exr", samples, "half", chromaticities=P3_LINEAR, whiteLuminance=100.0)
    state = read_still(path).state
    assert state is not None
    assert (state.primaries, state.transfer, state.unit_nits) == ("p3d65", "linear", 100.0)
    still = read_still(write_oiio(tmp_path / "b.exr", samples, "half", chromaticities=P3_LINEAR))
    with pytest.raises(ColourStateError, match=r"b\.exr.*without whiteLuminance.*--hdr-colour.*rec2100-pq"):
        require_state(still, "--hdr-colour")


def test_radiance(tmp_path: Path) -> None:
    samples = np.array([[[1.0, 0.5, 0.25], [800.0, 0.0, 4.0]]], dtype=np.float32)
    still = read_still(write_oiio(tmp_path / "a.hdr", samples, "float"))
    np.testing.assert_array_equal(still.pixels, samples)
    assert still.state is None
    assert "Radiance" in still.found


CICP = {
    (9, 16, 0, 1): ("bt2020", "pq", "full"),
    (9, 18, 0, 1): ("bt2020", "hlg", "full"),
    (12, 16, 0, 1): ("p3d65", "pq", "full"),
    (12, 13, 0, 1): ("p3d65", "srgb", "full"),
    (1, 13, 0, 1): ("bt709", "srgb", "full"),
    (1, 1, 0, 0): ("bt709", "bt1886", "narrow"),
    (9, 14, 0, 1): ("bt2020", "bt1886", "full"),
}
GAMMA = chunk(b"gAMA", struct.pack(">I", 45455))
CHROMA_709 = chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))


def _profile_chunk(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"name\0\0" + zlib.compress(profile))


def _png(tmp_path: Path, *chunks: bytes) -> Any:
    path = tmp_path / "tags.png"
    path.write_bytes(png_bytes(ramp(2, 2, 3, "u2"), *chunks))
    return read_still(path)


@pytest.mark.parametrize("code", CICP)
def test_png_cicp(tmp_path: Path, code: tuple[int, int, int, int]) -> None:
    still = _png(tmp_path, chunk(b"cICP", bytes(code)))
    assert (still.state.primaries, still.state.transfer, still.state.range) == CICP[code]
    assert still.tagged


def test_png_precedence(tmp_path: Path) -> None:
    pq, srgb = chunk(b"cICP", bytes((9, 16, 0, 1))), chunk(b"sRGB", b"\0")
    p3 = _profile_chunk(icc_profile("Display P3"))
    assert _png(tmp_path, pq, p3, srgb).state.transfer == "pq"
    assert _png(tmp_path, p3, srgb, GAMMA).state.primaries == "p3d65"
    assert _png(tmp_path, srgb, GAMMA, CHROMA_709).state.transfer == "srgb"
    assert _png(tmp_path, GAMMA, CHROMA_709).state.transfer == "gamma22"


def test_png_what_settles_nothing(tmp_path: Path) -> None:
    for chunks, words in [
        ((), "no colour tags"),
        ((GAMMA,), "gAMA 45455 without cHRM"),
        ((chunk(b"cICP", bytes((2, 2, 0, 1))),), "2/2/0"),
        ((chunk(b"cICP", bytes((9, 8, 0, 1))),), "linear, without"),
        ((_profile_chunk(icc_profile("Studio monitor 7")), chunk(b"sRGB", b"\0")), "Studio monitor 7"),
        ((_profile_chunk(b"junk"),), "cannot be parsed"),
    ]:
        still = _png(tmp_path, *chunks)
        assert still.state is None, words
        assert not still.tagged
        assert words in still.found
        with pytest.raises(ColourStateError, match="--sdr-colour"):
            require_state(still, "--sdr-colour")


def test_icc_cicp_tag_counts_before_the_name(tmp_path: Path) -> None:
    still = _png(tmp_path, _profile_chunk(icc_profile("sRGB", cicp=(9, 16, 0, 1))))
    assert (still.state.primaries, still.state.transfer) == ("bt2020", "pq")


def test_argument_wins_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png_bytes(ramp(2, 2, 3, "u1"), chunk(b"sRGB", b"\0")))
    state = ColourState("bt709", "bt1886")
    still = read_still(path, colour=state)
    assert still.state == state
    assert still.tagged
    assert any("PNG sRGB chunk" in note and "read as rec709" in note for note in still.notes)
    assert not read_still(path, colour=ColourState("bt709", "srgb")).notes


def test_png_light_levels(tmp_path: Path) -> None:
    volume = struct.pack(">8H2I", *([0] * 8), 10_000_000, 50)
    still = _png(tmp_path, chunk(b"cLLI", struct.pack(">II", 9_990_000, 1_234_500)), chunk(b"mDCV", volume))
    assert still.metadata["max_cll_nits"] == 999.0
    assert still.metadata["max_fall_nits"] == 123.45
    assert still.metadata["mastering_peak_nits"] == 1000.0


def test_jpeg_is_the_plain_base(tmp_path: Path) -> None:
    source = Image.fromarray(ramp(24, 40, 3, "u1"))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0xA001] = 1
    source.save(tmp_path / "a.jpg", quality=90, exif=exif)
    still = read_still(tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as plain:
        np.testing.assert_array_equal(still.codes, np.asarray(plain))
    assert still.state is not None
    assert still.state.transfer == "srgb"
    assert still.metadata["orientation"] == 6
    assert any("orientation 6 is not applied" in note for note in still.notes)


def test_jpeg_tags(tmp_path: Path) -> None:
    source = Image.fromarray(ramp(8, 8, 3, "u1"))
    source.save(tmp_path / "p3.jpg", icc_profile=icc_profile("Display P3"))
    state = read_still(tmp_path / "p3.jpg").state
    assert state is not None
    assert state.primaries == "p3d65"
    source.save(tmp_path / "none.jpg")
    assert read_still(tmp_path / "none.jpg").found == "no colour tags"
    source.convert("L").save(tmp_path / "grey.jpg")
    assert read_still(tmp_path / "grey.jpg").pixels.shape == (8, 8, 3)


def test_tiff_profile(tmp_path: Path) -> None:
    profile = icc_profile("sRGB IEC61966-2.1")
    path = write_oiio(tmp_path / "a.tif", ramp(4, 4, 3, "u2"), "uint16", ICCProfile=profile)
    still = read_still(path)
    assert still.state is not None
    assert still.state.transfer == "srgb"
    assert still.metadata["icc_profile"] is True


@pytest.mark.parametrize(("mode", "name"), [("CMYK", "a.jpg"), ("CMYK", "a.tif"), ("LAB", "a.tif")])
def test_other_colour_models_are_refused(tmp_path: Path, mode: str, name: str) -> None:
    Image.new(mode, (4, 4)).save(tmp_path / name)
    with pytest.raises(MediaError, match=r"(CMYK|CIELAB).*RGB"):
        read_still(tmp_path / name)


def test_integers_beyond_16_bits_are_refused(tmp_path: Path) -> None:
    Image.new("I", (3, 2)).save(tmp_path / "a.tif")
    with pytest.raises(MediaError, match="samples of type int"):
        read_still(tmp_path / "a.tif")


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    samples = ramp(3, 3, 3, "u1")
    (tmp_path / "a.exr").write_bytes(png_bytes(samples))
    np.testing.assert_array_equal(read_still(tmp_path / "a.exr").codes, samples)
