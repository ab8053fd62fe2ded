"""upconvert of stills and clips: the light of the engine, what files say of it, input that is no grade."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import numpy as np
import OpenImageIO as oiio
import pytest

from candela_engines.colour import pq
from candela_engines.colour.names import NAMED
from candela_engines.media import read_still, write_hdr, write_sdr_png
from candela_engines.media.open_clip import open_clip
from candela_engines.upconvert.engine import open_engine

from .conftest import Candela
from .pictures import Pair, light
from .shot_clips import HEIGHT, WIDTH, MadeShots, codes_at, write_movie, write_sequence


def flat_codes(height: int = 64, width: int = 96) -> np.ndarray:
    """8-bit S-Log3 codes of the made scene, 18 % grey at 20 nit."""
    scene = light(height, width).astype(np.float64) * (0.18 / 20)
    linear = (scene * (171.2102946929 - 95) / 0.01125 + 95) / 1023
    log = (420 + np.log10((np.maximum(scene, 0.01) + 0.01) / 0.19) * 261.5) / 1023
    return np.rint(255 * np.where(scene >= 0.01125, log, linear)).astype(np.uint8)


def text_of(path: Path) -> dict[str, object]:
    picture = oiio.ImageInput.open(str(path))
    found = {a.name: a.value for a in picture.spec().extra_attribs}
    picture.close()
    return found


def plane_of(path: Path) -> np.ndarray:
    picture = oiio.ImageInput.open(str(path))
    at = picture.spec().channelnames.index("candela.confidence")
    pixels = picture.read_image("float")
    picture.close()
    return pixels[..., at]


@pytest.mark.parametrize(
    ("engine", "more", "white"),
    [("bt2446c", (), 332.38), ("bt2446a", (), 999.52), ("placement", ("--reference-white", "150"), 150.0)],
)
def test_still_is_the_engines_light(
    candela: Candela, pair: Pair, tmp_path: Path, engine: str, more: tuple[str, ...], white: float
) -> None:
    out = tmp_path / "out.exr"
    said = candela("upconvert", pair.sdr, "-o", out, "--engine", engine, "--bit-depth", 32, "--json", *more)
    assert said.code == 0, said.err
    wanted = open_engine(engine, reference_white=150.0 if more else None)
    nits = wanted.light(pair.codes, 8, NAMED["rec709"])
    np.testing.assert_allclose(read_still(out).pixels, nits, rtol=1e-5, atol=1e-5)
    document = said.json
    assert document["engine"] == engine and document["provenance"] == "upconverted"
    assert document["levels"][0]["hdr_nits"] == pytest.approx(white, abs=0.01)
    assert document["max_cll_nits"] == pytest.approx(nits.max(), rel=1e-4)
    text = text_of(out)
    assert str(text["candela_model"]).endswith(f"without a master by {engine}")
    assert "candela_pu_psnr_db" not in text
    assert any("no HDR master" in note for note in document["notes"])


def test_peak_rolls_off_and_confidence_falls_where_the_engine_invents(
    candela: Candela, pair: Pair, tmp_path: Path
) -> None:
    codes = pair.codes.copy()
    codes[:8] = 255
    sdr = tmp_path / "clipped.png"
    write_sdr_png(sdr, codes, state=NAMED["rec709"])
    out = tmp_path / "out.exr"
    said = candela(
        "upconvert", sdr, "-o", out, "--engine", "bt2446a", "--peak", 600, "--confidence", "--json"
    )
    assert said.code == 0, said.err
    assert said.json["max_cll_nits"] == pytest.approx(600, rel=2e-3)
    assert said.json["rolled_off_from_nits"] > 900
    plane = plane_of(out)
    assert plane[:8].max() == pytest.approx(203 / 999.52, abs=2e-3)
    assert plane[codes.max(-1) < 250].min() == 1
    placed = tmp_path / "placed.exr"
    assert candela("upconvert", sdr, "-o", placed, "--engine", "placement", "--confidence").code == 0
    assert plane_of(placed).min() == 1
    view = tmp_path / "view.png"
    assert candela("upconvert", sdr, "-o", view, "--engine", "bt2446a", "--view", "confidence").code == 0
    colours = read_still(view).codes
    assert colours.shape == (64, 96, 3) and (colours[:8, :, 0] > 1.5 * colours[:8, :, 1]).all()


def test_hdr_is_recognised(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    tagged = tmp_path / "pq.png"
    write_hdr(tagged, pair.nits, encoding=NAMED["rec2100-pq"], bits=16)
    for file, words in ((pair.hdr, "linear light is HDR already"), (tagged, "it is HDR already")):
        said = candela("upconvert", file, "-o", tmp_path / "o.exr")
        assert said.code == 2 and words in said.err and "--sdr-colour" in said.err
    said = candela("upconvert", pair.sdr, "-o", tmp_path / "o.exr", "--sdr-colour", "rec2100-hlg")
    assert said.code == 2 and "--sdr-colour says rec2100-hlg" in said.err
    assert not (tmp_path / "o.exr").exists()


def test_log_and_pq_codes_are_refused_unless_forced(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    out = tmp_path / "o.exr"
    pq_codes = np.rint(255 * pq.inverse_eotf(light() / 4 + 3)).astype(np.uint8)
    for number, codes in enumerate((flat_codes(), pq_codes)):
        file = tmp_path / f"{number}.png"
        write_sdr_png(file, codes, state=NAMED["rec709"])
        said = candela("upconvert", file, "-o", out)
        assert said.code == 2 and "log footage" in said.err and "--force" in said.err and not out.exists()
        said = candela("upconvert", file, "-o", tmp_path / f"{number}.exr", "--force", "--json")
        assert said.code == 0 and any("by --force" in note for note in said.json["notes"])
    said = candela("upconvert", pair.sdr, "-o", out, "--sdr-colour", "ACEScct@100")
    assert said.code == 2 and "log footage" in said.err and "Grade it first" in said.err


def test_nan_black_letterbox_and_one_pixel(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    broken = tmp_path / "nan.exr"
    pixels = np.full((8, 8, 3), 0.4, np.float32)
    pixels[3, 5, 1] = np.nan
    picture = oiio.ImageOutput.create(str(broken))
    picture.open(str(broken), oiio.ImageSpec(8, 8, 3, "float"))
    picture.write_image(pixels)
    picture.close()
    said = candela("upconvert", broken, "-o", tmp_path / "o.exr", "--sdr-colour", "rec709")
    assert said.code == 2 and "1 sample is NaN or infinite, the first at x=5, y=3" in said.err
    boxed = pair.codes.copy()
    boxed[:10] = boxed[-10:] = 0
    for engine in ("agcm", "bt2446a", "bt2446c", "placement"):
        for name, codes in (("black", boxed * 0), ("boxed", boxed), ("pixel", pair.codes[:1, :1])):
            file, out = tmp_path / f"{name}.png", tmp_path / f"{name}-{engine}.exr"
            write_sdr_png(file, codes, state=NAMED["rec709"])
            assert candela("upconvert", file, "-o", out, "--engine", engine).code == 0
            light = read_still(out).pixels
            assert light.shape == codes.shape and np.isfinite(light).all()
            assert (light[(codes == 0).all(axis=2)] == 0).all()


def test_what_an_engine_cannot(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    out = tmp_path / "o.exr"
    said = candela("upconvert", pair.sdr, "-o", out, "--engine", "hdcfm")
    assert said.code == 2 and "no trained weights" in said.err and "bt2446c" in said.err
    said = candela("upconvert", pair.sdr, "-o", out, "--engine", "agcm", "--reference-white", 250)
    assert said.code == 2 and "placement" in said.err
    said = candela("upconvert", pair.sdr, "-o", out, "--engine", "bt2446c", "--reference-white", 250)
    assert said.code == 2 and "332.4" in said.err and "placement" in said.err
    said = candela("upconvert", pair.sdr, "-o", out, "--reference-white", 3)
    assert said.code == 2 and "48 to 1000" in said.err
    (tmp_path / "cut.otio").write_text("{}")
    said = candela("upconvert", tmp_path / "cut.otio", "-o", out)
    assert said.code == 2 and "goes into a folder" in said.err
    assert not out.exists()


def test_a_payload_is_left_aside_and_named(candela: Candela, carrying: Path, tmp_path: Path) -> None:
    said = candela("upconvert", carrying, "-o", tmp_path / "o.exr", "--json")
    assert said.code == 0 and any("candela reconstruct gives it" in note for note in said.json["notes"])


def test_sequence(candela: Candela, tmp_path: Path) -> None:
    pattern = write_sequence(tmp_path / "in", MadeShots((), ()), 1001, 1004)
    out = tmp_path / "out" / "hdr.####.exr"
    out.parent.mkdir()
    engine = "--engine", "bt2446c"
    asked = "--frames", "1002-1004", "--confidence", "--json"
    said = candela("upconvert", pattern, "-o", out, *engine, *asked)
    assert said.code == 0, said.err
    document = said.json
    assert document["command"] == "upconvert" and document["frames"] == 3
    assert "promised_by_the_worst_shot" not in document
    assert document["engine"] == "bt2446c" and not any("203 nit" in note for note in document["notes"])
    by = open_engine("bt2446c")
    for number in range(1002, 1005):
        path = out.with_name(f"hdr.{number}.exr")
        wanted = by.light(codes_at(number), 8, NAMED["rec709"])
        np.testing.assert_allclose(read_still(path).pixels, wanted, rtol=1e-3, atol=1e-3)
        assert "without a master by bt2446c" in str(text_of(path)["candela_model"])
    one = candela("upconvert", out.with_name("none.png"), "-o", tmp_path / "o.exr")
    assert one.code == 2


def test_movie_keeps_sound_and_is_tagged(candela: Candela, tmp_path: Path) -> None:
    plain = write_movie(tmp_path / "made.mov", ((0, 4),), 5, audio=True)
    movie = Path(shutil.copy(plain, tmp_path / "shot.mov"))
    out = tmp_path / "out.mp4"
    said = candela("upconvert", movie, "-o", out, "--engine", "bt2446a", "--quality", 100, "--json")
    assert said.code == 0, said.err
    document = said.json
    assert document["frames"] == 5 and document["audio"] and document["mastering_peak_nits"] == 1000
    assert any("candela reconstruct gives it" in note for note in document["notes"])
    with av.open(str(out)) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc) == (9, 16)
    wanted = open_engine("bt2446a").light(codes_at(2), 8, NAMED["rec709"])
    with open_clip(str(out)) as clip:
        made = pq.eotf(np.asarray(clip.frame(2).codes, np.float64))
    assert made.shape == (HEIGHT, WIDTH, 3)
    assert np.median(np.abs(pq.inverse_eotf(made) - pq.inverse_eotf(wanted.astype(np.float64)))) < 2 / 1023


def test_log_clip_is_refused(candela: Candela, tmp_path: Path) -> None:
    for number in range(3):
        write_sdr_png(tmp_path / f"log.{number:04d}.png", flat_codes(), state=NAMED["rec709"])
    said = candela("upconvert", tmp_path / "log.####.png", "-o", tmp_path / "hdr.####.exr")
    assert said.code == 2 and "log footage" in said.err


@pytest.mark.parametrize("engine", ["bt2446a", "bt2446c", "placement"])
def test_engine_as_a_lut(candela: Candela, pair: Pair, tmp_path: Path, engine: str) -> None:
    """Read back by OpenColorIO it gives the engine's PQ codes."""
    import PyOpenColorIO as ocio

    out = tmp_path / "look.cube"
    said = candela("upconvert", pair.sdr, "-o", out, "--engine", engine, "--json")
    assert said.code == 0, said.err
    assert said.json["against_the_engine_pu_psnr_db"] > 55
    transform = ocio.FileTransform(src=str(out), interpolation=ocio.INTERP_LINEAR)
    codes = np.ascontiguousarray(pair.codes.astype(np.float32) / 255)
    processor = ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor()
    processor.applyRGB(codes)
    wanted = pq.inverse_eotf(open_engine(engine).light(pair.codes, 8, NAMED["rec709"]).astype(np.float64))
    assert np.abs(codes - wanted)[pair.codes.min(-1) > 8].max() < 2e-3
    assert "there was no HDR master" in out.read_text()
    said = candela("upconvert", pair.sdr, "-o", out, "--peak", 600)
    assert said.code == 2 and "--peak" in said.err


def test_lut_of_a_clip_and_of_narrow_codes(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    pattern = write_sequence(tmp_path / "in", MadeShots((), ()), 1, 3)
    out = tmp_path / "look.cube"
    said = candela("upconvert", pattern, "-o", out, "--json")
    assert said.code == 0 and said.json["against_the_engine_frames"] == 3
    said = candela("upconvert", pair.sdr, "-o", tmp_path / "n.cube", "--sdr-range", "narrow")
    assert said.code == 2 and "narrow range" in said.err and not (tmp_path / "n.cube").exists()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [("o.mov", b"", "is empty, not a movie"), ("o.mp4", b"hello", "is text, not a movie"),
     ("o.mkv", b"\xff" * 40, "does not know, not a movie")],
)  # fmt: skip
def test_what_is_no_movie_is_said_to_be_none(
    candela: Candela, tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    for command in (("upconvert", path), ("reconstruct", path), ("upconvert", path, "--distil")):
        said = candela(*command, "-o", tmp_path / "out.mp4")
        assert said.code == 2 and words in said.err and str(path) in said.err


def test_a_picture_may_be_named_as_a_movie(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    path = tmp_path / "really.mov"
    shutil.copy(pair.sdr, path)
    assert candela("upconvert", path, "-o", tmp_path / "out.exr").code == 0


def test_a_log_curve_by_name_and_by_metadata(
    candela: Candela, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from candela_engines.upconvert import suspicion

    named = tmp_path / "A001_SLOG3.png"
    shutil.copy(pair.sdr, named)
    movie = tmp_path / "A001.mov"
    with av.open(str(movie), "w", options={"movflags": "use_metadata_tags"}) as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = pair.codes.shape[1], pair.codes.shape[0], "yuv444p"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        out.metadata["com.arri.camera.ColorGammaSxS"] = "LOG-C"
        for packet in (*stream.encode(av.VideoFrame.from_ndarray(pair.codes)), *stream.encode()):
            out.mux(packet)
    for odds, codes in ((-1.0, (2, 2)), (-5.0, (0, 2)), (-20.0, (0, 0))):
        monkeypatch.setattr(suspicion, "log_odds", lambda numbers, odds=odds: odds)
        still = candela("upconvert", named, "-o", tmp_path / "o.exr")
        clip = candela(
            "upconvert", movie, "-o", tmp_path / "o.####.exr", "--sdr-matrix", "bt709", "--no-resume"
        )
        assert (still.code, clip.code) == codes, still.err + clip.err
        if odds == -1:
            assert "its name says slog3" in still.err and "--force" in still.err
            assert "ColorGammaSxS LOG-C" in clip.err and "--force" in clip.err
