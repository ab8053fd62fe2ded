"""demo: the table, the files and the promises, on tiny pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from candela_engines.media import read_still
from candela_engines.samples import SamplePair, sample_paths

from .conftest import Candela
from .pictures import QUICK, make_pair


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, SamplePair]:
    pairs = {}
    for name, size in (("first", (24, 40)), ("second", (33, 17))):
        made = make_pair(tmp_path / name, *size)
        pairs[name] = SamplePair(name, made.hdr, made.sdr)
    monkeypatch.setattr("candela_server.service.demo.sample_paths", lambda: pairs)
    return pairs


def test_one_table_and_the_files(candela: Candela, tiny: dict[str, SamplePair], tmp_path: Path) -> None:
    out = tmp_path / "demo_out"
    said = candela("demo", "--out", out, *QUICK)
    assert said.code == 0, said.err
    for word in (
        "first",
        "40x24",
        "second",
        "17x33",
        "PU-PSNR",
        "ΔE_ITP",
        "worst tile",
        "embed",
        "reconstruct",
    ):
        assert word in said.out
    assert said.out.count("byte for byte") == 2 and str(out) in said.out
    for name, pair in tiny.items():
        assert (out / f"{name}.stripped.png").read_bytes() == pair.sdr.read_bytes()
        assert read_still(out / f"{name}.hdr.exr").size == read_still(pair.hdr).size
        assert (out / f"{name}.hdr.avif").exists()


@pytest.mark.twice
def test_as_json(candela: Candela, tiny: dict[str, SamplePair], tmp_path: Path) -> None:
    said = candela("demo", "--out", tmp_path / "out", *QUICK, "--json")
    assert said.code == 0
    rows = said.json["rows"]
    assert [row["sample"] for row in rows] == list(tiny)
    for row in rows:
        assert row["growth_bytes"] == row["payload_bytes"] + 12 <= 1400
        assert row["strip_exact"] and row["verified"] and row["same_picture"]


def test_a_folder_that_cannot_be(candela: Candela, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert candela("demo", "--out", tmp_path / "file").code == 3


def test_the_bundled_samples_are_there() -> None:
    for pair in sample_paths().values():
        assert pair.sdr.is_file() and pair.hdr.is_file()
