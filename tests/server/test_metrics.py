"""candela metrics: stills, movies and sequences against a reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from candela_engines.colour.names import NAMED
from candela_engines.media import write_hdr
from candela_engines.metrics import delta_e_itp, pu_ms_ssim, pu_psnr, pu_ssim
from candela_engines.scorer.pu_vtamiq.engine import installed_pu_vtamiq

from .conftest import Candela
from .pictures import light


def exr(path: Path, nits: np.ndarray) -> Path:
    write_hdr(path, nits.astype(np.float32), encoding=NAMED["linear-rec2020"])
    return path


def dimmed(nits: np.ndarray) -> np.ndarray:
    return (nits * np.float32(0.8)).astype(np.float16).astype(np.float32)


def test_a_still_against_its_master(tmp_path: Path, candela: Candela) -> None:
    nits = light().astype(np.float16).astype(np.float32)
    test, master = exr(tmp_path / "test.exr", dimmed(nits)), exr(tmp_path / "master.exr", nits)
    said = candela("--json", "metrics", test, master)
    assert said.code == 0, said.err
    whole = said.json["whole"]
    assert whole["pu_psnr_db"] == pytest.approx(pu_psnr(dimmed(nits), nits), abs=1e-3)
    assert whole["pu_ssim"] == pytest.approx(pu_ssim(dimmed(nits), nits), abs=1e-5)
    assert whole["pu_ms_ssim"] == pytest.approx(pu_ms_ssim(dimmed(nits), nits), abs=1e-5)
    jod = installed_pu_vtamiq()(dimmed(nits), nits).jod
    assert whole["pu_vtamiq_jod"] == pytest.approx(jod, abs=1e-3) and jod < 10
    delta = delta_e_itp(dimmed(nits), nits)
    assert whole["delta_e_itp_mean"] == pytest.approx(delta.mean, abs=1e-3)
    assert whole["delta_e_itp_p99"] == pytest.approx(delta.p99, abs=2e-3)
    assert set(said.json["figures"]) == set(whole) - {
        "worst_tile_frame",
        "worst_tile_left_px",
        "worst_tile_top_px",
    }
    text = candela("metrics", test, master).out
    for word in (
        "PU-PSNR",
        "PU-SSIM",
        "PU-MS-SSIM",
        "PU-VTAMIQ-S",
        "not people",
        "ΔE_ITP",
        "worst tile",
        "peak 256",
        "linear-rec2020",
    ):
        assert word in text


def test_a_picture_against_itself(tmp_path: Path, candela: Candela) -> None:
    master = exr(tmp_path / "master.exr", light())
    whole = candela("--json", "metrics", master, master).json["whole"]
    assert whole["pu_psnr_db"] is None and whole["delta_e_itp_max"] == 0 and whole["pu_ssim"] == 1
    assert whole["pu_vtamiq_jod"] == 10


def test_other_states_meet_as_light(tmp_path: Path, candela: Candela) -> None:
    """A PQ picture against the same light in linear nits: apart by the rounding to 16 bits alone."""
    nits = light()
    master = exr(tmp_path / "master.exr", nits.astype(np.float16).astype(np.float32))
    write_hdr(tmp_path / "pq.png", nits.astype(np.float16).astype(np.float32), encoding=NAMED["rec2100-pq"])
    whole = candela("--json", "metrics", tmp_path / "pq.png", master).json["whole"]
    assert whole["delta_e_itp_max"] < 0.2 and whole["pu_psnr_db"] > 70


def test_a_sequence_frame_by_frame(tmp_path: Path, candela: Candela) -> None:
    nits = light().astype(np.float16).astype(np.float32)
    for number in range(3):
        exr(tmp_path / f"a.{number + 1001}.exr", nits if number < 2 else dimmed(nits))
        exr(tmp_path / f"b.{number + 1}.exr", nits)
    said = candela("--json", "metrics", tmp_path / "a.####.exr", tmp_path / "b.#.exr")
    assert said.code == 0, said.err
    frames = said.json["frames"]
    assert [frame["frame"] for frame in frames] == [1001, 1002, 1003]
    assert frames[0]["pu_psnr_db"] is None and frames[2]["pu_psnr_db"] is not None
    assert said.json["whole"]["worst_tile_frame"] == 1003
    assert any("paired in order" in note for note in said.json["notes"])
    mean = sum(frame["delta_e_itp_mean"] for frame in frames) / 3
    assert said.json["whole"]["delta_e_itp_mean"] == pytest.approx(mean, abs=1e-3)
    jods = [frame["pu_vtamiq_jod"] for frame in frames]
    assert jods[:2] == [10, 10] and said.json["whole"]["pu_vtamiq_jod"] == pytest.approx(
        sum(jods) / 3, abs=1e-3
    )
    one = candela(
        "--json",
        "metrics",
        tmp_path / "a.####.exr",
        tmp_path / "b.#.exr",
        "--frames",
        "1003",
        "--offset",
        "-1000",
    )
    assert len(one.json["frames"]) == 1
    assert "frame 1003" in candela("metrics", tmp_path / "a.####.exr", tmp_path / "b.#.exr").out


def test_what_cannot_be_compared_is_refused(tmp_path: Path, candela: Candela) -> None:
    nits = light()
    master = exr(tmp_path / "master.exr", nits)
    smaller = exr(tmp_path / "smaller.exr", nits[:, :90])
    said = candela("metrics", smaller, master)
    assert said.code == 2 and "90x64" in said.err and "96x64" in said.err
    other = exr(tmp_path / "other.exr", nits[::-1, ::-1] ** 2 / 300)
    said = candela("metrics", other, master)
    assert said.code == 2 and "another picture" in said.err and "--anyway" in said.err
    assert candela("metrics", other, master, "--anyway").code == 0
    broken = nits.copy()
    broken[3, 4] = np.nan
    said = candela("metrics", exr(tmp_path / "nan.exr", broken), master)
    assert said.code == 2 and "NaN" in said.err
    for number in range(2):
        exr(tmp_path / f"c.{number + 1}.exr", nits)
    for number in range(4):
        exr(tmp_path / f"d.{number + 11}.exr", nits)
    said = candela("metrics", tmp_path / "c.#.exr", tmp_path / "d.##.exr")
    assert said.code == 2 and "--offset" in said.err and "2 frames (1 to 2)" in said.err
    said = candela("metrics", tmp_path / "c.#.exr", tmp_path / "d.##.exr", "--offset", "20")
    assert said.code == 2 and "no frame 21" in said.err
    said = candela("metrics", master, master, "--matrix", "bt709")
    assert said.code == 2 and "--matrix" in said.err
    said = candela("metrics", master, master, "--reference-colour", "nothing")
    assert said.code == 2 and "--reference-colour" in said.err
    said = candela("metrics", tmp_path / "cut.edl", master)
    assert said.code == 2 and "timeline" in said.err
    assert candela("metrics", tmp_path / "gone.exr", master).code == 2


def test_a_picture_smaller_than_a_patch_has_no_pu_vtamiq(tmp_path: Path, candela: Candela) -> None:
    small = exr(tmp_path / "small.exr", light(15, 40))
    said = candela("--json", "metrics", small, small)
    assert (
        said.code == 0 and said.json["whole"]["pu_vtamiq_jod"] is None and said.json["whole"]["pu_ssim"] == 1
    )
    assert any("PU-VTAMIQ-S needs 16x16" in note for note in said.json["notes"])
    assert "PU-VTAMIQ-S  " not in candela("metrics", small, small).out


def test_a_tiny_picture_has_no_ssim(tmp_path: Path, candela: Candela) -> None:
    tiny = exr(tmp_path / "tiny.exr", light(8, 8))
    said = candela("--json", "metrics", tiny, tiny)
    assert said.code == 0 and said.json["whole"]["pu_ssim"] is None
    assert any("11x11" in note for note in said.json["notes"])
