"""`candela export-dctl`, `export-blink` and `export-cube`: what they write, say and refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import PyOpenColorIO as ocio
import pytest
from tests.exports.compiled import COMPILER, CompiledBlink, CompiledDctl

from candela_engines.colour import pq
from candela_engines.colour.state import ColourState
from candela_engines.itm.decode import to_signal
from candela_engines.media import read_still
from candela_server.cli.run import run

from .conftest import Candela
from .pictures import Pair
from .shot_clips import MadeShots, codes_at, fitted, write_movie, write_sequence

compiled = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler: generated code cannot be compiled")
TOLERANCE = 2e-6


def light_of(path: Path) -> np.ndarray:
    """Nits of an EXR that reconstruct wrote in float."""
    return np.asarray(oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT))[..., :3]


def reconstructed(file: Path, out: Path) -> np.ndarray:
    """What `candela reconstruct` writes, in nits."""
    assert run(["-q", "reconstruct", str(file), "-o", str(out), "--bit-depth", "32"]) == 0
    return light_of(out)


@compiled
def test_a_dctl_is_what_reconstruct_writes(
    candela: Candela, carrying: Path, pair: Pair, tmp_path: Path
) -> None:
    said = candela("--json", "export-dctl", carrying, "-o", tmp_path / "out.dctl")
    assert said.code == 0
    (one,) = said.json["files"]
    assert one["exact"] and one["against_reconstruct"] is None and one["constant_bytes"] < 64 * 1024
    text = (tmp_path / "out.dctl").read_text(encoding="ascii")
    assert one["out_bytes"] == len(text)
    head = text[: text.index("\n\n")]
    for wanted in (carrying.name, "96x64", "network default, fitted", "PU-PSNR", "rec709", "Rec.2100 PQ"):
        assert wanted in head
    made = CompiledDctl(text, tmp_path).run(to_signal(pair.codes, 8))
    wanted = pq.inverse_eotf(reconstructed(carrying, tmp_path / "full.exr"))
    assert np.abs(made - wanted).max() <= TOLERANCE
    again = candela("export-dctl", carrying, "-o", tmp_path / "again.dctl")
    assert "as reconstruct has it" in again.out
    assert (tmp_path / "again.dctl").read_text(encoding="ascii") == text


@compiled
def test_a_kernel_and_its_image(candela: Candela, carrying: Path, pair: Pair, tmp_path: Path) -> None:
    said = candela("--json", "export-blink", carrying, "-o", tmp_path / "k.blink", "--encoding", "linear")
    assert said.code == 0
    (one,) = said.json["files"]
    text = (tmp_path / "k.blink").read_text(encoding="ascii")
    data = light_of(Path(one["data"]))
    made = CompiledBlink(text, tmp_path).run(to_signal(pair.codes, 8), data)[..., :3]
    wanted = reconstructed(carrying, tmp_path / "full.exr")
    assert np.abs(pq.inverse_eotf(made) - pq.inverse_eotf(wanted)).max() <= TOLERANCE
    first = Path(one["data"]).read_bytes()
    assert candela("export-blink", carrying, "-o", tmp_path / "k.blink", "--encoding", "linear").code == 0
    assert Path(one["data"]).read_bytes() == first
    words = candela("export-blink", carrying, "-o", tmp_path / "k.blink")
    assert f"{tmp_path / 'k.blink.exr'}, for the input data" in words.out


@compiled
def test_a_peak_rolls_off_as_reconstruct_does(
    candela: Candela, carrying: Path, pair: Pair, tmp_path: Path
) -> None:
    said = candela("--json", "export-dctl", carrying, "-o", tmp_path / "out.dctl", "--peak", "300")
    assert said.json["files"][0]["rolled_off_from_nits"] > 300
    arguments = ["-q", "reconstruct", str(carrying), "-o", str(tmp_path / "full.exr"), "--bit-depth", "32"]
    assert run([*arguments, "--peak", "300"]) == 0
    made = CompiledDctl((tmp_path / "out.dctl").read_text(), tmp_path).run(to_signal(pair.codes, 8))
    assert np.abs(made - pq.inverse_eotf(light_of(tmp_path / "full.exr"))).max() <= TOLERANCE


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A movie of two shots."""
    return write_movie(tmp_path_factory.mktemp("clip") / "clip.mov", ((0, 5), (6, 11)), 12)


@compiled
def test_a_file_for_every_shot(candela: Candela, shots: Path, tmp_path: Path) -> None:
    said = candela("--json", "export-dctl", shots, "-o", tmp_path / "out.dctl", "--means", "read")
    assert said.code == 0
    names = [Path(one["out"]).name for one in said.json["files"]]
    assert names == ["out.shot01.dctl", "out.shot02.dctl"]
    assert [(one["first_frame"], one["last_frame"]) for one in said.json["files"]] == [(0, 5), (6, 11)]
    assert (
        candela(
            "-q", "export-dctl", shots, "-o", tmp_path / "two.dctl", "--frame", "8", "--means", "read"
        ).code
        == 0
    )
    assert run(["-q", "reconstruct", str(shots), "-o", str(tmp_path / "f.####.exr"), "--frames", "8-8"]) == 0
    made = CompiledDctl((tmp_path / "two.dctl").read_text(), tmp_path).run(to_signal(codes_at(8), 8))
    wanted = pq.inverse_eotf(light_of(tmp_path / "f.0008.exr"))
    assert np.abs(made - wanted).max() <= 2e-4  # reconstruct writes frames as halves


def test_fast_means_say_what_they_cost(candela: Candela, shots: Path, tmp_path: Path) -> None:
    said = candela("--json", "export-dctl", shots, "-o", tmp_path / "out.dctl", "--shot", "2")
    (one,) = said.json["files"]
    assert not one["exact"] and one["sparse_means_px"] == [64]
    against = one["against_reconstruct"]
    assert against["frames"] == 5 and 40 < against["pu_psnr_db"] < 120
    text = (tmp_path / "out.dctl").read_text()
    assert f"PU-PSNR {against['pu_psnr_db']:.2f} dB" in text


def test_a_sequence(candela: Candela, tmp_path: Path) -> None:
    made = MadeShots(((0, 3),), (fitted(0, 3),))
    write_sequence(tmp_path / "seq", made, 0, 3)
    said = candela("--json", "export-cube", tmp_path / "seq", "-o", tmp_path / "a.cube", "--size", "17")
    assert said.code == 0, said.err
    assert said.json["files"][0]["against_reconstruct"]["frames"] == 4
    assert (tmp_path / "a.cube").is_file()  # a clip of one shot has one file


def through_ocio(path: Path, codes: np.ndarray) -> np.ndarray:
    """Codes (n, 3) through a LUT file as OpenColorIO reads and applies it."""
    config = ocio.Config.CreateRaw()
    transform = ocio.FileTransform(str(path), interpolation=ocio.INTERP_LINEAR)
    # Exact evaluation: OCIO otherwise may replace curves by tables of its own.
    processor = config.getProcessor(transform).getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)
    pixels = np.ascontiguousarray(codes, np.float32).copy()
    processor.applyRGB(pixels)
    return pixels


@pytest.mark.parametrize("encoding", ["pq", "hlg", "davinci-intermediate"])
def test_a_cube_in_another_reader(
    candela: Candela, carrying: Path, pair: Pair, tmp_path: Path, encoding: str
) -> None:
    out = tmp_path / "out.cube"
    said = candela("--json", "export-cube", carrying, "-o", out, "--encoding", encoding)
    assert said.code == 0, said.err
    (one,) = said.json["files"]
    against = one["against_reconstruct"]
    assert against["pu_psnr_db"] > 40  # a global grade is nearly all that a LUT needs
    text = out.read_text(encoding="ascii")
    assert f"PU-PSNR {against['pu_psnr_db']:.2f} dB" in text and "Candela carrying" in text
    # OpenColorIO's own evaluation has to give what was measured: within the noise of half a LUT step.
    signal = to_signal(pair.codes, 8)
    made = through_ocio(out, signal.reshape(-1, 3)).reshape(signal.shape)
    wanted = reconstructed(carrying, tmp_path / "full.exr")
    if encoding == "pq":
        error = np.square(made - pq.inverse_eotf(wanted)).mean()
        assert -10 * np.log10(error) > 45


def test_a_curve_before_a_lut_is_read_by_others(tmp_path: Path) -> None:
    from candela_engines.itm.export.cube import Cube

    rng = np.random.default_rng(0)
    shaper = np.linspace(0, 1, 4096) ** 0.6
    for number, curve in enumerate((None, shaper)):
        cube = Cube(np.clip(rng.normal(0.5, 0.2, (17, 17, 17, 3)), 0, 1), curve)
        path = tmp_path / f"{number}.cube"  # OpenColorIO remembers files by their names
        path.write_text(cube.text("one", ["a comment"]), encoding="ascii")
        codes = rng.random((500, 3))
        assert np.abs(through_ocio(path, codes) - cube.apply(codes)).max() < 2e-5


def test_the_fit_is_the_conditional_mean() -> None:
    """Two places with one colour and two lights: the LUT gives the mean of the two, in PQ."""
    from candela_engines.itm.export.cube_fit import fit_cube, pool_of
    from candela_engines.itm.export.output import Output

    codes = np.repeat(np.linspace(0.1, 0.9, 40)[:, None], 3, 1)
    both = np.concatenate([codes, codes]).astype(np.float32)
    low, high = np.full((40, 3), 20.0), np.full((40, 3), 200.0)
    light = np.concatenate([low, high]).astype(np.float32)
    pool = pool_of(both, light, Output("pq"))
    cube = fit_cube(pool, pool, Output("pq"), ColourState("bt709", "bt1886"), 8, 17)
    mean = (pq.inverse_eotf(20.0) + pq.inverse_eotf(200.0)) / 2
    assert np.abs(cube.apply(codes) - mean).max() < 2e-3
    assert np.isfinite(cube.nodes).all()


class TestRefused:
    @pytest.mark.parametrize(
        ("words", "text"),
        [
            (("export-dctl", "-o", "x.txt"), "is to end in .dctl"),
            (("export-blink", "-o", "x.dctl"), "is to end in .blink"),
            (("export-cube", "-o", "x.dctl"), "is to end in .cube"),
            (("export-dctl", "-o", "x.dctl", "--shot", "1"), "is a still picture"),
            (("export-dctl", "-o", "x.dctl", "--frame", "1"), "is a still picture"),
            (("export-dctl", "-o", "x.dctl", "--encoding", "srgb"), "one of pq, hlg"),
            (("export-dctl", "-o", "x.dctl", "--peak", "0"), "1 to 10000 nit"),
            (("export-dctl", "-o", "x.dctl", "--encoding", "pq@300", "--peak", "400"), "names 300 nit"),
            (("export-cube", "-o", "x.cube", "--size", "3"), "17 to 129"),
        ],
    )
    def test_said(
        self, candela: Candela, carrying: Path, words: tuple[str, ...], text: str, tmp_path: Path
    ) -> None:
        name, *rest = words
        rest = [str(tmp_path / word) if word.startswith("x.") else word for word in rest]
        said = candela(name, carrying, *rest)
        assert said.code == 2 and text in said.err
        assert not list(tmp_path.glob("x.*"))

    def test_a_picture_that_carries_nothing(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        said = candela("export-dctl", pair.sdr, "-o", tmp_path / "x.dctl")
        assert said.code == 2 and "carries no HDR" in said.err

    def test_an_altered_picture(self, candela: Candela, carrying: Path, tmp_path: Path) -> None:
        from candela_engines.itm.carriers import embed_payload, find_payload
        from candela_engines.media import write_sdr_png

        found, still = find_payload(carrying), read_still(carrying)
        assert found is not None and still.state is not None
        other = tmp_path / "other.png"
        write_sdr_png(other, np.flip(still.codes, 0).copy(), state=still.state)
        embed_payload(other, other, found.payload)
        said = candela("export-cube", other, "-o", tmp_path / "x.cube")
        assert said.code == 2 and "--force" in said.err
        assert candela("export-dctl", other, "-o", tmp_path / "x.dctl", "--force").code == 0

    def test_shots(self, candela: Candela, shots: Path, tmp_path: Path) -> None:
        out = tmp_path / "x.dctl"
        assert "--shot 3: it has 2" in candela("export-dctl", shots, "-o", out, "--shot", "3").err
        assert "no such frame" in candela("export-dctl", shots, "-o", out, "--frame", "50").err
        said = candela("export-dctl", shots, "-o", out, "--shot", "1", "--frame", "9")
        assert said.code == 2 and "shot 1 of" in said.err
        assert "a shot has many" in candela("export-dctl", shots, "-o", out, "--means", "baked").err
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["export-dctl", "export-blink", "export-cube", "install-ofx"])
def test_help(candela: Candela, name: str) -> None:
    said = candela(name, "--help")
    assert said.code == 0 and f"candela {name}" in said.out
