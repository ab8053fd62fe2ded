"""The bundled config: what is in it, that it loads in OCIO 2.4, and that it shows what it should."""

from __future__ import annotations

import re

import numpy as np
import PyOpenColorIO as ocio
import pytest

from candela_engines.colour import gamuts
from candela_ocio import candela_config_path, make_config


@pytest.fixture(scope="module")
def config() -> ocio.Config:
    loaded = ocio.Config.CreateFromFile(str(candela_config_path()))
    loaded.validate()
    return loaded


def _apply(processor: ocio.Processor, rows: list[list[float]]) -> np.ndarray:
    rgb = np.array(rows, np.float32)
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGB(rgb)
    return rgb


def test_a_host_with_ocio_2_4_reads_it(config: ocio.Config) -> None:
    assert (config.getMajorVersion(), config.getMinorVersion()) == (2, 4)
    text = candela_config_path().read_text()
    assert "interop_id" not in text and "MIRROR NEGS" not in text, "keys and styles that came with OCIO 2.5"


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("rec709", "Rec.1886 Rec.709 - Display"),
        ("srgb", "sRGB - Display"),
        ("rec2100-pq", "Rec.2100-PQ - Display"),
        ("pq_rec2020_display", "Rec.2100-PQ - Display"),
        ("rec2100-hlg", "Rec.2100-HLG - Display"),
        ("p3-pq", "ST2084-P3-D65 - Display"),
        ("p3-gamma26", "P3-D65 - Display"),
        ("display-p3", "Display P3 - Display"),
        ("linear-rec2020", "Linear Rec.2020 (nits)"),
        ("ACES2065-1", "ACES2065-1"),
        ("ACEScg", "ACEScg"),
        ("ACEScct", "ACEScct"),
        ("ARRI LogC4", "ARRI LogC4"),
        ("slog3_sgamut3cine", "S-Log3 S-Gamut3.Cine"),
        ("davinci_intermediate_widegamut", "DaVinci Intermediate WideGamut"),
        ("scene_linear", "ACEScg"),
        ("aces_interchange", "ACES2065-1"),
        ("cie_xyz_d65_interchange", "CIE XYZ-D65 - Display-referred"),
    ],
)
def test_stable_names(config: ocio.Config, name: str, canonical: str) -> None:
    assert config.getColorSpace(name).getName() == canonical


def test_default_views(config: ocio.Config) -> None:
    expected = {
        "Rec.1886 Rec.709 - Display": "ACES 2.0 - SDR 100 nits (Rec.709)",
        "sRGB - Display": "ACES 2.0 - SDR 100 nits (Rec.709)",
        "Rec.2100-PQ - Display": "ACES 2.0 - HDR 1000 nits (Rec.2020)",
        "Rec.2100-HLG - Display": "ACES 2.0 - HDR 1000 nits (Rec.2020)",
        "ST2084-P3-D65 - Display": "ACES 2.0 - HDR 1000 nits (P3 D65)",
    }
    assert {d: config.getDefaultView(d) for d in expected} == expected
    assert config.getDefaultDisplay() == "Rec.1886 Rec.709 - Display"


def test_every_view_of_every_display_renders(config: ocio.Config) -> None:
    for display in config.getDisplays():
        for view in config.getViews(display):
            transform = ocio.DisplayViewTransform("ACES2065-1", display, view)
            grey = _apply(config.getProcessor(transform), [[0.18, 0.18, 0.18]])
            assert np.isfinite(grey).all() and grey.min() > 0, (display, view)


@pytest.mark.parametrize(
    ("display", "view", "space", "mid_grey", "peak"),
    [
        # ACES 2.0 puts 18 % grey at 10 nit for SDR and near 14.5 nit for 1000 nit.
        ("Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)", "rec709", 10.0, 100.0),
        ("Rec.2100-PQ - Display", "ACES 2.0 - HDR 1000 nits (Rec.2020)", "rec2100-pq", 14.5, 1000.0),
        ("Rec.2100-HLG - Display", "ACES 2.0 - HDR 1000 nits (Rec.2020)", "rec2100-hlg", 14.5, 1000.0),
        ("ST2084-P3-D65 - Display", "ACES 2.0 - HDR 1000 nits (P3 D65)", "p3-pq", 14.5, 1000.0),
    ],
)
def test_aces_2_levels(
    config: ocio.Config, display: str, view: str, space: str, mid_grey: float, peak: float
) -> None:
    code = _apply(
        config.getProcessor(ocio.DisplayViewTransform("ACES2065-1", display, view)),
        [[0.18] * 3, [1000.0] * 3],
    )
    nits = _apply(config.getProcessor(space, "linear-rec2020"), code.tolist())
    assert nits[0] == pytest.approx(mid_grey, rel=0.02)
    assert nits[1] == pytest.approx(peak, rel=0.02)


def test_nits_are_nits(config: ocio.Config) -> None:
    processor = config.getProcessor("Linear Rec.2020 (nits)", "cie_xyz_d65_interchange")
    xyz = _apply(processor, [[100, 100, 100], [1, 0, 0], [-10, 0, 0]])
    white = gamuts.rgb_to_xyz("bt2020").sum(axis=1)
    red = gamuts.rgb_to_xyz("bt2020")[:, 0] / 100
    np.testing.assert_allclose(xyz, [white, red, -10 * red], atol=1e-6)


@pytest.mark.parametrize("space", ["rec709", "srgb", "display-p3", "p3-gamma26", "rec2020"])
def test_sdr_displays_mirror_what_is_below_black(config: ocio.Config, space: str) -> None:
    codes = [[-0.2, -0.2, -0.2], [1.2, 1.2, 1.2]]
    light = _apply(config.getProcessor(space, "linear-rec2020"), codes)
    assert light[0].max() < 0 and light[1].min() > 100
    np.testing.assert_allclose(
        _apply(config.getProcessor("linear-rec2020", space), light.tolist()), codes, atol=1e-5
    )


def test_file_rules_guess_nothing(config: ocio.Config) -> None:
    for name in ("a.mov", "a.mp4", "a.png", "a.tif"):
        assert config.getColorSpaceFromFilepath(name)[0] == "Raw"
    assert config.getColorSpaceFromFilepath("a.exr")[0] == "ACES2065-1"


def test_matrices_are_those_of_the_standards() -> None:
    for primaries, matrix in (
        ("bt709", make_config._XYZ_TO_709),
        ("p3d65", make_config._XYZ_TO_P3),
        ("bt2020", make_config._XYZ_TO_2020),
    ):
        np.testing.assert_allclose(gamuts.xyz_to_rgb(primaries), matrix, atol=1e-12)


def test_the_file_is_what_the_generator_writes() -> None:
    """Library versions print the last digit of some numbers differently."""

    def numbers_rounded(text: str) -> str:
        return re.sub(r"-?\d+\.\d{6,}(e-?\d+)?", lambda m: f"{float(m[0]):.9g}", text)

    made, kept = make_config.generate(), candela_config_path().read_text()
    assert numbers_rounded(made) == numbers_rounded(kept), "run: python -m candela_ocio.make_config"


def test_the_generator_writes_where_it_is_told(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    make_config.main([str(tmp_path / "c.ocio")])
    assert ocio.Config.CreateFromFile(str(tmp_path / "c.ocio")).getName().startswith("candela-config")
    assert "c.ocio" in capsys.readouterr().out
