"""reconstruct: for the right picture only, and written with the tags that belong to it."""

from __future__ import annotations

import math
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from candela_engines.colour.convert import to_nits_rec2020
from candela_engines.colour.names import NAMED
from candela_engines.itm.carriers import embed_payload, read_payload
from candela_engines.itm.decode import decode_payload, render
from candela_engines.media import is_ultrahdr, read_still, read_ultrahdr, write_sdr_png

from .conftest import Candela
from .pictures import Pair


def nits_of(path: Path) -> np.ndarray:
    still = read_still(path)
    assert still.state is not None
    return np.asarray(to_nits_rec2020(still.pixels.astype(np.float64), still.state))


@pytest.fixture
def rendered(carrying: Path) -> np.ndarray:
    return render(decode_payload(read_payload(carrying)), read_still(carrying).codes)


@pytest.mark.twice
@pytest.mark.parametrize(
    ("name", "state", "tolerance"),
    [
        ("o.exr", "linear-rec2020", 1e-3),
        ("o.png", "rec2100-pq", 1e-3),
        ("o.tif", "rec2100-pq", 1e-3),
        ("o.avif", "rec2100-pq", 0.05),
        ("o.dpx", "rec2100-pq", 0.02),
    ],
)
def test_defaults_by_extension(
    candela: Candela,
    carrying: Path,
    rendered: np.ndarray,
    tmp_path: Path,
    name: str,
    state: str,
    tolerance: float,
) -> None:
    out = tmp_path / name
    said = candela("reconstruct", carrying, "-o", out, "--json")
    assert said.code == 0, said.out
    assert said.json["encoding"]["name"] == state
    still = read_still(out)
    assert still.tagged and still.state is not None
    assert (still.state.primaries, still.state.transfer) == (NAMED[state].primaries, NAMED[state].transfer)
    assert np.allclose(nits_of(out), rendered, rtol=tolerance, atol=0.05)


@pytest.mark.twice
def test_jpeg_becomes_ultra_hdr(
    candela: Candela, carrying: Path, rendered: np.ndarray, tmp_path: Path
) -> None:
    out = tmp_path / "o.jpg"
    said = candela("reconstruct", carrying, "-o", out, "--json")
    assert said.code == 0 and said.json["encoding"] is None
    assert is_ultrahdr(out)
    _, nits = read_ultrahdr(out)
    assert np.median(np.abs(nits - rendered) / (rendered + 1)) < 0.05


def test_a_jpeg_base_keeps_its_scan_and_loses_the_payload(
    candela: Candela, carrying: Path, pair: Pair, tmp_path: Path
) -> None:
    base, out = tmp_path / "base.jpg", tmp_path / "o.jpg"
    base.write_bytes(imagecodecs.jpeg8_encode(pair.codes, 95))
    said = candela("embed", base, "--sdr-colour", "rec709", "--hdr", pair.hdr, "-o", tmp_path / "c.jpg",
                   "--effort", "fast", "--seconds", "0.01", "--bytes", 1000)  # fmt: skip
    assert said.code == 0, said.err
    assert candela("reconstruct", tmp_path / "c.jpg", "-o", out).code == 0
    scan = base.read_bytes()
    assert scan[scan.index(b"\xff\xda") :] in out.read_bytes()
    assert b"CNDL" not in out.read_bytes()


@pytest.mark.twice
def test_hlg_and_its_levels(candela: Candela, carrying: Path, rendered: np.ndarray, tmp_path: Path) -> None:
    out = tmp_path / "o.png"
    said = candela("reconstruct", carrying, "-o", out, "--encoding", "hlg", "--json")
    assert said.code == 0 and said.json["encoding"]["transfer"] == "hlg"
    assert np.allclose(nits_of(out), rendered, rtol=2e-3, atol=0.05)
    assert said.json["max_cll_nits"] == pytest.approx(float(nits_of(out).max()), rel=1e-3)


def test_light_beyond_the_encoding_is_counted_and_shown(
    candela: Candela, carrying: Path, rendered: np.ndarray, tmp_path: Path
) -> None:
    assert rendered.max() > 500
    arguments = ("reconstruct", carrying, "-o", tmp_path / "o.png", "--encoding", "rec2100-hlg@300")
    said = candela(*arguments, "--json")
    assert said.code == 0 and said.json["clipped_high_samples"] > 10
    assert said.json["max_cll_nits"] == pytest.approx(300, rel=0.05)
    assert "above what rec2100-hlg@300 holds" in candela(*arguments).out


def test_max_cll_and_fall_are_of_what_is_written(candela: Candela, carrying: Path, tmp_path: Path) -> None:
    for name, options in (("a.exr", ()), ("b.png", ("--encoding", "p3-pq")), ("c.png", ("--peak", "200"))):
        said = candela("reconstruct", carrying, "-o", tmp_path / name, "--json", *options)
        still = read_still(tmp_path / name)
        assert still.state is not None
        light = to_nits_rec2020(still.pixels.astype(np.float64), still.state)
        if "p3-pq" in options:
            from candela_engines.colour import pq

            light = pq.eotf(still.pixels.astype(np.float64))
        brightest = np.asarray(light).max(axis=2)
        assert said.json["max_cll_nits"] == pytest.approx(float(brightest.max()), rel=2e-3)
        assert said.json["max_fall_nits"] == pytest.approx(float(brightest.mean()), rel=2e-3)


class TestPeak:
    @pytest.mark.twice
    def test_light_above_rolls_off(
        self, candela: Candela, carrying: Path, rendered: np.ndarray, tmp_path: Path
    ) -> None:
        out = tmp_path / "o.exr"
        said = candela("reconstruct", carrying, "-o", out, "--peak", 300, "--json")
        assert said.code == 0
        assert said.json["rolled_off_from_nits"] == pytest.approx(float(rendered.max()), rel=1e-4)
        got = nits_of(out)
        assert got.max() == pytest.approx(300, rel=2e-3)
        dark = rendered.max(axis=2) < 50
        assert np.allclose(got[dark], rendered[dark], rtol=2e-3, atol=0.01)
        assert len(np.unique(np.rint(got.max(axis=2)[rendered.max(axis=2) > 300]))) > 5  # rolled, not clipped
        assert any("BT.2390" in note for note in said.json["notes"])

    def test_light_below_stays(
        self, candela: Candela, carrying: Path, rendered: np.ndarray, tmp_path: Path
    ) -> None:
        said = candela("reconstruct", carrying, "-o", tmp_path / "o.exr", "--peak", 4000, "--json")
        assert said.json["rolled_off_from_nits"] is None
        assert any("nothing was rolled off" in note for note in said.json["notes"])
        assert np.allclose(nits_of(tmp_path / "o.exr"), rendered, rtol=1e-3, atol=0.01)

    @pytest.mark.parametrize("peak", ["0", "-5", "20000", "nan"])
    def test_out_of_range(self, candela: Candela, carrying: Path, tmp_path: Path, peak: str) -> None:
        said = candela("reconstruct", carrying, "-o", tmp_path / "o.exr", "--peak", peak)
        assert said.code == 2 and "--peak" in said.err
        assert not (tmp_path / "o.exr").exists()


class TestAnotherPicture:
    def save_with_payload(self, path: Path, codes: np.ndarray, carrying: Path) -> Path:
        """What a program does that edits the picture and keeps chunks it does not know."""
        write_sdr_png(path, np.ascontiguousarray(codes), state=NAMED["rec709"])
        embed_payload(path, path, read_payload(carrying))
        return path

    @pytest.mark.parametrize("change", ["resized", "cropped"])
    @pytest.mark.parametrize("force", ["", "--force"])
    def test_resized_or_cropped(
        self, candela: Candela, carrying: Path, pair: Pair, tmp_path: Path, change: str, force: str
    ) -> None:
        codes = pair.codes[::2, ::2] if change == "resized" else pair.codes[:, 4:]
        path = self.save_with_payload(tmp_path / "p.png", codes, carrying)
        said = candela("reconstruct", path, "-o", tmp_path / "o.exr", *filter(None, [force]))
        assert said.code == 2
        size = f"{codes.shape[1]}x{codes.shape[0]}"
        assert f"resized or cropped: {size}, payload for 96x64" in said.err
        assert not (tmp_path / "o.exr").exists()

    def test_rotated(self, candela: Candela, carrying: Path, pair: Pair, tmp_path: Path) -> None:
        path = self.save_with_payload(tmp_path / "p.png", np.rot90(pair.codes), carrying)
        assert "rotated: 64x96" in candela("reconstruct", path, "-o", tmp_path / "o.exr").err

    def test_re_graded(self, candela: Candela, carrying: Path, pair: Pair, tmp_path: Path) -> None:
        codes = pair.codes.copy()
        codes[0, 0, 0] ^= 1
        path = self.save_with_payload(tmp_path / "p.png", codes, carrying)
        said = candela("reconstruct", path, "-o", tmp_path / "o.exr")
        assert said.code == 2
        assert "re-graded or re-encoded" in said.err and "--force" in said.err
        assert not (tmp_path / "o.exr").exists()

    @pytest.mark.twice
    @pytest.mark.parametrize("name", ["o.exr", "o.png", "o.tif", "o.avif"])
    def test_force_renders_and_marks_it(
        self, candela: Candela, carrying: Path, pair: Pair, tmp_path: Path, name: str
    ) -> None:
        path = self.save_with_payload(tmp_path / "p.png", pair.codes // 2 * 2, carrying)
        said = candela("reconstruct", path, "-o", tmp_path / name, "--force", "--json")
        assert said.code == 0 and said.json["forced"] is True
        assert any("--force" in note for note in said.json["notes"])
        marked = b"candela_forced" in (tmp_path / name).read_bytes()
        assert marked or any("no place for a mark" in note for note in said.json["notes"])
        assert marked == (name != "o.avif")

    def test_inspect_tells_and_verify_refuses(
        self, candela: Candela, carrying: Path, pair: Pair, tmp_path: Path
    ) -> None:
        path = self.save_with_payload(tmp_path / "p.png", pair.codes // 2 * 2, carrying)
        seen = candela("inspect", path, "--json")
        assert seen.code == 0 and seen.json["picture"] == "altered"
        assert candela("verify", path, "--hdr", pair.hdr).code == 2

    def test_tags_and_other_metadata_may_change(
        self, candela: Candela, carrying: Path, pair: Pair, tmp_path: Path
    ) -> None:
        path = tmp_path / "p.png"
        write_sdr_png(path, pair.codes, state=NAMED["srgb"], extra_metadata={"Comment": "archived"})
        embed_payload(path, path, read_payload(carrying))
        assert candela("reconstruct", path, "-o", tmp_path / "o.exr").code == 0


class TestRefusals:
    def test_no_payload(self, candela: Candela, pair: Pair, tmp_path: Path) -> None:
        said = candela("reconstruct", pair.sdr, "-o", tmp_path / "o.exr")
        assert said.code == 2 and "candela embed" in said.err and "sdr.png.candela" in said.err

    def test_a_damaged_payload(self, candela: Candela, carrying: Path, tmp_path: Path) -> None:
        data = bytearray(carrying.read_bytes())
        at = data.index(b"CNDL") + 60
        data[at] ^= 255
        carrying.write_bytes(data)
        said = candela("reconstruct", carrying, "-o", tmp_path / "o.exr")
        assert said.code == 2 and "damaged" in said.err

    def test_a_truncated_file(self, candela: Candela, carrying: Path, tmp_path: Path) -> None:
        carrying.write_bytes(carrying.read_bytes()[:-700])
        said = candela("reconstruct", carrying, "-o", tmp_path / "o.exr")
        assert said.code == 2 and not (tmp_path / "o.exr").exists()

    def test_no_such_file(self, candela: Candela, tmp_path: Path) -> None:
        said = candela("reconstruct", tmp_path / "none.png", "-o", tmp_path / "o.exr")
        assert said.code == 2 and "none.png" in said.err

    def test_over_its_own_input(self, candela: Candela, carrying: Path) -> None:
        before = carrying.read_bytes()
        said = candela("reconstruct", carrying, "-o", carrying)
        assert said.code == 2 and carrying.read_bytes() == before

    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("o.gif", ()),
            ("o", ()),
            ("o.png", ("--encoding", "linear")),
            ("o.jpg", ("--encoding", "pq")),
            ("o.png", ("--encoding", "rec2100-qp")),
            ("o.png", ("--bit-depth", "12")),
            ("none/o.exr", ()),
        ],
    )
    def test_outputs_that_cannot_be(
        self, candela: Candela, carrying: Path, tmp_path: Path, name: str, options: tuple[str, ...]
    ) -> None:
        said = candela("reconstruct", carrying, "-o", tmp_path / name, *options)
        assert said.code == 2 and said.err.startswith("candela: ")
        assert [p.name for p in tmp_path.iterdir()] == ["carrying.png"]


def test_an_ocio_space_by_name(
    candela: Candela, carrying: Path, rendered: np.ndarray, tmp_path: Path
) -> None:
    out = tmp_path / "o.exr"
    said = candela("reconstruct", carrying, "-o", out, "--encoding", "ACEScg@100", "--json")
    assert said.code == 0 and said.json["encoding"]["ocio_space"] == "ACEScg"
    assert b"candela-config" in out.read_bytes()
    peak = float(read_still(out).pixels.max())
    assert math.isfinite(peak) and 0.5 < peak * 100 / rendered.max() < 2


def test_a_sidecar_file_is_not_a_picture(candela: Candela, carrying: Path, tmp_path: Path) -> None:
    alone = tmp_path / "x.png.candela"
    embed_payload(carrying, tmp_path / "x.png", read_payload(carrying), carrier="sidecar")
    assert alone.exists()
    said = candela("reconstruct", alone, "-o", tmp_path / "o.exr")
    assert said.code == 2 and "x.png" in said.err
