"""Pairs are what their families say, made of files that the test writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bench import pairs
from bench.pairs import SkippedError, chosen_sources, families_of, make_pairs

from candela_engines.colour import bt2446, srgb
from candela_engines.colour.gamuts import luminance, rgb_to_rgb
from candela_engines.itm.split import is_training_source
from candela_engines.media.ultrahdr import read_ultrahdr
from candela_engines.media.write_ultrahdr import encode_from_hdr


def made(path: Path, **options: object) -> dict[str, pairs.Pair]:
    options.setdefault("cache", None)
    return {pair.family: pair for pair in make_pairs(path, **options)}


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    v, u = np.mgrid[0:96, 0:128] / 96.0
    light = np.stack([20 + 200 * v, 30 + 150 * u, 40 + 100 * v * u], axis=-1) * (1 + 4 * (u > 1)[..., None])
    path = tmp_path / "phone.jpg"
    path.write_bytes(encode_from_hdr(light.astype(np.float32), quality=95))
    return path


def test_scene_gives_four_families(write_exr, scene: np.ndarray) -> None:
    four = made(write_exr("a.exr", scene))
    assert tuple(four) == ("aces2", "bt2446a", "bt2446c", "window")
    for pair in four.values():
        assert pair.sdr_codes.shape == pair.hdr_pq.shape == scene.shape
        assert (pair.sdr_codes.dtype, pair.hdr_pq.dtype) == (np.uint8, np.uint16)
        assert (pair.sdr_state.primaries, pair.sdr_state.transfer) == ("bt709", "bt1886")
    assert 400 < four["aces2"].hdr_nits.max() < 1001
    assert len({pair.key for pair in four.values()}) == 4


def test_sdr_of_bt2446_is_made_of_the_master(write_exr, scene: np.ndarray) -> None:
    four = made(write_exr("a.exr", scene))
    for family, method in (("bt2446a", "a"), ("bt2446c", "c")):
        nits = np.minimum(four[family].hdr_nits.astype(np.float64), 1000)
        code = np.round(bt2446.rec709_code(nits, method=method) * 255)
        assert np.abs(code - four[family].sdr_codes).max() <= 1


def test_window_changes_its_place_only(write_exr, scene: np.ndarray) -> None:
    four = made(write_exr("a.exr", scene))
    difference = np.abs(four["window"].sdr_codes.astype(int) - four["aces2"].sdr_codes).max(-1)
    assert difference[:4, :4].max() <= 1
    assert difference[22, 40] > 10
    assert np.array_equal(four["window"].hdr_pq, four["aces2"].hdr_pq)


def test_exposure_does_not_depend_on_the_files_unit(write_exr, scene: np.ndarray) -> None:
    one, other = (made(write_exr(n, scene * k))["aces2"] for n, k in (("a.exr", 1), ("b.exr", 64)))
    assert np.abs(one.sdr_codes.astype(int) - other.sdr_codes).max() <= 1
    exposed = pairs.exposed(scene * 7, 1536)
    assert np.median(luminance(exposed, "bt709")) == pytest.approx(0.14, rel=1e-5)


def test_chromaticities_of_the_file_are_heeded(write_exr, scene: np.ndarray) -> None:
    ap0 = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
    in_ap0 = scene @ rgb_to_rgb("bt709", "ap0").T
    plain = made(write_exr("a.exr", scene))["aces2"]
    named = made(write_exr("b.exr", in_ap0, chromaticities=ap0))["aces2"]
    assert np.abs(plain.sdr_codes.astype(int) - named.sdr_codes).max() <= 1
    with pytest.raises(SkippedError, match="no gamut that we know"):
        made(write_exr("c.exr", scene, chromaticities=(0.5, 0.3, 0.3, 0.5, 0.1, 0.1, 0.3, 0.3)))


def test_luminance_and_chroma_are_skipped_with_the_reason(write_exr, scene: np.ndarray) -> None:
    with pytest.raises(SkippedError, match="no RGB: its channels are"):
        made(write_exr("yc.exr", scene, names=("Y", "RY", "BY")))


@pytest.mark.parametrize("name", ["broken.exr", "broken.hdr", "broken.jpg"])
def test_damaged_files_are_skipped(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"nothing of the kind" * 20)
    with pytest.raises(SkippedError):
        made(path)


def test_black_is_skipped(write_exr) -> None:
    with pytest.raises(SkippedError, match="black"):
        made(write_exr("black.exr", np.zeros((8, 8, 3), np.float32)))


def test_large_sources_are_shrunk_in_linear_light(write_exr, scene: np.ndarray) -> None:
    small = made(write_exr("a.exr", scene), max_side=16)["aces2"]
    assert small.sdr_codes.shape == (12, 16, 3)
    means = scene.reshape(12, 4, 16, 4, 3).mean((1, 3))
    assert np.allclose(pairs._shrink(scene, 16), means, rtol=1e-5)


def test_photograph_gives_its_true_pair(photograph: Path) -> None:
    two = made(photograph, max_side=64)
    still, nits = read_ultrahdr(photograph)
    assert tuple(two) == ("phone", "crop")
    assert np.array_equal(two["crop"].sdr_codes, still.codes)
    assert np.allclose(two["crop"].hdr_nits, np.maximum(nits, 0), rtol=5e-4, atol=1e-3)
    light = srgb.eotf(still.codes / 255.0).reshape(48, 2, 64, 2, 3).mean((1, 3))
    exact = srgb.inverse_eotf(light) * 255
    assert np.abs(two["phone"].sdr_codes - exact).max() < 0.501


def test_cache_gives_back_the_same_pair(write_exr, scene: np.ndarray, tmp_path: Path) -> None:
    path = write_exr("a.exr", scene)
    first = made(path, cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache" / "pairs").iterdir())) == 4
    again = made(path, cache=tmp_path / "cache")
    assert {f: p.key for f, p in first.items()} == {f: p.key for f, p in again.items()}
    assert again["window"].sdr_state == first["window"].sdr_state


def test_sources_of_training_are_left_out_unless_asked(tmp_path: Path) -> None:
    names = ["forest.hdr", "phalzer_forest_01.hdr", "lab.hdr", "desert_palms.jpg", "notes.txt"]
    for name in names:
        (tmp_path / name).touch()
    chosen, training = chosen_sources(tmp_path)
    assert (
        [p.name for p in training]
        == [n for n in sorted(names[:4]) if is_training_source(n)]
        == ["forest.hdr"]
    )
    assert [p.name for p in chosen] == ["desert_palms.jpg", "lab.hdr", "phalzer_forest_01.hdr"]
    assert len(chosen_sources(tmp_path, everything=True)[0]) == 4
    limited, _ = chosen_sources(tmp_path, limit=1)
    assert [families_of(p)[0] for p in limited] == ["phone", "aces2"]
